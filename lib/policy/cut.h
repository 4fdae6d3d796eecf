/* Launch boundaries where they pay. */
#ifndef POLICY_CUT_H
#define POLICY_CUT_H

#include "policy/trial.h"

/* Cuts a finished schedule into more launches where what is predicted becomes
 * shorter: a launch has no waits across its boundary, and registers, shared memory
 * and vEUs of its own.  The price of each cut that was tried is explained. */
int cut_schedule(struct trials *t, struct schedule *s, struct diag *d);

#endif
