/* Edits that may break a schedule or a memory plan: one of each class, drawn
 * from a seed. */
#ifndef MUTATE_H
#define MUTATE_H

#include "rkernel/plan.h"

enum class_id { DROPPED_WAIT, DROPPED_BARRIER, WEAKENED_RANGE, CHANGED_TILES,
                SWAPPED_ORDER,
                MOVED_TASK, MISSING_TASK, DOUBLED_TASK, ALIASED_BUFFER,
                HOLE, OVERSIZE, NCLASSES };

extern const char *const class_names[NCLASSES];

struct rng {
	uint64_t s;
};

int64_t draw(struct rng *r, int64_t n);		/* 0 .. n-1 */

/* Copies that may be edited. */
struct schedule *copy_schedule(struct arena *a, const struct schedule *s);
struct memory *copy_memory(struct arena *a, const struct memory *m);

/* Edits s or m in place; returns what was done, in words, or NULL if the class
 * does not apply to them. */
const char *mutate(enum class_id c, struct plan *p, struct schedule *s,
                   struct memory *m, struct rng *r);

#endif
