/* Memory: where each tensor lies. */
#ifndef EMIT_MEMORY_H
#define EMIT_MEMORY_H

#include "verify/verify.h"

/* Makes memory/1 for a legal schedule.  Temporaries share the arena where all
 * accesses to one come before all to the other; with own, every temporary is
 * an allocation by itself.  Offsets are multiples of align.  o: the order of s
 * if it is known, else NULL. */
struct memory *memory_make(struct plan *p, const struct schedule *s,
                           const struct order *o, int64_t align, bool own,
                           struct diag *d);

#endif
