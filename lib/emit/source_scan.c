/* What stands at file scope of a kernel file: declarations, helper functions,
 * the kernel and macros, and which names they bring.  A declaration ends at
 * its ";" or, for a function, at its body. */
#include "emit/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

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

bool
token_in(const struct token *t, const char *const *list)
{
	for (; *list; list++)
		if (token_is(t, *list))
			return true;
	return false;
}

bool
source_is_defined(const struct turn *s, const char *name)
{
	for (size_t i = 0; i < s->k->defines.n; i++)
		if (str_eq(s->k->defines.v[i].key, name))
			return true;
	return false;
}

/* --- declarations ------------------------------------------------------------ */

static void
add_name(struct turn *s, const struct token *t)
{
	map_set(&s->renamed, token_text(s->a, t), NAME_PLAIN);
}

/* Past template <...>, which begins at i. */
size_t
source_past_template(const struct tokens *t, size_t i)
{
	int depth = 0;

	for (i = lex_next(t, i); t->v[i].kind != TOK_END; i = lex_next(t, i)) {
		if (lex_is(t, i, "{") || lex_is(t, i, ";"))
			return t->n;
		if (lex_is(t, i, "<"))
			depth++;
		for (size_t c = 0; t->v[i].s[0] == '>' && c < t->v[i].len; c++)
			depth--;
		if (depth <= 0)
			return lex_next(t, i);
	}
	return t->n;
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
		if (lex_is(t, i, "("))
			i = lex_close(t, i);
		fresh = i < end && lex_is(t, i, ",");
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
			if (token_in(&t->v[i], attributes) && lex_is(t, next, "("))
				i = lex_close(t, next);
			else if (base || token_in(&t->v[i], tags))
				;
			else if (tag || lex_is(t, next, "=") ||
			         lex_is(t, next, "{") ||
			         lex_is(t, next, "[") || lex_is(t, next, ",") ||
			         lex_is(t, next, ";") ||
			         token_in(&t->v[next], attributes))
				add_name(s, &t->v[i]);
			tag = token_in(&t->v[i], tags);
			is_enum = is_enum || token_is(&t->v[i], "enum");
		} else if (lex_is(t, i, "=") || lex_is(t, i, ",")) {
			value = lex_is(t, i, "=");
		} else if (lex_is(t, i, "{") || lex_is(t, i, "(") ||
		           lex_is(t, i, "[")) {
			if (is_enum && lex_is(t, i, "{"))
				enumerators(s, t, i);
			i = lex_close(t, i);
			tag = false;
			base = false;
		} else if (lex_is(t, i, ":")) {
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

	if (lex_is(t, open, "(") && lex_is(t, lex_next(t, open), ")"))
		open = lex_next(t, lex_next(t, open));
	while (!lex_is(t, open, "(") && !lex_is(t, open, ";") &&
	       t->v[open].kind != TOK_END)
		open = lex_next(t, open);
	if (!lex_is(t, open, "("))
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
	                    lex_is(t, prev, "]")))
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
		if (lex_is(t, i, ";"))
			return i;
		l->value = l->value || lex_is(t, i, "=");
		l->tagged = l->tagged || (t->v[i].kind == TOK_NAME &&
			token_in(&t->v[i], tags));
		if (l->name == t->n && !l->value &&
		    t->v[i].kind == TOK_NAME && token_is(&t->v[i], "operator")) {
			i = past_operator(l, i);
			continue;
		}
		if (lex_is(t, i, "(") && !l->value && l->name == t->n &&
		    prev < t->n && t->v[prev].kind == TOK_NAME &&
		    !token_in(&t->v[prev], attributes)) {
			l->name = prev;
			l->p.params = i;
		}
		if (lex_is(t, i, "{")) {
			body = opens(s, l, i, prev);
			if (body < 0)
				return 0;
			if (body) {
				l->p.body = i;
				l->p.end = lex_close(t, i);
				return l->p.end;
			}
		}
		if (lex_is(t, i, "(") || lex_is(t, i, "{") || lex_is(t, i, "["))
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

