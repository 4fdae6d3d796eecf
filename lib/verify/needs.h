/* Which rTasks of one rOperator must come before which of another: those that
 * touch the same bytes, one of them writing.  The order of rOperators in
 * tasks/1 says which of the two comes first.  What the verifier demands and
 * sync_insert provides is the same relation. */
#ifndef VERIFY_NEEDS_H
#define VERIFY_NEEDS_H

#include "rkernel/plan.h"

struct boxset {			/* what each rTask touches of an argument */
	bool same;		/* every rTask touches v[0 .. first[1]) */
	bool runs;		/* each one run of bytes */
	struct box *v;
	size_t *first;		/* [rTask], [rTasks]: all */
	struct box hull;	/* of all rTasks */
	struct boxtree *tree;	/* made when it is first searched */
};

struct need_pair {		/* arguments of p and q in one storage */
	size_t parg, qarg;
	bool same;		/* needs_same_place */
	bool boxes;		/* bytes are shared where boxes meet */
	int64_t to_p;		/* bytes of q's argument to those of p's */
	struct boxset *pset, *qset;
};

struct need {			/* rTasks of q follow some of p (maybe p == q) */
	int p, q;
	VEC(struct need_pair) pairs;	/* none: of these candidates none does */
	VEC(struct need_pair) all;	/* of any candidates */
};

struct needs {
	struct arena *a;
	struct plan *plan;
	VEC(struct need) v;	/* by q, then p */
	size_t *first;		/* [rop], [nrops]: all */
	struct boxset ***sets;	/* [class][candidate and argument] */
	struct boxset *guards[BOX_DIMS + 1];	/* [rank] of tensors of one
						 * element */
	int64_t work;		/* what searches have looked at, in all */
	struct tiles_memo *tiles;	/* of lib/policy: it depends on no choice */
};

/* What depends on no candidate; needs_choose follows. */
void needs_init(struct needs *n, struct plan *p, struct arena *a);

/* The candidates of p are chosen, or chosen anew: sets pairs; work is 0. */
void needs_choose(struct needs *n);

/* Both. */
void needs_make(struct needs *n, struct plan *p, struct arena *a);

/* Neither: for those who ask for boxes alone. */
void needs_boxes_init(struct needs *n, struct plan *p, struct arena *a);

/* What rTasks of an rOperator touch of an argument, by its chosen candidate. */
const struct boxset *needs_boxes(struct needs *n, int rop, size_t arg);

/* A search for the rTasks of p that rTask u of q follows through pair k. */
struct need_search {
	struct needs *n;
	const struct need *d;
	const struct need_pair *k;
	const struct boxtree *tree;	/* of p */
	int64_t u;
	int from, to;			/* sides of "near" that count */
	int64_t near[2 * (BOX_DIMS + 1)];	/* lo, hi of each side */
};

void need_search(struct need_search *s, struct needs *n, const struct need *d,
                 const struct need_pair *k, int64_t u);

/* The first rTask of p from t on that may be one: those passed over are not.
 * -1: there is none. */
int64_t need_next(const struct need_search *s, int64_t t);

/* Whether rTask t is one.  *at (or NULL): the part they share (where their
 * shapes differ, the smaller of the two boxes, in its own argument's shape). */
bool need_meets(const struct need_search *s, int64_t t, struct box *at);

/* Whether box a of argument x of rop p and box b of y of q share bytes. */
bool needs_share(const struct plan *pl, int p, size_t x, const struct box *a,
                 int q, size_t y, const struct box *b);

/* Whether x of p and y of q are one tensor in one shape: boxes of the one are
 * then boxes of the other. */
bool needs_same_place(const struct plan *pl, int p, size_t x, int q, size_t y);

#endif
