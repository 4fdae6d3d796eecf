/* plan.bin, changed in one place that means something, its checksum made to
 * fit. */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "base/str.h"
#include "mutate.h"

/* Returns what was done, in words that lie in a, or NULL if there was nothing
 * of the kind drawn. */
const char *damage_table(struct arena *a, struct str *table, struct rng *r);

#endif
