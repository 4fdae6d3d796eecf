/* Layouts: how a tensor is stored when not row-major.
 *
 * A layout is written as the logical dimensions in capitals, in logical order,
 * then blocks as a number and the small letter of the dimension: NCHW16c is
 * stored as [N, C/16, H, W, 16]; OIHW16i16o as [O/16, I/16, H, W, 16 of I,
 * 16 of O].  A dimension that has several blocks is split from the outermost
 * on.  A letter without a number is a block of all that is left of its dimension:
 * BKNk32n is stored as [B, 1, N/32, K, 32].  A layout applies only where blocks
 * divide their dimensions. */
#ifndef RKERNEL_LAYOUT_H
#define RKERNEL_LAYOUT_H

#include "ir/ir.h"
#include "rkernel/region.h"

/* Stored shape of a logical one; layout NULL gives the same shape.  -1 if the
 * layout is ill-formed, of another rank, or does not divide. */
int layout_stored(struct arena *a, const char *layout,
                  const struct ints *logical, struct ints *stored);

/* For generated code: stored dimension k belongs to logical dimension dim[k];
 * the logical coordinate is the sum of stored coordinates times scale[k].
 * dim and scale hold BOX_DIMS.  Returns the number of stored dimensions; -1
 * as above. */
int layout_map(const char *layout, const struct ints *logical,
               int dim[], int64_t scale[]);

/* Whether the elements lie in row-major order all the same, as where only one
 * dimension is larger than 1. */
bool layout_row_major(const char *layout, const struct ints *logical);

/* The least box of logical coordinates that holds a stored box, and the least
 * stored box that holds a logical one. */
struct box layout_to_logical(const char *layout, const struct ints *logical,
                             const struct box *stored);
struct box layout_to_stored(const char *layout, const struct ints *logical,
                            const struct box *box);

#endif
