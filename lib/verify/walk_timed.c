/* The walk in the order of time: a queue of the vEUs whose next rTask may run, the
 * one that can begin first at its head. */
#include "base/heap.h"
#include "verify/flow.h"

struct timed_walk {
	const struct flow *f;
	struct walk *w;
	begin_fn *begin;
	run_fn *run;
	void *ctx;
	struct heap turns;	/* vEUs, by when their next rTask can begin */
	int32_t *sleepers;	/* [piece] a vEU that waits for it, or -1 */
	int32_t *next;		/* [veu] another one */
};

static const struct frow *
next_row(const struct timed_walk *t, int64_t veu)
{
	size_t k = t->f->veu_row[veu] + (size_t)t->w->done[veu];

	return k == t->f->veu_row[veu + 1] ||
		t->f->steps.v[t->f->rows[k].step].phase != t->w->phase
		? NULL : &t->f->rows[k];
}

/* The vEU takes its turn when what its next rTask waits for is done. */
static void
queue(struct timed_walk *t, int32_t veu)
{
	const struct frow *r = next_row(t, veu);
	const struct fstep *s;
	int wait;

	t->w->blocked_on[veu] = -1;
	if (!r)
		return;
	s = &t->f->steps.v[r->step];
	wait = walk_pending(t->w, s, r->task);
	if (wait < 0) {
		heap_push(&t->turns, t->begin(t->ctx, s, r->task, veu), veu);
		return;
	}
	t->w->blocked_on[veu] = wait;
	t->next[veu] = t->sleepers[wait];
	t->sleepers[wait] = veu;
}

static void
run_next(struct timed_walk *t, int32_t veu, double at)
{
	const struct frow *r = next_row(t, veu);
	const struct fstep *s = &t->f->steps.v[r->step];
	int piece = flow_piece(t->f, s->rop, r->task);
	int32_t sleeper;

	t->run(t->ctx, s, r->task, veu, at);
	t->w->done[veu]++;
	if (piece >= 0 && --t->w->left[piece] == 0) {
		sleeper = t->sleepers[piece];
		t->sleepers[piece] = -1;
		while (sleeper >= 0) {
			int32_t next = t->next[sleeper];

			queue(t, sleeper);
			sleeper = next;
		}
	}
	queue(t, veu);
}

static int
run_phase(struct timed_walk *t)
{
	for (int64_t v = 0; v < t->f->width; v++)
		queue(t, (int32_t)v);
	while (t->turns.n) {
		double at = t->turns.v[0].key;

		run_next(t, heap_pop(&t->turns), at);
	}
	for (int64_t v = 0; v < t->f->width; v++)
		if (t->w->blocked_on[v] >= 0)
			return -1;
	return 0;
}

int
flow_walk_timed(const struct flow *f, struct walk *w, begin_fn *begin,
                run_fn *run, void *ctx)
{
	size_t np = f->pieces.n + 1, nv = (size_t)f->width + 1;
	struct timed_walk t = {.f = f, .w = w, .begin = begin, .run = run,
	                       .ctx = ctx};

	heap_init(&t.turns, nv, f->a);
	t.next = arena_array(f->a, nv, sizeof *t.next);
	t.sleepers = arena_array(f->a, np, sizeof *t.sleepers);
	for (size_t i = 0; i < np; i++)
		t.sleepers[i] = -1;
	walk_init(w, f);
	for (w->phase = 0; w->phase < f->nphases; w->phase++)
		if (run_phase(&t) < 0)
			return -1;
	return 0;
}
