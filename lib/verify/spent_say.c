/* What the accounts of a timeline say in words, and the chain of rTasks that
 * its end hangs on. */
#include <stdlib.h>

#include "base/str.h"
#include "verify/flow.h"
#include "verify/spent.h"

enum { SHOWN = 5 };		/* rOperators that are named */

void
spent_text(const int64_t part[NCAUSES], struct str *out)
{
	double all = 0;

	for (int c = 0; c < NCAUSES; c++)
		all += (double)part[c];
	for (int c = 0; c < NCAUSES; c++)
		str_addf(out, "%s%s %.1f %%", c ? ", " : "", cause_words[c],
		         all > 0 ? 100 * (double)part[c] / all : 0);
}

/* --- the chain ---------------------------------------------------------- */

static int
later(const struct spent *s, int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return s->t->bars.v[b].end_us > s->t->bars.v[a].end_us ? b : a;
}

/* What a bar could not begin before the end of, or -1. */
static int
before(const struct spent *s, int bar)
{
	const struct bar *b = &s->t->bars.v[bar];
	const struct flow *f = s->flow;
	struct fat at = f->at[b->rop][b->task];
	int phase = flow_step_of(f, at)->phase, found = s->late[bar];

	if (phase > 0)
		found = later(s, found, s->phases.v[phase - 1].last);
	if (at.pos > 1)
		found = later(s, found,
		              s->bar_of[flow_row(f, at) - f->rows - 1]);
	return found;
}

void
spent_chain(const struct spent *s, struct arena *a, struct ints *bars)
{
	int bar = s->phases.n ? s->phases.v[s->phases.n - 1].last : -1;

	for (*bars = (struct ints){0}; bar >= 0; bar = before(s, bar))
		vec_push(a, bars, bar);
}

/* --- rOperators, most first ----------------------------------------------- */

struct ranked {
	int rop;
	int64_t ns, rtasks;
};

static int
by_ns(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return (x->rop > y->rop) - (x->rop < y->rop);
}

static struct ranked *
ranks(const struct spent *s, struct arena *a)
{
	struct ranked *v = arena_array(a, s->p->rops.n + 1, sizeof *v);

	for (size_t i = 0; i < s->p->rops.n; i++)
		v[i].rop = (int)i;
	return v;
}

/* --- --explain ---------------------------------------------------------- */

static void
explain_chain(const struct spent *s, struct arena *a, struct diag *d)
{
	struct ranked *v = ranks(s, a);
	struct ints bars;
	struct str most;
	int64_t in = 0;

	spent_chain(s, a, &bars);
	if (!bars.n)
		return;
	for (size_t i = 0; i < bars.n; i++) {
		const struct bar *b = &s->t->bars.v[bars.v[i]];

		v[b->rop].ns += spent_length(b);
		v[b->rop].rtasks++;
		in += spent_length(b);
	}
	qsort(v, s->p->rops.n, sizeof *v, by_ns);
	str_init(&most);
	for (size_t i = 0; i < SHOWN && i < s->p->rops.n && v[i].rtasks; i++)
		str_addf(&most, "%s'%s' %.3f us in %lld", i ? ", " : "",
		         s->p->rops.v[v[i].rop].rop->run, spent_us(v[i].ns),
		         (long long)v[i].rtasks);
	diag_explain(d, "the end hangs on a chain of %zu rTasks, %.3f us in them "
	             "and %.3f us between: %s", bars.n, spent_us(in),
	             spent_us(s->total - in), most.s);
	str_release(&most);
}

/* "12.000 us to dependency, 3.100 to bandwidth"; whom it waited for. */
static void
lost_text(const struct spent *s, const struct rop_times *r, struct str *out)
{
	const char *unit = " us";

	for (int c = CAUSE_BANDWIDTH; c < CAUSE_IMBALANCE; c++) {
		if (r->part[c] == 0)
			continue;
		str_addf(out, "%s%.3f%s to %s", *unit ? "" : ", ",
		         spent_us(r->part[c]), unit, cause_words[c]);
		unit = "";
	}
	if (r->waited_for >= 0)
		str_addf(out, "; it waited longest for '%s'",
		         s->p->rops.v[r->waited_for].rop->run);
}

/* What was lost on the way to an rOperator's rTasks, and in them. */
static void
explain_lost(const struct spent *s, struct arena *a, struct diag *d)
{
	struct ranked *v = ranks(s, a);
	struct str text;

	for (size_t i = 0; i < s->p->rops.n; i++)
		for (int c = CAUSE_BANDWIDTH; c < CAUSE_IMBALANCE; c++)
			v[i].ns += s->rops[i].part[c];
	qsort(v, s->p->rops.n, sizeof *v, by_ns);
	str_init(&text);
	for (size_t i = 0; i < SHOWN && i < s->p->rops.n && v[i].ns > 0; i++) {
		str_clear(&text);
		lost_text(s, &s->rops[v[i].rop], &text);
		diag_explain(d, "%s: its vEUs lost %s",
		             s->p->rops.v[v[i].rop].rop->run, text.s);
	}
	str_release(&text);
}

void
spent_explain(const struct spent *s, struct diag *d)
{
	struct arena a;
	struct str text;

	if (!d->explain)
		return;
	str_init(&text);
	spent_text(s->part, &text);
	diag_explain(d, "%lld vEUs of %.3f us: %s", (long long)s->width,
	             spent_us(s->total), text.s);
	str_release(&text);
	arena_init(&a);
	explain_chain(s, &a, d);
	explain_lost(s, &a, d);
	arena_release(&a);
}
