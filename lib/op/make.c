/* Operators that make values out of shapes, attributes and constants. */
#include "base/str.h"
#include "op/util.h"

/* --- ConstantOfShape ---------------------------------------------------- */

/* The value is input 1: import makes the tensor attribute that. */
static int
ofshape_infer(struct op_ctx *c)
{
	struct ints shape;
	double value;

	if (op_const_ints(c, 0, &shape) < 0 ||
	    (op_has(c, 1) && op_const_float(c, 1, &value) < 0))
		return -1;
	return op_set(c, 0, op_has(c, 1) ? op_in(c, 1)->type : DTYPE_F32,
	              shape.v, shape.n);
}

static int
ofshape_fold(struct op_ctx *c)
{
	size_t size = dtype_bytes(op_out(c, 0)->type);
	int64_t n = value_elems(op_out(c, 0));
	char *y = arena_array(c->a, (size_t)n + 1, size);

	for (int64_t i = 0; op_has(c, 1) && i < n; i++)
		memcpy(y + (size_t)i * size, op_in(c, 1)->data, size);
	return op_set_fold(c, 0, y);
}

static int
ofshape_lower(struct lower *l, struct op_ctx *c)
{
	double value = 0;

	if (op_has(c, 1) && op_const_float(c, 1, &value) < 0)
		return -1;
	lower_fill(l, op_out_id(c, 0), value);
	return 0;
}

/* --- EyeLike ------------------------------------------------------------ */

static int
eye_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int t = (int)op_in(c, 0)->type;

	if (attrs_get(&c->node->attrs, "dtype"))
		t = dtype_from_onnx((int)op_int(c, "dtype", 0));
	if (t < 0)
		return op_fail(c, "type %lld is not supported",
		               (long long)op_int(c, "dtype", 0));
	if (x.n != 2)
		return op_fail(c, "input has shape %s, expected a matrix",
		               op_shape(c, 0));
	return op_set_dims(c, 0, (enum dtype)t, &x);
}

static int
eye_lower(struct lower *l, struct op_ctx *c)
{
	struct dims y = op_out_dims(c, 0);
	enum dtype t = op_out(c, 0)->type;
	int64_t k = op_int(c, "k", 0), size = y.v[0] + y.v[1];

	k = k > size ? size : k < -size ? -size : k;
	lop_step(l, lower_map(l, op_out_id(c, 0), &y, NULL, 0, false), "Y",
	         "SELECT(c1 - c0 == (%lld), %s, %s)", (long long)k,
	         map_number(l->a, t, 1), map_number(l->a, t, 0));
	return 0;
}

/* --- Range -------------------------------------------------------------- */

/* How many numbers: max(ceil((limit - start) / delta), 0); -1 if too many. */
static int64_t
range_count(double start, double limit, double delta)
{
	double n = (limit - start) / delta;

	if (!(n > 0))
		return 0;
	if (n > 1e12)
		return -1;
	return (int64_t)n + (n > (double)(int64_t)n);
}

static int
range_read(struct op_ctx *c, double *v)
{
	for (size_t i = 0; i < 3; i++)
		if (op_want(c, i, TYPES_NUMBERS) < 0 ||
		    op_want_same(c, i, 0) < 0 || op_const_float(c, i, &v[i]) < 0)
			return -1;
	return 0;
}

static int
range_infer(struct op_ctx *c)
{
	double v[3];
	int64_t n;

	if (range_read(c, v) < 0)
		return -1;
	n = v[2] == 0 ? -1 : range_count(v[0], v[1], v[2]);
	if (n < 0)
		return op_fail(c, "from %g to %g by %g", v[0], v[1], v[2]);
	return op_set(c, 0, op_in(c, 0)->type, &n, 1);
}

static int
range_fold(struct op_ctx *c)
{
	enum dtype t = op_out(c, 0)->type;
	int64_t n = value_elems(op_out(c, 0));
	void *y = arena_array(c->a, (size_t)n + 1, dtype_bytes(t));
	double v[3];

	if (range_read(c, v) < 0)
		return -1;
	for (int64_t i = 0; i < n; i++)
		elem_set_float(t, y, i, v[0] + (double)i * v[2]);
	return op_set_fold(c, 0, y);
}

