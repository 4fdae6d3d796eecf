/* --window and --rows: the part of a timeline that --gantt draws. */
#ifndef CMD_VIEW_H
#define CMD_VIEW_H

#include "verify/gantt.h"

struct view_options {
	const char *window, *rows;	/* NULL: not given */
	struct gantt_view view;
};

#define VIEW_OPTIONS(v) \
	{0, "window", OPT_STR, &(v)->window, "FROM..TO", \
	 "of the timeline, --gantt draws these us alone", NULL}, \
	{0, "rows", OPT_STR, &(v)->rows, "A..B", \
	 "of the vEUs, --gantt draws these alone", NULL}

/* Whether they make sense, and go with a picture (NULL: there is none).  -1
 * after a diagnostic. */
int view_parse(struct view_options *v, const char *gantt, struct diag *d);

/* Draws the part into the file.  -1 after diagnostics. */
int view_draw(const struct view_options *v, const struct spent *s,
              const char *path, struct diag *d);

#endif
