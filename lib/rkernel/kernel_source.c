/* The source below a kernel's head: its function, and which of the parameters
 * may carry a fused map.  All from tokens, so that nothing is found inside a
 * comment or a string. */
#include <string.h>

#include "rkernel/kernel.h"

/* --- the function ----------------------------------------------------------------- */

static int
find_function(struct kernel *k, struct diag *d)
{
	const char *name = k->head.kernel;

	for (size_t i = 0; i < k->toks.n; i++) {
		size_t open, close;

		if (!lex_is_name(&k->toks, i, name))
			continue;
		open = lex_next(&k->toks, i);
		if (open >= k->toks.n || !lex_is(&k->toks, open, "("))
			continue;
		close = lex_close(&k->toks, open);
		if (close >= k->toks.n)
			continue;
		k->body = lex_next(&k->toks, close);
		if (k->body >= k->toks.n || !lex_is(&k->toks, k->body, "{"))
			continue;
		k->fn = i;
		k->body_end = lex_close(&k->toks, k->body);
		if (k->body_end < k->toks.n)
			return 0;
		return diag_error(d, k->toks.v[k->body].at,
		                  "the body of '%s' has no end", name);
	}
	return diag_error(d, record_pos(&k->head, "kernel"),
	                  "no function '%s' below the head", name);
}

/* --- what may be fused ----------------------------------------------------------------- */

/* Token i names the argument: as the first one of LOAD or STORE? */
static bool
through_macro(const struct tokens *t, size_t i, const char *macro)
{
	size_t open = lex_before(t, i), name = lex_before(t, open);

	return lex_is(t, open, "(") && lex_is(t, name, macro) &&
	       lex_is(t, lex_next(t, i), ",");
}

/* Whether tokens [lo, hi) name it other than in LOAD or STORE. */
static bool
touches(const struct tokens *t, size_t lo, size_t hi, const char *name,
        const char *macro)
{
	for (size_t i = lo; i < hi; i++)
		if (lex_is_name(t, i, name) && !through_macro(t, i, macro))
			return true;
	return false;
}

/* Whether a macro does, and not by a parameter of that name. */
static bool
macro_touches(const struct kmacro *m, const char *name, const char *macro)
{
	size_t close = lex_is(m->t, m->rest, "(") ?
	               lex_close(m->t, m->rest) : m->rest;

	for (size_t i = m->rest; i < close; i++)
		if (lex_is_name(m->t, i, name))
			return false;
	return touches(m->t, close, m->t->n, name, macro);
}

static bool
fusable(const struct kernel *k, const struct karg *g)
{
	const char *macro = g->out ? "STORE" : "LOAD";
	const char *own = k->params.v[g->param].name;

	for (size_t i = 0; i < k->macros.n; i++)
		if (kernel_reaches(k, k->macros.v[i].name) &&
		    macro_touches(&k->macros.v[i], own, macro))
			return false;
	return !touches(&k->toks, k->body, k->body_end, own, macro);
}

int
kernel_read_source(struct kernel *k, struct arena *a, struct diag *d)
{
	if (find_function(k, d) < 0 || kernel_read_params(k, a, d) < 0 ||
	    kernel_read_shared(k, a, d) < 0)
		return -1;
	for (size_t i = 0; i < k->args.n; i++)
		k->params.v[k->args.v[i].param].fusable =
			fusable(k, &k->args.v[i]);
	return 0;
}
