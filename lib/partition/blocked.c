/* Blocked layouts.
 *
 * A kernel's head may ask for layouts (X: NCHW16c).  Operators with weights,
 * as convolutions, are given such a kernel wherever one fits, or, if it is about
 * constants alone (B: BKNk32n), where that pays; others keep a
 * layout that their operands have already, where a kernel does it: pooling,
 * elementwise Maps, reductions over what lies between the blocks.  Everything
 * else sees row-major tensors.  Between the two stands a Copy, whose one side
 * is written in stored dimensions; of a constant it runs once. */
#include <string.h>

#include "base/str.h"
#include "op/util.h"
#include "partition/work.h"
#include "rkernel/layout.h"

/* --- values under a layout --------------------- */

static const char *
layout_of(const struct work *w, int value)
{
	return w->info.v[value].layout;
}

static const struct ints *
shape_of(const struct work *w, int value)
{
	return &value_of(w, value)->shape;
}

/* Values that the caller or other tensors look into stay row-major. */
static bool
may_change(const struct work *w, int value)
{
	const struct vinfo *v = &w->info.v[value];

	return !v->lasting && !v->viewed && v->of < 0 && v->writers.n == 1;
}

/* Steps in memory of logical dimensions as they are stored under a layout. */
static int
stored_steps(struct work *w, const char *layout, const struct ints *shape,
             struct ints *stored, int *dim, int64_t *scale, int64_t *step)
{
	int n = layout_map(layout, shape, dim, scale);
	int64_t s = 1;

	if (n < 0 || layout_stored(w->a, layout, shape, stored) < 0)
		BUG("layout %s", layout);
	for (int k = n; k-- > 0;) {
		step[k] = s;
		s *= stored->v[k];
	}
	return n;
}

/* The copy from row-major to the layout (to_layout), or back.  The parts of
 * the layout are walked in the order of the destination. */
static struct strided
reorder(struct work *w, const char *layout, const struct ints *shape,
        bool to_layout)
{
	int dim[BOX_DIMS], n;
	int64_t scale[BOX_DIMS], step[BOX_DIMS], row[BOX_DIMS], s = 1;
	struct strided r = {.src = {0}};
	struct ints stored;

	n = stored_steps(w, layout, shape, &stored, dim, scale, step);
	for (size_t d = shape->n; d-- > 0;) {
		row[d] = s;
		s *= shape->v[d];
	}
	for (size_t d = 0; d < (to_layout ? 1 : shape->n); d++)
		for (int k = 0; k < n; k++) {
			if (!to_layout && dim[k] != (int)d)
				continue;
			dims_add(&r.dims, stored.v[k]);
			dims_add(&r.src, to_layout ? row[dim[k]] * scale[k] :
			         step[k]);
		}
	return r;
}

/* Appends the operator that makes y from x, under the condition cond; one of
 * them has the layout. */
static void
add_copy(struct work *w, int y, int x, const char *layout, bool to_layout,
         int cond)
{
	size_t views = w->low.views.n, ops = w->low.ops.n;

	w->low.node = value_of(w, y)->name;
	w->low.under = cond;
	lower_strided(&w->low, y, x, reorder(w, layout, shape_of(w, to_layout
	                                     ? y : x), to_layout));
	if (w->low.views.n != views || w->low.ops.n != ops + 1)
		BUG("reordering '%s' needs no copy", value_of(w, x)->name);
	w->low.ops.v[ops].nodes = (struct strs){0};
	w->low.under = -1;
}

/* The innermost condition around both. */
static int
around(const struct net *n, int c, int other)
{
	while (!net_within(n, other, c))
		c = n->conditions.v[c].within;
	return c;
}

/* What makes a value, be it a copy made here; NULL: an input or a constant. */
static struct lop *
maker(const struct work *w, int value)
{
	const struct ints *by = &w->info.v[root_of(w, value)].writers;

	if (by->n)
		return &w->low.ops.v[by->v[0]];
	for (size_t i = w->low.ops.n; i-- > 0;)
		if (lop_output(&w->low.ops.v[i]) &&
		    lop_output(&w->low.ops.v[i])->value == value)
			return &w->low.ops.v[i];
	return NULL;
}

/* The condition of a copy of x for a reader under cond: not outside that of x,
 * which a Where may read from there. */
static int
copied_under(const struct work *w, int x, int cond)
{
	const struct lop *o;

	if (!w->net.conditions.n || w->info.v[root_of(w, x)].constant)
		return -1;
	o = maker(w, x);
	return !o || net_within(&w->net, cond, o->cond) ? cond : o->cond;
}

