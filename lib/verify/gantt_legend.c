/* Colours, and what they stand for.
 *
 * Few rOperators: a hue each, a golden angle apart.  Many: a hue for each
 * rKernel's kernel, in which its rOperators are lighter and darker; the legend
 * then has the kernels too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "verify/gantt_draw.h"

enum { COLS = 4, LINE = 17, HUES = 24, SHOWN = 24, KERNELS_SHOWN = 12,
       LABEL_CHARS = 30 };

/* --- colours -------------------------------------------------------------- */

static unsigned
channel(double h, double s, double l, double shift)
{
	double k = fmod((h + 360) / 30 + shift, 12), a = s * (l < 0.5 ? l : 1 - l);
	double m = k - 3 < 9 - k ? k - 3 : 9 - k;

	m = m < -1 ? -1 : m > 1 ? 1 : m;
	return (unsigned)lround(255 * (l - a * m));
}

/* Hue in degrees, saturation and lightness 0 to 1. */
static unsigned
rgb(double h, double s, double l)
{
	return channel(h, s, l, 0) << 16 | channel(h, s, l, 8) << 8 |
		channel(h, s, l, 4);
}

/* The name of a kernel, without the values of its tunables. */
static const char *
kernel_of(struct draw *g, size_t rop)
{
	const char *use = g->s->p->rops.v[rop].cand->use;

	return arena_strndup(&g->a, use, strcspn(use, "/"));
}

static size_t
rops_on_timeline(const struct draw *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->s->p->rops.n; i++)
		n += g->s->rops[i].rtasks > 0;
	return n;
}

static double
kernel_hue(int kernel)
{
	return 10 + kernel * 137.508;
}

void
draw_colours(struct draw *g)
{
	const struct plan *p = g->s->p;
	struct map kernels;
	int *of = arena_array(&g->a, p->rops.n + 1, sizeof *of);
	int n = 0, nth = 0;

	g->kernel = of;
	map_init(&kernels, &g->a);
	g->rgb = arena_array(&g->a, p->rops.n + 1, sizeof *g->rgb);
	for (size_t i = 0; i < p->rops.n; i++)
		if (g->s->rops[i].rtasks &&
		    (of[i] = map_add(&kernels, kernel_of(g, i), n)) < 0)
			of[i] = n++;
	if (rops_on_timeline(g) > HUES)
		g->nkernels = (size_t)n;
	for (size_t i = 0; i < p->rops.n; i++) {
		if (!g->s->rops[i].rtasks)
			continue;
		if (g->nkernels)
			g->rgb[i] = rgb(kernel_hue(of[i]) + nth % 5 * 4 - 8, 0.6,
			                0.38 + 0.34 * fmod(nth * 0.618, 1));
		else
			g->rgb[i] = rgb(nth * 137.508, 0.55 + nth % 3 * 0.12,
			                0.58 + nth % 2 * 0.1);
		nth++;
	}
}

/* --- legend --------------------------------------------------------------- */

struct entry {
	const char *name;
	unsigned rgb;
	int64_t ns, n;
};

static int
by_ns(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

static size_t
rop_entries(const struct draw *g, struct entry *v)
{
	size_t n = 0;

	for (size_t i = 0; i < g->s->p->rops.n; i++)
		if (g->seen[i])
			v[n++] = (struct entry){g->s->p->rops.v[i].rop->run,
				g->rgb[i], g->seen[i], g->s->rops[i].rtasks};
	qsort(v, n, sizeof *v, by_ns);
	return n;
}

/* v is zero. */
static size_t
kernel_entries(struct draw *g, struct entry *v)
{
	size_t n = 0;

	for (size_t i = 0; i < g->s->p->rops.n; i++) {
		struct entry *e = &v[g->kernel[i]];

		if (!g->seen[i])
			continue;
		if (e->n++ == 0) {
			e->name = kernel_of(g, i);
			e->rgb = rgb(kernel_hue(g->kernel[i]), 0.6, 0.55);
		}
		e->ns += g->seen[i];
	}
	for (size_t k = 0; k < g->nkernels; k++)
		if (v[k].n)
			v[n++] = v[k];
	qsort(v, n, sizeof *v, by_ns);
	return n;
}

static size_t
lines(size_t n, size_t most)
{
	return ((n < most ? n : most) + COLS - 1) / COLS;
}

static size_t
rops_in_view(const struct draw *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->s->p->rops.n; i++)
		n += g->seen[i] > 0;
	return n;
}

