/* The source below a kernel's head: its function, the parameters, which of
 * them may carry a fused map, and the shared arrays it declares.  All from
 * tokens, so that nothing is found inside a comment or a string. */
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

struct scan {
	struct kernel *k;
	struct arena *a;
	const struct source *src;
	struct diag *d;
};

static const struct token *
tok(const struct kernel *k, size_t i)
{
	return &k->toks.v[i];
}

static bool
is(const struct kernel *k, size_t i, const char *text)
{
	return token_is(tok(k, i), text);
}

/* The last token before i that is not space, comment or directive. */
static size_t
before(const struct tokens *t, size_t i)
{
	while (i-- > 0)
		if (t->v[i].kind != TOK_SPACE && t->v[i].kind != TOK_COMMENT &&
		    t->v[i].kind != TOK_DIRECTIVE)
			return i;
	return t->n - 1;		/* the end: is nothing */
}

static const char *
text_of(struct arena *a, const struct token *t)
{
	return arena_strndup(a, t->s, t->len);
}

/* --- the function ----------------------------------------------------------------- */

static int
find_function(struct scan *s)
{
	struct kernel *k = s->k;
	const char *name = k->head.kernel;

	for (size_t i = 0; i < k->toks.n; i++) {
		size_t open, close;

		if (tok(k, i)->kind != TOK_NAME || !is(k, i, name))
			continue;
		open = lex_next(&k->toks, i);
		if (open >= k->toks.n || !is(k, open, "("))
			continue;
		close = lex_close(&k->toks, open);
		if (close >= k->toks.n)
			continue;
		k->body = lex_next(&k->toks, close);
		if (k->body >= k->toks.n || !is(k, k->body, "{"))
			continue;
		k->fn = i;
		k->body_end = lex_close(&k->toks, k->body);
		if (k->body_end < k->toks.n)
			return 0;
		return diag_error(s->d, tok(k, k->body)->at,
		                  "the body of '%s' has no end", name);
	}
	return diag_error(s->d, record_pos(&k->head, "kernel"),
	                  "no function '%s' below the head", name);
}

/* The parameters: the last name of each part between commas. */
static int
read_params(struct scan *s)
{
	struct kernel *k = s->k;
	size_t i = lex_next(&k->toks, k->fn), end = lex_close(&k->toks, i);
	const struct token *last = NULL;
	int depth = 0;

	for (i = lex_next(&k->toks, i); i <= end; i = lex_next(&k->toks, i)) {
		if (tok(k, i)->kind == TOK_NAME)
			last = tok(k, i);
		if (is(k, i, "(") || is(k, i, "["))
			depth++;
		if ((is(k, i, ")") && i != end) || is(k, i, "]"))
			depth--;
		if (i != end && (depth > 0 || !is(k, i, ",")))
			continue;
		if (last && !token_is(last, "void"))
			vec_add(s->a, &k->params)->name = text_of(s->a, last);
		last = NULL;
	}
	return 0;
}

/* Every argument of the form is a parameter, and every parameter one. */
static int
match_params(struct scan *s)
{
	struct kernel *k = s->k;
	int bad = 0;

	for (size_t i = 0; i < k->params.n; i++) {
		struct karg *g = (struct karg *)kernel_arg(k,
			k->params.v[i].name);

		if (!g)
			bad = diag_error(s->d, tok(k, k->fn)->at, "parameter "
			                 "'%s' is no argument of form %s",
			                 k->params.v[i].name, k->form->name);
		else
			g->param = (int)i;
	}
	for (size_t i = 0; i < k->args.n; i++)
		if (k->args.v[i].param < 0)
			bad = diag_error(s->d, tok(k, k->fn)->at, "no parameter "
			                 "for argument %s of form %s",
			                 k->args.v[i].name, k->form->name);
	return bad;
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
	size_t open = before(&k->toks, i), name = before(&k->toks, open);
	size_t comma = lex_next(&k->toks, i);

	return is(k, open, "(") && is(k, name, macro) && is(k, comma, ",");
}

static bool
fusable(const struct kernel *k, const struct karg *g)
{
	const char *macro = g->out ? "STORE" : "LOAD";

	for (size_t i = k->body; i < k->body_end; i++) {
		const struct token *t = tok(k, i);

		if (t->kind == TOK_DIRECTIVE && directive_names(t, g->name))
			return false;
		if (t->kind == TOK_NAME && token_is(t, g->name) &&
		    !through_macro(k, i, macro))
			return false;
	}
	return true;
}

/* --- shared arrays ------------------------------------------------------------------------ */

/* The number between the brackets at token i (to *close), which is what. */
static struct expr *
number(struct scan *s, size_t i, const char *what, size_t *close)
{
	struct kernel *k = s->k;
	struct expr *e;
	struct str text;
	const char *u;

	*close = lex_close(&k->toks, i);
	if (*close >= k->toks.n) {
		diag_error(s->d, tok(k, i)->at, "a bracket without an end");
		return NULL;
	}
	str_init(&text);
	for (size_t j = i + 1; j < *close; j++)
		if (tok(k, j)->kind != TOK_COMMENT)
			str_addn(&text, tok(k, j)->s, tok(k, j)->len);
	e = expr_parse(s->a, arena_strdup(s->a, text.s),
	               tok(k, i + 1 < *close ? i + 1 : i)->at, s->d);
	str_release(&text);
	if (e && (u = expr_unknown(e, kernel_knows, k))) {
		diag_error(s->d, tok(k, i)->at, "unknown name '%s' in the %s "
		           "of a shared array", u, what);
		return NULL;
	}
	return e;
}

