/* Scheduling policies: one file each, registered by being in lib/policy.
 *
 * A policy chooses kernels (or takes what choose_kernels set), opens launches,
 * and places runs on vEUs in order.  Waits need not be placed by it: calling
 * sync_insert afterwards adds the barriers or counters that the data flow
 * asks for, so a policy is about placement alone. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "rkernel/plan.h"

enum sync_kind { SYNC_BARRIER, SYNC_COUNTER };

struct policy_options {
	enum sync_kind sync;
	const char *select;	/* fastest, efficient or best */
	int64_t width;		/* vEUs; 0: the device's */
	const struct costs *costs;	/* measured times, or NULL */
};

struct policy {
	const char *name;
	const char *doc;	/* one line, for -p list */
	/* Fills kernels and steps of *out (made by the caller).  May decline:
	 * -1 after a diagnostic that says why. */
	int (*plan)(struct plan *p, const struct policy_options *o,
	            struct schedule *out, struct diag *d);
};

extern const struct policy *const policy_list[];

/* --- for policies -------------------------------------------------------- */

/* Sets each rOperator's candidate by o->select and writes out->kernels. */
int choose_kernels(struct plan *p, const struct policy_options *o,
                   struct schedule *out, struct diag *d);

/* Time of one rTask of a candidate, us: measured if known, else estimated. */
double task_us(const struct plan *p, int rop, const struct candidate *c,
               const struct costs *costs);

void sched_launch(struct plan *p, struct schedule *s, int64_t width);
struct step *sched_run(struct plan *p, struct schedule *s, int rop,
                       int64_t first_task, int64_t last_task,
                       int64_t first_veu, int64_t last_veu);
void sched_barrier(struct plan *p, struct schedule *s);

/* Adds what the order between vEUs needs: a barrier before a step that reads
 * what others made since the last one, or "after" waits. */
int sync_insert(struct plan *p, struct schedule *s, enum sync_kind k,
                struct diag *d);

/* threads, shared, registers of each launch: the most its rKernels need. */
void size_launches(struct plan *p, struct schedule *s);

#endif
