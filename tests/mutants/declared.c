/* Declared regions compared byte by byte: the plain way. */
#include "declared.h"

#include <stdlib.h>

struct bytes {			/* of a stretch of memory, one each */
	unsigned char *v;
	int64_t n;
};

/* Sets the bytes that an element of a box covers, or looks whether some in
 * [lo, hi) are set. */
static bool
element(struct bytes *b, int64_t at, int64_t size, bool set, int64_t lo,
        int64_t hi)
{
	for (int64_t i = at; i < at + size && i < b->n; i++)
		if (set)
			b->v[i] = 1;
		else if (b->v[i] && i >= lo && i < hi)
			return true;
	return false;
}

/* The same for all elements of an argument's boxes; from: where the argument
 * begins. */
static bool
region(const struct plan *p, int rop, size_t arg, int64_t task,
       struct bytes *b, int64_t from, bool set, int64_t lo, int64_t hi)
{
	const struct parg *g = &p->rops.v[rop].args.v[arg];
	int64_t size = (int64_t)dtype_bytes(p->tensors.v[g->tensor].type);
	struct boxes boxes = {0};
	struct arena tmp;
	bool found = false;

	arena_init(&tmp);
	plan_boxes(p, rop, arg, task, &tmp, &boxes);
	for (size_t i = 0; i < boxes.n && !found; i++) {
		const struct box *x = &boxes.v[i];
		int64_t index[BOX_DIMS];
		int k = box_empty(x) ? -1 : 0;

		for (int j = 0; j < x->nd; j++)
			index[j] = x->lo[j];
		while (k >= 0 && !found) {
			int64_t e = 0;

			for (int j = 0; j < x->nd; j++)
				e = e * g->stored.v[j] + index[j];
			found = element(b, from + e * size, size, set, lo, hi);
			for (k = x->nd - 1; k >= 0 && ++index[k] == x->hi[k]; k--)
				index[k] = x->lo[k];
		}
	}
	arena_release(&tmp);
	return found;
}

static int64_t
offset_of(const struct memory *m, const char *name)
{
	for (size_t i = 0; i < m->places.n; i++)
		if (!strcmp(m->places.v[i].name, name))
			return m->places.v[i].offset;
	return 0;
}

/* Arguments x of t and y of u: roots lie at the offsets of m, or at 0. */
static bool
arguments_meet(const struct plan *p, const struct memory *m,
               const struct witness_pair *w, size_t x, size_t y)
{
	const struct ptensor *a = &p->tensors.v[p->rops.v[w->p].args.v[x].tensor];
	const struct ptensor *b = &p->tensors.v[p->rops.v[w->q].args.v[y].tensor];
	const struct ptensor *ra = &p->tensors.v[a->root];
	const struct ptensor *rb = &p->tensors.v[b->root];
	int64_t at_a = m ? offset_of(m, ra->name) : 0;
	int64_t at_b = m ? offset_of(m, rb->name) : 0;
	int64_t at = w->root >= 0 && m ?
		offset_of(m, p->tensors.v[w->root].name) : 0;
	struct bytes all = {NULL, m ? m->arena : ra->bytes};
	bool found;

	all.v = calloc((size_t)all.n + 1, 1);
	if (!all.v)
		abort();
	region(p, w->p, x, w->t, &all, at_a + a->offset, true, 0, 0);
	found = region(p, w->q, y, w->u, &all, at_b + b->offset, false,
	               w->root >= 0 ? at + w->lo : 0,
	               w->root >= 0 ? at + w->hi : all.n);
	free(all.v);
	return found;
}

static bool
pair_meets(const struct plan *p, const struct memory *m,
           const struct witness_pair *w)
{
	const struct prop *a = &p->rops.v[w->p], *b = &p->rops.v[w->q];

	for (size_t x = 0; x < a->args.n; x++)
		for (size_t y = 0; y < b->args.n; y++) {
			bool one = p->tensors.v[a->args.v[x].tensor].root ==
				p->tensors.v[b->args.v[y].tensor].root;

			if ((parg_written(a, x) || parg_written(b, y)) &&
			    one == !m && arguments_meet(p, m, w, x, y))
				return true;
		}
	return false;
}

bool
declared_meet(const struct plan *p, const struct memory *m, enum fault found,
              const struct witness *w)
{
	if (found != FAULT_ORDER && found != FAULT_MEMORY)
		return false;
	for (size_t i = 0; i < w->pairs.n; i++)
		if (!pair_meets(p, found == FAULT_MEMORY ? m : NULL,
		                &w->pairs.v[i]))
			return false;
	return true;
}
