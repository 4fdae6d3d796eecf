/* Which rKernel each rOperator uses.
 *
 * fastest: least time alone on the device's vEUs.  efficient: the fastest of those
 * with about the least time x rTasks, so that others find room beside it.  best:
 * what makes the predicted whole shortest, found by planning it: from the better
 * of the two, one class of rOperators after the other tries its other rKernels; so
 * in each way that the policy has, the shortest first and as long as there is work
 * left for it, unless one begins far behind or as another one does. */
#include <float.h>

#include "base/str.h"
#include "policy/cut.h"
#include "policy/trial.h"

#define SAME 1.1		/* so much more time x rTasks is as efficient: the
				 * times are not known better */
#define BEST_CLASSES 24		/* classes tried, those with most work first */
#define BEST_BEHIND 1.25	/* ways that begin with so much of the shortest */
#define BEST_WORK 20000000	/* rTasks placed and predicted, and rTasks looked
				 * at for waits, in all: then it ends */

static double
alone_us(const struct plan *p, int rop, const struct candidate *c,
         int64_t ntasks, const struct policy_options *o)
{
	int64_t width = o->width ? o->width : p->device->veus;
	int64_t rounds = (ntasks + width - 1) / width;
	int64_t busy = ntasks < width ? ntasks : width;
	double us = task_us(p, rop, c, o->costs);

	if (busy > p->device->units)
		us *= (double)busy / (double)p->device->units;
	return (double)rounds * (us + p->device->task_us);
}

static double
price(const struct plan *p, int rop, const struct candidate *c,
      enum select_kind s, const struct policy_options *o)
{
	int64_t n = plan_grid(c);

	switch (s) {
	case SELECT_FASTEST:
		return alone_us(p, rop, c, n, o);
	case SELECT_EFFICIENT:
		return (double)n * (task_us(p, rop, c, o->costs) +
		                    p->device->task_us);
	case SELECT_BEST:
		break;
	}
	BUG("the best of all is not one rOperator's");
}

static double
least(const struct plan *p, int rop, enum select_kind s,
      const struct policy_options *o)
{
	const struct class *c = p->rops.v[rop].cls;
	double us = DBL_MAX;

	for (size_t i = 0; i < c->kernels.n; i++) {
		double x = price(p, rop, &c->kernels.v[i], s, o);

		us = x < us ? x : us;
	}
	return us;
}

/* The fastest, or the fastest of those that are about as efficient as any. */
static const struct candidate *
cheapest(const struct plan *p, int rop, enum select_kind s,
         const struct policy_options *o)
{
	const struct class *c = p->rops.v[rop].cls;
	double limit = s == SELECT_EFFICIENT ? SAME * least(p, rop, s, o) : 0;
	const struct candidate *best = NULL;
	double us = 0;

	for (size_t i = 0; i < c->kernels.n; i++) {
		const struct candidate *k = &c->kernels.v[i];
		double x = price(p, rop, k, SELECT_FASTEST, o);

		if (s == SELECT_EFFICIENT && price(p, rop, k, s, o) > limit)
			continue;
		if (!best || x < us) {
			best = k;
			us = x;
		}
	}
	return best;
}

int
choose_kernels(struct plan *p, const struct policy_options *o,
               struct schedule *out, struct diag *d)
{
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];
		const struct candidate *c = o->use
			? o->use[i] : cheapest(p, (int)i, o->select, o);
		struct choice *k;

		if (!c)
			return diag_error(d, r->cls->at ? record_pos(r->cls,
			                  "kernels") : POS_NONE, "no rKernel for "
			                  "'%s'", r->rop->run);
		plan_use(p, (int)i, c);
		k = vec_add(p->a, &out->kernels);
		k->run = r->rop->run;
		k->use = c->use;
		if (!o->use)
			diag_explain(d, "%s: %s, %lld rTasks of %.3g us, %s (%s "
			             "of %zu)", r->rop->run, c->use,
			             (long long)plan_grid(c),
			             task_us(p, (int)i, c, o->costs),
			             task_measured(p, (int)i, c, o->costs)
			             ? "measured" : "estimated",
			             select_words.words[o->select],
			             r->cls->kernels.n);
	}
	return 0;
}

/* --- best --------------------------------------------------------------------- */

