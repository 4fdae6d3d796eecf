/* What stands at file scope of a kernel file: declarations, helper functions,
 * the kernel and macros, and which names they bring.  A declaration ends at
 * its ";" or, for a function, at its body. */
#include "emit/source.h"

#include <string.h>

/* Names that take parentheses before the declared name comes. */
static const char *const attributes[] = {
	"__launch_bounds__", "__align__", "__attribute__", "alignas", "decltype",
	"_Alignas", "__declspec", "__maxnreg__", "typeof", "__typeof__",
	"__cluster_dims__", "__block_size__", NULL,
};
static const char *const tags[] = { "struct", "class", "union", "enum", NULL };

/* Headers that the emitted file has included already. */
static const char *const headers[] = {
	"math.h", "stdint.h", "stddef.h", "float.h", "limits.h", "stdbool.h",
	"string.h", "cuda_runtime.h", "immintrin.h", NULL,
};

bool
token_in(const struct token *t, const char *const *list)
{
	for (; *list; list++)
		if (token_is(t, *list))
			return true;
	return false;
}

const char *
token_text(struct arena *a, const struct token *t)
{
	return arena_strndup(a, t->s, t->len);
}

size_t
token_before(const struct tokens *t, size_t i)
{
	while (i > 0) {
		enum token_kind k = t->v[--i].kind;

		if (k != TOK_SPACE && k != TOK_COMMENT && k != TOK_DIRECTIVE)
			return i;
	}
	return 0;
}

static bool
is_mark(const struct tokens *t, size_t i, const char *mark)
{
	return t->v[i].kind == TOK_PUNCT && token_is(&t->v[i], mark);
}

/* --- directives ------------------------------------------------------------ */

/* The directive's tokens after its "#", with their places in the file. */
static const struct tokens *
relex(struct turn *s, const struct token *dir)
{
	const struct source *src = dir->at.src;
	struct tokens *t = arena_new(s->a, struct tokens);
	struct source *cut = arena_new(s->a, struct source);
	size_t from = (size_t)(dir->s - src->text) + 1;

	*cut = *src;
	cut->len = from - 1 + dir->len;
	if (lex(s->a, cut, from, t, s->d) < 0)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].at.src = src;
	return t;
}

static size_t
first(const struct tokens *t)
{
	return t->v[0].kind == TOK_SPACE || t->v[0].kind == TOK_COMMENT ?
	       lex_next(t, 0) : 0;
}

const struct tokens *
source_define(struct turn *s, const struct token *dir)
{
	size_t i = 1;

	while (i < dir->len && (dir->s[i] == ' ' || dir->s[i] == '\t'))
		i++;
	if (dir->len - i < 6 || memcmp(dir->s + i, "define", 6) != 0)
		return NULL;
	return relex(s, dir);
}

/* #include is dropped: its header is there already, or belongs to no rTask. */
static int
check_include(struct turn *s, const struct token *dir)
{
	const char *open = memchr(dir->s, '<', dir->len), *close;
	struct token name;

	if (!open)
		return 0;	/* "kernel.h": what lets the file compile alone */
	close = memchr(open, '>', dir->len - (size_t)(open - dir->s));
	if (!close)
		return 0;
	name = (struct token){TOK_NAME, open + 1, (size_t)(close - open) - 1,
	                      dir->at};
	if (token_in(&name, headers))
		return 0;
	return diag_error(s->d, dir->at, "a kernel cannot include <%.*s>",
	                  (int)name.len, name.s);
}

static int
add_macro(struct turn *s, const struct token *dir)
{
	const struct tokens *t = source_define(s, dir);
	size_t i;

	if (!t)
		return s->d->nerrors ? -1 : 0;
	i = lex_next(t, first(t));
	if (t->v[i].kind != TOK_NAME)
		return diag_error(s->d, t->v[i].at, "a macro without a name");
	*vec_add(s->a, &s->parts) = (struct part){
		.kind = PART_MACRO, .t = t, .lo = lex_next(t, i), .hi = t->n - 1,
		.name = token_text(s->a, &t->v[i]),
	};
	map_set(&s->by_name, s->parts.v[s->parts.n - 1].name,
	        (int)s->parts.n - 1);
	return 0;
}

static bool
is_include(const struct token *dir)
{
	size_t i = 1;

	while (i < dir->len && (dir->s[i] == ' ' || dir->s[i] == '\t'))
		i++;
	return dir->len - i > 7 && memcmp(dir->s + i, "include", 7) == 0;
}

static int
scan_directives(struct turn *s, const struct tokens *t)
{
	int rc = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].kind != TOK_DIRECTIVE)
			continue;
		if (is_include(&t->v[i]))
			rc |= check_include(s, &t->v[i]);
		else
			rc |= add_macro(s, &t->v[i]);
	}
	return rc;
}

/* --- declarations ------------------------------------------------------------ */

static void
add_name(struct turn *s, const struct token *t)
{
	map_set(&s->renamed, token_text(s->a, t), 0);
}

/* Past template <...>, which begins at i. */
static size_t
past_template(const struct tokens *t, size_t i)
{
	int depth = 0;

	for (i = lex_next(t, i); t->v[i].kind != TOK_END; i = lex_next(t, i)) {
		if (is_mark(t, i, "<"))
			depth++;
		for (size_t c = 0; t->v[i].s[0] == '>' && c < t->v[i].len; c++)
			depth--;
		if (depth <= 0)
			return lex_next(t, i);
	}
	return i;
}

/* Names of an enum's values, "{" at i. */
static void
enumerators(struct turn *s, const struct tokens *t, size_t i)
{
	size_t end = lex_close(t, i);
	bool fresh = true;

	for (i = lex_next(t, i); i < end; i = lex_next(t, i)) {
		if (fresh && t->v[i].kind == TOK_NAME)
			add_name(s, &t->v[i]);
		if (is_mark(t, i, "("))
			i = lex_close(t, i);
		fresh = i < end && is_mark(t, i, ",");
	}
}