static int
range_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_out(c, 0)->type;
	struct dims y = op_out_dims(c, 0);
	double v[3];

	if (range_read(c, v) < 0)
		return -1;
	lop_step(l, lower_map(l, op_out_id(c, 0), &y, NULL, 0, false), "Y",
	         "%s + c0 * %s", map_number(l->a, t, v[0]),
	         map_number(l->a, t, v[2]));
	return 0;
}

/* --- Shape, Size -------------------------------------------------------- */

static int64_t
bound(int64_t x, int64_t n)
{
	if (x < 0)
		x += n;
	return x < 0 ? 0 : x > n ? n : x;
}

/* The dimensions asked for: [from, to). */
static void
shape_range(struct op_ctx *c, int64_t *from, int64_t *to)
{
	int64_t n = (int64_t)op_in(c, 0)->shape.n;

	*from = bound(op_int(c, "start", 0), n);
	*to = bound(op_int(c, "end", n), n);
	if (*to < *from)
		*to = *from;
}

static int
shape_infer(struct op_ctx *c)
{
	int64_t from, to, n;

	shape_range(c, &from, &to);
	n = to - from;
	return op_set(c, 0, DTYPE_I64, &n, 1);
}

static int
shape_fold(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t from, to;

	shape_range(c, &from, &to);
	return op_set_fold(c, 0, x.v + from);
}

/* Import folds these; here they are in graphs that were written by hand. */
static int
shape_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = op_out_dims(c, 0);
	const char *text;
	int64_t from, to;

	shape_range(c, &from, &to);
	text = map_number(l->a, DTYPE_I64, (double)x.v[to - 1]);
	for (int64_t i = to - 1; i-- > from; )
		text = arena_printf(l->a, "SELECT(c0 == %lld, %s, %s)",
		                    (long long)(i - from),
		                    map_number(l->a, DTYPE_I64, (double)x.v[i]), text);
	lop_step(l, lower_map(l, op_out_id(c, 0), &y, NULL, 0, false), "Y", "%s",
	         text);
	return 0;
}

static int
size_infer(struct op_ctx *c)
{
	return op_set(c, 0, DTYPE_I64, NULL, 0);
}

static int
size_fold(struct op_ctx *c)
{
	int64_t n = value_elems(op_in(c, 0));

	return op_set_fold(c, 0, &n);
}

static int
size_lower(struct lower *l, struct op_ctx *c)
{
	lower_fill(l, op_out_id(c, 0), (double)value_elems(op_in(c, 0)));
	return 0;
}

/* --- NonZero: its shape depends on the values, so constants only -------- */

static int
nonzero_infer(struct op_ctx *c)
{
	struct value *x = op_in(c, 0);
	int64_t n = value_elems(x), count = 0;

	for (int64_t i = 0; i < n; i++)
		count += value_float(x, i) != 0;
	return op_set(c, 0, DTYPE_I64,
	              (int64_t[]){(int64_t)x->shape.n, count}, 2);
}

static int
nonzero_fold(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), steps = dims_steps(&x);
	int64_t n = dims_elems(&x), count = op_out(c, 0)->shape.v[1], at = 0;
	int64_t *y = arena_array(c->a, (size_t)(count * (int64_t)x.n) + 1,
	                         sizeof *y);

	for (int64_t i = 0; i < n; i++) {
		if (value_float(op_in(c, 0), i) == 0)
			continue;
		for (size_t k = 0; k < x.n; k++)
			y[(int64_t)k * count + at] = i / steps.v[k] % x.v[k];
		at++;
	}
	return op_set_fold(c, 0, y);
}

/* --- OneHot ------------------------------------------------------------- */

static int
onehot_read(struct op_ctx *c, int64_t *axis, int64_t *depth)
{
	size_t rank = op_in(c, 0)->shape.n + 1;
	double d;

	if (op_want(c, 0, TYPES_NUMBERS) < 0 || op_const_float(c, 1, &d) < 0 ||
	    op_axis(c, op_int(c, "axis", -1), rank, axis) < 0)
		return -1;
	if (!(d >= 0 && d < 1e9))
		return op_fail(c, "depth is %g", d);
	if (value_elems(op_in(c, 2)) != 2)
		return op_fail(c, "values have shape %s, expected [2]",
		               op_shape(c, 2));
	*depth = (int64_t)d;
	return 0;
}

