/* C and CUDA source as reread*.c look at it: tokens without space and comments,
 * and the functions at file scope. */
#ifndef EMIT_REREAD_TEXT_H
#define EMIT_REREAD_TEXT_H

#include "base/map.h"
#include "emit/reread.h"
#include "rkernel/lex.h"

enum {
	MEETS_ALL = 1,		/* a barrier for all threads of the vEU */
	MEETS_IDLE = 2,		/* one that the idle come to in tamp_idle */
	LEAVES = 4,		/* a macro: returns from where it stands */
};

struct macro {			/* a line that defines one, or takes it back */
	const char *name;
	struct token line;
	struct tokens body;		/* with its parameters */
	bool ends;			/* #undef, #pragma pop_macro */
	unsigned comes_to;		/* MEETS_* and LEAVES, of it and of what
					 * it uses: reread_source.c fills it */
	int before;			/* of the same name, or -1 */
};

struct function {
	const char *name;
	size_t head, open, close;	/* its first token, "{" and "}" */
	unsigned meets;			/* barriers of it and of what it calls,
					 * MEETS_*: reread_source.c fills it */
	int other;			/* of the same name, or -1 */
};

struct text {
	const struct reread *r;
	const struct tables *t;		/* NULL: of no program */
	struct tokens all;
	struct tokens v;		/* without space, comments, directives */
	VEC(struct function) functions;
	struct map by_name;		/* the last of each name */
	struct map by_signature;
	VEC(struct macro) macros;
	struct map macro_by_name;	/* the last of each name */
};

/* Fills x, of which r and t are set.  A function whose name ends in an
 * instance's suffix (_i3) comes from a kernel's file and may be overloaded: it
 * is told by its parameter list, without their names, and its template's.  All
 * else is there once.  -1 after a diagnostic: no tokens, or a function that is
 * defined twice. */
int text_read(struct text *x, const struct source *src);

/* Token i is that; as a string in the arena; its place (of the last, if there
 * is no i). */
bool text_is(const struct text *x, size_t i, const char *s);
const char *text_word(const struct text *x, size_t i);
struct pos text_at(const struct text *x, size_t i);

/* The bracket that closes the one at i; the number of tokens if none does. */
size_t text_close(const struct text *x, size_t i);

/* Past the list in "<" and ">" that begins at i; the number of tokens if none
 * does, or a statement begins in it. */
size_t text_past_angles(const struct text *x, size_t i);

/* Whether the tokens from i on are the words of the pattern, which stand apart
 * by spaces; "#" is a number, put into n in turn.  *end (or NULL): past them. */
bool text_match(const struct text *x, size_t i, const char *pattern,
                uint64_t *n, size_t *end);

/* The function of that name, or NULL; of several, one: the others follow. */
struct function *text_find(const struct text *x, const char *name);
struct function *text_other(const struct text *x, const struct function *f);

/* What a macro comes to, by any of its definitions that may be in force at the
 * place in the text; 0: there is none. */
unsigned text_macro(const struct text *x, const char *name, const char *place);

/* Whether it is suffix N of the prefix: "body_12"; *n: the 12. */
bool text_numbered(const char *name, const char *prefix, uint64_t *n);

#endif
