/* Moves: another rKernel, other vEUs, another place in the order, a barrier or a
 * launch more or less.  A move of a kernel or of vEUs is made for one rOperator or
 * for all of its class, as chance has it: models repeat themselves. */
#include "policy/moves.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

/* --- drafts -------------------------------------------------------------- */

void
moving_init(struct moving *m, struct plan *p, const struct policy_options *o)
{
	size_t n = p->rops.n;

	*m = (struct moving){.p = p, .kernels = o->select == SELECT_BEST,
	                     .barriers = o->sync == SYNC_COUNTER,
	                     .rng = (uint64_t)o->seed};
	m->width = o->width ? o->width : p->device->veus;
	m->mark = arena_array(p->a, n + 1, sizeof *m->mark);
}

struct draft
draft_new(const struct moving *m, struct arena *a)
{
	return (struct draft){
		.a = a,
		.use = arena_array(a, m->p->rops.n + 1,
		                   sizeof(const struct candidate *)),
	};
}

void
draft_reserve(struct draft *d, size_t n)
{
	struct item *v;

	if (n <= d->room)
		return;
	d->room = 2 * n;
	v = arena_array(d->a, d->room, sizeof *v);
	if (d->n)
		memcpy(v, d->v, d->n * sizeof *v);
	d->v = v;
}

void
draft_copy(const struct moving *m, struct draft *to, const struct draft *from)
{
	draft_reserve(to, from->n);
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof *to->v);
	memcpy(to->use, from->use, m->p->rops.n * sizeof *to->use);
	to->n = from->n;
	to->us = from->us;
	to->deals = from->deals;
}

/* A run of a schedule; what is absent is all. */
static struct item
item_of(const struct plan *p, const struct step *s, int64_t width)
{
	struct item o = {.rop = plan_rop(p, s->run, s->rop),
		.lo = s->tasks.lo, .hi = s->tasks.hi,
		.v0 = s->veus.lo, .v1 = s->veus.hi};

	if (o.hi < o.lo) {
		o.lo = 0;
		o.hi = p->rops.v[o.rop].ntasks - 1;
	}
	if (o.v1 < o.v0) {
		o.v0 = 0;
		o.v1 = width - 1;
	}
	return o;
}

/* Whether items "from" on are all rTasks of an rOperator as deal_near takes them
 * apart: of one vEU each, of neighbouring vEUs in order.  Returns how many. */
static size_t
dealt(const struct plan *p, const struct draft *d, size_t from)
{
	const struct item *o = &d->v[from];
	int64_t tasks = 0, veu = o->v0;
	size_t i = from;

	for (; i < d->n && d->v[i].kind == ITEM_RUN && d->v[i].rop == o->rop &&
	     d->v[i].v0 == d->v[i].v1; i++) {
		if (d->v[i].v0 != veu && d->v[i].v0 != veu + 1)
			return 0;
		veu = d->v[i].v0;
		tasks += d->v[i].hi - d->v[i].lo + 1;
	}
	return i > from + 1 && veu > o->v0 && tasks == p->rops.v[o->rop].ntasks
		? i - from : 0;
}

/* What was taken apart is dealt out anew: moves see it as one. */
static void
join(const struct plan *p, struct draft *d)
{
	size_t n = 0;

	for (size_t i = 0, len; i < d->n; i += len) {
		struct item o = d->v[i];

		len = o.kind == ITEM_RUN ? dealt(p, d, i) : 0;
		if (len) {
			o.v1 = d->v[i + len - 1].v1;
			o.lo = 0;
			o.hi = p->rops.v[o.rop].ntasks - 1;
		} else {
			len = 1;
		}
		d->v[n++] = o;
	}
	d->n = n;
}

