/* What must hold in schedule/1 and memory/1 beyond their tables: names are
 * known, each step is one thing, ranges lie where they can.  Whether the
 * whole is legal is the verifier's to say (lib/verify). */
#include "base/str.h"
#include "ir/ir.h"

#define NAMES_MAX 10000		/* looked through for one that is near */

struct checking {
	const struct schedule *s;
	const struct tasks *t;	/* may be NULL */
	struct diag *d;
	struct arena *a;
	struct map rops, classes;
	const char **names;	/* of rOperators, for "did you mean" */
	size_t nnames;
	int64_t *ntasks;	/* by rOperator, under the kernel chosen; -1: none */
	int64_t width;		/* of the launch that is open, 0: none */
};

/* Whether what else is found would not be shown. */
static bool
enough(const struct checking *c)
{
	return c->d->nerrors > c->d->limit;
}

/* Index of the rOperator; -1 after a diagnostic. */
static int
known(struct checking *c, const char *run, struct pos at)
{
	const char *near;
	int i = map_get(&c->rops, run);

	if (i >= 0)
		return i;
	near = str_nearest(run, c->names, enough(c) ? 0 : c->nnames);
	if (near)
		diag_error(c->d, at, "no rOperator '%s' (did you mean '%s'?)", run, near);
	else
		diag_error(c->d, at, "no rOperator '%s'", run);
	return -1;
}

/* rTasks of a candidate; a grid too large for an int64 counts as -1. */
static int64_t
count(const struct candidate *k)
{
	int64_t n = 1;

	for (size_t i = 0; i < k->grid.n; i++)
		if (k->grid.v[i] < 0 ||
		    __builtin_mul_overflow(n, k->grid.v[i], &n))
			return -1;
	return n;
}

static void
check_use(struct checking *c, const struct choice *k, int rop)
{
	const char *class = c->t->rops.v[rop].class;
	int j = map_get(&c->classes, class);
	const struct class *cls = j < 0 ? NULL : &c->t->classes.v[j];
	VEC(const char *) names = {0};
	const char *near;

	if (!cls)
		return;
	for (size_t i = 0; i < cls->kernels.n; i++) {
		if (str_eq(cls->kernels.v[i].use, k->use)) {
			c->ntasks[rop] = count(&cls->kernels.v[i]);
			return;
		}
		vec_push(c->a, &names, cls->kernels.v[i].use);
	}
	near = str_nearest(k->use, names.v, names.n);
	if (!near && names.n)
		near = names.v[0];
	if (near)
		diag_error(c->d, record_pos(k, "use"), "'%s' has no candidate '%s' "
		           "(did you mean '%s'?)", k->run, k->use, near);
	else
		diag_error(c->d, record_pos(k, "use"), "'%s' has no candidate '%s'",
		           k->run, k->use);
}

static void
check_choices(struct checking *c)
{
	struct map seen;

	map_init(&seen, c->a);
	for (size_t i = 0; i < c->s->kernels.n && !enough(c); i++) {
		const struct choice *k = &c->s->kernels.v[i];
		int before = map_add(&seen, k->run, (int)i), rop;

		if (before >= 0) {
			diag_error(c->d, record_pos(k, "run"), "a second kernel for '%s'",
			           k->run);
			diag_note(c->d, record_pos(&c->s->kernels.v[before], "run"),
			          "the first one");
		}
		rop = known(c, k->run, record_pos(k, "run"));
		if (rop >= 0)
			check_use(c, k, rop);
	}
}

static void
check_range(struct checking *c, const void *rec, const char *run,
            struct range tasks, int rop)
{
	int64_t n = rop < 0 ? -1 : c->ntasks[rop];

	if (n >= 0 && tasks.hi >= n)
		diag_error(c->d, record_pos(rec, "tasks"), "'%s' has rTasks 0 to %lld under "
		           "the kernel it uses, not %lld..%lld", run, (long long)n - 1,
		           (long long)tasks.lo, (long long)tasks.hi);
}

/* A step says whether it may be skipped, and cannot decide it. */
static void
check_if(struct checking *c, const struct step *s, const struct rop *r)
{
	if (str_eq(s->if_, r->if_) || (!s->if_ && !r->if_))
		return;
	if (!r->if_)
		diag_error(c->d, record_pos(s, "if"), "'%s' always runs, expected no 'if'",
		           s->run);
	else if (!s->if_)
		diag_error(c->d, record_pos(s, "run"), "'%s' runs under a condition, "
		           "expected 'if: %s'", s->run, r->if_);
	else
		diag_error(c->d, record_pos(s, "if"), "'%s' runs under '%s', not '%s'",
		           s->run, r->if_, s->if_);
}

