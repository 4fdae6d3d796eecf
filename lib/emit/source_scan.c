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
/* Names that can stand before a bracket but are not what is declared. */
static const char *const words[] = { "void", "int", "float", "double", "char",
	"short", "long", "unsigned", "signed", "bool", "auto", "const",
	"volatile", "static", "inline", "extern", "constexpr", "__device__",
	"__host__", "__global__", "__forceinline__", "__noinline__", NULL };
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

/* What the runtime or the compiler has defined is not the file's to take. */
static int
check_undef(struct turn *s, const struct token *dir)
{
	const struct tokens *t = relex(s, dir);
	size_t i = t ? first(t) : 0;
	int at;

	if (!t || !token_is(&t->v[i], "undef"))
		return 0;
	i = lex_next(t, i);
	at = map_get(&s->by_name, token_text(s->a, &t->v[i]));
	if (at >= 0 && s->parts.v[at].kind == PART_MACRO)
		return 0;
	return diag_error(s->d, t->v[i].at, "#undef of '%s', which the file does "
	                  "not define", token_text(s->a, &t->v[i]));
}

static bool
is_undef(const struct token *dir)
{
	size_t i = 1;

	while (i < dir->len && (dir->s[i] == ' ' || dir->s[i] == '\t'))
		i++;
	return dir->len - i > 5 && memcmp(dir->s + i, "undef", 5) == 0;
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
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind == TOK_DIRECTIVE && is_undef(&t->v[i]))
			rc |= check_undef(s, &t->v[i]);
	return rc;
}

/* --- declarations ------------------------------------------------------------ */

