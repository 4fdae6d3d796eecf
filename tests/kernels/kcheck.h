/* The kernel ladder: every kernel file against plain references, and its
 * declared regions against the accesses it makes.
 *
 * "kcheck gen" turns the kernels' instances for the cases of cases.c into
 * sources; kernels.tap compiles these with the compiler's access hooks;
 * "kcheck run" loads and runs them.  Both make the same list of trials. */
#ifndef KCHECK_H
#define KCHECK_H

#include "rkernel/kernel.h"

/* --- cases.c ---------------------------------------------------------------- */

struct karray {			/* an argument of a case, row-major */
	const char *name;
	enum dtype type;
	struct ints shape;
	bool out;
	bool special;		/* holds NaN and infinities too */
	int64_t below;		/* indices: in [-below, below); 0: any value */
	double *v;		/* inputs: values; outputs: the reference's */
	bool *set;		/* outputs: the reference made it */
	int64_t n;
};

struct kcase {
	const char *form;
	struct attrs attrs;
	struct karray args[8];	/* inputs, then outputs */
	int nargs;
	const char *text;	/* as written, for messages */
};

extern const char *const kcase_texts[];	/* NULL-ended */

/* Parses a case's text and makes its inputs' values. */
void kcase_init(struct kcase *c, struct arena *a, const char *text);

struct karray *kcase_arg(struct kcase *c, const char *name);

/* --- ref.c ---------------------------------------------------------------------- */

/* Computes the outputs, in double, one plain loop nest a form. */
void kcase_reference(struct kcase *c, struct arena *a);

/* --- trials.c --------------------------------------------------------------------- */

struct ktrial {			/* a kernel, with tunables, on a case */
	int kcase;
	const struct kernel *kernel;
	struct class *cls;
	const struct candidate *cand;
	struct kinstance *instance;
	int index;		/* among the trials of its kernel */
	bool mapped;		/* inputs are doubled, an operand is added */
};

struct ktrials {
	VEC(struct kcase) cases;
	VEC(struct ktrial) v;	/* by kernel */
	struct kernels kernels;
	struct device device;
};

/* Every kernel of lib/kernels on every case that it fits: all tunables, or
 * some of many.  -1 after diagnostics. */
int ktrials_init(struct ktrials *t, struct arena *a, const char *dir,
                 enum target_kind target, int simd, struct diag *d);

/* --- oracle.c ---------------------------------------------------------------------- */

#define KMAXARGS 10

struct kbuffer {		/* an argument's memory while a trial runs */
	unsigned char *at;
	int64_t elems, bytes;	/* bytes of an element */
	struct ints stored;
	const struct region *region;	/* NULL: whole */
	bool checked;		/* declared regions are held against accesses */
	bool out;
	unsigned char *read, *written;	/* an element a byte: by this task */
	unsigned char *allowed;		/* by its declared region */
	unsigned char *tasks;		/* how many tasks wrote it, at most 2 */
	int64_t declared, touched;	/* sums over tasks, of inputs */
};

struct koracle {
	struct arena *a;
	struct kbuffer v[KMAXARGS];
	int n;
	int64_t grid[3];
	int64_t task;		/* -1: none yet */
	bool on;		/* the compiler's hooks are there */
	char why[512];		/* the first fault */
};

/* Begins a trial; the tasks' marks come by kcheck_task. */
void koracle_begin(struct koracle *o);
void koracle_end(struct koracle *o);

/* Called by generated code before each task. */
void kcheck_task(uint32_t task);

#endif
