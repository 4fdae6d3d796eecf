/* Within lib/verify: the checks that verify() runs one after another.  Each
 * returns -1 after diagnostics. */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

#include "base/str.h"
#include "verify/flow.h"
#include "verify/needs.h"
#include "verify/verify.h"

/* Takes down what a step's rTasks wait for: f->asked and f->waits, which end as
 * pieces by pieces_make when all steps are taken (pieces.c). */
int pieces_ask(struct flow *f, struct fstep *o, struct diag *d);
void pieces_make(struct flow *f);

/* Launches fit the device, and rKernels their launch (resource.c). */
int check_resources(const struct flow *f, struct diag *d);

/* Reports why a walk is stuck: the shortest cycle found (deadlock.c). */
int report_deadlock(const struct walk *w, struct diag *d);

/* Every need is met (happens.c).  Reports deadlocks too: *stuck is set. */
int check_order(const struct flow *f, struct needs *n, bool *stuck,
                struct diag *d);

/* rTasks of one rOperator write apart (overlap.c). */
int check_overlaps(struct plan *p, struct needs *n, struct diag *d);

/* All that is read, and all of outputs and new states, is written
 * (written.c). */
int check_written(const struct flow *f, struct needs *n, struct diag *d);

/* Places are right, and what shares bytes is ordered by o (memory.c). */
int check_memory(const struct flow *f, struct needs *n, const struct order *o,
                 const struct memory *m, struct diag *d);

/* Whether anybody asks for a witness and none is kept yet; keeps a pair of it
 * if anybody asks (report.c). */
bool witness_wanted(const struct flow *f);
void witness_add(const struct flow *f, struct witness_pair p);

/* Bytes [lo, hi) of the root that box b of an argument lies in, and maybe
 * some between (report.c). */
void witness_box(const struct plan *p, int rop, size_t arg,
                 const struct box *b, struct witness_pair *out);

/* order_make for a schedule that is resolved already. */
struct order *order_of(const struct flow *f, struct diag *d);

/* "rTask 3 of 'fc1'" and "[0, 8..16]", in the arena. */
const char *task_text(const struct flow *f, int rop, int64_t task);
const char *box_text(struct arena *a, const struct box *b);

/* Clocks of chosen rTasks, for tests of any pair afterwards (clocks.c). */
struct clocks {
	const struct flow *f;
	int32_t ***of;		/* [rop][task]: NULL where not asked for */
};

void clocks_init(struct clocks *c, const struct flow *f);
void clocks_want(struct clocks *c, int rop);	/* all its rTasks */
void clocks_make(struct clocks *c);

/* Whether rTask t of p comes before u of q; q's clocks were asked for. */
bool clocks_before(const struct clocks *c, int p, int64_t t, int q, int64_t u);

#endif