double
draw_legend_height(const struct draw *g)
{
	size_t n = 2 + lines(rops_in_view(g), SHOWN);

	if (g->nkernels)
		n += 1 + lines(g->nkernels, KERNELS_SHOWN);
	return (double)n * LINE + 20;
}

static void
swatch(const struct draw *g, double x, double y, const char *fill)
{
	fprintf(g->to, "<rect x=\"%.0f\" y=\"%.1f\" width=\"12\" height=\"12\" "
	        "fill=\"%s\"/>\n", x, y, fill);
}

static double
percent(int64_t ns, double all)
{
	return all > 0 ? 100 * (double)ns / all : 0;
}

/* Returns where the next line goes. */
static double
entries(const struct draw *g, const struct entry *v, size_t n, size_t most,
        const char *what, double y)
{
	double all = (double)g->part[CAUSE_BUSY] +
		(double)g->part[CAUSE_BANDWIDTH];
	char fill[8];

	fprintf(g->to, "<text x=\"%d\" y=\"%.1f\">", GANTT_LEFT, y + 10);
	if (n > most)
		fprintf(g->to, "the %zu heaviest of %zu %s", most, n, what);
	else
		fputs(what, g->to);
	fputs(", share of the time in rTasks:</text>\n", g->to);
	y += LINE;
	for (size_t i = 0; i < n && i < most; i++) {
		double x = GANTT_LEFT + (double)(i % COLS) * (GANTT_PLOT / COLS);
		double at = y + (double)(i / COLS) * LINE;

		snprintf(fill, sizeof fill, "#%06x", v[i].rgb & 0xffffff);
		swatch(g, x, at, fill);
		fprintf(g->to, "<text x=\"%.0f\" y=\"%.1f\">", x + 17, at + 10);
		draw_text(g->to, v[i].name, LABEL_CHARS);
		fprintf(g->to, " %.*f %% (%lld)</text>\n",
		        percent(v[i].ns, all) < 1 ? 2 : 1,
		        percent(v[i].ns, all), (long long)v[i].n);
	}
	return y + (double)lines(n, most) * LINE + 4;
}

/* The grounds for lost time, and the marks. */
static void
grounds(const struct draw *g, double y)
{
	static const enum cause order[] = {CAUSE_DEPENDENCY,
		CAUSE_SYNCHRONISATION, CAUSE_IMBALANCE, CAUSE_BANDWIDTH};
	double x = GANTT_LEFT;
	char fill[40];

	for (size_t i = 0; i < sizeof order / sizeof *order; i++, x += 130) {
		snprintf(fill, sizeof fill, "url(#%s)", cause_words[order[i]]);
		swatch(g, x, y, fill);
		fprintf(g->to, "<text x=\"%.0f\" y=\"%.1f\">%s</text>\n", x + 17,
		        y + 10, cause_words[order[i]]);
	}
	fprintf(g->to, "<path class=\"w\" d=\"M%.0f %.1fh22\" "
	        "marker-end=\"url(#tip)\"/>\n<text x=\"%.0f\" y=\"%.1f\">a wait "
	        "that delayed</text>\n", x, y + 6, x + 30, y + 10);
	x += 150;
	fprintf(g->to, "<path class=\"k\" d=\"M%.0f %.1fh24\"/>\n<text "
	        "x=\"%.0f\" y=\"%.1f\">the chain that the end hangs on</text>\n",
	        x, y + 6, x + 30, y + 10);
	x += 220;
	fprintf(g->to, "<line class=\"l\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" "
	        "y2=\"%.1f\"/>\n<text x=\"%.0f\" y=\"%.1f\">launch</text>\n",
	        x, y, x, y + 12, x + 6, y + 10);
	x += 60;
	fprintf(g->to, "<line class=\"r\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" "
	        "y2=\"%.1f\"/>\n<text x=\"%.0f\" y=\"%.1f\">barrier</text>\n",
	        x, y, x, y + 12, x + 6, y + 10);
}

void
draw_legend(struct draw *g, double y)
{
	struct entry *v = arena_array(&g->a, g->s->p->rops.n + 1, sizeof *v);

	grounds(g, y);
	y += LINE + 6;
	if (g->nkernels)
		y = entries(g, v, kernel_entries(g, v), KERNELS_SHOWN,
		            "kernels (rOperators)", y);
	entries(g, v, rop_entries(g, v), SHOWN, "rOperators (rTasks)", y);
}