/* Names that the declaration [lo, hi), no function, brings to file scope. */
static void
declared(struct turn *s, const struct tokens *t, size_t lo, size_t hi)
{
	bool value = false, tag = false, is_enum = false;
	size_t next;

	for (size_t i = lo; i < hi; i = lex_next(t, i)) {
		next = lex_next(t, i);
		if (t->v[i].kind == TOK_NAME && !value) {
			if (token_in(&t->v[i], attributes) && is_mark(t, next, "("))
				i = lex_close(t, next);
			else if (tag || is_mark(t, next, "=") ||
			         is_mark(t, next, "[") || is_mark(t, next, ",") ||
			         is_mark(t, next, ";") ||
			         token_in(&t->v[next], attributes))
				add_name(s, &t->v[i]);
			tag = token_in(&t->v[i], tags);
			is_enum = is_enum || token_is(&t->v[i], "enum");
		} else if (is_mark(t, i, "=") || is_mark(t, i, ",")) {
			value = is_mark(t, i, "=");
		} else if (is_mark(t, i, "{") || is_mark(t, i, "(") ||
		           is_mark(t, i, "[")) {
			if (is_enum && is_mark(t, i, "{"))
				enumerators(s, t, i);
			i = lex_close(t, i);
			tag = false;
		}
		if (i >= hi)
			break;
	}
}

static int
outer(struct turn *s, const struct token *t, const char *what)
{
	return diag_error(s->d, t->at, "%s in a kernel file", what);
}

/* The part that begins at token i; its end is parts' last hi. */
static int
scan_part(struct turn *s, const struct tokens *t, size_t i)
{
	struct part p = {.kind = PART_DECL, .t = t, .lo = i};
	size_t name = t->n, prev = t->n;
	bool value = false;

	if (token_is(&t->v[i], "namespace"))
		return outer(s, &t->v[i], "a namespace");
	if (token_is(&t->v[i], "template"))
		i = past_template(t, i);
	for (; ; prev = i, i = lex_next(t, i)) {
		if (i >= t->n || t->v[i].kind == TOK_END)
			return diag_error(s->d, t->v[p.lo].at,
			                  "a declaration without an end");
		if (is_mark(t, i, ";"))
			break;
		value = value || is_mark(t, i, "=");
		if (is_mark(t, i, "(") && !value && name == t->n && prev < t->n &&
		    t->v[prev].kind == TOK_NAME &&
		    !token_in(&t->v[prev], attributes)) {
			name = prev;
			p.params = i;
		}
		if (is_mark(t, i, "{") && prev < t->n &&
		    t->v[prev].kind == TOK_STRING)
			return outer(s, &t->v[i], "an extern \"C\" block");
		if (is_mark(t, i, "{") && name < t->n && !value) {
			p.body = i;
			p.end = lex_close(t, i);
			i = p.end;
			break;
		}
		if (is_mark(t, i, "(") || is_mark(t, i, "{") || is_mark(t, i, "["))
			i = lex_close(t, i);
	}
	if (i >= t->n)
		return diag_error(s->d, t->v[p.body ? p.body : p.lo].at,
		                  "a bracket without its partner");
	p.hi = i + 1;
	if (name < t->n && !token_is(&t->v[name], "static_assert") &&
	    !token_is(&t->v[name], "_Static_assert")) {
		p.name = token_text(s->a, &t->v[name]);
		p.kind = PART_FUNCTION;
		if (name == s->k->kernel->fn)
			p.kind = PART_KERNEL;
		else
			add_name(s, &t->v[name]);
	} else if (name == t->n) {
		declared(s, t, p.lo, p.hi);
	}
	vec_push(s->a, &s->parts, p);
	if (p.kind == PART_FUNCTION && p.body)
		map_set(&s->by_name, p.name, (int)s->parts.n - 1);
	return 0;
}

/* Everything after this may rely on every bracket having its partner. */
static int
check_brackets(struct turn *s, const struct tokens *t)
{
	VEC(size_t) open = {0};

	for (size_t i = 0; i < t->n; i++) {
		const struct token *k = &t->v[i];

		if (k->kind != TOK_PUNCT || k->len != 1)
			continue;
		if (strchr("([{", k->s[0]))
			vec_push(s->a, &open, i);
		else if (!strchr(")]}", k->s[0]))
			continue;
		else if (open.n && lex_close(t, open.v[open.n - 1]) == i)
			open.n--;
		else
			return diag_error(s->d, k->at,
			                  "a bracket without its partner");
	}
	return open.n == 0 ? 0 :
	       diag_error(s->d, t->v[open.v[open.n - 1]].at,
	                  "a bracket without its partner");
}

int
source_scan(struct turn *s)
{
	const struct tokens *t = &s->k->kernel->toks;
	size_t i = first(t);

	if (check_brackets(s, t) < 0)
		return -1;
	if (t->n && t->v[0].kind == TOK_DIRECTIVE)
		i = lex_next(t, 0);
	while (t->v[i].kind != TOK_END) {
		if (is_mark(t, i, ";")) {
			i = lex_next(t, i);
			continue;
		}
		if (scan_part(s, t, i) < 0)
			return -1;
		i = lex_next(t, s->parts.v[s->parts.n - 1].hi - 1);
	}
	for (i = 0; i < s->parts.n; i++)
		if (s->parts.v[i].kind == PART_KERNEL)
			return scan_directives(s, t);
	return diag_error(s->d, t->v[s->k->kernel->fn].at,
	                  "the kernel is not declared at file scope");
}
