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

/* Whether a preprocessor line names it: what it becomes is not looked into. */
static bool
directive_names(const struct token *t, const char *name)
{
	const char *end = t->s + t->len;
	size_t n = strlen(name);

	for (const char *s = t->s; s + n <= end; s++) {
		bool word = s > t->s && (s[-1] == '_' ||
			(s[-1] >= '0' && s[-1] <= '9') ||
			((s[-1] | 32) >= 'a' && (s[-1] | 32) <= 'z'));
		bool more = s + n < end && (s[n] == '_' ||
			(s[n] >= '0' && s[n] <= '9') ||
			((s[n] | 32) >= 'a' && (s[n] | 32) <= 'z'));

		if (!word && !more && memcmp(s, name, n) == 0)
			return true;
	}
	return false;
}

/* Token i names the argument: as the first one of LOAD or STORE? */
static bool
through_macro(const struct kernel *k, size_t i, const char *macro)
{
	size_t open = lex_before(&k->toks, i), name = lex_before(&k->toks, open);
	size_t comma = lex_next(&k->toks, i);

	return lex_is(&k->toks, open, "(") && lex_is(&k->toks, name, macro) &&
	       lex_is(&k->toks, comma, ",");
}

static bool
fusable(const struct kernel *k, const struct karg *g)
{
	const char *macro = g->out ? "STORE" : "LOAD";
	const char *own = k->params.v[g->param].name;

	for (size_t i = k->body; i < k->body_end; i++) {
		const struct token *t = &k->toks.v[i];

		if (t->kind == TOK_DIRECTIVE && directive_names(t, own))
			return false;
		if (t->kind == TOK_NAME && token_is(t, own) &&
		    !through_macro(k, i, macro))
			return false;
	}
	return true;
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
