/* Which rTasks of one rOperator must come before which of another: those that
 * touch the same bytes, one of them writing.  The order of rOperators in
 * tasks/1 says which of the two comes first.  What the verifier demands and
 * sync_insert provides is the same relation. */
#ifndef VERIFY_NEEDS_H
#define VERIFY_NEEDS_H

#include "rkernel/plan.h"

struct boxset {			/* what each rTask touches of an argument */
	const struct candidate *cand;
	size_t arg;
	bool same;		/* every rTask touches v[0 .. first[1]) */
	struct box *v;
	size_t *first;		/* [rTask], [rTasks]: all */
	struct box hull;
};

struct need_pair {		/* arguments of p and q in one storage */
	size_t parg, qarg;
	const struct boxset *pset, *qset;
};

struct need {			/* rTasks of q follow some of p (maybe p == q) */
	int p, q;
	VEC(struct need_pair) pairs;
};

struct needs {
	struct arena *a;
	struct plan *plan;
	VEC(struct need) v;	/* by q, then p */
	size_t *first;		/* [rop], [nrops]: all */
	struct { struct boxset **v; size_t n, cap; } *sets;	/* [class] */
};

/* The candidates of p are chosen. */
void needs_make(struct needs *n, struct plan *p, struct arena *a);

const struct boxset *needs_boxes(struct needs *n, int rop, size_t arg);

/* The pair through which rTask t of p must precede rTask u of q, or NULL.
 * *at: the part they share (or, where their shapes differ, the smaller of the
 * two boxes, in its own argument's shape). */
const struct need_pair *need_between(const struct needs *n,
                                     const struct need *d, int64_t t,
                                     int64_t u, struct box *at);

/* Whether box a of argument x of rop p and box b of y of q share bytes. */
bool needs_share(const struct plan *pl, int p, size_t x, const struct box *a,
                 int q, size_t y, const struct box *b);

#endif
