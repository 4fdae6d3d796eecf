/* rOperators of equal depth side by side, as Rammer does: each wave shares
 * the vEUs out in proportion to the work, and the next one follows. */
#include "policy/policy.h"

struct item {			/* an rOperator of the wave */
	int rop;
	int64_t n;		/* rTasks */
	double us;		/* of one */
	int64_t veus;		/* given to it */
	double share;		/* what share() says: it is asked often */
	int64_t first;
};

struct wave {
	VEC(struct item) v;
};

/* 1 + the greatest depth of those it follows. */
static int
depths(const struct plan *p, int *depth)
{
	int most = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->preds.n; k++)
			if (!p->rops.v[r->preds.v[k]].rop->init &&
			    depth[i] <= depth[r->preds.v[k]])
				depth[i] = depth[r->preds.v[k]] + 1;
		if (depth[i] > most)
			most = depth[i];
	}
	return most;
}

static double
share(const struct item *i)
{
	return i->us * (double)i->n / (double)i->veus;
}

static double
rounds(const struct item *i)
{
	return i->us * (double)((i->n + i->veus - 1) / i->veus);
}

/* The slower of two, the first of equals; what can use no more vEUs last. */
static bool
is_slower(const struct item *x, const struct item *y)
{
	bool more = x->veus < x->n;

	if (more != (y->veus < y->n))
		return more;
	return x->share != y->share ? x->share > y->share : x < y;
}

/* Moves the item at heap[i] down to its place; above it none is faster. */
static void
sift(struct item **heap, size_t n, size_t i)
{
	struct item *x = heap[i];

	for (size_t k; (k = 2 * i + 1) < n; i = k) {
		if (k + 1 < n && is_slower(heap[k + 1], heap[k]))
			k++;
		if (!is_slower(heap[k], x))
			break;
		heap[i] = heap[k];
	}
	heap[i] = x;
}

/* Side by side: each gets vEUs of its own, one more at a time to whoever is
 * slowest.  Returns how long the wave takes. */
static double
side_by_side(struct wave *w, int64_t width, struct item **heap)
{
	int64_t left = width - (int64_t)w->v.n, at = 0;
	double t = 0;

	for (size_t i = 0; i < w->v.n; i++) {
		w->v.v[i].veus = 1;
		w->v.v[i].share = share(&w->v.v[i]);
		heap[i] = &w->v.v[i];
	}
	for (size_t i = w->v.n; i-- > 0;)
		sift(heap, w->v.n, i);
	for (; left > 0 && heap[0]->veus < heap[0]->n; left--) {
		heap[0]->veus++;
		heap[0]->share = share(heap[0]);
		sift(heap, w->v.n, 0);
	}
	for (size_t i = 0; i < w->v.n; i++) {
		w->v.v[i].first = at;
		at += w->v.v[i].veus;
		if (rounds(&w->v.v[i]) > t)
			t = rounds(&w->v.v[i]);
	}
	return t;
}

static int
by_work(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	double p = x->us * (double)x->n, q = y->us * (double)y->n;

	if (p != q)
		return p > q ? -1 : 1;
	return x->rop < y->rop ? -1 : x->rop > y->rop;
}

static int
by_rop(const void *a, const void *b)
{
	return ((const struct item *)a)->rop - ((const struct item *)b)->rop;
}

/* Stacked: those with more than a vEU's share of the work go over all vEUs,
 * the others each whole to the vEU that has least. */
static double
stacked(struct wave *w, int64_t width, double *load)
{
	double sum = 0, t = 0;

	for (size_t i = 0; i < w->v.n; i++)
		sum += w->v.v[i].us * (double)w->v.v[i].n;
	for (int64_t v = 0; v < width; v++)
		load[v] = 0;
	qsort(w->v.v, w->v.n, sizeof *w->v.v, by_work);
	for (size_t i = 0; i < w->v.n; i++) {
		struct item *o = &w->v.v[i];
		bool large = o->us * (double)o->n > sum / (double)width;

		o->first = 0;
		o->veus = large ? (o->n < width ? o->n : width) : 1;
		for (int64_t v = 1; v < width && !large; v++)
			if (load[v] < load[o->first])
				o->first = v;
		for (int64_t v = o->first; v < o->first + o->veus; v++) {
			load[v] += rounds(o);
			if (load[v] > t)
				t = load[v];
		}
	}
	qsort(w->v.v, w->v.n, sizeof *w->v.v, by_rop);
	return t;
}

static void
place(struct plan *p, struct schedule *out, struct wave *w, int64_t width,
      double *load, struct item **heap, struct diag *d)
{
	double t = stacked(w, width, load);

	if ((int64_t)w->v.n <= width) {
		struct wave s = {0};

		for (size_t i = 0; i < w->v.n; i++)
			vec_push(p->a, &s.v, w->v.v[i]);
		if (side_by_side(&s, width, heap) <= t)
			*w = s;
	}
	for (size_t i = 0; i < w->v.n; i++) {
		const struct item *o = &w->v.v[i];

		sched_run(p, out, o->rop, 0, o->n - 1, o->first,
		          o->first + o->veus - 1);
		diag_explain(d, "%s: %lld rTasks of %.3g us on vEUs %lld..%lld "
		             "of a wave of %zu", p->rops.v[o->rop].rop->run,
		             (long long)o->n, o->us, (long long)o->first,
		             (long long)(o->first + o->veus - 1), w->v.n);
	}
}

static int
plan(struct plan *p, const struct policy_options *o, struct schedule *out,
     struct diag *d)
{
	int *depth = arena_array(p->a, p->rops.n + 1, sizeof *depth);
	struct wave *waves;
	struct item **heap;
	double *load;
	int64_t width;
	int n;

	if (choose_kernels(p, o, out, d) < 0)
		return -1;
	width = sched_width(p, o);
	n = depths(p, depth) + 1;
	waves = arena_array(p->a, (size_t)n, sizeof *waves);
	load = arena_array(p->a, (size_t)width, sizeof *load);
	heap = arena_array(p->a, (size_t)width, sizeof *heap);
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		if (sched_places(p, (int)i))
			vec_push(p->a, &waves[depth[i]].v, ((struct item){
				.rop = (int)i, .n = r->ntasks,
				.us = p->device->task_us +
				      task_us(p, (int)i, r->cand, o->costs)}));
	}
	sched_launch(p, out, width);
	for (int i = 0; i < n; i++)
		if (waves[i].v.n)
			place(p, out, &waves[i], width, load, heap, d);
	return 0;
}

const struct policy policy_wavefront = {
	.name = "wavefront",
	.doc = "rOperators of equal depth side by side, vEUs shared by work",
	.plan = plan,
};
