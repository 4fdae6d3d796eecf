/* Run steps, and what they wait for, as counters.
 *
 * Each producer's rTasks are cut at the ends of the ranges that waits name; a
 * piece that some wait needs has a counter.  A wait for what a barrier or a
 * launch between already orders is dropped, and so is one by a vEU that has
 * waited for the same in the same step. */
#include <stdlib.h>

#include "emit/making.h"
#include "verify/verify.h"

static bool
whole(struct range r)
{
	return r.lo == 0 && r.hi == -1;
}

/* Run steps in order, with their launch and the phase between barriers. */
static void
collect_runs(struct making *m)
{
	const struct schedule *s = m->e->schedule;
	int64_t width = 0;
	int launch = -1, phase = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *st = &s->steps.v[i];
		struct mrun r = {.launch = launch, .phase = phase};

		if (st->launch) {
			width = st->launch->width;
			launch++;
		}
		if (!st->run) {
			phase++;
			continue;
		}
		r.rop = map_get(&m->p->rop_by_name, st->run);
		r.condition = making_index(conditions_find(&m->p->conditions,
		                                           st->if_));
		r.lo = st->tasks.lo;
		r.hi = whole(st->tasks) ? m->p->rops.v[r.rop].ntasks - 1 :
			st->tasks.hi;
		r.v0 = st->veus.lo;
		r.v1 = whole(st->veus) ? width - 1 : st->veus.hi;
		vec_push(m->e->a, &m->by_rop[r.rop].runs, (int)m->runs.n);
		vec_push(m->e->a, &m->runs, r);
	}
}

/* Whether something of these rTasks is not before "phase" already. */
static bool
needed(const struct making *m, const struct mwait *w, int phase)
{
	const struct producer *o = &m->by_rop[w->rop];

	for (size_t i = 0; i < o->runs.n; i++) {
		const struct mrun *r = &m->runs.v[o->runs.v[i]];

		if (r->phase >= phase && r->lo <= w->hi && r->hi >= w->lo)
			return true;
	}
	return false;
}

/* rTask "task" of the run (-1: all, on whom it does not depend) waits so. */
static void
add_wait(struct making *m, int run, const struct after *a, int64_t task)
{
	const struct mrun *r = &m->runs.v[run];
	struct mwait w = {run, map_get(&m->p->rop_by_name, a->run), task, 0, 0};
	struct producer *o = &m->by_rop[w.rop];
	int64_t n = m->p->rops.v[w.rop].ntasks;
	const char *why = NULL;
	struct range at;

	if (n == 0)
		return;
	if (wait_range(m->p, r->rop, task < 0 ? r->lo : task, &a->tasks, n, &at,
	               m->e->a, &why) < 0)
		BUG("a wait that was verified: %s", why);
	w.lo = at.lo;
	w.hi = at.hi;
	if (!needed(m, &w, r->phase))
		return;
	vec_push(m->e->a, &m->waits, w);
	vec_push(m->e->a, &o->cuts, w.lo);
	vec_push(m->e->a, &o->cuts, w.hi + 1);
}

/* Those of a run stand together: first those of all its rTasks, then by rTask. */
static void
collect_waits(struct making *m)
{
	const struct schedule *s = m->e->schedule;
	int run = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *st = &s->steps.v[i];
		bool each = false;

		if (!st->run)
			continue;
		for (size_t k = 0; k < st->after.n; k++) {
			each |= st->after.v[k].tasks.text != NULL;
			if (!st->after.v[k].tasks.text)
				add_wait(m, run, &st->after.v[k], -1);
		}
		for (int64_t t = m->runs.v[run].lo; each &&
		     t <= m->runs.v[run].hi; t++)
			for (size_t k = 0; k < st->after.n; k++)
				if (st->after.v[k].tasks.text)
					add_wait(m, run, &st->after.v[k], t);
		run++;
	}
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static size_t
piece_at(const struct producer *o, int64_t task)
{
	size_t lo = 0, hi = o->pieces.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->pieces.v[mid].hi < task)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Cuts every producer, then gives a counter to each piece that is waited for. */
