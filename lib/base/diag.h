/* Diagnostics: file:line:col: error: message, the source line and a caret.
 *
 * A source is a text that was read (a YAML stack, a kernel file) or a name
 * alone (a binary model: no lines, line 0).  Faults of the input are counted
 * here and make the caller return -1; faults of ours are BUG(). */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct source {
	const char *name;	/* as shown: a path, or "<stdin>" */
	const char *text;	/* whole text, or NULL for a binary file */
	size_t len;
};

struct pos {
	const struct source *src;	/* NULL: no place to show */
	int line, col;			/* from 1; col counts bytes; 0: whole file */
};

struct diag {
	FILE *to;		/* usually stderr */
	const char *tool;	/* "tamp-import": shown where there is no place */
	int nerrors;
	int limit;		/* errors shown before the rest is only counted */
	bool verbose;		/* -v */
	bool explain;		/* --explain */
	int suppressed;		/* > 0: errors are counted but not printed */
};

void diag_init(struct diag *d, const char *tool, FILE *to);

/* All return -1, so that "return diag_error(...)" reads well. */
int diag_error(struct diag *d, struct pos at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_note(struct diag *d, struct pos at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_warn(struct diag *d, struct pos at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int diag_verror(struct diag *d, struct pos at, const char *fmt, va_list ap);

/* Progress (shown under -v) and reasons for decisions (under --explain). */
void diag_progress(struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void diag_explain(struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define POS_NONE ((struct pos){0})

/* A fault of ours: says where, and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#endif
