/* The order that goes on with the weights that were read last.
 *
 * A model may read the same constant at many places: a layer's weights at each step
 * of a recurrence.  Of the rOperators that may run, the next is one that reads the
 * constant that was read last, else one that reads the constant before that, and
 * so on; then the first in the model that is about other things; and only then
 * one that begins with a constant that others will read too.  So a constant is
 * done with, as far as the data flow allows, before the next one takes its place in
 * a cache, however large either is. */
#include "base/diag.h"
#include "base/heap.h"
#include "rkernel/plan.h"

struct reused {			/* a constant that several rOperators are about */
	struct heap ready;	/* those of them that may run */
	int left;		/* that have not run */
	int prev, next;		/* constants that were read, and are to be read
				 * again; -1: none */
	bool read;
};

struct order {
	const struct plan *p;
	int *about;		/* [rop] the constant, or -1 */
	struct reused *of;	/* [tensor] */
	int last;		/* the constant that was read last, or -1 */
	struct heap others;	/* that may run, and are about no constant */
	struct heap first;	/* that may run, and began with one */
	int *left;		/* [rop] predecessors that have not run */
};

/* The constant that is the largest of what an rOperator touches, or -1.  (Parts of
 * one constant are different ones.) */
static int
about(const struct plan *p, const struct prop *r)
{
	const struct ptensor *t = p->tensors.v;
	int best = -1;

	for (size_t k = 0; k < r->args.n; k++)
		if (best < 0 || t[r->args.v[k].tensor].bytes > t[best].bytes)
			best = r->args.v[k].tensor;
	return best >= 0 && (t[best].kind == PT_CONST ||
	                     t[best].kind == PT_PACKED) ? best : -1;
}

int *
plan_reused(const struct plan *p, struct arena *a)
{
	int *of = arena_array(a, p->rops.n + 1, sizeof *of);
	int *count = arena_array(a, p->tensors.n + 1, sizeof *count);

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		of[i] = r->rop->init ? -1 : about(p, r);
		if (of[i] >= 0)
			count[of[i]]++;
	}
	for (size_t i = 0; i < p->rops.n; i++)
		if (of[i] >= 0 && count[of[i]] < 2)
			of[i] = -1;
	return of;
}

/* --- the order of rOperators --------------------------------------------- */

static void
init(struct order *o, const struct plan *p, struct arena *a)
{
	size_t n = p->rops.n, nt = p->tensors.n;

	*o = (struct order){.p = p, .last = -1, .about = plan_reused(p, a)};
	o->of = arena_array(a, nt + 1, sizeof *o->of);
	o->left = arena_array(a, n + 1, sizeof *o->left);
	heap_init(&o->others, n, a);
	heap_init(&o->first, n, a);
	for (size_t i = 0; i < n; i++) {
		o->left[i] = (int)p->rops.v[i].preds.n;
		if (o->about[i] >= 0)
			o->of[o->about[i]].left++;
	}
	for (size_t i = 0; i < nt; i++)
		if (o->of[i].left > 1)
			heap_init(&o->of[i].ready, (size_t)o->of[i].left, a);
}

static void
make_ready(struct order *o, int rop)
{
	int c = o->about[rop];

	if (c < 0) {
		heap_push(&o->others, rop, rop);
		return;
	}
	heap_push(&o->of[c].ready, rop, rop);
	if (!o->of[c].read)
		heap_push(&o->first, rop, rop);
}

static void
drop(struct order *o, int c)
{
	struct reused *x = &o->of[c];

	if (x->prev >= 0)
		o->of[x->prev].next = x->next;
	else
		o->last = x->next;
	if (x->next >= 0)
		o->of[x->next].prev = x->prev;
}

static void
read_now(struct order *o, int c)
{
	struct reused *x = &o->of[c];

	if (x->read)
		drop(o, c);
	x->read = true;
	if (--x->left == 0)
		return;
	x->prev = -1;
	x->next = o->last;
	if (o->last >= 0)
		o->of[o->last].prev = c;
	o->last = c;
}

/* The next that runs, or -1. */
static int
next(struct order *o)
{
	int rop;

	for (int c = o->last; c >= 0; c = o->of[c].next)
		if (o->of[c].ready.n)
			return heap_pop(&o->of[c].ready);
	if (o->others.n)
		return heap_pop(&o->others);
	while (o->first.n) {
		rop = heap_pop(&o->first);
		if (!o->of[o->about[rop]].read)
			return heap_pop(&o->of[o->about[rop]].ready);
	}
	return -1;
}

int *
plan_reuse_order(const struct plan *p, struct arena *a)
{
	int *at = arena_array(a, p->rops.n + 1, sizeof *at);
	struct order o;
	size_t n = 0;

	init(&o, p, a);
	for (size_t i = 0; i < p->rops.n; i++)
		if (o.left[i] == 0)
			make_ready(&o, (int)i);
	for (int rop; (rop = next(&o)) >= 0; at[n++] = rop) {
		const struct prop *r = &p->rops.v[rop];

		if (o.about[rop] >= 0)
			read_now(&o, o.about[rop]);
		for (size_t k = 0; k < r->succs.n; k++)
			if (--o.left[r->succs.v[k]] == 0)
				make_ready(&o, r->succs.v[k]);
	}
	if (n != p->rops.n)
		BUG("%zu of %zu rOperators have an order", n, p->rops.n);
	return at;
}
