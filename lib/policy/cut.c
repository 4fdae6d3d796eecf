/* Cuts: a launch instead of waits.  What a cut loses above all is that rTasks
 * behind it no longer run beside those before it, so those places are tried where
 * that overlap is least. */
#include "policy/cut.h"

#include <float.h>
#include <stdlib.h>

#include "policy/moves.h"

#define PLACES 16		/* tried */

struct cut_place {
	size_t at;		/* before this item */
	double overlap;		/* us */
};

struct sizes {			/* of a schedule */
	size_t waits;
	struct launch before, behind;	/* of the launch at hand */
	size_t launch;		/* its index among launches; SIZE_MAX: none */
};

struct cutting {
	struct trials *t;
	struct moving m;
	struct draft now, next;
	struct cut_place *place;	/* [items] */
	size_t nplaces;
	struct diag *d, quiet;
};

/* --- places -------------------------------------------------------------- */

static int
by_overlap(const void *a, const void *b)
{
	const struct cut_place *x = a, *y = b;

	if (x->overlap != y->overlap)
		return x->overlap < y->overlap ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void
widen(double *lo, double *hi, const struct bar *b)
{
	lo[b->rop] = b->begin_us < lo[b->rop] ? b->begin_us : lo[b->rop];
	hi[b->rop] = b->end_us > hi[b->rop] ? b->end_us : hi[b->rop];
}

/* For each place between two runs: from when the first behind it begins to when
 * the last before it ends. */
static void
find_places(struct cutting *c, const struct timeline *t, struct arena *a)
{
	size_t nr = c->t->p->rops.n, n = c->now.n;
	double *lo = arena_array(a, nr + 1, sizeof *lo);
	double *hi = arena_array(a, nr + 1, sizeof *hi);
	double *first = arena_array(a, n + 1, sizeof *first), last = 0;

	for (size_t i = 0; i < nr; i++)
		lo[i] = DBL_MAX;
	for (size_t i = 0; i < t->bars.n; i++)
		widen(lo, hi, &t->bars.v[i]);
	first[n] = DBL_MAX;
	for (size_t i = n; i-- > 0;) {
		const struct item *o = &c->now.v[i];

		first[i] = first[i + 1];
		if (o->kind == ITEM_RUN && lo[o->rop] < first[i])
			first[i] = lo[o->rop];
	}
	for (size_t i = 1; i < n; i++) {
		const struct item *o = &c->now.v[i - 1];

		if (o->kind == ITEM_RUN && hi[o->rop] > last)
			last = hi[o->rop];
		if (o->kind == ITEM_RUN && c->now.v[i].kind == ITEM_RUN)
			c->place[c->nplaces++] = (struct cut_place){i,
				last - first[i]};
	}
	qsort(c->place, c->nplaces, sizeof *c->place, by_overlap);
}

/* --- prices -------------------------------------------------------------- */

/* Waits, and the launches on both sides of a cut. */
static void
take_sizes(struct sizes *z, const struct schedule *s)
{
	size_t launch = 0;

	z->waits = 0;
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct step *o = &s->steps.v[i];

		z->waits += o->after.n + (o->barrier != NULL);
		if (!o->launch)
			continue;
		if (launch + 1 == z->launch)
			z->before = *o->launch;
		if (launch == z->launch)
			z->behind = *o->launch;
		launch++;
	}
}

static void
explain(const struct cutting *c, size_t at, const struct sizes *was,
        const struct sizes *is, bool kept)
{
	const struct plan *p = c->t->p;
	const char *run = p->rops.v[c->next.v[at + 1].rop].rop->run;
	double more = c->next.us - c->now.us;

	if (c->next.us == DBL_MAX) {
		diag_explain(c->d, "cut before %s: not possible", run);
		return;
	}
	diag_explain(c->d, "cut before %s: a launch of %.3g us, %lld waits and "
	             "barriers less; %lld vEUs of %lld registers and %lld bytes "
	             "before it, %lld of %lld and %lld behind it: %.3f us %s, %s",
	             run, p->device->launch_us,
	             (long long)was->waits - (long long)is->waits,
	             (long long)is->before.width,
	             (long long)is->before.registers,
	             (long long)is->before.shared,
	             (long long)is->behind.width,
	             (long long)is->behind.registers,
	             (long long)is->behind.shared,
	             more < 0 ? -more : more, more < 0 ? "shorter" : "longer",
	             kept ? "made" : "not made");
}

/* Sets what is predicted of a draft, and its sizes. */
static void
price(struct cutting *c, struct draft *d, struct sizes *z)
{
	struct schedule out;
	struct arena *keep;

	trial_begin(c->t, &keep);
	d->us = draft_us(&c->m, d, c->t, &out, &c->quiet);
	if (d->us < DBL_MAX)
		take_sizes(z, &out);
	trial_end(c->t, keep);
}

/* Tries a cut before the item at "at"; whether it is kept. */
static bool
try(struct cutting *c, size_t at, struct sizes *was)
{
	struct sizes is = {.launch = 0};
	bool kept;

	draft_copy(&c->m, &c->next, &c->now);
	draft_reserve(&c->next, c->next.n + 1);
	memmove(&c->next.v[at + 1], &c->next.v[at],
	        (c->next.n++ - at) * sizeof *c->next.v);
	c->next.v[at] = (struct item){.kind = ITEM_LAUNCH};
	for (size_t i = 0; i < at; i++)
		is.launch += c->next.v[i].kind == ITEM_LAUNCH;
	price(c, &c->next, &is);
	kept = c->next.us < c->now.us;
	explain(c, at, was, &is, kept);
	if (kept) {
		draft_copy(&c->m, &c->now, &c->next);
		*was = is;
	}
	return kept;
}

static bool
begin(struct cutting *c, const struct schedule *s, struct sizes *was)
{
	struct timeline t;
	struct arena *keep;

	draft_take(&c->m, &c->now, s);
	c->place = arena_array(c->t->p->a, c->now.n + 1, sizeof *c->place);
	price(c, &c->now, was);
	trial_begin(c->t, &keep);
	if (predict(c->t->p, s, c->t->o->costs, c->t->p->a, &t, &c->quiet) == 0)
		find_places(c, &t, c->t->p->a);
	trial_end(c->t, keep);
	return c->nplaces > 0;
}

int
cut_schedule(struct trials *t, struct schedule *s, struct diag *d)
{
	struct cutting c = {.t = t, .d = d, .quiet = *d};
	struct sizes was = {.launch = SIZE_MAX};
	struct arena *a = t->p->a;
	size_t made[PLACES], n = 0;	/* before these of the first items */

	c.quiet.suppressed = 1;
	c.quiet.explain = c.quiet.verbose = false;
	moving_init(&c.m, t->p, t->o);
	c.m.deals = t->deals;
	c.now = draft_new(&c.m, a);
	c.next = draft_new(&c.m, a);
	if (!begin(&c, s, &was))
		return 0;
	for (size_t i = 0; i < PLACES && i < c.nplaces; i++) {
		size_t at = c.place[i].at, before = 0;

		for (size_t k = 0; k < n; k++)
			before += made[k] <= at;
		if (try(&c, at + before, &was))
			made[n++] = at;
	}
	if (!n)
		return 0;
	*s = (struct schedule){.policy = s->policy, .made = s->made};
	return draft_finish(&c.m, &c.now, t, s, d);
}
