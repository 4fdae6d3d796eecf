/* Mutants of conditions: of what lines say of them, and of who waits for what
 * decides. */
#include "mutate.h"
#include "base/str.h"

static bool
pick_if(const struct plan *p, const struct step *s)
{
	(void)p;
	return s->if_ != NULL;
}

static int
condition_of(const struct plan *p, const struct step *s)
{
	return conditions_find(&p->conditions, s->if_);
}

/* A line without its condition, or with only what that is within. */
const char *
mutate_dropped_if(struct plan *p, struct schedule *s, struct memory *m,
                  struct rng *r)
{
	int64_t i = pick(p, s, r, pick_if);
	const char *was;
	struct step *o;

	(void)m;
	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	was = o->if_;
	o->if_ = draw(r, 2) ?
		p->conditions.v[condition_of(p, o)].within : NULL;
	return arena_printf(p->a, "step %lld: %s if %s, not %s", (long long)i,
	                    o->run, o->if_ ? o->if_ : "ever", was);
}

/* The condition that the same tensor decides the other way, or -1. */
static int
opposite(const struct plan *p, int k)
{
	const struct conditions *c = &p->conditions;

	for (size_t i = 0; i < c->n; i++)
		if (c->within[i] == c->within[k] && c->v[i].is != c->v[k].is &&
		    str_eq(c->v[i].tensor, c->v[k].tensor))
			return (int)i;
	return -1;
}

const char *
mutate_turned_if(struct plan *p, struct schedule *s, struct memory *m,
                 struct rng *r)
{
	int64_t i = pick(p, s, r, pick_if);
	int to = i < 0 ? -1 : opposite(p, condition_of(p, &s->steps.v[i]));

	(void)m;
	if (to < 0)
		return NULL;
	s->steps.v[i].if_ = p->conditions.v[to].name;
	return arena_printf(p->a, "step %lld: %s if %s, which is the opposite",
	                    (long long)i, s->steps.v[i].run,
	                    s->steps.v[i].if_);
}

/* A line under another condition, or one under none under some. */
const char *
mutate_other_if(struct plan *p, struct schedule *s, struct memory *m,
                struct rng *r)
{
	int64_t i = pick(p, s, r, draw(r, 3) ? pick_if : pick_run);
	const char *to;

	(void)m;
	if (i < 0 || !p->conditions.n)
		return NULL;
	to = p->conditions.v[draw(r, (int64_t)p->conditions.n)].name;
	if (str_eq(s->steps.v[i].if_, to))
		return NULL;
	s->steps.v[i].if_ = to;
	return arena_printf(p->a, "step %lld: %s if %s", (long long)i,
	                    s->steps.v[i].run, to);
}

static bool
writes(const struct plan *p, const char *run, int tensor)
{
	const struct prop *r = &p->rops.v[map_get(&p->rop_by_name, run)];

	for (size_t k = 0; k < r->args.n; k++)
		if (parg_written(r, k) &&
		    p->tensors.v[r->args.v[k].tensor].root ==
		    p->tensors.v[tensor].root)
			return true;
	return false;
}

/* The first wait of a step for whoever writes what decides over it, or the
 * number of its waits. */
static size_t
deciding_wait(const struct plan *p, const struct step *s)
{
	for (size_t i = 0; i < s->after.n; i++)
		for (int k = condition_of(p, s); k >= 0;
		     k = p->conditions.within[k])
			if (writes(p, s->after.v[i].run, p->guards[k].tensor))
				return i;
	return s->after.n;
}

static bool
pick_deciding(const struct plan *p, const struct step *s)
{
	return s->if_ && deciding_wait(p, s) < s->after.n;
}

/* Nobody waits any more for what decides over a step. */
const char *
mutate_undecided(struct plan *p, struct schedule *s, struct memory *m,
                 struct rng *r)
{
	int64_t i = pick(p, s, r, pick_deciding);
	struct step *o;
	const char *what;
	size_t k;

	(void)m;
	if (i < 0)
		return NULL;
	o = &s->steps.v[i];
	k = deciding_wait(p, o);
	what = arena_printf(p->a, "step %lld: %s does not wait for %s, which "
	                    "decides", (long long)i, o->run, o->after.v[k].run);
	o->after.n--;
	memmove(&o->after.v[k], &o->after.v[k + 1],
	        (o->after.n - k) * sizeof *o->after.v);
	return what;
}
