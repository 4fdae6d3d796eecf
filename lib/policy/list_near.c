/* The part of list scheduling that keeps constants near: batches of what reads the same
 * one, and rounds. */
#include "policy/list.h"

void
list_batches(struct list *l)
{
	struct arena *a = l->p->a;
	struct batches b;

	plan_batches(&b, l->p, l->width, a);
	l->order = b.order;
	l->nbatches = b.n;
	l->batch = arena_array(a, (size_t)b.n + 1, sizeof *l->batch);
	for (int k = 0; k < b.n; k++)
		l->batch[k].flat = b.flat[k];
	for (size_t i = 0; i < l->p->rops.n; i++) {
		int k = b.of[b.order[i]];

		if (l->batch[k].n++ == 0)
			l->batch[k].first = (int)i;
		l->job[b.order[i]].batch = b.several[k] ? k : -1;
	}
}

/* Which of those that were placed is the next on any of the same vEUs; -1: none. */
static int *
next_there(const struct list *l)
{
	int *next = arena_array(l->p->a, l->nplaced + 1, sizeof *next);
	int *on = arena_array(l->p->a, (size_t)l->width, sizeof *on);

	for (int64_t v = 0; v < l->width; v++)
		on[v] = -1;
	for (size_t i = l->nplaced; i-- > 0;) {
		const struct job *j = &l->job[l->placed[i].rop];

		next[i] = -1;
		for (int64_t v = j->first; v < j->first + j->veus; v++) {
			if (on[v] >= 0 && (next[i] < 0 || on[v] < next[i]))
				next[i] = on[v];
			on[v] = (int)i;
		}
	}
	return next;
}

/* [rop] where it stands among those that were placed; -1: nowhere. */
static int *
places(const struct list *l)
{
	int *at = arena_array(l->p->a, l->p->rops.n + 1, sizeof *at);

	for (size_t i = 0; i < l->p->rops.n; i++)
		at[i] = -1;
	for (size_t i = 0; i < l->nplaced; i++)
		at[l->placed[i].rop] = (int)i;
	return at;
}

/* Whether b, the next on some of a's vEUs, is on all of them and could have begun
 * when "first" did. */
static bool
could_join(const struct list *l, const int *at, int first, int a, int b)
{
	const struct job *x = &l->job[l->placed[a].rop];
	const struct job *y = &l->job[l->placed[b].rop];
	const struct prop *r = &l->p->rops.v[l->placed[b].rop];

	if (x->first != y->first || x->veus != y->veus ||
	    y->ready > l->placed[first].begin)
		return false;
	for (size_t i = 0; i < r->preds.n; i++)
		if (at[r->preds.v[i]] >= first)
			return false;
	return true;
}

static void
run_rounds(struct plan *p, const struct list *l, struct rounds *r,
           const int *rops, size_t n, struct schedule *out)
{
	const struct job *j = &l->job[rops[0]];

	r->runs.n = 0;
	rounds_add(r, rops, n, j->veus);
	for (size_t k = 0; k < r->runs.n; k++) {
		const struct task_run *x = &r->runs.v[k];
		int64_t veus = x->to - x->from;

		if (veus > j->veus)
			veus = j->veus;
		sched_run(p, out, x->rop, x->from, x->to - 1, j->first,
		          j->first + veus - 1);
	}
}

void
list_run_near(struct plan *p, const struct list *l, struct schedule *out)
{
	int *rops = arena_array(p->a, l->nplaced + 1, sizeof *rops);
	bool *done = arena_array(p->a, l->nplaced + 1, sizeof *done);
	int *next = next_there(l), *at = places(l);
	struct rounds r;

	rounds_init(&r, p, p->a);
	for (size_t i = 0; i < l->nplaced; i++) {
		int about = r.about[l->placed[i].rop];
		size_t n = 0;

		if (done[i])
			continue;
		for (int k = (int)i, last = k; k >= 0; last = k, k = next[k]) {
			if (n && (about < 0 ||
			          r.about[l->placed[k].rop] != about ||
			          !could_join(l, at, (int)i, last, k)))
				break;
			rops[n++] = l->placed[k].rop;
			done[k] = true;
		}
		run_rounds(p, l, &r, rops, n, out);
	}
}
