/* What the parts of a picture share: gantt.c (frame), gantt_bars.c (bars and
 * lost time), gantt_marks.c (barriers, waits, the chain), gantt_legend.c
 * (colours and what they stand for). */
#ifndef VERIFY_GANTT_DRAW_H
#define VERIFY_GANTT_DRAW_H

#include "verify/gantt.h"

enum { GANTT_LEFT = 70, GANTT_TOP = 78, GANTT_PLOT = 1200, GANTT_RIGHT = 30 };

struct cell {			/* what is drawn as one */
	double x0, x1;		/* px */
	int64_t v0, v1;		/* vEUs, inclusive */
	enum cause cause;	/* busy: of rTasks; else of lost time */
	int bar, rop;		/* the first of its bars; where most time is */
	int64_t nbars;
	double share;		/* of its time that is in bars */
	double narrow;		/* px from which the bar is slowed down; x1: none */
};

struct draw {
	const struct spent *s;
	struct arena a;
	FILE *to;
	int64_t t0, t1;		/* the view: ns; vEUs, inclusive */
	int64_t v0, v1;
	double scale, row;	/* px a ns; px a vEU */
	bool thin;		/* rows have no room for edges and lines of text */
	unsigned *rgb;		/* [rop] */
	int *kernel;		/* [rop] number of its kernel */
	int64_t *seen;		/* [rop] ns of its rTasks in view */
	int64_t part[NCAUSES];	/* ns in view */
	size_t nbars;		/* in view */
	size_t nkernels;	/* 0: each rOperator has a hue of its own; else
				 * those of one kernel have the same */
	VEC(struct cell) cells;
	double least;		/* px: what is narrower is drawn with others */
};

static inline double
draw_x(const struct draw *g, int64_t ns)
{
	return GANTT_LEFT + (double)(ns - g->t0) * g->scale;
}

static inline double
draw_y(const struct draw *g, int64_t veu)
{
	return GANTT_TOP + (double)(veu - g->v0) * g->row;
}

static inline double
draw_bottom(const struct draw *g)
{
	return draw_y(g, g->v1 + 1);
}

/* A number with at most two digits behind the point. */
void draw_num(FILE *to, double v);

/* Text for XML, of at most max characters; what is no UTF-8 as \x80. */
void draw_text(FILE *to, const char *s, size_t max);

/* --- gantt_bars.c --------------------------------------------------------- */

void draw_cells(struct draw *g);	/* fills cells and least */
size_t draw_count(const struct draw *g);	/* cells of rTasks */
void draw_lost(const struct draw *g);
void draw_bars(const struct draw *g);

/* --- gantt_marks.c -------------------------------------------------------- */

size_t draw_hidden(const struct draw *g);	/* barriers: too many for eyes */
void draw_phases(const struct draw *g);
void draw_waits(struct draw *g);
void draw_chain(struct draw *g);

/* --- gantt_legend.c ------------------------------------------------------- */

/* Sets rgb, kernel and nkernels. */
void draw_colours(struct draw *g);

double draw_legend_height(const struct draw *g);
void draw_legend(struct draw *g, double y);

#endif
