/* Where the bytes that rTasks touch lie: a unit's cache and the one that all share,
 * each as a queue of what was brought in.  Something touched is there as long as
 * no more than the cache holds came in behind it. */
#include "verify/task_costs.h"

struct touch {			/* of a part of a tensor */
	int32_t unit;		/* the last; -1: several; -2: never */
	double unit_in, shared_in;	/* what had come in then */
};

struct kept {			/* of a tensor (a root) */
	const struct moved *by;	/* whose slices these are; NULL: none yet */
	struct touch *slice;
	struct touch whole;
};

struct cache {
	const struct plan *p;
	const struct device *v;
	struct arena *a;
	double holds[NEAR_NUM];
	double us_byte[NEAR_NUM];	/* of a unit */
	double *unit_in;	/* [unit] bytes that came in */
	double shared_in;
	enum near first;	/* where what was not touched yet comes from */
	struct kept *kept;	/* [tensor] */
};

/* All that a run touches besides what lives within it. */
static double
footprint(const struct plan *p)
{
	double bytes = 0;

	for (size_t i = 0; i < p->tensors.n; i++) {
		const struct ptensor *t = &p->tensors.v[i];

		if (t->used && t->root == (int)i && t->kind != PT_TEMP)
			bytes += (double)t->bytes;
	}
	return bytes;
}

struct cache *
cache_make(struct task_costs *t, int64_t units, struct arena *a)
{
	const struct plan *p = task_costs_plan(t);
	struct cache *c = arena_new(a, struct cache);
	double all = footprint(p);

	*c = (struct cache){.p = p, .v = p->device, .a = a};
	for (int i = 0; i < NEAR_NUM; i++) {
		c->holds[i] = roofline_bytes(c->v, (enum near)i);
		c->us_byte[i] = 1e-3 / roofline_unit_gbps(c->v, (enum near)i);
	}
	c->unit_in = arena_array(a, (size_t)units + 1, sizeof *c->unit_in);
	c->kept = arena_array(a, p->tensors.n + 1, sizeof *c->kept);
	for (size_t i = 0; i < p->tensors.n; i++)
		c->kept[i].whole.unit = -2;
	c->first = all <= c->holds[NEAR_UNIT] ? NEAR_UNIT
		: all <= c->holds[NEAR_SHARED] ? NEAR_SHARED : NEAR_MEMORY;
	return c;
}

/* The part of a tensor that an rTask touches.  Where others cut it otherwise, what
 * is known of the whole counts for each part. */
static struct touch *
part_of(struct cache *c, struct kept *k, const struct moved *m, int64_t task)
{
	if (!m->slice)
		return &k->whole;
	if (k->by != m) {
		k->by = m;
		k->slice = arena_array(c->a, (size_t)m->slices,
		                       sizeof *k->slice);
		for (int i = 0; i < m->slices; i++)
			k->slice[i] = k->whole;
	}
	return &k->slice[m->slice[task]];
}

static enum near
where(const struct cache *c, const struct touch *t, int64_t unit)
{
	if (t->unit == -2)
		return c->first;
	if (t->unit == unit && c->holds[NEAR_UNIT] > 0 &&
	    c->unit_in[unit] - t->unit_in <= c->holds[NEAR_UNIT])
		return NEAR_UNIT;
	return c->shared_in - t->shared_in <= c->holds[NEAR_SHARED]
		? NEAR_SHARED : NEAR_MEMORY;
}

static void
touched(const struct cache *c, struct touch *t, int64_t unit)
{
	t->unit = (int32_t)unit;
	t->unit_in = c->unit_in[unit];
	t->shared_in = c->shared_in;
}

/* What is written stays near, it need not be brought in. */
static enum near
touch(struct cache *c, int tensor, const struct moved *m, int64_t task,
      int64_t unit)
{
	struct kept *k = &c->kept[c->p->tensors.v[tensor].root];
	struct touch *t = part_of(c, k, m, task);
	bool several = k->whole.unit != -2 && k->whole.unit != unit;
	enum near n = where(c, t, unit);

	if (n != NEAR_UNIT)
		c->unit_in[unit] += m->bytes;
	if (n == NEAR_MEMORY)
		c->shared_in += m->bytes;
	touched(c, t, unit);
	if (t != &k->whole)
		touched(c, &k->whole, unit);
	if (several && m->written)
		k->whole.unit = -1;
	if (m->written)
		return c->holds[NEAR_UNIT] > 0 ? NEAR_UNIT : NEAR_SHARED;
	return n;
}

double
cache_task_us(struct cache *c, int rop, const struct load *l, int64_t task,
              int64_t unit, double from[NEAR_NUM])
{
	const struct prop *r = &c->p->rops.v[rop];
	double us = 0;

	for (size_t i = 0; i < r->args.n; i++) {
		const struct moved *m = &l->args[i];
		enum near n = touch(c, r->args.v[i].tensor, m, task, unit);

		us += m->bytes * c->us_byte[n];
		if (from)
			from[n] += m->bytes;
	}
	return l->scale * (us > l->compute_us ? us : l->compute_us);
}
