/* What all targets' runtimes share: plan.bin read and checked, weights.bin,
 * and the part of model.h that only looks things up. */
#ifndef MODEL_IO_H
#define MODEL_IO_H

#include <stdbool.h>

#include "model.h"
#include "tamp_table.h"

/* While a model is opened a wait may last so many times longer. */
#define TAMP_OPEN_PATIENCE 10

/* plan.bin in memory, every index checked. */
struct tamp_plan {
	uint8_t *bytes;			/* heap */
	size_t size;
	const struct tamp_header *h;
#define TAMP_PLAN_FIELD(type, name) const type *name;
	TAMP_SECTIONS(TAMP_PLAN_FIELD)
#undef TAMP_PLAN_FIELD
};

/* The head of every target's struct model. */
struct model {
	struct tamp_plan plan;
	const char *device;
	int nveus;
	double timeout;			/* seconds */
	double run_us, copy_us;		/* of the last run */
	char error[1024];
	/* Copies tensor i to host memory. */
	int (*tensor_read)(struct model *m, uint32_t i, void *to);
	/* Of the last run, per row, in ticks; NULL without trace. */
	struct tamp_stamp *stamps;
	double tick_ns;
	/* Fetches them from the device, and sets how long a tick is. */
	int (*stamps_read)(struct model *m);
};

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the error of m (NULL: of this thread's model_open); returns -1. */
int tamp_fail(struct model *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads and checks DIR/plan.bin against the instances the code has. */
int tamp_plan_open(struct tamp_plan *p, const char *dir, uint32_t ninstances,
                   uint64_t hash);
void tamp_plan_close(struct tamp_plan *p);

/* DIR/weights.bin in memory (read only; h->weights bytes), checked to be the
 * one that the plan was emitted with; NULL if it has no bytes or after
 * tamp_fail(NULL), told apart by *failed. */
void *tamp_weights_open(const char *dir, const struct tamp_header *h,
                        bool *failed);
void tamp_weights_close(void *at, uint64_t size);

double tamp_seconds(void);		/* monotonic */
size_t tamp_dtype_bytes(uint32_t dtype);
const char *tamp_rop_name(const struct tamp_plan *p, uint32_t rop);
static inline const struct tamp_tensor *
tamp_io(const struct tamp_plan *p, uint32_t i)
{
	return &p->tensors[p->io[i]];
}

/* Says what a vEU waited for in vain: into the error of m.  counter is
 * TAMP_NONE at a barrier; there "other" names a vEU that has not come, or is
 * TAMP_NONE where arrivals are counted. */
void tamp_post_mortem(struct model *m, uint32_t veu, uint32_t row,
                      uint32_t counter, uint32_t other, uint32_t expected,
                      uint32_t seen);

#ifdef __cplusplus
}
#endif

#endif
