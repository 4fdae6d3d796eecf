/* Writes YAML in the one style that tamp uses (design: block at the top,
 * one record a line in flow style below), onto a growing string.
 *
 * Strings that are not [A-Za-z_][A-Za-z0-9_./-]* or are a YAML 1.1 word are
 * double-quoted; bytes that are not UTF-8 are escaped as "\udcXX" style
 * (reversibly; see ywrite.c).  Floats print so that YAML 1.1 and 1.2 readers
 * agree. */
#ifndef YAML_YWRITE_H
#define YAML_YWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct ywriter {
	struct str *out;
	int indent;		/* of the block being written */
	int flow;		/* depth of flow collections, 0: block */
	bool first;		/* nothing yet in the current flow collection */
	bool after_key;		/* a key stands before: the value goes inline */
	bool after_dash;	/* "- " was written: a block map starts here */
};

void yw_init(struct ywriter *w, struct str *out);
void yw_key(struct ywriter *w, const char *key);
void yw_str(struct ywriter *w, const char *s);
void yw_raw(struct ywriter *w, const char *s);	/* a scalar, never quoted */
void yw_int(struct ywriter *w, int64_t v);
void yw_float(struct ywriter *w, double v, int digits);	/* 9 or 17 */
void yw_bool(struct ywriter *w, bool v);
void yw_map(struct ywriter *w, bool flow);
void yw_seq(struct ywriter *w, bool flow);
void yw_item(struct ywriter *w);		/* before each item of a seq */
void yw_end(struct ywriter *w);			/* ends a map or seq */

/* A scalar string in the style above, appended to out: for messages too. */
void yw_quote(struct str *out, const char *s, size_t n);

#endif
