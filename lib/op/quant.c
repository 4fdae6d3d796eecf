/* Linear quantisation: QuantizeLinear, DequantizeLinear,
 * DynamicQuantizeLinear, as maps and reductions; and window functions of
 * signal processing, maps of their coordinate. */
#include <math.h>

#include "base/str.h"
#include "op/util.h"

/* --- scale and zero point ---------------------------------------------------- */

static bool
is_narrow(int t)
{
	return t == DTYPE_I8 || t == DTYPE_U8 || t == DTYPE_I16 ||
	       t == DTYPE_U16;
}

/* The scale's shape aligned to the input's: one number, or one an index of
 * the axis. */
static int
scale_dims(struct op_ctx *c, struct dims *out)
{
	struct dims x = op_dims(c, 0), s = op_dims(c, 1);
	int64_t axis = 0;

	if (op_int(c, "block_size", 0))
		return op_fail(c, "quantization by blocks is not supported");
	if (op_has(c, 2) && !shape_eq(&op_in(c, 1)->shape, &op_in(c, 2)->shape))
		return op_fail(c, "scale has shape %s, the zero point %s",
		               op_shape(c, 1), op_shape(c, 2));
	*out = (struct dims){0};
	for (size_t i = 0; i < x.n; i++)
		dims_add(out, 1);
	if (s.n == 0 || (s.n == 1 && s.v[0] == 1))
		return 0;
	if (op_axis(c, op_int(c, "axis", 1), x.n, &axis) < 0)
		return -1;
	if (s.n != 1 || s.v[0] != x.v[axis])
		return op_fail(c, "scale has shape %s, axis %lld of the input %s",
		               op_shape(c, 1), (long long)axis, op_shape(c, 0));
	out->v[axis] = s.v[0];
	return 0;
}

/* --- DequantizeLinear ----------------------------------------------------------- */

static int
dequantize_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), s;
	enum dtype t = op_in(c, 0)->type;

	if (!is_narrow((int)t) && t != DTYPE_I32)
		return op_fail(c, "input is %s, expected 8, 16 or 32 bits",
		               dtype_word(t));
	if (op_in(c, 1)->type != DTYPE_F32)
		return op_fail(c, "scale is %s, expected f32",
		               dtype_word(op_in(c, 1)->type));
	if (op_want_same(c, 2, 0) < 0 || scale_dims(c, &s) < 0)
		return -1;
	return op_set_dims(c, 0, DTYPE_F32, &x);
}

static int
dequantize_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), s;
	struct mapin in[3] = {{op_in_id(c, 0), x, NULL}};
	struct lop *o;

	scale_dims(c, &s);
	in[1] = (struct mapin){op_in_id(c, 1), s, NULL};
	if (op_has(c, 2))
		in[2] = (struct mapin){op_in_id(c, 2), s, NULL};
	o = lower_map(l, op_out_id(c, 0), &x, in, op_has(c, 2) ? 3 : 2, true);
	if (op_has(c, 2))
		lop_step(l, o, "Y", "CAST_F32(CAST_I32(%s) - CAST_I32(%s)) * %s",
		         in[0].ref, in[2].ref, in[1].ref);
	else
		lop_step(l, o, "Y", "CAST_F32(%s) * %s", in[0].ref, in[1].ref);
	return 0;
}

/* --- QuantizeLinear ---------------------------------------------------------------- */

/* Of the narrow types: name of the cast, and the range. */
struct narrow {
	enum dtype type;
	const char *cast;
	double lo, hi;
};

static const struct narrow narrows[] = {
	{DTYPE_I8, "CAST_I8", -128, 127},
	{DTYPE_U8, "CAST_U8", 0, 255},
	{DTYPE_I16, "CAST_I16", -32768, 32767},
	{DTYPE_U16, "CAST_U16", 0, 65535},
};

static const struct narrow *
narrow_of(enum dtype t)
{
	for (size_t i = 0; i < sizeof narrows / sizeof *narrows; i++)
		if (narrows[i].type == t)
			return &narrows[i];
	BUG("%s is not narrow", dtype_word(t));
}

