/* Within sync_insert: what is known while the waits of a schedule are placed.
 *
 * As in the verifier, vector clocks tell what comes before what; with them goes
 * a time at which each rTask will be done, as in the predictor. */
#ifndef POLICY_SYNC_H
#define POLICY_SYNC_H

#include "policy/policy.h"
#include "policy/tiles.h"
#include "verify/clock.h"
#include "verify/needs.h"

struct spot {			/* where an rTask was placed */
	int32_t veu, pos;	/* pos 0: not yet */
	int32_t phase;
	float us;		/* when it will be done, if costs are right */
	int32_t *end;		/* clock when it is done; NULL: the base */
};

struct own {			/* an rTask's waits that others of its step have not */
	int32_t *learned;	/* [veu], shared and never changed; NULL: nothing */
	float us;		/* when what they wait for is done */
};

struct lasts {			/* of an rOperator in this phase, on each vEU */
	int64_t placed;		/* made when so many were placed, */
	int phase;		/* in this phase; -1: not made */
	VEC(struct spot) v;
};

struct sync {
	struct plan *p;
	struct diag *d;
	enum sync_kind kind;
	struct arena *a;
	struct needs *needs;
	struct spot **spots;	/* [rop][task] */
	int64_t *placed;	/* [rop] rTasks placed */
	int *last_step;		/* [rop] the last step that runs it */
	struct lasts *lasts;	/* [rop] */
	int *marked, mark;	/* [veu] for find_lasts */
	size_t *last_at;
	int32_t *freed;		/* [veu] for rest_is_free */
	int64_t work;		/* rTasks looked at, but for needs.work */
	int64_t width, wide;	/* vEUs; entries of a clock */
	int32_t *done;		/* [veu] */
	int32_t *base;		/* [veu] done before this phase */
	int32_t **clock;	/* [veu][veu]; counts if stamp == phase.  Kept by
				 * spots and other vEUs too: never changed */
	int *stamp;
	int phase;
	int32_t *learned;	/* [veu] by the waits of the step at hand */
	bool learned_any;
	float learned_us;	/* when what they wait for is done */
	struct own *own;	/* [rTask of the step at hand - its first] what it
				 * learned by waits of its own; NULL: of none */
	const struct step *step;	/* the step at hand */
	float *free_us;		/* [veu] when its rTasks so far will be done */
	int64_t own_bytes;	/* of clocks that rTasks have of their own */
	VEC(struct step) out;
};

static inline int64_t
sync_veu(const struct step *s, int64_t task)
{
	return s->veus.lo + (task - s->tasks.lo) % (s->veus.hi - s->veus.lo + 1);
}

/* Whether the rTask at t comes before rTask u of the step at hand, on veu. */
static inline bool
sync_implied(const struct sync *y, const struct spot *t, int64_t veu,
             int64_t u)
{
	if (t->phase < y->phase || t->veu == veu)
		return true;
	if (y->learned_any && y->learned[t->veu] >= t->pos)
		return true;
	if (y->stamp[veu] == y->phase && y->clock[veu][t->veu] >= t->pos)
		return true;
	for (int64_t k = u - y->step->tasks.lo; y->own && k >= 0;
	     k -= y->step->veus.hi - y->step->veus.lo + 1)
		if (y->own[k].learned && y->own[k].learned[t->veu] >= t->pos)
			return true;
	return false;
}

/* --- sync_clock.c --------------------------------------------------------- */

/* Barriers and launches: what comes next knows all that was. */
void sync_next_phase(struct sync *y, double us);

/* A copy of a clock, NULL: of the base. */
int32_t *sync_copy(struct sync *y, const int32_t *from);

/* c learns of an rTask and of what came before it. */
void sync_join(const struct sync *y, int32_t *c, const struct spot *s);

/* All rTasks of the step at hand learn of these rTasks. */
void sync_learn(struct sync *y, int rop, int64_t lo, int64_t hi);

/* The step's rTasks run: spots, clocks and times. */
void sync_spread(struct sync *y, const struct step *s, int rop);

/* One rTask of an rOperator, among those of a step that keep busy vEUs. */
double sync_task_us(const struct sync *y, int rop, const struct step *s);

/* --- sync_tiles.c --------------------------------------------------------- */

/* Each rTask of the step at hand learns of the rTasks that it waits for by a. */
void sync_learn_own(struct sync *y, const struct step *s,
                    const struct after *a);

/* Instead of rTasks lo..hi of d->p: each rTask of the step waits for those that
 * it needs itself, if that is sooner in all.  Whether it was done. */
bool sync_tiles(struct sync *y, struct step *s, const struct need *d,
                int64_t lo, int64_t hi);

#endif
