/* Strides, padding, dilations and output sizes of moving windows. */
#include "op/window.h"

#include "base/str.h"

#define LIMIT ((int64_t)1 << 30)	/* of any of the numbers here */

static int
read_list(struct op_ctx *c, const char *name, size_t n, int64_t lo,
          int64_t *out)
{
	const struct ints *l = op_ints(c, name);

	if (!l)
		return 0;
	if (l->n != n)
		return op_fail(c, "attribute '%s' has %zu numbers, expected %zu",
		               name, l->n, n);
	for (size_t i = 0; i < n; i++) {
		if (l->v[i] < lo || l->v[i] > LIMIT)
			return op_fail(c, "attribute '%s' holds %lld", name,
			               (long long)l->v[i]);
		out[i] = l->v[i];
	}
	return 0;
}

static int
read_pads(struct op_ctx *c, struct window *w)
{
	int64_t pads[2 * SPATIAL_MAX] = {0};

	if (read_list(c, "pads", 2 * w->n, 0, pads) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		w->begin[i] = pads[i];
		w->end[i] = pads[w->n + i];
	}
	return 0;
}

int
window_read(struct op_ctx *c, struct window *w)
{
	struct dims x = op_dims(c, 0);

	if (x.n < 3 || x.n > 2 + SPATIAL_MAX)
		return op_fail(c, "input has shape %s, expected batch, channels "
		               "and one to three spatial dimensions", op_shape(c, 0));
	w->n = x.n - 2;
	for (size_t i = 0; i < w->n; i++) {
		w->in[i] = x.v[2 + i];
		w->stride[i] = w->dilation[i] = 1;
		if (w->in[i] > LIMIT)
			return op_fail(c, "input of shape %s is too large",
			               op_shape(c, 0));
		if (w->kernel[i] < 1 || w->kernel[i] > LIMIT)
			return op_fail(c, "a window of size %lld",
			               (long long)w->kernel[i]);
	}
	if (read_list(c, "strides", w->n, 1, w->stride) < 0 ||
	    read_list(c, "dilations", w->n, 1, w->dilation) < 0)
		return -1;
	return read_pads(c, w);
}

/* SAME_UPPER, SAME_LOWER: as many outputs as strides fit, padding split. */
static void
pad_same(struct window *w, size_t i, bool upper)
{
	int64_t extent = (w->kernel[i] - 1) * w->dilation[i] + 1, pad;

	w->out[i] = (w->in[i] + w->stride[i] - 1) / w->stride[i];
	pad = (w->out[i] - 1) * w->stride[i] + extent - w->in[i];
	if (pad < 0)
		pad = 0;
	w->begin[i] = upper ? pad / 2 : pad - pad / 2;
	w->end[i] = pad - w->begin[i];
}

static void
count(struct window *w, size_t i, bool ceil)
{
	int64_t extent = (w->kernel[i] - 1) * w->dilation[i] + 1;
	int64_t room = w->in[i] + w->begin[i] + w->end[i] - extent;

	if (room < 0) {
		w->out[i] = 0;
		return;
	}
	w->out[i] = room / w->stride[i] + 1;
	/* A further window counts if it begins in the input or its padding. */
	if (ceil && room % w->stride[i] &&
	    w->out[i] * w->stride[i] < w->in[i] + w->begin[i])
		w->out[i]++;
}

int
window_out(struct op_ctx *c, struct window *w, bool ceil)
{
	const char *pad = op_str(c, "auto_pad", "NOTSET");
	bool upper = str_eq(pad, "SAME_UPPER");

	for (size_t i = 0; i < w->n; i++) {
		if (upper || str_eq(pad, "SAME_LOWER")) {
			pad_same(w, i, upper);
			continue;
		}
		if (str_eq(pad, "VALID"))
			w->begin[i] = w->end[i] = 0;
		else if (!str_eq(pad, "NOTSET") && *pad)
			return op_fail(c, "unknown auto_pad '%s'", pad);
		count(w, i, ceil);
	}
	return 0;
}

/* One spatial dimension becomes two: a row of height 1. */
static void
put(struct lower *l, struct lop *o, const char *name, const int64_t *v,
    size_t n, int64_t first)
{
	int64_t two[2] = {first, v[0]};

	if (n == 1)
		attrs_set_ints(l->a, &o->attrs, name, two, 2);
	else
		attrs_set_ints(l->a, &o->attrs, name, v, n);
}

void
window_attrs(struct lower *l, struct lop *o, const struct window *w,
             bool kernel)
{
	int64_t pads[2 * SPATIAL_MAX] = {0};
	size_t n = w->n == 1 ? 2 : w->n;

	for (size_t i = 0; i < w->n; i++) {
		pads[n - w->n + i] = w->begin[i];
		pads[n + n - w->n + i] = w->end[i];
	}
	if (kernel)
		put(l, o, "kernel", w->kernel, w->n, 1);
	put(l, o, "strides", w->stride, w->n, 1);
	attrs_set_ints(l->a, &o->attrs, "pads", pads, 2 * n);
	put(l, o, "dilations", w->dilation, w->n, 1);
}

struct dims
window_dims(const struct dims *d)
{
	struct dims out = *d;

	if (d->n == 3)
		out = DIMS(d->v[0], d->v[1], 1, d->v[2]);
	return out;
}
