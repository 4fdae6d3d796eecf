/* How a run went: what the program noted, beside what was predicted; as
 * accounts in the report, as a picture, as a trace for Perfetto. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace.h"

/* --- reading ------------------------------------------------------------ */

static bool
parse_line(const char *line, const struct plan *p, struct traced *out)
{
	long long rop, task, veu, launch;
	int skipped;

	if (sscanf(line, "%lld %lld %lld %lld %lf %lf %lf %d", &rop, &task, &veu,
	           &launch, &out->arrived_us, &out->begin_us, &out->end_us,
	           &skipped) != 8 ||
	    rop < -1 || rop >= (long long)p->rops.n)
		return false;
	out->rop = (int)rop;
	out->task = task;
	out->veu = veu;
	out->skipped = skipped;
	return true;
}

int
trace_read(struct run *r, traced_fn *fn, void *ctx)
{
	const char *path = values_tmp(r, "trace", 0);
	FILE *f = fopen(path, "r");
	struct traced x;
	char line[256];
	bool bad = false;

	if (!f)
		return diag_error(&r->d, POS_NONE, "%s: %s", path,
		                  strerror(errno));
	while (!bad && fgets(line, sizeof line, f)) {
		bad = !parse_line(line, &r->plan, &x);
		if (!bad)
			fn(ctx, &x);
	}
	fclose(f);
	if (bad)
		return diag_error(&r->d, POS_NONE, "the program wrote a trace "
		                  "that cannot be read: %s", line);
	return 0;
}

static void
take(void *ctx, const struct traced *x)
{
	struct trace *t = ctx;
	struct bar b = {x->rop, x->task, x->veu, x->begin_us, x->end_us,
	                x->begin_us - x->arrived_us, x->skipped};

	if (b.veu >= t->measured.width)
		t->measured.width = b.veu + 1;
	if (b.end_us > t->measured.total_us)
		t->measured.total_us = b.end_us;
	if (b.rop < 0)
		vec_push(&t->r->a, &t->barriers, b);
	else
		vec_push(&t->r->a, &t->measured.bars, b);
}

/* The way that the run took. */
static const bool *
skipped(const struct trace *t)
{
	bool *skips = arena_array(&t->r->a, t->r->plan.rops.n + 1, sizeof *skips);

	for (size_t i = 0; i < t->measured.bars.n; i++)
		skips[t->measured.bars.v[i].rop] |=
			t->measured.bars.v[i].skipped;
	return skips;
}

static int
read_both(struct trace *t)
{
	struct run *r = t->r;
	struct plan *p = &r->plan;
	struct task_costs *c = task_costs_make(p, r->stack.read[FORMAT_COSTS],
	                                       &r->a);

	t->measured.measured = true;
	if (trace_read(r, take, t) < 0 || plan_choose(p, p->schedule, &r->d) < 0 ||
	    predict_way(p, p->schedule, c, skipped(t), &r->a, &t->predicted,
	                &r->d) < 0 ||
	    spent_make(&t->was, p, p->schedule, c, &t->measured, &r->a,
	               &r->d) < 0)
		return -1;
	return spent_make(&t->is, p, p->schedule, c, &t->predicted, &r->a,
	                  &r->d);
}

/* --- the report --------------------------------------------------------- */

static double
us(int64_t ns)
{
	return times_rounded(spent_us(ns));
}

static struct account *
account_of(struct run *r, const struct spent *s)
{
	struct account *c = arena_new(&r->a, struct account);

	c->veus = s->width;
	c->total_us = us(s->total);
	c->busy_us = us(s->part[CAUSE_BUSY]);
	c->bandwidth_us = us(s->part[CAUSE_BANDWIDTH]);
	c->dependency_us = us(s->part[CAUSE_DEPENDENCY]);
	c->synchronisation_us = us(s->part[CAUSE_SYNCHRONISATION]);
	c->imbalance_us = us(s->part[CAUSE_IMBALANCE]);
	c->alone = s->alone_by;
	return c;
}

static int64_t
in_rtasks(const struct spent *s, size_t rop)
{
	return s->rops[rop].part[CAUSE_BUSY] +
		s->rops[rop].part[CAUSE_BANDWIDTH];
}

