/* Run steps, and what they wait for, as counters.
 *
 * Each producer's rTasks are cut at the ends of the ranges that waits name; a
 * piece that some wait needs has a counter.  A wait for what a barrier or a
 * launch between already orders is dropped. */
#include "emit/making.h"

#include <stdlib.h>

static bool
whole(const struct range *r)
{
	return r->lo == 0 && r->hi == -1;
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
		r.lo = st->tasks.lo;
		r.hi = whole(&st->tasks) ? m->p->rops.v[r.rop].ntasks - 1 :
			st->tasks.hi;
		r.v0 = st->veus.lo;
		r.v1 = whole(&st->veus) ? width - 1 : st->veus.hi;
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

static void
collect_waits(struct making *m)
{
	const struct schedule *s = m->e->schedule;
	int run = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *st = &s->steps.v[i];

		for (size_t k = 0; k < st->after.n; k++) {
			const struct after *a = &st->after.v[k];
			struct mwait w = {run, map_get(&m->p->rop_by_name, a->run),
			                  a->tasks.lo, a->tasks.hi};
			struct producer *o = &m->by_rop[w.rop];

			if (whole(&a->tasks))
				w.hi = m->p->rops.v[w.rop].ntasks - 1;
			if (w.hi < w.lo || !needed(m, &w, m->runs.v[run].phase))
				continue;
			vec_push(m->e->a, &m->waits, w);
			vec_push(m->e->a, &o->cuts, w.lo);
			vec_push(m->e->a, &o->cuts, w.hi + 1);
		}
		run += st->run != NULL;
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

/* The counters that each step waits for, once each. */
static void
make_waits(struct making *m)
{
	struct program *g = m->g;
	size_t at = 0;

	for (size_t r = 0; r < m->runs.n; r++) {
		struct mrun *run = &m->runs.v[r];
		size_t n = 0;

		run->wait = (uint32_t)g->waits.n;
		for (; at < m->waits.n && m->waits.v[at].run == (int)r; at++) {
			const struct mwait *w = &m->waits.v[at];
			const struct producer *o = &m->by_rop[w->rop];

			for (size_t k = piece_at(o, w->lo);
			     k < o->pieces.n && o->pieces.v[k].lo <= w->hi; k++)
				vec_push(m->e->a, &g->waits, ((struct tamp_wait){
				         o->pieces.v[k].counter, 0}));
		}
		if (g->waits.n == run->wait)
			continue;
		qsort(g->waits.v + run->wait, g->waits.n - run->wait,
		      sizeof *g->waits.v, by_counter);
		for (size_t k = run->wait; k < g->waits.n; k++)
			if (n == 0 || g->waits.v[run->wait + n - 1].counter !=
			    g->waits.v[k].counter)
				g->waits.v[run->wait + n++] = g->waits.v[k];
		g->waits.n = run->wait + n;
		run->nwaits = (uint32_t)n;
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