static void
add_name(struct turn *s, const struct token *t)
{
	map_set(&s->renamed, token_text(s->a, t), NAME_PLAIN);
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
			map_set(&s->renamed, token_text(s->a, &t->v[i]),
			        NAME_ENUMERATOR);
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
	bool base = false;	/* between ":" and "{" */
	size_t next;

	for (size_t i = lo; i < hi; i = lex_next(t, i)) {
		next = lex_next(t, i);
		if (t->v[i].kind == TOK_NAME && !value) {
			if (token_in(&t->v[i], attributes) && is_mark(t, next, "("))
				i = lex_close(t, next);
			else if (base || token_in(&t->v[i], tags))
				;
			else if (tag || is_mark(t, next, "=") ||
			         is_mark(t, next, "{") ||
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
			base = false;
		} else if (is_mark(t, i, ":")) {
			base = true;
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

/* A part while it is looked for. */
struct looking {
	struct part p;
	const struct tokens *t;
	size_t name;		/* of a function; t->n: none so far */
	bool value, tagged;	/* "=" came, "struct" came */
};

/* operator+ (...) : its "(" is the end of what is returned. */
static size_t
past_operator(struct looking *l, size_t i)
{
	const struct tokens *t = l->t;
	size_t open = lex_next(t, i);

	if (is_mark(t, open, "(") && is_mark(t, lex_next(t, open), ")"))
		open = lex_next(t, lex_next(t, open));
	while (!is_mark(t, open, "(") && !is_mark(t, open, ";") &&
	       t->v[open].kind != TOK_END)
		open = lex_next(t, open);
	if (!is_mark(t, open, "("))
		return i;
	l->name = i;
	l->p.params = open;
	return lex_close(t, open);
}

/* What "{" at i is: 1 the body of a function, 0 part of a declaration. */
static int
opens(struct turn *s, struct looking *l, size_t i, size_t prev)
{
	const struct tokens *t = l->t;

	if (prev < t->n && t->v[prev].kind == TOK_STRING)
		return outer(s, &t->v[i], "an extern \"C\" block");
	if (l->value || (l->tagged && l->name == t->n))
		return 0;
	if (l->name < t->n)
		return 1;
	if (prev < t->n && (t->v[prev].kind == TOK_NAME ||
	                    is_mark(t, prev, "]")))
		return 0;	/* an initialiser */
	return diag_error(s->d, t->v[i].at, "a body of no function that can be "
	                  "made out");
}

/* Finds the end, and what the part is, from token i on; returns the last
 * token of the part, 0 after a diagnostic. */
static size_t
look(struct turn *s, struct looking *l, size_t i)
{
	const struct tokens *t = l->t;
	size_t prev = t->n;
	int body;

	for (; ; prev = i, i = lex_next(t, i)) {
		if (i >= t->n || t->v[i].kind == TOK_END) {
			diag_error(s->d, t->v[l->p.lo].at,
			           "a declaration without an end");
			return 0;
		}
		if (is_mark(t, i, ";"))
			return i;
		l->value = l->value || is_mark(t, i, "=");
		l->tagged = l->tagged || (t->v[i].kind == TOK_NAME &&
			token_in(&t->v[i], tags));
		if (l->name == t->n && !l->value &&
		    t->v[i].kind == TOK_NAME && token_is(&t->v[i], "operator")) {
			i = past_operator(l, i);
			continue;
		}
		if (is_mark(t, i, "(") && !l->value && l->name == t->n &&
		    prev < t->n && t->v[prev].kind == TOK_NAME &&
		    !token_in(&t->v[prev], attributes)) {
			l->name = prev;
			l->p.params = i;
		}
		if (is_mark(t, i, "{")) {
			body = opens(s, l, i, prev);
			if (body < 0)
				return 0;
			if (body) {
				l->p.body = i;
				l->p.end = lex_close(t, i);
				return l->p.end;
			}
		}
		if (is_mark(t, i, "(") || is_mark(t, i, "{") || is_mark(t, i, "["))
			i = lex_close(t, i);
	}
}

/* An operator has no name of its own instance: its types must have. */
static int
check_operator(struct turn *s, const struct looking *l)
{
	const struct tokens *t = l->t;

	for (size_t i = l->p.params; i < lex_close(t, l->p.params); i++)
		if (t->v[i].kind == TOK_NAME &&
		    map_get(&s->renamed, token_text(s->a, &t->v[i])) >= 0)
			return 0;
	return diag_error(s->d, t->v[l->name].at, "an operator without a type of "
	                  "this file: write a function");
}

static int
add_function(struct turn *s, struct looking *l)
{
	const struct token *n = &l->t->v[l->name];

	if (token_in(n, words))
		return diag_error(s->d, n->at, "a declarator in brackets, in a "
		                  "kernel file");
	l->p.name = token_text(s->a, n);
	l->p.kind = PART_FUNCTION;
	if (l->name == s->k->kernel->fn)
		l->p.kind = PART_KERNEL;
	else if (!token_is(n, "operator"))
		add_name(s, n);
	else if (check_operator(s, l) < 0)
		return -1;
	return 0;
}

/* using NAME = TYPE; alone is a declaration of the file's own. */
static int
check_using(struct turn *s, const struct tokens *t, size_t i)
{
	if (!token_is(&t->v[i], "using") ||
	    is_mark(t, lex_next(t, lex_next(t, i)), "="))
		return 0;
	return outer(s, &t->v[i], "names of another scope");
}

/* The part that begins at token i; its end is parts' last hi. */
static int
scan_part(struct turn *s, const struct tokens *t, size_t i)
{
	struct looking l = {.p = {.kind = PART_DECL, .t = t, .lo = i}, .t = t,
	                    .name = t->n};

	if (token_is(&t->v[i], "namespace"))
		return outer(s, &t->v[i], "a namespace");
	if (token_is(&t->v[i], "template"))
		i = past_template(t, i);
	if (check_using(s, t, i) < 0)
		return -1;
	i = look(s, &l, i);
	if (i == 0)
		return -1;
	if (i >= t->n)
		return diag_error(s->d, t->v[l.p.body ? l.p.body : l.p.lo].at,
		                  "a bracket without its partner");
	l.p.hi = i + 1;
	if (l.name == t->n)
		declared(s, t, l.p.lo, l.p.hi);
	else if (!token_is(&t->v[l.name], "static_assert") &&
	         !token_is(&t->v[l.name], "_Static_assert") &&
	         add_function(s, &l) < 0)
		return -1;
	vec_push(s->a, &s->parts, l.p);
	if (l.p.kind == PART_FUNCTION && l.p.body)
		map_set(&s->by_name, l.p.name, (int)s->parts.n - 1);
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