struct found {			/* rKernels to plan with */
	const struct candidate **use;	/* NULL: nothing yet */
	int way;			/* of the policy, to plan with it */
	double us;			/* its prediction */
	int64_t work;			/* and what planning it cost */
};

struct search {
	const struct policy *pol;
	struct plan *p;
	struct policy_options o;
	struct diag *d;			/* explains nothing: tries go again */
	struct found best;		/* so far, of the way that o says */
	struct trials t;
};

static int
plan_once(struct search *s, struct schedule *out, struct diag *d)
{
	if (s->pol->plan(s->p, &s->o, out, d) < 0)
		return -1;
	return trial_finish(&s->t, out, s->o.sync, d);
}

/* Plans with s->o.use and predicts; < 0 after diagnostics. */
static double
whole_us(struct search *s)
{
	struct schedule out = {0};
	struct arena *keep;
	double us = -1;

	trial_begin(&s->t, &keep);
	if (plan_once(s, &out, s->d) == 0)
		us = trial_us(&s->t, &out, s->d);
	trial_end(&s->t, keep);
	return us;
}

int
policy_ways(const struct policy *pol, const struct plan *p)
{
	return pol->ways ? pol->ways(p) : 1;
}

/* How it is told of, and what stands behind that: nothing if there is one way. */
static const char *
way_name(const struct search *s, int way, const char *end)
{
	return s->pol->way_names ? arena_printf(s->p->a, "way %d (%s)%s", way + 1,
	                                        s->pol->way_names[way], end) : "";
}

static bool
is_kept(const struct search *s, const struct candidate **use)
{
	return s->best.use &&
		memcmp(s->best.use, use, s->p->rops.n * sizeof *use) == 0;
}

/* Keeps use if the whole is shorter by it.  What is kept already is not planned
 * again, but counts as if it were: where the search ends stays the same. */
static int
try(struct search *s, const struct candidate **use, bool *better)
{
	int64_t before = s->t.work;
	double us;

	*better = false;
	if (is_kept(s, use)) {
		s->t.work += s->best.work;
		return 0;
	}
	for (size_t i = 0; i < s->p->rops.n; i++)
		plan_use(s->p, (int)i, use[i]);
	if (s->best.use && rtasks_too_many(s->p))
		return 0;
	s->o.use = use;
	us = whole_us(s);
	*better = us >= 0 && (!s->best.use || us < s->best.us * 0.999);
	if (*better)
		s->best = (struct found){use, s->o.way, us,
		                         s->t.work - before};
	return us < 0 ? -1 : 0;
}

static const struct candidate **
all_by(struct search *s, enum select_kind by)
{
	size_t n = s->p->rops.n;
	const struct candidate **use = arena_array(s->p->a, n + 1, sizeof *use);

	for (size_t i = 0; i < n; i++)
		use[i] = cheapest(s->p, (int)i, by, &s->o);
	return use;
}

static const struct candidate **
with_class(struct search *s, int cls, const struct candidate *c)
{
	size_t n = s->p->rops.n;
	const struct candidate **use = arena_array(s->p->a, n + 1, sizeof *use);

	for (size_t i = 0; i < n; i++)
		use[i] = s->p->rops.v[i].cls_index == cls ? c : s->best.use[i];
	return use;
}

struct weight {
	int cls;
	double us;
};

static int
by_us(const void *a, const void *b)
{
	const struct weight *x = a, *y = b;

	if (x->us != y->us)
		return x->us > y->us ? -1 : 1;
	return x->cls - y->cls;
}

static int
improve(struct search *s, struct diag *d)
{
	size_t nc = s->p->tasks->classes.n;
	struct weight *w = arena_array(s->p->a, nc + 1, sizeof *w);
	bool better;

	for (size_t i = 0; i < nc; i++)
		w[i].cls = (int)i;
	for (size_t i = 0; i < s->p->rops.n; i++)
		if (sched_places(s->p, (int)i))
			w[s->p->rops.v[i].cls_index].us += price(s->p, (int)i,
				s->best.use[i], SELECT_EFFICIENT, &s->o);
	qsort(w, nc, sizeof *w, by_us);
	for (size_t i = 0; i < nc && i < BEST_CLASSES && w[i].us > 0; i++) {
		const struct class *c = &s->p->tasks->classes.v[w[i].cls];

		for (size_t k = 0; k < c->kernels.n; k++) {
			if (s->t.work > BEST_WORK)
				return 0;
			if (try(s, with_class(s, w[i].cls, &c->kernels.v[k]),
			        &better) < 0)
				return -1;
			if (better)
				diag_explain(d, "%sclass %s by %s: %.3f us in "
				             "all", way_name(s, s->o.way, ", "),
				             c->class, c->kernels.v[k].use,
				             s->best.us);
		}
	}
	return 0;
}

