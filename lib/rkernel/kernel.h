/* rKernels: files of a head and a function, and which classes they fit.
 *
 * What a kernel's source may use (each a macro or a constant while it is
 * compiled):
 *	names bound by shapes (K, D_0), D_rank, D_list ({2, 3, 4}), tunables,
 *	attributes (group; lists as strides_0, strides_1, strides_list,
 *	strides_rank; floats as literals; of 'op: "sum | max"' in the head
 *	each word as op_sum, op_max: 1 for the one it is, else 0),
 *	ARG_t (C type of argument ARG), ARG_elems (elements as stored),
 *	LOAD(ARG, i), STORE(ARG, i, v) where a map may be fused; i counts
 *	elements as stored; VLEN (host: floats of a vector register)
 *	blockIdx.x .y .z, gridDim; threadIdx, blockDim on cuda. */
#ifndef RKERNEL_KERNEL_H
#define RKERNEL_KERNEL_H

#include "base/expr.h"
#include "base/map.h"
#include "ir/ir.h"
#include "rkernel/form.h"
#include "rkernel/lex.h"
#include "rkernel/region.h"

#include "yaml/record_structs.h"
#include "rkernel/kernel.def"
#include "yaml/record_undef.h"

extern const struct record khead_record;

/* What the head gives a parameter: an integer expression, or text of C that
 * stands as it is (a type, a floating-point number, a name). */
struct kvalue {
	struct expr *expr;	/* NULL: text */
	const char *text;
};

struct kparam {			/* a parameter of the function, in order */
	const char *name;
	size_t lo, at, hi;	/* its tokens; that of its name */
	bool fusable;		/* only touched through LOAD (an input) or
				 * STORE (an output) */
	bool pointer;
	int arg;		/* what it points to: index in args; -1: a value */
	struct kvalue value;
};

struct ktemplate {		/* a parameter of the function's template */
	const char *name;
	bool type;		/* typename T; not a value */
	struct kvalue value;
};

enum kdim_kind { DIM_NUMBER, DIM_NAME, DIM_REST };

struct kdim {			/* a dimension as a head states it */
	enum kdim_kind kind;
	int64_t n;
	const char *name;	/* of REST: without the star */
};

struct karg {			/* an argument of the form, from the head */
	const char *name;
	bool out;
	const char *type;	/* a type's word, "any" or a capital letter */
	VEC(struct kdim) dims;
	const char *layout;	/* NULL: row-major */
	struct region *region;	/* NULL: whole */
	int param;		/* index */
};

struct ktune {
	const char *name;
	struct ints values;
};

#define SHARED_ALIGN 1024	/* what a vEU's shared memory begins on */

struct kdims {
	VEC(struct expr *) v;
};

struct kshared {		/* a declaration of __shared__ arrays */
	size_t at;		/* token: __shared__ */
	const char *name;	/* of the first */
	const char *type;
	VEC(struct kdims) arrays;
	struct expr *align;	/* bytes it asks for; NULL: none */
	bool tail;		/* extern: its bytes are the head's "shared" */
};

struct kplace {			/* where a declaration's arrays lie */
	int64_t at, bytes;	/* in the rTask's shared memory */
};

struct places {
	struct kplace *v;	/* as the kernel's "shared_arrays" */
	size_t n, cap;
};

struct kfunc {			/* a function at file scope, with a body */
	const char *name;
	size_t lo, params, body, end;	/* tokens: first, "(", "{" and "}" */
	bool is_template;
};

struct kmacro {			/* a #define, anywhere in the file */
	const char *name;
	const struct tokens *t;	/* behind the "#" */
	size_t rest;		/* token right behind the name: a "(" opens
				 * parameters */
};

struct kconst {			/* an integer constant of the file */
	const char *name;
	struct expr *value;
};

struct kernel {
	struct khead head;
	enum target_kind target;	/* by the folder; hip uses cuda's */
	bool own;		/* of the user's (set by who knows) */
	struct source src;
	struct tokens toks;		/* of all after the head */
	size_t fn, body, body_end;	/* tokens: name, "{", "}" of the function */
	bool assembly;		/* inline, of the device it was written for */
	VEC(struct kparam) params;
	VEC(struct ktemplate) template;
	VEC(struct kfunc) funcs;
	VEC(struct kmacro) macros;
	VEC(struct kconst) consts;	/* each after those that it names */
	struct map reached;		/* names that the kernel comes to */

	/* the head, parsed */
	const struct form *form;
	VEC(struct karg) args;
	VEC(struct ktune) tune;
	struct expr *when, *shared, *flops, *bytes;	/* NULL: absent */
	VEC(struct expr *) grid, threads;
	VEC(struct kshared) shared_arrays;
};

struct kernels {
	VEC(struct kernel) v;		/* sorted by name */
	struct map by_name;
};

/* Reads every kernel file of dir/TARGET (cuda for hip), or of dir itself where
 * it has no such folder.  User directories are read first and win over the
 * same name.  -1 after diagnostics. */
int kernels_load(struct kernels *k, struct arena *a, const char *dir,
                 enum target_kind t, struct diag *d);

const struct kernel *kernels_find(const struct kernels *k, const char *name);

/* One kernel from its text.  -1 after diagnostics. */
int kernel_read(struct kernel *k, struct arena *a, const struct source *src,
                enum target_kind t, struct diag *d);

struct pair_ints {
	const char *key;
	struct ints value;
};

