/* The frame of a timeline's picture: caption, axes, and the order in which
 * the parts are drawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "verify/gantt_draw.h"
#include "yaml/scalar.h"

/* --- text ----------------------------------------------------------------- */

void
draw_num(FILE *to, double v)
{
	char s[40];
	size_t n = (size_t)snprintf(s, sizeof s, "%.2f", v);

	while (s[n - 1] == '0')
		n--;
	if (s[n - 1] == '.')
		n--;
	fwrite(s, 1, n, to);
}

/* What XML can hold as it is: no control characters, no U+FFFE, U+FFFF. */
static bool
plain(unsigned c)
{
	return c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) &&
		(c & 0xfffe) != 0xfffe;
}

void
draw_text(FILE *to, const char *s, size_t max)
{
	for (size_t n = strlen(s), k; n > 0; s += k, n -= k) {
		unsigned c;

		if (max-- == 0) {
			fputs("...", to);
			return;
		}
		k = scalar_char(s, n, &c);
		if (!k || !plain(c)) {
			fprintf(to, "\\x%02x", (unsigned char)*s);
			k = 1;
		} else if (c == '&') {
			fputs("&amp;", to);
		} else if (c == '<') {
			fputs("&lt;", to);
		} else if (c == '>') {
			fputs("&gt;", to);
		} else {
			fwrite(s, 1, k, to);
		}
	}
}

/* --- the view ------------------------------------------------------------- */

/* One side of A..B: n characters, all of them among those given. */
static bool
side(char *out, size_t size, const char *text, size_t n, const char *of)
{
	if (n == 0 || n >= size || strspn(text, of) < n)
		return false;
	memcpy(out, text, n);
	out[n] = '\0';
	return true;
}

static bool
sides(char a[32], char b[32], const char *text, const char *of)
{
	const char *dots = strstr(text, "..");

	return dots && side(a, 32, text, (size_t)(dots - text), of) &&
		side(b, 32, dots + 2, strlen(dots + 2), of);
}

bool
gantt_window(struct gantt_view *w, const char *text)
{
	char a[32], b[32], *end_a, *end_b;

	if (!sides(a, b, text, "0123456789."))
		return false;
	w->from_us = strtod(a, &end_a);
	w->to_us = strtod(b, &end_b);
	return !*end_a && !*end_b && end_a > a && end_b > b &&
		w->to_us <= 1e12 && w->from_us < w->to_us &&
		spent_ns(w->from_us) < spent_ns(w->to_us);
}

bool
gantt_rows(struct gantt_view *w, const char *text)
{
	char a[32], b[32];
	long long first, last;

	if (!sides(a, b, text, "0123456789"))
		return false;
	first = strtoll(a, NULL, 10);
	last = strtoll(b, NULL, 10);
	if (first > last || last >= INT32_MAX)
		return false;
	w->veu0 = first;
	w->veus = last - first + 1;
	return true;
}

static int
take_view(struct draw *g, const struct gantt_view *w, struct diag *d)
{
	const struct spent *s = g->s;

	g->t0 = spent_ns(w->from_us);
	g->t1 = w->to_us > 0 && spent_ns(w->to_us) < s->total
		? spent_ns(w->to_us) : s->total;
	g->v0 = w->veu0;
	g->v1 = w->veus ? w->veu0 + w->veus - 1 : s->width - 1;
	if (g->t0 >= s->total && w->to_us > 0)
		return diag_error(d, POS_NONE, "nothing can be drawn from %.3f us "
		                  "on: the timeline ends at %.3f us", w->from_us,
		                  spent_us(s->total));
	if (g->v1 >= s->width)
		return diag_error(d, POS_NONE, "vEU %lld cannot be drawn: there "
		                  "are %lld, numbered from 0", (long long)g->v1,
		                  (long long)s->width);
	return 0;
}

/* What is in view of a stretch. */
static void
see(void *ctx, const struct stretch *x)
{
	struct draw *g = ctx;
	int64_t from = x->from < g->t0 ? g->t0 : x->from;
	int64_t to = x->to > g->t1 ? g->t1 : x->to;

	if (from >= to)
		return;
	g->part[x->cause] += to - from;
	if (x->cause == CAUSE_BUSY || x->cause == CAUSE_BANDWIDTH)
		g->seen[g->s->t->bars.v[x->bar].rop] += to - from;
}

