/* Batches: of the rOperators that read the same constant, some that follow one
 * another in the model, and the small ones behind them.  On one vEU they find the
 * constant in its caches, and others go on with another constant meanwhile: layers
 * of a recurrence one behind the other, a batch of steps apart.
 *
 * What would have to wait for itself, as batches that feed each other would, is
 * left apart: each such rOperator is a batch of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "rkernel/plan.h"

#define BATCHES 4		/* of a constant's rOperators, for each vEU */

struct batching {
	const struct plan *p;
	struct arena *a;
	struct batches *b;
	int *from, *rops;	/* rOperators of batch k: rops[from[k] .. from[k+1]) */
	int *level;		/* [batch] batches before it on the longest way; -1:
				 * it waits for itself */
	int *left;		/* [batch] */
	int *queue;
};

/* --- who is together ----------------------------------------------------- */

/* [tensor] how many rOperators of a constant make a batch; 0: it has none. */
static int *
sizes(const struct plan *p, const int *about, int64_t width, struct arena *a)
{
	int *n = arena_array(a, p->tensors.n + 1, sizeof *n);
	int64_t parts = BATCHES * width;

	for (size_t i = 0; i < p->rops.n; i++)
		if (about[i] >= 0)
			n[about[i]]++;
	for (size_t i = 0; i < p->tensors.n; i++)
		n[i] = (int)(((int64_t)n[i] + parts - 1) / parts);
	return n;
}

/* The batch that a small rOperator joins: that of the last it needs, if that is
 * one of several. */
static int
behind(const struct batches *b, const struct prop *r)
{
	int last = -1;

	if (r->ntasks != 1 || r->rop->init)
		return -1;
	for (size_t i = 0; i < r->preds.n; i++)
		if (r->preds.v[i] > last)
			last = r->preds.v[i];
	return last >= 0 && b->several[b->of[last]] ? b->of[last] : -1;
}

static void
gather(struct batching *s, int64_t width)
{
	const struct plan *p = s->p;
	struct batches *b = s->b;
	int *about = plan_reused(p, s->a);
	int *size = sizes(p, about, width, s->a);
	int *now = arena_array(s->a, p->tensors.n + 1, sizeof *now);
	int *room = arena_array(s->a, p->tensors.n + 1, sizeof *room);

	for (size_t i = 0; i < p->rops.n; i++) {
		int c = about[i], k = behind(b, &p->rops.v[i]);

		if (c >= 0 && size[c] > 1) {
			if (room[c] == 0) {
				now[c] = b->n++;
				room[c] = size[c];
			}
			room[c]--;
			k = now[c];
			b->several[k] = true;
		} else if (k < 0) {
			k = b->n++;
		}
		b->of[i] = k;
	}
}

/* --- what waits for what ------------------------------------------------- */

static void
list_members(struct batching *s)
{
	size_t n = s->p->rops.n;

	memset(s->from, 0, (size_t)(s->b->n + 2) * sizeof *s->from);
	for (size_t i = 0; i < n; i++)
		s->from[s->b->of[i] + 1]++;
	for (int k = 0; k < s->b->n; k++)
		s->from[k + 1] += s->from[k];
	for (size_t i = n; i-- > 0;)
		s->rops[--s->from[s->b->of[i] + 1]] = (int)i;
	for (int k = 0; k < s->b->n; k++)
		s->from[k] = s->from[k + 1];
	s->from[s->b->n] = (int)n;
}

/* The rOperators that i needs, or that need it. */
static size_t
links(const struct plan *p, int i, bool forward, const int **v)
{
	const struct prop *r = &p->rops.v[i];

	*v = forward ? r->succs.v : r->preds.v;
	return forward ? r->succs.n : r->preds.n;
}

