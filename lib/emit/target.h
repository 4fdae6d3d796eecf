/* Targets: what emit writes for a kind of device.  One file each, registered
 * by being in lib/emit. */
#ifndef EMIT_TARGET_H
#define EMIT_TARGET_H

#include "base/str.h"
#include "rkernel/plan.h"

struct program;		/* tables.h */
struct verified;	/* verify/verify.h */

struct emit {
	struct arena *a;
	struct plan *plan;
	const struct schedule *schedule;
	const struct memory *memory;
	const struct verified *verified;	/* what was proved of both, or
						 * NULL */
	const struct kernels *kernels;
	struct program *program;	/* tables, made before the target runs */
	VEC(struct kinstance *) instances;	/* distinct (class, use), in the
						 * order of classes and candidates */
	struct strs headers;		/* that the kernels include: of C, */
	struct strs cuda_headers;	/* of CUDA */
	const char *runtime_dir;	/* where lib/runtime's headers are read */
	struct diag *d;
};

struct target {
	const char *name;		/* "host", "cuda" */
	enum target_kind kind;
	/* Appends the generated source (model.c, model.cu) to out: instances,
	 * their dispatch, launch kernels. */
	int (*source)(struct emit *e, struct str *out);
	const char *source_name;	/* "model.c" */
	/* Files of lib/runtime copied into the directory, NULL-ended. */
	const char *const *runtime;	/* the first is model.h, see dir.h */
	const char *makefile;		/* file of lib/runtime that becomes Makefile;
					 * it includes arch.mk: "ARCH := sm_90",
					 * and, on a GPU, "WARP := 32" */
	int64_t align;			/* bytes between tensors of one base */
};

extern const struct target *const target_list[];

/* Their names, "cuda host", for completion. */
const char *target_names(struct arena *a);

/* The one for that kind of device, or NULL. */
const struct target *target_find(enum target_kind kind);

/* Appends every instance to out, as a function, behind the headers and macros
 * that they want. */
int target_instances(struct emit *e, struct str *out);

/* --- cuda.c: the text that hip builds too ---------------------------------- */

int cuda_source(struct emit *e, struct str *out);

/* What both copy of lib/runtime. */
#define CUDA_RUNTIME \
	"model.h", "cuda.h", "cuda_host.cpp", "cuda_host.h", "cuda_open.cpp", \
	"cuda_model.h", "warp.h", "emu.h", "emu.cpp", "emu_threads.cpp", \
	"emu_fiber.h", "emu_api.h", "gpu.mk", "model_common.c", \
	"model_common.h", "model_io.c", "model_io.h", "tamp_table.h", "map.h", \
	"main.c"

/* --- source.c: a kernel turned into an rTask function --------------------- */

/* Appends the instance as a function named inst_INDEX to out: its #defines,
 * the macros of maps_define, the kernel file turned, and the #undefs.
 *
 *	host: static void inst_3(uint32_t tamp_task, void *const *tamp_args)
 *	cuda: static __device__ __noinline__ void inst_3(...)
 *
 * tamp_args[i] is the address of argument i of the class, in its order.
 * -1 after a diagnostic with the place in the kernel file. */
int source_instance(struct emit *e, const struct kinstance *k, int index,
                    enum target_kind t, struct str *out);

/* Appends #includes of the headers that instances turned so far want. */
void source_headers(const struct emit *e, struct str *out);

/* --- maps.c: LOAD and STORE of an instance's arguments --------------------- */

/* Appends LOAD(A, i), STORE(Y, i, x), which become LOAD_A(i) and so on, and
 * TAMP_AUTO: once, at the top of a source. */
void maps_prologue(struct str *out);

/* Appends "#define LOAD_A(i) ..." for each argument that is read and
 * "#define STORE_Y(i, x) ..." for each that is written.  They use the names A, Y (pointers) and E0_p ... (pointers to extras), which
 * maps_locals declares.  Valid in C with GNU extensions and in CUDA. */
int maps_define(struct emit *e, const struct kinstance *k, struct str *out);
void maps_undef(const struct kinstance *k, struct str *out);

/* Appends declarations of pointers for the body of the function:
 *	const float *const E0_p = (const float *)tamp_args[3];
 * for extras alone; source.c binds the kernel's own parameters. */
void maps_locals(const struct kinstance *k, struct str *out);

/* C type of an argument's elements as stored. */
const char *maps_ctype(const struct kinstance *k, size_t arg);

#endif
