/* What was emitted, read again and held against the plan it was made from.
 *
 * plan.bin and the generated source are decoded and compared with the plan and
 * with the verifier's view of its schedule (verify/flow.h), which is proved to
 * be legal: every vEU has the rTasks of the schedule in its order, each waits
 * for exactly what its step names, each counter counts exactly the rTasks it
 * stands for, tensors lie where memory/1 says, and each rTask is the rKernel
 * that was chosen, with its arguments.  Nothing here calls what wrote them. */
#ifndef EMIT_REREAD_H
#define EMIT_REREAD_H

#include "emit/target.h"
#include "runtime/tamp_table.h"
#include "verify/flow.h"

struct reread {
	struct arena *a;
	struct diag *d;
	const struct plan *plan;	/* candidates chosen */
	const struct flow *flow;	/* of its schedule, legal */
	const struct memory *memory;	/* legal */
};

/* plan.bin decoded: all sections lie within it. */
struct tables {
	const struct reread *r;
	struct pos at;			/* of the file */
	struct tamp_header h;
#define TABLES_FIELD(type, name) const type *name;
	TAMP_SECTIONS(TABLES_FIELD)
#undef TABLES_FIELD
	VEC(struct used) instances;	/* by number, as the plan makes them */
};

struct used {			/* an rKernel that some rOperator uses */
	const struct class *cls;
	const struct candidate *cand;
	bool *codes;			/* [code] launch shapes that run it */
};

/* All of plan.bin.  -1 after a diagnostic that names the rOperator, the rTask
 * and the vEU, where there is one.  *t lives in r->a. */
int reread_tables(const struct reread *r, const struct source *bin,
                  struct tables *t);

/* The generated source (model.c, model.cu), for tables that were found right:
 * the functions of rTasks, what calls them, and the launch kernels. */
int reread_source(const struct tables *t, enum target_kind k,
                  const struct source *src);

/* The loop of a vEU in the runtime that lies beside it, and the file that has
 * it: every path through a row waits, calls, publishes and signals as it
 * should. */
int reread_loop(const struct reread *r, enum target_kind k,
                const struct source *src);
const char *reread_loop_file(enum target_kind k);

/* All three, of a directory; shown: its name in messages.  *out as
 * reread_tables. */
int reread_dir(const struct reread *r, const struct target *t,
               const char *dir, const char *shown, struct tables *out);

/* What reread_dir leaves out, for a directory that others may have changed:
 * weights.bin is the one plan.bin was written with, and the runtime is that of
 * runtime_dir. */
int reread_rest(const struct tables *tables, const struct target *t,
                const char *dir, const char *runtime_dir);

/* Within reread*.c: launches, rows, waits and counters (reread_rows.c). */
int reread_rows(struct tables *t);

#endif
