/* What rTasks cost, where they run: see verify.h for the times that policies ask
 * for.  The predictor asks what one takes after what its unit did before. */
#ifndef VERIFY_TASK_COSTS_H
#define VERIFY_TASK_COSTS_H

#include "rkernel/roofline.h"
#include "verify/needs.h"
#include "verify/verify.h"

struct moved {			/* an argument of a candidate */
	double bytes;		/* by one rTask */
	bool written;
	int slices;		/* different parts of it that rTasks touch */
	const int32_t *slice;	/* [rTask] which; NULL: slice 0 */
};

struct load {			/* an rTask of a candidate */
	double compute_us;	/* alone */
	double busy_us;		/* time of its unit that it uses: the rest is
				 * left to others there */
	struct moved *args;	/* [argument] */
	bool known;		/* else us is all that is known, */
	double us;
	bool measured;
	struct fitted {		/* then: what was measured where the model says
				 * so much, the nearer data first */
		double model_us, us;
	} fit[2];
	int nfit;		/* 0: the model counts */
};

struct rkernel_cost {		/* of a class's candidate */
	double us;		/* of an rTask, with busy neighbours; */
	double alone_us;	/* without; */
	double reuse_us;	/* with constants near, measured, or 0 */
	bool measured;		/* else all are the estimate */
	size_t entry;		/* then: of costs/1, which classes may share */
	struct load *load;	/* NULL: not asked for yet */
};

struct task_costs {
	struct plan *p;
	struct arena *a;
	struct rkernel_cost **of;	/* [class][candidate] */
	size_t rkernels, known;	/* in all; measured ones */
	size_t entries;		/* of costs/1 */
	struct needs boxes;
};

/* Of an rOperator with the candidate that is chosen; kept by class and candidate,
 * made when it is first asked for. */
const struct load *task_load(struct task_costs *t, int rop);

/* --- measured times (fit.c) ---------------------------------------------- */

/* Lays what was measured beside what the model says where it was. */
void costs_fit(struct task_costs *t);

/* How long an rTask takes of which the model says model_us: that, or by what was
 * measured.  Of two measured times, on the line through both as far as the longer,
 * down to half of the shorter; beyond the longer, and of one, in proportion. */
double load_us(const struct load *l, double model_us);

/* --- caches -------------------------------------------------------------- */

struct cache;

/* Empty but for what the run before left: all that a run touches if it fits.
 * units: those that run rTasks. */
struct cache *cache_make(const struct plan *p, int64_t units, struct arena *a);

/* How long an rTask of rop takes on a unit where its arguments are touched after
 * what was touched before, alone on the device; from[n], if not NULL: the bytes
 * that come from each place. */
double cache_task_us(struct cache *c, int rop, const struct load *l,
                     int64_t task, int64_t unit, double from[NEAR_NUM]);

#endif
