/* The memory planner: offsets of tensors in their bases.
 *
 * Temporaries are placed greedily, the largest first, each at the lowest
 * offset at which it meets no tensor that may be alive at the same time.  Two
 * may share bytes only where the schedule orders all accesses to one before
 * all to the other; so what is made here is legal by construction, and the
 * verifier is asked all the same. */
#include "emit/memory.h"

#include <stdlib.h>

struct slot {			/* a temporary in the arena */
	int tensor;
	int64_t offset, bytes;
};

struct planner {
	struct plan *p;
	struct memory *m;
	int64_t align;
	bool own;
	const struct order *order;
	VEC(struct slot) temps;		/* largest first */
	VEC(struct slot) placed;	/* by offset */
};

static int64_t
round_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

static void
put(struct planner *pl, int tensor, enum base base, int64_t offset)
{
	const struct ptensor *t = &pl->p->tensors.v[tensor];
	struct place *to = vec_add(pl->p->a, &pl->m->places);

	to->name = t->name;
	to->base = base;
	to->offset = offset;
	to->bytes = t->bytes;
}

/* Appends to a base that only grows. */
static void
stack_up(struct planner *pl, int tensor, enum base base, int64_t *size)
{
	put(pl, tensor, base, round_up(*size, pl->align));
	*size = round_up(*size, pl->align) + pl->p->tensors.v[tensor].bytes;
}

static void
insert(struct planner *pl, struct slot s)
{
	size_t i = pl->placed.n;

	vec_push(pl->p->a, &pl->placed, s);
	for (; i > 0 && pl->placed.v[i - 1].offset > s.offset; i--)
		pl->placed.v[i] = pl->placed.v[i - 1];
	pl->placed.v[i] = s;
}

/* The lowest offset for s among those placed. */
static int64_t
find_gap(const struct planner *pl, const struct slot *s)
{
	int64_t at = 0;

	for (size_t i = 0; i < pl->placed.n; i++) {
		const struct slot *o = &pl->placed.v[i];

		if (o->offset + o->bytes <= at)
			continue;
		if (o->offset >= at + s->bytes)
			break;
		if (order_either(pl->order, s->tensor, o->tensor))
			continue;
		at = round_up(o->offset + o->bytes, pl->align);
	}
	return at;
}

static int
by_size(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->tensor - y->tensor;
}

static void
place_temps(struct planner *pl)
{
	int64_t *offset = arena_array(pl->p->a, pl->p->tensors.n + 1,
	                              sizeof *offset);

	if (pl->temps.n)
		qsort(pl->temps.v, pl->temps.n, sizeof *pl->temps.v, by_size);
	for (size_t i = 0; i < pl->temps.n; i++) {
		struct slot s = pl->temps.v[i];

		s.offset = offset[s.tensor] = find_gap(pl, &s);
		insert(pl, s);
		if (s.offset + s.bytes > pl->m->arena)
			pl->m->arena = s.offset + s.bytes;
	}
	for (size_t i = 0; i < pl->p->tensors.n; i++) {
		const struct ptensor *t = &pl->p->tensors.v[i];

		if (t->root == (int)i && t->kind == PT_TEMP && t->used)
			put(pl, (int)i, BASE_ARENA, offset[i]);
	}
}

/* What lies in the arena is left for place_temps. */
static void
place_one(struct planner *pl, int i)
{
	const struct ptensor *t = &pl->p->tensors.v[i];

	switch (t->kind) {
	case PT_INPUT:
		put(pl, i, BASE_INPUT, 0);
		break;
	case PT_OUTPUT:
		put(pl, i, BASE_OUTPUT, 0);
		break;
	case PT_STATE:
		put(pl, i, BASE_STATE, 0);
		break;
	case PT_CONST:
		if (t->used)
			stack_up(pl, i, BASE_WEIGHTS, &pl->m->weights);
		break;
	case PT_PACKED:
		stack_up(pl, i, BASE_PACKED, &pl->m->packed);
		break;
	case PT_TEMP:
		if (t->used && pl->own)
			put(pl, i, BASE_OWN, 0);
		else if (t->used)
			vec_push(pl->p->a, &pl->temps,
			         ((struct slot){i, 0, t->bytes}));
		break;
	}
}

struct memory *
memory_make(struct plan *p, const struct schedule *s, const struct order *o,
            int64_t align, bool own, struct diag *d)
{
	struct planner pl = {.p = p, .align = align, .own = own, .order = o};

	pl.m = arena_new(p->a, struct memory);
	for (size_t i = 0; i < p->tensors.n; i++)
		if (p->tensors.v[i].root == (int)i)
			place_one(&pl, (int)i);
	if (pl.temps.n) {
		if (!o)
			pl.order = order_make(p, s, p->a, d);
		if (!pl.order)
			return NULL;
		place_temps(&pl);
	}
	return pl.m;
}
