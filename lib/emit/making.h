/* What tables.c and waits.c share while a program is made. */
#ifndef EMIT_MAKING_H
#define EMIT_MAKING_H

#include "emit/tables.h"

struct row_waits {		/* in the program's waits */
	uint32_t first, n;
};

struct mrun {			/* a run step, resolved */
	int rop, launch, phase;
	uint32_t condition;		/* or TAMP_NONE */
	int64_t lo, hi, v0, v1;
	struct row_waits *waits;	/* [task - lo] of each of its rTasks */
};

struct mwait {			/* a wait that is kept */
	int run, rop;		/* rop: waited for */
	int64_t task;		/* of the run; -1: the first on each vEU */
	int64_t lo, hi;
};

struct piece {
	int64_t lo, hi;
	uint32_t counter;
};

struct producer {		/* what is waited for of an rOperator */
	VEC(int) runs;			/* indices of its steps */
	VEC(int64_t) cuts;		/* lo and hi + 1 of waits */
	VEC(struct piece) pieces;	/* disjoint, ascending */
};

struct making {
	struct emit *e;
	struct plan *p;
	struct program *g;
	struct producer *by_rop;
	VEC(struct mrun) runs;
	VEC(struct mwait) waits;
	int *instance;			/* [rop], -1: has no rTasks */
	VEC(struct tamp_row) *veus;	/* rows of the launch being made */
	int64_t nveus;
	int64_t turn;		/* of a vEU: its waits of a step, its signals */
	int64_t *stamp;		/* [counter] the last turn that had it */
};

/* An index, -1 for none, as tables hold it. */
static inline uint32_t
making_index(int i)
{
	return i < 0 ? TAMP_NONE : (uint32_t)i;
}

/* Fills runs, pieces, counters and waits (their counts follow from signals). */
void waits_make(struct making *m);

/* The counter that an rTask signals, or TAMP_NONE. */
uint32_t waits_signal(const struct making *m, int rop, int64_t task);

#endif
