/* The order of tensors, for whoever shares memory between them.
 *
 * Every access to x comes before every one to y exactly if, on each vEU, the
 * last access to x is no later than what all accesses to y have seen: so two
 * arrays a tensor are enough.  Most tensors are touched on few vEUs of many,
 * so those are listed. */
#include "verify/check.h"
#include "verify/clock.h"

struct span {			/* of a tensor that lies in no other */
	bool any;
	int first_phase, last_phase;
	int32_t *last;		/* [veu] last access; 0: none */
	VEC(struct fat) on;	/* the same where there is one; pos is set when
				 * the walk is over */
	int32_t *seen;		/* [veu] what every access has seen */
	bool flat;		/* seen is the base of first_phase: no less */
	int32_t seq;		/* among tensors, by their first access */
};

struct when {			/* of a tensor's accesses: decides most pairs */
	int32_t first, last;	/* as numbers of visits in the walk, from 1 */
	int32_t before;		/* every one has seen all visits up to this */
};

struct order {
	const struct flow *f;
	struct span *spans;	/* [tensor] */
	struct when *when;	/* [tensor] of one that no rTask touches: its
				 * last is 0, the others are beyond all */
	int32_t clock;		/* tensors touched so far */
	int32_t visits;		/* rTasks visited so far */
	int32_t *visit;		/* [row] its visit, from 1 */
};

static void
span_begin(struct order *o, struct span *s, const struct walk *w)
{
	size_t n = (size_t)w->wide;

	s->any = true;
	s->seq = o->clock++;
	s->first_phase = w->phase;
	s->last = arena_array(o->f->a, n, sizeof *s->last);
	s->seen = arena_array(o->f->a, n, sizeof *s->seen);
	for (size_t v = 0; v < n; v++)
		s->seen[v] = INT32_MAX;
}

/* seen becomes the least of it and of what k knows; returns whether more than
 * the base is left. */
static bool
lower(int32_t *restrict seen, const int32_t *restrict k,
      const int32_t *restrict base, int64_t wide)
{
	int32_t over = 0;

	for (; wide > 0; wide -= CLOCK_LANES, seen += CLOCK_LANES,
	     k += CLOCK_LANES, base += CLOCK_LANES)
		for (int i = 0; i < CLOCK_LANES; i++) {
			seen[i] = seen[i] < k[i] ? seen[i] : k[i];
			over |= seen[i] > base[i];
		}
	return over;
}

/* Phases begin with all that went before: only accesses of the first one can
 * lower what has been seen, and of a vEU only its first: it never forgets. */
static void
span_see(struct span *s, const struct walk *w, int64_t veu)
{
	const int32_t *base = w->base;
	const int32_t *k = w->stamp[veu] == w->phase ? w->clock[veu] : base;
	int32_t own = w->done[veu];	/* its clock may say less of itself */
	bool over;

	if (s->first_phase != w->phase || s->flat || s->last[veu] > base[veu])
		return;
	if (own > s->seen[veu])
		own = s->seen[veu];
	over = lower(s->seen, k, base, w->wide);
	s->seen[veu] = own;
	s->flat = !over && own <= base[veu];
}

static void
touch(void *ctx, const struct walk *w, const struct fstep *st, int64_t task,
      int64_t veu)
{
	struct order *o = ctx;
	const struct prop *r = &o->f->p->rops.v[st->rop];

	(void)task;
	o->visit[o->f->veu_row[veu] + (size_t)w->done[veu]] = ++o->visits;
	for (size_t i = 0; i < r->args.n; i++) {
		int root = o->f->p->tensors.v[r->args.v[i].tensor].root;
		struct span *s = &o->spans[root];

		if (!s->any) {
			span_begin(o, s, w);
			o->when[root].first = o->visits;
		}
		span_see(s, w, veu);
		s->last_phase = w->phase;
		o->when[root].last = o->visits;
		if (!s->last[veu])
			vec_push(o->f->a, &s->on,
			         ((struct fat){(int32_t)veu, 0}));
		s->last[veu] = w->done[veu] + 1;
	}
}

static void
span_end(const struct order *o, struct span *s, struct when *when)
{
	const size_t *row = o->f->veu_row;
	int32_t next = INT32_MAX;

	for (size_t i = 0; i < s->on.n; i++)
		s->on.v[i].pos = s->last[s->on.v[i].veu];
	for (int64_t v = 0; s->any && v < o->f->width; v++) {
		size_t k = row[v] + (size_t)s->seen[v];

		if (k < row[v + 1] && o->visit[k] < next)
			next = o->visit[k];
	}
	when->before = next - 1;
}

struct order *
order_of(const struct flow *f, struct diag *d)
{
	struct order *o = arena_new(f->a, struct order);
	struct walk w;

	o->f = f;
	o->spans = arena_array(f->a, f->p->tensors.n + 1, sizeof *o->spans);
	o->visit = arena_array(f->a, f->nrtasks + 1, sizeof *o->visit);
	o->when = arena_array(f->a, f->p->tensors.n + 1, sizeof *o->when);
	for (size_t i = 0; i < f->p->tensors.n; i++)
		o->when[i].first = INT32_MAX;
	if (flow_walk(f, &w, touch, o) < 0) {
		report_deadlock(&w, d);
		return NULL;
	}
	for (size_t i = 0; i < f->p->tensors.n; i++)
		span_end(o, &o->spans[i], &o->when[i]);
	return o;
}

struct order *
order_make(struct plan *p, const struct schedule *s, struct arena *a,
           struct diag *d)
{
	struct flow *f = arena_new(a, struct flow);

	return flow_make(f, p, s, a, d) < 0 ? NULL : order_of(f, d);
}

/* The same for tensors of which the walk met all of x before y. */
static bool
spans_ordered(const struct span *a, const struct span *b)
{
	if (a->last_phase != b->first_phase)
		return a->last_phase < b->first_phase;
	for (size_t i = 0; i < a->on.n; i++)
		if (a->on.v[i].pos > b->seen[a->on.v[i].veu])
			return false;
	return true;
}

bool
order_tensors(const struct order *o, int x, int y)
{
	const struct when *a = &o->when[x], *b = &o->when[y];

	if (a->last >= b->first)	/* the walk agrees with the order */
		return false;
	return a->last <= b->before ||
		spans_ordered(&o->spans[x], &o->spans[y]);
}

bool
order_either(const struct order *o, int x, int y)
{
	if (o->when[x].last < o->when[y].first)
		return order_tensors(o, x, y);
	return order_tensors(o, y, x);
}

int64_t
order_first(const struct order *o, int x)
{
	return o->spans[x].any ? o->spans[x].seq : -1;
}
