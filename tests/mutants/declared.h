/* What rTasks share by the regions that their kernels' heads declare. */
#ifndef DECLARED_H
#define DECLARED_H

#include "mutate.h"
#include "verify/verify.h"

/* Whether the rTasks of each pair touch bytes in common among those at stake,
 * one of them writing: of one tensor, or, where memory is what was found
 * wrong, of two tensors that lie where m says. */
bool declared_meet(const struct plan *p, const struct memory *m,
                   enum fault found, const struct witness *w);

#endif
