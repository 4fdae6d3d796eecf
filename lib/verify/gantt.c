/* A timeline as SVG: vEUs down, time across, a colour for each rOperator.
 * Plain shapes and <title>s, so that any viewer shows it and hovering tells
 * which rTask a bar is. */
#include <math.h>

#include "verify/verify.h"

enum { LEFT = 64, TOP = 44, PLOT = 1100, BOTTOM = 34, LEGEND_ROW = 17,
       LEGEND_COLS = 4, LEGEND_MAX = 60 };

static void
text(FILE *to, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '&')
			fputs("&amp;", to);
		else if (c == '<')
			fputs("&lt;", to);
		else if (c == '>')
			fputs("&gt;", to);
		else if (c == '"')
			fputs("&quot;", to);
		else if (c >= ' ' && c < 0x7f)
			fputc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
}

/* Colours that differ for neighbours: hues a golden angle apart. */
static void
colour(FILE *to, int rop)
{
	double hue = fmod(rop * 137.508, 360.0);

	fprintf(to, "hsl(%.0f,%d%%,%d%%)", hue, 55 + rop % 3 * 12,
	        58 + rop % 2 * 10);
}

static double
row_height(int64_t width)
{
	return width <= 8 ? 34 : width <= 40 ? 16 : width <= 300 ? 4 : 2;
}

/* A step of 1, 2 or 5 times a power of ten that makes about ten ticks. */
static double
tick(double total)
{
	double raw = total > 0 ? total / 10 : 1, p = pow(10, floor(log10(raw)));
	double m = raw / p;

	return p * (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10);
}

static void
axes(const struct timeline *t, double rows, double scale, FILE *to)
{
	double step = tick(t->total_us);
	int64_t every = t->width <= 16 ? 1 : (t->width + 15) / 16;

	for (double at = 0; at <= t->total_us * 1.0001; at += step) {
		double x = LEFT + at * scale;

		fprintf(to, "<line class=\"g\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" "
		        "y2=\"%.1f\"/>\n<text x=\"%.1f\" y=\"%.1f\" "
		        "text-anchor=\"middle\">%g us</text>\n", x, TOP, x,
		        TOP + rows, x, TOP + rows + 16, at);
	}
	for (int64_t v = 0; v < t->width; v += every)
		fprintf(to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">vEU "
		        "%lld</text>\n", LEFT - 6,
		        TOP + (double)v * row_height(t->width) +
		        row_height(t->width) / 2 + 4, (long long)v);
}

static void
bar(const struct plan *p, const struct timeline *t, const struct bar *b,
    double scale, FILE *to)
{
	double h = row_height(t->width), y = TOP + (double)b->veu * h;
	double w = (b->end_us - b->begin_us) * scale;

	if (b->wait_us > 0)
		fprintf(to, "<rect class=\"w\" x=\"%.2f\" y=\"%.1f\" "
		        "width=\"%.2f\" height=\"%.1f\"/>\n",
		        LEFT + (b->begin_us - b->wait_us) * scale,
		        y + h * 0.42, b->wait_us * scale, h * 0.16);
	fprintf(to, "<rect class=\"b\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
	        "height=\"%.1f\" fill=\"", LEFT + b->begin_us * scale,
	        y + h * 0.06, w > 0.3 ? w : 0.3, h * 0.88);
	colour(to, b->rop);
	fputs("\"><title>", to);
	text(to, p->rops.v[b->rop].rop->run);
	fprintf(to, "  rTask %lld on vEU %lld\n%.3f to %.3f us", (long long)b->task,
	        (long long)b->veu, b->begin_us, b->end_us);
	if (b->wait_us > 0)
		fprintf(to, ", waited %.3f us", b->wait_us);
	fputs("\n", to);
	if (p->rops.v[b->rop].cand)
		text(to, p->rops.v[b->rop].cand->use);
	fputs("</title></rect>\n", to);
}

/* One entry for each rOperator that has bars; returns how many there are. */
static int
legend(const struct plan *p, const bool *shown, double y, FILE *to)
{
	int n = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		double x = LEFT + n % LEGEND_COLS * (PLOT / LEGEND_COLS);
		double at = y + n / LEGEND_COLS * LEGEND_ROW;

		if (!shown[i])
			continue;
		if (n++ >= LEGEND_MAX)
			continue;
		if (!to)
			continue;
		fprintf(to, "<rect x=\"%.0f\" y=\"%.1f\" width=\"12\" "
		        "height=\"12\" fill=\"", x, at);
		colour(to, (int)i);
		fprintf(to, "\"/>\n<text x=\"%.0f\" y=\"%.1f\">", x + 17,
		        at + 10);
		text(to, p->rops.v[i].rop->run);
		fprintf(to, " (%lld)</text>\n", (long long)p->rops.v[i].ntasks);
	}
	return n;
}

static void
head(const struct plan *p, const struct timeline *t, const char *what,
     double height, FILE *to)
{
	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	        "height=\"%.0f\" viewBox=\"0 0 %d %.0f\" "
	        "font-family=\"sans-serif\" font-size=\"11\">\n"
	        "<style>.g{stroke:#ddd}.w{fill:#b33;opacity:.45}"
	        ".b{stroke:#333;stroke-width:.25}text{fill:#222}</style>\n"
	        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
	        LEFT + PLOT + 30, height, LEFT + PLOT + 30, height);
	fprintf(to, "<text x=\"%d\" y=\"24\" font-size=\"15\">", LEFT);
	text(to, p->graph->name ? p->graph->name : "schedule");
	fputs(" on ", to);
	text(to, p->device->name);
	fprintf(to, ": %.1f us %s, %lld vEUs, %zu rTasks</text>\n",
	        t->total_us, what, (long long)t->width, t->bars.n);
}

void
gantt_write(const struct plan *p, const struct timeline *t, const char *what,
            FILE *to)
{
	struct arena a;
	bool *shown;
	double rows = (double)t->width * row_height(t->width);
	double scale = t->total_us > 0 ? PLOT / t->total_us : 1;
	int n, lines;

	arena_init(&a);
	shown = arena_array(&a, p->rops.n + 1, sizeof *shown);
	for (size_t i = 0; i < t->bars.n; i++)
		shown[t->bars.v[i].rop] = true;
	n = legend(p, shown, 0, NULL);
	lines = ((n < LEGEND_MAX ? n : LEGEND_MAX) + LEGEND_COLS - 1) /
		LEGEND_COLS;
	head(p, t, what, TOP + rows + BOTTOM + lines * LEGEND_ROW + 24, to);
	axes(t, rows, scale, to);
	for (size_t i = 0; i < t->bars.n; i++)
		bar(p, t, &t->bars.v[i], scale, to);
	legend(p, shown, TOP + rows + BOTTOM, to);
	if (n > LEGEND_MAX)
		fprintf(to, "<text x=\"%d\" y=\"%.1f\">and %d more: hover over a "
		        "bar</text>\n", LEFT, TOP + rows + BOTTOM +
		        lines * LEGEND_ROW + 10, n - LEGEND_MAX);
	fputs("</svg>\n", to);
	arena_release(&a);
}
