/* The waits that a placement needs, and no others.
 *
 * Steps are taken in their order.  For each step and each rOperator it needs,
 * the rTasks that its own must follow come from their regions; those that
 * program order, an earlier barrier or another wait already puts before it
 * are passed over (vector clocks, as in the verifier).  What is left becomes
 * a barrier before the step, or one wait for the range that holds it, or
 * (sync_tiles.c) waits for what each rTask needs. */
#include "policy/sync.h"

struct wanted {			/* rTasks of need->p that the step must follow */
	const struct need *need;
	int64_t lo, hi;		/* hi < lo: none */
	bool unplaced;
};

static void
want(struct sync *y, struct wanted *w, const struct need_search *n,
     int64_t veu, int64_t t)
{
	const struct spot *s = &y->spots[w->need->p][t];

	if (s->pos && sync_implied(y, s, veu, n->u))
		return;
	if (!need_meets(n, t, NULL))
		return;
	if (!s->pos)
		w->unplaced = true;
	if (w->hi < w->lo) {
		w->lo = w->hi = t;
		return;
	}
	w->lo = t < w->lo ? t : w->lo;
	w->hi = t > w->hi ? t : w->hi;
}

/* Whether all rTasks of rop come before rTask u of the step, on veu, by the last
 * on each vEU. */
static bool
all_implied(struct sync *y, int rop, int64_t veu, int64_t u)
{
	struct lasts *l = &y->lasts[rop];

	y->work += (int64_t)l->v.n;
	for (size_t i = 0; i < l->v.n; i++)
		if (!sync_implied(y, &l->v.v[i], veu, u))
			return false;
	return true;
}

static void
find_lasts(struct sync *y, int rop)
{
	struct lasts *l = &y->lasts[rop];
	int64_t n = y->p->rops.v[rop].ntasks;

	if (l->placed == y->placed[rop] && l->phase == y->phase)
		return;
	l->placed = y->placed[rop];
	l->phase = y->phase;
	l->v.n = 0;
	y->mark++;
	y->work += n;
	for (int64_t t = 0; t < n; t++) {
		const struct spot *s = &y->spots[rop][t];

		if (!s->pos || s->phase != y->phase)
			continue;
		if (y->marked[s->veu] != y->mark) {
			y->marked[s->veu] = y->mark;
			y->last_at[s->veu] = l->v.n;
			vec_push(y->a, &l->v, *s);
		} else if (l->v.v[y->last_at[s->veu]].pos < s->pos) {
			l->v.v[y->last_at[s->veu]] = *s;
		}
	}
}

/* What rTask u needs, but for what is wanted already. */
static void
want_for(struct sync *y, struct wanted *w, int64_t u, int64_t veu, bool enough)
{
	for (size_t i = 0; i < w->need->pairs.n; i++) {
		struct need_search n;

		need_search(&n, y->needs, w->need, &w->need->pairs.v[i], u);
		for (int64_t t = need_next(&n, 0); t >= 0;
		     t = need_next(&n, t + 1)) {
			if (t >= w->lo && t <= w->hi)
				t = w->hi;
			else
				want(y, w, &n, veu, t);
			if (enough && w->hi >= w->lo)
				return;
		}
	}
}

/* What of need->p the step must still wait for; enough: stop at the first. */
static struct wanted
find_wanted(struct sync *y, const struct need *need, const struct step *s,
            bool enough)
{
	struct wanted w = {.need = need, .lo = 0, .hi = -1};
	int64_t nv = s->veus.hi - s->veus.lo + 1;
	bool all = y->placed[need->p] == y->p->rops.v[need->p].ntasks;

	if (all)
		find_lasts(y, need->p);
	if (all && !y->lasts[need->p].v.n)
		return w;
	for (int64_t v = 0; v < nv && s->tasks.lo + v <= s->tasks.hi; v++) {
		if (all && all_implied(y, need->p, s->veus.lo + v,
		                       s->tasks.lo + v))
			continue;
		for (int64_t u = s->tasks.lo + v; u <= s->tasks.hi; u += nv) {
			want_for(y, &w, u, s->veus.lo + v, enough);
			if (enough && w.hi >= w.lo)
				return w;
		}
	}
	return w;
}

/* --- steps -------------------------------------------------------------------- */

static void
put_barrier(struct sync *y)
{
	struct step *b = vec_add(y->p->a, &y->out);

	b->tasks = b->veus = (struct range){0, -1};
	b->barrier = arena_new(y->p->a, struct barrier);
	sync_next_phase(y, y->p->device->barrier_us);
}

/* Whether all rTasks outside the range come before the step as it is: then
 * waiting for all of them costs nothing, and reads better. */
