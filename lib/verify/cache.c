/* Where the bytes that rTasks touch lie: each unit's cache, and the one that all
 * share, keep what was touched last (least recently used goes).  Of a tensor they
 * keep parts: what one rTask touches. */
#include "verify/task_costs.h"

struct link {			/* in a list, newest first; in: it is */
	struct link *prev, *next;
	double bytes;
	bool in;
};

struct lru {
	struct link head;
	double bytes, holds;
};

struct part {			/* of a tensor */
	struct link unit, shared;
	int32_t by;		/* unit that touched it last; -1: several or
				 * none that is known */
	bool touched;		/* in this run */
};

struct kept {			/* of a tensor (a root) */
	const struct moved *by;	/* whose parts these are; NULL: nobody's */
	struct part *part;
	int n;
};

struct cache {
	const struct plan *p;
	struct arena *a;
	double us_byte[NEAR_NUM];	/* of a unit */
	struct lru *unit, shared;	/* unit: [unit] */
	enum near first;	/* where what was not touched yet comes from */
	struct kept *kept;	/* [tensor] */
};

/* --- least recently used ------------------------------------------------- */

static void
lru_init(struct lru *l, double holds)
{
	l->head.prev = l->head.next = &l->head;
	l->holds = holds;
	l->bytes = 0;
}

static void
lru_drop(struct lru *l, struct link *x)
{
	if (!x->in)
		return;
	x->prev->next = x->next;
	x->next->prev = x->prev;
	l->bytes -= x->bytes;
	x->in = false;
}

/* Brings x to the front; the last ones go where there is not enough room. */
static void
lru_use(struct lru *l, struct link *x, double bytes)
{
	lru_drop(l, x);
	x->bytes = bytes;
	x->prev = &l->head;
	x->next = l->head.next;
	x->prev->next = x->next->prev = x;
	x->in = true;
	l->bytes += bytes;
	while (l->bytes > l->holds && l->head.prev != &l->head)
		lru_drop(l, l->head.prev);
}

/* --- parts --------------------------------------------------------------- */

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
cache_make(const struct plan *p, int64_t units, struct arena *a)
{
	const struct device *v = p->device;
	struct cache *c = arena_new(a, struct cache);
	double all = footprint(p), own = roofline_bytes(v, NEAR_UNIT);

	*c = (struct cache){.p = p, .a = a};
	for (int i = 0; i < NEAR_NUM; i++)
		c->us_byte[i] = 1e-3 / roofline_unit_gbps(v, (enum near)i);
	c->unit = arena_array(a, (size_t)units + 1, sizeof *c->unit);
	for (int64_t i = 0; i < units; i++)
		lru_init(&c->unit[i], own);
	lru_init(&c->shared, roofline_bytes(v, NEAR_SHARED));
	c->kept = arena_array(a, p->tensors.n + 1, sizeof *c->kept);
	c->first = all <= own ? NEAR_UNIT : all <= c->shared.holds
		? NEAR_SHARED : NEAR_MEMORY;
	return c;
}

static enum near
where(const struct cache *c, const struct part *t, int64_t unit)
{
	if (!t->touched)
		return c->first;
	if (t->by == unit && t->unit.in)
		return NEAR_UNIT;
	return t->shared.in ? NEAR_SHARED : NEAR_MEMORY;
}

/* The tensor is cut in another way now.  The new parts are where most of the old
 * ones are; these go. */
static void
recut(struct cache *c, struct kept *k, const struct moved *m)
{
	struct part all = {.by = k->n ? k->part[0].by : -1}, *new;
	int shared = 0, own = 0;

	for (int i = 0; i < k->n; i++) {
		struct part *o = &k->part[i];

		if (o->by != all.by)
			all.by = -1;
		all.touched |= o->touched;
		shared += o->shared.in;
		own += o->unit.in;
		if (o->by >= 0)
			lru_drop(&c->unit[o->by], &o->unit);
		lru_drop(&c->shared, &o->shared);
	}
	new = arena_array(c->a, (size_t)m->slices, sizeof *new);
	for (int i = 0; i < m->slices; i++) {
		new[i].touched = all.touched;
		new[i].by = all.by;
		if (all.by >= 0 && 2 * own > k->n)
			lru_use(&c->unit[all.by], &new[i].unit, m->bytes);
		if (2 * shared > k->n)
			lru_use(&c->shared, &new[i].shared, m->bytes);
	}
	k->by = m;
	k->part = new;
	k->n = m->slices;
}

/* What is written need not be brought in. */
static enum near
touch(struct cache *c, int tensor, const struct moved *m, int64_t task,
      int64_t unit)
{
	struct kept *k = &c->kept[c->p->tensors.v[tensor].root];
	struct part *t;
	enum near n;

	if (k->by != m)
		recut(c, k, m);
	t = &k->part[m->slice ? m->slice[task] : 0];
	n = where(c, t, unit);
	if (t->by >= 0 && t->by != unit)
		lru_drop(&c->unit[t->by], &t->unit);
	t->by = (int32_t)unit;
	t->touched = true;
	lru_use(&c->unit[unit], &t->unit, m->bytes);
	lru_use(&c->shared, &t->shared, m->bytes);
	if (m->written && c->unit->holds > 0)
		return NEAR_UNIT;
	return m->written && c->shared.holds > 0 ? NEAR_SHARED : n;
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
