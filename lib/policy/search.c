/* Local search: begins with the best that the other policies make, or with the
 * schedule that the plan holds, and changes it one move after the other; each is
 * made whole and predicted.  A move that makes it a little longer is kept as well,
 * less and less so as the budget goes (threshold accepting, Dueck and Scheuer
 * 1990): the best of all is what comes out, whenever it ends. */
#include "policy/moves.h"
#include "policy/trial.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#define COST_OF_SECOND 2e7	/* see price: measured on a core of 2023 */
#define TRIAL_COST 400.0	/* of a trial, whatever its size, */
#define VISIT_COST 2.0		/* of an rTask in a prediction, */
#define MOVE_COST 10.0		/* and of a move */
#define LIST_COST 40.0		/* list scheduling of an rOperator, in that unit */
#define LIST_PART 0.4		/* of the budget is for it */
#define THRESHOLD 0.01		/* so much longer may a move make it, at first */
#define PATIENCE 300		/* moves without a better one: back to the best */
#define PICK_AGAIN 50		/* moves until it is asked anew what is critical */

extern const struct policy policy_search;

struct search {
	struct plan *p;
	struct policy_options o;
	struct trials t;
	struct moving m;
	struct diag *d, quiet;
	struct draft best, now, next;
	double spent, budget;
	int64_t moves, kept, since;	/* moves made; kept; since the best */
	int told;		/* tenths of the budget that were told */
	int *pick;		/* [rop] */
	const struct candidate **use;	/* [rop] */
	uint64_t rng;
	const struct policy *list;
	int list_ways;
};

/* --- prediction ---------------------------------------------------------- */

/* Sets what is predicted of a draft; DBL_MAX if it is not possible. */
static void
price(struct search *s, struct draft *d)
{
	int64_t before = s->t.work, visits = s->t.visits;
	struct schedule out;
	struct arena *keep;

	trial_begin(&s->t, &keep);
	d->us = draft_us(&s->m, d, &s->t, &out, &s->quiet);
	trial_end(&s->t, keep);
	/* what a step and its clock cost, what is looked at for waits, and what
	 * is predicted */
	s->spent += TRIAL_COST + (double)(s->t.work - before) / 8 +
		VISIT_COST * (double)(s->t.visits - visits) +
		(double)d->n * (4 + (double)s->m.width / 4);
}

/* --- what is critical ---------------------------------------------------- */

/* The rOperators of a chain of rTasks to the end, each of which began when the
 * one before it ended: those that moves have to change.  (Bars count from 1: last
 * of each rOperator, and the one before it on its vEU.) */
static void
pick_critical(struct search *s, const struct timeline *t)
{
	struct arena *a = s->p->a;
	size_t *prev = arena_array(a, t->bars.n + 1, sizeof *prev);
	size_t *on = arena_array(a, (size_t)t->width + 1, sizeof *on);
	size_t *last = arena_array(a, s->p->rops.n + 1, sizeof *last);
	size_t at = 0;

	for (size_t i = 1; i <= t->bars.n; i++) {
		const struct bar *b = &t->bars.v[i - 1];
		size_t *l = &last[b->rop];

		prev[i] = on[b->veu];
		on[b->veu] = i;
		if (!*l || t->bars.v[*l - 1].end_us <= b->end_us)
			*l = i;
		if (!at || t->bars.v[at - 1].end_us <= b->end_us)
			at = i;
	}
	s->m.npick = 0;
	while (at && s->m.npick < s->p->rops.n) {
		const struct bar *b = &t->bars.v[at - 1];
		const struct prop *r = &s->p->rops.v[b->rop];
		size_t to = b->wait_us > 0 ? 0 : prev[at];

		if (!s->m.npick || s->pick[s->m.npick - 1] != b->rop)
			s->pick[s->m.npick++] = b->rop;
		for (size_t i = 0; i < r->preds.n && b->wait_us > 0; i++) {
			size_t k = last[r->preds.v[i]];

			if (k && (!to || t->bars.v[to - 1].end_us <
			                 t->bars.v[k - 1].end_us))
				to = k;
		}
		at = to;
	}
}

