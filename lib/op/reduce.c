/* Reductions over axes: a table of what happens to each element before, and
 * to the result after.  ArgMax and ArgMin, CumSum, TopK go along an axis too. */
#include <math.h>

#include "base/str.h"
#include "op/util.h"

void
lower_reduce(struct lower *l, int y, int x, const struct dims *dims,
             const bool *on, const char *op, const char *load,
             const char *store, int extra)
{
	struct dims ori, out, kept;
	struct lop *o;

	x = lower_adjoin(l, x, dims, on, &ori);
	out = DIMS(ori.v[0], ori.v[2]);
	kept = DIMS(ori.v[0], 1, ori.v[2]);
	o = lower_op(l, "Reduce");
	attrs_set_str(l->a, &o->attrs, "op", op);
	lop_in_dims(l, o, "X", x, &ori);
	lop_out_dims(l, o, "Y", y, &out);
	if (extra >= 0 && load && strstr(load, "E0"))
		lop_extra_dims(l, o, "X", extra, &kept);
	else if (extra >= 0)
		lop_extra_dims(l, o, "Y", extra, &out);
	if (load)
		lop_step(l, o, "X", "%s", load);
	if (store)
		lop_step(l, o, "Y", "%s", store);
}

/* --- how two elements become one ---------------------------------------- */

struct joining {
	const char *op;		/* as the Reduce form names it */
	/* *y and e to *y, of integers; true: it does not fit. */
	bool (*step)(int64_t *y, int64_t e);
};

static bool
step_sum(int64_t *y, int64_t e)
{
	return __builtin_add_overflow(*y, e, y);
}

static bool
step_prod(int64_t *y, int64_t e)
{
	return __builtin_mul_overflow(*y, e, y);
}

static bool
step_max(int64_t *y, int64_t e)
{
	*y = e > *y ? e : *y;
	return false;
}

static bool
step_min(int64_t *y, int64_t e)
{
	*y = e < *y ? e : *y;
	return false;
}

static const struct joining sum = {"sum", step_sum}, prod = {"prod", step_prod},
	max = {"max", step_max}, min = {"min", step_min};

/* --- the reductions ----------------------------------------------------- */

struct reduction {
	const char *name;
	const struct joining *by;
	const char *load, *store;	/* maps before and after, or NULL */
	/* The map after, where it depends on the type and on how many elements
	 * there are; of one it leaves the element as it is. */
	const char *(*average)(struct arena *a, enum dtype t, int64_t elems);
	/* Instead of a Reduce with these maps. */
	void (*lower)(struct lower *l, struct op_ctx *c, const struct dims *x,
	              const bool *on);
	int types;
	int axes_since;		/* opset in which axes became an input */
	int none_types;		/* types of which there may be no element, */
	double none;		/* and what comes of that */
};

static const char *
mean(struct arena *a, enum dtype t, int64_t elems)
{
	const char *n = map_number(a, t, (double)elems);

	return dtype_is_float(t) ? arena_printf(a, "v / %s", n)
	                         : arena_printf(a, "IDIV(v, %s)", n);
}

/* By the maximum, which keeps exp in range. */
static void
lower_logsumexp(struct lower *l, struct op_ctx *c, const struct dims *x,
                const bool *on)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims y = op_out_dims(c, 0);
	int most = lower_tmp(l, "max", t, &y);
	int total = lower_tmp(l, "sum", t, &y);
	struct dims flat = DIMS(dims_elems(&y));
	struct mapin in[2] = {{total, flat, NULL}, {most, flat, NULL}};
	struct lop *o;

	lower_reduce(l, most, op_in_id(c, 0), x, on, "max", NULL,
	             arena_printf(l->a, "SELECT(ISINF(v), %s, v)",
	                          map_number(l->a, t, 0)), -1);
	lower_reduce(l, total, op_in_id(c, 0), x, on, "sum", "EXP(v - E0)",
	             NULL, most);
	o = lower_map(l, op_out_id(c, 0), &flat, in, 2, true);
	lop_step(l, o, "Y", "LOG(%s) + %s", in[0].ref, in[1].ref);
}

