/* Ways through a plan whose rOperators run under conditions. */
#ifndef VERIFY_WAYS_H
#define VERIFY_WAYS_H

#include "rkernel/plan.h"

struct ways {
	VEC(bool *) v;		/* [way][rop] whether it is skipped */
};

/* All of them, each once; one, in which nothing is skipped, where there are no
 * conditions, or more than 16 ways.  They lie in a. */
void ways_find(struct ways *w, const struct plan *p, struct arena *a);

#endif
