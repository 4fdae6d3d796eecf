/* Resize and Upsample: interpolation is separable, so each axis that changes
 * is a Gather (nearest), or a few of them and a Map that weighs what they took.
 * Indices and weights are maps of their coordinate, with no operands.
 * Nearest that repeats or skips regularly is a strided copy.
 *
 * A scale is a float, and so are sizes and coordinates that follow from it:
 * 10 * 0.7f is 7, though 0.7f is below 0.7. */
#include <math.h>

#include "base/str.h"
#include "op/util.h"

#define TAPS_MAX 4

/* One axis: out from in. */
struct axis {
	int64_t in, out;
	float scale, start, end;	/* start, end: of the region, 0 to 1 */
	float wide;			/* out, with a fraction where scaled */
};

struct resize {
	size_t rank;
	struct axis axis[TENSOR_MAX_DIMS];
	const char *coordinates, *nearest;
	bool crop, exclude;
	double cubic_a, outside;
};

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

/* --- attributes and sizes -------------------------------------------------- */

static bool
is_given(struct op_ctx *c, size_t in)
{
	return op_has(c, in) && value_elems(op_in(c, in)) > 0;
}

/* Input in has n numbers (factor times). */
static int
check_count(struct op_ctx *c, size_t in, size_t n)
{
	if (value_elems(op_in(c, in)) == (int64_t)n)
		return 0;
	return op_fail(c, "input '%s' has shape %s, expected %zu numbers",
	               op_in(c, in)->name, op_shape(c, in), n);
}

/* The axes that scales, sizes and roi speak of. */
static int
read_axes(struct op_ctx *c, struct dims *axes)
{
	const struct ints *l = op_ints(c, "axes");
	size_t rank = op_in(c, 0)->shape.n;
	bool seen[TENSOR_MAX_DIMS] = {false};

	*axes = (struct dims){0};
	for (size_t i = 0; i < (l ? l->n : rank); i++) {
		int64_t k = (int64_t)i;

		if (l && op_axis(c, l->v[i], rank, &k) < 0)
			return -1;
		if (seen[k])
			return op_fail(c, "an axis is named twice");
		seen[k] = true;
		dims_add(axes, k);
	}
	return 0;
}

static int
read_scales(struct op_ctx *c, struct resize *r, const struct dims *axes)
{
	if (check_count(c, 2, axes->n) < 0)
		return -1;
	for (size_t i = 0; i < axes->n; i++) {
		struct axis *x = &r->axis[axes->v[i]];

		x->scale = (float)value_float(op_in(c, 2), (int64_t)i);
		if (!(x->scale > 0 && x->scale < 1e6f))
			return op_fail(c, "a scale of %g", (double)x->scale);
		x->wide = x->scale * (float)x->in;
		x->out = (int64_t)floorf(r->crop ? (x->end - x->start) * x->wide
		                                 : x->wide);
	}
	return 0;
}

static int
read_sizes(struct op_ctx *c, struct resize *r, const struct dims *axes)
{
	const char *policy = op_str(c, "keep_aspect_ratio_policy", "stretch");
	bool stretch = str_eq(policy, "stretch");
	bool larger = str_eq(policy, "not_smaller");
	float scale = larger ? 0 : INFINITY;
	struct ints sizes;

	if (op_const_ints(c, 3, &sizes) < 0 || check_count(c, 3, axes->n) < 0)
		return -1;
	if (!stretch && !larger && !str_eq(policy, "not_larger"))
		return op_fail(c, "unknown keep_aspect_ratio_policy '%s'", policy);
	for (size_t i = 0; i < axes->n; i++) {
		struct axis *x = &r->axis[axes->v[i]];

		if (sizes.v[i] < 0 || sizes.v[i] > 1 << 30 ||
		    (x->in == 0 && sizes.v[i] > 0))
			return op_fail(c, "a size of %lld from %lld",
			               (long long)sizes.v[i], (long long)x->in);
		x->out = sizes.v[i];
		x->wide = (float)x->out;
		x->scale = x->in ? x->wide / (float)x->in : 1;
		scale = larger ? fmaxf(scale, x->scale)
		               : fminf(scale, x->scale);
	}
	for (size_t i = 0; !stretch && i < axes->n; i++) {
		struct axis *x = &r->axis[axes->v[i]];

		x->scale = scale;
		x->wide = scale * (float)x->in;
		x->out = (int64_t)floor((double)x->wide + 0.5);
	}
	return 0;
}

