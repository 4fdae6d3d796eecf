/* Writes YAML in the one style that tamp uses (block at the top, one record a
 * line in flow style below), onto a growing string.
 *
 * Strings that are not [A-Za-z_][A-Za-z0-9_./-]* or are a YAML 1.1 word are
 * double-quoted; bytes that are not UTF-8 are escaped reversibly (scalar.h).
 * Floats print so that YAML 1.1 and 1.2 readers agree. */
#ifndef YAML_YWRITE_H
#define YAML_YWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define YW_DEPTH 66		/* collections inside one another */

struct ywriter {
	struct str *out;
	bool after_key;		/* "key:" stands before */
	int depth;		/* collections that are open */
	struct yw_level {
		bool seq, flow;
		bool after_key;	/* block: begins on the line below its key */
		bool some;	/* something has been written into it */
		int indent;	/* block: column of its keys or dashes */
	} level[YW_DEPTH];
};

/* A map or seq is opened with yw_map or yw_seq and closed with yw_end; inside
 * a flow collection everything is flow.  The root is a block map. */
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

/* v as text: the shortest that reads back as the same double (digits 17) or
 * float (digits 9), always with a '.' (also in 1.0e-05), or .inf, -.inf, .nan.
 * buf holds at least 40 bytes. */
char *yw_float_text(char *buf, size_t size, double v, int digits);

/* A scalar string in the style above, appended to out: for messages too. */
void yw_quote(struct str *out, const char *s, size_t n);

#endif
