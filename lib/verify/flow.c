/* Schedules resolved: steps to rOperators, rTasks to vEUs, and the coverage
 * check, which is what makes "the place of an rTask" a function at all. */
#include "verify/check.h"

#define VEUS_MAX 1048576

struct pos
step_pos(const struct step *s, const char *key)
{
	return s && s->at ? record_pos(s, key) : POS_NONE;
}

bool
flow_runs(const struct plan *p, int rop)
{
	const struct prop *r = &p->rops.v[rop];

	return !r->rop->init && r->ntasks > 0;
}

const struct frow *
flow_row(const struct flow *f, struct fat at)
{
	return &f->rows[f->veu_row[at.veu] + at.pos - 1];
}

const struct fstep *
flow_step_of(const struct flow *f, struct fat at)
{
	return &f->steps.v[flow_row(f, at)->step];
}

static int
unknown_rop(const struct plan *p, const char *name, struct pos at,
            struct diag *d)
{
	const char **names = arena_array(p->a, p->rops.n + 1, sizeof *names);
	const char *near;

	for (size_t i = 0; i < p->rops.n; i++)
		names[i] = p->rops.v[i].rop->run;
	near = str_nearest(name, names, p->rops.n);
	if (near)
		return diag_error(d, at, "unknown rOperator '%s' (did you mean "
		                  "'%s'?)", name, near);
	return diag_error(d, at, "unknown rOperator '%s'", name);
}

int
flow_find(const struct plan *p, const char *name, int hint, struct pos at,
          struct diag *d)
{
	int r = plan_rop(p, name, hint);

	if (r < 0)
		return unknown_rop(p, name, at, d);
	if (p->rops.v[r].rop->init)
		return diag_error(d, at, "'%s' reads only constants: it runs "
		                  "when the model is opened and has no steps",
		                  name);
	return r;
}

/* An inclusive range, all of 0 .. n-1 if absent. */
static int
take_range(const struct range *r, int64_t n, const char *what,
           const char *of, struct pos at, int64_t *lo, int64_t *hi,
           struct diag *d)
{
	if (r->hi < r->lo && r->lo == 0 && r->hi == -1) {
		*lo = 0;
		*hi = n - 1;
		return 0;
	}
	*lo = r->lo;
	*hi = r->hi;
	if (r->lo < 0 || r->hi < r->lo)
		return diag_error(d, at, "%s %lld..%lld: the range is empty",
		                  what, (long long)r->lo, (long long)r->hi);
	if (r->hi >= n)
		return diag_error(d, at, "%s %lld..%lld: '%s' has %lld, "
		                  "numbered from 0", what, (long long)r->lo,
		                  (long long)r->hi, of, (long long)n);
	return 0;
}

static int
take_veus(struct flow *f, const struct step *s, struct fstep *o,
          struct diag *d)
{
	int64_t width = f->launches.v[o->launch].width;
	struct range all = {0, width - 1};
	const struct range *r = s->veus.hi < s->veus.lo && s->veus.hi == -1
		? &all : &s->veus;

	o->v0 = r->lo;
	o->v1 = r->hi;
	if (r->lo < 0 || r->hi < r->lo)
		return diag_error(d, step_pos(s, "veus"), "veus %lld..%lld: the "
		                  "range is empty", (long long)r->lo,
		                  (long long)r->hi);
	if (r->hi < width)
		return 0;
	diag_error(d, step_pos(s, "veus"), "vEU %lld does not exist: the launch "
	           "has %lld, numbered from 0", (long long)r->hi,
	           (long long)width);
	diag_note(d, step_pos(f->launches.v[o->launch].step, "launch"),
	          "the launch is here");
	return -1;
}

/* A line says under which condition its rTasks run, and cannot change it: what
 * they make is read by those alone who know of that one.  A document's lines
 * were looked at when it was read. */
static void
check_condition(const struct flow *f, const struct step *s, int rop,
                struct diag *d)
{
	const struct prop *r = &f->p->rops.v[rop];
	const char *is = r->rop->if_;

	if (str_eq(s->if_, is))
		return;
	if (!is)
		diag_error(d, step_pos(s, "if"), "'%s' always runs, expected no "
		           "'if'", s->run);
	else if (!s->if_)
		diag_error(d, step_pos(s, "run"), "'%s' runs under a condition, "
		           "expected 'if: %s'", s->run, is);
	else
		diag_error(d, step_pos(s, "if"), "'%s' runs under '%s', not '%s'",
		           s->run, is, s->if_);
}

static int
take_run(struct flow *f, const struct step *s, struct fstep *o,
         struct diag *d)
{
	struct plan *p = f->p;
	int errors = d->nerrors;

