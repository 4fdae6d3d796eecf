/* Whether a schedule's launches fit a cuda device: the oracle of the mutants
 * that ask for too much. */
#ifndef RESIDENT_H
#define RESIDENT_H

#include "rkernel/plan.h"

/* NULL if all fits, else what does not.  Launches state their registers. */
const char *resident(const struct plan *p, const struct schedule *s);

#endif
