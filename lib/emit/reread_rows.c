/* The rows of plan.bin held against the schedule: each vEU runs what its lines
 * say, in their order, between the barriers and launches of the plan; what
 * runs when the model is opened comes after what it reads from.  Waits and
 * signals are looked at in reread_waits.c. */
#include "emit/reread_rows.h"

/* --- saying it ----------------------------------------------------------------- */

const char *
rows_rop(const struct rows *c, int64_t rop)
{
	return c->f->p->rops.v[rop].rop->run;
}

/* "rTask 3 of 'b' on vEU 1 of launch 0" */
const char *
rows_where(const struct rows *c, int64_t rop, int64_t task)
{
	if (c->opening)
		return arena_printf(c->t->r->a, "rTask %lld of '%s' on vEU %lld "
		                    "at open", (long long)task,
		                    rows_rop(c, rop), (long long)c->at);
	return arena_printf(c->t->r->a, "rTask %lld of '%s' on vEU %lld of launch "
	                    "%zu", (long long)task, rows_rop(c, rop),
	                    (long long)c->at, c->launch);
}

const char *
rows_counter(const struct rows *c, uint32_t k)
{
	const struct tamp_counter *o = &c->t->counters[k];

	return arena_printf(c->t->r->a, "counter %u (rTasks %u..%u of '%s')", k,
	                    o->lo, o->hi, rows_rop(c, o->rop));
}

int
rows_say(const struct rows *c, const struct fstep *s, int64_t task,
    const char *key, const char *what)
{
	diag_error(c->t->r->d, c->t->at, "%s %s", rows_where(c, s->rop, task), what);
	diag_note(c->t->r->d, step_pos(s->step, key), "the plan says so here");
	return -1;
}

/* --- vEUs ------------------------------------------------------------------------- */

/* What tells whether the rTask runs is its rOperator's condition. */
static int
check_condition(const struct rows *c, const struct tamp_row *r,
                const struct fstep *s)
{
	const struct conditions *k = &c->f->p->conditions;
	int should = conditions_find(k, c->f->p->rops.v[r->rop].rop->if_);
	const char *is = "no condition";

	if (r->condition == (should < 0 ? TAMP_NONE : (uint32_t)should))
		return 0;
	if (r->condition < k->n)
		is = arena_printf(c->t->r->a, "condition '%s'",
		                  k->v[r->condition].name);
	else if (r->condition != TAMP_NONE)
		is = "a condition that is not there";
	return rows_say(c, s, r->task, should < 0 ? "run" : "if",
	                arena_printf(c->t->r->a, "has %s", is));
}

/* A row of which the kind is known, rOperator and rTask are there. */
static int
check_run(struct rows *c, size_t row, int phase)
{
	const struct tamp_row *r = &c->t->rows[row];
	const struct flow *f = c->f;
	size_t k = c->next[c->at];
	const struct fstep *s;

	if (k == f->veu_row[c->at + 1])
		return diag_error(c->t->r->d, c->t->at, "%s: the plan has nothing "
		                  "more for this vEU", rows_where(c, r->rop, r->task));
	s = &f->steps.v[f->rows[k].step];
	if (s->rop != (int)r->rop || f->rows[k].task != (int64_t)r->task)
		return diag_error(c->t->r->d, c->t->at, "%s stands where the plan "
		                  "has rTask %lld of '%s'",
		                  rows_where(c, r->rop, r->task),
		                  (long long)f->rows[k].task,
		                  rows_rop(c, s->rop));
	if (s->launch != (int)c->launch || s->phase != phase)
		return rows_say(c, s, r->task, "run", "stands on the wrong side of a "
		           "barrier or launch");
	if (check_condition(c, r, s) < 0)
		return -1;
	c->next[c->at]++;
	c->t->instances.v[c->t->rops[r->rop].instance].codes[
		c->t->launches[c->launch + c->t->h.init_launches].code] = true;
	return rows_waits(c, row, s, r->task);
}

