/* What steps wait for, cut into pieces: the rTasks of an rOperator are cut
 * where a range that some rTask waits for begins or ends, so that each rTask
 * is of one piece at most, and each wait is for some pieces in a row. */
#include <stdlib.h>

#include "verify/check.h"

#define ASKED_MAX ((size_t)1 << 23)

int
wait_range(const struct plan *p, int rop, int64_t i, const struct irange *r,
           int64_t n, struct range *out, struct arena *a, const char **why)
{
	const struct ints *grid = &p->rops.v[rop].cand->grid;
	int64_t gx = grid->n > 0 ? grid->v[0] : 1;
	int64_t gy = grid->n > 1 ? grid->v[1] : 1;
	struct env_var v[] = {{"i", i}, {"x", i % gx}, {"y", i / gx % gy},
		{"z", i / gx / gy}};
	const struct env e = {v, 4, 4};

	*out = (struct range){r->lo, r->hi};
	if (r->text) {
		if (expr_eval(r->from, &e, &out->lo, a, why) < 0 ||
		    expr_eval(r->to, &e, &out->hi, a, why) < 0)
			return -1;
	} else if (r->lo == 0 && r->hi == -1) {
		out->hi = n - 1;
	}
	if (out->lo >= 0 && out->lo <= out->hi && out->hi < n)
		return 0;
	*why = arena_printf(a, out->hi < out->lo ? "the range %lld..%lld is "
	                    "empty" : "%lld..%lld is not within 0..%lld",
	                    (long long)out->lo, (long long)out->hi,
	                    (long long)n - 1);
	return -1;
}

/* Takes down that the step at hand, or its next rTask, waits for r by its k-th
 * wait. */
static void
ask(struct flow *f, int k, int rop, struct range r)
{
	vec_push(f->a, &f->asked, ((struct piece){rop, r.lo, r.hi}));
	vec_push(f->a, &f->waits, ((struct fwait){0, 0, k}));
}

static bool
is_each(const struct step *s)
{
	for (size_t k = 0; k < s->after.n; k++)
		if (s->after.v[k].tasks.text)
			return true;
	return false;
}

/* The rTasks that a wait names; where it is the same for all rTasks of the
 * step, task is the first.  -1 after a diagnostic. */
static int
take_range(struct flow *f, const struct fstep *o, const struct after *w,
           int rop, int64_t task, struct range *out, struct diag *d)
{
	int64_t n = f->p->rops.v[rop].ntasks;
	struct pos at = w->at ? record_pos(w, "tasks")
	                      : step_pos(o->step, "after");
	const char *why = "";

	if (wait_range(f->p, o->rop, task, &w->tasks, n, out, f->a, &why) == 0)
		return 0;
	if (w->tasks.text)
		return diag_error(d, at, "rTask %lld of '%s' waits for rTasks %s "
		                  "of '%s': %s", (long long)task, o->step->run,
		                  w->tasks.text, w->run, why);
	if (out->hi < out->lo || out->lo < 0)
		return diag_error(d, at, "rTasks %lld..%lld: the range is empty",
		                  (long long)out->lo, (long long)out->hi);
	return diag_error(d, at, "rTasks %lld..%lld: '%s' has %lld, numbered "
	                  "from 0", (long long)out->lo, (long long)out->hi,
	                  w->run, (long long)n);
}

/* The rOperators that a step's waits name: -1 where it has no steps. */
static int *
waited_rops(struct flow *f, const struct step *s, struct diag *d)
{
	int *of = arena_array(f->a, s->after.n + 1, sizeof *of);

	for (size_t k = 0; k < s->after.n; k++) {
		const struct after *w = &s->after.v[k];

		of[k] = flow_find(f->p, w->run, w->rop, w->at
		                  ? record_pos(w, "run") : step_pos(s, "after"),
		                  d);
		if (of[k] >= 0 && !flow_runs(f->p, of[k]))
			of[k] = -1;
	}
	return of;
}

int
pieces_ask(struct flow *f, struct fstep *o, struct diag *d)
{
	const struct step *s = o->step;
	int errors = d->nerrors;
	int64_t last = o->lo;
	int *of;

	o->wait = f->waits.n;
	if (!s->after.n)
		return 0;
	of = waited_rops(f, s, d);
	o->each = is_each(s);
	if (o->each)
		last = o->hi;
	for (int64_t t = o->lo; t <= last && d->nerrors == errors; t++) {
		o->nwaits = 0;
		for (size_t k = 0; k < s->after.n; k++) {
			struct range r;

			if (of[k] < 0 || take_range(f, o, &s->after.v[k], of[k],
			                            t, &r, d) < 0)
				continue;
			ask(f, (int)k, of[k], r);
			o->nwaits++;
		}
		if (f->waits.n > ASKED_MAX)
			return diag_error(d, step_pos(s, "after"), "too many "
			                  "waits");
	}
	return d->nerrors > errors ? -1 : 0;
}

/* --- cutting ----------------------------------------------------------------- */

struct cut {			/* so many more ranges hold rTasks from here on */
	int64_t at;
	int more;
};

static int
by_place(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The pieces of one rOperator from its n cuts, to the end of f->pieces. */
static void
cut_one(struct flow *f, int rop, struct cut *c, size_t n)
{
	int open = 0;

	if (n > 2)		/* of one range they lie in order */
		qsort(c, n, sizeof *c, by_place);
	for (size_t i = 0; i < n; i++) {
		if (open && c[i].at > c[i - 1].at)
			vec_push(f->a, &f->pieces, ((struct piece){rop,
			         c[i - 1].at, c[i].at - 1}));
		open += c[i].more;
	}
}

int
flow_piece(const struct flow *f, int rop, int64_t task)
{
	int lo = f->rop_piece[rop], hi = f->rop_piece[rop + 1];

	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;

		if (f->pieces.v[mid].hi < task)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->rop_piece[rop + 1] && f->pieces.v[lo].lo <= task
		? lo : -1;
}

void
pieces_make(struct flow *f)
{
	size_t nr = f->p->rops.n, n = f->asked.n;
	size_t *first = arena_array(f->a, nr + 2, sizeof *first);
	struct cut *cuts = arena_array(f->a, 2 * n + 1, sizeof *cuts);

	for (size_t i = 0; i < n; i++)
		first[f->asked.v[i].rop + 2] += 2;
	for (size_t r = 2; r < nr + 2; r++)
		first[r] += first[r - 1];
	for (size_t i = 0; i < n; i++) {	/* first + 1: where the next goes */
		const struct piece *c = &f->asked.v[i];
		size_t *to = &first[c->rop + 1];

		cuts[(*to)++] = (struct cut){c->lo, 1};
		cuts[(*to)++] = (struct cut){c->hi + 1, -1};
	}
	f->rop_piece = arena_array(f->a, nr + 1, sizeof *f->rop_piece);
	for (size_t r = 0; r < nr; r++) {
		cut_one(f, (int)r, cuts + first[r], first[r + 1] - first[r]);
		f->rop_piece[r + 1] = (int)f->pieces.n;
	}
	for (size_t i = 0; i < n; i++) {
		const struct piece *c = &f->asked.v[i];
		struct fwait *w = &f->waits.v[i];

		w->piece = flow_piece(f, c->rop, c->lo);
		w->n = flow_piece(f, c->rop, c->hi) - w->piece + 1;
	}
}
