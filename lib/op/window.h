/* Windows that move over the spatial dimensions: what Conv, ConvTranspose and
 * the pools share. */
#ifndef OP_WINDOW_H
#define OP_WINDOW_H

#include "op/util.h"

#define SPATIAL_MAX 3

/* [N, C, spatial...], one or two or three spatial dimensions. */
struct window {
	size_t n;			/* spatial dimensions */
	int64_t in[SPATIAL_MAX], out[SPATIAL_MAX];
	int64_t kernel[SPATIAL_MAX], stride[SPATIAL_MAX];
	int64_t dilation[SPATIAL_MAX];
	int64_t begin[SPATIAL_MAX], end[SPATIAL_MAX];	/* padding */
};

/* Attributes strides, dilations and (pads alone, not auto_pad) for input 0,
 * checked; kernel must be filled before. */
int window_read(struct op_ctx *c, struct window *w);

/* auto_pad, then the sizes of the output; ceil as ONNX's ceil_mode. */
int window_out(struct op_ctx *c, struct window *w, bool ceil);

/* n for the spatial attributes of the form: strides, pads, dilations and, for
 * pools, kernel; one dimension becomes two. */
void window_attrs(struct lower *l, struct lop *o, const struct window *w,
                  bool kernel);

/* [a, b, spatial...], with H = 1 put in where there is one dimension. */
struct dims window_dims(const struct dims *d);

#endif
