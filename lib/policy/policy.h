/* Scheduling policies: one file each, registered by being in lib/policy.
 *
 * A policy chooses kernels (or takes what choose_kernels set), opens launches,
 * and places runs on vEUs in order.  Waits need not be placed by it: calling
 * sync_insert afterwards adds the barriers or counters that the data flow
 * asks for, so a policy is about placement alone. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <signal.h>

#include "rkernel/plan.h"
#include "verify/needs.h"
#include "verify/verify.h"	/* task_us */

enum sync_kind { SYNC_BARRIER, SYNC_COUNTER };
enum select_kind { SELECT_FASTEST, SELECT_EFFICIENT, SELECT_BEST };

extern const struct enum_table sync_words, select_words;

/* The words of one, a blank between two: for completion. */
const char *policy_choices(struct arena *a, const struct enum_table *t);

struct policy_options {
	enum sync_kind sync;
	enum select_kind select;
	int64_t width;		/* vEUs; 0: the device's */
	struct task_costs *costs;	/* NULL: estimates */
	const struct candidate *const *use;	/* [rop] instead of select; NULL */
	bool cut;		/* into launches, where that pays */
	int way;		/* which of the policy's */
	const int *order;	/* of rOperators: roundrobin's; NULL: the
				 * model's */

	/* of a policy that searches */
	const struct schedule *older;	/* legal, may be improved; or NULL */
	int64_t seed;
	int64_t budget;		/* about so many seconds, counted as work: the
				 * same schedule on any machine */
	double jitter;		/* of what decides who comes first, as a share
				 * of it: drawn by seed */
	const volatile sig_atomic_t *stop;	/* becomes true: what has been
						 * found is enough; or NULL */
};

struct policy {
	const char *name;
	const char *doc;	/* one line, for -p help */
	bool deals;		/* which of the vEUs that it gives an rOperator get
				 * which of its rTasks is left to deal_near */
	/* Fills kernels and steps of *out (made by the caller), waits apart.
	 * May decline: -1 after a diagnostic that says why. */
	int (*plan)(struct plan *p, const struct policy_options *o,
	            struct schedule *out, struct diag *d);
	/* In how many ways it plans (NULL: in one), which are named: all are
	 * predicted, and the fastest is taken.  It declines in all or in none. */
	int (*ways)(const struct plan *p);
	const char *const *way_names;
	/* Instead of plan: the whole, waits and rKernels too. */
	int (*whole)(struct plan *p, const struct policy_options *o,
	             struct schedule *out, struct diag *d);
};

extern const struct policy *const policy_list[];

/* The policy of that name, or NULL. */
const struct policy *policy_find(const char *name);

/* In how many ways it plans. */
int policy_ways(const struct policy *pol, const struct plan *p);

/* A whole schedule by a policy: its placement, the waits that are missing,
 * the launches' sizes.  With SELECT_BEST several choices of rKernels are
 * planned and predicted, and the fastest whole is kept. */
int policy_plan(const struct policy *pol, struct plan *p,
                const struct policy_options *o, struct schedule *out,
                struct diag *d);

/* --- for policies -------------------------------------------------------- */

/* Sets each rOperator's candidate by o->select (best: by o->use) and writes
 * out->kernels. */
int choose_kernels(struct plan *p, const struct policy_options *o,
                   struct schedule *out, struct diag *d);

/* vEUs to use: o->width, or as many of the device's as can be resident with
 * the chosen rKernels. */
int64_t sched_width(const struct plan *p, const struct policy_options *o);

/* Numbers drawn one after the other (splitmix64, Steele et al. 2014): 64 bits,
 * whatever the state begins with. */
uint64_t policy_draw(uint64_t *state);

/* Whether an rOperator has rTasks to place (init ones have not). */
bool sched_places(const struct plan *p, int rop);

void sched_launch(struct plan *p, struct schedule *s, int64_t width);
struct step *sched_run(struct plan *p, struct schedule *s, int rop,
                       int64_t first_task, int64_t last_task,
                       int64_t first_veu, int64_t last_veu);
/* Deals all rTasks of rop out in turn, from vEU "from" on and round the end, or,
 * more than there are vEUs, from the first on; returns the next vEU. */
int64_t sched_deal(struct plan *p, struct schedule *s, int rop, int64_t from,
                   int64_t width);
void sched_barrier(struct plan *p, struct schedule *s);

/* Adds what the order between vEUs needs: a barrier before a step that reads
 * what others made since the last one, or "after" waits. */
int sync_insert(struct plan *p, struct schedule *s, enum sync_kind k,
                struct diag *d);

/* The same; n: the needs of p, for the candidates that are chosen; what it
 * wants meanwhile lies in tmp, which the caller empties.  Adds what it looked at
 * (rTasks, and pairs of them) to *work. */
int sync_insert_in(struct plan *p, struct schedule *s, enum sync_kind k,
                   struct needs *n, struct arena *tmp, int64_t *work,
                   struct diag *d);

/* Each launch's width: the vEUs that have something to run; threads, shared,
 * registers: the most its rKernels need (of registers, all that a thread may
 * have if the vEUs are to be resident together). */
void size_launches(struct plan *p, struct schedule *s);

#endif
