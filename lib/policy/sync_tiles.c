/* Waits of a step's rTasks for what each of them needs.
 *
 * One wait for all that a step needs costs a signal a vEU, and a look a vEU;
 * but every rTask then begins after the last one waited for.  A wait of each
 * for its own costs a signal and a look an rTask, so it is taken only where the
 * times at which rTasks are expected to be done show that it gains more. */
#include "policy/sync.h"

#define LOOKS 32	/* at once, of one vEU, at the price of one */
#define OWN_BYTES ((int64_t)128 << 20)	/* clocks of single rTasks, in all */

struct choice_of {		/* what is looked at for one step and need */
	struct sync *y;
	struct step *s;
	const struct need *d;
	const struct tiles *t;
	struct range *r;	/* [range][rTask of the step] */
	int64_t n, nv;		/* rTasks of the step, vEUs that run some */
	float *us;		/* [rTask of the step] when its own are done */
};

static float
latest(const struct sync *y, int rop, struct range r)
{
	float us = 0;

	for (int64_t t = r.lo; t <= r.hi; t++)
		if (y->spots[rop][t].phase == y->phase &&
		    y->spots[rop][t].us > us)
			us = y->spots[rop][t].us;
	return us;
}

/* Whether something could be gained at all: some rTasks of p end sooner than
 * those waited for, and some vEU is free before these are seen. */
static bool
may_gain(const struct sync *y, const struct step *s, const struct need *d,
         float all)
{
	float seen = (float)y->p->device->counter_us, first = all;
	const struct spot *p = y->spots[d->p];

	for (int64_t t = 0; t < y->p->rops.v[d->p].ntasks; t++)
		if (p[t].phase < y->phase)
			first = 0;
		else if (p[t].us < first)
			first = p[t].us;
	if (all - first <= seen / 2)
		return false;
	for (int64_t v = s->veus.lo; v <= s->veus.hi; v++)
		if (y->free_us[v] < all + seen / 2)
			return true;
	return false;
}

static void
find_ranges(struct choice_of *c)
{
	struct sync *y = c->y;
	int64_t np = y->p->rops.v[c->d->p].ntasks;

	c->r = arena_array(y->a, c->t->v.n * (size_t)c->n, sizeof *c->r);
	c->us = arena_array(y->a, (size_t)c->n, sizeof *c->us);
	for (size_t k = 0; k < c->t->v.n; k++)
		for (int64_t i = 0; i < c->n; i++) {
			struct range *r = &c->r[(int64_t)k * c->n + i];
			const char *why = "";
			float us;

			if (wait_range(y->p, c->d->q, c->s->tasks.lo + i,
			               &c->t->v.v[k], np, r, y->a, &why) < 0)
				BUG("tiles: %s", why);
			us = latest(y, c->d->p, *r);
			if (us > c->us[i])
				c->us[i] = us;
			y->work += r->hi - r->lo + 1;
		}
}

/* How much sooner a vEU is done with the step, on average. */
static double
gain(const struct choice_of *c, float all)
{
	const struct sync *y = c->y;
	float seen = (float)y->p->device->counter_us;
	float us = (float)sync_task_us(y, c->d->q, c->s);
	double sum = 0;

	for (int64_t v = 0; v < c->nv; v++) {
		float at = y->free_us[c->s->veus.lo + v], late;

		if (y->learned_any && at < y->learned_us + seen)
			at = y->learned_us + seen;
		late = at > all + seen ? at : all + seen;
		for (int64_t i = v; i < c->n; i += c->nv) {
			if (at < c->us[i] + seen)
				at = c->us[i] + seen;
			at += us;
			late += us;
		}
		sum += late - at;
	}
	return sum / (double)c->nv;
}

/* Into how many pieces at least the ranges cut p: those that begin at one rTask
 * are one. */
static int64_t
pieces(const struct choice_of *c)
{
	size_t np = (size_t)c->y->p->rops.v[c->d->p].ntasks;
	bool *seen = arena_array(c->y->a, np, sizeof *seen);
	int64_t n = 0;

	for (int64_t i = 0; i < (int64_t)c->t->v.n * c->n; i++) {
		n += !seen[c->r[i].lo];
		seen[c->r[i].lo] = true;
	}
	return n;
}

/* What the signals and looks beyond one a vEU cost each vEU, on average: each
 * is half of what passes between a signal and its being seen.  Looks of one
 * rTask go on side by side, some at a time.  Who else waits for all of p has
 * all pieces to look at. */
static double
cost(const struct choice_of *c)
{
	const struct sync *y = c->y;
	const struct lasts *l = &y->lasts[c->d->p];
	double others = (double)y->p->rops.v[c->d->p].succs.n - 1;
	double signals = -(double)l->v.n;
	double looks = (double)(c->n - c->nv) / (double)c->nv;

	for (int64_t t = 0; t < y->p->rops.v[c->d->p].ntasks; t++)
		signals += y->spots[c->d->p][t].phase == y->phase;
	signals /= (double)l->v.n;
	looks *= 1 + (double)(c->t->v.n - 1) / LOOKS;
	looks += others * (double)(pieces(c) / LOOKS);
	return (signals + looks) * y->p->device->counter_us / 2;
}