/* Sets the levels of all that can be reached from the ends without a circle. */
static void
set_levels(struct batching *s, bool forward)
{
	const struct batches *b = s->b;
	const int *v;
	int n = 0;

	for (int k = 0; k < b->n; k++) {
		s->left[k] = 0;
		s->level[k] = -1;
	}
	for (size_t i = 0; i < s->p->rops.n; i++)
		for (size_t j = links(s->p, (int)i, forward, &v); j-- > 0;)
			s->left[b->of[v[j]]] += b->of[v[j]] != b->of[i];
	for (int k = 0; k < b->n; k++)
		if (!s->left[k])
			s->queue[n++] = k;
	for (int q = 0; q < n; q++) {
		int k = s->queue[q], level = s->level[k] < 0 ? 0 : s->level[k];

		s->level[k] = level;
		for (int m = s->from[k]; m < s->from[k + 1]; m++)
			for (size_t j = links(s->p, s->rops[m], forward, &v);
			     j-- > 0;) {
				int to = b->of[v[j]];

				if (to == k)
					continue;
				if (s->level[to] < level + 1)
					s->level[to] = level + 1;
				if (--s->left[to] == 0)
					s->queue[n++] = to;
			}
	}
	for (int k = 0; k < b->n; k++)
		if (s->left[k])
			s->level[k] = -1;
}

/* Parts what lies on a circle, or between two: it is reached from neither end. */
static void
dissolve(struct batching *s)
{
	struct batches *b = s->b;
	bool *in = arena_array(s->a, (size_t)b->n + 1, sizeof *in);
	int had = b->n;

	set_levels(s, true);
	for (int k = 0; k < had; k++)
		in[k] = s->level[k] < 0;
	set_levels(s, false);
	for (int k = 0; k < had; k++) {
		if (!in[k] || s->level[k] >= 0)
			continue;
		b->several[k] = false;
		for (int m = s->from[k] + 1; m < s->from[k + 1]; m++)
			b->of[s->rops[m]] = b->n++;
	}
}

/* --- the order ----------------------------------------------------------- */

struct turn {
	int level, batch;
};

static int
by_level(const void *x, const void *y)
{
	const struct turn *a = x, *b = y;

	return a->level != b->level ? (a->level < b->level ? -1 : 1)
		: a->batch < b->batch ? -1 : a->batch > b->batch;
}

static void
set_order(struct batching *s)
{
	struct batches *b = s->b;
	struct turn *t = arena_array(s->a, (size_t)b->n + 1, sizeof *t);
	size_t n = 0;

	for (int k = 0; k < b->n; k++) {
		if (s->level[k] < 0)
			BUG("a batch that waits for itself");
		t[k] = (struct turn){s->level[k], k};
	}
	qsort(t, (size_t)b->n, sizeof *t, by_level);
	for (int i = 0; i < b->n; i++)
		for (int m = s->from[t[i].batch]; m < s->from[t[i].batch + 1];
		     m++)
			b->order[n++] = s->rops[m];
}

static void
find_flat(const struct batching *s)
{
	const struct batches *b = s->b;

	for (int k = 0; k < b->n; k++)
		b->flat[k] = b->several[k];
	for (size_t i = 0; i < s->p->rops.n; i++) {
		const struct prop *r = &s->p->rops.v[i];

		for (size_t j = 0; j < r->preds.n; j++)
			if (b->of[r->preds.v[j]] == b->of[i])
				b->flat[b->of[i]] = false;
	}
}

void
plan_batches(struct batches *b, const struct plan *p, int64_t width,
             struct arena *a)
{
	struct batching s = {.p = p, .a = a, .b = b};
	size_t n = p->rops.n + 2;

	*b = (struct batches){0};
	b->of = arena_array(a, n, sizeof *b->of);
	b->order = arena_array(a, n, sizeof *b->order);
	b->several = arena_array(a, n, sizeof *b->several);
	b->flat = arena_array(a, n, sizeof *b->flat);
	s.from = arena_array(a, n, sizeof *s.from);
	s.rops = arena_array(a, n, sizeof *s.rops);
	s.level = arena_array(a, n, sizeof *s.level);
	s.left = arena_array(a, n, sizeof *s.left);
	s.queue = arena_array(a, n, sizeof *s.queue);
	gather(&s, width);
	list_members(&s);
	dissolve(&s);
	list_members(&s);
	set_levels(&s, true);
	set_order(&s);
	find_flat(&s);
}
