/* Resize and Upsample: interpolation is separable, so each axis that changes
 * is a Gather with constant indices (nearest), or a few of them and a Map that
 * weighs what they took.  Nearest that repeats or skips is a strided copy. */
#include <math.h>

#include "base/str.h"
#include "op/util.h"

#define TAPS_MAX 4

/* One axis: out from in. */
struct axis {
	int64_t in, out;
	double scale, start, end;	/* start, end: of the region, 0 to 1 */
};

struct resize {
	size_t rank;
	struct axis axis[TENSOR_MAX_DIMS];
	const char *coordinates, *nearest;
	bool crop, exclude;
	double cubic_a, outside;
};

/* Where an output element takes its parts from. */
struct taps {
	size_t n;
	int64_t at[TAPS_MAX];
	double weight[TAPS_MAX];
	double add;			/* the value outside, in crop mode */
};

/* --- upgrades ------------------------------------------------------------- */

static int
resize_upgrade(struct op_ctx *c)
{
	int scales = op_in_id(c, 1);

	if (str_eq(c->node->op, "Upsample")) {
		if (c->node->opset < 9) {
			if (op_attr_to_input(c, "scales", 1) < 0)
				return -1;
			scales = op_in_id(c, 1);
		}
		c->node->op = "Resize";
		c->node->def = op_find("Resize");
	} else if (c->node->opset > 10) {
		return 0;
	}
	c->node->in.n = 1;
	op_set_in(c, 2, scales);
	attrs_set_str(c->a, &c->node->attrs, "coordinate_transformation_mode",
	              "asymmetric");
	attrs_set_str(c->a, &c->node->attrs, "nearest_mode", "floor");
	return 0;
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

		x->scale = value_float(op_in(c, 2), (int64_t)i);
		if (!(x->scale > 0 && x->scale < 1e6))
			return op_fail(c, "a scale of %g", x->scale);
		x->out = (int64_t)floor((double)x->in * (r->crop ?
		         (x->end - x->start) * x->scale : x->scale));
	}
	return 0;
}

