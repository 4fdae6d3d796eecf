/* Targets: what emit writes for a kind of device.  One file each, registered
 * by being in lib/emit. */
#ifndef EMIT_TARGET_H
#define EMIT_TARGET_H

#include "base/str.h"
#include "rkernel/plan.h"

struct program;		/* tables.h */

struct emit {
	struct arena *a;
	struct plan *plan;
	const struct schedule *schedule;
	const struct memory *memory;
	const struct kernels *kernels;
	struct program *program;	/* tables, made before the target runs */
	VEC(struct kinstance *) instances;	/* distinct (class, use) in order */
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
	const char *const *runtime;
	const char *makefile;		/* file of lib/runtime that becomes Makefile */
};

extern const struct target *const target_list[];

/* --- source.c: a kernel turned into an rTask function --------------------- */

/* Appends the instance as a function named inst_NAME to out.  -1 after a
 * diagnostic with the place in the kernel file. */
int source_instance(struct emit *e, const struct kinstance *k, int index,
                    enum target_kind t, struct str *out);

#endif
