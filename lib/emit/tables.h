/* The program as tables: what plan.bin holds, while it is made.
 *
 * Steps become rows per vEU; each producer's rTasks are cut into the pieces
 * that waits name, one counter a piece. */
#ifndef EMIT_TABLES_H
#define EMIT_TABLES_H

#include "emit/target.h"
#include "runtime/tamp_table.h"

/* A distinct launch shape: one launch kernel of the source. */
struct code {
	int64_t threads, registers;
	int64_t shared;			/* the most of its launches */
	int64_t width;			/* likewise */
	bool init;			/* used by launches at open */
	VEC(int) instances;		/* that its vEUs run, ascending */
};

struct program {
	struct tamp_header h;		/* sections' "at" set by program_write */
	VEC(struct tamp_tensor) tensors;	/* as plan->tensors */
	VEC(uint32_t) io;	/* tensors: inputs, outputs, past and present of
				 * each state */
	VEC(uint32_t) args;
	VEC(struct tamp_condition) conditions;	/* as plan->conditions */
	VEC(struct tamp_rop) rops;		/* as plan->rops */
	VEC(struct tamp_launch) launches;	/* those at open first */
	VEC(struct tamp_veu) veus;
	VEC(struct tamp_row) rows;
	VEC(struct tamp_wait) waits;
	VEC(struct tamp_counter) counters;
	VEC(struct code) codes;
	VEC(char) names;
};

/* Makes e->instances and e->program from plan (candidates chosen), schedule
 * and memory, both legal.  -1 after diagnostics. */
int program_make(struct emit *e);

/* Appends the bytes of plan.bin. */
void program_write(const struct program *p, struct str *out);

#endif
