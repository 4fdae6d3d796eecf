/* Edits that may break a schedule or a memory plan: one of each class, drawn
 * from a seed. */
#ifndef MUTATE_H
#define MUTATE_H

#include "rkernel/plan.h"

enum class_id {
	DROPPED_WAIT, WEAKENED_RANGE, CHANGED_TILES, WRONG_WAIT, CYCLIC_WAIT,
	DROPPED_BARRIER,
	MERGED_LAUNCH, SWAPPED_ORDER, SWAPPED_WAIT, MOVED_TASK, MOVED_STEP,
	MISSING_TASK, DOUBLED_TASK, BEYOND_WIDTH, OTHER_KERNEL, ALIASED_BUFFER,
	MOVED_BUFFER, HOLE, OVERSIZE, LOWERED_LAUNCH, DROPPED_IF, TURNED_IF,
	OTHER_IF, UNDECIDED, DAMAGED_TABLE, NCLASSES
};

/* Who tells whether a mutant is right. */
enum judge {
	BY_ORACLE,	/* the access oracle, of the program it makes */
	BY_KERNELS,	/* the same, with a reference of the other rKernel */
	BY_TABLE,	/* the table is not the plan's: whoever takes it errs */
	BY_ELEMENTS,	/* a look at every element that is written (holes.c) */
	BY_WIDTH,	/* a comparison of two numbers */
	BY_RESIDENCE,	/* blocks put onto units one by one (resident.c) */
};

struct rng {
	uint64_t s;
};

int64_t draw(struct rng *r, int64_t n);		/* 0 .. n-1 */

/* Edits s or m in place; returns what was done, in words, or NULL if the class
 * does not apply to them. */
typedef const char *mutate_fn(struct plan *p, struct schedule *s,
                              struct memory *m, struct rng *r);

extern const struct class_of {
	const char *name;
	mutate_fn *mutate;	/* NULL: holes.c, damage.c */
	enum judge judge;
	bool branches;		/* only where plans have conditions */
} classes[NCLASSES];

mutate_fn mutate_dropped_wait, mutate_dropped_barrier, mutate_weakened_range,
	mutate_changed_tiles, mutate_swapped_order, mutate_wrong_wait, mutate_cyclic_wait,
	mutate_swapped_wait, mutate_moved_task, mutate_missing_task,
	mutate_doubled_task, mutate_moved_step, mutate_beyond_width,
	mutate_merged_launch, mutate_other_kernel, mutate_aliased_buffer,
	mutate_oversize, mutate_moved_buffer, mutate_lowered_launch,
	mutate_dropped_if, mutate_turned_if, mutate_other_if, mutate_undecided;

/* Copies that may be edited. */
struct schedule *copy_schedule(struct arena *a, const struct schedule *s);
struct memory *copy_memory(struct arena *a, const struct memory *m);

/* --- for classes -------------------------------------------------------------- */

typedef bool pick_fn(const struct plan *p, const struct step *s);
pick_fn pick_wait, pick_barrier, pick_run, pick_launch, pick_wide_wait, pick_tiles;

/* Whether a wait is for more than one rTask. */
bool is_wide(const struct plan *p, const struct after *a);

/* The index of a step that will do, or -1. */
int64_t pick(const struct plan *p, const struct schedule *s, struct rng *r,
             pick_fn *ok);

int64_t tasks_of(const struct plan *p, const char *run);
int64_t width_at(const struct schedule *s, int64_t at);
void remove_step(struct schedule *s, int64_t at);
void insert_step(struct plan *p, struct schedule *s, int64_t at, struct step o);

#endif
