/* Stages, as in IOS (Ding et al., "IOS: Inter-Operator Scheduler for CNN
 * Acceleration", MLSys 2021): the rOperators of a stage that hang together form a
 * group and run one after the other, groups run beside one another, and stages
 * follow one another.  Dynamic programming finds the stages.
 *
 * IOS takes any set that nothing left depends on as the last stage, which is
 * exponential in the width of a graph.  Here a stage is a piece of an order of
 * the rOperators, at most so many of them, which makes it linear; several orders
 * and sizes are tried, and what ends first is kept. */
#include "policy/groups.h"

#include <float.h>
#include <stdlib.h>

static const int sizes[] = {128, 16, 4, 1};	/* rOperators of a stage at most */

#define PATIENCE 16	/* so many more of them make a stage no better: enough */

struct tree {			/* union-find over positions of the order; what
				 * it says of a group counts at its root */
	int parent;
	int n;			/* rOperators with rTasks */
	double wide, work;	/* time on all vEUs that it can use, and on one */
};

struct keyed {
	double key;
	int rop;
};

struct stages {
	const struct plan *p;
	bool alone;		/* a group of several gets one vEU */
	double sync_us;		/* between two stages */
	struct groups_room room;
	struct member *m;	/* [rop] n is 0 where nothing is placed */
	double *key;		/* [rop] to order them by */
	size_t n;		/* in the order: all but init ones */
	struct keyed *order;	/* [n] */
	int *pos;		/* [rop] in the order, or -1 */
	struct tree *t;		/* [n] */
	double *end;		/* [n + 1] when so many are done, at the soonest */
	int *from;		/* [n + 1] and where their last stage begins */
	struct member *seq;	/* [n] members, group after group */
	int *next;		/* [n] of a group: where in seq its next goes */
	struct group *g;	/* [n] groups of the stage at hand */
};

/* --- orders -------------------------------------------------------------- */

/* By depth from the beginning: as soon as can be. */
static void
key_early(struct stages *s)
{
	for (size_t i = 0; i < s->p->rops.n; i++) {
		const struct prop *r = &s->p->rops.v[i];

		s->key[i] = 0;
		for (size_t k = 0; k < r->preds.n; k++)
			if (s->key[r->preds.v[k]] + 1 > s->key[i])
				s->key[i] = s->key[r->preds.v[k]] + 1;
	}
}

/* By what still hangs on an rOperator: its time, or how many follow. */
static void
key_rest(struct stages *s, bool by_time)
{
	for (size_t i = s->p->rops.n; i-- > 0;) {
		const struct prop *r = &s->p->rops.v[i];
		double least = 0;

		for (size_t k = 0; k < r->succs.n; k++)
			if (s->key[r->succs.v[k]] < least)
				least = s->key[r->succs.v[k]];
		s->key[i] = least - (by_time ? s->m[i].us + s->sync_us : 1);
	}
}

/* By depth from the end: as late as can be. */
static void
key_late(struct stages *s)
{
	key_rest(s, false);
}

/* By time to the end. */
static void
key_critical(struct stages *s)
{
	key_rest(s, true);
}

static const struct {
	const char *name;
	void (*set)(struct stages *s);
} orders[] = {
	{"depth from the beginning", key_early},
	{"depth from the end", key_late},
	{"time to the end", key_critical},
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->rop - y->rop;
}

static void
put_in_order(struct stages *s, size_t by)
{
	orders[by].set(s);
	for (size_t i = 0; i < s->n; i++)
		s->order[i].key = s->key[s->order[i].rop];
	qsort(s->order, s->n, sizeof *s->order, by_key);
	for (size_t i = 0; i < s->n; i++)
		s->pos[s->order[i].rop] = (int)i;
}

/* --- groups of a stage --------------------------------------------------- */

static int
root(struct stages *s, int i)
{
	while (s->t[i].parent != i)
		i = s->t[i].parent = s->t[s->t[i].parent].parent;
	return i;
}

