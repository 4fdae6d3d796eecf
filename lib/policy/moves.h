/* A schedule as the search changes it: what runs where in which order, and where
 * all wait for all.  Other waits follow from that, see sync_insert. */
#ifndef POLICY_MOVES_H
#define POLICY_MOVES_H

#include "policy/trial.h"

enum item_kind { ITEM_RUN, ITEM_BARRIER, ITEM_LAUNCH };

struct item {
	enum item_kind kind;
	int rop;		/* of a run */
	int64_t lo, hi;		/* its rTasks and vEUs, inclusive */
	int64_t v0, v1;
};

struct draft {
	struct item *v;
	size_t n, room;
	struct arena *a;	/* which is as old */
	const struct candidate **use;	/* [rop] */
	double us;		/* what is predicted of it */
	bool deals;		/* rTasks are dealt out anew: see struct policy */
};

struct moving {			/* what moves need to know */
	const struct plan *p;
	int64_t width;		/* vEUs of a launch at most */
	uint64_t rng;
	bool kernels;		/* may choose others, */
	bool barriers;		/* and place barriers */
	bool deals;		/* of drafts that are taken */
	const int *pick;	/* rOperators to move rather than others */
	size_t npick;
	int *mark, stamp;	/* [rop] for marking some: never twice the same */
	char what[160];		/* what the last move did */
};

/* o: with o->sync barrier the waits' kind is not for moves to choose. */
void moving_init(struct moving *m, struct plan *p,
                 const struct policy_options *o);

struct draft draft_new(const struct moving *m, struct arena *a);

/* So that there is room for n items. */
void draft_reserve(struct draft *d, size_t n);
void draft_copy(const struct moving *m, struct draft *to,
                const struct draft *from);

/* What s places, by the rKernels that it chose. */
void draft_take(const struct moving *m, struct draft *d,
                const struct schedule *s);

/* The kernels and steps of d, waits apart; chooses its rKernels in p. */
void draft_put(const struct moving *m, const struct draft *d, struct plan *p,
               struct schedule *s);

/* The whole schedule of d, in the plan's arena. */
int draft_finish(const struct moving *m, const struct draft *d, struct trials *t,
                 struct schedule *out, struct diag *diag);

/* How long it would take, us; DBL_MAX if it is not possible or vEUs of a launch do
 * not fit the device at once.  *out: the schedule; for those between trial_begin
 * and trial_end. */
double draft_us(const struct moving *m, const struct draft *d, struct trials *t,
                struct schedule *out, struct diag *diag);

/* Changes d in one way, drawn at random; false: this time it came to nothing.
 * Dependences still point forward. */
bool draft_move(struct moving *m, struct draft *d);

#endif
