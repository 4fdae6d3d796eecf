/* List scheduling of moldable rOperators: of those that may begin, the one on
 * which most still hangs goes first, to the vEUs on which it ends soonest.  Where
 * units have caches of their own there are more ways, which keep near what is
 * used again: the first in the model goes first; or what reads the weights that
 * were read last (plan_reuse.c), with fewer vEUs as below or not; or batches of
 * what reads the same weights stay on one vEU each (plan_batches.c).  In all but the
 * first of these, what reads the same weights goes in rounds (plan_rounds.c).
 *
 * How many vEUs it gets is tried in several ways, and the placement that ends
 * first is kept: as many as make it end soonest, fewer if it then ends hardly
 * later, which leaves the rest to others; or not more than its share of the work
 * of all who are as urgent. */
#include "policy/list.h"

#include <float.h>
#include <stdlib.h>

enum rop_order { CRITICAL, MODEL, REUSE, BATCHED };

static const struct way {
	enum rop_order order;
	bool near;		/* constants are to stay near: in rounds */
	bool soonest;		/* no rOperator may end later for others' sake */
} ways[] = {
	{CRITICAL, false, false}, {MODEL, false, false}, {REUSE, true, false},
	{REUSE, true, true}, {BATCHED, true, false},
};

static const char *const way_names[] = {
	"by what hangs on it", "in the model's order",
	"with the constants read last",
	"with the constants read last, each as soon as may be",
	"a constant's in batches, each on one vEU",
};

/* --- how many vEUs ------------------------------------------------------- */

/* How long a job takes; vEUs of one unit share it, as in the predictor. */
static double
span(const struct list *l, const struct job *j, int64_t veus)
{
	double us = j->us * (double)((j->n + veus - 1) / veus);

	return veus > l->units ? us * (double)veus / (double)l->units : us;
}

/* The work of those that are ready, from i down, with more than that rank. */
static double
work_of(const struct list *l, size_t i, double rank)
{
	const struct job *j;

	if (i >= l->ready.n)
		return 0;
	j = &l->job[l->ready.v[i].id];
	if (j->rank <= rank)
		return 0;
	return j->us * (double)j->n + work_of(l, 2 * i + 1, rank) +
	       work_of(l, 2 * i + 2, rank);
}

/* When the job may begin at the soonest. */
static double
soonest(const struct list *l, const struct job *j)
{
	double at = l->free_at[0];

	for (int64_t v = 1; v < l->width; v++)
		if (l->free_at[v] < at)
			at = l->free_at[v];
	return at < j->ready ? j->ready : at;
}

/* vEUs that are free then; a wait more or less makes no difference. */
static int64_t
idle(const struct list *l, double at)
{
	int64_t n = 0;

	at += l->counter_us;
	for (int64_t v = 0; v < l->width; v++)
		n += l->free_at[v] <= at;
	return n;
}

/* The job's part of the work of all who may begin too and are as urgent, that
 * is, would come before what follows it. */
static double
part(const struct list *l, const struct job *j)
{
	double work = j->us * (double)j->n;

	return work / (work + work_of(l, 0, j->next));
}

/* Every successor comes behind in the order of rOperators. */
static void
rank_all(struct list *l)
{
	for (size_t i = l->p->rops.n; i-- > 0;) {
		const struct prop *r = &l->p->rops.v[i];
		struct job *j = &l->job[i];

		j->next = 0;
		for (size_t k = 0; k < r->succs.n; k++)
			if (l->job[r->succs.v[k]].rank > j->next)
				j->next = l->job[r->succs.v[k]].rank;
		j->rank = j->next;
		if (j->n)
			j->rank += l->counter_us + span(l, j, j->n < l->width
			                                ? j->n : l->width);
	}
}

/* A policy that searches asks for other orders. */
static void
jitter(struct list *l, const struct policy_options *o)
{
	uint64_t rng = (uint64_t)o->seed;

	for (size_t i = 0; i < l->p->rops.n && o->jitter > 0; i++) {
		double by = 1 + o->jitter *
			(double)(policy_draw(&rng) >> 11) / 0x1p53;

		l->job[i].rank *= by;
		if (l->turn)
			l->turn[i] *= by;
	}
}

/* --- where --------------------------------------------------------------- */

/* The first of the k neighbours of which the last to be free is free soonest;
 * *at: when.  The greatest of a window that slides is kept at the head of a
 * queue of those that are greater than all behind them. */
static int64_t
best_window(struct list *l, int64_t k, double *at)
{
	int64_t head = 0, tail = 0, best = -1;

	for (int64_t v = 0; v < l->width; v++) {
		while (tail > head &&
		       l->free_at[l->window[tail - 1]] <= l->free_at[v])
			tail--;
		l->window[tail++] = v;
		if (l->window[head] <= v - k)
			head++;
		if (v < k - 1)
			continue;
		if (best < 0 || l->free_at[l->window[head]] < *at) {
			*at = l->free_at[l->window[head]];
			best = v - k + 1;
		}
	}
	return best;
}