void
draft_take(const struct moving *m, struct draft *d, const struct schedule *s)
{
	const struct plan *p = m->p;
	int64_t width = 0;

	d->n = 0;
	d->deals = m->deals;
	draft_reserve(d, s->steps.n);
	for (size_t i = 0; i < p->rops.n; i++)
		d->use[i] = p->rops.v[i].cand;
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *o = &s->steps.v[i];

		if (o->launch) {
			width = o->launch->width;
			d->v[d->n++] = (struct item){.kind = ITEM_LAUNCH};
		} else if (o->run) {
			d->v[d->n++] = item_of(p, o, width);
		} else if (m->barriers) {
			d->v[d->n++] = (struct item){.kind = ITEM_BARRIER};
		}
	}
	if (d->deals)
		join(p, d);
}

void
draft_put(const struct moving *m, const struct draft *d, struct plan *p,
          struct schedule *s)
{
	vec_room(p->a, &s->kernels, p->rops.n);
	for (size_t i = 0; i < p->rops.n; i++) {
		struct choice *c = vec_add(p->a, &s->kernels);

		c->run = p->rops.v[i].rop->run;
		c->use = d->use[i]->use;
		plan_use(p, (int)i, d->use[i]);
	}
	vec_room(p->a, &s->steps, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct item *o = &d->v[i];

		switch (o->kind) {
		case ITEM_RUN:
			sched_run(p, s, o->rop, o->lo, o->hi, o->v0, o->v1);
			break;
		case ITEM_BARRIER:
			sched_barrier(p, s);
			break;
		case ITEM_LAUNCH:
			sched_launch(p, s, m->width);
			break;
		}
	}
}

int
draft_finish(const struct moving *m, const struct draft *d, struct trials *t,
             struct schedule *out, struct diag *diag)
{
	draft_put(m, d, t->p, out);
	t->deals = d->deals;
	return trial_finish(t, out, t->o->sync, diag);
}

/* Whether all vEUs of each launch fit the device at once. */
static bool
fits(const struct plan *p, const struct schedule *s)
{
	const struct device *v = p->device;
	const char *limit;

	if (v->target == TARGET_HOST)
		return true;
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct launch *l = s->steps.v[i].launch;

		if (l && device_resident(v, l->threads, l->shared, l->registers,
		                         &limit) < l->width)
			return false;
	}
	return true;
}

double
draft_us(const struct moving *m, const struct draft *d, struct trials *t,
         struct schedule *out, struct diag *diag)
{
	double us = -1;

	*out = (struct schedule){0};
	if (draft_finish(m, d, t, out, diag) == 0 && fits(t->p, out))
		us = trial_us(t, out, diag);
	return us < 0 ? DBL_MAX : us;
}

/* --- chance -------------------------------------------------------------- */

/* 0 .. n - 1. */
static int64_t
draw(struct moving *m, int64_t n)
{
	return (int64_t)(policy_draw(&m->rng) % (uint64_t)n);
}

/* A run; one of those to move rather than others four times of five. */
static size_t
draw_run(struct moving *m, const struct draft *d)
{
	size_t at = (size_t)draw(m, (int64_t)d->n), from = at;
	int rop;

	if (m->npick && draw(m, 5)) {
		rop = m->pick[draw(m, (int64_t)m->npick)];
		for (size_t i = 0; i < d->n; i++)
			if (d->v[i].kind == ITEM_RUN && d->v[i].rop == rop)
				return i;
	}
	while (d->v[at].kind != ITEM_RUN) {
		at = (at + 1) % d->n;
		if (at == from)
			BUG("a schedule without runs");
	}
	return at;
}

/* --- kernels ------------------------------------------------------------- */

/* Every run of an rOperator for which "all" or rop says so becomes one of that
 * rKernel, where its first run was. */
