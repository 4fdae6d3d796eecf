/* The hip target: the CUDA text, as it is, built by hipcc against hip.h. */
#include "emit/target.h"

static const char *const runtime[] = {
	CUDA_RUNTIME, "hip.h", "hip_api.h", "hip_clock.cpp", NULL
};

const struct target target_hip = {
	.name = "hip",
	.kind = TARGET_HIP,
	.source = cuda_source,
	.source_name = "model.cu",
	.runtime = runtime,
	.makefile = "hip.mk",
	.align = 256,
};
