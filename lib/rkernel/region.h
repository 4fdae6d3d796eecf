/* Regions: which elements of an argument an rTask reads or writes.
 *
 * Text form, as in kernel heads and tasks/1, over the task's x, y, z:
 *	[0..K, COLS*x..COLS*(x+1)]	one half-open range (or one index) a
 *					dimension of the shape as stored
 *	[TILE*x..TILE*(x+1)]		on a tensor of another rank than 1: a
 *					range of row-major elements
 *	[]				nothing
 * Ranges are clamped to the shape.  Two regions of one argument are joined
 * with " + ": [0..1, ...] + [3..4, ...]. */
#ifndef RKERNEL_REGION_H
#define RKERNEL_REGION_H

#include "base/expr.h"
#include "ir/ir.h"

#define BOX_DIMS 10		/* stored dims: logical ones and blocks */

struct box {			/* half-open; empty if any lo >= hi */
	int nd;
	int64_t lo[BOX_DIMS], hi[BOX_DIMS];
};

struct boxes {
	struct box *v;
	size_t n, cap;
};

struct region;

struct region *region_parse(struct arena *a, const char *text, struct pos at,
                            struct diag *d);

/* The same region with what env knows put in and folded, as text. */
const char *region_bind(struct arena *a, const struct region *r,
                        const struct env *env);

/* Dimensions that it gives, at most; a tensor of that stored rank has them all
 * or (1) is seen flat. */
bool region_suits(const struct region *r, size_t rank);

/* The first name in it that is neither x, y, z nor known, or NULL. */
const char *region_unknown(const struct region *r,
                           bool (*known)(const void *ctx, const char *name),
                           const void *ctx);

/* Whether its boxes can fail to evaluate for some rTasks: it divides. */
bool region_divides(const struct region *r);

/* The boxes of rTask (x, y, z) within a tensor of that stored shape, clamped,
 * appended to out (empty ones are left out).  A flat range becomes several
 * boxes, exactly.  -1, with nothing appended, if an expression cannot be
 * evaluated or the ranks differ. */
int region_eval(const struct region *r, int64_t x, int64_t y, int64_t z,
                const struct ints *stored, struct arena *a, struct boxes *out);

bool box_meet(const struct box *a, const struct box *b);
bool box_empty(const struct box *b);

/* Makes hull, of the same rank and not empty, the least box that holds both. */
void box_widen(struct box *hull, const struct box *b);
struct box box_whole(const struct ints *shape);
int64_t box_elems(const struct box *b);

/* The box of an operand that broadcasts (dims 1 or equal) to shape, given the
 * box of its host. */
struct box box_broadcast(const struct box *host, const struct ints *operand);

/* Calls f(ctx, first byte, bytes) for each contiguous run of the box. */
void box_runs(const struct box *b, const struct ints *stored, size_t elem,
              void (*f)(void *ctx, int64_t at, int64_t n), void *ctx);

/* Whether the box, not empty, is one run. */
bool box_is_run(const struct box *b, const struct ints *stored);

/* Whether two boxes, in tensors of perhaps different shapes and types lying at
 * these byte offsets of one base, share a byte. */
bool boxes_share_bytes(const struct box *a, const struct ints *sa, size_t ea,
                       int64_t at_a, const struct box *b,
                       const struct ints *sb, size_t eb, int64_t at_b);

#endif