static int
read_sizes(struct op_ctx *c, struct resize *r, const struct dims *axes)
{
	const char *policy = op_str(c, "keep_aspect_ratio_policy", "stretch");
	bool stretch = str_eq(policy, "stretch");
	bool larger = str_eq(policy, "not_smaller");
	double scale = larger ? 0 : INFINITY;
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
		x->scale = x->in ? (double)x->out / (double)x->in : 1;
		scale = larger ? fmax(scale, x->scale) : fmin(scale, x->scale);
	}
	for (size_t i = 0; !stretch && i < axes->n; i++) {
		struct axis *x = &r->axis[axes->v[i]];

		x->scale = scale;
		x->out = (int64_t)floor(scale * (double)x->in + 0.5);
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

		x->start = value_float(op_in(c, 1), (int64_t)i);
		x->end = value_float(op_in(c, 1), (int64_t)(axes->n + i));
		if (!(fabs(x->start) < 1e6 && fabs(x->end) < 1e6))
			return op_fail(c, "a region from %g to %g", x->start,
			               x->end);
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
		r->axis[i] = (struct axis){x.v[i], x.v[i], 1, 0, 1};
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

static double
coordinate(const struct resize *r, const struct axis *a, int64_t at)
{
	double x = (double)at, in = (double)a->in, out = (double)a->out;
	double wide = a->scale * in;	/* out, with a fraction */
	double half = (x + 0.5) / a->scale - 0.5;

	if (str_eq(r->coordinates, "half_pixel"))
		return half;
	if (str_eq(r->coordinates, "half_pixel_symmetric"))
		return half + in / 2 * (1 - out / wide);
	if (str_eq(r->coordinates, "pytorch_half_pixel"))
		return a->out > 1 ? half : 0;
	if (str_eq(r->coordinates, "align_corners"))
		return wide > 1 ? x * (in - 1) / (wide - 1) : 0;
	if (str_eq(r->coordinates, "asymmetric"))
		return x / a->scale;
	if (str_eq(r->coordinates, "tf_half_pixel_for_nn"))
		return (x + 0.5) / a->scale;
	return a->out > 1 ? a->start * (in - 1) +
	                    x * (a->end - a->start) * (in - 1) / (out - 1)
	                  : 0.5 * (a->start + a->end) * (in - 1);
}

static int64_t
clamp(double x, int64_t n)
{
	return x < 0 ? 0 : x > (double)(n - 1) ? n - 1 : (int64_t)x;
}

static int64_t
nearest(const struct resize *r, const struct axis *a, int64_t at)
{
	double x = coordinate(r, a, at);

	if (str_eq(r->nearest, "round_prefer_floor"))
		x = ceil(x - 0.5);
	else if (str_eq(r->nearest, "round_prefer_ceil"))
		x = floor(x + 0.5);
	else
		x = str_eq(r->nearest, "floor") ? floor(x) : ceil(x);
	return clamp(x, a->in);
}

/* Weights of the points at distances 1 + s, s, 1 - s, 2 - s. */
static void
cubic(double a, double s, double *w)
{
	double t = 1 - s;

	w[0] = ((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a;
	w[1] = ((a + 2) * s - (a + 3)) * s * s + 1;
	w[2] = ((a + 2) * t - (a + 3)) * t * t + 1;
	w[3] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
}

static struct taps
interpolate(const struct resize *r, const struct axis *a, int64_t at,
            bool is_cubic)
{
	double x = coordinate(r, a, at), low = floor(x), s = x - low, sum = 0;
	struct taps t = {.n = is_cubic ? 4 : 2};

	if (r->crop && (x < 0 || x > (double)(a->in - 1))) {
		t.add = r->outside;
		return t;
	}
	t.weight[0] = 1 - s;
	t.weight[1] = s;
	if (is_cubic)
		cubic(r->cubic_a, s, t.weight);
	for (size_t i = 0; i < t.n; i++) {
		double p = low + (double)i - (is_cubic ? 1 : 0);

		t.at[i] = clamp(p, a->in);
		if (r->exclude && (p < 0 || p > (double)(a->in - 1)))
			t.weight[i] = 0;
		sum += t.weight[i];
	}
	for (size_t i = 0; r->exclude && sum != 0 && i < t.n; i++)
		t.weight[i] /= sum;
	return t;
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

static int
gather(struct lower *l, int y, int x, const struct dims *xd, int64_t n,
       const int64_t *indices)
{
	struct dims jd = DIMS(n), yd = DIMS(xd->v[0], n, xd->v[2]);
	const char *hint = arena_printf(l->a, "%s_index", l->node);
	int j = net_const(l->net, hint, DTYPE_I64, &n, 1, indices);
	struct lop *o;

	if (y < 0)
		y = lower_tmp(l, "taps", lower_value(l, x)->type, &yd);
	o = lower_op(l, "Gather");
	lop_in_dims(l, o, "X", x, xd);
	lop_in_dims(l, o, "J", j, &jd);
	lop_out_dims(l, o, "Y", y, &yd);
	return y;
}

/* A constant of the type from doubles. */
static int
weights(struct lower *l, enum dtype t, int64_t n, const double *w)
{
	void *data = arena_array(l->a, (size_t)n, dtype_bytes(t));

	for (int64_t i = 0; i < n; i++)
		elem_set_float(t, data, i, w[i]);
	return net_const(l->net, arena_printf(l->a, "%s_weight", l->node), t, &n,
	                 1, data);
}

/* One axis of x ([O, A, I]) by weighed taps. */
static void
weigh(struct lower *l, int y, int x, const struct dims *xd,
      const struct resize *r, const struct axis *a, bool is_cubic)
{
	enum dtype t = lower_value(l, x)->type;
	int64_t n = a->out, *at = arena_array(l->a, (size_t)n, sizeof *at);
	double *w = arena_array(l->a, (size_t)n, sizeof *w);
	struct dims yd = DIMS(xd->v[0], n, xd->v[2]), wd = DIMS(1, n, 1);
	struct mapin in[2 * TAPS_MAX + 1];
	size_t taps = is_cubic ? 4 : 2, k = 0;
	const char *sum = "";
	struct lop *o;

	for (size_t i = 0; i <= taps; i++) {
		for (int64_t p = 0; p < n; p++) {
			struct taps tp = interpolate(r, a, p, is_cubic);

			at[p] = i < taps ? tp.at[i] : 0;
			w[p] = i < taps ? tp.weight[i] : tp.add;
		}
		if (i < taps)
			in[k++] = (struct mapin){gather(l, -1, x, xd, n, at), yd, 0};
		in[k++] = (struct mapin){weights(l, t, n, w), wd, NULL};
	}
	if (!r->crop)	/* nothing lies outside */
		k--;
	o = lower_map(l, y, &yd, in, k, true);
	for (size_t i = 0; i < taps; i++)
		sum = arena_printf(l->a, "%s%s%s * %s", sum, i ? " + " : "",
		                   in[2 * i].ref, in[2 * i + 1].ref);
	if (r->crop)
		sum = arena_printf(l->a, "%s + %s", sum, in[k - 1].ref);
	lop_step(l, o, "Y", "%s", sum);
}

static void
resize_axis(struct lower *l, struct op_ctx *c, const struct resize *r,
            size_t i, int y, int x, const struct dims *xd)
{
	const char *mode = op_str(c, "mode", "nearest");
	const struct axis *a = &r->axis[i];
	int64_t *at;

	if (!str_eq(mode, "nearest")) {
		weigh(l, y, x, xd, r, a, str_eq(mode, "cubic"));
		return;
	}
	at = arena_array(l->a, (size_t)a->out, sizeof *at);
	for (int64_t k = 0; k < a->out; k++)
		at[k] = nearest(r, a, k);
	gather(l, y, x, xd, a->out, at);
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
	{"Upsample", 7, 1, 2, 1, 1, ATTRS, 2, resize_upgrade, resize_infer, NULL,
	 resize_lower},
};

const struct op_family op_family_resize = {
	"resize", ops, sizeof ops / sizeof *ops
};