static int
fresh(struct work *w, int like, const char *layout, const struct ints *shape)
{
	const struct value *v = value_of(w, like);
	const char *hint = arena_printf(w->a, "%s.%s", v->name,
	                                layout ? layout : "plain");
	int value = net_fresh(&w->net, hint, v->type, shape->v, shape->n);

	work_grow(w);
	w->info.v[value].layout = layout;
	w->info.v[value].constant = w->info.v[root_of(w, like)].constant;
	return value;
}

const char *
layout_copy_key(const struct work *w, int x, const char *layout,
                const struct ints *shape)
{
	return arena_printf(w->a, "%d %s %s", x, layout ? layout : "-",
	                    shape_text(w->a, shape));
}

/* The value whose elements are x's and which is stored under the layout (NULL:
 * row-major), for a reader under cond that sees it in that shape: x itself, or a
 * copy, made once. */
static int
as_layout(struct work *w, int x, const char *layout, const struct ints *shape,
          int cond)
{
	const char *is = layout_of(w, x), *key;
	int y;

	if (str_eq(is, layout) || (!is && layout_row_major(layout, shape)))
		return x;
	if (is && layout)
		return as_layout(w, as_layout(w, x, NULL, shape_of(w, x), cond),
		                 layout, shape, cond);
	key = layout_copy_key(w, x, layout, shape);
	cond = copied_under(w, x, cond);
	if ((y = map_get(&w->copies, key)) >= 0) {
		struct lop *o = w->net.conditions.n ? maker(w, y) : NULL;

		if (o)		/* which has one reader more */
			o->cond = around(&w->net, o->cond, cond);
		return y;
	}
	y = fresh(w, x, layout, shape);
	add_copy(w, y, x, layout ? layout : is, layout != NULL, cond);
	map_set(&w->copies, key, y);
	diag_explain(w->d, "layout: '%s' is reordered to %s",
	             value_of(w, x)->name, layout ? layout : "row-major");
	return y;
}

/* --- what kernels ask for --------------------- */

/* The layout that a kernel's head gives an argument, or NULL. */
static const char *
asked(const struct kernel *k, const char *arg)
{
	for (size_t i = 0; i < k->args.n; i++)
		if (str_eq(k->args.v[i].name, arg))
			return k->args.v[i].layout;
	return NULL;
}

static bool
asks(const struct kernel *k)
{
	return k->head.layout.n > 0;
}

/* The operands of maps keep their layout where their shape is the value's. */
static const char *
extra_layout(const struct work *w, const struct larg *x)
{
	return shape_eq(&x->shape, shape_of(w, x->value)) ?
		layout_of(w, x->value) : NULL;
}

/* o with the layouts of kernel k; the tensors are as they were. */
static struct lop
dressed(struct work *w, const struct lop *o, const struct kernel *k)
{
	struct lop n = *o;

	n.args.v = NULL;
	n.args.n = n.args.cap = 0;
	for (size_t i = 0; i < o->args.n; i++) {
		struct larg g = o->args.v[i];

		g.layout = g.on ? extra_layout(w, &g) :
			k ? asked(k, g.arg) : NULL;
		vec_push(w->a, &n.args, g);
	}
	return n;
}

/* Copies that activations need if o is dressed so; *weights: a constant has a
 * layout. */
static int
copies_needed(const struct work *w, const struct lop *n, bool *weights)
{
	int count = 0;

	*weights = false;
	for (size_t i = 0; i < n->args.n; i++) {
		const struct larg *g = &n->args.v[i];
		int root = root_of(w, g->value);

		if (g->out || g->on)
			continue;
		if (w->info.v[root].constant)
			*weights |= g->layout != NULL;
		else
			count += !str_eq(g->layout, layout_of(w, g->value));
	}
	return count;
}

static bool
row_major_constant(const struct work *w, int value)
{
	return w->info.v[root_of(w, value)].constant && !layout_of(w, value);
}

/* Whether each tensor that gets a layout is seen as it is: a Reshape on the way
 * (a 1-D convolution is lowered to a 2-D one) would tear blocks apart.  Constants
 * are copied from row-major, in whatever shape they are seen. */
static bool
storable(struct work *w, const struct lop *n)
{
	for (size_t i = 0; i < n->args.n; i++) {
		const struct larg *g = &n->args.v[i];
		struct ints stored;

		if (!g->layout)
			continue;
		if (layout_stored(w->a, g->layout, &g->shape, &stored) < 0 ||
		    (!shape_eq(&g->shape, shape_of(w, g->value)) &&
		     (g->out || !row_major_constant(w, g->value))))
			return false;
	}
	return true;
}

