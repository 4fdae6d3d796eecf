/* Where the bytes that rTasks touch lie: each unit's caches, and the one that all
 * share, keep what was touched last.  Of a tensor they keep parts: what one rTask
 * touches.
 *
 * A cache loses nothing until half of its size was touched since, and then more
 * and more, up to 1.2 times its size: sets do not fill evenly, and others use it
 * too.  2 cores of 2021 that read the same bytes over and over read them as fast as
 * before up to half the size of their own cache or of the shared one, at the speed
 * half way to the next place at .75 to .9 of it, and at hardly more than that of
 * the next place at 1 and 1.25 of it. */
#include "verify/task_costs.h"

enum { AGES = 8 };

struct link {			/* in a list, newest first */
	struct link *prev, *next;
	double bytes;
	int age;		/* AGES: it is not there */
};

struct lru {
	struct link head;
	struct age {
		struct link *last;	/* of this and all younger ones; or the
					 * head */
		double bytes;
		double until;		/* of this and all younger ones */
	} age[AGES];
	double holds;
};

struct part {			/* of a tensor */
	struct link l1, unit, shared;
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
	struct lru *l1, *unit, shared;	/* l1, unit: [unit] */
	enum near first;	/* where what was not touched yet comes from */
	struct kept *kept;	/* [tensor] */
};

/* --- least recently used ------------------------------------------------- */

static void
lru_init(struct lru *l, double holds)
{
	l->head.prev = l->head.next = &l->head;
	l->holds = holds;
	for (int i = 0; i < AGES; i++)
		l->age[i] = (struct age){.last = &l->head,
			.until = holds * (0.625 + 0.125 * i)};
}

static void
lru_drop(struct lru *l, struct link *x)
{
	if (!x->next || x->age == AGES)
		return;
	for (int i = x->age; i < AGES && l->age[i].last == x; i++)
		l->age[i].last = x->prev;
	x->prev->next = x->next;
	x->next->prev = x->prev;
	l->age[x->age].bytes -= x->bytes;
	x->age = AGES;
}

/* The last of an age becomes the first of the next. */
static void
lru_age(struct lru *l, int age)
{
	struct link *x = l->age[age].last;

	if (age == AGES - 1) {
		lru_drop(l, x);
		return;
	}
	l->age[age].last = x->prev;
	l->age[age].bytes -= x->bytes;
	l->age[age + 1].bytes += x->bytes;
	x->age = age + 1;
}

/* Brings x to the front; those that it passes grow older.  How old a part is goes
 * by all that was touched since its first byte was, the part among it. */
static void
lru_use(struct lru *l, struct link *x, double bytes)
{
	int was = x->next && x->bytes == bytes ? x->age : AGES;
	double sum = 0;

	if (l->holds <= 0)
		return;
	lru_drop(l, x);
	x->bytes = bytes;
	x->age = 0;
	x->prev = &l->head;
	x->next = l->head.next;
	x->prev->next = x->next->prev = x;
	l->age[0].bytes += bytes;
	for (int i = 0; i < AGES && l->age[i].last == &l->head; i++)
		l->age[i].last = x;
	for (int i = 0; i < was; i++) {
		struct age *g = &l->age[i];

		sum += g->bytes;
		while (g->last->age == i && g->last != &l->head &&
		       sum > g->until) {
			sum -= g->last->bytes;
			lru_age(l, i);
		}
	}
}

/* The share of a part that is still there. */
static double
lru_kept(const struct link *x)
{
	return !x->next || x->age == AGES ? 0
		: x->age == 0 ? 1 : 1 - (x->age - 0.5) / (AGES - 1);
}

/* --- parts --------------------------------------------------------------- */

/* All that a run touches besides what lives within it: not what only makes constants
 * when the program is opened. */
static double
footprint(const struct plan *p, struct arena *a)
{
	bool *touched = arena_array(a, p->tensors.n + 1, sizeof *touched);
	double bytes = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->args.n && !r->rop->init; k++)
			touched[p->tensors.v[r->args.v[k].tensor].root] = true;
	}
	for (size_t i = 0; i < p->tensors.n; i++)
		if (touched[i] && p->tensors.v[i].kind != PT_TEMP)
			bytes += (double)p->tensors.v[i].bytes;
	return bytes;
}

