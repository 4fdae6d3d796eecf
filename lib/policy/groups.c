/* vEUs shared out among groups, in one of two ways: side by side, one vEU more
 * at a time to whoever is slowest; or stacked, where those with much work go
 * over all vEUs and the others each whole to the vEU that has least. */
#include "policy/groups.h"

#include <math.h>
#include <stdlib.h>

struct member
member_of(const struct plan *p, int rop, const struct policy_options *o)
{
	const struct prop *r = &p->rops.v[rop];

	return (struct member){
		.rop = rop, .n = r->ntasks,
		.us = p->device->task_us + task_us(p, rop, r->cand, o->costs),
	};
}

struct group
group_of(const struct member *v, size_t n)
{
	struct group g = {.v = v, .n = n};

	for (size_t i = 0; i < n; i++) {
		g.work += v[i].us * (double)v[i].n;
		if (g.most < v[i].n)
			g.most = v[i].n;
	}
	return g;
}

void
groups_room_init(struct groups_room *m, const struct plan *p, int64_t width)
{
	size_t n = (size_t)width + 1;

	*m = (struct groups_room){.width = width,
	                          .sync_us = p->device->counter_us};
	heap_init(&m->slowest, n, p->a);
	m->side = arena_array(p->a, n, sizeof *m->side);
	m->load = arena_array(p->a, n, sizeof *m->load);
}

/* How long a group takes on the vEUs that it has. */
static double
span(const struct groups_room *m, const struct group *g)
{
	double t = g->veus > 1 ? (double)(g->n - 1) * m->sync_us : 0;

	for (size_t i = 0; i < g->n; i++)
		t += g->v[i].us * (double)((g->v[i].n + g->veus - 1) / g->veus);
	return t;
}

/* --- side by side -------------------------------------------------------- */

/* The slowest first; those that can use no more vEUs last. */
static double
key_of(const struct group *g)
{
	return g->veus < g->most ? -g->share : INFINITY;
}

static void
give(struct group *g, int64_t veus)
{
	g->veus = veus;
	g->share = g->work / (double)veus;
}

static double
side_by_side(struct groups_room *m, struct group *g, size_t n)
{
	int64_t left = m->width - (int64_t)n, at = 0;
	struct heap *h = &m->slowest;
	double t = 0;

	h->n = 0;
	for (size_t i = 0; i < n; i++) {
		give(&g[i], 1);
		heap_push(h, key_of(&g[i]), (int)i);
	}
	for (; left > 0 && h->v[0].key < INFINITY; left--) {
		struct group *slow = &g[h->v[0].id];

		give(slow, slow->veus + 1);
		heap_rekey(h, key_of(slow));
	}
	for (size_t i = 0; i < n; i++) {
		double us = span(m, &g[i]);

		g[i].first = at;
		at += g[i].veus;
		if (us > t)
			t = us;
	}
	return t;
}

/* --- stacked ------------------------------------------------------------- */

static int
by_work(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->work != y->work)
		return x->work > y->work ? -1 : 1;
	return x->v->rop < y->v->rop ? -1 : x->v->rop > y->v->rop;
}

static int
by_rop(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->v->rop - y->v->rop;
}

static double
stacked(struct groups_room *m, struct group *g, size_t n)
{
	double *load = m->load, sum = 0, t = 0;

	for (size_t i = 0; i < n; i++)
		sum += g[i].work;
	for (int64_t v = 0; v < m->width; v++)
		load[v] = 0;
	qsort(g, n, sizeof *g, by_work);
	for (size_t i = 0; i < n; i++) {
		struct group *o = &g[i];
		bool large = o->work > sum / (double)m->width;

		o->first = 0;
		give(o, !large ? 1 : o->most < m->width ? o->most : m->width);
		for (int64_t v = 1; v < m->width && !large; v++)
			if (load[v] < load[o->first])
				o->first = v;
		for (int64_t v = o->first; v < o->first + o->veus; v++) {
			load[v] += span(m, o);
			if (load[v] > t)
				t = load[v];
		}
	}
	qsort(g, n, sizeof *g, by_rop);
	return t;
}

double
groups_place(struct groups_room *m, struct group *g, size_t n)
{
	double t = stacked(m, g, n), side;

	if ((int64_t)n > m->width)
		return t;
	memcpy(m->side, g, n * sizeof *g);
	side = side_by_side(m, m->side, n);
	if (side > t)
		return t;
	memcpy(g, m->side, n * sizeof *g);
	return side;
}