	o->kind = F_RUN;
	o->rop = flow_find(p, s->run, s->rop, step_pos(s, "run"), d);
	if (o->rop < 0)
		return -1;
	check_condition(f, s, o->rop, d);
	take_range(&s->tasks, p->rops.v[o->rop].ntasks, "rTasks", s->run,
	           step_pos(s, "tasks"), &o->lo, &o->hi, d);
	take_veus(f, s, o, d);
	if (d->nerrors == errors)
		pieces_ask(f, o, d);
	return d->nerrors > errors ? -1 : 0;
}

static int
take_launch(struct flow *f, const struct step *s, struct fstep *o,
            struct diag *d)
{
	struct flaunch l = {s, s->launch->width};

	o->kind = F_LAUNCH;
	if (l.width < 1 || l.width > VEUS_MAX)
		return diag_error(d, step_pos(s, "launch"), "a launch of %lld "
		                  "vEUs", (long long)l.width);
	if (f->launches.n)
		f->nphases++;
	vec_push(f->a, &f->launches, l);
	o->launch = (int)f->launches.n - 1;
	if (l.width > f->width)
		f->width = l.width;
	return 0;
}

static int
take_step(struct flow *f, const struct step *s, struct diag *d)
{
	struct fstep o = {.step = s, .rop = -1};
	int r = 0;

	o.launch = (int)f->launches.n - 1;
	if (s->launch)
		r = take_launch(f, s, &o, d);
	else if (o.launch < 0)
		return diag_error(d, step_pos(s, NULL), "a schedule begins with "
		                  "a launch");
	else if (s->barrier) {
		o.kind = F_BARRIER;
		f->nphases++;
	} else if (s->run)
		r = take_run(f, s, &o, d);
	else
		return diag_error(d, step_pos(s, NULL), "a step is a launch, a "
		                  "barrier or a run");
	o.phase = f->nphases;
	vec_push(f->a, &f->steps, o);
	return r;
}

/* --- rows ------------------------------------------------------------------ */

/* rTask of step s to its vEU. */
static int64_t
veu_of(const struct fstep *s, int64_t task)
{
	return s->v0 + (task - s->lo) % (s->v1 - s->v0 + 1);
}

int64_t
rtasks_too_many(const struct plan *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->rops.n; i++)
		n += p->rops.v[i].ntasks;
	return n > PLAN_RTASKS_MAX ? n : 0;
}

static int
lay_rows(struct flow *f, struct diag *d)
{
	size_t *n;
	int64_t total = 0;

	for (size_t i = 0; i < f->steps.n; i++)
		if (f->steps.v[i].kind == F_RUN)
			total += f->steps.v[i].hi - f->steps.v[i].lo + 1;
	if (total > PLAN_RTASKS_MAX)
		return diag_error(d, POS_NONE, "the steps run %lld rTasks, which "
		                  "is too many", (long long)total);
	f->nrtasks = (size_t)total;
	f->rows = arena_array(f->a, f->nrtasks + 1, sizeof *f->rows);
	f->veu_row = arena_array(f->a, (size_t)f->width + 2, sizeof *n);
	n = f->veu_row + 1;
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *s = &f->steps.v[i];

		for (int64_t t = s->lo; s->kind == F_RUN && t <= s->hi; t++)
			n[veu_of(s, t)]++;
	}
	for (int64_t v = 0, at = 0; v <= f->width; v++) {
		int64_t k = (int64_t)n[v];

		n[v] = (size_t)at;
		at += k;
	}
	return 0;
}

static int
runs_twice(const struct flow *f, const struct fstep *s, int64_t task,
           struct fat first, struct diag *d)
{
	const struct fstep *o = flow_step_of(f, first);

	if (witness_wanted(f))
		witness_add(f, (struct witness_pair){s->rop, -1, task, 2, -1, 0,
		            0});
	diag_error(d, step_pos(s->step, "tasks"), "rTask %lld of '%s' runs twice",
	           (long long)task, s->step->run);
	diag_note(d, step_pos(o->step, "tasks"), "it runs here first");
	return -1;
}

/* Fills rows and at; veu_row + 1 holds where each vEU's next row goes, and
 * thereby ends as the table of beginnings. */
static int
fill_rows(struct flow *f, struct diag *d)
{
	size_t *next = f->veu_row + 1, *first;
	int r = 0;

	first = arena_array(f->a, (size_t)f->width + 1, sizeof *first);
	memcpy(first, next, (size_t)f->width * sizeof *first);
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct fstep *s = &f->steps.v[i];
		bool twice = false;

		for (int64_t t = s->lo; s->kind == F_RUN && t <= s->hi; t++) {
			int64_t v = veu_of(s, t);
			struct fat *at = &f->at[s->rop][t];
			size_t k = next[v]++;

			f->rows[k] = (struct frow){(int32_t)i, (int32_t)t};
			if (at->pos && !twice) {
				size_t *keep = f->veu_row;

				f->veu_row = first;
				r = runs_twice(f, s, t, *at, d);
				f->veu_row = keep;
				twice = true;
			} else if (!at->pos) {
				*at = (struct fat){(int32_t)v,
					(int32_t)(k - first[v] + 1)};
			}
		}
	}
	return r;
}

