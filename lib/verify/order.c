/* The order of tensors, for whoever shares memory between them.
 *
 * Every access to x comes before every one to y exactly if, on each vEU, the
 * last access to x is no later than what all accesses to y have seen: so two
 * arrays a tensor are enough. */
#include "verify/check.h"

struct span {			/* of a tensor that lies in no other */
	bool any;
	int first_phase, last_phase;
	int32_t *last;		/* [veu] last access */
	int32_t *seen;		/* [veu] what every access has seen */
	bool flat;		/* seen is the base of first_phase: no less */
	int32_t seq;		/* of its first access in the walk */
};

struct order {
	const struct flow *f;
	struct span *spans;	/* [tensor] */
	int32_t clock;
};

static void
span_begin(struct order *o, struct span *s, const struct walk *w)
{
	size_t n = (size_t)o->f->width + 1;

	s->any = true;
	s->seq = o->clock++;
	s->first_phase = w->phase;
	s->last = arena_array(o->f->a, n, sizeof *s->last);
	s->seen = arena_array(o->f->a, n, sizeof *s->seen);
	for (size_t v = 0; v < n; v++)
		s->seen[v] = INT32_MAX;
}

/* Phases begin with all that went before: only accesses of the first one can
 * lower what has been seen. */
static void
span_see(struct span *s, const struct walk *w, int64_t veu)
{
	int64_t n = w->f->width;

	if (s->first_phase != w->phase || s->flat)
		return;
	s->flat = true;
	for (int64_t v = 0; v < n; v++) {
		int32_t k = walk_seen(w, veu, v);

		if (s->seen[v] > k)
			s->seen[v] = k;
		if (s->seen[v] > w->base[v])
			s->flat = false;
	}
}

static void
touch(void *ctx, const struct walk *w, const struct fstep *st, int64_t task,
      int64_t veu)
{
	struct order *o = ctx;
	const struct prop *r = &o->f->p->rops.v[st->rop];

	(void)task;
	for (size_t i = 0; i < r->args.n; i++) {
		int root = o->f->p->tensors.v[r->args.v[i].tensor].root;
		struct span *s = &o->spans[root];

		if (!s->any)
			span_begin(o, s, w);
		span_see(s, w, veu);
		s->last_phase = w->phase;
		s->last[veu] = w->done[veu] + 1;
	}
}

struct order *
order_of(const struct flow *f, struct diag *d)
{
	struct order *o = arena_new(f->a, struct order);
	struct walk w;

	o->f = f;
	o->spans = arena_array(f->a, f->p->tensors.n + 1, sizeof *o->spans);
	if (flow_walk(f, &w, touch, o) < 0) {
		report_deadlock(&w, d);
		return NULL;
	}
	return o;
}

struct order *
order_make(struct plan *p, const struct schedule *s, struct arena *a,
           struct diag *d)
{
	struct flow *f = arena_new(a, struct flow);

	return flow_make(f, p, s, a, d) < 0 ? NULL : order_of(f, d);
}

bool
order_tensors(const struct order *o, int x, int y)
{
	const struct span *a = &o->spans[x], *b = &o->spans[y];

	if (!a->any || !b->any)
		return true;
	if (a->last_phase != b->first_phase)
		return a->last_phase < b->first_phase;
	for (int64_t v = 0; v < o->f->width; v++)
		if (a->last[v] > b->seen[v])
			return false;
	return true;
}

int64_t
order_first(const struct order *o, int x)
{
	return o->spans[x].any ? o->spans[x].seq : -1;
}