static void
find_critical(struct search *s)
{
	struct schedule out = {0};
	struct timeline t;
	struct arena *keep;

	trial_begin(&s->t, &keep);
	if (draft_finish(&s->m, &s->now, &s->t, &out, &s->quiet) == 0 &&
	    predict(s->p, &out, s->o.costs, s->p->a, &t, &s->quiet) == 0)
		pick_critical(s, &t);
	trial_end(&s->t, keep);
}

/* --- where it begins ----------------------------------------------------- */

/* Keeps a schedule as the best if it is. */
static void
consider(struct search *s, const struct schedule *from, const char *what)
{
	draft_take(&s->m, &s->now, from);
	price(s, &s->now);
	if (s->now.us >= s->best.us)
		return;
	draft_copy(&s->m, &s->best, &s->now);
	diag_explain(s->d, "search: %s: %.3f us", what, s->best.us);
}

/* What a policy makes on at most so many vEUs (0: as many as there are). */
static void
begin_with(struct search *s, const struct policy *pol, int64_t width)
{
	struct policy_options o = s->o;
	struct schedule out = {0};
	char what[64];

	if (pol->whole)
		return;
	o.width = width;
	snprintf(what, sizeof what, width ? "%s on %lld vEUs" : "%s", pol->name,
	         (long long)width);
	if (policy_plan(pol, s->p, &o, &out, &s->quiet) == 0)
		consider(s, &out, what);
}

static int
begin(struct search *s)
{
	const struct device *v = s->p->device;

	s->best.us = DBL_MAX;
	/* what a person dealt out stays so */
	s->m.deals = false;
	if (s->o.older && plan_choose(s->p, s->o.older, &s->quiet) == 0)
		consider(s, s->o.older, "the schedule that the plan holds");
	s->m.deals = policy_search.deals;
	for (int i = 0; policy_list[i]; i++) {
		begin_with(s, policy_list[i], s->o.width);
		if (!s->o.width && v->units < v->veus)
			begin_with(s, policy_list[i], v->units);
	}
	if (s->best.us < DBL_MAX)
		return 0;
	return diag_error(s->d, POS_NONE, "search: no other policy makes a "
	                  "schedule to begin with");
}

/* --- the order anew ------------------------------------------------------ */

/* The best so far with another rKernel for a class, or as it is. */
static const struct candidate **
other_use(struct search *s)
{
	size_t n = s->p->rops.n, rop = policy_draw(&s->rng) % n;
	const struct class *c = s->p->rops.v[rop].cls;
	const struct candidate **use = s->use, *to;
	bool all = policy_draw(&s->rng) % 2;

	memcpy(use, s->best.use, n * sizeof *use);
	to = &c->kernels.v[policy_draw(&s->rng) % c->kernels.n];
	for (size_t i = 0; i < n && all && s->m.kernels; i++)
		if (s->p->rops.v[i].cls == c)
			use[i] = to;
	return use;
}

/* List scheduling again, in some way, with other orders and rKernels: what single
 * moves would take long to find. */
static void
replan(struct search *s)
{
	static const double jitters[] = {0, 0.02, 0.1, 0.3};
	struct policy_options o = s->o;
	struct schedule out = {0};
	struct arena *keep;
	bool made;

	o.use = other_use(s);
	if (s->list_ways > 1)
		o.way = (int)(policy_draw(&s->rng) % (uint64_t)s->list_ways);
	o.seed = (int64_t)(policy_draw(&s->rng) >> 1);
	o.jitter = jitters[policy_draw(&s->rng) %
	                   (sizeof jitters / sizeof *jitters)];
	s->moves++;
	trial_begin(&s->t, &keep);
	made = s->list->plan(s->p, &o, &out, &s->quiet) == 0;
	if (made)
		draft_take(&s->m, &s->now, &out);
	trial_end(&s->t, keep);
	s->spent += LIST_COST * (double)s->p->rops.n;
	if (!made)
		return;
	price(s, &s->now);
	if (s->now.us >= s->best.us)
		return;
	draft_copy(&s->m, &s->best, &s->now);
	s->kept++;
	diag_explain(s->d, "search: another list: %.3f us", s->best.us);
}

