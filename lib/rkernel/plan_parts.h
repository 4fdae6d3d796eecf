/* What the files that make a plan share. */
#ifndef RKERNEL_PLAN_PARTS_H
#define RKERNEL_PLAN_PARTS_H

#include "rkernel/plan.h"

/* The regions of one candidate, per argument of its class. */
struct plan_regions {
	struct region **reads, **writes;
	bool divides;			/* some region may fail to evaluate */
	bool checked;			/* evaluated for every rTask */
};

/* What the rOperators of a class share. */
struct pclass {
	const struct class *c;
	VEC(struct parg) args;		/* tensor: -1 */
};

/* Fills pc->args and the regions of each candidate. */
int plan_class(struct plan *p, struct pclass *pc, struct plan_regions **out,
               struct diag *d);

/* The boxes of one of its rTasks; as region_eval. */
int plan_eval(const struct region *r, const struct candidate *c, int64_t task,
              const struct ints *stored, struct arena *a, struct boxes *out);

/* Fills p->conditions and p->guards; an rOperator's condition, and its guards
 * behind the arguments of its class (plan_if.c). */
int plan_conditions(struct plan *p, struct diag *d);
int plan_guard(struct plan *p, struct prop *o, struct diag *d);

/* Fills preds and succs (plan_order.c). */
int plan_order(struct plan *p, struct diag *d);

#endif
