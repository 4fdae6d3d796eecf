/* The hip target: the CUDA text, as it is, built by hipcc against hip.h. */
#include "emit/target.h"

static const char *const runtime[] = {
	"model.h", "cuda.h", "cuda_host.cpp", "cuda_host.h", "cuda_open.cpp",
	"cuda_model.h", "hip.h", "hip_api.h", "hip_clock.cpp", "emu.h", "emu.cpp",
	"emu_threads.cpp", "emu_fiber.h", "emu_api.h", "emulate.mk", "warp.h",
	"model_common.c", "model_common.h", "model_io.c", "model_io.h",
	"tamp_table.h", "map.h", "main.c", NULL
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
