/* Bars, and the time that vEUs lose between them.
 *
 * A cell is what is drawn as one: an rTask or a stretch of lost time; or
 * several of one vEU, where each is narrower than "least"; and where rows are
 * thin, equal ones of neighbouring vEUs.  "least" grows until the picture is
 * small enough to be looked at. */
#include <math.h>

#include "verify/gantt_draw.h"

enum { CELLS_MAX = 8000, NAME_MAX_CHARS = 80 };

/* --- cells ---------------------------------------------------------------- */

struct making {			/* of one vEU's cells */
	struct draw *g;
	struct cell item;	/* being read: a bar has two stretches */
	bool any;
	struct cell run;	/* narrow ones so far: one cell */
	bool open;
	double time[NCAUSES];	/* px of the run; rTasks' under CAUSE_BUSY */
	double weight;		/* px: by how much run.rop leads */
	VEC(int) row, above;	/* cells of this vEU and of the one above it */
	size_t next;		/* in above */
};

static bool
alike(const struct cell *x, const struct cell *y)
{
	return x->cause == y->cause && x->rop == y->rop &&
		(x->nbars > 1) == (y->nbars > 1) &&
		fabs(x->x0 - y->x0) < 0.3 && fabs(x->x1 - y->x1) < 0.3 &&
		fabs(x->narrow - y->narrow) < 0.3 &&
		fabs(x->share - y->share) < 0.1;
}

/* Adds a cell, to the one above it if they are alike. */
static void
put_cell(struct making *m, const struct cell *c)
{
	struct draw *g = m->g;

	while (m->next < m->above.n &&
	       g->cells.v[m->above.v[m->next]].x1 < c->x0 + 1e-9)
		m->next++;
	if (g->thin && m->next < m->above.n) {
		int i = m->above.v[m->next];
		struct cell *x = &g->cells.v[i];

		if (alike(x, c)) {
			x->v1 = c->v1;
			x->nbars += c->nbars;
			vec_push(&g->a, &m->row, i);
			return;
		}
	}
	vec_push(&g->a, &m->row, (int)g->cells.n);
	vec_push(&g->a, &g->cells, *c);
}

static void
close_run(struct making *m)
{
	struct cell *c = &m->run;

	if (!m->open)
		return;
	m->open = false;
	if (c->nbars == 0) {
		for (int k = 0; k < NCAUSES; k++)
			if (m->time[k] > m->time[c->cause])
				c->cause = (enum cause)k;
	} else {
		c->cause = CAUSE_BUSY;
		c->share = c->x1 > c->x0
			? m->time[CAUSE_BUSY] / (c->x1 - c->x0) : 1;
	}
	c->narrow = c->x1;
	put_cell(m, c);
}

static void
add_to_run(struct making *m, const struct cell *c)
{
	double w = c->x1 - c->x0;

	if (!m->open) {
		m->run = *c;
		m->run.nbars = 0;
		m->open = true;
		m->weight = 0;
		for (int k = 0; k < NCAUSES; k++)
			m->time[k] = 0;
	}
	m->run.x1 = c->x1;
	m->time[c->cause] += w;
	if (c->nbars) {
		if (m->run.nbars++ == 0)
			m->run.bar = c->bar;
		if (m->weight <= 0)
			m->run.rop = c->rop;
		m->weight += m->run.rop == c->rop ? w : -w;
	}
	if (m->run.x1 - m->run.x0 >= m->g->least)
		close_run(m);
}

static void
end_item(struct making *m)
{
	if (!m->any)
		return;
	m->any = false;
	if (m->item.x1 - m->item.x0 < m->g->least) {
		add_to_run(m, &m->item);
		return;
	}
	close_run(m);
	put_cell(m, &m->item);
}

