/* What the two halves of an emitted CUDA program share: model.cu has the
 * kernels and lists them here, cuda_host.cpp launches them. */
#ifndef TAMP_CUDA_HOST_H
#define TAMP_CUDA_HOST_H

#include <stdint.h>

#include "tamp_table.h"

#define TAMP_LINE 32		/* uint32_t of a counter's own 128 bytes */

/* A row of the table with its rOperator looked up; two loads of 16 bytes. */
struct __attribute__((aligned(16))) tamp_task {
	uint32_t instance;		/* TAMP_NONE: a barrier */
	uint32_t task;
	uint32_t args;			/* first in tamp_launch_args.args */
	uint32_t wait, nwaits;
	uint32_t signal;
	uint32_t condition;		/* in tamp_launch_args.guards, or
					 * TAMP_NONE */
	uint32_t pad;
};

/* Written by the vEU that gives up first; read after the run. */
struct tamp_control {
	uint32_t abort;
	uint32_t veu, row, counter, expected, seen;
	uint64_t limit;			/* of a wait, in ticks; set by the host */
};

/* The parameter of every launch. */
struct tamp_launch_args {
	const struct tamp_task *tasks;	/* as the table's rows */
	const struct tamp_veu *veus;	/* of this launch */
	const struct tamp_wait *waits;
	void *const *args;		/* addresses, as the table's args */
	const struct tamp_guard *guards;	/* as the table's conditions */
	uint32_t *counters;		/* TAMP_LINE apart */
	uint32_t *barrier;		/* arrivals at this launch's barriers */
	struct tamp_control *control;
	const uint32_t *epoch_at;	/* NULL: epoch counts */
	uint32_t *advance;		/* epoch of the launch before this one */
	struct tamp_stamp *stamps;	/* per row; NULL: the run is not traced */
	uint32_t epoch, width, nbarriers, pad;
};

/* A launch kernel of model.cu. */
struct tamp_code {
	void (*kernel)(struct tamp_launch_args a);
	const char *name;
	uint32_t threads;
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct tamp_code tamp_codes[];
extern const uint32_t tamp_ncodes, tamp_ninstances;
extern const uint64_t tamp_instances_hash;
#ifdef __cplusplus
}
#endif

#endif