struct option {			/* vEUs that a job might get */
	int64_t first, veus;
	double begin, end;
};

/* Adds what "limit" vEUs, their half ... would make of it, as long as it could
 * end by *end, the soonest end of all with the slack. */
static int
consider(struct list *l, const struct job *j, double at, double limit,
         double *end, struct option *c)
{
	int64_t most = j->n < l->width ? j->n : l->width;
	int n = 0;

	for (int64_t k = limit < 1 ? 1 : limit > (double)most ? most
	             : (int64_t)limit; k > 0; k /= 2) {
		int64_t rounds = (j->n + k - 1) / k;
		double by;

		k = (j->n + rounds - 1) / rounds;
		if (at + span(l, j, k) > *end)
			break;
		c[n].veus = k;
		c[n].first = best_window(l, k, &c[n].begin);
		if (c[n].begin < j->ready)
			c[n].begin = j->ready;
		c[n].end = c[n].begin + span(l, j, k);
		by = c[n].end + l->slack * (c[n].end - j->ready);
		if (by < *end)
			*end = by;
		n++;
	}
	return n;
}

/* The fewest vEUs on which the job ends about as soon as on any number up to
 * its share, of all or, where it would wait for them, of those that are idle. */
static struct option
allot(struct list *l, const struct job *j)
{
	struct option c[128], *best = c;
	double mine = l->shared ? part(l, j) : 1, at = soonest(l, j), end = DBL_MAX;
	int n = consider(l, j, at, mine * (double)l->width, &end, c);

	if (c[0].begin > at)
		n += consider(l, j, at, mine * (double)idle(l, at), &end,
		              c + n);
	for (int i = 1; i < n; i++)
		if (c[i].end <= end && (best->end > end ||
		    c[i].veus < best->veus || (c[i].veus == best->veus &&
		                               c[i].end < best->end)))
			best = &c[i];
	return *best;
}

static void
make_ready(struct list *l, int rop)
{
	heap_push(&l->ready, l->turn ? l->turn[rop] : -l->job[rop].rank, rop);
}

/* What rop made is seen by other vEUs. */
static void
done(struct list *l, int rop, double seen)
{
	const struct prop *r = &l->p->rops.v[rop];

	for (size_t i = 0; i < r->succs.n; i++) {
		struct job *s = &l->job[r->succs.v[i]];

		if (s->ready < seen) {
			s->rest = s->ready;
			s->ready = seen;
			s->last = rop;
		} else if (s->rest < seen) {
			s->rest = seen;
		}
		if (--s->left == 0)
			make_ready(l, r->succs.v[i]);
	}
}

/* Behind what it waits for last, if both are on one vEU: it sees that at once.
 * Whether this is as soon as *begin, which it then becomes. */
static bool
follow(const struct list *l, const struct job *j, double *begin)
{
	const struct job *last = j->last < 0 ? NULL : &l->job[j->last];
	double at;

	if (!last || last->veus != 1 || j->veus != 1)
		return false;
	at = j->ready - l->counter_us;
	if (at < j->rest)
		at = j->rest;
	if (at < l->free_at[last->first])
		at = l->free_at[last->first];
	if (at > *begin)
		return false;
	*begin = at;
	return true;
}

/* When all of the batch may begin: what it needs has been placed. */
static double
all_ready(const struct list *l, const struct batch *b)
{
	double at = 0;

	for (int i = b->first; i < b->first + b->n; i++)
		if (l->job[l->order[i]].ready > at)
			at = l->job[l->order[i]].ready;
	return at;
}

/* The vEU of j's batch, which its first takes where it is free soonest. */
static struct option
stay(struct list *l, const struct job *j)
{
	struct batch *b = &l->batch[j->batch];
	struct option c = {.veus = 1};
	double ready = j->ready;

	if (b->veu < 0) {
		b->veu = best_window(l, 1, &c.begin);
		if (b->flat)
			ready = all_ready(l, b);
	}
	c.first = b->veu;
	c.begin = l->free_at[b->veu];
	if (c.begin < ready)
		c.begin = ready;
	return c;
}

static void
place(struct list *l, int rop)
{
	struct job *j = &l->job[rop];
	struct option c;
	double end;

	if (!j->n) {
		done(l, rop, j->ready);
		return;
	}
	c = j->batch >= 0 ? stay(l, j) : allot(l, j);
	j->veus = c.veus;
	j->first = j->batch < 0 && follow(l, j, &c.begin)
		? l->job[j->last].first : c.first;
	end = c.begin + span(l, j, j->veus);
	for (int64_t v = j->first; v < j->first + j->veus; v++)
		l->free_at[v] = end;
	l->placed[l->nplaced++] = (struct placed){c.begin, rop};
	done(l, rop, end + l->counter_us);
}

