/* What rows of plan.bin wait for and signal, held against the schedule: each
 * rTask waits for what its step names and for nothing else; a counter is
 * signalled once by every vEU that runs some of its rTasks, after the last of
 * them, and so tells that all of them are done.
 *
 * What a barrier or a launch orders needs no wait, and neither does what the
 * vEU has waited for before. */
#include "emit/reread_rows.h"

#include <stdlib.h>

/* --- counters -------------------------------------------------------------------- */

static int
by_range(const void *a, const void *b)
{
	const struct tamp_counter *x = *(const struct tamp_counter *const *)a;
	const struct tamp_counter *y = *(const struct tamp_counter *const *)b;

	if (x->rop != y->rop)
		return x->rop < y->rop ? -1 : 1;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static int
check_counter(struct rows *c, uint32_t k)
{
	const struct tables *t = c->t;
	const struct tamp_counter *o = &t->counters[k];

	if (o->rop >= t->h.rops.count || !flow_runs(c->f->p, (int)o->rop) ||
	    o->hi < o->lo || o->hi >= t->rops[o->rop].ntasks)
		return diag_error(t->r->d, t->at, "counter %u counts rTasks %u..%u "
		                  "of rOperator %u, which are not there", k,
		                  o->lo, o->hi, o->rop);
	for (int64_t i = o->lo; i <= o->hi; i++) {
		int phase = flow_step_of(c->f, c->f->at[o->rop][i])->phase;

		if (phase > c->known[k].phase)
			c->known[k].phase = phase;
	}
	return 0;
}

/* Counters in order; those of one rOperator lie apart. */
static int
sort(struct rows *c)
{
	const struct tables *t = c->t;
	size_t n = t->h.counters.count, i = 0;
	const struct tamp_counter **v = arena_array(t->r->a, n + 1, sizeof *v);

	c->known = arena_array(t->r->a, n + 1, sizeof *c->known);
	c->order = arena_array(t->r->a, n + 1, sizeof *c->order);
	c->first = arena_array(t->r->a, t->h.rops.count + 1, sizeof *c->first);
	for (size_t k = 0; k < n; k++) {
		if (check_counter(c, (uint32_t)k) < 0)
			return -1;
		v[k] = &t->counters[k];
	}
	qsort(v, n, sizeof *v, by_range);
	for (size_t k = 0; k < n; k++) {
		c->order[k] = (uint32_t)(v[k] - t->counters);
		if (k > 0 && v[k]->rop == v[k - 1]->rop &&
		    v[k]->lo <= v[k - 1]->hi)
			return diag_error(t->r->d, t->at, "two counters count "
			                  "rTask %u of '%s'", v[k]->lo,
			                  rows_rop(c, v[k]->rop));
	}
	for (size_t r = 0; r <= t->h.rops.count; r++) {
		while (i < n && v[i]->rop < r)
			i++;
		c->first[r] = i;
	}
	return 0;
}

/* In order, the first counter of rop that ends at or after the rTask. */
static size_t
counter_from(const struct rows *c, int rop, int64_t task)
{
	size_t lo = c->first[rop], hi = c->first[rop + 1];

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->t->counters[c->order[mid]].hi < task)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t
counter_of(const struct rows *c, int rop, int64_t task)
{
	size_t i = counter_from(c, rop, task);

	return i < c->first[rop + 1] &&
		c->t->counters[c->order[i]].lo <= task ? c->order[i] : TAMP_NONE;
}

static void
see_gap(struct rows *c, size_t piece, int64_t lo, int64_t hi)
{
	int rop = c->f->pieces.v[piece].rop;

	for (int64_t i = lo; i <= hi; i++) {
		int phase = flow_step_of(c->f, c->f->at[rop][i])->phase;

		if (phase > c->gap[piece])
			c->gap[piece] = phase;
	}
}

static void
find_gaps(struct rows *c)
{
	const struct flow *f = c->f;

	c->gap = arena_array(c->t->r->a, f->pieces.n + 1, sizeof *c->gap);
	for (size_t i = 0; i < f->pieces.n; i++) {
		const struct piece *p = &f->pieces.v[i];
		int64_t from = p->lo;

		c->gap[i] = -1;
		for (size_t k = counter_from(c, p->rop, p->lo);
		     k < c->first[p->rop + 1]; k++) {
			const struct tamp_counter *o =
				&c->t->counters[c->order[k]];

			if (o->lo > p->hi)
				break;
			see_gap(c, i, from, (int64_t)o->lo - 1);
			from = (int64_t)o->hi + 1;
		}
		see_gap(c, i, from, p->hi);
	}
}

int
rows_counters(struct rows *c)
{
	if (sort(c) < 0)
		return -1;
	find_gaps(c);
	return 0;
}

/* --- waits ----------------------------------------------------------------------- */

/* Notes what a row waits for. */
static int
read_waits(struct rows *c, size_t row, const struct fstep *s, int64_t task)
{
	const struct tables *t = c->t;
	const struct tamp_row *r = &t->rows[row];

	if (r->wait > t->h.waits.count || r->nwaits > t->h.waits.count - r->wait)
		return rows_say(c, s, task, "after", "has waits that are not there");
	for (uint32_t i = 0; i < r->nwaits; i++) {
		const struct tamp_wait *w = &t->waits[r->wait + i];
		struct known *k;

		if (w->counter >= t->h.counters.count)
			return rows_say(c, s, task, "after", arena_printf(t->r->a,
			           "waits for counter %u, which is not there",
			           w->counter));
		k = &c->known[w->counter];
		if (k->asked == row + 1)
			return rows_say(c, s, task, "after", arena_printf(t->r->a,
			           "waits twice for %s",
			           rows_counter(c, w->counter)));
		if (w->count != t->counters[w->counter].count)
			return rows_say(c, s, task, "after", arena_printf(t->r->a,
			           "waits until %s is %u: it gets %u signals",
			           rows_counter(c, w->counter), w->count,
			           t->counters[w->counter].count));
		k->asked = row + 1;
		k->veu = c->veu;
		k->waited = true;
	}
	return 0;
}

/* rTasks that the schedule names, and the pieces that they are cut into: all
 * their counters were waited for. */
static int
check_named(struct rows *c, size_t row, const struct fstep *s, int64_t task,
            const struct fwait *w)
{
	const struct piece *p = &c->f->asked.v[w - c->f->waits.v];

	for (int i = w->piece; i < w->piece + w->n; i++)
		if (c->gap[i] >= s->phase)
			return rows_say(c, s, task, "after", arena_printf(
			           c->t->r->a, "does not wait for all of rTasks "
			           "%lld..%lld of '%s': some have no counter",
			           (long long)p->lo, (long long)p->hi,
			           rows_rop(c, p->rop)));
	for (size_t i = counter_from(c, p->rop, p->lo);
	     i < c->first[p->rop + 1]; i++) {
		uint32_t k = c->order[i];
		const struct tamp_counter *o = &c->t->counters[k];

		if (o->lo > p->hi)
			break;
		if (o->lo >= p->lo && o->hi <= p->hi)
			c->known[k].named = row + 1;
		if (c->known[k].veu != c->veu && c->known[k].phase >= s->phase)
			return rows_say(c, s, task, "after", arena_printf(
			           c->t->r->a, "does not wait for %s",
			           rows_counter(c, k)));
	}
	return 0;
}

int
rows_waits(struct rows *c, size_t row, const struct fstep *s, int64_t task)
{
	const struct tables *t = c->t;
	const struct tamp_row *r = &t->rows[row];
	size_t n;
	const struct fwait *w = flow_waits(c->f, s, task, &n);

	if (read_waits(c, row, s, task) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (check_named(c, row, s, task, &w[i]) < 0)
			return -1;
	for (uint32_t i = 0; i < r->nwaits; i++) {
		uint32_t k = t->waits[r->wait + i].counter;

		if (c->known[k].named != row + 1)
			return rows_say(c, s, task, "run", arena_printf(t->r->a,
			           "waits for %s, which its step does not name, or "
			           "not for this one", rows_counter(c, k)));
	}
	return 0;
}

/* --- signals ---------------------------------------------------------------------- */

/* From a vEU's end: of each counter, the last of its rTasks signals it. */
int
rows_signals(struct rows *c, const struct tamp_veu *v)
{
	const struct tables *t = c->t;

	for (uint32_t i = v->row + v->nrows; i-- > v->row;) {
		const struct tamp_row *r = &t->rows[i];
		uint32_t k;

		if (r->kind == TAMP_BARRIER)
			continue;
		k = counter_of(c, (int)r->rop, r->task);
		if (k != TAMP_NONE && c->known[k].last == c->veu)
			k = TAMP_NONE;
		if (r->signal != k)
			return diag_error(t->r->d, t->at, "%s signals %s, not %s",
				rows_where(c, r->rop, r->task), r->signal == TAMP_NONE ?
				"nothing" : r->signal < t->h.counters.count ?
				rows_counter(c, r->signal) :
				"a counter that is not there", k == TAMP_NONE ?
				"nothing" : rows_counter(c, k));
		if (k == TAMP_NONE)
			continue;
		c->known[k].last = c->veu;
		c->known[k].signals++;
	}
	return 0;
}

int
rows_counts(const struct rows *c)
{
	for (uint32_t k = 0; k < c->t->h.ncounters; k++) {
		const struct tamp_counter *o = &c->t->counters[k];

		if (o->count != c->known[k].signals)
			return diag_error(c->t->r->d, c->t->at, "%s gets %u "
			                  "signals, not %u", rows_counter(c, k),
			                  c->known[k].signals, o->count);
		if (!c->known[k].waited)
			return diag_error(c->t->r->d, c->t->at, "nothing waits "
			                  "for %s", rows_counter(c, k));
	}
	return 0;
}