static int
read_roi(struct op_ctx *c, struct resize *r, const struct dims *axes)
{
	if (!r->crop)
		return 0;
	if (!is_given(c, 1))
		return op_fail(c, "tf_crop_and_resize needs the region");
	if (check_count(c, 1, 2 * axes->n) < 0)
		return -1;
	for (size_t i = 0; i < axes->n; i++) {
		struct axis *x = &r->axis[axes->v[i]];

		x->start = (float)value_float(op_in(c, 1), (int64_t)i);
		x->end = (float)value_float(op_in(c, 1),
		                            (int64_t)(axes->n + i));
		if (!(fabsf(x->start) < 1e6f && fabsf(x->end) < 1e6f))
			return op_fail(c, "a region from %g to %g",
			               (double)x->start, (double)x->end);
	}
	return 0;
}

static bool
one_of(const char *word, const char *const *words)
{
	while (*words && !str_eq(word, *words))
		words++;
	return *words != NULL;
}

static int
read_modes(struct op_ctx *c, struct resize *r)
{
	static const char *const coordinates[] = {
		"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
		"align_corners", "asymmetric", "tf_crop_and_resize",
		"tf_half_pixel_for_nn", NULL};
	static const char *const nearest[] = {
		"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL};
	static const char *const modes[] = {"nearest", "linear", "cubic", NULL};

	r->coordinates = op_str(c, "coordinate_transformation_mode", "half_pixel");
	r->nearest = op_str(c, "nearest_mode", "round_prefer_floor");
	if (!one_of(r->coordinates, coordinates))
		return op_fail(c, "unknown coordinate_transformation_mode '%s'",
		               r->coordinates);
	if (!one_of(r->nearest, nearest))
		return op_fail(c, "unknown nearest_mode '%s'", r->nearest);
	if (!one_of(op_str(c, "mode", "nearest"), modes))
		return op_fail(c, "unknown mode '%s'", op_str(c, "mode", ""));
	r->crop = str_eq(r->coordinates, "tf_crop_and_resize");
	r->exclude = op_int(c, "exclude_outside", 0) != 0;
	r->cubic_a = op_float(c, "cubic_coeff_a", -0.75);
	r->outside = op_float(c, "extrapolation_value", 0);
	return 0;
}

static int
resize_read(struct op_ctx *c, struct resize *r)
{
	struct dims x = op_dims(c, 0), axes;

	*r = (struct resize){.rank = x.n};
	for (size_t i = 0; i < x.n; i++)
		r->axis[i] = (struct axis){x.v[i], x.v[i], 1, 0, 1,
		                          (float)x.v[i]};
	if (read_modes(c, r) < 0 || read_axes(c, &axes) < 0 ||
	    read_roi(c, r, &axes) < 0)
		return -1;
	if (is_given(c, 2) == is_given(c, 3))
		return op_fail(c, "expected either scales or sizes");
	return is_given(c, 2) ? read_scales(c, r, &axes)
	                      : read_sizes(c, r, &axes);
}

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

/* --- where output x of an axis comes from ------------------------------------ */

/* What half_pixel_symmetric adds, so that the fraction is lost on both sides. */
static float
both_sides(const struct axis *a)
{
	float in = (float)a->in;

	return in / 2 * (1 - (float)a->out / (a->scale * in));
}

static float
coordinate(const struct resize *r, const struct axis *a, int64_t at)
{
	float x = (float)at, in = (float)a->in;
	float half = (x + 0.5f) / a->scale - 0.5f;

	if (str_eq(r->coordinates, "half_pixel"))
		return half;
	if (str_eq(r->coordinates, "half_pixel_symmetric"))
		return half + both_sides(a);
	if (str_eq(r->coordinates, "pytorch_half_pixel"))
		return a->out > 1 ? half : 0;
	if (str_eq(r->coordinates, "align_corners"))
		return a->wide > 1 ? x * (in - 1) / (a->wide - 1) : 0;
	if (str_eq(r->coordinates, "asymmetric"))
		return x / a->scale;
	if (str_eq(r->coordinates, "tf_half_pixel_for_nn"))
		return (x + 0.5f) / a->scale;
	return a->out > 1 ? a->start * (in - 1) +
	                    x * (a->end - a->start) * (in - 1) /
	                    (float)(a->out - 1)
	                  : 0.5f * (a->start + a->end) * (in - 1);
}

static int64_t
clamp(double x, int64_t n)
{
	return x < 0 ? 0 : x > (double)(n - 1) ? n - 1 : (int64_t)x;
}

static int64_t
nearest(const struct resize *r, const struct axis *a, int64_t at)
{
	double x = (double)coordinate(r, a, at);

	if (str_eq(r->nearest, "round_prefer_floor"))
		x = ceil(x - 0.5);
	else if (str_eq(r->nearest, "round_prefer_ceil"))
		x = floor(x + 0.5);
	else
		x = str_eq(r->nearest, "floor") ? floor(x) : ceil(x);
	return clamp(x, a->in);
}

static const char *
f32(struct arena *m, float x)
{
	return map_number(m, DTYPE_F32, (double)x);
}

/* The same as text, for coordinate c0: the same operations in the same order,
 * so that both round alike. */
static const char *
coordinate_text(struct arena *m, const struct resize *r, const struct axis *a)
{
	float in = (float)a->in;
	const char *scale = f32(m, a->scale);
	const char *half = arena_printf(m, "(CAST_F32(c0) + 0.5f) / %s - 0.5f",
	                                scale);

	if (str_eq(r->coordinates, "half_pixel_symmetric"))
		return arena_printf(m, "%s + %s", half, f32(m, both_sides(a)));
	if (str_eq(r->coordinates, "align_corners"))
		return a->wide > 1 ? arena_printf(m, "CAST_F32(c0) * %s / %s",
		       f32(m, in - 1), f32(m, a->wide - 1)) : "0.0f";
	if (str_eq(r->coordinates, "asymmetric"))
		return arena_printf(m, "CAST_F32(c0) / %s", scale);
	if (str_eq(r->coordinates, "tf_half_pixel_for_nn"))
		return arena_printf(m, "(CAST_F32(c0) + 0.5f) / %s", scale);
	if (str_eq(r->coordinates, "half_pixel"))
		return half;
	if (a->out <= 1)
		return f32(m, coordinate(r, a, 0));
	if (str_eq(r->coordinates, "pytorch_half_pixel"))
		return half;
	return arena_printf(m, "%s + CAST_F32(c0) * %s * %s / %s",
	                    f32(m, a->start * (in - 1)), f32(m, a->end - a->start),
	                    f32(m, in - 1), f32(m, (float)(a->out - 1)));
}

/* --- lowering ------------------------------------------------------------------ */

/* Adds the axis to a strided copy, if its indices are regular: k * step, or
 * each one the same number of times. */
static bool
regular(const struct resize *r, const struct axis *a, int64_t step,
        struct strided *s)
{
	int64_t first = nearest(r, a, 0), by, times = 1;

	while (times < a->out && nearest(r, a, times) == first)
		times++;
	by = times < a->out ? nearest(r, a, times) - first : 0;
	if (a->out % times)
		return false;
	for (int64_t k = 0; k < a->out; k++)
		if (nearest(r, a, k) != first + k / times * by)
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
	lop_step(l, o, "Y", "t0 = CAST_F64(%s)", coordinate_text(l->a, r, a));
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