static int
quantize_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), s;
	int64_t want = op_int(c, "output_dtype", 0);
	int t = op_has(c, 2) ? (int)op_in(c, 2)->type :
	        want ? dtype_from_onnx((int)want) : DTYPE_U8;

	if (op_in(c, 0)->type != DTYPE_F32 || op_in(c, 1)->type != DTYPE_F32)
		return op_fail(c, "input is %s and scale %s, expected f32",
		               dtype_word(op_in(c, 0)->type),
		               dtype_word(op_in(c, 1)->type));
	if (!is_narrow(t) ||
	    (want && dtype_from_onnx((int)want) != t))
		return op_fail(c, "this type of output is not supported");
	if (op_int(c, "precision", 1) > 1)
		return op_fail(c, "precision other than f32 is not supported");
	if (scale_dims(c, &s) < 0)
		return -1;
	return op_set_dims(c, 0, (enum dtype)t, &x);
}

/* clamp(round(x / scale) + zero) as text; zero may be NULL. */
static const char *
quantized(struct lower *l, const struct narrow *t, const char *x,
          const char *scale, const char *zero)
{
	const char *v = arena_printf(l->a, "ROUND(%s / %s)", x, scale);

	if (zero)
		v = arena_printf(l->a, "%s + CAST_F32(%s)", v, zero);
	return arena_printf(l->a, "%s(MIN(MAX(%s, %s), %s))", t->cast, v,
	                    map_number(l->a, DTYPE_F32, t->lo),
	                    map_number(l->a, DTYPE_F32, t->hi));
}

static int
quantize_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), s;
	struct mapin in[3] = {{op_in_id(c, 0), x, NULL}};
	struct lop *o;

	scale_dims(c, &s);
	in[1] = (struct mapin){op_in_id(c, 1), s, NULL};
	if (op_has(c, 2))
		in[2] = (struct mapin){op_in_id(c, 2), s, NULL};
	o = lower_map(l, op_out_id(c, 0), &x, in, op_has(c, 2) ? 3 : 2, true);
	lop_step(l, o, "Y", "%s", quantized(l, narrow_of(op_out(c, 0)->type),
	         in[0].ref, in[1].ref, in[2].ref));
	return 0;
}

/* --- DynamicQuantizeLinear ------------------------------------------------------------ */

static int
dynamic_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);

	if (op_in(c, 0)->type != DTYPE_F32)
		return op_fail(c, "input is %s, expected f32",
		               dtype_word(op_in(c, 0)->type));
	if (!dims_elems(&x))
		return op_fail(c, "input of shape %s is empty", op_shape(c, 0));
	if (op_set_dims(c, 0, DTYPE_U8, &x) < 0 ||
	    op_set(c, 1, DTYPE_F32, NULL, 0) < 0)
		return -1;
	return op_set(c, 2, DTYPE_U8, NULL, 0);
}

/* The output, or a temporary where nobody asked for it. */
static int
scalar_out(struct lower *l, struct op_ctx *c, size_t out, const char *name,
           enum dtype t)
{
	return op_wants_out(c, out) ? op_out_id(c, out)
	                            : lower_temp(l, name, t, NULL, 0);
}

/* An extreme of x and 0. */
static int
extreme(struct lower *l, struct op_ctx *c, const char *op, const char *store)
{
	struct dims x = op_dims(c, 0);
	bool on[TENSOR_MAX_DIMS];
	int y = lower_temp(l, op, DTYPE_F32, NULL, 0);

	for (size_t i = 0; i < x.n; i++)
		on[i] = true;
	lower_reduce(l, y, op_in_id(c, 0), &x, on, op, NULL, store, -1);
	return y;
}

