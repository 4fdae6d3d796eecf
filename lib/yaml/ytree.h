/* YAML text to a compact tree with positions, by libyaml's events.
 *
 * What tamp reads is a strict subset: scalars, sequences, maps with scalar
 * keys; no aliases, anchors, tags, merge keys or duplicate keys, each refused
 * with its place.  A document must end with "..." on a line of its own. */
#ifndef YAML_YTREE_H
#define YAML_YTREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

enum ykind { Y_SCALAR, Y_SEQ, Y_MAP };

struct ynode {
	enum ykind kind;
	bool quoted;		/* scalar: was in quotes, hence a string */
	int line, col;		/* from 1 */
	const struct source *src;
	const char *s;		/* scalar: text, escapes resolved */
	size_t len;
	struct ynode **kids;	/* seq: items; map: key, value, key, value ... */
	size_t nkids;		/* of a map: 2 * pairs */
};

/* One document of a stream: its tree and the bytes it was read from, from
 * its first line (comments above it included) to the end of its "..." line. */
struct ydoc {
	struct ynode *root;
	const char *text;
	size_t len;
	bool marked;		/* begins with "---" */
};

/* Reads every document of src.  Nesting deeper than 64 is refused.  Returns
 * -1 after diagnostics; an empty text is an error. */
int ytree_read(struct arena *a, const struct source *src,
               struct ydoc **docs, size_t *ndocs, struct diag *d);

struct pos ynode_pos(const struct ynode *n);
const struct ynode *ynode_get(const struct ynode *map, const char *key);

/* The place of the value under key of map n, or of n itself without it. */
struct pos ynode_key_pos(const struct ynode *n, const char *key);

/* Scalars as values; false if the text is not one or was quoted (the caller
 * reports).  What YAML 1.1 and 1.2 read differently (010, 1_000) is none. */
bool ynode_int(const struct ynode *n, int64_t *out);	/* decimal or 0x */
bool ynode_float(const struct ynode *n, double *out);	/* also .inf .nan */
bool ynode_bool(const struct ynode *n, bool *out);	/* true, false alone */

#endif
