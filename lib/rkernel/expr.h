/* Integer expressions of kernel heads: grid, when, regions, shared bytes.
 *
 * int64 throughout; + - * / % (exact division: a remainder is an error when
 * evaluated), < <= > >= == != && || ! ?: parentheses, min(a,b) max(a,b)
 * cdiv(a,b), names.  Overflow is an error too. */
#ifndef RKERNEL_EXPR_H
#define RKERNEL_EXPR_H

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

/* 0, or -1 with *why (in the arena) naming the fault: unknown name, division
 * with a remainder, overflow. */
int expr_eval(const struct expr *e, const struct env *env, int64_t *out,
              struct arena *a, const char **why);

/* The expression with what env knows put in and folded, as text: for plans. */
const char *expr_bind(struct arena *a, const struct expr *e,
                      const struct env *env);

#endif