static int
check_kind(const struct rows *c, size_t row)
{
	const struct tables *t = c->t;
	const struct tamp_row *r = &t->rows[row];

	if (r->kind == TAMP_BARRIER && !(r->rop | r->task | r->wait | r->nwaits) &&
	    r->signal == TAMP_NONE && r->condition == TAMP_NONE)
		return 0;
	if (r->kind == TAMP_RUN && r->rop < t->h.rops.count &&
	    r->task < t->rops[r->rop].ntasks)
		return 0;
	return diag_error(t->r->d, t->at, "row %zu, of vEU %lld of launch %zu, is "
	                  "no rTask and no barrier", row, (long long)c->at,
	                  c->launch);
}

/* A vEU's rows, between the first and the last phase of the launch. */
static int
check_veu(struct rows *c, const struct tamp_veu *v, int first, int last)
{
	const struct tables *t = c->t;
	int phase = first;

	c->veu++;
	for (size_t i = v->row; i < (size_t)v->row + v->nrows; i++)
		if (check_kind(c, i) < 0)
			return -1;
	for (size_t i = v->row; i < (size_t)v->row + v->nrows; i++)
		if (t->rows[i].kind == TAMP_BARRIER)
			phase++;
		else if (check_run(c, i, phase) < 0)
			return -1;
	if (phase != last)
		return diag_error(t->r->d, t->at, "vEU %lld of launch %zu meets %d "
		                  "barriers, the plan has %d", (long long)c->at,
		                  c->launch, phase - first, last - first);
	return rows_signals(c, v);
}

static int
check_finished(const struct rows *c)
{
	const struct flow *f = c->f;

	for (int64_t v = 0; v < f->width; v++) {
		const struct frow *r = &f->rows[c->next[v]];

		if (c->next[v] == f->veu_row[v + 1])
			continue;
		return diag_error(c->t->r->d, c->t->at, "rTask %d of '%s' is "
		                  "missing on vEU %lld", r->task, rows_rop(c,
		                  f->steps.v[r->step].rop), (long long)v);
	}
	return 0;
}

/* --- at open ----------------------------------------------------------------------- */

struct opening {
	struct rows *c;
	int *level;		/* [rop] barriers before its rTasks, -1: none */
	unsigned char **ran;	/* [rop][rTask] */
};

static int
open_row(struct opening *o, size_t row, int level)
{
	const struct rows *c = o->c;
	const struct tables *t = c->t;
	const struct tamp_row *r = &t->rows[row];
	const char *who = rows_where(c, r->rop, r->task);

	if (!c->f->p->rops.v[r->rop].rop->init)
		return diag_error(t->r->d, t->at, "%s has no place there", who);
	if (r->nwaits || r->signal != TAMP_NONE)
		return diag_error(t->r->d, t->at, "%s uses counters", who);
	if (r->condition != TAMP_NONE)
		return diag_error(t->r->d, t->at, "%s has a condition", who);
	if (o->ran[r->rop][r->task]++)
		return diag_error(t->r->d, t->at, "%s runs twice", who);
	if (o->level[r->rop] >= 0 && o->level[r->rop] != level)
		return diag_error(t->r->d, t->at, "%s stands on the wrong side of "
		                  "a barrier", who);
	o->level[r->rop] = level;
	t->instances.v[t->rops[r->rop].instance].codes[t->launches[0].code] =
		true;
	return 0;
}

/* All of init's rTasks ran, after what they read from. */
static int
check_opened(const struct opening *o)
{
	const struct plan *p = o->c->f->p;
	struct diag *d = o->c->t->r->d;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		if (!r->rop->init)
			continue;
		for (int64_t k = 0; k < r->ntasks; k++)
			if (!o->ran[i][k])
				return diag_error(d, o->c->t->at, "rTask %lld of "
				                  "'%s' is missing at open",
				                  (long long)k, r->rop->run);
		for (size_t k = 0; r->ntasks && k < r->preds.n; k++)
			if (o->level[r->preds.v[k]] >= o->level[i])
				return diag_error(d, o->c->t->at, "at open no "
				                  "barrier stands between '%s' and "
				                  "'%s', which reads from it",
				                  rows_rop(o->c, r->preds.v[k]),
				                  r->rop->run);
	}
	return 0;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The launch at open has what its rKernels need, and no more. */
