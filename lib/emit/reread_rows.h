/* Within reread_rows.c and reread_waits.c: where a look at the rows stands. */
#ifndef EMIT_REREAD_ROWS_H
#define EMIT_REREAD_ROWS_H

#include "emit/reread.h"

struct known {			/* of a counter */
	uint32_t signals;		/* found so far */
	int phase;			/* of the last of its rTasks */
	int64_t veu;			/* the last that waited for it */
	int64_t last;			/* the last vEU found to signal it,
					 * from its end */
	uint64_t asked, named;		/* row + 1: waits for it; should */
	bool waited;
};

struct rows {
	struct tables *t;
	const struct flow *f;
	struct known *known;	/* [counter] */
	uint32_t *order;	/* counters by rOperator, then rTask */
	size_t *first;		/* [rop + 1] in order */
	int *gap;		/* [piece] last phase of its rTasks that no
				 * counter counts, -1: there are none */
	size_t *next;		/* [vEU] row of the schedule that comes next */
	int64_t veu;		/* vEUs begun, of all launches */

	/* where we are, for messages */
	bool opening;		/* the launch at open */
	size_t launch;		/* of the schedule */
	int64_t at;		/* vEU in it */
};

/* The name of an rOperator; "rTask 3 of 'b' on vEU 1 of launch 0"; "counter 2
 * (rTasks 0..3 of 'a')". */
const char *rows_rop(const struct rows *c, int64_t rop);
const char *rows_where(const struct rows *c, int64_t rop, int64_t task);
const char *rows_counter(const struct rows *c, uint32_t k);

/* What is wrong with an rTask of a step, and the step's key that says
 * otherwise.  Returns -1. */
int rows_say(const struct rows *c, const struct fstep *s, int64_t task,
             const char *key, const char *what);

/* Counters stand for rTasks that are there, each for its own; and what no
 * counter stands for. */
int rows_counters(struct rows *c);

/* A row, which is that rTask of the step, waits for what it should. */
int rows_waits(struct rows *c, size_t row, const struct fstep *s,
               int64_t task);

/* The rows of a vEU signal what they should. */
int rows_signals(struct rows *c, const struct tamp_veu *v);

/* When all vEUs were looked at: counters get the signals that waits expect. */
int rows_counts(const struct rows *c);

#endif
