/* Within lib/verify: tensors that share bytes. */
#ifndef VERIFY_MEMORY_H
#define VERIFY_MEMORY_H

#include "verify/check.h"

struct lying {			/* a tensor where it lies in its base */
	int tensor;
	int64_t lo, hi;		/* bytes */
	int64_t seq;		/* order_first */
	const struct place *place;
};

struct live {
	const struct lying **v;
	size_t n, cap;
};

struct sharing {
	const struct flow *f;
	struct needs *needs;
	const struct order *order;
	bool mixed;	/* some pair is ordered byte by byte only: neighbours
			 * no longer speak for those behind them */
};

struct pos place_pos(const struct place *p, const char *key);

/* Byte by byte: whether at each byte that x and y share, all that touch the
 * one come before all that touch the other.  -1 after diagnostics. */
int shared_check(struct sharing *s, const struct lying *x,
                 const struct lying *y, struct diag *d);

#endif