static bool
has_word(const struct tokens *t, size_t lo, size_t hi, const char *word)
{
	for (; lo < hi; lo++)
		if (lex_is_name(t, lo, word))
			return true;
	return false;
}

/* Whether the kernel has no use for the function: it does not come to it, or
 * it is a prototype of a kernel. */
static bool
is_foreign(const struct turn *s, const struct looking *l)
{
	const struct token *n = &l->t->v[l->name];

	if (l->name == s->k->kernel->fn || token_is(n, "operator"))
		return false;
	return !kernel_reaches(s->k->kernel, token_text(s->a, n)) ||
	       (!l->p.body && has_word(l->t, l->p.lo, l->p.params,
	                               "__global__"));
}

/* using NAME = TYPE; alone is a declaration of the file's own. */
static int
check_using(struct turn *s, const struct tokens *t, size_t i)
{
	if (!token_is(&t->v[i], "using") ||
	    lex_is(t, lex_next(t, lex_next(t, i)), "="))
		return 0;
	return outer(s, &t->v[i], "names of another scope");
}

/* extern __shared__ at file scope comes into the functions that name it. */
static bool
is_shared(const struct looking *l)
{
	return l->name == l->t->n &&
	       has_word(l->t, l->p.lo, l->p.hi, "__shared__");
}

