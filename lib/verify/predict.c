/* The predictor: runs a schedule with the device's costs, rTask by rTask in the
 * order of time.  Each begins when its vEU is free and what it waits for has been
 * seen; how long it takes depends on what its vEU and others touched before it
 * (cache.c).  So far each runs as if it were alone: what they ask for together
 * makes them slower (dilate.c).  Where there are conditions, the way through the
 * plan that takes longest is what is told. */
#include "verify/check.h"
#include "verify/dilate.h"
#include "verify/ways.h"

struct sim {
	const struct flow *f;
	const struct device *v;
	const bool *skips;	/* [rop] whether it is skipped */
	struct timeline *out;	/* NULL: the end alone is asked for */
	struct arena *a;	/* of out's bars */
	int64_t visits;		/* rTasks run so far */
	double *free_at;	/* [veu] */
	double *piece_end;	/* [piece] */
	struct task_costs *costs;
	const struct load **load;	/* [step] of its rTasks */
	struct cache *cache;
	struct demand *demand;	/* [visits] */
	double gbps[NEAR_NUM];	/* of the device */
	enum fkind *begins;	/* [phase] what begins it */
	int phase;
	double start;		/* of the phase */
};

/* How long an rTask takes alone, and what it asks for. */
static double
alone_us(struct sim *s, const struct fstep *st, int64_t task, int64_t veu,
         struct demand *d)
{
	const struct load *l = s->load[st - s->f->steps.v];
	double from[NEAR_NUM] = {0}, us;

	*d = (struct demand){.unit_us = l->us};
	if (!l->known)
		return l->us;
	us = cache_task_us(s->cache, st->rop, l, task, veu, from);
	/* What was measured had its neighbours already. */
	d->unit_us = l->measured ? us : l->busy_us;
	if (!l->measured) {
		d->shared_us = from[NEAR_SHARED] * 1e-3 / s->gbps[NEAR_SHARED];
		d->memory_us = from[NEAR_MEMORY] * 1e-3 / s->gbps[NEAR_MEMORY];
	}
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

/* Of what it takes from a signal to its being seen, the part of who waits: where
 * the signal was there before, that is what it takes to see it. */
#define SEEING 0.5

/* When its vEU is free and what it waits for has been seen. */
static double
begin(void *ctx, const struct fstep *st, int64_t task, int64_t veu)
{
	struct sim *s = ctx;
	double at;
	size_t n;
	const struct fwait *x = flow_waits(s->f, st, task, &n);

	if (st->phase > s->phase)
		enter_phase(s, st->phase);
	at = s->free_at[veu] + (n ? SEEING * s->v->counter_us : 0);
	for (size_t i = 0; i < n; i++)
		for (int k = x[i].piece; k < x[i].piece + x[i].n; k++)
			if (at < s->piece_end[k] + s->v->counter_us)
				at = s->piece_end[k] + s->v->counter_us;
	return at;
}

static void
run_task(void *ctx, const struct fstep *st, int64_t task, int64_t veu, double at)
{
	struct sim *s = ctx;
	struct demand *d = &s->demand[s->visits++];
	bool skip = s->skips[st->rop];
	double end = at + s->v->task_us;
	int piece = flow_piece(s->f, st->rop, task);

	if (skip)
		*d = (struct demand){0};
	else
		end += alone_us(s, st, task, veu, d);
	d->begin_us = at;
	d->end_us = end;
	if (s->out)
		vec_push(s->a, &s->out->bars, ((struct bar){st->rop, task, veu,
			at, end, at - s->free_at[veu], skip}));
	s->free_at[veu] = end;
	if (piece >= 0 && s->piece_end[piece] < end)
		s->piece_end[piece] = end;
}

static void
sim_init(struct sim *s, const struct flow *f)
{
	s->free_at = arena_array(f->a, (size_t)f->width + 1, sizeof(double));
	s->piece_end = arena_array(f->a, f->pieces.n + 1, sizeof(double));
	s->load = arena_array(f->a, f->steps.n + 1, sizeof *s->load);
	s->demand = arena_array(f->a, f->nrtasks + 1, sizeof *s->demand);
	s->begins = arena_array(f->a, (size_t)f->nphases + 1,
	                        sizeof *s->begins);
	s->cache = cache_make(f->p, f->width, f->a);
	for (int i = 0; i < NEAR_NUM; i++)
		s->gbps[i] = roofline_all_gbps(s->v, (enum near)i);
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *st = &f->steps.v[i];

		if (st->kind == F_RUN)
			s->load[i] = task_load(s->costs, st->rop);
		else
			s->begins[st->phase] = st->kind;
	}
	s->start = s->v->launch_us;
	for (int64_t v = 0; v < f->width; v++)
		s->free_at[v] = s->start;
}