/* Names bound by matching a class: shapes, attributes, type letters. */
struct binding {
	struct env env;			/* integers, in a fixed order */
	VEC(struct pair) types;		/* type letter -> dtype word */
	VEC(struct pair) texts;		/* lists, floats, C types: as C text */
	VEC(struct pair_ints) rest;	/* *D -> its dimensions */
};

/* Whether k fits class c on device v; if not, *why says it in a few words. */
bool kernel_match(const struct kernel *k, const struct class *c,
                  const struct device *v, struct arena *a, struct binding *b,
                  const char **why);

/* Appends to out_class->kernels a candidate for each combination of tunables
 * that satisfies "when" and fits the device (threads, shared memory,
 * registers).  Returns how many; 0 sets *why.  us is left 0. */
int kernel_candidates(const struct kernel *k, const struct class *c,
                      const struct device *v, const struct binding *b,
                      struct arena *a, struct class *out_class,
                      const char **why);

/* The names of a candidate's instance: those of the match and the tunables
 * that its "use" gives.  -1 with *why if the kernel does not fit the class or
 * has no such tunables. */
int kernel_env(const struct kernel *k, const struct class *c,
               const struct device *v, const char *use, struct arena *a,
               struct binding *b, const char **why);

/* An instance for emit: the kernel and every name with its value as C text,
 * from a class and a candidate's "use" (gemv_rows/8).  NULL after diag. */
struct kinstance {
	const struct kernel *kernel;
	const struct class *cls;
	const struct candidate *cand;
	VEC(struct pair) defines;	/* in the order to be #defined */
	VEC(struct pair) values;	/* parameters that are no pointers, and
					 * those of the template: as C text */
	int64_t block[3];		/* threads along x, y, z */
	struct places shared;
};
struct kinstance *kernel_instance(const struct kernels *k,
                                  const struct class *c,
                                  const struct candidate *cand,
                                  const struct device *v, struct arena *a,
                                  struct diag *d);

/* --- within lib/rkernel --------------------------------------------------- */

/* A head's text as a YAML document at the same lines and columns: what stands
 * before it is blank, "..." ends it.  *end: the byte behind it.  NULL after a
 * diagnostic (kernel_head.c). */
struct source *kernel_head(struct arena *a, const struct source *src,
                           size_t *end, struct diag *d);

/* Lets numbers and lists stand where the head's table wants text. */
void kernel_head_text(struct arena *a, const struct ynode *root);

/* Reads the tokens behind the head, from byte "from" on, and what stands at
 * file scope: functions, macros and integer constants, which the head may name;
 * then, with the head, which names the kernel comes to (kernel_file.c). */
int kernel_read_file(struct kernel *k, struct arena *a,
                     const struct source *src, size_t from, struct diag *d);
void kernel_find_reached(struct kernel *k, struct arena *a);

/* Whether the kernel may come to the function or macro of that name. */
bool kernel_reaches(const struct kernel *k, const char *name);

/* The function of the file around token i, or NULL: file scope. */
const struct kfunc *kernel_func(const struct kernel *k, size_t i);

/* e, and the constants of the file as far as it gives them values. */
struct env kernel_consts(const struct kernel *k, const struct env *e,
                         struct arena *a);

/* Finds the function's parameters and which of them may be fused
 * (kernel_source.c), what the head gives them (kernel_params.c), and the shared
 * arrays (kernel_shared.c). */
int kernel_read_source(struct kernel *k, struct arena *a, struct diag *d);
int kernel_read_params(struct kernel *k, struct arena *a, struct diag *d);
int kernel_read_shared(struct kernel *k, struct arena *a, struct diag *d);

/* The expression, as C writes it, that tokens [lo, hi) are; NULL after a
 * diagnostic (kernel_file.c). */
struct expr *kernel_expr(struct arena *a, const struct tokens *t, size_t lo,
                         size_t hi, struct diag *d);

/* The text that a map of the head has for a name, or NULL; its place, or that
 * of the map (kernel_head.c). */
const char *kernel_entry(const struct pairs *map, const char *name);
struct pos kernel_entry_pos(const struct kernel *k, const char *map,
                            const char *name);

/* An integer as C text, with brackets and suffix where it needs them. */
const char *kernel_number(struct arena *a, int64_t n);

/* A value of the head as C text: NULL with *why if it has none. */
const char *kernel_value(const struct kvalue *v, const struct binding *b,
                         struct arena *a, const char **why);

/* Where the shared arrays lie, each on 16 bytes at least, the extern one (the
 * head's "shared") behind all others; returns the bytes of all.  -1 with
 * *why. */
int64_t kernel_place_shared(const struct kernel *k, const struct binding *b,
                            struct arena *a, struct places *out,
                            const char **why);

/* Bytes of a type as the source names it, and its alignment (kernel_types.c);
 * -1 if it is not known.  b has the constants of the file too. */
int64_t kernel_type_bytes(const struct kernel *k, const struct binding *b,
                          struct arena *a, const char *type, int64_t *align);

/* What emit needs of an instance beside its candidate: values of parameters,
 * the block, places of shared arrays.  -1 with *why. */
int kernel_fill(struct kinstance *i, const struct binding *b, struct arena *a,
                const char **why);

/* Whether a shared array may lie on n bytes: a power of two, SHARED_ALIGN at
 * most. */
bool kernel_aligns(int64_t n);

/* Whether name stands for an integer in k's expressions; whether it is the
 * head that gives it the value, and not a constant of the file. */
bool kernel_knows(const void *kernel, const char *name);
bool kernel_head_knows(const struct kernel *k, const char *name);

/* The argument of that name, or NULL. */
const struct karg *kernel_arg(const struct kernel *k, const char *name);

#endif
