/* What is drawn over the bars: barriers and launches, what held whom up, and
 * the chain of rTasks that the end hangs on. */
#include <stdlib.h>

#include "verify/gantt_draw.h"

enum { WAITS_MAX = 120, PHASES_MAX = GANTT_PLOT / 6 };

/* Where a bar is: its middle. */
static double
middle(const struct draw *g, const struct bar *b)
{
	return draw_y(g, b->veu) + g->row / 2;
}

static bool
row_in_view(const struct draw *g, const struct bar *b)
{
	return g->v0 <= b->veu && b->veu <= g->v1;
}

static bool
time_in_view(const struct draw *g, double us)
{
	return g->t0 <= spent_ns(us) && spent_ns(us) <= g->t1;
}

/* --- barriers and launches ---------------------------------------------- */

static bool
phase_in_view(const struct draw *g, const struct phase_times *x)
{
	return g->t0 <= x->begin && x->begin <= g->t1;
}

size_t
draw_hidden(const struct draw *g)
{
	size_t n = 0, barriers = 0;

	for (size_t i = 0; i < g->s->phases.n; i++) {
		const struct phase_times *x = &g->s->phases.v[i];

		n += phase_in_view(g, x);
		barriers += phase_in_view(g, x) && !x->launch;
	}
	return n > PHASES_MAX ? barriers : 0;
}

void
draw_phases(const struct draw *g)
{
	const struct spent *s = g->s;
	bool hidden = draw_hidden(g) > 0;

	for (size_t i = 0; i < s->phases.n; i++) {
		const struct phase_times *x = &s->phases.v[i];
		int64_t from = i ? x[-1].end : 0;

		if (!phase_in_view(g, x) || (!x->launch && hidden))
			continue;
		fprintf(g->to, "<line class=\"%s\" x1=\"%.2f\" y1=\"%d\" "
		        "x2=\"%.2f\" y2=\"%.1f\"><title>%s: %.3f to %.3f us"
		        "</title></line>\n", x->launch ? "l" : "r",
		        draw_x(g, x->begin), GANTT_TOP - 4,
		        draw_x(g, x->begin), draw_bottom(g) + 4,
		        x->launch ? "launch" : "barrier",
		        spent_us(from), spent_us(x->begin));
	}
}

/* --- waits -------------------------------------------------------------- */

struct held {			/* a bar that its late one held up */
	int bar, late, rop;
	int64_t ns;
};

/* Those that one bar held up, of one rOperator, together; longest first. */
static int
by_late(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->late != y->late)
		return x->late < y->late ? -1 : 1;
	if (x->rop != y->rop)
		return x->rop < y->rop ? -1 : 1;
	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return (x->bar > y->bar) - (x->bar < y->bar);
}

static int
by_ns(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return (x->bar > y->bar) - (x->bar < y->bar);
}

static size_t
find_held(struct draw *g, struct held *v)
{
	const struct spent *s = g->s;
	size_t n = 0, m = 0;

	for (size_t i = 0; i < s->t->bars.n; i++) {
		const struct bar *b = &s->t->bars.v[i], *late;

		if (s->gap[i].dependency == 0)
			continue;
		late = &s->t->bars.v[s->late[i]];
		if (row_in_view(g, b) && row_in_view(g, late) &&
		    time_in_view(g, b->begin_us) &&
		    time_in_view(g, late->end_us))
			v[n++] = (struct held){(int)i, s->late[i], b->rop,
				s->gap[i].dependency};
	}
	if (!g->thin)
		return n;
	qsort(v, n, sizeof *v, by_late);
	for (size_t i = 0; i < n; i++)	/* one arrow stands for all */
		if (m == 0 || v[m - 1].late != v[i].late ||
		    v[m - 1].rop != v[i].rop)
			v[m++] = v[i];
	return m;
}

void
draw_waits(struct draw *g)
{
	const struct timeline *t = g->s->t;
	struct held *v = arena_array(&g->a, t->bars.n + 1, sizeof *v);
	size_t n = find_held(g, v);

	qsort(v, n, sizeof *v, by_ns);
	for (size_t i = 0; i < n && i < WAITS_MAX; i++) {
		const struct bar *b = &t->bars.v[v[i].bar];
		const struct bar *from = &t->bars.v[v[i].late];

		fprintf(g->to, "<path class=\"w\" d=\"M%.2f %.1fL%.2f %.1f\" "
		        "marker-end=\"url(#tip)\"/>\n",
		        draw_x(g, spent_ns(from->end_us)), middle(g, from),
		        draw_x(g, spent_ns(b->begin_us)), middle(g, b));
	}
}

/* --- the chain ---------------------------------------------------------- */

static bool
bar_in_view(const struct draw *g, const struct bar *b)
{
	return row_in_view(g, b) && spent_ns(b->end_us) >= g->t0 &&
		spent_ns(b->begin_us) <= g->t1;
}

/* From one of its bars to the next. */
static void
links(const struct draw *g, const struct ints *bars)
{
	const struct timeline *t = g->s->t;

	fputs("<path class=\"c\" d=\"", g->to);
	for (size_t i = bars->n; i-- > 1;) {
		const struct bar *a = &t->bars.v[bars->v[i]];
		const struct bar *b = &t->bars.v[bars->v[i - 1]];

		if (a->veu != b->veu && bar_in_view(g, a) && bar_in_view(g, b))
			fprintf(g->to, "M%.2f %.1fL%.2f %.1f",
			        draw_x(g, spent_ns(a->end_us)), middle(g, a),
			        draw_x(g, spent_ns(b->begin_us)), middle(g, b));
	}
	fputs("\"/>\n", g->to);
}

void
draw_chain(struct draw *g)
{
	const struct timeline *t = g->s->t;
	struct ints bars;

	spent_chain(g->s, &g->a, &bars);
	links(g, &bars);
	fputs("<path class=\"k\" d=\"", g->to);
	for (size_t i = bars.n; i-- > 0;) {
		const struct bar *b = &t->bars.v[bars.v[i]];
		int64_t from = spent_ns(b->begin_us), to = spent_ns(b->end_us);

		if (bar_in_view(g, b))
			fprintf(g->to, "M%.2f %.1fH%.2f",
			        draw_x(g, from < g->t0 ? g->t0 : from),
			        middle(g, b),
			        draw_x(g, to > g->t1 ? g->t1 : to));
	}
	fputs("\"/>\n", g->to);
}
