/* Holes in what rTasks write, made and found the plain way: an array of bytes
 * for each storage, set and looked at element by element. */
#include "holes.h"

#include <stdlib.h>

#include "base/str.h"

/* --- making one ------------------------------------------------------------------ */

/* The last dimension of a grid that has more than one rTask, or NULL: without
 * its end, those that stay keep their numbers. */
static int64_t *
last_of(const struct candidate *c)
{
	for (size_t i = c->grid.n; c->writes.n && i-- > 0;)
		if (c->grid.v[i] > 1)
			return &c->grid.v[i];
	return NULL;
}

static bool
uses(const struct plan *p, const struct candidate *c, const char *run)
{
	return p->rops.v[map_get(&p->rop_by_name, run)].cand == c;
}

/* Keeps rTasks below n of those that use c. */
static bool
clip(const struct plan *p, const struct candidate *c, const char *run,
     int64_t n, int64_t lo, int64_t *hi)
{
	if (!uses(p, c, run))
		return true;
	if (*hi >= n)
		*hi = n - 1;
	return *hi < 0 || lo <= *hi;
}

static void
clip_steps(const struct plan *p, struct schedule *s, const struct candidate *c,
           int64_t tasks)
{
	size_t n = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		struct step o = s->steps.v[i];
		size_t waits = 0;

		for (size_t k = 0; k < o.after.n; k++) {
			if (uses(p, c, o.after.v[k].run) &&
			    o.after.v[k].tasks.text)
				o.after.v[k].tasks = (struct irange){.hi = -1};
			if (clip(p, c, o.after.v[k].run, tasks,
			         o.after.v[k].tasks.lo,
			         &o.after.v[k].tasks.hi))
				o.after.v[waits++] = o.after.v[k];
		}
		o.after.n = waits;
		if (!o.run || clip(p, c, o.run, tasks, o.tasks.lo, &o.tasks.hi))
			s->steps.v[n++] = o;
	}
	s->steps.n = n;
}

const char *
hole_make(struct plan *p, struct schedule *s, struct rng *r, struct hole *h)
{
	struct prop *o;
	struct diag quiet = {.suppressed = 1};
	int64_t *last, tasks;

	if (plan_choose(p, s, &quiet) < 0)
		return NULL;
	o = &p->rops.v[draw(r, (int64_t)p->rops.n)];
	last = last_of(o->cand);
	if (!last)
		return NULL;
	*h = (struct hole){last, *last};
	*last -= 1 + draw(r, *last - 1);
	tasks = o->ntasks / h->was * *last;
	clip_steps(p, s, o->cand, tasks);
	return arena_printf(p->a, "%s by %s has %lld rTasks, not %lld",
	                    o->rop->run, o->cand->use, (long long)tasks,
	                    (long long)o->ntasks);
}

void
hole_undo(const struct hole *h)
{
	*h->at = h->was;
}

/* --- finding one ------------------------------------------------------------------ */

/* Sets the elements of a box, or tells whether all are set. */
static bool
each_element(const struct box *b, const struct ints *shape, unsigned char *at,
             bool set)
{
	int64_t index[BOX_DIMS];
	int k;

	if (box_empty(b))
		return true;
	for (k = 0; k < b->nd; k++)
		index[k] = b->lo[k];
	for (;;) {
		int64_t e = 0;

		for (k = 0; k < b->nd; k++)
			e = e * shape->v[k] + index[k];
		if (set)
			at[e] = 1;
		else if (!at[e])
			return false;
		for (k = b->nd - 1; k >= 0 && ++index[k] == b->hi[k]; k--)
			index[k] = b->lo[k];
		if (k < 0)
			return true;
	}
}

/* All arguments that lie in a root and are written, or are read. */
static const char *
each_argument(const struct plan *p, int root, unsigned char *at, bool set)
{
	struct arena tmp;
	const char *bad = NULL;

	for (size_t i = 0; i < p->rops.n && !bad; i++)
		for (size_t k = 0; k < p->rops.v[i].args.n && !bad; k++) {
			const struct prop *r = &p->rops.v[i];
			const struct ptensor *t =
				&p->tensors.v[r->args.v[k].tensor];
			int64_t from = t->offset /
				(int64_t)dtype_bytes(t->type);

			if (t->root != root || parg_written(r, k) != set)
				continue;
			arena_init(&tmp);
			for (int64_t u = 0; u < r->ntasks; u++) {
				struct boxes b = {0};

				plan_boxes(p, (int)i, k, u, &tmp, &b);
				for (size_t x = 0; x < b.n; x++)
					if (!each_element(&b.v[x],
					    &r->args.v[k].stored, at + from, set))
						bad = r->rop->run;
			}
			arena_release(&tmp);
		}
	return bad;
}

/* A byte for each element of the root: whether it is written. */
static unsigned char *
written_of(const struct plan *p, int root)
{
	unsigned char *at = calloc((size_t)p->tensors.v[root].elems + 1, 1);

	if (!at)
		abort();
	each_argument(p, root, at, true);
	return at;
}

static const char *
find_in(const struct plan *p, int root)
{
	const struct ptensor *t = &p->tensors.v[root];
	unsigned char *at;
	const char *reader = NULL;
	bool all = true;

	if (t->root != root || t->kind == PT_INPUT || t->kind == PT_CONST ||
	    !t->used)
		return NULL;
	at = written_of(p, root);
	for (int64_t i = 0; i < t->elems; i++)
		all &= at[i];
	if (t->kind == PT_OUTPUT || t->kind == PT_STATE)
		reader = all ? NULL : "the caller";
	else
		reader = each_argument(p, root, at, false);
	free(at);
	return reader ? arena_printf(p->a, "%s reads of '%s' what nobody writes",
	                             reader, t->name) : NULL;
}

bool
hole_trips(const struct plan *p, const struct witness_pair *w)
{
	const struct ptensor *t = &p->tensors.v[w->root];
	int64_t elem = w->lo / (int64_t)dtype_bytes(t->type);
	unsigned char *at = written_of(p, w->root);
	bool hole = !at[elem], needed;

	/* who needs what is not marked: mark all but the one at stake */
	memset(at, 1, (size_t)t->elems);
	at[elem] = 0;
	needed = w->p < 0 ? t->kind == PT_OUTPUT || t->kind == PT_STATE :
		each_argument(p, w->root, at, false) != NULL;
	free(at);
	return hole && needed;
}

const char *
hole_find(const struct plan *p)
{
	const char *what = NULL;

	for (size_t i = 0; i < p->tensors.n && !what; i++)
		what = find_in(p, (int)i);
	return what;
}
