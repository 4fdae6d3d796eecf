/* Convolutions: Conv, ConvTranspose.  The bias becomes a map on the output. */
#include "base/str.h"
#include "op/window.h"

#define ATTRS "auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I"

/* The kernel's size from W, and as the attribute states it. */
static int
read_kernel(struct op_ctx *c, struct window *w)
{
	const struct ints *k = op_ints(c, "kernel_shape");
	struct dims x = op_dims(c, 0), d = op_dims(c, 1);

	if (x.n < 3 || x.n > 2 + SPATIAL_MAX || d.n != x.n)
		return op_fail(c, "input of shape %s and weights of shape %s: "
		               "expected one to three spatial dimensions in both",
		               op_shape(c, 0), op_shape(c, 1));
	if (k && k->n != d.n - 2)
		return op_fail(c, "attribute 'kernel_shape' has %zu numbers, "
		               "expected %zu", k->n, d.n - 2);
	for (size_t i = 0; i + 2 < d.n; i++) {
		w->kernel[i] = d.v[2 + i];
		if (k && k->v[i] != w->kernel[i])
			return op_fail(c, "attribute 'kernel_shape' is %s, but the "
			               "weights have shape %s", shape_text(c->a, k),
			               op_shape(c, 1));
	}
	return window_read(c, w);
}

static int
check_types(struct op_ctx *c)
{
	if (op_want(c, 0, TYPES_FLOATS) < 0 || op_want_same(c, 1, 0) < 0)
		return -1;
	return op_want_same(c, 2, 0);
}

static int
check_bias(struct op_ctx *c, int64_t m)
{
	if (op_has(c, 2) && (op_in(c, 2)->shape.n != 1 ||
	                     op_in(c, 2)->shape.v[0] != m))
		return op_fail(c, "bias has shape %s, expected [%lld]",
		               op_shape(c, 2), (long long)m);
	return 0;
}

/* group divides both numbers of channels; a transposed convolution's weights
 * have the input's first. */
static int
check_groups(struct op_ctx *c, bool transposed, int64_t *group)
{
	struct dims x = op_dims(c, 0), w = op_dims(c, 1);
	int64_t g = op_int(c, "group", 1);
	bool fits;

	if (g < 1)
		return op_fail(c, "attribute 'group' is %lld", (long long)g);
	if (transposed)
		fits = w.v[0] == x.v[1] && w.v[0] % g == 0;
	else
		fits = g <= x.v[1] && w.v[1] * g == x.v[1] && w.v[0] % g == 0;
	if (!fits)
		return op_fail(c, "%lld channels of %s do not fit weights %s in "
		               "%lld groups", (long long)x.v[1], op_shape(c, 0),
		               op_shape(c, 1), (long long)g);
	*group = g;
	return 0;
}