static void
take(void *ctx, const struct stretch *x)
{
	struct making *m = ctx;
	const struct draw *g = m->g;
	int64_t from = x->from < g->t0 ? g->t0 : x->from;
	int64_t to = x->to > g->t1 ? g->t1 : x->to;
	bool rtask = x->cause == CAUSE_BUSY || x->cause == CAUSE_BANDWIDTH;

	if (from >= to)
		return;
	if (rtask && m->any && m->item.nbars && m->item.bar == x->bar) {
		m->item.x1 = draw_x(g, to);	/* slowed down from here */
		return;
	}
	end_item(m);
	m->item = (struct cell){.x0 = draw_x(g, from), .x1 = draw_x(g, to),
		.v0 = x->veu, .v1 = x->veu, .rop = -1, .bar = -1,
		.cause = rtask ? CAUSE_BUSY : x->cause};
	m->any = true;
	m->item.narrow = m->item.x1;
	if (rtask) {
		if (x->cause == CAUSE_BANDWIDTH)
			m->item.narrow = m->item.x0;
		m->item.bar = x->bar;
		m->item.rop = g->s->t->bars.v[x->bar].rop;
		m->item.nbars = 1;
		m->item.share = 1;
	}
}

size_t
draw_count(const struct draw *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->cells.n; i++)
		n += g->cells.v[i].nbars > 0;
	return n;
}

/* How many are of rTasks. */
static size_t
make_cells(struct draw *g)
{
	struct making m = {.g = g};

	g->cells.n = 0;
	for (int64_t v = g->v0; v <= g->v1; v++) {
		m.next = 0;
		spent_walk(g->s, v, take, &m);
		end_item(&m);
		close_run(&m);
		m.above.n = 0;
		for (size_t i = 0; i < m.row.n; i++)
			vec_push(&g->a, &m.above, m.row.v[i]);
		m.row.n = 0;
	}
	return draw_count(g);
}

void
draw_cells(struct draw *g)
{
	size_t most = CELLS_MAX + 4 * (size_t)(g->v1 - g->v0 + 1);

	for (g->least = 0.5; make_cells(g) > most && g->least < GANTT_PLOT;)
		g->least *= 1.4;
}

/* --- lost time ------------------------------------------------------------ */

/* Cells as one path, which costs little. */
static void
box(const struct draw *g, double x0, double x1, const struct cell *c)
{
	double h = draw_y(g, c->v1 + 1) - draw_y(g, c->v0);

	putc('M', g->to);
	draw_num(g->to, x0);
	putc(' ', g->to);
	draw_num(g->to, draw_y(g, c->v0));
	putc('h', g->to);
	draw_num(g->to, x1 - x0);
	putc('v', g->to);
	draw_num(g->to, h);
	putc('h', g->to);
	draw_num(g->to, x0 - x1);
	fputs("z", g->to);
}

void
draw_lost(const struct draw *g)
{
	for (int k = CAUSE_DEPENDENCY; k < NCAUSES; k++) {
		size_t n = 0;

		for (size_t i = 0; i < g->cells.n; i++) {
			const struct cell *c = &g->cells.v[i];

			if (c->nbars || (int)c->cause != k)
				continue;
			fputs(n ? n % 8 ? "" : "\n" : "<path d=\"", g->to);
			box(g, c->x0, c->x1, c);
			n++;
		}
		if (n)
			fprintf(g->to, "\" fill=\"url(#%s)\"><title>%s</title>"
			        "</path>\n", cause_words[k], cause_words[k]);
	}
}

/* --- bars ----------------------------------------------------------------- */

static void
title_wait(const struct draw *g, int bar)
{
	const struct spent *s = g->s;
	const struct gap *w = &s->gap[bar];
	const struct bar *late = s->late[bar] < 0 ? NULL :
		&s->t->bars.v[s->late[bar]];

	if (w->dependency + w->synchronisation == 0)
		return;
	fprintf(g->to, "\nwaited %.3f us",
	        spent_us(w->dependency + w->synchronisation));
	if (w->dependency == 0) {
		fputs(" (synchronisation)", g->to);
		return;
	}
	fputs(" for ", g->to);
	draw_text(g->to, s->p->rops.v[late->rop].rop->run, NAME_MAX_CHARS);
	fprintf(g->to, " rTask %lld on vEU %lld", (long long)late->task,
	        (long long)late->veu);
	if (w->synchronisation)
		fprintf(g->to, ", synchronisation %.3f of it",
		        spent_us(w->synchronisation));
}