struct cache *
cache_make(const struct plan *p, int64_t units, struct arena *a)
{
	const struct device *v = p->device;
	struct cache *c = arena_new(a, struct cache);
	double all = footprint(p, a), own = roofline_bytes(v, NEAR_UNIT);

	*c = (struct cache){.p = p, .a = a};
	for (int i = 0; i < NEAR_NUM; i++)
		c->us_byte[i] = 1e-3 / roofline_unit_gbps(v, (enum near)i);
	c->l1 = arena_array(a, (size_t)units + 1, sizeof *c->l1);
	c->unit = arena_array(a, (size_t)units + 1, sizeof *c->unit);
	for (int64_t i = 0; i < units; i++) {
		lru_init(&c->l1[i], roofline_bytes(v, NEAR_L1));
		lru_init(&c->unit[i], own);
	}
	lru_init(&c->shared, roofline_bytes(v, NEAR_SHARED));
	c->kept = arena_array(a, p->tensors.n + 1, sizeof *c->kept);
	c->first = all <= own ? NEAR_UNIT : all <= c->shared.holds
		? NEAR_SHARED : NEAR_MEMORY;
	return c;
}

/* Which shares of a part come from where. */
static void
where(const struct cache *c, const struct part *t, int64_t unit,
      double share[NEAR_NUM])
{
	double first = t->by == unit ? lru_kept(&t->l1) : 0;
	double own = t->by == unit ? lru_kept(&t->unit) : 0;
	double kept = lru_kept(&t->shared);

	for (int i = 0; i < NEAR_NUM; i++)
		share[i] = 0;
	if (!t->touched) {
		share[c->first] = 1;
		return;
	}
	share[NEAR_L1] = first;
	share[NEAR_UNIT] = (1 - first) * own;
	share[NEAR_SHARED] = (1 - first) * (1 - own) * kept;
	share[NEAR_MEMORY] = (1 - first) * (1 - own) * (1 - kept);
}

/* The unit that touched it last keeps nothing of it. */
static void
leave(struct cache *c, struct part *t)
{
	if (t->by < 0)
		return;
	lru_drop(&c->l1[t->by], &t->l1);
	lru_drop(&c->unit[t->by], &t->unit);
}

/* The tensor is cut in another way now.  The new parts are where most of the old
 * ones are; these go. */
static void
recut(struct cache *c, struct kept *k, const struct moved *m)
{
	struct part all = {.by = k->n ? k->part[0].by : -1}, *new;
	double shared = 0, own = 0;

	for (int i = 0; i < k->n; i++) {
		struct part *o = &k->part[i];

		if (o->by != all.by)
			all.by = -1;
		all.touched |= o->touched;
		shared += lru_kept(&o->shared);
		own += lru_kept(&o->unit);
		leave(c, o);
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
static void
touch(struct cache *c, int tensor, const struct moved *m, int64_t task,
      int64_t unit, double share[NEAR_NUM])
{
	struct kept *k = &c->kept[c->p->tensors.v[tensor].root];
	struct part *t;

	if (k->by != m)
		recut(c, k, m);
	t = &k->part[m->slice ? m->slice[task] : 0];
	where(c, t, unit, share);
	if (t->by != unit)
		leave(c, t);
	t->by = (int32_t)unit;
	t->touched = true;
	lru_use(&c->l1[unit], &t->l1, m->bytes);
	lru_use(&c->unit[unit], &t->unit, m->bytes);
	lru_use(&c->shared, &t->shared, m->bytes);
	if (m->written && (c->unit->holds > 0 || c->shared.holds > 0)) {
		share[NEAR_L1] = 0;
		share[NEAR_UNIT] = c->unit->holds > 0;
		share[NEAR_SHARED] = !(c->unit->holds > 0);
		share[NEAR_MEMORY] = 0;
	}
}

double
cache_task_us(struct cache *c, int rop, const struct load *l, int64_t task,
              int64_t unit, double from[NEAR_NUM])
{
	const struct prop *r = &c->p->rops.v[rop];
	double us = 0, share[NEAR_NUM];

	for (size_t i = 0; i < r->cls->args.n; i++) {
		const struct moved *m = &l->args[i];

		touch(c, r->args.v[i].tensor, m, task, unit, share);
		for (int n = 0; n < NEAR_NUM; n++) {
			us += m->bytes * share[n] * c->us_byte[n];
			if (from)
				from[n] += m->bytes * share[n];
		}
	}
	return load_us(l, us > l->compute_us ? us : l->compute_us);
}