static struct rop_span *
span_of(struct run *r, const struct spent *s, size_t rop)
{
	const struct rop_times *x = &s->rops[rop];
	struct rop_span *o;

	if (!x->rtasks)
		return NULL;
	o = arena_new(&r->a, struct rop_span);
	o->begin_us = us(x->begin);
	o->end_us = us(x->end);
	o->rtasks_us = us(in_rtasks(s, rop));
	o->bandwidth_us = us(x->part[CAUSE_BANDWIDTH]);
	o->dependency_us = us(x->part[CAUSE_DEPENDENCY]);
	o->synchronisation_us = us(x->part[CAUSE_SYNCHRONISATION]);
	if (x->waited_for >= 0)
		o->waited_for = r->plan.rops.v[x->waited_for].rop->run;
	return o;
}

static void
report_times(struct trace *t)
{
	struct run *r = t->r;

	r->report.measured = account_of(r, &t->was);
	r->report.predicted = account_of(r, &t->is);
	for (size_t i = 0; i < r->plan.rops.n; i++) {
		const struct rop_times *m = &t->was.rops[i], *p = &t->is.rops[i];
		struct timed *x;

		if (!m->rtasks)
			continue;
		x = vec_add(&r->a, &r->report.rops);
		x->run = r->plan.rops.v[i].rop->run;
		x->us = us(m->end - m->begin);
		x->predicted_us = us(p->end - p->begin);
		x->skipped = m->skipped;
		x->measured = span_of(r, &t->was, i);
		x->predicted = span_of(r, &t->is, i);
	}
}

/* --- for people --------------------------------------------------------- */

enum { APART = 5 };		/* rOperators that are named */

struct apart {			/* an rOperator unlike its prediction */
	size_t rop;
	int64_t ns;		/* measured less predicted, of its rTasks */
};

static int
by_size(const void *a, const void *b)
{
	const struct apart *x = a, *y = b;
	int64_t m = llabs(x->ns), n = llabs(y->ns);

	if (m != n)
		return m < n ? 1 : -1;
	return (x->rop > y->rop) - (x->rop < y->rop);
}

static void
explain_apart(struct trace *t)
{
	struct run *r = t->r;
	size_t n = r->plan.rops.n;
	struct apart *v = arena_array(&r->a, n + 1, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct apart){i, in_rtasks(&t->was, i) -
			in_rtasks(&t->is, i)};
	qsort(v, n, sizeof *v, by_size);
	for (size_t i = 0; i < n && i < APART && v[i].ns; i++)
		diag_explain(&r->d, "%s: its rTasks took %.3f us in all, "
		             "predicted %.3f", r->plan.rops.v[v[i].rop].rop->run,
		             us(in_rtasks(&t->was, v[i].rop)),
		             us(in_rtasks(&t->is, v[i].rop)));
}

static void
explain_skipped(struct trace *t)
{
	struct run *r = t->r;

	for (size_t i = 0; i < r->plan.rops.n; i++)
		if (t->was.rops[i].skipped)
			diag_explain(&r->d, "%s: skipped, since '%s' did not hold",
			             r->plan.rops.v[i].rop->run,
			             r->plan.rops.v[i].rop->if_);
}

static void
say(const struct spent *s, const char *what)
{
	struct str text;

	str_init(&text);
	spent_text(s->part, &text);
	fprintf(stderr, "%s %.1f us: %s\n", what, us(s->total), text.s);
	str_release(&text);
}

void
trace_summary(const struct run *r)
{
	const struct trace *t = r->traced;

	if (!t || r->emulate)
		return;
	say(&t->was, "a recorded run: ");
	say(&t->is, "predicted:      ");
}

/* --- the whole ---------------------------------------------------------- */

int
trace_all(struct run *r)
{
	struct trace *t = arena_new(&r->a, struct trace);

	t->r = r;
	if (read_both(t) < 0)
		return -1;
	r->traced = t;
	if (r->trace && perfetto_write(t) < 0)
		return -1;
	explain_skipped(t);
	if (!r->emulate) {	/* its turns are no time */
		report_times(t);
		spent_explain(&t->was, &r->d);
		explain_apart(t);
	}
	return r->gantt ? view_draw(&r->view, &t->was, r->gantt, &r->d) : 0;
}