/* One row each: name, and the rest of struct reduction. */
#define REDUCTIONS(ROW) \
	ROW("ReduceL1", &sum, "ABS(v)", NULL, NULL, NULL, TYPES_NUMBERS, 18, \
	    TYPES_ANY, 0) \
	ROW("ReduceL2", &sum, "v * v", "SQRT(v)", NULL, NULL, TYPES_FLOATS, 18, \
	    TYPES_ANY, 0) \
	ROW("ReduceLogSum", &sum, NULL, "LOG(v)", NULL, NULL, TYPES_FLOATS, 18, \
	    TYPES_ANY, -INFINITY) \
	ROW("ReduceLogSumExp", &sum, NULL, NULL, NULL, lower_logsumexp, \
	    TYPES_FLOATS, 18, 0, 0) \
	ROW("ReduceMax", &max, NULL, NULL, NULL, NULL, TYPES_ANY, 18, 0, 0) \
	ROW("ReduceMean", &sum, NULL, NULL, mean, NULL, TYPES_NUMBERS, 18, \
	    TYPES_FLOATS, NAN) \
	ROW("ReduceMin", &min, NULL, NULL, NULL, NULL, TYPES_ANY, 18, 0, 0) \
	ROW("ReduceProd", &prod, NULL, NULL, NULL, NULL, TYPES_NUMBERS, 18, \
	    TYPES_ANY, 1) \
	ROW("ReduceSum", &sum, NULL, NULL, NULL, NULL, TYPES_NUMBERS, 13, \
	    TYPES_ANY, 0) \
	ROW("ReduceSumSquare", &sum, "v * v", NULL, NULL, NULL, TYPES_NUMBERS, \
	    18, TYPES_ANY, 0)

static const struct reduction reductions[] = {
#define ROW(...) {__VA_ARGS__},
	REDUCTIONS(ROW)
#undef ROW
};

static const struct reduction *
reduction_of(struct op_ctx *c)
{
	for (size_t i = 0; i < sizeof reductions / sizeof *reductions; i++)
		if (str_eq(reductions[i].name, c->node->op))
			return &reductions[i];
	BUG("no reduction '%s'", c->node->op);
}

static int
reduce_upgrade(struct op_ctx *c)
{
	if (c->node->opset >= reduction_of(c)->axes_since)
		return 0;
	return op_attr_to_input(c, "axes", 1);
}

static int
reduce_axes(struct op_ctx *c, bool *on)
{
	return op_axes(c, 1, op_in(c, 0)->shape.n,
	               op_int(c, "noop_with_empty_axes", 0) != 0, on);
}

static int
reduce_infer(struct op_ctx *c)
{
	const struct reduction *r = reduction_of(c);
	struct dims x = op_dims(c, 0), y = {0};
	bool on[TENSOR_MAX_DIMS], keep = op_int(c, "keepdims", 1) != 0;
	bool may_be_none = types_has(r->none_types, op_in(c, 0)->type);

	if (op_want(c, 0, r->types) < 0 || reduce_axes(c, on) < 0)
		return -1;
	for (size_t i = 0; i < x.n; i++) {
		if (on[i] && x.v[i] == 0 && !may_be_none)
			return op_fail(c, "nothing to reduce over in %s",
			               op_shape(c, 0));
		if (!on[i] || keep)
			dims_add(&y, on[i] ? 1 : x.v[i]);
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int64_t
count(const struct dims *x, const bool *on)
{
	int64_t n = 1;

	for (size_t i = 0; i < x->n; i++)
		n *= on[i] ? x->v[i] : 1;
	return n;
}

static int
reduce_lower(struct lower *l, struct op_ctx *c)
{
	const struct reduction *r = reduction_of(c);
	struct dims x = op_dims(c, 0);
	bool on[TENSOR_MAX_DIMS];
	const char *store = r->store;

	reduce_axes(c, on);
	if (r->average)
		store = r->average(l->a, op_in(c, 0)->type, count(&x, on));
	if (dims_elems(&x) == 0)
		lower_fill(l, op_out_id(c, 0), r->none);
	else if (r->lower)
		r->lower(l, c, &x, on);
	else if (count(&x, on) == 1 && !r->load && !r->store)
		lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
	else
		lower_reduce(l, op_out_id(c, 0), op_in_id(c, 0), &x, on,
		             r->by->op, r->load, store, -1);
	return 0;
}

/* Shape arithmetic: one-dimensional sums, products, extremes of integers. */
static int
reduce_fold(struct op_ctx *c)
{
	const struct reduction *r = reduction_of(c);
	struct value *x = op_in(c, 0);
	int64_t n = value_elems(x), y;

	if (!dtype_is_int(x->type) || r->load || r->store || r->average || !n ||
	    value_elems(op_out(c, 0)) != 1)
		return 0;
	y = value_int(x, 0);
	for (int64_t i = 1; i < n; i++)
		if (r->by->step(&y, value_int(x, i)))
			return 0;
	elem_set_int(x->type, &y, 0, y);
	return op_set_fold(c, 0, &y);
}

/* --- ArgMax, ArgMin ----------------------------------------------------- */

static int
arg_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = {0};
	int64_t axis;

	if (op_want(c, 0, TYPES_NUMBERS) < 0 ||
	    op_axis(c, op_int(c, "axis", 0), x.n, &axis) < 0)
		return -1;
	if (x.v[axis] == 0)
		return op_fail(c, "nothing to choose from in %s", op_shape(c, 0));
	for (size_t i = 0; i < x.n; i++)
		if ((int64_t)i != axis)
			dims_add(&y, x.v[i]);
		else if (op_int(c, "keepdims", 1))
			dims_add(&y, 1);
	return op_set_dims(c, 0, DTYPE_I64, &y);
}

static int
arg_lower(struct lower *l, struct op_ctx *c, const char *op)
{
	struct dims x = op_dims(c, 0), ori, y;
	struct lop *o = lower_op(l, "ArgReduce");
	int64_t axis;

	op_axis(c, op_int(c, "axis", 0), x.n, &axis);
	ori = dims_ori(&x, (size_t)axis, (size_t)axis + 1);
	y = DIMS(ori.v[0], ori.v[2]);
	attrs_set_str(l->a, &o->attrs, "op", op);
	attrs_set_int(l->a, &o->attrs, "last",
	              op_int(c, "select_last_index", 0) != 0);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &ori);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &y);
	return 0;
}

