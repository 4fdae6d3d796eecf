/* rKernels: files of a head and a function, and which classes they fit.
 *
 * What a kernel's source may use (each a macro or a constant while it is
 * compiled):
 *	names bound by shapes (K, D_0), D_rank, D_list ({2, 3, 4}), tunables,
 *	attributes (group; lists as strides_0, strides_1, strides_list,
 *	strides_rank; floats as literals),
 *	ARG_t (C type of argument ARG), ARG_elems (elements as stored),
 *	LOAD(ARG, i), STORE(ARG, i, v) where a map may be fused; i counts
 *	elements as stored; VLEN (host: floats of a vector register)
 *	blockIdx.x .y .z, gridDim; threadIdx, blockDim on cuda. */
#ifndef RKERNEL_KERNEL_H
#define RKERNEL_KERNEL_H

#include "ir/ir.h"
#include "rkernel/expr.h"
#include "rkernel/lex.h"
#include "rkernel/region.h"

#include "yaml/record_structs.h"
#include "rkernel/kernel.def"
#include "yaml/record_undef.h"

struct kparam {			/* a parameter of the function, in order */
	const char *name;
	bool fusable;		/* only touched through LOAD or STORE */
};

struct kernel {
	struct khead head;
	enum target_kind target;	/* by the folder; hip uses cuda's */
	struct source src;
	struct tokens toks;		/* of all after the head */
	size_t fn, body, body_end;	/* tokens: name, "{", "}" of the function */
	VEC(struct kparam) params;
	int64_t static_shared;		/* bytes of static __shared__ arrays, if
					 * their sizes are known without shapes */
};

struct kernels {
	VEC(struct kernel) v;		/* sorted by name */
	struct map by_name;
};

/* Reads every kernel file of dir/TARGET (cuda for hip).  User directories are
 * read first and win over the same name.  -1 after diagnostics. */
int kernels_load(struct kernels *k, struct arena *a, const char *dir,
                 enum target_kind t, struct diag *d);

const struct kernel *kernels_find(const struct kernels *k, const char *name);

/* Names bound by matching a class: shapes, attributes, type letters. */
struct binding {
	struct env env;			/* integers */
	VEC(struct pair) types;		/* type letter -> dtype word */
};

/* Whether k fits class c on device v; if not, *why says it in a few words. */
bool kernel_match(const struct kernel *k, const struct class *c,
                  const struct device *v, struct arena *a, struct binding *b,
                  const char **why);

/* Appends to out_class->kernels a candidate for each combination of tunables that satisfies "when"
 * and fits the device (threads, shared memory, registers). */
int kernel_candidates(const struct kernel *k, const struct class *c,
                      const struct device *v, const struct binding *b,
                      struct arena *a, struct class *out_class, struct diag *d);

/* An instance for emit: the kernel and every name with its value as C text,
 * from a class and a candidate's "use" (gemv_rows/8).  NULL after diag. */
struct kinstance {
	const struct kernel *kernel;
	const struct class *cls;
	const struct candidate *cand;
	VEC(struct pair) defines;	/* in the order to be #defined */
	int64_t block[3];		/* threads along x, y, z */
};
struct kinstance *kernel_instance(const struct kernels *k,
                                  const struct class *c,
                                  const struct candidate *cand,
                                  const struct device *v, struct arena *a,
                                  struct diag *d);

#endif