/* The root with the later rOperator stays one. */
static int
join(struct stages *s, int a, int b)
{
	int to = a > b ? a : b, from = a > b ? b : a;

	if (a == b)
		return a;
	s->t[from].parent = to;
	s->t[to].n += s->t[from].n;
	s->t[to].wide += s->t[from].wide;
	s->t[to].work += s->t[from].work;
	return to;
}

/* A stage that goes to position j takes i in, before all that it has; returns
 * the root of i's group. */
static int
take_in(struct stages *s, int i, int j)
{
	const struct prop *r = &s->p->rops.v[s->order[i].rop];
	const struct member *m = &s->m[s->order[i].rop];
	int64_t most = m->n < s->room.width ? m->n : s->room.width;
	int g = i;

	s->t[i] = (struct tree){.parent = i, .n = m->n > 0};
	if (m->n) {
		s->t[i].work = m->us * (double)m->n;
		s->t[i].wide = m->us * (double)((m->n + most - 1) / most);
	}
	for (size_t k = 0; k < r->succs.n; k++) {
		int to = s->pos[r->succs.v[k]];

		if (to <= j)
			g = join(s, g, root(s, to));
	}
	return g;
}

/* The least that a group takes. */
static double
span(const struct stages *s, const struct tree *t)
{
	if (t->n < 2)
		return t->wide;
	if (s->alone)
		return t->work;
	return t->wide + (t->n - 1) * s->room.sync_us;
}

/* --- the stages ---------------------------------------------------------- */

/* The best stage to end with position j.  How long a stage takes is bounded by
 * its work over all vEUs and by its slowest group. */
static void
end_with(struct stages *s, int j, int size)
{
	double work = 0, longest = 0;
	int count = 0, best = 0;

	s->end[j + 1] = DBL_MAX;
	for (int i = j; i >= 0 && count < size && count - best <= PATIENCE;
	     i--) {
		const struct member *m = &s->m[s->order[i].rop];
		int g = take_in(s, i, j);
		double us = span(s, &s->t[g]), t;

		count += m->n > 0;
		work += m->us * (double)m->n;
		longest = us > longest ? us : longest;
		t = work / (double)s->room.width;
		t = s->end[i] + (t > longest ? t : longest) +
			(count ? s->sync_us : 0);
		if (t < s->end[j + 1]) {
			s->end[j + 1] = t;
			s->from[j + 1] = i;
			best = count;
		}
	}
}

/* The groups of positions i .. j, their members in s->seq.  Returns how many
 * groups there are. */
static size_t
make_groups(struct stages *s, int i, int j)
{
	size_t n = 0, at = 0;

	for (int k = j; k >= i; k--)
		take_in(s, k, j);
	for (int k = i; k <= j; k++)
		s->next[k] = -1;
	for (int k = i; k <= j; k++) {	/* the first of a group sets its place */
		int r = root(s, k);

		if (!s->m[s->order[k].rop].n)
			continue;
		if (s->next[r] < 0) {
			s->next[r] = (int)at;
			at += (size_t)s->t[r].n;
		}
		s->seq[s->next[r]++] = s->m[s->order[k].rop];
	}
	for (int k = i; k <= j; k++) {
		const struct tree *t = &s->t[k];
		struct group *g = &s->g[n];

		if (t->parent != k || !t->n)
			continue;
		*g = group_of(&s->seq[s->next[k] - t->n], (size_t)t->n);
		if (s->alone && g->n > 1)
			g->most = 1;
		n++;
	}
	return n;
}

static void
run_stage(struct stages *s, struct plan *p, struct schedule *out, size_t n,
          struct diag *d)
{
	for (size_t i = 0; i < n; i++) {
		const struct group *g = &s->g[i];

		for (size_t k = 0; k < g->n; k++) {
			const struct member *m = &g->v[k];
			int64_t veus = m->n < g->veus ? m->n : g->veus;

			sched_run(p, out, m->rop, 0, m->n - 1, g->first,
			          g->first + veus - 1);
			diag_explain(d, "%s: %lld rTasks of %.3g us on vEUs "
			             "%lld..%lld, %zu of %zu in a group, one of "
			             "%zu in a stage", p->rops.v[m->rop].rop->run,
			             (long long)m->n, m->us, (long long)g->first,
			             (long long)(g->first + veus - 1), k + 1,
			             g->n, n);
		}
	}
}