/* Returns when all is done. */
static double
place_all(struct list *l)
{
	double end = 0;

	l->nplaced = 0;
	for (int64_t v = 0; v < l->width; v++)
		l->free_at[v] = 0;
	for (int k = 0; k < l->nbatches; k++)
		l->batch[k].veu = -1;
	for (size_t i = 0; i < l->p->rops.n; i++) {
		l->job[i].left = (int)l->p->rops.v[i].preds.n;
		l->job[i].ready = l->job[i].rest = 0;
		l->job[i].last = -1;
	}
	for (size_t i = 0; i < l->p->rops.n; i++)
		if (l->p->rops.v[i].preds.n == 0)
			make_ready(l, (int)i);
	while (l->ready.n)
		place(l, heap_pop(&l->ready));
	for (int64_t v = 0; v < l->width; v++)
		if (l->free_at[v] > end)
			end = l->free_at[v];
	return end;
}

/* --- the policy ---------------------------------------------------------- */

static int
by_begin(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->rop < y->rop ? -1 : x->rop > y->rop;
}

/* The placement that ends first, as it is shared, and as rOperators may end
 * later for the sake of fewer vEUs (soonest: not so). */
static void
place_best(struct list *l, bool soonest)
{
	static const struct { double slack; bool shared; } tries[] = {
		{0, false}, {0.1, false}, {0.3, false}, {0, true},
	};
	size_t best = 0, n = soonest ? 1 : sizeof tries / sizeof *tries;
	double end = DBL_MAX;

	for (size_t i = 0; i <= n; i++) {
		double t;

		l->slack = tries[i < n ? i : best].slack;
		l->shared = tries[i < n ? i : best].shared;
		t = place_all(l);
		if (t < end && i < n) {
			end = t;
			best = i;
		}
	}
}

/* The order of rOperators, unless it is that of what hangs on them. */
static void
set_turns(struct list *l, enum rop_order order)
{
	size_t n = l->p->rops.n;

	if (order == CRITICAL)
		return;
	if (order == BATCHED)
		list_batches(l);
	else if (order == REUSE)
		l->order = plan_reuse_order(l->p, l->p->a);
	l->turn = arena_array(l->p->a, n + 1, sizeof *l->turn);
	for (size_t i = 0; i < n; i++)
		l->turn[l->order ? l->order[i] : (int)i] = (double)i;
}

static void
init(struct list *l, struct plan *p, const struct policy_options *o)
{
	size_t n = p->rops.n + 1;

	*l = (struct list){.p = p, .counter_us = p->device->counter_us,
	                   .width = sched_width(p, o),
	                   .units = p->device->units};
	l->job = arena_array(p->a, n, sizeof *l->job);
	for (size_t i = 0; i < p->rops.n; i++)
		l->job[i].batch = -1;
	set_turns(l, ways[o->way].order);
	heap_init(&l->ready, n, p->a);
	l->placed = arena_array(p->a, n, sizeof *l->placed);
	l->free_at = arena_array(p->a, (size_t)l->width, sizeof *l->free_at);
	l->window = arena_array(p->a, (size_t)l->width, sizeof *l->window);
	for (size_t i = 0; i < p->rops.n; i++)
		if (sched_places(p, (int)i)) {
			l->job[i].n = p->rops.v[i].ntasks;
			l->job[i].us = p->device->task_us +
				task_us(p, (int)i, p->rops.v[i].cand, o->costs);
		}
}

static void
explain(const struct list *l, const struct placed *w, struct diag *d)
{
	const struct job *j = &l->job[w->rop];

	diag_explain(d, "%s: %lld rTasks of %.3g us on vEUs %lld..%lld from %.3f us "
	             "on; %.3f us hang on it", l->p->rops.v[w->rop].rop->run,
	             (long long)j->n, j->us, (long long)j->first,
	             (long long)(j->first + j->veus - 1), w->begin, j->rank);
}

static void
run_all(struct plan *p, const struct list *l, struct schedule *out)
{
	for (size_t i = 0; i < l->nplaced; i++) {
		const struct job *j = &l->job[l->placed[i].rop];

		sched_run(p, out, l->placed[i].rop, 0, j->n - 1, j->first,
		          j->first + j->veus - 1);
	}
}

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	struct list l;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	init(&l, p, o);
	rank_all(&l);
	jitter(&l, o);
	place_best(&l, ways[o->way].soonest);
	qsort(l.placed, l.nplaced, sizeof *l.placed, by_begin);
	sched_launch(p, out, l.width);
	if (ways[o->way].near)
		list_run_near(p, &l, out);
	else
		run_all(p, &l, out);
	for (size_t i = 0; i < l.nplaced; i++)
		explain(&l, &l.placed[i], d);
	return 0;
}

static int
ways_of(const struct plan *p)
{
	return p->device->target == TARGET_HOST ? sizeof ways / sizeof *ways : 1;
}

/* (policy_list is the array of all.) */
const struct policy policy_critical = {
	.name = "list",
	.doc = "what most hangs on first, on the vEUs where it ends soonest; on "
	       "a host, what keeps data near",
	.deals = true,
	.plan = plan,
	.ways = ways_of,
	.way_names = way_names,
};
