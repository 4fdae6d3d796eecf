/* Whether a schedule (and a memory plan) is legal, and how long it takes.
 *
 * Legal is what the design says: every rTask of every rOperator runs exactly
 * once; every read of a region comes after the writes that made it, every
 * reuse of memory after what went before; nothing waits for ever; all fits.
 * Happens-before is kept as vector clocks per vEU: near-linear. */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "rkernel/plan.h"

enum fault {		/* what was found wrong first, for tests and tables */
	FAULT_NONE, FAULT_KERNEL, FAULT_COVERAGE, FAULT_RESOURCE,
	FAULT_DEADLOCK, FAULT_ORDER, FAULT_MEMORY,
};

/* m may be NULL: memory is then not looked at.  p's candidates are set from s.
 * Diagnostics name the smallest witness with both places.  Returns FAULT_NONE
 * if legal. */
enum fault verify(struct plan *p, const struct schedule *s,
                  const struct memory *m, struct diag *d);

/* The same in two steps, for more than one look at one schedule: memory is
 * looked at only for a schedule that was found legal.  *v lives in a; p and s
 * stay as they are as long as it is used. */
struct verified;

enum fault verify_schedule(struct plan *p, const struct schedule *s,
                           struct arena *a, struct verified **v,
                           struct diag *d);
enum fault verify_memory(struct verified *v, const struct memory *m,
                         struct diag *d);

/* What a refusal rests on, for those that want to see it happen. */
struct witness_pair {		/* rTask t of rOperator p, and u of q */
	int p, q;
	int64_t t, u;
	int root;		/* tensor of which bytes lo .. hi - 1 are at */
	int64_t lo, hi;		/* stake; -1: none */
};

/*	FAULT_COVERAGE	one pair: t runs u times, or (q is -2) needs, or some
 *			output needs (p is -1), bytes that nobody writes
 *	FAULT_DEADLOCK	a ring: each t waits for u, which stands behind the
 *			next pair's t, the last behind the first's; or behind
 *			a barrier that t has to reach itself
 *	FAULT_ORDER	one pair: u may run before t, which it has to follow
 *	FAULT_MEMORY	one or two pairs, t of the one tensor, u of the other:
 *			in the first u may run before t, in the second t
 *			before u; or t is u, an rTask that uses both
 *
 * No pairs: a fault of the text, which no rTask shows. */
struct witness {
	VEC(struct witness_pair) pairs;
};

/* Of the last refusal of either kind; empty where there was none. */
const struct witness *verified_witness(const struct verified *v);

/* The schedule resolved (flow.h), of one found legal: for those that hold
 * something against it. */
struct flow;

const struct flow *verified_flow(const struct verified *v);

/* The order of its rTasks, for the memory planner; see below. */
struct order;

const struct order *verified_order(struct verified *v, struct diag *d);

/* The number of rTasks of the chosen rKernels if it is beyond what a schedule
 * may have, else 0. */
int64_t rtasks_too_many(const struct plan *p);

/* The rTasks, of an rOperator of n, that rTask i of a chosen rOperator waits for
 * by r.  -1 and *why (in the arena) if there is no value or not all of them
 * exist. */
int wait_range(const struct plan *p, int rop, int64_t i, const struct irange *r,
               int64_t n, struct range *out, struct arena *a,
               const char **why);

/* vEUs of that many threads, bytes of shared memory and registers a thread (0:
 * not known) that the device can hold at once; *limit: what sets the number.
 * Not for hosts. */
int64_t device_resident(const struct device *v, int64_t threads,
                        int64_t shared, int64_t registers,
                        const char **limit);

/* --- happens-before, for the memory planner ------------------------------ */

/* The order of a legal schedule's rTasks. */
struct order *order_make(struct plan *p, const struct schedule *s,
                         struct arena *a, struct diag *d);

/* Whether every access to tensor x (a root) comes before every one to y. */
bool order_tensors(const struct order *o, int x, int y);

/* Whether x comes before y in that way, or y before x. */
bool order_either(const struct order *o, int x, int y);

/* When tensor x is first touched: a number that agrees with the order, or -1
 * if no rTask touches it. */
int64_t order_first(const struct order *o, int x);

/* --- prediction ---------------------------------------------------------- */

struct bar {			/* one rTask on the timeline */
	int rop;
	int64_t task, veu;
	double begin_us, end_us, wait_us;
	bool skipped;		/* its condition did not hold */
};

struct timeline {
	double total_us;
	int64_t width;
	bool measured;		/* not predicted */
	VEC(struct bar) bars;
};

/* An instance class in full, as costs/1 names it: form and arguments, those of
 * fused maps apart. */
void class_text(const struct class *c, struct str *out);

/* What an rTask of each rKernel takes: measured where a costs/1 says so, else
 * the estimate of tasks/1 (task_costs.c). */
struct task_costs;

/* c: NULL if nothing was measured.  Lies in a; p stays, and has its candidates
 * set in turn. */
struct task_costs *task_costs_make(struct plan *p, const struct costs *c,
                                   struct arena *a);

/* How many rKernels there are in all, and how many of them are measured. */
size_t task_costs_known(const struct task_costs *t, size_t *rkernels);

/* Time of one rTask of a candidate, us: measured if known, with its neighbours
 * busy if that was measured too; else the estimate of one alone on a unit.
 * t: NULL for estimates. */
double task_us(const struct plan *p, int rop, const struct candidate *c,
               const struct task_costs *t);
bool task_measured(const struct plan *p, int rop, const struct candidate *c,
                   const struct task_costs *t);

/* The same of one alone on a unit, whatever its neighbours make of it. */
double task_alone_us(const struct plan *p, int rop, const struct candidate *c,
                     const struct task_costs *t);

/* Simulates the schedule with the device's costs (NULL: estimates); *out, and
 * what it needs meanwhile, lie in a.  Under conditions: on the way through the
 * plan that takes longest (ways.h). */
int predict(struct plan *p, const struct schedule *s,
            struct task_costs *costs, struct arena *a, struct timeline *out,
            struct diag *d);

/* The same on a given way; skips: [rop] whether it is skipped. */
int predict_way(struct plan *p, const struct schedule *s,
                struct task_costs *costs, const bool *skips, struct arena *a,
                struct timeline *out, struct diag *d);

/* As predict, of which only the end is kept; adds the rTasks that were run to
 * *work. */
int predict_end(struct plan *p, const struct schedule *s,
                struct task_costs *costs, struct arena *a, double *us,
                int64_t *work, struct diag *d);

#endif
