/* Deadlocks: from a walk that is stuck, the shortest ring of rTasks of which
 * each waits for the next. */
#include "verify/check.h"

/* The rTask that vEU v stands before. */
static const struct frow *
stands(const struct walk *w, int64_t v)
{
	return &w->f->rows[w->f->veu_row[v] + (size_t)w->done[v]];
}

static bool
finished(const struct walk *w, struct fat at)
{
	return at.pos <= w->done[at.veu];
}

/* A vEU that must go on before vEU v can: one that has an rTask that v waits
 * for.  v itself if it waits for one that comes after a barrier (which v
 * would have to reach) or behind itself. */
static int64_t
holder(const struct walk *w, int64_t v, struct fat *of, int64_t *task)
{
	const struct piece *c = &w->f->pieces.v[w->blocked_on[v]];
	int64_t found = -1;

	for (int64_t t = c->lo; t <= c->hi; t++) {
		struct fat at = w->f->at[c->rop][t];
		int64_t to = at.veu;

		if (finished(w, at))
			continue;
		if (flow_step_of(w->f, at)->phase > w->phase)
			to = v;
		if (found >= 0 && to != v)
			continue;
		found = to;
		*of = at;
		*task = t;
		if (to == v)
			break;
	}
	return found;
}

/* Length of the ring that vEU v is on, or 0. */
static int64_t
ring(const struct walk *w, int64_t v)
{
	struct fat at;
	int64_t u = v, t;

	for (int64_t n = 1; n <= w->f->width; n++) {
		u = holder(w, u, &at, &t);
		if (u < 0 || w->blocked_on[u] < 0)
			return 0;
		if (u == v)
			return n;
	}
	return 0;
}

/* Notes that rTask "at" cannot run before what vEU u stands at. */
static void
note_behind(const struct walk *w, struct fat at, int64_t task, int64_t u,
            struct diag *d)
{
	const struct fstep *s = flow_step_of(w->f, at);
	const struct frow *r = stands(w, u);
	const struct fstep *o = &w->f->steps.v[r->step];
	const char *what = task_text(w->f, s->rop, task);

	if (s->phase > w->phase) {
		diag_note(d, step_pos(s->step, "run"), "%s comes after a barrier "
		          "or launch that vEU %lld must reach first", what,
		          (long long)u);
		return;
	}
	if (s == o && r->task == task)
		return;
	diag_note(d, step_pos(s->step, "run"), "%s stands on vEU %lld behind %s",
	          what, (long long)u, task_text(w->f, o->rop, r->task));
}

/* The place of the wait by which rTask "task" of s waits for a piece. */
static struct pos
wait_pos(const struct flow *f, const struct fstep *s, int64_t task, int piece)
{
	size_t n;
	const struct fwait *x = flow_waits(f, s, task, &n);

	for (size_t i = 0; s->each && i < n; i++)
		if (x[i].piece <= piece && piece < x[i].piece + x[i].n &&
		    s->step->after.v[x[i].after].at)
			return record_pos(&s->step->after.v[x[i].after], "run");
	return step_pos(s->step, "after");
}

static void
tell(const struct walk *w, int64_t v, bool first, struct diag *d)
{
	const struct frow *r = stands(w, v);
	const struct fstep *s = &w->f->steps.v[r->step];
	const struct piece *c = &w->f->pieces.v[w->blocked_on[v]];
	struct fat at = {0};
	int64_t task = 0, u = holder(w, v, &at, &task);
	const char *who = task_text(w->f, s->rop, r->task);
	const char *whom = task_text(w->f, c->rop, task);
	struct pos place = wait_pos(w->f, s, r->task, w->blocked_on[v]);

	witness_add(w->f, (struct witness_pair){s->rop, c->rop, r->task, task, -1,
	            0, 0});
	if (first)
		diag_error(d, place, "%s waits for ever for %s", who, whom);
	else
		diag_note(d, place, "%s waits for %s", who, whom);
	note_behind(w, at, task, u, d);
}

int
report_deadlock(const struct walk *w, struct diag *d)
{
	int64_t best = -1, len = 0, v;
	struct fat at;
	int64_t task;

	for (v = 0; v < w->f->width; v++) {
		int64_t n = w->blocked_on[v] >= 0 ? ring(w, v) : 0;

		if (n && (best < 0 || n < len)) {
			best = v;
			len = n;
		}
	}
	if (best < 0)
		BUG("stuck without a ring");
	v = best;
	do {
		tell(w, v, v == best, d);
		v = holder(w, v, &at, &task);
	} while (v != best);
	return -1;
}
