/* Measured times of rTasks, and what the model says of the same: how long others
 * take, whose data are nearer or further away, follows from both. */
#include "verify/task_costs.h"

struct mean {
	double us;		/* of all */
	int64_t n;
};

enum program { BUSY, REUSE, NPROGRAMS };	/* of tamp run --profile */

struct modelled {		/* what an entry of costs/1 is about */
	struct mean in[NPROGRAMS];
	struct mean parted;	/* in REUSE, of rOperators in rounds: if there are
				 * any, reuse_us is theirs */
};

/* All rTasks of the plan by the k-th candidates, as a program of the profile runs
 * them; order: of rOperators, which then go in rounds. */
static void
program_runs(struct plan *p, size_t k, const int *order, struct rounds *r,
             struct arena *a)
{
	for (size_t i = 0; i < p->rops.n; i++)
		plan_use(p, (int)i, plan_kth(p->rops.v[i].cls, k));
	rounds_init(r, p, a);
	if (order)
		rounds_add(r, order, p->rops.n, p->device->veus);
	for (size_t i = 0; i < p->rops.n && !order; i++)
		if (!p->rops.v[i].rop->init)
			vec_push(a, &r->runs, ((struct task_run){
				(int)i, 0, p->rops.v[i].ntasks}));
}

/* Adds the modelled times of a program as tamp run --profile makes it: rTasks are
 * dealt out to all units in turn.  (It leaves conditions out, which may change the
 * order of REUSE.) */
static void
model_program(struct task_costs *t, size_t k, enum program which,
              const int *order, struct modelled *sum)
{
	int64_t units = t->p->device->veus, next = 0;
	struct rounds runs;
	struct arena a;
	struct cache *c;

	arena_init(&a);
	program_runs(t->p, k, order, &runs, &a);
	c = cache_make(t->p, units, &a);
	for (size_t i = 0; i < runs.runs.n; i++) {
		const struct task_run *x = &runs.runs.v[i];
		const struct prop *r = &t->p->rops.v[x->rop];
		const struct rkernel_cost *cost = &t->of[r->cls_index][
			r->cand - r->cls->kernels.v];
		struct mean *m = k >= r->cls->kernels.n || !cost->measured ? NULL
			: runs.parted[x->rop] ? &sum[cost->entry].parted
			: &sum[cost->entry].in[which];
		const struct load *l = task_load(t, x->rop);
		int64_t from = plan_dealt(r->ntasks, next, units);

		next = (from + x->to) % units;
		for (int64_t j = x->from; j < x->to && l->known; j++) {
			double us = cache_task_us(c, x->rop, l, j,
			                          (from + j) % units, NULL);

			if (!m)
				continue;
			m->us += us;
			m->n++;
		}
	}
	arena_release(&a);
}

#define APART 1.1		/* modelled times that differ by less are one */

static double
mean(const struct mean *m)
{
	return m->n ? m->us / (double)m->n : 0;
}

/* Two measured times count apart where the model tells them apart, and says of
 * the same that it is longer; else their sum stands for both. */
static void
fit(struct load *l, const struct rkernel_cost *c, const struct modelled *m)
{
	struct fitted near = {mean(m->parted.n ? &m->parted : &m->in[REUSE]),
	                      c->reuse_us};
	struct fitted far = {mean(&m->in[BUSY]), c->us};

	if (far.model_us <= 0)
		return;
	l->nfit = 1;
	l->fit[0] = far;
	if (near.model_us <= 0 || near.us <= 0)
		return;
	if (near.model_us > far.model_us) {
		struct fitted x = near;

		near = far;
		far = x;
	}
	if (far.model_us >= APART * near.model_us && far.us > near.us) {
		l->nfit = 2;
		l->fit[0] = near;
		l->fit[1] = far;
	} else {
		l->fit[0] = (struct fitted){near.model_us + far.model_us,
		                            near.us + far.us};
	}
}

double
load_us(const struct load *l, double model_us)
{
	const struct fitted *f = l->fit;
	double us;

	if (l->nfit == 0)
		return model_us;
	if (l->nfit == 1)
		return f->us * model_us / f->model_us;
	if (model_us >= f[1].model_us)
		return f[1].us * model_us / f[1].model_us;
	us = f->us + (f[1].us - f->us) * (model_us - f->model_us) /
		(f[1].model_us - f->model_us);
	return us > f->us / 2 ? us : f->us / 2;
}

static bool
any_reuse(const struct task_costs *t)
{
	for (size_t i = 0; i < t->p->tasks->classes.n; i++)
		for (size_t k = 0; k < t->p->tasks->classes.v[i].kernels.n; k++)
			if (t->of[i][k].reuse_us > 0)
				return true;
	return false;
}

/* Runs the programs of the profile through the model. */
static void
model_programs(struct task_costs *t, struct modelled *sum, struct arena *a)
{
	const struct tasks *tasks = t->p->tasks;
	int *order = any_reuse(t) ? plan_reuse_order(t->p, a) : NULL;
	size_t most = 0;

	for (size_t i = 0; i < tasks->classes.n; i++) {
		size_t n = tasks->classes.v[i].kernels.n;

		most = n > most ? n : most;
	}
	for (size_t k = 0; k < most; k++) {
		model_program(t, k, BUSY, NULL, sum);
		if (order)
			model_program(t, k, REUSE, order, sum);
	}
}

void
costs_fit(struct task_costs *t)
{
	const struct tasks *tasks = t->p->tasks;
	struct modelled *sum;
	struct arena a;

	arena_init(&a);
	sum = arena_array(&a, t->entries + 1, sizeof *sum);
	model_programs(t, sum, &a);
	for (size_t i = 0; i < tasks->classes.n; i++)
		for (size_t k = 0; k < tasks->classes.v[i].kernels.n; k++)
			if (t->of[i][k].measured && t->of[i][k].load)
				fit(t->of[i][k].load, &t->of[i][k],
				    &sum[t->of[i][k].entry]);
	arena_release(&a);
}