static int
argmax_lower(struct lower *l, struct op_ctx *c)
{
	return arg_lower(l, c, "max");
}

static int
argmin_lower(struct lower *l, struct op_ctx *c)
{
	return arg_lower(l, c, "min");
}

/* --- CumSum ------------------------------------------------------------- */

static int
cumsum_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t axis;

	if (op_want(c, 0, TYPES_NUMBERS) < 0 || op_const_int(c, 1, &axis) < 0 ||
	    op_axis(c, axis, x.n, &axis) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
cumsum_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), ori;
	struct lop *o = lower_op(l, "Scan");
	int64_t axis;

	if (op_const_int(c, 1, &axis) < 0 || op_axis(c, axis, x.n, &axis) < 0)
		return -1;
	ori = dims_ori(&x, (size_t)axis, (size_t)axis + 1);
	attrs_set_str(l->a, &o->attrs, "op", "sum");
	attrs_set_int(l->a, &o->attrs, "exclusive",
	              op_int(c, "exclusive", 0) != 0);
	attrs_set_int(l->a, &o->attrs, "reverse", op_int(c, "reverse", 0) != 0);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &ori);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &ori);
	return 0;
}

/* --- TopK --------------------------------------------------------------- */

static int
topk_upgrade(struct op_ctx *c)
{
	return op_attr_to_input(c, "k", 1);
}

static int
topk_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t axis, k;

	if (op_want(c, 0, TYPES_NUMBERS) < 0 || op_const_int(c, 1, &k) < 0 ||
	    op_axis(c, op_int(c, "axis", -1), x.n, &axis) < 0)
		return -1;
	if (k < 0 || k > x.v[axis])
		return op_fail(c, "%lld elements asked for, axis %lld of %s has "
		               "fewer", (long long)k, (long long)axis,
		               op_shape(c, 0));
	x.v[axis] = k;
	if (op_set_dims(c, 0, op_in(c, 0)->type, &x) < 0)
		return -1;
	return op_set_dims(c, 1, DTYPE_I64, &x);
}

/* The form makes both outputs: what is not asked for goes to a temporary. */
static int
topk_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), ori, y;
	int64_t axis, k;
	int v = op_out_id(c, 0), j = op_out_id(c, 1);
	struct lop *o;

	if (op_const_int(c, 1, &k) < 0)
		return -1;
	op_axis(c, op_int(c, "axis", -1), x.n, &axis);
	ori = dims_ori(&x, (size_t)axis, (size_t)axis + 1);
	y = DIMS(ori.v[0], k, ori.v[2]);
	if (v < 0)
		v = lower_tmp(l, "values", op_in(c, 0)->type, &y);
	if (j < 0)
		j = lower_tmp(l, "indices", DTYPE_I64, &y);
	o = lower_op(l, "TopK");
	attrs_set_int(l->a, &o->attrs, "largest", op_int(c, "largest", 1) != 0);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &ori);
	lop_out_dims(l, o, "V", v, &y);
	lop_out_dims(l, o, "J", j, &y);
	return 0;
}

static const struct op ops[] = {
	{"ArgMax", 1, 1, 1, 1, 1, "axis:i keepdims:i select_last_index:i", 0,
	 NULL, arg_infer, NULL, argmax_lower},
	{"ArgMin", 1, 1, 1, 1, 1, "axis:i keepdims:i select_last_index:i", 0,
	 NULL, arg_infer, NULL, argmin_lower},
	{"CumSum", 11, 2, 2, 1, 1, "exclusive:i reverse:i", 2, NULL,
	 cumsum_infer, NULL, cumsum_lower},
#define ROW(name, ...) \
	{name, 1, 1, 2, 1, 1, "keepdims:i noop_with_empty_axes:i", 2, \
	 reduce_upgrade, reduce_infer, reduce_fold, reduce_lower},
	REDUCTIONS(ROW)
#undef ROW
	{"TopK", 1, 2, 2, 1, 2, "axis:i largest:i sorted:i", 2, topk_upgrade,
	 topk_infer, NULL, topk_lower},
};

const struct op_family op_family_reduce = {
	"reduce", ops, sizeof ops / sizeof *ops
};
