/* What the hosts of all targets do alike: where tensors lie, what is given to
 * a run, how many barriers a launch has. */
#ifndef MODEL_COMMON_H
#define MODEL_COMMON_H

#include "model_io.h"

/* Memory that a model's vEUs see: on the device, or the host's. */
struct tamp_memory {
	char *arena, *weights, *packed;
	char **own;			/* [tensors] allocations by themselves */
	char **inputs, **outputs, **states;
	bool separate;			/* nothing shares the arena */
};

#ifdef __cplusplus
extern "C" {
#endif

/* Makes the arrays, of NULLs; -1 without memory.  Release frees the arrays,
 * not what they point to. */
int tamp_memory_init(struct tamp_memory *m, const struct tamp_plan *p);
void tamp_memory_release(struct tamp_memory *m);

/* Whether root tensor i gets an allocation by itself: the plan says so, or it
 * would share the arena. */
bool tamp_lies_alone(const struct tamp_memory *m, const struct tamp_plan *p,
                     uint64_t i);

/* Address of tensor i now; NULL if it has none. */
char *tamp_address(const struct tamp_memory *m, const struct tamp_plan *p,
                   uint32_t i);

/* The plan's conditions, with the addresses of their tensors now. */
void tamp_guards(const struct tamp_memory *m, const struct tamp_plan *p,
                 struct tamp_guard *out);

/* Barriers within a launch: those of any of its vEUs. */
uint32_t tamp_barriers(const struct tamp_plan *p, const struct tamp_launch *l);

/* Room for the stamps of a run; -1 without memory. */
int tamp_trace_init(struct model *m);

/* Refuses NULL for an input or output that has bytes. */
int tamp_check_given(struct model *m, const void *const *inputs,
                     void *const *outputs);

#ifdef __cplusplus
}
#endif

#endif
