/* Integer expressions: of kernel heads (grid, when, regions, shared bytes) and
 * of a schedule's waits.
 *
 * int64 throughout; + - * / % (exact division: a remainder is an error when
 * evaluated), < <= > >= == != && || ! ?: parentheses, min(a,b) max(a,b)
 * cdiv(a,b), names.  Overflow is an error too.  && || ?: evaluate only what
 * they need, so "K % 4 == 0 && K / 4 > 2" is safe. */
#ifndef BASE_EXPR_H
#define BASE_EXPR_H

#include "base/diag.h"
#include "base/vec.h"

struct expr;

/* Names and their values; later entries hide earlier ones. */
struct env_var {
	const char *name;
	int64_t value;
};

struct env {
	struct env_var *v;
	size_t n, cap;
};

const int64_t *env_get(const struct env *e, const char *name);
void env_set(struct arena *a, struct env *e, const char *name, int64_t value);

/* text must be one whole expression; NULL after a diagnostic at "at" (col is
 * advanced to the fault). */
struct expr *expr_parse(struct arena *a, const char *text, struct pos at,
                        struct diag *d);

/* Likewise, as C writes it: division drops the remainder, numbers may be
 * hexadecimal or octal and have suffixes (32u), there are << and >>.  To be
 * evaluated, not bound. */
struct expr *expr_parse_c(struct arena *a, const char *text, struct pos at,
                          struct diag *d);

/* The longest expression that text begins with; *used: its bytes. */
struct expr *expr_parse_part(struct arena *a, const char *text, size_t *used,
                             struct pos at, struct diag *d);

/* 0, or -1 with *why (in the arena) naming the fault: unknown name, division
 * with a remainder, overflow. */
int expr_eval(const struct expr *e, const struct env *env, int64_t *out,
              struct arena *a, const char **why);

/* The expression with what env knows put in and folded, as text: for plans. */
const char *expr_bind(struct arena *a, const struct expr *e,
                      const struct env *env);

/* Whether evaluating it may fail for a reason other than an unknown name or
 * overflow: it divides. */
bool expr_divides(const struct expr *e);

/* The first name in e that is not known, or NULL. */
const char *expr_unknown(const struct expr *e,
                         bool (*known)(const void *ctx, const char *name),
                         const void *ctx);

#endif
