/* Whether constants are worth a copy under another layout. */
#include "partition/work.h"

/* Whether a kernel of the user's own does o as it is. */
static bool
own_fits(struct work *w, const struct lop *o)
{
	const struct class_fit *f = class_fit(w, o);

	for (size_t i = 0; i < f->names.n; i++)
		if (kernels_find(w->kernels, f->names.v[i])->own)
			return true;
	return false;
}

/* Whether several operators read what g reads, and not only others of its root: one
 * of them may have its copy already. */
static bool
several_read(const struct work *w, const struct larg *g)
{
	const struct ints *by = &w->info.v[root_of(w, g->value)].readers;
	int n = map_get(&w->copies, layout_copy_key(w, g->value,
	                                            g->layout, &g->shape)) >= 0;

	for (size_t i = 0; i < by->n && n < 2; i++) {
		const struct lop *o = &w->low.ops.v[by->v[i]];
		bool reads = false;

		for (size_t k = 0; k < o->args.n; k++)
			reads |= o->args.v[k].value == g->value;
		n += reads;
	}
	return n > 1;
}

static bool
passes_l2(const struct work *w, int value)
{
	const struct value *v = value_of(w, value);

	return w->device->l2 > 0 &&
		value_elems(v) * (int64_t)dtype_bytes(v->type) > w->device->l2;
}

bool
layout_pays(struct work *w, const struct lop *o, const struct lop *n,
            const struct kernel *k)
{
	bool often = k->own;

	for (size_t i = 0; i < n->args.n; i++) {
		const struct larg *g = &n->args.v[i];

		if (!g->layout)
			continue;
		if (!w->info.v[root_of(w, g->value)].constant)
			return true;
		often |= several_read(w, g) || passes_l2(w, g->value);
	}
	return often && (k->own || !own_fits(w, o));
}
