/* The walk over a schedule: runs its rTasks in some order that the waits
 * allow, and keeps a vector clock for each vEU that has waited in the phase.
 *
 * A piece's clock is the join of its rTasks' clocks: it is made once, when
 * the rTasks are done, however many wait for it; when the last of them has
 * learned it, the next piece gets its memory. */
#include "verify/clock.h"
#include "verify/flow.h"

/* Who will learn from what rTask t of s waits for: it, or the first on each
 * vEU. */
static void
count_learners(struct walk *w, const struct fstep *s, int64_t t)
{
	int64_t who = s->each ? 1 : flow_waiting(s);
	size_t n;
	const struct fwait *x = flow_waits(w->f, s, t, &n);

	for (size_t k = 0; k < n; k++)
		for (int i = 0; i < x[k].n; i++)
			w->learners[x[k].piece + i] += who;
}

static void
init_clocks(struct walk *w)
{
	const struct flow *f = w->f;

	w->piece_clock = arena_array(f->a, f->pieces.n + 1,
	                             sizeof *w->piece_clock);
	w->learners = arena_array(f->a, f->pieces.n + 1, sizeof *w->learners);
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *s = &f->steps.v[i];

		for (int64_t t = 0; s->nwaits && t < (s->each ? s->hi - s->lo + 1
		     : 1); t++)
			count_learners(w, s, s->lo + t);
	}
}

void
walk_init(struct walk *w, const struct flow *f)
{
	size_t n = (size_t)clock_wide(f->width);

	*w = (struct walk){.f = f, .wide = (int64_t)n};
	w->done = arena_array(f->a, n, sizeof *w->done);
	w->base = arena_array(f->a, n, sizeof *w->base);
	w->clock = arena_array(f->a, n, sizeof *w->clock);
	w->stamp = arena_array(f->a, n, sizeof *w->stamp);
	w->blocked_on = arena_array(f->a, n, sizeof *w->blocked_on);
	for (size_t v = 0; v < n; v++) {
		w->stamp[v] = -1;
		w->blocked_on[v] = -1;
	}
	n = f->pieces.n + 1;
	w->left = arena_array(f->a, n, sizeof *w->left);
	for (size_t i = 0; i < f->pieces.n; i++)
		w->left[i] = f->pieces.v[i].hi - f->pieces.v[i].lo + 1;
}

/* A clock that knows nothing. */
static int32_t *
new_clock(struct walk *w)
{
	size_t n = (size_t)w->wide;
	int32_t *c;

	if (!w->spare.n)
		return arena_array(w->f->a, n, sizeof *c);
	c = w->spare.v[--w->spare.n];
	memset(c, 0, n * sizeof *c);
	return c;
}

/* The vEU's clock learns what the piece's rTasks had seen. */
static void
learn(struct walk *w, int64_t veu, int piece)
{
	int32_t **c = &w->piece_clock[piece];

	if (!*c)
		return;
	if (!w->clock[veu])
		w->clock[veu] = new_clock(w);
	if (w->stamp[veu] != w->phase) {
		memcpy(w->clock[veu], w->base,
		       (size_t)w->wide * sizeof **w->clock);
		w->stamp[veu] = w->phase;
	}
	clock_join(w->clock[veu], *c, w->wide);
	if (--w->learners[piece] == 0) {
		vec_push(w->f->a, &w->spare, *c);
		*c = NULL;
	}
}

/* The first piece that an rTask still waits for, or -1. */
int
walk_pending(const struct walk *w, const struct fstep *s, int64_t task)
{
	size_t n;
	const struct fwait *x = flow_waits(w->f, s, task, &n);

	for (size_t k = 0; k < n; k++)
		for (int i = x[k].piece; i < x[k].piece + x[k].n; i++)
			if (w->left[i])
				return i;
	return -1;
}

