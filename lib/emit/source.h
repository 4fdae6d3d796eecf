/* The source-to-source parser's own view of a kernel file: what stands at file
 * scope, what each function does that matters to an rTask, and the pass that
 * writes tokens out.  Private to source*.c. */
#ifndef EMIT_SOURCE_H
#define EMIT_SOURCE_H

#include "base/map.h"
#include "emit/target.h"

enum part_kind { PART_DECL, PART_FUNCTION, PART_KERNEL, PART_MACRO };

/* An enumerator is renamed after "::" too. */
enum { NAME_PLAIN, NAME_ENUMERATOR };

/* A declaration, a function or a #define. */
struct part {
	enum part_kind kind;
	const struct tokens *t;
	size_t lo, hi;			/* tokens [lo, hi) of t */
	size_t params, body, end;	/* functions: "(", "{" and "}" */
	const char *name;		/* functions and macros */
	bool barrier, warp;		/* it, or what it calls, meets others */
	bool index;			/* likewise, uses blockIdx */
	bool leaves;			/* a macro: returns from where it stands */
	int mark;			/* walk over calls: 0, 1 open, 2 done */
};

struct turn {			/* one kernel file turned into one instance */
	struct emit *e;
	const struct kinstance *k;
	int index;
	bool gpu;
	enum target_kind kind;
	struct diag *d;
	struct arena *a;
	struct str *out;
	VEC(struct part) parts;		/* in the order of the text, macros last */
	VEC(struct part) dropped;	/* what the kernel does not come to */
	struct map by_name;		/* functions and macros: index in parts */
	struct map macros;		/* all that the file defines */
	struct map renamed;		/* names of file scope -> NAME_... */
	struct map own;			/* names of the head that the file gives to
					 * something else: no macros then; 1 if
					 * the kernel does */
	bool idle;			/* barriers count threads that are done */
	int64_t threads, most;		/* of the kernel; of its widest launch */
};

/* Finds the parts and the names of file scope; of the preprocessor lines
 * (source_lines.c), macros become parts. */
int source_scan(struct turn *s);
int source_lines(struct turn *s, const struct tokens *t);

/* Refuses what no rTask may do, and decides s->idle. */
int source_check(struct turn *s);

/* Refuses atomics on floating point (source_atomic.c): the order of a sum is
 * part of a kernel. */
int source_atomics(struct turn *s);

/* How threads meet (source_meet.c): refuses what would wait for a thread that
 * is gone, and decides s->idle. */
int source_meeting(struct turn *s);

/* Whether the name is a barrier or an operation of a warp; whether the token
 * is, or stands for something that comes to, one or the other. */
bool source_meets(const struct token *t);
bool source_barrier(const struct turn *s, const struct token *t);
bool source_warp(const struct turn *s, const struct token *t);

/* The function or macro that a name stands for, or NULL. */
const struct part *source_called(const struct turn *s, const struct token *t);

/* The tokens [begin, finish) of p that do something: a prototype has none. */
size_t source_begin(const struct part *p);
size_t source_finish(const struct part *p);

/* Past the statement that begins at token i. */
size_t source_statement(const struct tokens *t, size_t i);

/* Inline assembly (source_asm.c), "asm" at token i.  put: returns the token
 * of its last bracket. */
bool source_is_asm(const struct token *t);
int source_check_asm(struct turn *s, const struct part *p, size_t i);
size_t source_put_asm(struct turn *s, const struct tokens *t, size_t i);

/* The first word of a string literal that is in the list, or NULL. */
const char *source_asm_word(struct arena *a, const struct token *t,
                            const char *const *list);

/* Writes tokens [lo, hi) of p, turned. */
int source_put(struct turn *s, const struct part *p, size_t lo, size_t hi);

/* What stood at token *i of t is left out: past the end of its line, too. */
void source_skip_line(struct turn *s, const struct tokens *t, size_t *i);

/* Whether the argument of that name only ever is a constant of the model. */
bool source_is_weight(const struct turn *s, const char *name);

/* The class's argument of that name, or -1. */
int source_arg(const struct turn *s, const char *name, size_t len);

/* Whether token i, of p, calls or declares a function that is handed the block's
 * index: its "(", else 0. */
size_t source_hands_block(const struct turn *s, const struct part *p,
                          size_t i);

/* Appends a text of the head, such as a type, with the file's names as they
 * are called in the instance. */
void source_put_text(struct turn *s, const char *text);

/* Declares the extern arrays of file scope that the tokens [lo, hi) name. */
void source_put_tails(struct turn *s, size_t lo, size_t hi);

/* Whether the head gives the name a value. */
bool source_is_defined(const struct turn *s, const char *name);

/* Past template <...>, which begins at i (n of t if it has no end). */
size_t source_past_template(const struct tokens *t, size_t i);

bool token_in(const struct token *t, const char *const *list);

#endif
