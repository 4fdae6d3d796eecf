/* Mutants of what waits for what: waits, barriers, and the order of lines. */
#include "mutate.h"
#include "base/str.h"

const char *
mutate_dropped_wait(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_wait), k;
	struct step *o;
	const char *what;

	(void)m;
	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	k = draw(r, (int64_t)o->after.n);
	what = arena_printf(p->a, "step %lld: %s does not wait for %s",
	                    (long long)i, o->run, o->after.v[k].run);
	memmove(&o->after.v[k], &o->after.v[k + 1],
	        (o->after.n - (size_t)k - 1) * sizeof *o->after.v);
	o->after.n--;
	return what;
}

const char *
mutate_dropped_barrier(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_barrier);

	(void)m;
	if (i < 0)
		return NULL;
	remove_step(s, i);
	return arena_printf(p->a, "step %lld: no barrier", (long long)i);
}

static struct after *
wide_wait(const struct plan *p, struct step *s, struct rng *r)
{
	struct after *w;

	do
		w = &s->after.v[draw(r, (int64_t)s->after.n)];
	while (!is_wide(p, w));
	return w;
}

const char *
mutate_weakened_range(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_wide_wait), n;
	struct after *w;

	(void)m;
	if (i < 0)
		return NULL;
	w = wide_wait(p, &s->steps.v[i], r);
	if (w->tasks.hi < 0)
		w->tasks = (struct irange){.hi = tasks_of(p, w->run) - 1};
	n = w->tasks.hi - w->tasks.lo;
	if (draw(r, 2))
		w->tasks.lo += 1 + draw(r, n);
	else
		w->tasks.hi -= 1 + draw(r, n);
	return arena_printf(p->a, "step %lld: %s waits for %lld..%lld of %s only",
	                    (long long)i, s->steps.v[i].run,
	                    (long long)w->tasks.lo, (long long)w->tasks.hi,
	                    w->run);
}

/* Of rTasks from..to of n: those that exist, one at least. */
static struct irange
irange_of(struct arena *a, const char *from, const char *to, int64_t n)
{
	struct diag d = {.suppressed = 1};
	const char *lo = arena_printf(a, "max(0, min(%s, %lld))", from,
	                              (long long)n - 1);
	const char *hi = arena_printf(a, "max(%s, min(%s, %lld))", lo, to,
	                              (long long)n - 1);

	return (struct irange){.hi = -1, .text = arena_printf(a, "%s..%s", lo, hi),
		.from = expr_parse(a, lo, POS_NONE, &d),
		.to = expr_parse(a, hi, POS_NONE, &d)};
}

/* A wait of each rTask is moved, narrowed or stretched; one of all for the same
 * becomes one of each for a few, which may do or not. */
const char *
mutate_changed_tiles(struct plan *p, struct schedule *s, struct memory *m,
                     struct rng *r)
{
	int64_t i = pick(p, s, r, pick_tiles), n, per;
	const char *from, *to;
	struct after *w;

	(void)m;
	if (i < 0)
		return NULL;
	w = wide_wait(p, &s->steps.v[i], r);
	n = tasks_of(p, w->run);
	per = n / (s->steps.v[i].tasks.hi - s->steps.v[i].tasks.lo + 1) +
		draw(r, 2);
	from = arena_printf(p->a, "%lld*i", (long long)per);
	to = arena_printf(p->a, "%lld*i+%lld", (long long)per,
	                  (long long)(per + draw(r, 2)));
	if (w->tasks.text) {
		const char *dots = strstr(w->tasks.text, "..");
		int64_t k = draw(r, 4);

		from = arena_printf(p->a, "%s(%.*s)%s", k == 3 ? "2*" : "",
		                    (int)(dots - w->tasks.text), w->tasks.text,
		                    k == 0 || k == 2 ? "+1" : "");
		to = arena_printf(p->a, "(%s)%s", dots + 2,
		                  k == 1 ? "-1" : k == 2 ? "+1" : "");
	}
	w->tasks = irange_of(p->a, from, to, n);
	return arena_printf(p->a, "step %lld: %s waits for %s of %s", (long long)i,
	                    s->steps.v[i].run, w->tasks.text, w->run);
}

const char *
mutate_swapped_order(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), k = i + 1;
	struct step o;

	(void)m;
	if (i < 0)
		return NULL;
	if (draw(r, 2))
		k = i + 1 + draw(r, 4);
	if (k >= (int64_t)s->steps.n || s->steps.v[k].launch)
		return NULL;
	o = s->steps.v[i];
	s->steps.v[i] = s->steps.v[k];
	s->steps.v[k] = o;
	return arena_printf(p->a, "steps %lld and %lld change places",
	                    (long long)i, (long long)k);
}

/* A wait names another rOperator, all of it. */
const char *
mutate_wrong_wait(struct plan *p, struct schedule *s, struct memory *m,
                  struct rng *r)
{
	int64_t i = pick(p, s, r, pick_wait), k = pick(p, s, r, pick_run);
	struct after *w;
	const char *was;

	(void)m;
	if (i < 0 || k < 0)
		return NULL;
	w = &s->steps.v[i].after.v[draw(r, (int64_t)s->steps.v[i].after.n)];
	if (!strcmp(w->run, s->steps.v[k].run))
		return NULL;
	was = w->run;
	*w = (struct after){.run = s->steps.v[k].run, .tasks = {.hi = -1}};
	return arena_printf(p->a, "step %lld: %s waits for %s, not %s",
	                    (long long)i, s->steps.v[i].run, w->run, was);
}

/* A step waits for one that stands at or after it. */
const char *
mutate_cyclic_wait(struct plan *p, struct schedule *s, struct memory *m,
                   struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), k;
	struct after w = {.tasks = {.hi = -1}};

	(void)m;
	if (i < 0)
		return NULL;
	k = i + draw(r, (int64_t)s->steps.n - i);
	if (!s->steps.v[k].run)
		return NULL;
	w.run = s->steps.v[k].run;
	if (draw(r, 2))
		w.tasks = (struct irange){.lo = s->steps.v[k].tasks.lo,
			.hi = s->steps.v[k].tasks.hi};
	vec_push(p->a, &s->steps.v[i].after, w);
	return arena_printf(p->a, "step %lld: %s waits for step %lld, of %s",
	                    (long long)i, s->steps.v[i].run, (long long)k, w.run);
}

/* A step that waits goes before one that it waits for, or before what stands
 * between the two. */
const char *
mutate_swapped_wait(struct plan *p, struct schedule *s, struct memory *m,
                    struct rng *r)
{
	int64_t i = pick(p, s, r, pick_wait), k, to;
	const char *run;
	struct step o;

	(void)m;
	if (i < 0)
		return NULL;
	run = s->steps.v[i].after.v[draw(r, (int64_t)s->steps.v[i].after.n)].run;
	for (k = i - 1; k > 0 && !s->steps.v[k].launch; k--)
		if (s->steps.v[k].run && !strcmp(s->steps.v[k].run, run))
			break;
	if (k <= 0 || s->steps.v[k].launch)
		return NULL;
	to = draw(r, 3) ? k : k + draw(r, i - k);
	o = s->steps.v[i];
	remove_step(s, i);
	insert_step(p, s, to, o);
	return arena_printf(p->a, "step %lld, of %s, before step %lld", (long long)i,
	                    o.run, (long long)to);
}
