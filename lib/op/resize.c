/* Resize and Upsample: interpolation is separable, so each axis that changes
 * is a Gather (nearest), or a few of them and a Map that weighs what they took.
 * Indices and weights are maps of their coordinate, with no operands.
 * Nearest that repeats or skips regularly is a strided copy. */
#include "op/resize.h"

#include "base/str.h"

#define TAPS_MAX 4

/* --- upgrades ------------------------------------------------------------- */

/* Before opset 11: scales are the second input, and places are scaled. */
static int
scaled(struct op_ctx *c)
{
	int scales = op_in_id(c, 1);

	c->node->in.n = 1;
	op_set_in(c, 2, scales);
	attrs_set_str(c->a, &c->node->attrs, "coordinate_transformation_mode",
	              "asymmetric");
	attrs_set_str(c->a, &c->node->attrs, "nearest_mode", "floor");
	return 0;
}

static int
resize_upgrade(struct op_ctx *c)
{
	return c->node->opset > 10 ? 0 : scaled(c);
}

static int
upsample_upgrade(struct op_ctx *c)
{
	if (c->node->opset < 9 && op_attr_to_input(c, "scales", 1) < 0)
		return -1;
	c->node->op = "Resize";
	c->node->def = op_find("Resize");
	return scaled(c);
}

/* --- shapes ------------------------------------------------------------------- */