static void
check_run(struct checking *c, const struct step *s)
{
	int rop = known(c, s->run, record_pos(s, "run"));

	if (rop >= 0 && c->ntasks[rop] < 0)
		diag_error(c->d, record_pos(s, "run"), "'%s' has no kernel under 'kernels'",
		           s->run);
	if (!c->width)
		diag_error(c->d, record_pos(s, "run"), "a run before any launch");
	if (rop >= 0)
		check_if(c, s, &c->t->rops.v[rop]);
	if (s->tasks.hi < s->tasks.lo)
		diag_error(c->d, record_pos(s, "tasks"), "a run needs 'tasks: a..b'");
	if (s->veus.hi < s->veus.lo)
		diag_error(c->d, record_pos(s, "veus"), "a run needs 'veus: c..d'");
	else if (c->width && s->veus.hi >= c->width)
		diag_error(c->d, record_pos(s, "veus"), "the launch has vEUs 0 to %lld, "
		           "not %lld..%lld", (long long)c->width - 1,
		           (long long)s->veus.lo, (long long)s->veus.hi);
	check_range(c, s, s->run, s->tasks, rop);
	for (size_t i = 0; i < s->after.n && !enough(c); i++) {
		const struct after *w = &s->after.v[i];

		/* what depends on the rTask is flow_make's to look at */
		check_range(c, w, w->run, (struct range){w->tasks.lo,
		            w->tasks.hi},
		            known(c, w->run, record_pos(w, "run")));
	}
}

/* A step is one of launch, barrier and run; only a run has the rest. */
static void
check_step(struct checking *c, const struct step *s)
{
	int kinds = (s->launch != NULL) + (s->barrier != NULL) + (s->run != NULL);

	if (kinds != 1) {
		diag_error(c->d, record_pos(s, ""), "a step is one of launch, barrier and "
		           "run, this is %s", kinds ? "several" : "none");
		return;
	}
	if (s->run) {
		check_run(c, s);
		return;
	}
	if (s->tasks.hi >= s->tasks.lo || s->veus.hi >= s->veus.lo ||
	    s->after.n || s->if_)
		diag_error(c->d, record_pos(s, ""), "tasks, veus, if and after go with a run, "
		           "not with a %s", s->launch ? "launch" : "barrier");
	if (s->launch)
		c->width = s->launch->width;
	else if (!c->width)
		diag_error(c->d, record_pos(s, "barrier"), "a barrier before any launch");
}

static void
index_tasks(struct checking *c)
{
	map_init(&c->rops, c->a);
	map_init(&c->classes, c->a);
	c->ntasks = arena_array(c->a, c->t->rops.n + 1, sizeof *c->ntasks);
	c->nnames = c->t->rops.n < NAMES_MAX ? c->t->rops.n : NAMES_MAX;
	c->names = arena_array(c->a, c->nnames + 1, sizeof *c->names);
	for (size_t i = 0; i < c->nnames; i++)
		c->names[i] = c->t->rops.v[i].run;
	for (size_t i = 0; i < c->t->rops.n; i++) {
		map_add(&c->rops, c->t->rops.v[i].run, (int)i);
		c->ntasks[i] = -1;
	}
	for (size_t i = 0; i < c->t->classes.n; i++)
		map_add(&c->classes, c->t->classes.v[i].class, (int)i);
}

int
schedule_check(const struct schedule *s, const struct tasks *t, struct diag *d)
{
	struct arena a;
	struct checking c = {.s = s, .t = t, .d = d, .a = &a};
	int before = d->nerrors;

	if (!t)
		return diag_error(d, record_pos(s, ""), "a schedule without the "
		                  "tasks that it schedules: no tasks/1 below it");
	arena_init(&a);
	index_tasks(&c);
	check_choices(&c);
	for (size_t i = 0; i < s->steps.n && !enough(&c); i++)
		check_step(&c, &s->steps.v[i]);
	arena_release(&a);
	return d->nerrors > before ? -1 : 0;
}

static int64_t
size_of_base(const struct memory *m, int base)
{
	switch ((enum base)base) {
	case BASE_ARENA: return m->arena;
	case BASE_WEIGHTS: return m->weights;
	case BASE_PACKED: return m->packed;
	case BASE_INPUT:
	case BASE_OUTPUT:
	case BASE_STATE:
	case BASE_OWN: return INT64_MAX;
	}
	BUG("base %d", base);
}

int
memory_check(const struct memory *m, struct diag *d)
{
	struct arena a;
	struct map seen;
	int status = 0;

	arena_init(&a);
	map_init(&seen, &a);
	for (size_t i = 0; i < m->places.n; i++) {
		const struct place *p = &m->places.v[i];
		int64_t size = size_of_base(m, p->base);

		if (map_add(&seen, p->name, (int)i) >= 0)
			status = diag_error(d, record_pos(p, "name"),
			                    "a second place for '%s'", p->name);
		if (p->offset > size || p->bytes > size - p->offset)
			status = diag_error(d, record_pos(p, "offset"),
			                    "'%s', %lld bytes from %lld, is not "
			                    "inside the %lld bytes of %s", p->name,
			                    (long long)p->bytes,
			                    (long long)p->offset,
			                    (long long)size,
			                    base_words.words[p->base]);
	}
	arena_release(&a);
	return status;
}