static bool
is_align(const struct kernel *k, size_t i)
{
	return tok(k, i)->kind == TOK_NAME && (is(k, i, "__align__") ||
		is(k, i, "alignas") || is(k, i, "__attribute__"));
}

/* __align__(N), alignas(N) or __attribute__((aligned(N))) at token i, to its
 * last bracket.  A number that is there is checked here, with its place. */
static int
read_align(struct scan *s, struct kshared *w, size_t i, size_t *end)
{
	struct kernel *k = s->k;
	const struct env none = {0};
	const char *why;
	int64_t n;
	size_t close;

	*end = lex_close(&k->toks, lex_next(&k->toks, i));
	if (is(k, i, "__attribute__")) {
		while (i < *end && !is(k, i, "aligned"))
			i++;
		if (i >= *end)
			return 0;
	}
	i = lex_next(&k->toks, i);
	if (!is(k, i, "(") || w->align)
		return diag_error(s->d, tok(k, i)->at,
		                  "expected one alignment, '__align__(BYTES)'");
	if (!(w->align = number(s, i, "alignment", &close)))
		return -1;
	if (expr_eval(w->align, &none, &n, s->a, &why) == 0 &&
	    !kernel_aligns(n))
		return diag_error(s->d, tok(k, i)->at, "a shared array on %lld "
		                  "bytes: expected a power of two up to %d",
		                  (long long)n, SHARED_ALIGN);
	return 0;
}

/* The beginning of the declaration in which __shared__ stands at i. */
static size_t
beginning(const struct kernel *k, size_t i)
{
	for (size_t b, open; ; i = b) {
		b = before(&k->toks, i);
		if (b <= k->body || b >= i)
			return i;
		if (is(k, b, ")")) {
			for (open = b; open > k->body; open--)
				if (is(k, open, "(") &&
				    lex_close(&k->toks, open) == b)
					break;
			b = before(&k->toks, open);
			if (b <= k->body || !is_align(k, b))
				return i;
		} else if (tok(k, b)->kind != TOK_NAME) {
			return i;
		}
	}
}

static bool
is_qualifier(const struct kernel *k, size_t i)
{
	return words_have("__shared__ static extern volatile const", tok(k, i)->s,
	                  tok(k, i)->len);
}

/* The declaration from token i on, whose __shared__ stands at "shared":
 * QUALIFIERS TYPE NAME[dim]...; */
static int
read_array(struct scan *s, size_t i, size_t shared)
{
	struct kernel *k = s->k;
	struct kshared *w = vec_add(s->a, &k->arrays);
	size_t close;
	struct expr *e;

	for (; i < k->body_end && !is(k, i, ";"); i = lex_next(&k->toks, i)) {
		if (is_align(k, i)) {
			if (read_align(s, w, i, &i) < 0)
				return -1;
		} else if (is(k, i, "[")) {
			close = lex_next(&k->toks, i);
			if (w->tail && is(k, close, "]")) {
				i = close;
				continue;
			}
			if (!(e = number(s, i, "size", &close)))
				return -1;
			vec_push(s->a, &w->dims, e);
			i = close;
		} else if (tok(k, i)->kind == TOK_NAME && is_qualifier(k, i)) {
			w->tail = w->tail || is(k, i, "extern");
		} else if (tok(k, i)->kind == TOK_NAME && !w->dims.n) {
			w->type = w->name;
			w->name = text_of(s->a, tok(k, i));
		} else if (!w->tail) {
			break;
		}
	}
	if (i >= k->body_end || !is(k, i, ";") || !w->name || !w->type)
		return diag_error(s->d, tok(k, shared)->at, "expected __shared__ "
		                  "TYPE NAME[SIZE]...; one array a declaration");
	return 0;
}

static int
read_arrays(struct scan *s)
{
	struct kernel *k = s->k;
	int bad = 0;

	for (size_t i = k->body; i < k->body_end; i++)
		if (tok(k, i)->kind == TOK_NAME && is(k, i, "__shared__"))
			bad |= read_array(s, beginning(k, i), i);
	return bad;
}

int
kernel_read_source(struct kernel *k, struct arena *a,
                   const struct source *src, size_t from, struct diag *d)
{
	struct scan s = {k, a, src, d};

	if (lex(a, src, from, &k->toks, d) < 0 || find_function(&s) < 0 ||
	    read_params(&s) < 0 || match_params(&s) < 0 || read_arrays(&s) < 0)
		return -1;
	for (size_t i = 0; i < k->args.n; i++)
		k->params.v[k->args.v[i].param].fusable =
			fusable(k, &k->args.v[i]);
	return 0;
}