/* The times of bars, and the end, among all that they ask for together. */
static double
together(struct sim *m, double end)
{
	struct dilation d;

	dilation_make(&d, m->demand, (size_t)m->visits, end,
	              (double)m->v->units, m->f->a);
	for (size_t i = 0; m->out && i < m->out->bars.n; i++) {
		struct bar *b = &m->out->bars.v[i];
		double from = dilated(&d, b->begin_us - b->wait_us);

		b->begin_us = dilated(&d, b->begin_us);
		b->end_us = dilated(&d, b->end_us);
		b->wait_us = b->begin_us - from;
	}
	return dilated(&d, end);
}

/* Runs a schedule that is resolved, rOperators that are skipped apart; *us: when
 * it ends. */
static int
simulate(struct sim *m, const struct flow *f, struct task_costs *costs,
         const bool *skips, double *us, struct diag *d)
{
	struct walk w;
	int r;

	m->f = f;
	m->v = f->p->device;
	m->costs = costs;
	m->skips = skips;
	sim_init(m, f);
	r = flow_walk_timed(f, &w, begin, run_task, m);
	if (r < 0)
		report_deadlock(&w, d);
	enter_phase(m, f->nphases - 1);
	*us = together(m, latest(m));
	return r;
}

/* The same on the way through the plan that takes longest. */
static int
simulate_longest(struct sim *m, const struct flow *f, struct task_costs *costs,
                 double *us, struct diag *d)
{
	struct ways w;
	size_t best = 0;
	int64_t visits = 0;
	int r;

	*us = 0;
	ways_find(&w, f->p, f->a);
	for (size_t i = 0; i < w.v.n && w.v.n > 1; i++) {
		struct sim try = {0};
		double t;

		if (simulate(&try, f, costs, w.v.v[i], &t, d) < 0)
			return -1;
		visits += try.visits;
		if (t <= *us)
			continue;
		*us = t;
		best = i;
	}
	r = w.v.n > 1 && !m->out ? 0 :
		simulate(m, f, costs, w.v.v[best], us, d);
	m->visits += visits;
	return r;
}

static int
timeline_of(struct plan *p, const struct schedule *s, struct task_costs *costs,
            const bool *skips, struct arena *a, struct timeline *out,
            struct diag *d)
{
	struct sim m = {.out = out, .a = a};
	struct flow f = {0};

	*out = (struct timeline){0};
	if (flow_make(&f, p, s, a, d) < 0)
		return -1;
	if (!costs)
		costs = task_costs_make(p, NULL, f.a);
	out->width = f.width;
	vec_room(a, &out->bars, f.nrtasks);
	return skips ? simulate(&m, &f, costs, skips, &out->total_us, d) :
		simulate_longest(&m, &f, costs, &out->total_us, d);
}

int
predict(struct plan *p, const struct schedule *s, struct task_costs *costs,
        struct arena *a, struct timeline *out, struct diag *d)
{
	return timeline_of(p, s, costs, NULL, a, out, d);
}

int
predict_way(struct plan *p, const struct schedule *s, struct task_costs *costs,
            const bool *skips, struct arena *a, struct timeline *out,
            struct diag *d)
{
	return timeline_of(p, s, costs, skips, a, out, d);
}

int
predict_end(struct plan *p, const struct schedule *s,
            struct task_costs *costs, struct arena *a, double *us,
            int64_t *work, struct diag *d)
{
	struct sim m = {0};
	struct flow f = {0};
	int r;

	if (flow_make(&f, p, s, a, d) < 0)
		return -1;
	r = simulate_longest(&m, &f, costs ? costs :
	                     task_costs_make(p, NULL, f.a), us, d);
	*work += m.visits;
	return r;
}
