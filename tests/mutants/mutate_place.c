/* Mutants of where rTasks run, with which rKernel, and how often. */
#include "mutate.h"
#include "base/str.h"

/* One rTask to another vEU; the others of the step stay where they are. */
const char *
mutate_moved_task(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), t, to, width;
	struct step o;

	(void)m;
	if (i < 0 || (width = width_at(s, i)) < 2)
		return NULL;
	o = s->steps.v[i];
	t = o.tasks.lo + draw(r, o.tasks.hi - o.tasks.lo + 1);
	to = draw(r, width);
	remove_step(s, i);
	for (int64_t k = o.tasks.hi; k >= o.tasks.lo; k--) {
		struct step one = o;
		int64_t v = o.veus.lo + (k - o.tasks.lo) %
			(o.veus.hi - o.veus.lo + 1);

		one.tasks = (struct range){k, k};
		one.veus = (struct range){v, v};
		if (k == t) {
			if (v == to)
				to = (to + 1) % width;
			one.veus = (struct range){to, to};
		}
		insert_step(p, s, i, one);
	}
	return arena_printf(p->a, "step %lld: rTask %lld of %s to vEU %lld",
	                    (long long)i, (long long)t, o.run, (long long)to);
}

const char *
mutate_missing_task(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run);
	struct step *o;
	const char *run;

	(void)m;
	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	run = o->run;
	if (o->tasks.lo == o->tasks.hi)
		remove_step(s, i);
	else if (draw(r, 2))
		o->tasks.lo++;
	else
		o->tasks.hi--;
	return arena_printf(p->a, "step %lld: an rTask less of %s", (long long)i,
	                    run);
}

const char *
mutate_doubled_task(struct plan *p, struct schedule *s, struct memory *m, struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), to, v;
	struct step o;

	(void)m;
	if (i < 0)
		return NULL;
	o = s->steps.v[i];
	o.tasks.lo += draw(r, o.tasks.hi - o.tasks.lo + 1);
	o.tasks.hi = o.tasks.lo;
	to = i + 1 + draw(r, (int64_t)s->steps.n - i);
	v = draw(r, width_at(s, to - 1));
	o.veus = (struct range){v, v};
	insert_step(p, s, to, o);
	return arena_printf(p->a, "rTask %lld of %s again as step %lld",
	                    (long long)o.tasks.lo, o.run, (long long)to);
}

/* All rTasks of a step to other vEUs, as many or fewer. */
const char *
mutate_moved_step(struct plan *p, struct schedule *s, struct memory *m,
                  struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), width;
	struct range *v, was;

	(void)m;
	if (i < 0 || (width = width_at(s, i)) < 2)
		return NULL;
	v = &s->steps.v[i].veus;
	was = *v;
	v->lo = draw(r, width);
	v->hi = v->lo + draw(r, width - v->lo);
	if (v->lo == was.lo && v->hi == was.hi)
		return NULL;
	return arena_printf(p->a, "step %lld: %s on vEUs %lld..%lld",
	                    (long long)i, s->steps.v[i].run, (long long)v->lo,
	                    (long long)v->hi);
}

/* A step's vEUs reach past the launch's last, or stay. */
const char *
mutate_beyond_width(struct plan *p, struct schedule *s, struct memory *m,
                    struct rng *r)
{
	int64_t i = pick(p, s, r, pick_run), width;
	struct range *v;

	(void)m;
	if (i < 0)
		return NULL;
	width = width_at(s, i);
	v = &s->steps.v[i].veus;
	if (draw(r, 2))
		v->lo = v->hi = width - 1 + draw(r, 3);
	else
		v->hi = width - 1 + draw(r, width + 1);
	return arena_printf(p->a, "step %lld: %s on vEUs %lld..%lld of %lld",
	                    (long long)i, s->steps.v[i].run, (long long)v->lo,
	                    (long long)v->hi, (long long)width);
}

/* A launch goes on in the one before it. */
const char *
mutate_merged_launch(struct plan *p, struct schedule *s, struct memory *m,
                     struct rng *r)
{
	int64_t i = pick(p, s, r, pick_launch);

	(void)m;
	if (i <= 0 || width_at(s, i - 1) < width_at(s, i))
		return NULL;
	remove_step(s, i);
	return arena_printf(p->a, "step %lld: no launch", (long long)i);
}

static int64_t
grid_tasks(const struct candidate *c)
{
	int64_t n = 1;

	for (size_t i = 0; i < c->grid.n; i++)
		n *= c->grid.v[i];
	return n;
}

/* What a range of rTasks of the old rKernel becomes with the new one: the
 * same, or as much of the whole. */
static void
stretch(int64_t *lo, int64_t *hi, int64_t was, int64_t is)
{
	if (*hi < *lo)
		return;
	*lo = *lo * is / was;
	*hi = (*hi + 1) * is / was - 1;
	if (*hi < *lo)
		*hi = *lo;
}

/* Another rKernel, the one that the plan's choice now is, for an rOperator of
 * the schedule; the ranges of its rTasks go with it, or are left. */
const char *
mutate_other_kernel(struct plan *p, struct schedule *s, struct memory *m,
                    struct rng *r)
{
	bool adapt = draw(r, 4) != 0;
	const char *what = NULL;

	(void)m;
	for (size_t i = 0; i < s->kernels.n; i++) {
		struct choice *c = &s->kernels.v[i];
		const struct prop *o = &p->rops.v[map_get(&p->rop_by_name,
		                                          c->run)];
		int64_t was = 1;

		if (!strcmp(c->use, o->cand->use))
			continue;
		for (size_t k = 0; k < o->cls->kernels.n; k++)
			if (!strcmp(c->use, o->cls->kernels.v[k].use))
				was = grid_tasks(&o->cls->kernels.v[k]);
		what = arena_printf(p->a, "%s by %s, not %s%s", c->run,
		                    o->cand->use, c->use,
		                    adapt ? ", steps adapted" : "");
		c->use = o->cand->use;
		for (size_t k = 0; adapt && k < s->steps.n; k++) {
			struct step *t = &s->steps.v[k];

			if (t->run && !strcmp(t->run, c->run))
				stretch(&t->tasks.lo, &t->tasks.hi, was,
				        o->ntasks);
			for (size_t j = 0; j < t->after.n; j++)
				if (!strcmp(t->after.v[j].run, c->run))
					stretch(&t->after.v[j].tasks.lo,
					        &t->after.v[j].tasks.hi,
					        was, o->ntasks);
		}
	}
	return what;
}