static int
onehot_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = {0};
	int64_t axis, depth;

	if (onehot_read(c, &axis, &depth) < 0)
		return -1;
	for (size_t i = 0; i <= x.n; i++) {
		if ((int64_t)i == axis)
			dims_add(&y, depth);
		if (i < x.n)
			dims_add(&y, x.v[i]);
	}
	return op_set_dims(c, 0, op_in(c, 2)->type, &y);
}

/* Element i of input in, as a value of its own. */
static int
element_of(struct lower *l, struct op_ctx *c, size_t in, int64_t i)
{
	struct dims one = DIMS(1);
	int v = lower_tmp(l, i ? "on" : "off", op_in(c, in)->type, &one);

	lower_view(l, v, op_in_id(c, in), i);
	return v;
}

static int
onehot_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y, j;
	struct mapin in[3] = {{op_in_id(c, 0), {0}, NULL}};
	int64_t axis, depth;
	struct lop *o;
	const char *k;

	if (onehot_read(c, &axis, &depth) < 0)
		return -1;
	j = dims_ori(&x, (size_t)axis, (size_t)axis);
	y = DIMS(j.v[0], depth, j.v[2]);
	in[0].dims = j;
	for (size_t i = 0; i < 2; i++) {
		in[1 + i].value = element_of(l, c, 2, (int64_t)i);
		in[1 + i].dims = DIMS(1, 1, 1);
	}
	o = lower_map(l, op_out_id(c, 0), &y, in, 3, false);
	k = map_number(l->a, op_in(c, 0)->type, (double)depth);
	lop_step(l, o, "Y", "t0 = SELECT(%s < 0, %s + %s, %s)", in[0].ref,
	         in[0].ref, k, in[0].ref);
	lop_step(l, o, "Y", "SELECT(t0 == c1, %s, %s)", in[2].ref, in[1].ref);
	return 0;
}

/* --- CastLike ----------------------------------------------------------- */

static int64_t
onnx_type(enum dtype t)
{
	switch (t) {
#define DTYPE(id, word, bytes, ctype, onnx, st) case DTYPE_##id: return onnx;
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)t);
}

/* Becomes a Cast: the other input gave no more than its type. */
static int
castlike_infer(struct op_ctx *c)
{
	attrs_set_int(c->a, &c->node->attrs, "to", onnx_type(op_in(c, 1)->type));
	c->node->op = "Cast";
	c->node->def = op_find("Cast");
	c->node->in.n = 1;
	return c->node->def->infer(c);
}

static const struct op ops[] = {
	{"CastLike", 15, 2, 2, 1, 1, "saturate:i round_mode:s", 0, NULL,
	 castlike_infer, NULL, NULL},
	{"ConstantOfShape", 9, 1, 2, 1, 1, NULL, 1 | 2, NULL, ofshape_infer,
	 ofshape_fold, ofshape_lower},
	{"EyeLike", 9, 1, 1, 1, 1, "dtype:i k:i", 0, NULL, eye_infer, NULL,
	 eye_lower},
	{"NonZero", 9, 1, 1, 1, 1, NULL, 1, NULL, nonzero_infer, nonzero_fold,
	 NULL, .fold_large = true},
	{"OneHot", 9, 3, 3, 1, 1, "axis:i", 2, NULL, onehot_infer, NULL,
	 onehot_lower},
	{"Range", 11, 3, 3, 1, 1, NULL, 1 | 2 | 4, NULL, range_infer, range_fold,
	 range_lower},
	{"Shape", 1, 1, 1, 1, 1, "end:i start:i", 0, NULL, shape_infer,
	 shape_fold, shape_lower, .fold_shapes = true},
	{"Size", 1, 1, 1, 1, 1, NULL, 0, NULL, size_infer, size_fold, size_lower,
	 .fold_shapes = true},
};

const struct op_family op_family_make = {
	"make", ops, sizeof ops / sizeof *ops
};