static bool
rest_is_free(struct sync *y, const struct step *s, const struct wanted *w)
{
	const struct spot *spots = y->spots[w->need->p];
	int64_t n = y->p->rops.v[w->need->p].ntasks, last = s->veus.hi;

	if (last - s->veus.lo > s->tasks.hi - s->tasks.lo)
		last = s->veus.lo + s->tasks.hi - s->tasks.lo;
	if (y->placed[w->need->p] < n)
		return false;
	y->mark++;
	for (int64_t t = n - 1; t >= 0; t--) {
		if (t == w->hi) {
			t = w->lo;
			continue;
		}
		y->work++;
		if (y->marked[spots[t].veu] == y->mark &&
		    y->freed[spots[t].veu] >= spots[t].pos)
			continue;
		for (int64_t v = s->veus.lo; v <= last; v++)
			if (!sync_implied(y, &spots[t], v, s->tasks.lo + v -
			                  s->veus.lo))
				return false;
		y->work += last - s->veus.lo;
		y->marked[spots[t].veu] = y->mark;
		y->freed[spots[t].veu] = spots[t].pos;
	}
	return true;
}

/* The range without what is not placed yet (nothing can need that). */
static void
put_waits(struct sync *y, struct step *s, const struct wanted *w)
{
	const struct prop *r = &y->p->rops.v[w->need->p];
	const struct spot *spots = y->spots[w->need->p];

	for (int64_t lo = w->lo, hi; lo <= w->hi; lo = hi + 1) {
		struct after *a;

		for (hi = lo; hi < w->hi && spots[hi + 1].pos; hi++)
			;
		if (!spots[lo].pos)
			continue;
		a = vec_add(y->p->a, &s->after);
		a->run = r->rop->run;
		a->rop = w->need->p;
		a->tasks = (struct irange){.lo = lo, .hi = hi};
		if (lo == 0 && hi == r->ntasks - 1)
			a->tasks = (struct irange){.hi = -1};
		sync_learn(y, w->need->p, lo, hi);
	}
}

static int
unplaced(struct sync *y, const struct step *s, const struct need *n)
{
	return diag_error(y->d, POS_NONE, "the policy places '%s' before '%s', "
	                  "which it reads from or overwrites", s->run,
	                  y->p->rops.v[n->p].rop->run);
}

/* The step's rTasks learn of what they wait for by a. */
static void
learn_wait(struct sync *y, const struct step *s, const struct after *a)
{
	int64_t n = y->p->rops.v[a->rop].ntasks;

	if (a->tasks.text)
		sync_learn_own(y, s, a);
	else if (a->tasks.hi < a->tasks.lo)
		sync_learn(y, a->rop, 0, n - 1);
	else if (a->tasks.hi < n)
		sync_learn(y, a->rop, a->tasks.lo, a->tasks.hi);
}

/* The step's waits but one are all that its rTasks have learned from. */
static void
learn_all_but(struct sync *y, const struct step *s, size_t but)
{
	y->own = NULL;
	y->learned_any = false;
	y->learned_us = 0;
	for (size_t k = 0; k < s->after.n; k++)
		if (k != but)
			learn_wait(y, s, &s->after.v[k]);
}

/* Waits that the policy has set itself count. */
static void
learn_given(struct sync *y, struct step *s)
{
	for (size_t i = 0; i < s->after.n; i++) {
		struct after *a = &s->after.v[i];

		a->rop = plan_rop(y->p, a->run, a->rop);
		if (a->rop >= 0)
			learn_wait(y, s, a);
	}
}

/* Whether what the step's rTasks have learned leaves something to be wanted:
 * first, most likely, of what was first. */
static bool
wants_any(struct sync *y, const struct step *s, int rop, int first)
{
	const struct need *v = y->needs->v.v;
	size_t from = y->needs->first[rop], to = y->needs->first[rop + 1];

	for (int turn = 0; turn < 2; turn++)
		for (size_t i = from; i < to; i++) {
			struct wanted w;

			if ((v[i].p == first) != (turn == 0) || v[i].p == rop ||
			    !v[i].pairs.n)
				continue;
			w = find_wanted(y, &v[i], s, true);
			if (w.hi >= w.lo)
				return true;
		}
	return false;
}

/* A wait can imply one that was placed before it, where rOperators run in
 * parts: those that the others imply go.  The first "given" are the policy's. */
static void
drop_implied(struct sync *y, struct step *s, int rop, size_t given)
{
	if (s->after.n - given < 2)
		return;
	for (size_t k = given; k < s->after.n;) {
		learn_all_but(y, s, k);
		if (wants_any(y, s, rop, s->after.v[k].rop)) {
			k++;
			continue;
		}
		s->after.n--;
		memmove(&s->after.v[k], &s->after.v[k + 1],
		        (s->after.n - k) * sizeof *s->after.v);
	}
	learn_all_but(y, s, s->after.n);
}

static int
by_recent(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return x[0] != y[0] ? y[0] - x[0] : y[1] - x[1];
}

/* Needs of rop, those on what was placed last first: their waits imply most
 * of the others. */
static size_t
recent_first(struct sync *y, int rop, int (**out)[2])
{
	size_t n = y->needs->first[rop + 1] - y->needs->first[rop];

	*out = arena_array(y->a, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		size_t k = y->needs->first[rop] + i;

		(*out)[i][0] = y->last_step[y->needs->v.v[k].p];
		(*out)[i][1] = (int)k;
	}
	if (n)
		qsort(*out, n, sizeof **out, by_recent);
	return n;
}