static int
set_out(struct op_ctx *c, const struct window *w, int64_t m)
{
	struct dims y = DIMS(op_dims(c, 0).v[0], m);

	for (size_t i = 0; i < w->n; i++) {
		if (w->out[i] < 1)
			return op_fail(c, "a window of %s does not fit input %s",
			               op_shape(c, 1), op_shape(c, 0));
		dims_add(&y, w->out[i]);
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

/* Nothing to sum up: the output is the bias alone. */
static struct lop *
start(struct lower *l, struct op_ctx *c, const char *form, int64_t group,
      const struct window *w)
{
	struct dims x = op_dims(c, 0), k = op_dims(c, 1), y = op_out_dims(c, 0);
	bool empty = !dims_elems(&x) || !dims_elems(&k);
	struct lop *o = lower_op(l, empty ? "Map" : form);

	x = window_dims(&x);
	k = window_dims(&k);
	y = window_dims(&y);
	if (!empty) {
		attrs_set_int(l->a, &o->attrs, "group", group);
		window_attrs(l, o, w, false);
		lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
		lop_in_dims(l, o, "W", op_in_id(c, 1), &k);
	}
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &y);
	return o;
}

static void
add_bias(struct lower *l, struct lop *o, struct op_ctx *c)
{
	struct dims b = DIMS(1, op_out_dims(c, 0).v[1]);
	struct dims y = op_out_dims(c, 0);

	if (!op_has(c, 2))
		return;
	for (size_t i = 2; i < window_dims(&y).n; i++)
		dims_add(&b, 1);
	lop_step(l, o, "Y", "v + %s",
	         lop_extra_dims(l, o, "Y", op_in_id(c, 2), &b));
}

/* --- Conv --------------------------------------------------------------- */

static int
conv_window(struct op_ctx *c, struct window *w, int64_t *group)
{
	if (read_kernel(c, w) < 0 || check_groups(c, false, group) < 0)
		return -1;
	return window_out(c, w, false);
}

static int
conv_infer(struct op_ctx *c)
{
	struct window w = {0};
	int64_t group, m;

	if (check_types(c) < 0 || conv_window(c, &w, &group) < 0)
		return -1;
	m = op_dims(c, 1).v[0];
	if (check_bias(c, m) < 0)
		return -1;
	return set_out(c, &w, m);
}

static int
conv_lower(struct lower *l, struct op_ctx *c)
{
	struct window w = {0};
	int64_t group;

	conv_window(c, &w, &group);
	add_bias(l, start(l, c, "Conv", group, &w), c);
	return 0;
}

/* --- ConvTranspose ------------------------------------------------------ */

/* Splits the padding that makes the output as large as asked for. */
static int
pad_to(struct op_ctx *c, struct window *w, size_t i, int64_t full,
       bool more_before)
{
	int64_t pad = full - w->out[i];

	if (pad < 0)	/* beyond the last window: more output at the end */
		w->begin[i] = w->end[i] = 0;
	else {
		w->begin[i] = more_before ? pad - pad / 2 : pad / 2;
		w->end[i] = pad - w->begin[i];
	}
	if (w->out[i] < 1)
		return op_fail(c, "output_shape holds %lld", (long long)w->out[i]);
	return 0;
}

static int
transpose_out(struct op_ctx *c, struct window *w)
{
	const struct ints *extra = op_ints(c, "output_padding");
	const struct ints *want = op_ints(c, "output_shape");
	const char *pad = op_str(c, "auto_pad", "NOTSET");
	bool upper = str_eq(pad, "SAME_UPPER"), same;

	same = upper || str_eq(pad, "SAME_LOWER");
	if (!same && !str_eq(pad, "NOTSET") && !str_eq(pad, "VALID") && *pad)
		return op_fail(c, "unknown auto_pad '%s'", pad);
	if ((extra && extra->n != w->n) || (want && want->n < w->n))
		return op_fail(c, "output_padding or output_shape has the wrong "
		               "number of entries");
	for (size_t i = 0; i < w->n; i++) {
		int64_t more = extra ? extra->v[i] : 0;
		int64_t full = (w->in[i] - 1) * w->stride[i] +
		               (w->kernel[i] - 1) * w->dilation[i] + 1 + more;

		if (more < 0 || more > INT32_MAX)
			return op_fail(c, "output_padding holds %lld",
			               (long long)more);
		if (want || same) {
			w->out[i] = want ? want->v[want->n - w->n + i]
			                 : w->in[i] * w->stride[i];
			if (pad_to(c, w, i, full, !upper) < 0)
				return -1;
			continue;
		}
		if (str_eq(pad, "VALID"))
			w->begin[i] = w->end[i] = 0;
		w->out[i] = full - w->begin[i] - w->end[i];
	}
	return 0;
}

static int
transpose_window(struct op_ctx *c, struct window *w, int64_t *group)
{
	if (read_kernel(c, w) < 0 || check_groups(c, true, group) < 0)
		return -1;
	return transpose_out(c, w);
}

static int
transpose_infer(struct op_ctx *c)
{
	struct window w = {0};
	int64_t group, m;

	if (check_types(c) < 0 || transpose_window(c, &w, &group) < 0)
		return -1;
	if (__builtin_mul_overflow(op_dims(c, 1).v[1], group, &m))
		return op_fail(c, "too many output channels");
	if (check_bias(c, m) < 0)
		return -1;
	return set_out(c, &w, m);
}

static int
transpose_lower(struct lower *l, struct op_ctx *c)
{
	struct window w = {0};
	int64_t group;

	transpose_window(c, &w, &group);
	add_bias(l, start(l, c, "ConvTranspose", group, &w), c);
	return 0;
}

static const struct op ops[] = {
	{"Conv", 1, 2, 3, 1, 1, ATTRS, 0, NULL, conv_infer, NULL, conv_lower},
	{"ConvTranspose", 1, 2, 3, 1, 1, ATTRS " output_padding:I output_shape:I",
	 0, NULL, transpose_infer, NULL, transpose_lower},
};

const struct op_family op_family_conv = {
	"conv", ops, sizeof ops / sizeof *ops
};
