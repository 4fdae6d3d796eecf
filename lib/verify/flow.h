/* A schedule as the machine will run it: names resolved, rTasks on vEUs in
 * order, waits as pieces of producers; and a walk over it that knows at each
 * rTask what has happened before.
 *
 * Barriers and launches cut a schedule into phases: everything of a phase
 * comes before everything of the next, so vector clocks are kept only inside
 * a phase, and only for vEUs that wait in it. */
#ifndef VERIFY_FLOW_H
#define VERIFY_FLOW_H

#include "rkernel/plan.h"

struct fat {			/* where an rTask runs */
	int32_t veu;
	int32_t pos;		/* its place on the vEU, from 1; 0: it never runs */
};

struct frow {			/* what stands there */
	int32_t step, task;
};

enum fkind { F_LAUNCH, F_BARRIER, F_RUN };

struct fstep {
	enum fkind kind;
	const struct step *step;
	int rop;
	int64_t lo, hi;		/* rTasks, inclusive */
	int64_t v0, v1;		/* vEUs, inclusive */
	int launch;		/* index of the launch it belongs to */
	int phase;
	size_t wait, nwaits;	/* in waits, of each rTask: see flow_waits */
	bool each;		/* each rTask has waits of its own */
};

struct piece {			/* rTasks that are waited for together */
	int rop;
	int64_t lo, hi;
};

struct fwait {			/* for n pieces in a row */
	int piece, n;
	int after;		/* which of the step's it comes from */
};

struct flaunch {
	const struct step *step;
	int64_t width;
};

struct witness;			/* verify.h */

struct flow {
	struct arena *a;
	struct plan *p;
	const struct schedule *s;
	VEC(struct fstep) steps;
	VEC(struct flaunch) launches;
	VEC(struct piece) pieces;	/* apart, by rOperator, then lo */
	VEC(struct fwait) waits;
	VEC(struct piece) asked;	/* for each of waits: its rTasks */
	int *rop_piece;			/* [nrops + 1] first piece of each */
	struct fat **at;		/* [rop][task] */
	int64_t width;			/* of the widest launch */
	struct frow *rows;		/* by vEU, then pos */
	size_t *veu_row;		/* [width + 1] first row of each */
	int nphases;
	size_t nrtasks;			/* rows in all */
	struct witness *witness;	/* of a refusal; NULL: nobody asks */
};

/* Names, ranges, widths and counts: what must hold before order means
 * anything.  f is zero, but for its witness.  -1 after diagnostics; then f
 * serves no further purpose. */
int flow_make(struct flow *f, struct plan *p, const struct schedule *s,
              struct arena *a, struct diag *d);

/* Whether the rOperator has steps in a schedule at all. */
bool flow_runs(const struct plan *p, int rop);

/* The rOperator of that name, one that has steps or could; -1 after a
 * diagnostic. */
int flow_find(const struct plan *p, const char *name, int hint,
              struct pos at, struct diag *d);

/* The piece that an rTask is of, or -1. */
int flow_piece(const struct flow *f, int rop, int64_t task);

/* Where waits are the same for all rTasks of a step (not each), the first on each
 * vEU is the one that waits: how many do. */
static inline int64_t
flow_waiting(const struct fstep *s)
{
	int64_t tasks = s->hi - s->lo + 1, veus = s->v1 - s->v0 + 1;

	return s->each || tasks < veus ? tasks : veus;
}

/* The waits of a step's rTask, and how many there are: of one that need not
 * wait for itself none. */
static inline const struct fwait *
flow_waits(const struct flow *f, const struct fstep *s, int64_t task,
           size_t *n)
{
	*n = task - s->lo < flow_waiting(s) ? s->nwaits : 0;
	return f->waits.v + s->wait +
		(s->each ? (size_t)(task - s->lo) * s->nwaits : 0);
}

const struct fstep *flow_step_of(const struct flow *f, struct fat at);
const struct frow *flow_row(const struct flow *f, struct fat at);

/* rOperator r on each vEU: its last rTask there, into out (room for width);
 * returns how many vEUs there are.  slot: [width], all 0 before and after. */
size_t flow_last(const struct flow *f, int rop, int32_t *slot,
                 struct fat *out);
int flow_last_phase(const struct flow *f, int rop);

/* The place of a step, or of one of its keys. */
struct pos step_pos(const struct step *s, const char *key);

/* --- the walk ------------------------------------------------------------ */

struct walk {
	const struct flow *f;
	int phase;
	int32_t *done;		/* [veu] rTasks done */
	int32_t *base;		/* [veu] of these, before this phase */
	int64_t wide;		/* entries of a clock: see clock.h */
	int32_t **clock;	/* [veu][veu]; counts only if stamp[veu] == phase */
	int *stamp;
	int64_t *left;		/* [piece] rTasks not yet done */
	int32_t **piece_clock;	/* [piece][veu], NULL: nothing but the base, or
				 * all have learned it */
	int64_t *learners;	/* [piece] rTasks that have yet to learn it */
	VEC(int32_t *) spare;	/* clocks of pieces that nobody needs again */
	int *blocked_on;	/* [veu] piece, or -1 */
};

/* Called for each rTask, in an order that the schedule allows, when all that
 * comes before it is known and it is about to run. */
typedef void walk_fn(void *ctx, const struct walk *w, const struct fstep *s,
                     int64_t task, int64_t veu);

/* 0, or -1 if nothing can go on: *w then tells where it stands. */
int flow_walk(const struct flow *f, struct walk *w, walk_fn *fn, void *ctx);

/* A walk without clocks, for those who do not ask what comes before what: of the
 * rTasks that may run, the one that can begin first is next.  begin_fn: when an
 * rTask could; asked when all that it waits for is done. */
typedef double begin_fn(void *ctx, const struct fstep *s, int64_t task,
                        int64_t veu);

/* An rTask begins, at the time that begin_fn said. */
typedef void run_fn(void *ctx, const struct fstep *s, int64_t task, int64_t veu,
                    double at);

int flow_walk_timed(const struct flow *f, struct walk *w, begin_fn *begin,
                    run_fn *run, void *ctx);

/* For the walks: nothing has run yet; the piece that an rTask still waits for, or
 * -1. */
void walk_init(struct walk *w, const struct flow *f);
int walk_pending(const struct walk *w, const struct fstep *s, int64_t task);

/* Whether the rTask at "at" comes before the one about to run on veu. */
static inline bool
walk_before(const struct walk *w, int64_t veu, struct fat at)
{
	if (at.pos <= w->base[at.veu])
		return true;
	if (at.veu == veu)
		return at.pos <= w->done[veu];
	return w->stamp[veu] == w->phase &&
	       w->clock[veu][at.veu] >= at.pos;
}

/* The last rTask of vEU "of" that comes before the one about to run on veu. */
static inline int32_t
walk_seen(const struct walk *w, int64_t veu, int64_t of)
{
	if (of == veu)
		return w->done[veu];
	if (w->stamp[veu] == w->phase && w->clock[veu][of] > w->base[of])
		return w->clock[veu][of];
	return w->base[of];
}

#endif
