/* --profile: the time of an rTask of every rKernel that a plan could use,
 * measured where it would run, in the model.
 *
 * Program k of the plan uses the k-th rKernel of every class: one rOperator after
 * another on one vEU, where an rTask is alone; dealt out to all vEUs in turn, where
 * its neighbours are busy; and so once more in an order that brings together what
 * reads the same constants, which are near then.  The cost of a class and rKernel
 * is the mean of its rTasks, some of which find their data further away than others,
 * in the run where that is least: whatever else the machine does makes it longer.
 * It may do so for seconds on end, so that the programs are all made first and then
 * run in turn, several times over.
 * Where rOperators of a class go in rounds, theirs alone count as near.
 * Conditions are left out of these programs: every rTask runs. */

#include "base/file.h"
#include "base/str.h"
#include "policy/policy.h"
#include "run.h"
#include "../share.h"

#define TRACES 9		/* of each program; a trace is of one run */
#define WEIGHTS "weights.bin"

enum mode { ALONE, BUSY, REUSE, NMODES };

static const struct {
	const char *words, *policy;
	int64_t width;		/* 0: all vEUs */
	bool reuse;		/* constants are read again at once */
} modes[] = {
	[ALONE] = {"alone", "sequential", 1, false},
	[BUSY] = {"with its neighbours busy", "roundrobin", 0, false},
	[REUSE] = {"with its neighbours busy and constants near", "roundrobin",
	           0, true},
};

struct sample {			/* of a class and rKernel */
	const char *class, *use;
	struct sum {		/* of the run at hand */
		double us;
		int64_t n;	/* rTasks */
	} all, parted;
	double us[NMODES];	/* the least mean of a run */
	bool ran[NMODES];	/* if any did: constants are made at open */
};

struct program {
	const char *dir;
	enum mode mode;
	int *sample;			/* [rop], or -1 */
	bool *parted;			/* [rop] it goes in rounds; or NULL */
};

struct profile {
	struct run *r;
	VEC(struct sample) samples;
	struct map by_key;		/* "class\nuse" */
	VEC(struct program) programs;
	const struct program *now;	/* whose trace is read */
	const char *emit;		/* tamp-emit */
	const char *plan, *log;		/* files */
};

/* --- programs ----------------------------------------------------------- */

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
choose(struct profile *f, size_t k, int *sample)
{
	struct plan *p = &f->r->plan;
	const struct candidate **use = arena_array(&f->r->a, p->rops.n + 1,
	                                           sizeof *use);

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct class *c = p->rops.v[i].cls;

		use[i] = plan_kth(c, k);
		sample[i] = k < c->kernels.n ? sample_of(f, c, use[i]) : -1;
	}
	return use;
}

/* Which rOperators go in rounds, as roundrobin deals them out in that order. */
static bool *
parted(struct profile *f, const int *order)
{
	struct plan *p = &f->r->plan;
	struct rounds r;

	if (!order)
		return NULL;
	rounds_init(&r, p, &f->r->a);
	rounds_add(&r, order, p->rops.n, p->device->veus);
	return r.parted;
}

static int
write_plan(struct profile *f, const struct candidate *const *use,
           struct program *g)
{
	struct run *r = f->r;
	const char *policy = modes[g->mode].policy;
	struct policy_options o = {.sync = SYNC_COUNTER,
		.select = SELECT_FASTEST, .use = use,
		.width = modes[g->mode].width,
		.order = modes[g->mode].reuse
			? plan_reuse_order(&r->plan, &r->a) : NULL};
	struct schedule *s = arena_new(&r->a, struct schedule);

	s->made = run_made(r);
	s->policy = policy;
	if (policy_plan(policy_find(policy), &r->plan, &o, s, &r->d) < 0)
		return -1;
	g->parted = parted(f, o.order);
	return run_write(r, FORMAT_SCHEDULE, s, false, f->plan);
}

/* The weights' path is taken from where the plan lies: there emit reads it from
 * standard input.  The weights of all programs are the same, and lie on disk
 * once. */
