/* Groups of rOperators that share a device: a group's rOperators run one after
 * the other on the group's vEUs, the groups beside one another.  A wave's groups
 * are of one rOperator each. */
#ifndef POLICY_GROUPS_H
#define POLICY_GROUPS_H

#include "base/heap.h"
#include "policy/policy.h"

struct member {
	int rop;
	int64_t n;		/* rTasks */
	double us;		/* of one, with what it costs to begin it */
};

struct group {
	const struct member *v;	/* in the order in which they run */
	size_t n;
	double work;		/* us of all rTasks: see group_of */
	int64_t most;		/* vEUs that the widest of them can use */
	int64_t veus, first;	/* given to it: by groups_place */
	double share;		/* of work, on each of them */
};

struct groups_room {		/* what groups_place wants meanwhile, for width */
	struct heap slowest;	/* of groups, by index */
	struct group *side;
	double *load;
	int64_t width;
	double sync_us;		/* between two of a group on several vEUs */
};

struct member member_of(const struct plan *p, int rop,
                        const struct policy_options *o);

/* v: stays as long as the group. */
struct group group_of(const struct member *v, size_t n);

void groups_room_init(struct groups_room *m, const struct plan *p,
                      int64_t width);

/* Shares the vEUs out, each group side by side with the others or, where that
 * ends sooner, stacked.  Returns how long all take, us. */
double groups_place(struct groups_room *m, struct group *g, size_t n);

#endif