/* The stages of the order at hand: from becomes, for each position, whether it
 * is the first of one.  Returns when all is done at the soonest. */
static double
find_stages(struct stages *s, int size)
{
	int i, next;

	for (size_t j = 0; j < s->n; j++)
		end_with(s, (int)j, size);
	i = s->from[s->n];
	for (int j = (int)s->n; j > 0; j = i, i = next) {
		next = s->from[i];
		for (int k = i; k < j; k++)
			s->from[k] = k == i;
	}
	return s->end[s->n];
}

/* Takes the stages one after the other; out: where they go, or NULL.  Returns
 * when all is done, by the vEUs that groups really get. */
static double
take_stages(struct stages *s, struct plan *p, struct schedule *out,
            struct diag *d)
{
	double t = 0;

	for (size_t i = 0, j; i < s->n; i = j) {
		size_t n;

		for (j = i + 1; j < s->n && !s->from[j]; j++)
			;
		n = make_groups(s, (int)i, (int)j - 1);
		if (!n)
			continue;
		t += groups_place(&s->room, s->g, n) + s->sync_us;
		if (out)
			run_stage(s, p, out, n, d);
	}
	return t;
}

static void
init(struct stages *s, struct plan *p, const struct policy_options *o)
{
	size_t nr = p->rops.n + 1;

	*s = (struct stages){.p = p, .alone = o->sync == SYNC_BARRIER};
	s->sync_us = s->alone ? p->device->barrier_us : p->device->counter_us;
	groups_room_init(&s->room, p, sched_width(p, o));
	s->m = arena_array(p->a, nr, sizeof *s->m);
	s->key = arena_array(p->a, nr, sizeof *s->key);
	s->order = arena_array(p->a, nr, sizeof *s->order);
	s->pos = arena_array(p->a, nr, sizeof *s->pos);
	s->t = arena_array(p->a, nr, sizeof *s->t);
	s->end = arena_array(p->a, nr, sizeof *s->end);
	s->from = arena_array(p->a, nr, sizeof *s->from);
	s->seq = arena_array(p->a, nr, sizeof *s->seq);
	s->next = arena_array(p->a, nr, sizeof *s->next);
	s->g = arena_array(p->a, nr, sizeof *s->g);
	for (size_t i = 0; i < p->rops.n; i++) {
		if (sched_places(p, (int)i))
			s->m[i] = member_of(p, (int)i, o);
		if (!p->rops.v[i].rop->init)
			s->order[s->n++].rop = (int)i;
	}
}

/* The stages that end first, of all orders and sizes. */
static void
find_best(struct stages *s, struct plan *p, struct diag *d)
{
	size_t order = 0, size = 0;
	double least = DBL_MAX;

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		put_in_order(s, i);
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			double bound = find_stages(s, sizes[k]);
			double t = take_stages(s, p, NULL, d);

			diag_explain(d, "stages of at most %d, by %s: %.3f us, "
			             "%.3f if vEUs were never idle", sizes[k],
			             orders[i].name, t, bound);
			if (t < least) {
				least = t;
				order = i;
				size = k;
			}
		}
	}
	put_in_order(s, order);
	find_stages(s, sizes[size]);
}

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	struct stages s;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	init(&s, p, o);
	find_best(&s, p, d);
	sched_launch(p, out, s.room.width);
	take_stages(&s, p, out, d);
	return 0;
}

const struct policy policy_stages = {
	.name = "stages",
	.doc = "stages of groups side by side, by dynamic programming (IOS)",
	.deals = true,
	.plan = plan,
};