/* The kernel whose layouts o is to have, or NULL. */
static const struct kernel *
choose(struct work *w, const struct lop *o)
{
	const struct kernel *best = NULL;
	double best_us = 0;
	int fewest = 0;

	for (size_t i = 0; i < w->kernels->v.n; i++) {
		const struct kernel *k = &w->kernels->v.v[i];
		struct class_fit *f;
		struct lop n;
		bool weights;
		int copies;

		if (!asks(k) || !str_eq(k->head.form, o->form))
			continue;
		n = dressed(w, o, k);
		if (!storable(w, &n))
			continue;
		copies = copies_needed(w, &n, &weights);
		if ((copies && !weights) || !layout_pays(w, o, &n, k))
			continue;
		f = class_fit(w, &n);
		if (!f->names.n || (best && (copies > fewest ||
		    (copies == fewest && f->best_us >= best_us))))
			continue;
		best = k;
		best_us = f->best_us;
		fewest = copies;
	}
	return best;
}

struct class_fit *
layout_fit(struct work *w, const struct lop *o)
{
	const struct kernel *k = choose(w, o);
	struct lop n = *o;

	if (k)
		n = dressed(w, o, k);
	return class_fit(w, &n);
}

/* --- operators --------------------- */

/* The value that an output of operator i writes under the layout: the value
 * itself, or another from which it is then copied, under cond. */
static int
output_value(struct work *w, int value, const char *layout, int cond)
{
	int made;

	if (!layout || layout_row_major(layout, shape_of(w, value)))
		return value;
	if (may_change(w, value)) {
		w->info.v[value].layout = layout;
		return value;
	}
	made = fresh(w, value, layout, shape_of(w, value));
	add_copy(w, value, made, layout, false, cond);
	return made;
}

/* Gives operator i the layouts of kernel k (NULL: none). */
static void
dress(struct work *w, size_t i, const struct kernel *k)
{
	struct lop n = dressed(w, &w->low.ops.v[i], k);

	for (size_t j = 0; j < n.args.n; j++) {
		struct larg *g = &n.args.v[j];

		if (g->out)
			g->value = output_value(w, g->value, g->layout, n.cond);
		else
			g->value = as_layout(w, g->value, g->layout, g->layout ?
			                     &g->shape : shape_of(w, g->value),
			                     n.cond);
	}
	w->low.ops.v[i] = n;
	if (k)
		diag_explain(w->d, "layout: '%s' as kernel %s asks",
		             value_of(w, lop_output(&n)->value)->name,
		             k->head.kernel);
}

/* --- Maps --------------------- */

/* The layout that operands of the whole shape have, if they agree. */
static const char *
common_layout(struct work *w, const struct lop *o)
{
	const struct larg *y = &o->args.v[0];
	const char *layout = NULL;

	for (size_t i = 1; i < o->args.n; i++) {
		const struct larg *x = &o->args.v[i];
		const char *l = layout_of(w, x->value);

		if (!l || !shape_eq(&x->shape, &y->shape) ||
		    !shape_eq(shape_of(w, x->value), shape_of(w, y->value)))
			continue;
		if (layout && !str_eq(l, layout))
			return NULL;
		layout = l;
	}
	return layout;
}

/* An operand's dimensions among the stored ones of the layout, if its own
 * row-major order is theirs: its blocked dimension, once split, must not stand
 * apart from its block. */
static bool
stored_operand(struct work *w, const struct larg *x, const struct larg *y,
               const char *layout, const struct ints *logical,
               struct ints *out)
{
	int dim[BOX_DIMS], n;
	int64_t scale[BOX_DIMS], step[BOX_DIMS];
	struct ints at, stored;
	int last = -1;

	*out = (struct ints){0};
	if (!operand_realign(w->a, &x->shape, &y->shape, logical, &at))
		return false;
	n = stored_steps(w, layout, logical, &stored, dim, scale, step);
	for (int k = 0; k < n; k++) {
		int64_t size = at.v[dim[k]] == 1 ? 1 : stored.v[k];

		if (size > 1 && dim[k] < last)
			return false;
		if (size > 1)
			last = dim[k];
		vec_push(w->a, out, size);
	}
	return true;
}

