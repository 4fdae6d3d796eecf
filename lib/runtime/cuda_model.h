/* A model on a GPU: what cuda_host.cpp and cuda_open.cpp share. */
#ifndef TAMP_CUDA_MODEL_H
#define TAMP_CUDA_MODEL_H

#if defined TAMP_EMULATE
#include "emu_api.h"
#elif defined __HIP__
#include "hip_api.h"
#else
#include <cuda_runtime.h>
#define TAMP_API "CUDA"
#endif

#include "cuda_host.h"
#include "model_common.h"

/* What the device is given of a launch. */
struct cuda_launch {
	struct tamp_launch_args args;
	const struct tamp_code *code;
	uint32_t width, threads, shared;
};

struct cuda {
	struct model m;			/* first: model.h's functions see it */
	int device;
	cudaStream_t own_stream;
	cudaStream_t stream;		/* of this call: that, or model_run_on's */
	bool elsewhere;			/* the last run went to another stream */
	cudaEvent_t ev[4];		/* begun, inputs there, done, outputs there */
	void **blocks;			/* device memory, to be freed */
	uint32_t nblocks;
	struct tamp_memory at;		/* on the device */
	bool trace;
	struct cuda_launch *launches;	/* as the table's */
	struct tamp_control *control;	/* on the device */
	struct tamp_stamp *stamps;	/* likewise; NULL without trace */
	uint32_t *counters, *barriers, *epochs;
	uint32_t epoch;			/* runs begun since the counters were 0 */
	double tick_ns;			/* of the device's clock */
	char name[300];
#ifndef TAMP_NO_GRAPH
	cudaGraphExec_t graph;		/* of the run, if it has several launches */
#endif
};

/* -1 with a message unless e is a success.  m: NULL while the model is being
 * opened. */
int cuda_check(struct model *m, cudaError_t e, const char *what);

#define TRY(m, call) \
	do { \
		if (cuda_check((m), (call), #call) < 0) \
			return -1; \
	} while (0)

/* --- cuda_open.cpp ------------------------------------------------------------ */

/* Finds the device; -1, or MODEL_NO_DEVICE where there is none. */
int cuda_open_device(struct cuda *c);

/* What a tick of the device's clock is; hip_clock.cpp. */
int cuda_open_clock(struct cuda *c);

/* Memory, the tables on the device, and launches that are known to fit. */
int cuda_open_memory(struct cuda *c, const char *dir);

/* Counters, epochs and the abort flag as before the first run. */
int cuda_rewind(struct cuda *c);

/* Gives back what there is. */
void cuda_free(struct cuda *c);

#endif