static int
check_open_room(const struct rows *c, const struct tamp_launch *l)
{
	const struct plan *p = c->f->p;
	struct launch most = {.threads = 1};

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		if (!r->rop->init || !r->ntasks)
			continue;
		most.threads = larger(most.threads, r->cand->threads);
		most.shared = larger(most.shared, r->cand->shared);
		most.registers = larger(most.registers, r->cand->registers);
	}
	if (l->threads == most.threads && l->shared == most.shared &&
	    l->registers == most.registers)
		return 0;
	return diag_error(c->t->r->d, c->t->at, "the launch at open has %u "
	                  "threads, %u bytes and %u registers, its rKernels need "
	                  "%lld, %lld and %lld", l->threads, l->shared,
	                  l->registers, (long long)most.threads,
	                  (long long)most.shared, (long long)most.registers);
}

static int
check_open(struct rows *c)
{
	const struct tables *t = c->t;
	const struct plan *p = c->f->p;
	struct opening o = {.c = c};
	int barriers = -1;

	c->opening = true;
	o.level = arena_array(t->r->a, p->rops.n + 1, sizeof *o.level);
	o.ran = arena_array(t->r->a, p->rops.n + 1, sizeof *o.ran);
	for (size_t i = 0; i < p->rops.n; i++) {
		o.level[i] = -1;
		o.ran[i] = arena_alloc(t->r->a, (size_t)p->rops.v[i].ntasks + 1);
	}
	for (uint32_t v = 0; t->h.init_launches && v < t->launches[0].width;
	     v++) {
		const struct tamp_veu *u = &t->veus[t->launches[0].veus + v];
		int level = 0;

		c->at = v;
		for (size_t i = u->row; i < (size_t)u->row + u->nrows; i++)
			if (check_kind(c, i) < 0)
				return -1;
			else if (t->rows[i].kind == TAMP_BARRIER)
				level++;
			else if (open_row(&o, i, level) < 0)
				return -1;
		if (barriers >= 0 && level != barriers)
			return diag_error(t->r->d, t->at, "vEU %u meets %d "
			                  "barriers at open, others %d", v, level,
			                  barriers);
		barriers = level;
	}
	if (t->h.init_launches && check_open_room(c, &t->launches[0]) < 0)
		return -1;
	c->opening = false;
	return check_opened(&o);
}

/* --- launches ----------------------------------------------------------------------- */

/* The vEUs of all launches follow each other, and so do their rows. */
static int
check_tiling(const struct tables *t)
{
	uint64_t veus = 0, rows = 0;

	for (uint64_t i = 0; i < t->h.launches.count; i++) {
		if (t->launches[i].veus != veus)
			return diag_error(t->r->d, t->at, "the vEUs of launch %llu "
			                  "do not follow those before",
			                  (unsigned long long)i);
		veus += t->launches[i].width;
	}
	if (veus != t->h.veus.count)
		return diag_error(t->r->d, t->at, "%llu vEUs, its launches have "
		                  "%llu", (unsigned long long)t->h.veus.count,
		                  (unsigned long long)veus);
	for (uint64_t i = 0; i < veus; i++) {
		if (t->veus[i].row != rows)
			return diag_error(t->r->d, t->at, "the rows of vEU %llu "
			                  "do not follow those before",
			                  (unsigned long long)i);
		rows += t->veus[i].nrows;
	}
	if (rows != t->h.rows.count)
		return diag_error(t->r->d, t->at, "%llu rows, its vEUs have %llu",
		                  (unsigned long long)t->h.rows.count,
		                  (unsigned long long)rows);
	return 0;
}