static int
take_run(struct sync *y, struct step s, int index)
{
	int rop = plan_rop(y->p, s.run, s.rop);
	int (*order)[2];
	size_t n, given = s.after.n;

	if (s.tasks.lo < 0 || s.tasks.hi >= y->p->rops.v[rop].ntasks ||
	    s.veus.lo < 0 || s.veus.hi >= y->width || s.veus.hi < s.veus.lo)
		return diag_error(y->d, POS_NONE, "the policy placed rTasks of "
		                  "'%s' where there are none", s.run);
	y->step = &s;
	y->own = NULL;
	y->learned_any = false;
	y->learned_us = 0;
	learn_given(y, &s);
	n = recent_first(y, rop, &order);
	for (size_t i = 0; i < n; i++) {
		const struct need *d = &y->needs->v.v[order[i][1]];
		struct wanted w;

		if (d->p == rop || !d->pairs.n)
			continue;	/* its own rTasks: the policy's matter */
		w = find_wanted(y, d, &s, y->kind == SYNC_BARRIER);
		if (w.unplaced)
			return unplaced(y, &s, d);
		if (w.hi < w.lo)
			continue;
		if (y->kind == SYNC_BARRIER) {
			put_barrier(y);
			break;
		}
		if (sync_tiles(y, &s, d, w.lo, w.hi))
			continue;
		if (rest_is_free(y, &s, &w)) {
			w.lo = 0;
			w.hi = y->p->rops.v[d->p].ntasks - 1;
		}
		put_waits(y, &s, &w);
	}
	drop_implied(y, &s, rop, given);
	y->last_step[rop] = index;
	sync_spread(y, &s, rop);
	vec_push(y->p->a, &y->out, s);
	return 0;
}

static void
sync_init(struct sync *y, const struct schedule *s)
{
	struct plan *p = y->p;
	size_t nr = p->rops.n, nv;

	for (size_t i = 0; i < s->steps.n; i++)
		if (s->steps.v[i].launch &&
		    s->steps.v[i].launch->width > y->width)
			y->width = s->steps.v[i].launch->width;
	y->wide = clock_wide(y->width);
	nv = (size_t)y->wide;
	y->spots = arena_array(y->a, nr + 1, sizeof *y->spots);
	for (size_t i = 0; i < nr; i++)
		y->spots[i] = arena_array(y->a, (size_t)p->rops.v[i].ntasks + 1,
		                          sizeof **y->spots);
	y->placed = arena_array(y->a, nr + 1, sizeof *y->placed);
	y->last_step = arena_array(y->a, nr + 1, sizeof *y->last_step);
	y->lasts = arena_array(y->a, nr + 1, sizeof *y->lasts);
	for (size_t i = 0; i < nr; i++)
		y->lasts[i].phase = -1;
	y->marked = arena_array(y->a, nv, sizeof *y->marked);
	y->last_at = arena_array(y->a, nv, sizeof *y->last_at);
	y->freed = arena_array(y->a, nv, sizeof *y->freed);
	y->done = arena_array(y->a, nv, sizeof *y->done);
	y->base = arena_array(y->a, nv, sizeof *y->base);
	y->learned = arena_array(y->a, nv, sizeof *y->learned);
	y->clock = arena_array(y->a, nv, sizeof *y->clock);
	y->stamp = arena_array(y->a, nv, sizeof *y->stamp);
	y->free_us = arena_array(y->a, nv, sizeof *y->free_us);
	for (size_t v = 0; v < nv; v++)
		y->stamp[v] = -1;
}

static int
take_all(struct sync *y, struct schedule *s)
{
	vec_room(y->p->a, &y->out, s->steps.n);
	for (size_t i = 0; i < s->steps.n; i++) {
		struct step *o = &s->steps.v[i];

		if (o->run) {
			if (take_run(y, *o, (int)i) < 0)
				return -1;
			continue;
		}
		if (i)
			sync_next_phase(y, y->p->device->launch_us);
		vec_push(y->p->a, &y->out, *o);
	}
	return 0;
}

int
sync_insert(struct plan *p, struct schedule *s, enum sync_kind k,
            struct diag *d)
{
	int64_t work = 0;
	struct arena tmp;
	struct needs n;
	int r;

	arena_init(&tmp);
	needs_make(&n, p, &tmp);
	r = sync_insert_in(p, s, k, &n, &tmp, &work, d);
	arena_release(&tmp);
	return r;
}

int
sync_insert_in(struct plan *p, struct schedule *s, enum sync_kind k,
               struct needs *n, struct arena *tmp, int64_t *work,
               struct diag *d)
{
	struct sync y = {.p = p, .d = d, .kind = k, .needs = n, .a = tmp};
	int r;

	sync_init(&y, s);
	r = take_all(&y, s);
	*work += y.work + y.needs->work;
	if (r < 0)
		return -1;
	s->steps.v = y.out.v;
	s->steps.n = y.out.n;
	s->steps.cap = y.out.cap;
	return 0;
}
