/* What a Resize asks for, and where each element of its output comes from. */
#ifndef OP_RESIZE_H
#define OP_RESIZE_H

#include "op/util.h"

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

/* Reads and checks attributes, scales or sizes.  -1 after a diagnostic. */
int resize_read(struct op_ctx *c, struct resize *r);

/* Which element of the input is nearest to element "at" of the output. */
int64_t resize_nearest(const struct resize *r, const struct axis *a, int64_t at);

/* Where in the input element c0 of the output lies, as an expression in f32. */
const char *resize_at_text(struct arena *m, const struct resize *r,
                           const struct axis *a);

#endif
