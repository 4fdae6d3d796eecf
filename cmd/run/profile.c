/* --profile: the time of an rTask of every rKernel that a plan could use,
 * measured where it would run, in the model.
 *
 * Program k of the plan uses the k-th rKernel of every class, one rOperator
 * after another: on one vEU, where an rTask is alone, and over all vEUs, where
 * its neighbours are busy.  Of each rTask the median of its runs counts; the
 * cost of a class and rKernel is the mean of its rTasks, so that the costs of all
 * rTasks of a model add up to what they took, also where the first ones find their
 * data further away than the others.  Conditions are left out of these programs:
 * every rTask runs. */
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"
#include "policy/policy.h"
#include "run.h"
#include "../share.h"

#define TRACES 3		/* of each program; a trace is of one run */

enum mode { ALONE, BUSY, NMODES };

struct ran {			/* an rTask in one run */
	int rop;
	int64_t task;
	double us;
};

struct sample {			/* of a class and rKernel */
	const char *class, *use;
	VEC(struct ran) ran[NMODES];
};

struct profile {
	struct run *r;
	VEC(struct sample) samples;
	struct map by_key;		/* "class\nuse" */
	int *sample;			/* [rop] of the program at hand, or -1 */
	const char *emit;		/* tamp-emit */
	const char *plan, *log;		/* files */
};

/* --- a program ---------------------------------------------------------- */

/* Where the times of this rOperator's rTasks go. */
static int
sample_of(struct profile *f, const struct class *c, const struct candidate *k)
{
	struct arena *a = &f->r->a;
	struct sample *s;
	struct str text;
	const char *key;
	int i;

	str_init(&text);
	class_text(c, &text);
	key = arena_printf(a, "%s\n%s", text.s, k->use);
	i = map_get(&f->by_key, key);
	if (i < 0) {
		i = (int)f->samples.n;
		s = vec_add(a, &f->samples);
		s->class = arena_strdup(a, text.s);
		s->use = k->use;
		map_set(&f->by_key, key, i);
	}
	str_release(&text);
	return i;
}

/* The k-th rKernel of each class; of one that has fewer, the first, of which
 * nothing is noted. */
static const struct candidate **
choose(struct profile *f, size_t k)
{
	struct plan *p = &f->r->plan;
	const struct candidate **use = arena_array(&f->r->a, p->rops.n + 1,
	                                           sizeof *use);

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct class *c = p->rops.v[i].cls;
		bool has = k < c->kernels.n;

		use[i] = &c->kernels.v[has ? k : 0];
		f->sample[i] = has ? sample_of(f, c, use[i]) : -1;
	}
	return use;
}

static int
write_plan(struct profile *f, const struct candidate *const *use,
           enum mode mode)
{
	struct run *r = f->r;
	struct policy_options o = {.sync = SYNC_BARRIER,
		.select = SELECT_FASTEST, .use = use,
		.width = mode == ALONE ? 1 : 0};
	struct schedule *s = arena_new(&r->a, struct schedule);

	s->made = run_made(r);
	s->policy = "sequential";
	if (policy_plan(policy_find("sequential"), &r->plan, &o, s, &r->d) < 0)
		return -1;
	return run_write(r, FORMAT_SCHEDULE, s, false, f->plan);
}

/* The weights' path is taken from where the plan lies: there emit reads it from
 * standard input. */
static int
emit(struct profile *f)
{
	struct run *r = f->r;
	const char *from = str_eq(r->profile, "-") ? "."
		: file_dir(&r->a, r->profile);
	const char *argv[] = {"sh", "-c",
		"cd \"$1\" && exec \"$2\" -o \"$3\" < \"$4\"", "sh",
		from, f->emit, r->dir, f->plan, NULL};
	int status = run_command(r, argv, f->log, true);

	if (status == 0)
		return 0;
	if (status > 0) {
		run_show(f->log);
		diag_error(&r->d, POS_NONE, "tamp-emit ended with status %d",
		           status);
	}
	return 1;
}

/* --- times -------------------------------------------------------------- */

struct taking {			/* the times of a program's run */
	struct profile *f;
	enum mode mode;
};

static void
take(void *ctx, const struct traced *x)
{
	const struct taking *t = ctx;
	struct profile *f = t->f;

	if (x->rop >= 0 && f->sample[x->rop] >= 0 && !x->skipped)
		vec_push(&f->r->a, &f->samples.v[f->sample[x->rop]].ran[t->mode],
		         ((struct ran){x->rop, x->task,
		                         x->end_us - x->begin_us}));
}

