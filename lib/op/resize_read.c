/* Resize: what it asks for, and where each element of the output comes from.
 *
 * A scale is a float, and so are sizes and coordinates that follow from it:
 * 10 * 0.7f is 7, though 0.7f is below 0.7. */
#include "op/resize.h"

#include <math.h>

#include "base/str.h"

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

int
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

/* --- where output x of an axis comes from ------------------------------------ */

/* What half_pixel_symmetric adds, so that the fraction is lost on both sides. */
static float
both_sides(const struct axis *a)
{
	float in = (float)a->in;

	return in / 2 * (1 - (float)a->out / (a->scale * in));
}

static float
resize_at(const struct resize *r, const struct axis *a, int64_t at)
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

int64_t
resize_nearest(const struct resize *r, const struct axis *a, int64_t at)
{
	double x = (double)resize_at(r, a, at);

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

/* The same operations in the same order as resize_at, so that both round
 * alike. */
const char *
resize_at_text(struct arena *m, const struct resize *r, const struct axis *a)
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
		return f32(m, resize_at(r, a, 0));
	if (str_eq(r->coordinates, "pytorch_half_pixel"))
		return half;
	return arena_printf(m, "%s + CAST_F32(c0) * %s * %s / %s",
	                    f32(m, a->start * (in - 1)), f32(m, a->end - a->start),
	                    f32(m, in - 1), f32(m, (float)(a->out - 1)));
}