static void
use_kernel(struct moving *m, struct draft *d, int rop, bool all,
           const struct candidate *c, bool wide)
{
	const struct plan *p = m->p;
	int64_t ntasks = plan_grid(c);
	size_t n = 0;

	m->stamp++;
	for (size_t i = 0; i < d->n; i++) {
		struct item o = d->v[i];
		int64_t most = wide ? m->width : o.v1 - o.v0 + 1;

		if (o.kind == ITEM_RUN && (o.rop == rop || (all &&
		    p->rops.v[o.rop].cls_index == p->rops.v[rop].cls_index))) {
			if (m->mark[o.rop] == m->stamp)
				continue;
			m->mark[o.rop] = m->stamp;
			d->use[o.rop] = c;
			o.lo = 0;
			o.hi = ntasks - 1;
			if (most > ntasks)
				most = ntasks;
			if (o.v0 + most > m->width)
				o.v0 = m->width - most;
			o.v1 = o.v0 + most - 1;
		}
		d->v[n++] = o;
	}
	d->n = n;
}

static bool
move_kernel(struct moving *m, struct draft *d)
{
	int rop = d->v[draw_run(m, d)].rop;
	const struct class *k = m->p->rops.v[rop].cls;
	const struct candidate *c;
	bool all = draw(m, 2), wide = draw(m, 2);

	if (!m->kernels || k->kernels.n < 2)
		return false;
	c = &k->kernels.v[draw(m, (int64_t)k->kernels.n)];
	if (c == d->use[rop])
		return false;
	use_kernel(m, d, rop, all, c, wide);
	snprintf(m->what, sizeof m->what, "%s%s by %s",
	         all ? "all like " : "", m->p->rops.v[rop].rop->run, c->use);
	return true;
}

/* --- vEUs ---------------------------------------------------------------- */

/* Another number of vEUs for o. */
static int64_t
draw_veus(struct moving *m, const struct item *o)
{
	int64_t n = o->hi - o->lo + 1, have = o->v1 - o->v0 + 1;
	int64_t most = n < m->width ? n : m->width;
	int64_t k[] = {have, 1, have / 2, 2 * have, have - 1, have + 1, most,
		1 + draw(m, most)};
	int64_t to = k[draw(m, sizeof k / sizeof *k)];

	return to < 1 ? 1 : to > most ? most : to;
}

/* The first vEU of a run that gets k: where a run is that it follows, or
 * anywhere. */
static int64_t
draw_first(struct moving *m, const struct draft *d, const struct item *o,
           int64_t k)
{
	const struct prop *r = &m->p->rops.v[o->rop];
	int64_t v = draw(m, m->width - k + 1);

	if (r->preds.n && draw(m, 2)) {
		int rop = r->preds.v[draw(m, (int64_t)r->preds.n)];

		for (size_t i = 0; i < d->n; i++)
			if (d->v[i].kind == ITEM_RUN && d->v[i].rop == rop)
				v = d->v[i].v0;
	}
	return v + k > m->width ? m->width - k : v;
}

static bool
move_veus(struct moving *m, struct draft *d)
{
	struct item *o = &d->v[draw_run(m, d)];
	int cls = m->p->rops.v[o->rop].cls_index;
	int64_t k = draw_veus(m, o), had = o->v1 - o->v0 + 1;
	int64_t first = draw_first(m, d, o, k);
	bool all = draw(m, 3) == 0 && k != had;

	snprintf(m->what, sizeof m->what, "%s%s on %lld vEUs",
	         all ? "all like " : "", m->p->rops.v[o->rop].rop->run,
	         (long long)k);
	if (!all) {
		if (k == had && first == o->v0)
			return false;
		o->v0 = first;
		o->v1 = first + k - 1;
		return true;
	}
	for (size_t i = 0; i < d->n; i++) {
		struct item *x = &d->v[i];

		if (x->kind != ITEM_RUN ||
		    m->p->rops.v[x->rop].cls_index != cls ||
		    x->v1 - x->v0 + 1 != had || x->hi - x->lo + 1 < k)
			continue;
		if (x->v0 + k > m->width)
			x->v0 = m->width - k;
		x->v1 = x->v0 + k - 1;
	}
	return true;
}

/* --- order --------------------------------------------------------------- */