static void
title_one(const struct draw *g, const struct cell *c)
{
	const struct bar *b = &g->s->t->bars.v[c->bar];

	fprintf(g->to, "  rTask %lld on vEU %lld\n%.3f to %.3f us",
	        (long long)b->task, (long long)b->veu, b->begin_us, b->end_us);
	if (b->skipped) {
		fputs(", skipped: no ", g->to);
		draw_text(g->to, g->s->p->rops.v[c->rop].rop->if_, NAME_MAX_CHARS);
	}
	if (g->s->alone[c->bar] < spent_length(b))
		fprintf(g->to, ", alone %.3f us", spent_us(g->s->alone[c->bar]));
	title_wait(g, c->bar);
}

static void
title(const struct draw *g, const struct cell *c)
{
	const struct prop *r = &g->s->p->rops.v[c->rop];
	const struct bar *b = &g->s->t->bars.v[c->bar];

	fputs("<title>", g->to);
	if (c->v1 == c->v0 && c->nbars > 1)
		fprintf(g->to, "%lld rTasks on vEU %lld from %.3f us, most of ",
		        (long long)c->nbars, (long long)c->v0, b->begin_us);
	else if (c->v1 > c->v0)
		fprintf(g->to, "%lld rTasks on vEUs %lld..%lld from %.3f us, "
		        "%s", (long long)c->nbars, (long long)c->v0,
		        (long long)c->v1, b->begin_us,
		        c->nbars > c->v1 - c->v0 + 1 ? "most of " : "");
	draw_text(g->to, r->rop->run, NAME_MAX_CHARS);
	if (c->nbars == 1)
		title_one(g, c);
	else if (c->nbars == c->v1 - c->v0 + 1)
		fprintf(g->to, ", rTask %lld first, to %.3f us",
		        (long long)b->task, b->end_us);
	putc('\n', g->to);
	draw_text(g->to, r->cand->use, NAME_MAX_CHARS);
	fputs("</title>", g->to);
}

static void
attr(FILE *to, const char *name, double v)
{
	fprintf(to, " %s=\"", name);
	draw_num(to, v);
	putc('"', to);
}

static void
bar(const struct draw *g, const struct cell *c)
{
	double inset = g->thin ? 0 : g->row * 0.06;
	double w = c->x1 - c->x0;

	fputs("<rect class=\"b\"", g->to);
	attr(g->to, "x", c->x0);
	attr(g->to, "y", draw_y(g, c->v0) + inset);
	attr(g->to, "width", w > 0.3 ? w : 0.3);
	attr(g->to, "height", draw_y(g, c->v1 + 1) - draw_y(g, c->v0) -
	     2 * inset);
	fprintf(g->to, " fill=\"#%06x\"", c->nbars == 1 &&
	        g->s->t->bars.v[c->bar].skipped ? 0xffffff : g->rgb[c->rop]);
	if (c->share < 0.95)
		attr(g->to, "fill-opacity", 0.15 + 0.85 * c->share);
	putc('>', g->to);
	title(g, c);
	fputs("</rect>\n", g->to);
}

void
draw_bars(const struct draw *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->cells.n; i++)
		if (g->cells.v[i].nbars)
			bar(g, &g->cells.v[i]);
	for (size_t i = 0; i < g->cells.n; i++) {
		const struct cell *c = &g->cells.v[i];

		if (c->x1 - c->narrow < 0.5)
			continue;
		fputs(n ? n % 8 ? "" : "\n" : "<path class=\"n\" d=\"", g->to);
		box(g, c->narrow, c->x1, c);
		n++;
	}
	if (n)
		fputs("\" fill=\"url(#bandwidth)\"/>\n", g->to);
}
