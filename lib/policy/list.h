/* What list.c and list_near.c have in common. */
#ifndef POLICY_LIST_H
#define POLICY_LIST_H

#include "base/heap.h"
#include "policy/policy.h"

struct job {			/* an rOperator */
	int64_t n;		/* rTasks; 0: there is nothing to place */
	double us;		/* of one */
	int64_t veus;		/* given to it */
	double rank;		/* the longest way from its begin to the end, */
	double next;		/* and from the begin of what follows it */
	int left;		/* predecessors that are not placed yet */
	double ready;		/* what it needs has been seen, */
	int last;		/* the last of it what this rOperator made, or -1 */
	double rest;		/* the same without it */
	int64_t first;		/* where it was placed */
	int batch;		/* of several that stay on one vEU, or -1 */
};

struct batch {
	bool flat;		/* it begins when all of it may */
	int64_t veu;		/* where it is; -1: nowhere yet */
	int first, n;		/* in the order of rOperators */
};

struct placed {			/* when an rOperator begins */
	double begin;
	int rop;
};

struct list {
	const struct plan *p;
	double counter_us;
	double slack;		/* an rOperator may take longer by so much of its
				 * time for the sake of fewer vEUs */
	bool shared;		/* it gets its share of the vEUs at most */
	double *turn;		/* [rop] of those that are ready, the least goes
				 * first; or NULL */
	int64_t width, units;
	struct job *job;	/* [rop] */
	struct batch *batch;	/* or NULL */
	int nbatches;
	const int *order;	/* of rOperators; NULL: the model's */
	struct heap ready;	/* rOperators that may be placed, the next first */
	double *free_at;	/* [veu] */
	int64_t *window;	/* vEUs: see best_window */
	struct placed *placed;	/* in the order in which that was decided */
	size_t nplaced;
};

/* Takes the batches that keep constants near, and their order. */
void list_batches(struct list *l);

/* The steps of what was placed, in that order, but that those that are about one
 * constant go in rounds. */
void list_run_near(struct plan *p, const struct list *l, struct schedule *out);

#endif
