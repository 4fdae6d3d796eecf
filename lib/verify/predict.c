/* The predictor: runs a schedule with the device's costs.  The walk visits
 * rTasks in an order that the schedule allows, so each begins when its vEU is
 * free and what it waits for has been seen. */
#include "verify/check.h"

struct sim {
	const struct flow *f;
	const struct device *v;
	struct timeline *out;	/* NULL: the end alone is asked for */
	struct arena *a;	/* of out's bars */
	int64_t visits;		/* rTasks run so far */
	double *free_at;	/* [veu] */
	double *piece_end;	/* [piece] */
	double *step_us;	/* [step] one of its rTasks */
	enum fkind *begins;	/* [phase] what begins it */
	int phase;
	double start;		/* of the phase */
};

/* An rTask's time among its neighbours: where a step keeps more vEUs busy
 * than there are units, they share. */
static double
shared_us(const struct sim *s, const struct fstep *st,
          const struct task_costs *costs)
{
	double us = task_us(s->f->p, st->rop, s->f->p->rops.v[st->rop].cand,
	                    costs);
	int64_t busy = st->v1 - st->v0 + 1, n = st->hi - st->lo + 1;

	if (busy > n)
		busy = n;
	if (busy > s->v->units)
		us *= (double)busy / (double)s->v->units;
	return us;
}

static double
latest(const struct sim *s)
{
	double t = s->start;

	for (int64_t v = 0; v < s->f->width; v++)
		if (s->free_at[v] > t)
			t = s->free_at[v];
	return t;
}

static void
enter_phase(struct sim *s, int phase)
{
	while (s->phase < phase) {
		s->start = latest(s);
		s->phase++;
		s->start += s->begins[s->phase] == F_LAUNCH
			? s->v->launch_us : s->v->barrier_us;
	}
	for (int64_t v = 0; v < s->f->width; v++)
		if (s->free_at[v] < s->start)
			s->free_at[v] = s->start;
}

static void
run_task(void *ctx, const struct walk *w, const struct fstep *st, int64_t task,
         int64_t veu)
{
	struct sim *s = ctx;
	const struct flow *f = s->f;
	double at, end;

	if (st->phase > s->phase)
		enter_phase(s, st->phase);
	at = s->free_at[veu];
	for (size_t i = 0; i < st->nwaits; i++) {
		double seen = s->piece_end[f->waits.v[st->wait + i]] +
			s->v->counter_us;

		if (at < seen)
			at = seen;
	}
	end = at + s->v->task_us + s->step_us[st - f->steps.v];
	if (s->out)
		vec_push(s->a, &s->out->bars, ((struct bar){st->rop, task, veu,
			at, end, at - s->free_at[veu]}));
	s->visits++;
	s->free_at[veu] = end;
	for (int i = f->rop_piece[st->rop]; i < f->rop_piece[st->rop + 1]; i++)
		if (f->pieces.v[i].lo <= task && task <= f->pieces.v[i].hi &&
		    s->piece_end[i] < end)
			s->piece_end[i] = end;
	(void)w;
}

static void
sim_init(struct sim *s, const struct flow *f, const struct task_costs *costs)
{
	s->free_at = arena_array(f->a, (size_t)f->width + 1, sizeof(double));
	s->piece_end = arena_array(f->a, f->pieces.n + 1, sizeof(double));
	s->step_us = arena_array(f->a, f->steps.n + 1, sizeof(double));
	s->begins = arena_array(f->a, (size_t)f->nphases + 1,
	                        sizeof *s->begins);
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *st = &f->steps.v[i];

		if (st->kind == F_RUN)
			s->step_us[i] = shared_us(s, st, costs);
		else
			s->begins[st->phase] = st->kind;
	}
	s->start = s->v->launch_us;
	for (int64_t v = 0; v < f->width; v++)
		s->free_at[v] = s->start;
}

/* Runs a schedule that is resolved; *us: when it ends. */
static int
simulate(struct sim *m, const struct flow *f, const struct task_costs *costs,
         double *us, struct diag *d)
{
	struct walk w;
	int r;

	m->f = f;
	m->v = f->p->device;
	sim_init(m, f, costs);
	r = flow_walk_plain(f, &w, run_task, m);
	if (r < 0)
		report_deadlock(&w, d);
	enter_phase(m, f->nphases - 1);
	*us = latest(m);
	return r;
}

int
predict(struct plan *p, const struct schedule *s, const struct task_costs *costs,
        struct arena *a, struct timeline *out, struct diag *d)
{
	struct sim m = {.out = out, .a = a};
	struct flow f;

	*out = (struct timeline){0};
	if (flow_make(&f, p, s, a, d) < 0)
		return -1;
	out->width = f.width;
	vec_room(a, &out->bars, f.nrtasks);
	return simulate(&m, &f, costs, &out->total_us, d);
}

int
predict_end(struct plan *p, const struct schedule *s,
            const struct task_costs *costs, struct arena *a, double *us,
            int64_t *work, struct diag *d)
{
	struct sim m = {0};
	struct flow f;
	int r;

	if (flow_make(&f, p, s, a, d) < 0)
		return -1;
	r = simulate(&m, &f, costs, us, d);
	*work += m.visits;
	return r;
}