static double
row_height(int64_t rows)
{
	double h = floor(900 / (double)rows);

	return rows <= 8 ? 34 : rows <= 40 ? 16 : h > 14 ? 14 : h < 2 ? 2 : h;
}

static void
lay_out(struct draw *g)
{
	const struct timeline *t = g->s->t;
	int64_t rows = g->v1 - g->v0 + 1;

	g->row = row_height(rows);
	g->thin = g->row < 9;
	g->scale = g->t1 > g->t0 ? GANTT_PLOT / (double)(g->t1 - g->t0) : 1;
	g->seen = arena_array(&g->a, g->s->p->rops.n + 1, sizeof *g->seen);
	for (int64_t v = g->v0; v <= g->v1; v++)
		spent_walk(g->s, v, see, g);
	for (size_t i = 0; i < t->bars.n; i++)
		g->nbars += t->bars.v[i].veu >= g->v0 &&
			t->bars.v[i].veu <= g->v1 &&
			spent_ns(t->bars.v[i].end_us) > g->t0 &&
			spent_ns(t->bars.v[i].begin_us) < g->t1;
}

/* --- axes ----------------------------------------------------------------- */

/* A step of 1, 2 or 5 times a power of ten that makes about ten ticks, at
 * least 1. */
static double
tick(double total)
{
	double raw = total > 10 ? total / 10 : 1;
	double p = pow(10, floor(log10(raw))), m = raw / p;

	return p * (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10);
}

static void
time_axis(const struct draw *g)
{
	double step = tick((double)(g->t1 - g->t0));
	double unit = step >= 1e6 ? 1e6 : step >= 100 ? 1e3 : 1;
	const char *name = unit == 1e6 ? "ms" : unit == 1e3 ? "us" : "ns";
	double bottom = draw_bottom(g);

	for (double at = ceil((double)g->t0 / step) * step;
	     at <= (double)g->t1 + 0.5; at += step) {
		double x = draw_x(g, (int64_t)at);

		fprintf(g->to, "<line class=\"g\" x1=\"%.1f\" y1=\"%d\" "
		        "x2=\"%.1f\" y2=\"%.1f\"/>\n", x, GANTT_TOP, x,
		        bottom + 4);
		fprintf(g->to, "<text x=\"%.1f\" y=\"%.1f\" "
		        "text-anchor=\"middle\">%g %s</text>\n", x, bottom + 17,
		        at / unit, name);
		if (bottom - GANTT_TOP > 400)
			fprintf(g->to, "<text x=\"%.1f\" y=\"%d\" "
			        "text-anchor=\"middle\">%g %s</text>\n", x,
			        GANTT_TOP - 7, at / unit, name);
	}
}

static void
veu_axis(const struct draw *g)
{
	int64_t step = (int64_t)tick(10 * (g->thin ? 24 : 12) / g->row);

	for (int64_t v = (g->v0 + step - 1) / step * step; v <= g->v1; v += step)
		fprintf(g->to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">vEU "
		        "%lld</text>\n", GANTT_LEFT - 6,
		        draw_y(g, v) + g->row / 2 + 4, (long long)v);
}

/* --- the whole ------------------------------------------------------------ */

enum { EDGED_MAX = 2500 };	/* bars: more have no edges */

/* Hatched grounds: lines of their own direction and colour. */
static void
pattern(FILE *to, enum cause c, const char *ground, const char *line,
        const char *d)
{
	fprintf(to, "<pattern id=\"%s\" patternUnits=\"userSpaceOnUse\" "
	        "width=\"6\" height=\"6\">", cause_words[c]);
	if (ground)
		fprintf(to, "<rect width=\"6\" height=\"6\" fill=\"%s\"/>",
		        ground);
	fprintf(to, "<path d=\"%s\" stroke=\"%s\" stroke-width=\".8\" "
	        "fill=\"none\"/></pattern>\n", d, line);
}

