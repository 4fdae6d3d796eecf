/* A program as a policy. */
#ifndef SCHEDULE_EXTERNAL_H
#define SCHEDULE_EXTERNAL_H

#include "base/arena.h"
#include "ir/ir.h"
#include "yaml/stack.h"

/* Runs argv (ends with NULL; argv[0] is a path) with the stack s on its standard
 * input, and reads what it writes to standard output: a stack whose topmost
 * schedule/1 is returned, NULL after a diagnostic.  Positions in it name the
 * program.  What it says on standard error is not touched. */
struct schedule *external_schedule(const char *const *argv,
                                   const struct stack *s, struct arena *a,
                                   struct diag *d);

#endif
