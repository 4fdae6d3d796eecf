/* Where the time of a timeline's vEUs goes, and what each rTask waited for.
 *
 * Every ns of every vEU, from 0 to the timeline's end, is put down to one
 * cause, so that the parts add up to width times total without a rest.  On one
 * vEU, from the end of one rTask to the begin of the next:
 *
 *	imbalance	the vEU has nothing more to run before the next barrier,
 *			launch or the end, until the last rTask of another one
 *			before it has ended
 *	synchronisation	from there until the first rTask behind the barrier or
 *			launch begins on any vEU
 *	dependency	until the last rTask that the next one waits for has ended
 *	synchronisation	until the next one begins: the signal has to arrive
 *
 * An rTask itself is busy for as long as it takes alone; what it takes beyond
 * that is put down to bandwidth, which it shares with its neighbours.  Alone:
 * as costs/1 says ("us"); without one, of a prediction the estimate of tasks/1,
 * and of a measured timeline the shortest rTask in it of the same class and
 * rKernel that took any time.  One that was skipped is busy for as long as it took
 * to see that. */
#ifndef VERIFY_SPENT_H
#define VERIFY_SPENT_H

#include "verify/verify.h"

enum cause { CAUSE_BUSY, CAUSE_BANDWIDTH, CAUSE_DEPENDENCY,
             CAUSE_SYNCHRONISATION, CAUSE_IMBALANCE, NCAUSES };

extern const char *const cause_words[NCAUSES];

struct stretch {		/* of one vEU's time */
	int64_t veu, from, to;	/* ns; never empty */
	enum cause cause;
	int bar;		/* busy, bandwidth: the rTask; dependency and
				 * synchronisation: the one that then begins;
				 * else, and if it begins in no time, -1 */
};

struct phase_times {		/* between barriers and launches */
	int64_t begin, end;	/* ns: of its first and last rTask */
	int last;		/* bar that ends last, of earlier phases if it
				 * has none; -1 */
	bool launch;		/* begun by a launch, not by a barrier */
};

struct gap {			/* of a vEU's time, right before an rTask; ns */
	int64_t dependency, synchronisation;
};

struct rop_times {		/* of an rOperator */
	int64_t rtasks;		/* on the timeline; 0: nothing else counts */
	int64_t skipped;	/* of these: their condition did not hold */
	int64_t begin, end;	/* ns: of its first and last rTask */
	int64_t part[NCAUSES];	/* ns: its rTasks', and of their vEUs before them */
	int waited_for;		/* rOperator that delayed one of them the longest,
				 * or -1 */
	int64_t waited;		/* for how long */
};

struct flow;

struct spent {
	const struct plan *p;
	const struct timeline *t;
	int64_t width, total;	/* vEUs; ns */
	int64_t part[NCAUSES];	/* ns, of all vEUs */
	VEC(struct phase_times) phases;
	struct rop_times *rops;	/* [rop] */
	int *late;		/* [bar] the last-ending of those it waits for, or
				 * -1 */
	struct gap *gap;	/* [bar] */
	int64_t *alone;		/* [bar] ns */
	enum alone alone_by;	/* where that is known from */

	const struct flow *flow;
	int *bar_of;		/* [row of flow] or -1 */
};

/* *s lies in a; p, t and schedule stay as they are as long as it is used.  The
 * timeline is one of this schedule: -1 after a diagnostic if it is not. */
int spent_make(struct spent *s, struct plan *p, const struct schedule *schedule,
               const struct task_costs *costs, const struct timeline *t,
               struct arena *a, struct diag *d);

/* Calls fn for each stretch of a vEU's time, in order and without gaps. */
typedef void stretch_fn(void *ctx, const struct stretch *x);
void spent_walk(const struct spent *s, int64_t veu, stretch_fn *fn, void *ctx);

/* The chain of rTasks that the end hangs on, last one first: each began when
 * its predecessor had ended, on its vEU, behind a barrier or as what it waited
 * for. */
void spent_chain(const struct spent *s, struct arena *a, struct ints *bars);

/* ns of a time in us, and back; of an rTask. */
int64_t spent_ns(double us);
double spent_us(int64_t ns);
int64_t spent_length(const struct bar *b);

/* "busy 40.1 %, bandwidth 0.0 %, ..." of the parts together, at the end of
 * out. */
void spent_text(const int64_t part[NCAUSES], struct str *out);

/* Under --explain: the parts, the chain, and what delayed the most. */
void spent_explain(const struct spent *s, struct diag *d);

#endif