static int
resize_infer(struct op_ctx *c)
{
	bool nearest = str_eq(op_str(c, "mode", "nearest"), "nearest");
	struct resize r;
	struct dims y = {0};

	if (!nearest && op_want(c, 0, TYPES_FLOATS) < 0)
		return -1;
	if (resize_read(c, &r) < 0)
		return -1;
	for (size_t i = 0; i < r.rank; i++) {
		dims_add(&y, r.axis[i].out);
		if (op_int(c, "antialias", 0) && !nearest && r.axis[i].scale < 1)
			return op_fail(c, "antialias is not supported");
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

/* --- lowering ------------------------------------------------------------------ */

/* Adds the axis to a strided copy, if its indices are regular: k * step, or
 * each one the same number of times. */
static bool
regular(const struct resize *r, const struct axis *a, int64_t step,
        struct strided *s)
{
	int64_t first = resize_nearest(r, a, 0), by, times = 1;

	while (times < a->out && resize_nearest(r, a, times) == first)
		times++;
	by = times < a->out ? resize_nearest(r, a, times) - first : 0;
	if (a->out % times)
		return false;
	for (int64_t k = 0; k < a->out; k++)
		if (resize_nearest(r, a, k) != first + k / times * by)
			return false;
	s->offset += first * step;
	dims_add(&s->dims, a->out / times);
	dims_add(&s->src, by * step);
	dims_add(&s->dims, times);
	dims_add(&s->src, 0);
	return true;
}

static bool
all_regular(struct op_ctx *c, const struct resize *r, struct strided *s)
{
	struct dims x = op_dims(c, 0), steps = dims_steps(&x);

	for (size_t i = 0; i < r->rank; i++)
		if (!regular(r, &r->axis[i], steps.v[i], s))
			return false;
	return true;
}

static const char *
number(struct lower *l, double x)
{
	return map_number(l->a, DTYPE_F64, x);
}

/* A vector over the axis, as a map of its coordinate c0: t0 is where in the
 * input the element lies (in f64, where rounding to a point is exact), t1 the
 * point at or before it. */
static struct lop *
vector(struct lower *l, const struct resize *r, const struct axis *a,
       const char *suffix, enum dtype t, int *value)
{
	struct dims d = DIMS(a->out);
	struct lop *o;

	*value = lower_tmp(l, suffix, t, &d);
	o = lower_map(l, *value, &d, NULL, 0, false);
	lop_step(l, o, "Y", "t0 = CAST_F64(%s)", resize_at_text(l->a, r, a));
	lop_step(l, o, "Y", "t1 = FLOOR(t0)");
	return o;
}

/* x ([O, A, I]) at the points that the expression gives. */
static int
gather(struct lower *l, int y, int x, const struct dims *xd,
       const struct resize *r, const struct axis *a, const char *point)
{
	struct dims jd = DIMS(a->out), yd = DIMS(xd->v[0], a->out, xd->v[2]);
	struct lop *o;
	int j;

	o = vector(l, r, a, "index", DTYPE_I64, &j);
	lop_step(l, o, "Y", "CAST_I64(MIN(MAX(%s, 0.0), %s))", point,
	         number(l, (double)(a->in - 1)));
	if (y < 0)
		y = lower_tmp(l, "taps", lower_value(l, x)->type, &yd);
	o = lower_op(l, "Gather");
	lop_in_dims(l, o, "X", x, xd);
	lop_in_dims(l, o, "J", j, &jd);
	lop_out_dims(l, o, "Y", y, &yd);
	return y;
}

/* Which of the points around t1 tap i is. */
static int
offset(int i, bool is_cubic)
{
	return is_cubic ? i - 1 : i;
}

/* The weight of tap i at distance "t" from t0, as an expression. */
static const char *
weight_text(struct lower *l, const struct resize *r, int i, bool is_cubic,
            const char *t)
{
	const char *a = number(l, r->cubic_a);

	if (!is_cubic)
		return arena_printf(l->a, "1.0 - %s", t);
	if (i == 1 || i == 2)
		return arena_printf(l->a, "((%s + 2.0) * %s - (%s + 3.0)) * %s * %s"
		                    " + 1.0", a, t, a, t, t);
	return arena_printf(l->a, "((%s * %s - 5.0 * %s) * %s + 8.0 * %s) * %s "
	                    "- 4.0 * %s", a, t, a, t, a, t, a);
}

static const char *
inside(struct lower *l, const struct axis *a, const char *x)
{
	return arena_printf(l->a, "%s >= 0.0 && %s <= %s", x, x,
	                    number(l, (double)(a->in - 1)));
}

/* Steps for the weight of tap i; returns its name. */
static const char *
weight_steps(struct lower *l, struct lop *o, const struct resize *r,
             const struct axis *a, int i, bool is_cubic)
{
	const char *at = arena_printf(l->a, "p%d", i);
	const char *far = arena_printf(l->a, "d%d", i);
	const char *w = weight_text(l, r, i, is_cubic, far);

	lop_step(l, o, "Y", "%s = t1 + %s", at, number(l, offset(i, is_cubic)));
	lop_step(l, o, "Y", "%s = ABS(%s - t0)", far, at);
	if (r->exclude)
		w = arena_printf(l->a, "SELECT(%s, %s, 0.0)", inside(l, a, at), w);
	lop_step(l, o, "Y", "w%d = %s", i, w);
	return arena_printf(l->a, "w%d", i);
}

/* The weights of tap i over the axis, in type t. */
static int
weights(struct lower *l, const struct resize *r, const struct axis *a, int i,
        bool is_cubic, enum dtype t)
{
	const char *cast = t == DTYPE_F64 ? "CAST_F64" : "CAST_F32";
	const char *w, *sum = "";
	int value, taps = is_cubic ? 4 : 2;
	struct lop *o = vector(l, r, a, "weight", t, &value);

	for (int k = 0; r->exclude && k < taps; k++)
		sum = arena_printf(l->a, "%s%s%s", sum, k ? " + " : "",
		                   weight_steps(l, o, r, a, k, is_cubic));
	w = r->exclude ? arena_printf(l->a, "w%d / (%s)", i, sum)
	               : weight_steps(l, o, r, a, i, is_cubic);
	if (r->crop)
		w = arena_printf(l->a, "SELECT(%s, %s, 0.0)", inside(l, a, "t0"),
		                 w);
	lop_step(l, o, "Y", "%s(%s)", cast, w);
	return value;
}

/* What is added where the element lies outside of the input. */
static int
outside(struct lower *l, const struct resize *r, const struct axis *a,
        enum dtype t)
{
	int value;
	struct lop *o = vector(l, r, a, "outside", t, &value);

	lop_step(l, o, "Y", "SELECT(%s, %s, %s)", inside(l, a, "t0"),
	         map_number(l->a, t, 0), map_number(l->a, t, r->outside));
	return value;
}

/* One axis of x ([O, A, I]) by weighed taps. */
static void
weigh(struct lower *l, int y, int x, const struct dims *xd,
      const struct resize *r, const struct axis *a, bool is_cubic)
{
	enum dtype t = lower_value(l, x)->type;
	struct dims yd = DIMS(xd->v[0], a->out, xd->v[2]), wd = DIMS(1, a->out, 1);
	struct mapin in[2 * TAPS_MAX + 1];
	int taps = is_cubic ? 4 : 2, n = 0;
	const char *sum = "";
	struct lop *o;

	for (int i = 0; i < taps; i++) {
		const char *at = arena_printf(l->a, "t1 + %s",
		                              number(l, offset(i, is_cubic)));

		in[n++] = (struct mapin){gather(l, -1, x, xd, r, a, at), yd, NULL};
		in[n++] = (struct mapin){weights(l, r, a, i, is_cubic, t), wd, NULL};
	}
	if (r->crop)
		in[n++] = (struct mapin){outside(l, r, a, t), wd, NULL};
	o = lower_map(l, y, &yd, in, (size_t)n, true);
	for (int i = 0; i < taps; i++)
		sum = arena_printf(l->a, "%s%s%s * %s", sum, i ? " + " : "",
		                   in[2 * i].ref, in[2 * i + 1].ref);
	if (r->crop)
		sum = arena_printf(l->a, "%s + %s", sum, in[n - 1].ref);
	lop_step(l, o, "Y", "%s", sum);
}

static void
resize_axis(struct lower *l, struct op_ctx *c, const struct resize *r,
            size_t i, int y, int x, const struct dims *xd)
{
	const char *mode = op_str(c, "mode", "nearest");
	const char *point = "t1";

	if (!str_eq(mode, "nearest")) {
		weigh(l, y, x, xd, r, &r->axis[i], str_eq(mode, "cubic"));
		return;
	}
	if (str_eq(r->nearest, "round_prefer_floor"))
		point = "CEIL(t0 - 0.5)";
	else if (str_eq(r->nearest, "round_prefer_ceil"))
		point = "FLOOR(t0 + 0.5)";
	else if (str_eq(r->nearest, "ceil"))
		point = "CEIL(t0)";
	gather(l, y, x, xd, r, &r->axis[i], point);
}

/* Whether the axis stays as it is. */
static bool
unchanged(const struct resize *r, const struct axis *a)
{
	return a->in == a->out && a->scale == 1 &&
	       (!r->crop || (a->start == 0 && a->end == 1));
}

static int
resize_lower(struct lower *l, struct op_ctx *c)
{
	struct resize r;
	struct strided s = {.src = {0}};
	struct dims d = op_dims(c, 0), ori;
	size_t last = TENSOR_MAX_DIMS;
	int x = op_in_id(c, 0);

	resize_read(c, &r);
	if (str_eq(op_str(c, "mode", "nearest"), "nearest") && !r.crop &&
	    all_regular(c, &r, &s)) {
		lower_strided(l, op_out_id(c, 0), x, s);
		return 0;
	}
	for (size_t i = 0; i < r.rank; i++)
		if (!unchanged(&r, &r.axis[i]))
			last = i;
	if (last == TENSOR_MAX_DIMS) {
		lower_alias(l, op_out_id(c, 0), x, 0);
		return 0;
	}
	if (str_eq(op_str(c, "mode", "nearest"), "nearest") && r.crop)
		return op_fail(c, "tf_crop_and_resize with mode nearest is not "
		               "supported");
	for (size_t i = 0; i <= last; i++) {
		int y;

		if (unchanged(&r, &r.axis[i]))
			continue;
		ori = dims_ori(&d, i, i + 1);
		d.v[i] = r.axis[i].out;
		y = i == last ? op_out_id(c, 0) :
		    lower_tmp(l, "axis", op_in(c, 0)->type, &d);
		resize_axis(l, c, &r, i, y, x, &ori);
		x = y;
	}
	return 0;
}

#define ATTRS "antialias:i axes:I coordinate_transformation_mode:s " \
	"cubic_coeff_a:f exclude_outside:i extrapolation_value:f " \
	"keep_aspect_ratio_policy:s mode:s nearest_mode:s"

static const struct op ops[] = {
	{"Resize", 10, 1, 4, 1, 1, ATTRS, 2 | 4 | 8, resize_upgrade, resize_infer,
	 NULL, resize_lower},
	{"Upsample", 7, 1, 2, 1, 1, ATTRS, 2, upsample_upgrade, resize_infer,
	 NULL, resize_lower},
};

const struct op_family op_family_resize = {
	"resize", ops, sizeof ops / sizeof *ops
};