static void
defs(const struct draw *g, double height)
{
	FILE *to = g->to;
	int width = GANTT_LEFT + GANTT_PLOT + GANTT_RIGHT;

	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
	        "width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\" "
	        "font-family=\"sans-serif\" font-size=\"11\">\n", width, height,
	        width, height);
	fprintf(to, "<style>text{fill:#222}.g{stroke:#999;stroke-opacity:.5}"
	        ".b{stroke:#222;stroke-width:%s}.n{pointer-events:none}"
	        ".l{stroke:#000;stroke-width:1.6}"
	        ".r{stroke:#000;stroke-dasharray:5 2}"
	        ".w{stroke:#b00020;stroke-width:.8;stroke-opacity:.7;"
	        "fill:none;pointer-events:none}"
	        ".k{stroke:#000;stroke-width:1.5;fill:none;stroke-opacity:.75;"
	        "pointer-events:none}.c{stroke:#000;stroke-width:.7;fill:none;"
	        "stroke-opacity:.35;pointer-events:none}</style>\n<defs>\n",
	        draw_count(g) > EDGED_MAX ? "0" : g->thin ? ".15" : ".3");
	pattern(to, CAUSE_DEPENDENCY, "#fdeeea", "#d98a78", "M-1 7L7-1");
	pattern(to, CAUSE_SYNCHRONISATION, "#eaf1fd", "#7d9fd6", "M-1-1L7 7");
	pattern(to, CAUSE_IMBALANCE, "#f3f3f3", "#c4c4c4", "M0 3H6");
	pattern(to, CAUSE_BANDWIDTH, NULL, "#000", "M0 0L6 6M0 6L6 0");
	fputs("<marker id=\"tip\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" "
	      "markerUnits=\"userSpaceOnUse\" markerWidth=\"6\" "
	      "markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" "
	      "fill=\"#b00020\"/></marker>\n</defs>\n"
	      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", to);
}

static void
caption(const struct draw *g)
{
	const struct spent *s = g->s;
	bool part = g->t0 > 0 || g->t1 < s->total || g->v0 > 0 ||
		g->v1 < s->width - 1;
	struct str causes;

	fprintf(g->to, "<text x=\"%d\" y=\"22\" font-size=\"15\">", GANTT_LEFT);
	draw_text(g->to, s->p->graph->name ? s->p->graph->name : "schedule", 60);
	fputs(" on ", g->to);
	draw_text(g->to, s->p->device->name, 60);
	fprintf(g->to, ": %.1f us %s, %lld vEUs, %zu rTasks</text>\n",
	        spent_us(s->total), s->t->measured ? "measured" :
	        "predicted", (long long)s->width, s->t->bars.n);
	fprintf(g->to, "<text x=\"%d\" y=\"40\">", GANTT_LEFT);
	if (part)
		fprintf(g->to, "here %.3f to %.3f us, vEUs %lld to %lld: ",
		        spent_us(g->t0), spent_us(g->t1),
		        (long long)g->v0, (long long)g->v1);
	str_init(&causes);
	spent_text(g->part, &causes);
	fputs(causes.s, g->to);
	str_release(&causes);
	if (draw_hidden(g))
		fprintf(g->to, "; %zu barriers are too many to be drawn",
		        draw_hidden(g));
	fputs("</text>\n", g->to);
	if (draw_count(g) < g->nbars)
		fprintf(g->to, "<text x=\"%d\" y=\"55\">%zu rTasks in %zu bars: "
		        "those under %.1f px are one with their neighbours%s; "
		        "the paler, the less of its time is in rTasks</text>\n",
		        GANTT_LEFT, g->nbars, draw_count(g), g->least, g->thin ?
		        ", equal ones of vEUs side by side are one" : "");
}

int
gantt_write(const struct spent *s, const struct gantt_view *w, FILE *to,
            struct diag *d)
{
	struct draw g = {.s = s, .to = to};
	double bottom;

	if (take_view(&g, w, d) < 0)
		return -1;
	arena_init(&g.a);
	draw_colours(&g);
	lay_out(&g);
	draw_cells(&g);
	bottom = draw_bottom(&g) + 28;
	defs(&g, bottom + draw_legend_height(&g));
	caption(&g);
	draw_lost(&g);
	time_axis(&g);
	veu_axis(&g);
	draw_bars(&g);
	draw_phases(&g);
	draw_waits(&g);
	draw_chain(&g);
	draw_legend(&g, bottom);
	fputs("</svg>\n", to);
	arena_release(&g.a);
	return 0;
}
