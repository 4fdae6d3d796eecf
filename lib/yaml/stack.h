/* A plan is a stack of YAML documents, the topmost first.
 *
 * A stage reads a stack, pushes its own document on top, and copies what lies
 * below byte for byte, except that a document of its own format is replaced
 * and whatever was made from the replaced one is dropped.  Of each format the
 * topmost counts.  (lib/ir knows of one path that changes with the place:
 * weights_follow.) */
#ifndef YAML_STACK_H
#define YAML_STACK_H

#include <stdio.h>

#include "base/file.h"
#include "yaml/record.h"

/* Formats in the order in which they are made. */
enum format { FORMAT_GRAPH, FORMAT_DEVICE, FORMAT_TASKS, FORMAT_COSTS,
              FORMAT_SCHEDULE, FORMAT_MEMORY, FORMAT_REPORT, NFORMATS };

/* One row per format (lib/ir/formats.c): name, record, what it is made from. */
struct format_info {
	const char *name;		/* "graph/1" */
	const char *schema;		/* "graph.schema.yaml" */
	const struct record *record;
	unsigned from;			/* bit set of formats it is made from */
	const char *doc;		/* one line */
};

struct stack {
	struct arena *a;
	const struct format_info *formats;	/* NFORMATS rows */
	VEC(struct ydoc) docs;			/* topmost first */
	VEC(int) kinds;				/* format of docs[i] */
	void *read[NFORMATS];			/* the topmost of each, read; or NULL */
};

void stack_init(struct stack *s, struct arena *a,
                const struct format_info *formats);

/* Reads a file ("-": standard input) below what the stack holds already, and
 * fills read[].  -1 after diagnostics. */
int stack_read(struct stack *s, const char *path, struct diag *d);

/* The same from a text that was read already; src lives as long as s. */
int stack_read_source(struct stack *s, const struct source *src,
                      struct diag *d);

/* Puts rec (a record of format f) on top of s: it replaces the topmost document
 * of its format, and everything that is made from that format goes.  A stage
 * that makes several documents pushes them one after another. */
void stack_push(struct stack *s, enum format f, void *rec);

/* Writes what s holds, topmost first; only: the top document alone.  Always 0:
 * a failing stream is reported, with the reason, by file_commit. */
int stack_print(const struct stack *s, bool only, FILE *to);

/* Both in one, s stays as it is.  Writes a stack: rec (a record of format f) on top, then the documents of s
 * that stay.  only: the top document alone. */
int stack_write(const struct stack *s, enum format f, const void *rec,
                bool only, FILE *to);

/* One document with its "format" line and "..." appended to out. */
void document_write(const struct format_info *f, const void *rec,
                    struct str *out);

#endif
