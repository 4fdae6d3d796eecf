/* The accounts of a timeline: see spent.h.  Times are whole ns, and each vEU's
 * are cut where the next begins, whatever clocks said: so nothing is counted
 * twice. */
#include <math.h>

#include "verify/flow.h"
#include "verify/spent.h"

const char *const cause_words[NCAUSES] = {
	[CAUSE_BUSY] = "busy",
	[CAUSE_BANDWIDTH] = "bandwidth",
	[CAUSE_DEPENDENCY] = "dependency",
	[CAUSE_SYNCHRONISATION] = "synchronisation",
	[CAUSE_IMBALANCE] = "imbalance",
};

int64_t
spent_ns(double us)
{
	return llround(us * 1e3);
}

double
spent_us(int64_t ns)
{
	return (double)ns * 1e-3;
}

int64_t
spent_length(const struct bar *b)
{
	return spent_ns(b->end_us) - spent_ns(b->begin_us);
}

static int64_t
clamp(int64_t x, int64_t lo, int64_t hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

static int64_t
end_of(const struct spent *s, int bar)
{
	return spent_ns(s->t->bars.v[bar].end_us);
}

static const struct fstep *
step_of(const struct spent *s, size_t row)
{
	return &s->flow->steps.v[s->flow->rows[row].step];
}

/* Where the bar of the rTask that stands there is noted. */
static int *
bar_at(const struct spent *s, struct fat at)
{
	return &s->bar_of[flow_row(s->flow, at) - s->flow->rows];
}

/* --- what is known of the schedule -------------------------------------- */

/* The bar of each row. */
static int
find_bars(struct spent *s, struct diag *d)
{
	const struct flow *f = s->flow;

	for (size_t i = 0; i < f->nrtasks; i++)
		s->bar_of[i] = -1;
	for (size_t i = 0; i < s->t->bars.n; i++) {
		const struct bar *b = &s->t->bars.v[i];
		struct fat at = {0};

		if (b->task >= 0 && b->task < s->p->rops.v[b->rop].ntasks)
			at = f->at[b->rop][b->task];
		if (!at.pos || at.veu != b->veu)
			return diag_error(d, POS_NONE, "the timeline has rTask "
			                  "%lld of '%s' on vEU %lld: it is of "
			                  "another schedule", (long long)b->task,
			                  s->p->rops.v[b->rop].rop->run,
			                  (long long)b->veu);
		*bar_at(s, at) = (int)i;
	}
	return 0;
}

/* A row's rTask: its phase is as long as that. */
static void
widen_phase(struct spent *s, size_t row)
{
	struct phase_times *x = &s->phases.v[step_of(s, row)->phase];
	int b = s->bar_of[row];
	int64_t begin;

	if (b < 0)
		return;
	begin = spent_ns(s->t->bars.v[b].begin_us);
	if (begin < x->begin)
		x->begin = begin;
	if (x->last < 0 || end_of(s, b) > x->end) {
		x->end = end_of(s, b);
		x->last = b;
	}
}

/* Phases come one after the other, whatever clocks said. */
static void
line_up_phases(struct spent *s)
{
	int64_t before = 0;
	int last = -1;

	for (size_t k = 0; k < s->phases.n; k++) {
		struct phase_times *x = &s->phases.v[k];

		if (x->last < 0)	/* nothing runs in it */
			x->begin = before;
		else
			last = x->last;
		x->begin = clamp(x->begin, before, INT64_MAX);
		x->end = clamp(x->end, x->begin, INT64_MAX);
		x->last = last;
		before = x->end;
	}
	if (before > s->total)
		s->total = before;
}

static void
find_phases(struct spent *s)
{
	const struct flow *f = s->flow;

	vec_room(f->a, &s->phases, (size_t)f->nphases + 1);
	s->phases.n = (size_t)f->nphases;
	for (size_t k = 0; k < s->phases.n; k++)
		s->phases.v[k] = (struct phase_times){.begin = INT64_MAX,
			.last = -1};
	for (size_t i = 0; i < f->steps.n; i++)
		if (f->steps.v[i].kind != F_RUN)
			s->phases.v[f->steps.v[i].phase].launch =
				f->steps.v[i].kind == F_LAUNCH;
	for (size_t i = 0; i < f->nrtasks; i++)
		widen_phase(s, i);
	line_up_phases(s);
}

/* The rTask of a piece that ends last, or -1. */
static int
last_of(const struct spent *s, const struct piece *c)
{
	const struct flow *f = s->flow;
	int last = -1;

	for (int64_t t = c->lo; t <= c->hi; t++) {
		struct fat at = f->at[c->rop][t];
		int b = at.pos ? *bar_at(s, at) : -1;

		if (b >= 0 && (last < 0 || end_of(s, b) > end_of(s, last)))
			last = b;
	}
	return last;
}

/* Whom each rTask waits for. */
static void
find_late(struct spent *s)
{
	const struct flow *f = s->flow;
	int *last = arena_array(f->a, f->pieces.n + 1, sizeof *last);

	for (size_t i = 0; i < f->pieces.n; i++)
		last[i] = last_of(s, &f->pieces.v[i]);
	for (size_t i = 0; i < f->nrtasks; i++) {
		const struct fstep *st = step_of(s, i);
		int b = s->bar_of[i], late = -1;
		size_t n;
		const struct fwait *w = flow_waits(f, st, f->rows[i].task, &n);

		for (size_t k = 0; k < n && b >= 0; k++)
			for (int c = w[k].piece; c < w[k].piece + w[k].n; c++)
				if (last[c] >= 0 && (late < 0 ||
				    end_of(s, last[c]) > end_of(s, late)))
					late = last[c];
		if (b >= 0)
			s->late[b] = late;
	}
}

/* --- how long an rTask takes alone -------------------------------------- */

/* [class][kernel] the shortest rTask; those of no ns, which clocks missed, tell
 * nothing.  0: there is none. */
static int64_t **
find_shortest(const struct spent *s)
{
	const struct plan *p = s->p;
	size_t n = p->tasks->classes.n;
	int64_t **least = arena_array(s->flow->a, n + 1, sizeof *least);

	for (size_t i = 0; i < n; i++)
		least[i] = arena_array(s->flow->a, p->tasks->classes.v[i]
		                       .kernels.n + 1, sizeof **least);
	for (size_t i = 0; i < s->t->bars.n; i++) {
		const struct bar *b = &s->t->bars.v[i];
		const struct prop *r = &p->rops.v[b->rop];
		int64_t *x = &least[r->cls_index][r->cand - r->cls->kernels.v];
		int64_t ns = spent_length(b);

		if (ns > 0 && !b->skipped && (*x == 0 || ns < *x))
			*x = ns;
	}
	return least;
}

static void
find_alone(struct spent *s, const struct task_costs *costs)
{
	const struct plan *p = s->p;
	int64_t **least = find_shortest(s);
	size_t n = 0, skipped = 0;

	for (size_t i = 0; i < s->t->bars.n; i++) {
		int rop = s->t->bars.v[i].rop;
		const struct prop *r = &p->rops.v[rop];
		double us = task_alone_us(p, rop, r->cand, costs);
		bool known = task_measured(p, rop, r->cand, costs);

		if (s->t->bars.v[i].skipped) {
			s->alone[i] = spent_length(&s->t->bars.v[i]);
			skipped++;
			continue;
		}
		if (!s->t->measured)
			s->alone[i] = spent_ns(us + p->device->task_us);
		else if (known)
			s->alone[i] = spent_ns(us);
		else
			s->alone[i] = least[r->cls_index][r->cand -
			                                  r->cls->kernels.v];
		n += known;
	}
	s->alone_by = n == 0 ? s->t->measured ? ALONE_SHORTEST : ALONE_ESTIMATES
		: n + skipped == s->t->bars.n ? ALONE_COSTS : ALONE_MIXED;
}

/* --- the walk ----------------------------------------------------------- */

struct cursor {
	int64_t veu, at;	/* everything before is told */
	stretch_fn *fn;
	void *ctx;
};

static void
put(struct cursor *c, enum cause cause, int64_t to, int bar)
{
	struct stretch x = {c->veu, c->at, to, cause, bar};

	if (to <= c->at)
		return;
	c->fn(c->ctx, &x);
	c->at = to;
}

/* From phase *k to phase "to": none of the vEU's rTasks is in between, and the
 * next one begins no earlier than "limit". */
static void
put_phases(const struct spent *s, struct cursor *c, int *k, int to,
           int64_t limit, int bar)
{
	while (*k < to) {
		if (*k >= 0)
			put(c, CAUSE_IMBALANCE,
			    clamp(s->phases.v[*k].end, c->at, limit), -1);
		++*k;
		put(c, CAUSE_SYNCHRONISATION,
		    clamp(s->phases.v[*k].begin, c->at, limit),
		    *k == to ? bar : -1);
	}
}

static void
put_rtask(const struct spent *s, struct cursor *c, int *phase,
          const struct fstep *st, int bar)
{
	const struct bar *b = &s->t->bars.v[bar];
	int64_t begin = clamp(spent_ns(b->begin_us), c->at, s->total);
	int64_t end = clamp(spent_ns(b->end_us), begin, s->total);

	put_phases(s, c, phase, st->phase, begin, bar);
	if (s->late[bar] >= 0)
		put(c, CAUSE_DEPENDENCY,
		    clamp(end_of(s, s->late[bar]), c->at, begin), bar);
	put(c, CAUSE_SYNCHRONISATION, begin, bar);
	put(c, CAUSE_BUSY, clamp(begin + s->alone[bar], begin, end), bar);
	put(c, CAUSE_BANDWIDTH, end, bar);
}

void
spent_walk(const struct spent *s, int64_t veu, stretch_fn *fn, void *ctx)
{
	struct cursor c = {.veu = veu, .fn = fn, .ctx = ctx};
	int last = (int)s->phases.n - 1, phase = -1;

	for (size_t i = s->flow->veu_row[veu]; i < s->flow->veu_row[veu + 1]; i++)
		if (s->bar_of[i] >= 0)
			put_rtask(s, &c, &phase, step_of(s, i), s->bar_of[i]);
	put_phases(s, &c, &phase, last, s->total, -1);
	if (last >= 0)
		put(&c, CAUSE_IMBALANCE, s->phases.v[last].end, -1);
	put(&c, CAUSE_SYNCHRONISATION, s->total, -1);
}

/* --- sums --------------------------------------------------------------- */

static void
add_up(void *ctx, const struct stretch *x)
{
	struct spent *s = ctx;
	const struct bar *b;
	struct rop_times *r;
	int64_t ns = x->to - x->from;

	s->part[x->cause] += ns;
	if (x->bar < 0)
		return;
	b = &s->t->bars.v[x->bar];
	r = &s->rops[b->rop];
	r->part[x->cause] += ns;
	if (x->cause == CAUSE_SYNCHRONISATION)
		s->gap[x->bar].synchronisation += ns;
	if (x->cause == CAUSE_DEPENDENCY)
		s->gap[x->bar].dependency += ns;
	if (x->cause == CAUSE_DEPENDENCY && ns > r->waited) {
		r->waited = ns;
		r->waited_for = s->t->bars.v[s->late[x->bar]].rop;
	}
}

static void
add_bar(struct rop_times *r, const struct bar *b)
{
	int64_t begin = spent_ns(b->begin_us), end = spent_ns(b->end_us);

	if (!r->rtasks || begin < r->begin)
		r->begin = begin;
	if (!r->rtasks || end > r->end)
		r->end = end;
	r->rtasks++;
	r->skipped += b->skipped;
}

int
spent_make(struct spent *s, struct plan *p, const struct schedule *schedule,
           const struct task_costs *costs, const struct timeline *t,
           struct arena *a, struct diag *d)
{
	struct flow *f = arena_new(a, struct flow);

	*s = (struct spent){.p = p, .t = t, .total = spent_ns(t->total_us)};
	if (flow_make(f, p, schedule, a, d) < 0)
		return -1;
	s->flow = f;
	s->width = f->width;
	s->bar_of = arena_array(a, f->nrtasks + 1, sizeof *s->bar_of);
	s->late = arena_array(a, t->bars.n + 1, sizeof *s->late);
	s->gap = arena_array(a, t->bars.n + 1, sizeof *s->gap);
	s->alone = arena_array(a, t->bars.n + 1, sizeof *s->alone);
	s->rops = arena_array(a, p->rops.n + 1, sizeof *s->rops);
	if (find_bars(s, d) < 0)
		return -1;
	find_phases(s);
	find_late(s);
	find_alone(s, costs);
	for (size_t i = 0; i < p->rops.n; i++)
		s->rops[i].waited_for = -1;
	for (size_t i = 0; i < t->bars.n; i++)
		add_bar(&s->rops[t->bars.v[i].rop], &t->bars.v[i]);
	for (int64_t v = 0; v < s->width; v++)
		spent_walk(s, v, add_up, s);
	return 0;
}
