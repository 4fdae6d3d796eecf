/* Which of the vEUs that a policy gave an rOperator get which of its rTasks, where
 * units have caches of their own: as many each as if dealt out in turn, but so that
 * vEUs find in their own caches what they wrote before, and read different parts of
 * the rest. */
#ifndef POLICY_DEAL_H
#define POLICY_DEAL_H

#include "policy/policy.h"

/* Takes steps that run all rTasks of an rOperator on several vEUs, waits apart,
 * apart into steps of one vEU each where that costs less; n: the needs of p, for the
 * candidates that are chosen; what it wants meanwhile lies in tmp, which the caller
 * empties.  Adds what it looked at, in rTasks, to *work. */
void deal_near(struct plan *p, struct schedule *s, struct needs *n,
               struct arena *tmp, int64_t *work, struct diag *diag);

#endif