/* Whether some rTask of the step needs one of its k-th range that nothing puts
 * before it. */
static bool
is_wanted(const struct choice_of *c, size_t k)
{
	const struct sync *y = c->y;
	const struct spot *p = y->spots[c->d->p];

	for (int64_t i = 0; i < c->n; i++) {
		struct range r = c->r[(int64_t)k * c->n + i];
		int64_t u = c->s->tasks.lo + i, v = sync_veu(c->s, u);

		for (size_t j = 0; j < c->d->pairs.n; j++) {
			struct need_search n;

			need_search(&n, y->needs, c->d, &c->d->pairs.v[j], u);
			for (int64_t t = need_next(&n, r.lo); t >= 0 &&
			     t <= r.hi; t = need_next(&n, t + 1))
				if (!sync_implied(y, &p[t], v, u) &&
				    need_meets(&n, t, NULL))
					return true;
		}
	}
	return false;
}

struct block {			/* rTasks of p from one on: the range seen last */
	int64_t hi;
	struct own all;
	const int32_t *with;	/* the clock joined with it last, */
	int32_t *joined;	/* and the two together */
};

static int32_t *
new_clock(struct sync *y, const int32_t *from)
{
	y->own_bytes += y->wide * (int64_t)sizeof *from;
	return sync_copy(y, from);
}

static void
find_block(struct sync *y, int rop, struct block *b, struct range r)
{
	if (b->all.learned && b->hi == r.hi)
		return;
	b->hi = r.hi;
	b->with = NULL;
	b->all.learned = new_clock(y, NULL);
	b->all.us = latest(y, rop, r);
	for (int64_t t = r.hi; t >= r.lo; t--)
		sync_join(y, b->all.learned, &y->spots[rop][t]);
}

static void
learn_block(struct sync *y, struct own *o, struct block *b)
{
	if (o->us < b->all.us)
		o->us = b->all.us;
	if (!o->learned) {
		o->learned = b->all.learned;
		return;
	}
	if (b->with != o->learned) {
		b->with = o->learned;
		b->joined = new_clock(y, o->learned);
		clock_join(b->joined, b->all.learned, y->wide);
	}
	o->learned = b->joined;
}

void
sync_learn_own(struct sync *y, const struct step *s, const struct after *a)
{
	int64_t np = y->p->rops.v[a->rop].ntasks, n = s->tasks.hi - s->tasks.lo;
	int q = plan_rop(y->p, s->run, s->rop);
	struct block *blocks = arena_array(y->a, (size_t)np, sizeof *blocks);

	if (!y->own)
		y->own = arena_array(y->a, (size_t)n + 1, sizeof *y->own);
	for (int64_t i = 0; i <= n; i++) {
		const char *why = "";
		struct range r;

		if (wait_range(y->p, q, s->tasks.lo + i, &a->tasks, np, &r,
		               y->a, &why) < 0)
			continue;	/* of the policy's: the verifier's matter */
		find_block(y, a->rop, &blocks[r.lo], r);
		learn_block(y, &y->own[i], &blocks[r.lo]);
	}
}

/* The last ranges first: what they wait for implies much of the others.  The
 * step gets them in their own order. */
static void
place(const struct choice_of *c)
{
	struct sync *y = c->y;
	size_t first = c->s->after.n, n;

	for (size_t k = c->t->v.n; k-- > 0;) {
		struct after *a;

		if (!is_wanted(c, k))
			continue;
		a = vec_add(y->p->a, &c->s->after);
		a->run = y->p->rops.v[c->d->p].rop->run;
		a->rop = c->d->p;
		a->tasks = tiles_range(c->t, k, y->p->a);
		sync_learn_own(y, c->s, a);
	}
	n = c->s->after.n - first;
	for (size_t i = 0; i < n / 2; i++) {
		struct after *x = &c->s->after.v[first + i];
		struct after *z = &c->s->after.v[first + n - 1 - i], keep = *x;

		*x = *z;
		*z = keep;
	}
	y->own_bytes += c->n * y->wide * (int64_t)sizeof(int32_t);
	y->work += c->n * y->wide / CLOCK_LANES;
}

bool
sync_tiles(struct sync *y, struct step *s, const struct need *d, int64_t lo,
           int64_t hi)
{
	struct choice_of c = {.y = y, .s = s, .d = d,
		.n = s->tasks.hi - s->tasks.lo + 1,
		.nv = s->veus.hi - s->veus.lo + 1};
	float all = latest(y, d->p, (struct range){lo, hi});

	if (c.nv > c.n)
		c.nv = c.n;
	if (c.n < 2 || y->placed[d->p] < y->p->rops.v[d->p].ntasks ||
	    y->own_bytes > OWN_BYTES || !may_gain(y, s, d, all))
		return false;
	c.t = tiles_of(y->needs, d);
	if (!c.t->v.n)
		return false;
	find_ranges(&c);
	if (gain(&c, all) <= cost(&c))
		return false;
	place(&c);
	return true;
}