/* The better of the two where one way begins. */
static int
begin(struct search *s, int way, struct diag *d)
{
	static const enum select_kind by[] = {SELECT_FASTEST, SELECT_EFFICIENT};
	bool better;

	s->o.way = way;
	s->best = (struct found){0};
	for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
		if (try(s, all_by(s, by[i]), &better) < 0)
			return -1;
		if (better)
			diag_explain(d, "%sall %s: %.3f us in all",
			             way_name(s, way, ", "),
			             select_words.words[by[i]], s->best.us);
	}
	return 0;
}

static int
by_length(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->us != y->us ? (x->us < y->us ? -1 : 1) : x->way - y->way;
}

/* Whether two ways begin with the same rKernels and take as long: one plan. */
static bool
same_plan(const struct search *s, const struct found *a, const struct found *b)
{
	return a->us == b->us && memcmp(a->use, b->use, s->p->rops.n *
	                                sizeof *a->use) == 0;
}

static int
search_best(struct search *s, struct diag *d)
{
	size_t n = (size_t)policy_ways(s->pol, s->p);
	struct found *from = arena_array(s->p->a, n, sizeof *from), best;

	for (size_t i = 0; i < n; i++) {
		if (begin(s, (int)i, d) < 0)
			return -1;
		from[i] = s->best;
	}
	qsort(from, n, sizeof *from, by_length);
	best = from[0];
	for (size_t i = 0; i < n && from[i].us <= BEST_BEHIND * from[0].us; i++) {
		if (i && same_plan(s, &from[i], &from[i - 1]))
			continue;
		s->best = from[i];
		s->o.way = from[i].way;
		if (improve(s, d) < 0)
			return -1;
		if (s->best.us < best.us * 0.999)
			best = s->best;
	}
	s->best = best;
	if (n > 1)
		diag_explain(d, "%s is taken: %.3f us in all",
		             way_name(s, best.way, ""), best.us);
	return 0;
}

/* The way in which the rKernels as selected take the shortest. */
static int
find_way(struct search *s, struct diag *d)
{
	for (int i = 0; i < policy_ways(s->pol, s->p); i++) {
		double us;

		s->o.way = i;
		us = whole_us(s);
		if (us < 0)
			return -1;
		if (i == 0 || us < s->best.us * 0.999) {
			s->best = (struct found){.way = i, .us = us};
			diag_explain(d, "%s: %.3f us in all", way_name(s, i, ""), us);
		}
	}
	return 0;
}

/* Finds what there is to choose from, and plans with it. */
static int
plan_found(struct search *s, int (*find)(struct search *s, struct diag *d),
           struct schedule *out, struct diag *d)
{
	struct diag quiet = *d;
	int r;

	quiet.explain = false;
	s->d = &quiet;
	r = find(s, d);
	quiet.explain = d->explain;
	*d = quiet;
	s->o.way = s->best.way;
	if (s->best.use)
		s->o.use = s->best.use;
	return r < 0 ? r : plan_once(s, out, d);
}

int
policy_plan(const struct policy *pol, struct plan *p,
            const struct policy_options *o, struct schedule *out,
            struct diag *d)
{
	struct search s = {.pol = pol, .p = p, .o = *o};
	int r;

	if (pol->whole)
		return pol->whole(p, o, out, d);
	trials_init(&s.t, p, &s.o);
	s.t.deals = pol->deals;
	if (o->select == SELECT_BEST && !o->use)
		r = plan_found(&s, search_best, out, d);
	else if (policy_ways(pol, p) > 1)
		r = plan_found(&s, find_way, out, d);
	else
		r = plan_once(&s, out, d);
	if (r == 0 && o->cut)
		r = cut_schedule(&s.t, out, d);
	trials_release(&s.t);
	return r;
}