/* Map i over the stored elements: Y's shape is the stored one. */
static bool
map_stored(struct work *w, size_t i)
{
	struct lop n = w->low.ops.v[i];
	const char *layout = common_layout(w, &n);
	struct larg y = n.args.v[0];
	const struct ints logical = *shape_of(w, y.value);
	struct ints stored;

	if (!layout || !may_change(w, y.value))
		return false;
	for (size_t k = 0; k < y.map.n; k++)
		if (expr_uses_coordinates(y.map.v[k]))
			return false;
	if (layout_stored(w->a, layout, &logical, &stored) < 0)
		return false;
	n.args.v = NULL;
	n.args.n = n.args.cap = 0;
	for (size_t k = 0; k < w->low.ops.v[i].args.n; k++) {
		struct larg g = w->low.ops.v[i].args.v[k];
		bool whole = k == 0 || (shape_eq(&g.shape, &y.shape) &&
			shape_eq(shape_of(w, g.value), &logical));

		if (whole)
			g.shape = stored;
		else if (layout_of(w, g.value) ||
		         !stored_operand(w, &w->low.ops.v[i].args.v[k], &y,
		                         layout, &logical, &g.shape))
			return false;
		vec_push(w->a, &n.args, g);
	}
	if (!class_fit(w, &n)->names.n)
		return false;
	for (size_t k = 1; k < n.args.n; k++)
		if (shape_eq(&n.args.v[k].shape, &stored))
			n.args.v[k].value = as_layout(w, n.args.v[k].value,
			                              layout, &logical, n.cond);
	w->info.v[y.value].layout = layout;
	w->low.ops.v[i] = n;
	return true;
}

/* --- reductions over what lies between the blocks --------------------- */

/* X [N, C, H, W] under NCHW16c reduced over H and W: as stored it is
 * [N * C/16, H * W, 16], and the result is row-major. */
static bool
reduce_stored(struct work *w, size_t i)
{
	struct lop n = w->low.ops.v[i];
	const struct larg *x = lop_arg(&n, "X");
	const struct larg *y = lop_output(&n);
	const struct ints *s = shape_of(w, x->value);
	struct ints xs = {0}, ys = {0};
	const char *layout = layout_of(w, x->value);
	struct ints stored;

	if (!layout || x->map.n || s->n != 4 || x->shape.v[2] != 1 ||
	    x->shape.v[1] != s->v[2] * s->v[3] ||
	    layout_stored(w->a, layout, s, &stored) < 0 || stored.n != 5)
		return false;
	vec_push(w->a, &xs, stored.v[0] * stored.v[1]);
	vec_push(w->a, &xs, stored.v[2] * stored.v[3]);
	vec_push(w->a, &xs, stored.v[4]);
	vec_push(w->a, &ys, xs.v[0]);
	vec_push(w->a, &ys, xs.v[2]);
	n.args.v = NULL;
	n.args.n = n.args.cap = 0;
	for (size_t k = 0; k < w->low.ops.v[i].args.n; k++) {
		struct larg g = w->low.ops.v[i].args.v[k];

		if (str_eq(g.on, y->arg)) {
			struct ints to;

			if (layout_of(w, g.value) || !operand_realign(w->a,
			    &g.shape, &y->shape, &ys, &to))
				return false;
			g.shape = to;
		} else {
			g.shape = g.out ? ys : xs;
		}
		vec_push(w->a, &n.args, g);
	}
	for (size_t k = 0; k < y->map.n; k++)
		if (expr_uses_coordinates(y->map.v[k]))
			return false;
	if (!class_fit(w, &n)->names.n)
		return false;
	w->low.ops.v[i] = n;
	return true;
}

/* --- the pass --------------------- */

/* Forms that can keep their operands' layout without a kernel that asks for
 * one; a rule says whether it did. */
static const struct {
	const char *form;
	bool (*keep)(struct work *w, size_t op);
} rules[] = {
	{"Map", map_stored},
	{"Reduce", reduce_stored},
	{"Concat", concat_layout},
};

static void
block_op(struct work *w, size_t i)
{
	const struct lop *o = &w->low.ops.v[i];

	for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
		if (str_eq(o->form, rules[k].form) && rules[k].keep(w, i))
			return;
	dress(w, i, choose(w, o));
}

/* No kernel with a layout: nothing to do. */
static bool
any_layout(const struct work *w)
{
	for (size_t i = 0; i < w->kernels->v.n; i++)
		if (asks(&w->kernels->v.v[i]))
			return true;
	return false;
}

void
block_layouts(struct work *w)
{
	size_t n = w->low.ops.n;	/* copies are added behind these */

	if (!any_layout(w))
		return;
	map_init(&w->copies, w->a);
	for (size_t i = 0; i < n; i++)
		block_op(w, i);
}
