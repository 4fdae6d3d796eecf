/* Pictures of timelines: SVG 1.1 without scripts, the same bytes each time.
 *
 * vEUs go down, time across; a colour stands for an rOperator, hatched ground
 * for time that a vEU loses, by its cause.  Where there are too many bars for
 * eyes, those too narrow to be seen are drawn as one; a view of a part has the
 * rest. */
#ifndef VERIFY_GANTT_H
#define VERIFY_GANTT_H

#include "verify/spent.h"

struct gantt_view {			/* the part that is drawn; zeroed: all of it */
	double from_us, to_us;	/* to_us 0: to the end */
	int64_t veu0, veus;	/* first vEU and how many; veus 0: all */
};

/* "FROM..TO", us; "A..B", vEUs, both drawn: false if text is none. */
bool gantt_window(struct gantt_view *w, const char *text);
bool gantt_rows(struct gantt_view *w, const char *text);

/* Draws the part of a timeline; -1 after a diagnostic if there is no such
 * part. */
int gantt_write(const struct spent *s, const struct gantt_view *w, FILE *to,
                struct diag *d);

#endif