/* --- moves ------------------------------------------------------------- */

static void
tell(struct search *s)
{
	int tenth = (int)(10 * s->spent / s->budget);

	if (tenth <= s->told)
		return;
	s->told = tenth;
	diag_progress(s->d, "search: %d %% of the budget, %lld moves, %lld kept: "
	              "%.3f us", tenth > 10 ? 100 : 10 * tenth,
	              (long long)s->moves, (long long)s->kept, s->best.us);
}

/* The draft next is now; whether it is the best. */
static void
keep(struct search *s)
{
	draft_copy(&s->m, &s->now, &s->next);
	s->kept++;
	if (s->now.us >= s->best.us)
		return;
	draft_copy(&s->m, &s->best, &s->now);
	s->since = 0;
	diag_explain(s->d, "search: %s: %.3f us", s->m.what, s->best.us);
}

static void
try(struct search *s)
{
	double left = 1 - s->spent / s->budget;

	if (s->since++ == PATIENCE) {
		draft_copy(&s->m, &s->now, &s->best);
		s->since = 0;
	}
	if (s->moves++ % PICK_AGAIN == 0)
		find_critical(s);
	s->spent += MOVE_COST + (double)s->now.n / 8;	/* it is copied */
	draft_copy(&s->m, &s->next, &s->now);
	if (!draft_move(&s->m, &s->next))
		return;
	price(s, &s->next);
	if (s->next.us <= s->now.us * (1 + THRESHOLD * left * left))
		keep(s);
}

static bool
stopped(const struct search *s)
{
	return s->o.stop && *s->o.stop;
}

static void
init(struct search *s, struct plan *p, const struct policy_options *o)
{
	trials_init(&s->t, p, &s->o);
	moving_init(&s->m, p, &s->o);
	s->budget = (double)o->budget * COST_OF_SECOND;
	s->quiet.suppressed = 1;
	s->quiet.explain = s->quiet.verbose = false;
	s->best = draft_new(&s->m, p->a);
	s->now = draft_new(&s->m, p->a);
	s->next = draft_new(&s->m, p->a);
	s->pick = arena_array(p->a, p->rops.n + 1, sizeof *s->pick);
	s->m.pick = s->pick;
	s->use = arena_array(p->a, p->rops.n + 1, sizeof *s->use);
	s->rng = ~(uint64_t)o->seed;
	s->list = policy_find("list");
	s->list_ways = policy_ways(s->list, p);
}

static int
whole(struct plan *p, const struct policy_options *o, struct schedule *out,
      struct diag *d)
{
	struct search s = {.p = p, .o = *o, .d = d, .quiet = *d};
	int r;

	init(&s, p, o);
	r = begin(&s);
	if (r == 0)
		diag_progress(d, "search: begins with %.3f us", s.best.us);
	while (r == 0 && s.spent < LIST_PART * s.budget && !stopped(&s)) {
		replan(&s);
		tell(&s);
	}
	draft_copy(&s.m, &s.now, &s.best);
	while (r == 0 && s.spent < s.budget && !stopped(&s)) {
		try(&s);
		tell(&s);
	}
	diag_explain(d, "search: %lld moves, %lld kept, %.3f us",
	             (long long)s.moves, (long long)s.kept, s.best.us);
	if (r == 0)
		r = draft_finish(&s.m, &s.best, &s.t, out, d);
	trials_release(&s.t);
	return r;
}

const struct policy policy_search = {
	.name = "search",
	.doc = "local moves from the best of the others, within --budget",
	.deals = true,
	.whole = whole,
};