static int
measure(struct profile *f, size_t k, enum mode mode)
{
	const struct candidate **use = choose(f, k);
	struct taking t = {f, mode};
	int status;

	diag_progress(&f->r->d, "rKernel %zu of each class, %s", k + 1,
	              mode == ALONE ? "alone" : "with its neighbours busy");
	if (write_plan(f, use, mode) < 0)
		return 1;
	status = emit(f);
	if (status == 0)
		status = run_build(f->r);
	for (int i = 0; i < TRACES && status == 0; i++) {
		status = run_execute(f->r);
		if (status == 0 && trace_read(f->r, take, &t) < 0)
			status = 1;
	}
	return status;
}

/* --- the document ------------------------------------------------------- */

/* By rTask, then time. */
static int
by_rtask(const void *x, const void *y)
{
	const struct ran *a = x, *b = y;

	if (a->rop != b->rop)
		return a->rop < b->rop ? -1 : 1;
	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	return a->us < b->us ? -1 : a->us > b->us;
}

/* The mean of the rTasks' medians; 0 if there are none. */
static double
cost(struct ran *v, size_t n)
{
	double sum = 0;
	int64_t rtasks = 0;

	qsort(v, n, sizeof *v, by_rtask);
	for (size_t i = 0, end; i < n; i = end, rtasks++) {
		for (end = i; end < n && v[end].rop == v[i].rop &&
		     v[end].task == v[i].task; end++)
			;
		sum += v[i + (end - i) / 2].us;
	}
	return rtasks ? times_rounded(sum / (double)rtasks) : 0;
}

static int
write_costs(struct profile *f)
{
	struct run *r = f->r;
	struct costs *c = arena_new(&r->a, struct costs);

	c->made = run_made(r);
	vec_push(&r->a, &c->made->options, "--profile");
	c->device = r->report.device;
	for (size_t i = 0; i < f->samples.n; i++) {
		struct sample *m = &f->samples.v[i];
		struct cost *o;

		if (m->ran[ALONE].n == 0)
			continue;	/* constants alone: done at open */
		o = vec_add(&r->a, &c->costs);
		o->class = m->class;
		o->use = m->use;
		o->us = cost(m->ran[ALONE].v, m->ran[ALONE].n);
		o->busy_us = cost(m->ran[BUSY].v, m->ran[BUSY].n);
	}
	return run_write(r, FORMAT_COSTS, c, true, "-") < 0 ? 1 : 0;
}

/* --- the whole ---------------------------------------------------------- */

/* A tasks/1 without conditions takes the place of the plan's. */
static void
drop_conditions(struct run *r)
{
	struct tasks *t = stack_tasks(&r->stack);

	if (!t || !t->conditions.n)
		return;
	t->conditions.n = 0;
	for (size_t i = 0; i < t->rops.n; i++)
		t->rops.v[i].if_ = NULL;
	stack_push(&r->stack, FORMAT_TASKS, t);
}

int
profile_read(struct run *r)
{
	stack_init(&r->stack, &r->a, formats);
	if (stack_read(&r->stack, r->profile, &r->d) < 0 ||
	    stack_check(&r->stack, &r->d) < 0)
		return -1;
	drop_conditions(r);
	r->stack.read[FORMAT_SCHEDULE] = r->stack.read[FORMAT_MEMORY] = NULL;
	return plan_init_checked(&r->plan, &r->a, &r->stack, &r->d);
}

static size_t
most_kernels(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rops.n; i++)
		if (p->rops.v[i].cls->kernels.n > n)
			n = p->rops.v[i].cls->kernels.n;
	return n;
}

int
profile(struct run *r)
{
	struct profile f = {.r = r};
	const char *self = share_executable(&r->a, &r->d);
	int status = 0;

	if (!self)
		return 1;
	if (r->runs < 0)
		r->runs = 3;
	if (r->warmup < 0)
		r->warmup = 2;
	map_init(&f.by_key, &r->a);
	f.sample = arena_array(&r->a, r->plan.rops.n + 1, sizeof *f.sample);
	f.emit = file_join(&r->a, file_dir(&r->a, self), "tamp-emit");
	f.plan = values_tmp(r, "plan", 0);
	f.log = values_tmp(r, "log", 0);
	r->dir = file_join(&r->a, r->tmp, "program");
	if (values_inputs(r) < 0)
		return 1;
	for (size_t k = 0; k < most_kernels(&r->plan) && status == 0; k++)
		for (int m = 0; m < NMODES && status == 0; m++)
			status = measure(&f, k, (enum mode)m);
	run_command(r, (const char *[]){"rm", "-rf", r->dir, NULL}, f.log, true);
	return status ? status : write_costs(&f);
}
