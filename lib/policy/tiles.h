/* Which rTasks of p each rTask of q needs, as ranges that depend on q's rTask:
 * found from the regions of their rKernels, wherever these are placed. */
#ifndef POLICY_TILES_H
#define POLICY_TILES_H

#include "verify/needs.h"
#include "verify/verify.h"	/* wait_range */

struct tiles {			/* of no range: none was found that says less
				 * than "all" */
	VEC(struct irange) v;	/* what rTask i needs lies in these, all together */
};

/* Of one pair of rKernels and arguments they are found once, and live as long as
 * the needs do. */
const struct tiles *tiles_of(struct needs *n, const struct need *d);

/* The k-th range, with all it has in a. */
struct irange tiles_range(const struct tiles *t, size_t k, struct arena *a);

#endif
