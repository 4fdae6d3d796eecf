/* Schedules that are made only to see how long they would take. */
#ifndef POLICY_TRIAL_H
#define POLICY_TRIAL_H

#include "policy/policy.h"

struct trials {
	struct plan *p;
	const struct policy_options *o;
	struct needs needs;	/* of all of them */
	struct arena tmp;	/* of the one at hand */
	bool deals;		/* rTasks may change vEUs: see struct policy */
	int64_t work;		/* so far: rTasks placed and predicted, and rTasks
				 * looked at for waits */
	int64_t visits;		/* of these, rTasks predicted */
};

void trials_init(struct trials *t, struct plan *p,
                 const struct policy_options *o);
void trials_release(struct trials *t);

/* Makes a schedule of what a policy placed with the rKernels that are chosen:
 * adds the waits that are missing, sizes launches. */
int trial_finish(struct trials *t, struct schedule *s, enum sync_kind sync,
                 struct diag *d);

/* How long a finished schedule takes, us; < 0 after diagnostics. */
double trial_us(struct trials *t, const struct schedule *s, struct diag *d);

/* What the plan's arena is given between the two is of the trial at hand, and
 * goes with it. */
void trial_begin(struct trials *t, struct arena **keep);
void trial_end(struct trials *t, struct arena *keep);

#endif