static void
learn_all(struct walk *w, const struct fstep *s, int64_t task, int64_t veu)
{
	size_t n;
	const struct fwait *x = flow_waits(w->f, s, task, &n);

	for (size_t k = 0; k < n; k++)
		for (int i = x[k].piece; i < x[k].piece + x[k].n; i++)
			learn(w, veu, i);
}

/* task, on veu, is done; whether with it the whole piece is.  Where a vEU learns
 * nothing within a step, one join tells the piece all that it knows. */
static bool
signal_piece(struct walk *w, int piece, const struct fstep *s, int64_t task,
             int64_t veu)
{
	int32_t **c = &w->piece_clock[piece];
	int64_t before = task - (s->v1 - s->v0 + 1);

	if (!*c)
		*c = new_clock(w);
	if (w->stamp[veu] == w->phase &&
	    (s->each || before < s->lo || before < w->f->pieces.v[piece].lo))
		clock_join(*c, w->clock[veu], w->wide);
	if ((*c)[veu] < w->done[veu])
		(*c)[veu] = w->done[veu];
	return --w->left[piece] == 0;
}

struct ready {			/* vEUs that can go on: each at most once */
	int32_t *v;
	size_t n;
};

/* Runs vEU v until it must wait, or until the phase's end. */
static void
go(struct walk *w, int64_t v, struct ready *q, int32_t *sleepers,
   int32_t *next_sleeper, walk_fn *fn, void *ctx)
{
	const struct flow *f = w->f;
	size_t end = f->veu_row[v + 1];

	for (;;) {
		size_t k = f->veu_row[v] + (size_t)w->done[v];
		const struct fstep *s;
		int wait;

		if (k == end || f->steps.v[f->rows[k].step].phase != w->phase)
			return;
		s = &f->steps.v[f->rows[k].step];
		wait = walk_pending(w, s, f->rows[k].task);
		if (wait >= 0) {
			w->blocked_on[v] = wait;
			next_sleeper[v] = sleepers[wait];
			sleepers[wait] = (int32_t)v;
			return;
		}
		learn_all(w, s, f->rows[k].task, v);
		if (fn)
			fn(ctx, w, s, f->rows[k].task, v);
		w->done[v]++;
		wait = flow_piece(f, s->rop, f->rows[k].task);
		if (wait < 0 || !signal_piece(w, wait, s, f->rows[k].task, v))
			continue;
		for (int32_t b = sleepers[wait]; b >= 0; b = next_sleeper[b]) {
			w->blocked_on[b] = -1;
			q->v[q->n++] = b;
		}
		sleepers[wait] = -1;
	}
}

static int
walk_phase(struct walk *w, struct ready *q, int32_t *sleepers,
           int32_t *next_sleeper, walk_fn *fn, void *ctx)
{
	int64_t width = w->f->width;

	memcpy(w->base, w->done, (size_t)width * sizeof *w->base);
	q->n = 0;
	for (int64_t v = 0; v < width; v++) {
		if (w->blocked_on[v] < 0)
			go(w, v, q, sleepers, next_sleeper, fn, ctx);
		while (q->n)
			go(w, q->v[--q->n], q, sleepers, next_sleeper, fn, ctx);
	}
	for (int64_t v = 0; v < width; v++)
		if (w->blocked_on[v] >= 0)
			return -1;
	return 0;
}

int
flow_walk(const struct flow *f, struct walk *w, walk_fn *fn, void *ctx)
{
	size_t np = f->pieces.n, nv = (size_t)f->width;
	int32_t *sleepers = arena_array(f->a, np + 1, sizeof *sleepers);
	int32_t *next = arena_array(f->a, nv + 1, sizeof *next);
	struct ready q = {arena_array(f->a, nv + 1, sizeof *q.v), 0};

	walk_init(w, f);
	init_clocks(w);
	for (size_t i = 0; i < np; i++)
		sleepers[i] = -1;
	for (w->phase = 0; w->phase < f->nphases; w->phase++)
		if (walk_phase(w, &q, sleepers, next, fn, ctx) < 0)
			return -1;
	return 0;
}