/* Takes the item at "from" to where "to" is. */
static void
shift(struct draft *d, size_t from, size_t to)
{
	struct item o = d->v[from];

	if (from < to)
		memmove(&d->v[from], &d->v[from + 1],
		        (to - from) * sizeof *d->v);
	else
		memmove(&d->v[to + 1], &d->v[to], (from - to) * sizeof *d->v);
	d->v[to] = o;
}

/* The places in the order that a run can take: between what it follows and what
 * follows it. */
static void
find_room(struct moving *m, const struct draft *d, size_t at, size_t *lo,
          size_t *hi)
{
	const struct prop *r = &m->p->rops.v[d->v[at].rop];
	int before = m->stamp += 2, behind = before - 1;

	for (size_t i = 0; i < r->preds.n; i++)
		m->mark[r->preds.v[i]] = before;
	for (size_t i = 0; i < r->succs.n; i++)
		m->mark[r->succs.v[i]] = behind;
	*lo = at;
	while (*lo > 1 && (d->v[*lo - 1].kind != ITEM_RUN ||
	                   m->mark[d->v[*lo - 1].rop] != before))
		--*lo;
	*hi = at;
	while (*hi + 1 < d->n && (d->v[*hi + 1].kind != ITEM_RUN ||
	                          m->mark[d->v[*hi + 1].rop] != behind))
		++*hi;
}

static bool
move_order(struct moving *m, struct draft *d)
{
	size_t at = draw_run(m, d), lo, hi, to;
	int rop = d->v[at].rop;

	find_room(m, d, at, &lo, &hi);
	if (lo >= hi)
		return false;
	to = lo + (size_t)draw(m, (int64_t)(hi - lo + 1));
	if (to == at)
		return false;
	snprintf(m->what, sizeof m->what, "%s %s", m->p->rops.v[rop].rop->run,
	         to < at ? "earlier" : "later");
	shift(d, at, to);
	return true;
}

/* --- barriers and launches ----------------------------------------------- */

/* Takes one away or, as chance has it, puts one somewhere; the launch that
 * begins the schedule stays. */
static bool
toggle(struct moving *m, struct draft *d, enum item_kind kind, const char *name)
{
	size_t n = 0, at;

	for (size_t i = 1; i < d->n; i++)
		n += d->v[i].kind == kind;
	if (n && draw(m, 2)) {
		int64_t k = draw(m, (int64_t)n);

		for (at = 1; d->v[at].kind != kind || k-- > 0; at++)
			;
		shift(d, at, d->n - 1);
		d->n--;
		snprintf(m->what, sizeof m->what, "a %s less", name);
		return true;
	}
	at = draw_run(m, d);
	if (at < 2 || d->v[at - 1].kind != ITEM_RUN)
		return false;
	draft_reserve(d, d->n + 1);
	d->v[d->n++] = (struct item){.kind = kind};
	shift(d, d->n - 1, at);
	snprintf(m->what, sizeof m->what, "a %s before %s", name,
	         m->p->rops.v[d->v[at + 1].rop].rop->run);
	return true;
}

static bool
move_barrier(struct moving *m, struct draft *d)
{
	return m->barriers && toggle(m, d, ITEM_BARRIER, "barrier");
}

static bool
move_launch(struct moving *m, struct draft *d)
{
	return toggle(m, d, ITEM_LAUNCH, "launch");
}

/* --- all of them --------------------------------------------------------- */

static const struct {
	int parts;		/* of the sum: how often it is drawn */
	bool (*move)(struct moving *m, struct draft *d);
} moves[] = {
	{4, move_kernel}, {6, move_veus}, {6, move_order}, {1, move_barrier},
	{1, move_launch},
};

bool
draft_move(struct moving *m, struct draft *d)
{
	int64_t sum = 0, k;
	size_t i = 0;

	for (size_t j = 0; j < sizeof moves / sizeof *moves; j++)
		sum += moves[j].parts;
	for (k = draw(m, sum); k >= moves[i].parts; i++)
		k -= moves[i].parts;
	return moves[i].move(m, d);
}