static int
check_shape(const struct rows *c, const struct tamp_launch *o)
{
	const struct step *s = c->f->launches.v[c->launch].step;
	const struct launch *l = s->launch;

	if (o->width == l->width && o->threads == l->threads &&
	    o->shared == l->shared && o->registers == l->registers)
		return 0;
	diag_error(c->t->r->d, c->t->at, "launch %zu has %u vEUs of %u threads, %u "
	           "bytes and %u registers", c->launch, o->width, o->threads,
	           o->shared, o->registers);
	diag_note(c->t->r->d, step_pos(s, "launch"), "the plan's is here");
	return -1;
}

/* The first phase of launch i, or, past the last, the number of phases. */
static int
phase_of(const struct flow *f, const int *first, size_t i)
{
	return i < f->launches.n ? first[i] : f->nphases;
}

static int
check_launches(struct rows *c)
{
	const struct tables *t = c->t;
	const struct flow *f = c->f;
	int *first = arena_array(t->r->a, f->launches.n + 1, sizeof *first);

	for (size_t i = 0; i < f->steps.n; i++)
		if (f->steps.v[i].kind == F_LAUNCH)
			first[f->steps.v[i].launch] = f->steps.v[i].phase;
	for (c->launch = 0; c->launch < f->launches.n; c->launch++) {
		const struct tamp_launch *o =
			&t->launches[c->launch + t->h.init_launches];

		if (check_shape(c, o) < 0)
			return -1;
		for (c->at = 0; c->at < o->width; c->at++)
			if (check_veu(c, &t->veus[o->veus + c->at],
			              phase_of(f, first, c->launch),
			              phase_of(f, first, c->launch + 1) - 1) < 0)
				return -1;
	}
	return 0;
}

/* Launch shapes: those that share a code share what it is compiled for. */
static int
check_codes(struct tables *t)
{
	uint64_t n = t->h.launches.count;
	const struct tamp_launch **of = arena_array(t->r->a, n + 1, sizeof *of);

	for (uint64_t i = 0; i < n; i++) {
		const struct tamp_launch *l = &t->launches[i];
		bool init = i < t->h.init_launches;

		if (l->code >= n)
			return diag_error(t->r->d, t->at, "launch %llu has code "
			                  "%u, which is not there",
			                  (unsigned long long)i, l->code);
		if (!of[l->code])
			of[l->code] = l;
		if (of[l->code]->threads != l->threads ||
		    of[l->code]->registers != l->registers ||
		    (of[l->code] < t->launches + t->h.init_launches) != init)
			return diag_error(t->r->d, t->at, "launch %llu has code "
			                  "%u, which is of another shape",
			                  (unsigned long long)i, l->code);
	}
	for (size_t i = 0; i < t->instances.n; i++)
		t->instances.v[i].codes = arena_array(t->r->a, n + 1,
			sizeof *t->instances.v[i].codes);
	return 0;
}

int
reread_rows(struct tables *t)
{
	struct rows c = {.t = t, .f = t->r->flow};
	uint64_t inits = 0;

	for (size_t i = 0; i < c.f->p->rops.n; i++)
		inits |= c.f->p->rops.v[i].rop->init &&
			c.f->p->rops.v[i].ntasks > 0;
	if (t->h.init_launches != inits ||
	    t->h.launches.count != c.f->launches.n + inits)
		return diag_error(t->r->d, t->at, "%llu launches, %u of them at "
		                  "open: the plan has %zu, and %llu at open",
		                  (unsigned long long)t->h.launches.count,
		                  t->h.init_launches, c.f->launches.n,
		                  (unsigned long long)inits);
	c.next = arena_array(t->r->a, (size_t)c.f->width + 1, sizeof *c.next);
	for (int64_t v = 0; v < c.f->width; v++)
		c.next[v] = c.f->veu_row[v];
	if (check_tiling(t) < 0 || check_codes(t) < 0 || check_open(&c) < 0 ||
	    rows_counters(&c) < 0)
		return -1;
	return check_launches(&c) < 0 || check_finished(&c) < 0 ? -1 :
		rows_counts(&c);
}