static void
make_pieces(struct making *m)
{
	for (size_t i = 0; i < m->p->rops.n; i++) {
		struct producer *o = &m->by_rop[i];

		if (o->cuts.n)
			qsort(o->cuts.v, o->cuts.n, sizeof *o->cuts.v, by_value);
		for (size_t k = 0; k + 1 < o->cuts.n; k++)
			if (o->cuts.v[k] < o->cuts.v[k + 1])
				vec_push(m->e->a, &o->pieces,
				         ((struct piece){o->cuts.v[k],
				           o->cuts.v[k + 1] - 1, TAMP_NONE}));
	}
	for (size_t i = 0; i < m->waits.n; i++) {
		const struct mwait *w = &m->waits.v[i];
		struct producer *o = &m->by_rop[w->rop];

		for (size_t k = piece_at(o, w->lo);
		     k < o->pieces.n && o->pieces.v[k].lo <= w->hi; k++)
			o->pieces.v[k].counter = 0;
	}
	for (size_t i = 0; i < m->p->rops.n; i++) {
		struct producer *o = &m->by_rop[i];

		for (size_t k = 0; k < o->pieces.n; k++) {
			struct piece *c = &o->pieces.v[k];

			if (c->counter == TAMP_NONE)
				continue;
			c->counter = (uint32_t)m->g->counters.n;
			vec_push(m->e->a, &m->g->counters,
			         ((struct tamp_counter){(uint32_t)i,
			           (uint32_t)c->lo, (uint32_t)c->hi, 0}));
		}
	}
	m->stamp = arena_array(m->e->a, m->g->counters.n + 1,
	                       sizeof *m->stamp);
}

static int
by_counter(const void *a, const void *b)
{
	const struct tamp_wait *x = a, *y = b;

	return (x->counter > y->counter) - (x->counter < y->counter);
}

/* Adds the counters of waits w[0 .. n) to the program's, but for those that the
 * vEU has waited for in this turn. */
static void
put_counters(struct making *m, const struct mwait *w, size_t n)
{
	struct program *g = m->g;

	for (size_t i = 0; i < n; i++) {
		const struct producer *o = &m->by_rop[w[i].rop];

		for (size_t k = piece_at(o, w[i].lo);
		     k < o->pieces.n && o->pieces.v[k].lo <= w[i].hi; k++) {
			uint32_t c = o->pieces.v[k].counter;

			if (m->stamp[c] == m->turn)
				continue;
			m->stamp[c] = m->turn;
			vec_push(m->e->a, &g->waits, ((struct tamp_wait){c, 0}));
		}
	}
}

/* Closes the list of waits that began at "first". */
static struct row_waits
close_waits(struct making *m, size_t first)
{
	struct program *g = m->g;

	if (g->waits.n > first)
		qsort(g->waits.v + first, g->waits.n - first,
		      sizeof *g->waits.v, by_counter);
	return (struct row_waits){(uint32_t)first,
		(uint32_t)(g->waits.n - first)};
}

/* All rTasks wait for the same: the first on each vEU does. */
static void
wait_alike(struct making *m, struct mrun *r, const struct mwait *w, size_t n)
{
	size_t first = m->g->waits.n;
	struct row_waits x;

	m->turn++;
	put_counters(m, w, n);
	x = close_waits(m, first);
	for (int64_t t = r->lo; t <= r->hi && t - r->lo <= r->v1 - r->v0; t++)
		r->waits[t - r->lo] = x;
}

/* The first on a vEU waits for what all wait for (w[0 .. all)) too. */
static void
wait_each(struct making *m, struct mrun *r, const struct mwait *w, size_t n,
          size_t all)
{
	int64_t span = r->v1 - r->v0 + 1, tasks = r->hi - r->lo + 1;
	size_t *from = arena_array(m->e->a, (size_t)tasks + 1, sizeof *from);

	for (size_t i = all; i < n; i++)
		from[w[i].task - r->lo + 1]++;
	from[0] = all;
	for (int64_t t = 1; t <= tasks; t++)
		from[t] += from[t - 1];
	for (int64_t v = 0; v < span && v < tasks; v++) {
		m->turn++;
		for (int64_t t = v; t < tasks; t += span) {
			size_t first = m->g->waits.n;

			if (t == v)
				put_counters(m, w, all);
			put_counters(m, w + from[t], from[t + 1] - from[t]);
			r->waits[t] = close_waits(m, first);
		}
	}
}

/* The counters that each rTask waits for, once each. */
static void
make_waits(struct making *m)
{
	size_t at = 0, end, all;

	for (size_t i = 0; i < m->runs.n; i++, at = end) {
		struct mrun *r = &m->runs.v[i];
		const struct mwait *w = m->waits.v + at;

		r->waits = arena_array(m->e->a, (size_t)(r->hi - r->lo + 1),
		                       sizeof *r->waits);
		for (end = at; end < m->waits.n &&
		     m->waits.v[end].run == (int)i; end++)
			;
		for (all = 0; at + all < end && w[all].task < 0; all++)
			;
		if (at + all == end)
			wait_alike(m, r, w, all);
		else
			wait_each(m, r, w, end - at, all);
	}
}

uint32_t
waits_signal(const struct making *m, int rop, int64_t task)
{
	const struct producer *o = &m->by_rop[rop];
	size_t k = piece_at(o, task);

	return k < o->pieces.n && o->pieces.v[k].lo <= task ?
		o->pieces.v[k].counter : TAMP_NONE;
}

void
waits_make(struct making *m)
{
	collect_runs(m);
	collect_waits(m);
	make_pieces(m);
	make_waits(m);
}