static int
dynamic_lower(struct lower *l, struct op_ctx *c)
{
	struct dims one = DIMS(1), x = DIMS(value_elems(op_in(c, 0)));
	const struct narrow *u8 = narrow_of(DTYPE_U8);
	int hi = extreme(l, c, "max", "MAX(v, 0.0f)");
	int lo = extreme(l, c, "min", "MIN(v, 0.0f)");
	int scale = scalar_out(l, c, 1, "scale", DTYPE_F32);
	int zero = scalar_out(l, c, 2, "zero", DTYPE_U8);
	struct mapin s[] = {{hi, one, NULL}, {lo, one, NULL}};
	struct mapin z[] = {{lo, one, NULL}, {scale, one, NULL}};
	struct mapin y[] = {{op_in_id(c, 0), x, NULL}, {scale, one, NULL},
	                    {zero, one, NULL}};
	struct lop *o = lower_map(l, scale, &one, s, 2, true);

	lop_step(l, o, "Y", "SELECT(%s == %s, 1.0f, (%s - %s) / 255.0f)",
	         s[0].ref, s[1].ref, s[0].ref, s[1].ref);
	o = lower_map(l, zero, &one, z, 2, true);
	lop_step(l, o, "Y", "%s", quantized(l, u8,
	         arena_printf(l->a, "(0.0f - %s)", z[0].ref), z[1].ref, NULL));
	if (!op_wants_out(c, 0))
		return 0;
	o = lower_map(l, op_out_id(c, 0), &x, y, 3, true);
	lop_step(l, o, "Y", "%s",
	         quantized(l, u8, y[0].ref, y[1].ref, y[2].ref));
	return 0;
}

/* --- HannWindow, HammingWindow, BlackmanWindow -------------------------------------------- */

/* a0 - a1 cos(2 pi x / n) + a2 cos(4 pi x / n). */
struct signal {
	const char *name;
	double a0, a1, a2;
};

static const struct signal signals[] = {
	{"BlackmanWindow", 0.42, 0.5, 0.08},
	{"HammingWindow", 25.0 / 46.0, 21.0 / 46.0, 0},
	{"HannWindow", 0.5, 0.5, 0},
};

static int
signal_infer(struct op_ctx *c)
{
	int t = dtype_from_onnx((int)op_int(c, "output_datatype", 1));
	int64_t n;

	if (op_const_int(c, 0, &n) < 0)
		return -1;
	if (t < 0 || !dtype_is_float((enum dtype)t))
		return op_fail(c, "output_datatype %lld is not supported",
		               (long long)op_int(c, "output_datatype", 1));
	return op_set(c, 0, (enum dtype)t, &n, 1);
}

static int
signal_lower(struct lower *l, struct op_ctx *c)
{
	const struct signal *s = signals;
	struct dims y = op_out_dims(c, 0);
	double n = (double)y.v[0] - (op_int(c, "periodic", 1) ? 0 : 1);
	double turn = n > 0 ? 8 * atan(1.0) / n : 0;
	struct lop *o = lower_map(l, op_out_id(c, 0), &y, NULL, 0, false);

	while (!str_eq(s->name, c->node->op))
		s++;
	lop_step(l, o, "Y", "t0 = c0 * %s", map_number(l->a, DTYPE_F64, turn));
	lop_step(l, o, "Y", "t1 = %s - %s * COS(t0) + %s * COS(t0 + t0)",
	         map_number(l->a, DTYPE_F64, s->a0),
	         map_number(l->a, DTYPE_F64, s->a1),
	         map_number(l->a, DTYPE_F64, s->a2));
	lop_step(l, o, "Y", op_out(c, 0)->type == DTYPE_F64 ? "t1" :
	         "CAST_F32(t1)");
	return 0;
}

#define SIGNAL(name) \
	{name, 17, 1, 1, 1, 1, "output_datatype:i periodic:i", 1, NULL, \
	 signal_infer, NULL, signal_lower}

static const struct op ops[] = {
	SIGNAL("BlackmanWindow"),
	{"DequantizeLinear", 10, 2, 3, 1, 1, "axis:i block_size:i", 0, NULL,
	 dequantize_infer, NULL, dequantize_lower},
	{"DynamicQuantizeLinear", 11, 1, 1, 1, 3, NULL, 0, NULL, dynamic_infer,
	 NULL, dynamic_lower},
	SIGNAL("HammingWindow"),
	SIGNAL("HannWindow"),
	{"QuantizeLinear", 10, 2, 3, 1, 1,
	 "axis:i block_size:i output_dtype:i precision:i saturate:i", 0, NULL,
	 quantize_infer, NULL, quantize_lower},
};

const struct op_family op_family_quant = {
	"quant", ops, sizeof ops / sizeof *ops
};