static struct pos
choice_pos(const struct flow *f, const char *run)
{
	for (size_t i = 0; i < f->s->kernels.n; i++)
		if (str_eq(f->s->kernels.v[i].run, run))
			return f->s->kernels.v[i].at
				? record_pos(&f->s->kernels.v[i], NULL)
				: POS_NONE;
	return POS_NONE;
}

/* The first range of rTasks of an rOperator that no step runs. */
static int
check_missing(const struct flow *f, int rop, struct diag *d)
{
	const struct prop *r = &f->p->rops.v[rop];
	const struct fat *at = f->at[rop];
	const struct fstep *near = NULL;
	struct pos where;
	int64_t lo = 0, hi;

	while (lo < r->ntasks && at[lo].pos)
		lo++;
	if (lo == r->ntasks)
		return 0;
	if (witness_wanted(f))
		witness_add(f, (struct witness_pair){rop, -1, lo, 0, -1, 0, 0});
	for (hi = lo; hi + 1 < r->ntasks && !at[hi + 1].pos; hi++)
		;
	if (lo > 0)
		near = flow_step_of(f, at[lo - 1]);
	else if (hi + 1 < r->ntasks)
		near = flow_step_of(f, at[hi + 1]);
	where = near ? step_pos(near->step, "tasks")
	             : choice_pos(f, r->rop->run);
	if (!near)
		return diag_error(d, where, "no step runs '%s' (rTasks 0..%lld)",
		                  r->rop->run, (long long)r->ntasks - 1);
	if (lo == hi)
		return diag_error(d, where, "rTask %lld of '%s' never runs (it "
		                  "has %lld)", (long long)lo, r->rop->run,
		                  (long long)r->ntasks);
	return diag_error(d, where, "rTasks %lld..%lld of '%s' never run (it has "
	                  "%lld)", (long long)lo, (long long)hi, r->rop->run,
	                  (long long)r->ntasks);
}

int
flow_make(struct flow *f, struct plan *p, const struct schedule *s,
          struct arena *a, struct diag *d)
{
	int errors = d->nerrors;
	int64_t n = rtasks_too_many(p);

	*f = (struct flow){.a = a, .p = p, .s = s, .witness = f->witness};
	if (n)
		return diag_error(d, POS_NONE, "%lld rTasks are too many: at most "
		                  "%lld", (long long)n, (long long)PLAN_RTASKS_MAX);
	vec_room(a, &f->steps, s->steps.n);
	for (size_t i = 0; i < s->steps.n; i++)
		if (take_step(f, &s->steps.v[i], d) < 0 && d->nerrors > 20)
			return -1;
	if (d->nerrors > errors)
		return -1;
	f->nphases++;
	pieces_make(f);
	f->at = arena_array(a, p->rops.n + 1, sizeof *f->at);
	for (size_t i = 0; i < p->rops.n; i++)
		f->at[i] = arena_array(a, (size_t)p->rops.v[i].ntasks + 1,
		                       sizeof **f->at);
	if (lay_rows(f, d) < 0)
		return -1;
	fill_rows(f, d);
	for (size_t i = 0; i < p->rops.n && d->nerrors <= d->limit; i++)
		if (flow_runs(p, (int)i))
			check_missing(f, (int)i, d);
	return d->nerrors > errors ? -1 : 0;
}

size_t
flow_last(const struct flow *f, int rop, int32_t *slot, struct fat *out)
{
	int64_t n = f->p->rops.v[rop].ntasks;
	size_t k = 0;

	for (int64_t t = 0; t < n; t++) {
		struct fat at = f->at[rop][t];

		if (!at.pos)
			continue;
		if (!slot[at.veu]) {
			out[k] = at;
			slot[at.veu] = (int32_t)++k;
		} else if (out[slot[at.veu] - 1].pos < at.pos) {
			out[slot[at.veu] - 1].pos = at.pos;
		}
	}
	for (size_t i = 0; i < k; i++)
		slot[out[i].veu] = 0;
	return k;
}

int
flow_last_phase(const struct flow *f, int rop)
{
	int64_t n = f->p->rops.v[rop].ntasks;
	int last = -1;

	for (int64_t t = 0; t < n; t++)
		if (f->at[rop][t].pos) {
			int ph = flow_step_of(f, f->at[rop][t])->phase;

			if (ph > last)
				last = ph;
		}
	return last;
}