static int
emit(struct profile *f, const struct program *g)
{
	struct run *r = f->r;
	const char *from = str_eq(r->profile, "-") ? "."
		: file_dir(&r->a, r->profile);
	const char *argv[] = {"sh", "-c",
		"(cd \"$1\" && exec \"$2\" -o \"$3\") < \"$4\" || exit\n"
		"[ \"$5\" = \"$6\" ] || ! cmp -s \"$5\" \"$6\" ||\n"
		"ln -f \"$5\" \"$6\" || :", "sh",
		from, f->emit, g->dir, f->plan,
		file_join(&r->a, f->programs.v[0].dir, WEIGHTS),
		file_join(&r->a, g->dir, WEIGHTS), NULL};
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

/* Of the k-th rKernels. */
static int
add_program(struct profile *f, size_t k, enum mode mode)
{
	struct run *r = f->r;
	struct program *g = vec_add(&r->a, &f->programs);
	const struct candidate **use;

	g->mode = mode;
	g->dir = arena_printf(&r->a, "%s/program%zu", r->tmp, f->programs.n - 1);
	g->sample = arena_array(&r->a, r->plan.rops.n + 1, sizeof *g->sample);
	use = choose(f, k, g->sample);
	diag_progress(&r->d, "rKernel %zu of each class, %s", k + 1,
	              modes[mode].words);
	if (write_plan(f, use, g) < 0 || emit(f, g) != 0)
		return 1;
	r->dir = g->dir;
	return run_build(r);
}

/* --- times -------------------------------------------------------------- */

static void
take(void *ctx, const struct traced *x)
{
	struct profile *f = ctx;
	const struct program *g = f->now;
	struct sample *m;
	struct sum *s;

	if (x->rop < 0 || g->sample[x->rop] < 0 || x->skipped)
		return;
	m = &f->samples.v[g->sample[x->rop]];
	s = g->parted && g->parted[x->rop] ? &m->parted : &m->all;
	s->us += x->end_us - x->begin_us;
	s->n++;
}

/* A recorded run of a program. */
static int
measure(struct profile *f, const struct program *g)
{
	int status;

	f->r->dir = g->dir;
	status = run_execute(f->r);
	if (status)
		return status;
	for (size_t i = 0; i < f->samples.n; i++)
		f->samples.v[i].all = f->samples.v[i].parted = (struct sum){0};
	f->now = g;
	if (trace_read(f->r, take, f) < 0)
		return 1;
	for (size_t i = 0; i < f->samples.n; i++) {
		struct sample *m = &f->samples.v[i];
		const struct sum *s = m->parted.n ? &m->parted : &m->all;
		double us = s->n ? s->us / (double)s->n : 0;

		if (s->n && (!m->ran[g->mode] || us < m->us[g->mode]))
			m->us[g->mode] = us;
		m->ran[g->mode] |= s->n > 0;
	}
	return 0;
}

/* --- the document ------------------------------------------------------- */

/* Where something ran, it took the least that can be written. */
static double
cost(const struct sample *m, enum mode mode)
{
	return m->ran[mode] && m->us[mode] < 0.001 ? 0.001
		: times_rounded(m->us[mode]);
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

		if (!m->ran[ALONE])
			continue;
		o = vec_add(&r->a, &c->costs);
		o->class = m->class;
		o->use = m->use;
		o->us = cost(m, ALONE);
		o->busy_us = cost(m, BUSY);
		o->reuse_us = cost(m, REUSE);
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
	f.emit = file_join(&r->a, file_dir(&r->a, self), "tamp-emit");
	f.plan = values_tmp(r, "plan", 0);
	f.log = values_tmp(r, "log", 0);
	if (values_inputs(r) < 0)
		return 1;
	for (size_t k = 0; k < most_kernels(&r->plan) && status == 0; k++)
		for (int m = 0; m < NMODES && status == 0; m++)
			status = add_program(&f, k, (enum mode)m);
	for (int i = 0; i < TRACES && status == 0; i++)
		for (size_t k = 0; k < f.programs.n && status == 0; k++)
			status = measure(&f, &f.programs.v[k]);
	for (size_t k = 0; k < f.programs.n; k++)
		run_command(r, (const char *[]){"rm", "-rf",
			f.programs.v[k].dir, NULL}, f.log, true);
	return status ? status : write_costs(&f);
}