/* The part that begins at token i; *end: behind it. */
static int
scan_part(struct turn *s, const struct tokens *t, size_t i, size_t *end)
{
	struct looking l = {.p = {.kind = PART_DECL, .t = t, .lo = i}, .t = t,
	                    .name = t->n};

	if (token_is(&t->v[i], "namespace"))
		return outer(s, &t->v[i], "a namespace");
	if (token_is(&t->v[i], "template"))
		i = source_past_template(t, i);
	if (i >= t->n)
		return diag_error(s->d, t->v[l.p.lo].at,
		                  "a template whose '<' has no end");
	if (check_using(s, t, i) < 0)
		return -1;
	i = look(s, &l, i);
	if (i == 0)
		return -1;
	if (i >= t->n)
		return diag_error(s->d, t->v[l.p.body ? l.p.body : l.p.lo].at,
		                  "a bracket without its partner");
	*end = l.p.hi = i + 1;
	if (is_shared(&l) || (l.name < t->n && is_foreign(s, &l))) {
		vec_push(s->a, &s->dropped, l.p);
		return 0;
	}
	if (l.name == t->n)
		declared(s, t, l.p.lo, l.p.hi);
	else if (!token_is(&t->v[l.name], "static_assert") &&
	         !token_is(&t->v[l.name], "_Static_assert") &&
	         add_function(s, &l) < 0)
		return -1;
	vec_push(s->a, &s->parts, l.p);
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

/* --- constants that nobody names ------------------------------------------------ */

/* Whether p is nothing but variables: no type, no alias. */
static bool
is_variable(const struct part *p)
{
	static const char *const other[] = { "struct", "class", "union", "enum",
		"typedef", "using", "static_assert", "_Static_assert", NULL };

	for (size_t i = p->lo; i < p->hi; i++)
		if (p->t->v[i].kind == TOK_NAME && token_in(&p->t->v[i], other))
			return false;
	return p->kind == PART_DECL;
}

/* Whether part p names something that part d declares. */
static bool
names_any(const struct turn *s, const struct part *p, const struct part *d)
{
	for (size_t i = d->lo; i < d->hi; i++) {
		const char *name = d->t->v[i].kind != TOK_NAME ? NULL :
		                   token_text(s->a, &d->t->v[i]);

		if (name && map_get(&s->renamed, name) >= 0 &&
		    has_word(p->t, p->lo, p->hi, name))
			return true;
	}
	return false;
}

static int
by_place(const void *x, const void *y)
{
	const struct part *a = x, *b = y;

	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Compilers warn of constants that are there for others of the file. */
static void
drop_unnamed(struct turn *s)
{
	for (size_t n = s->parts.n; n-- > 0;) {
		const struct part p = s->parts.v[n];
		bool named = false;

		for (size_t i = 0; i < s->parts.n && is_variable(&p); i++)
			named = named || (i != n &&
				names_any(s, &s->parts.v[i], &p));
		if (named || !is_variable(&p))
			continue;
		vec_push(s->a, &s->dropped, p);
		for (size_t i = n; i + 1 < s->parts.n; i++)
			s->parts.v[i] = s->parts.v[i + 1];
		s->parts.n--;
	}
	if (s->dropped.n)
		qsort(s->dropped.v, s->dropped.n, sizeof *s->dropped.v, by_place);
}

/* by_name holds indices: filled when all parts are there. */
static void
index_parts(struct turn *s)
{
	for (size_t i = 0; i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if ((p->kind == PART_FUNCTION && p->body) ||
		    p->kind == PART_MACRO)
			map_set(&s->by_name, p->name, (int)i);
	}
}

/* --- names of the head ---------------------------------------------------------- */

/* Whether the name at token i is declared there: TYPE NAME, followed by what
 * may follow a declared name. */
static bool
is_declared(const struct tokens *t, size_t i)
{
	static const char *const verbs[] = { "return", "else", "case", "goto",
		"throw", "new", "delete", "sizeof", "do", NULL };
	static const char *const after[] = { ",", ")", "=", ";", "[", ">", "{",
		":", "(" };
	const struct token *b = &t->v[lex_before(t, i)];
	const struct token *n = &t->v[lex_next(t, i)];

	if (b->kind != TOK_NAME || token_in(b, verbs))
		return false;
	for (size_t k = 0; k < sizeof after / sizeof *after; k++)
		if (n->kind == TOK_PUNCT && token_is(n, after[k]))
			return true;
	return false;
}

/* The file may use a name of the head for a parameter or a variable of its
 * own; one at file scope would stand for another value than in the head. */
static int
find_own(struct turn *s)
{
	int rc = 0;

	for (size_t n = 0; n < s->parts.n; n++) {
		const struct part *p = &s->parts.v[n];

		for (size_t i = p->lo; p->kind != PART_MACRO && i < p->hi; i++) {
			const char *name = p->t->v[i].kind != TOK_NAME ? NULL :
			                   token_text(s->a, &p->t->v[i]);

			if (!name || !source_is_defined(s, name) ||
			    !is_declared(p->t, i))
				continue;
			if (map_get(&s->renamed, name) >= 0)
				rc = diag_error(s->d, p->t->v[i].at, "'%s' is a "
				                "name of the head: rename one",
				                name);
			if (p->kind == PART_KERNEL)
				map_set(&s->own, name, 1);
			else
				map_add(&s->own, name, 0);
		}
	}
	return rc;
}

int
source_scan(struct turn *s)
{
	const struct tokens *t = &s->k->kernel->toks;
	size_t i = lex_first(t), end = i;

	if (check_brackets(s, t) < 0)
		return -1;
	while (t->v[i].kind != TOK_END) {
		if (lex_is(t, i, ";")) {
			i = lex_next(t, i);
			continue;
		}
		if (scan_part(s, t, i, &end) < 0)
			return -1;
		i = lex_next(t, end - 1);
	}
	for (i = 0; i < s->parts.n; i++)
		if (s->parts.v[i].kind == PART_KERNEL) {
			if (source_lines(s, t) < 0)
				return -1;
			drop_unnamed(s);
			index_parts(s);
			return find_own(s);
		}
	return diag_error(s->d, t->v[s->k->kernel->fn].at,
	                  "the kernel is not declared at file scope");
}
