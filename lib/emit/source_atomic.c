/* Atomic operations on floating point.  Their order differs from run to run,
 * and with it the result; models are the same bit for bit.  Refused is what
 * can be told: by a cast, or by the declaration of the variable whose address
 * is handed over. */
#include "emit/source.h"

#include <string.h>

static const char *const floats[] = { "float", "double", "half", "half2",
	"__half", "__half2", "__nv_bfloat16", "__nv_bfloat162", "float2",
	"float4", NULL };
static const char *const quiet[] = { "const", "volatile", "restrict",
	"__restrict__", "__restrict", "*", "&", NULL };

/* ARG_t of an argument of floats. */
static bool
is_element(const struct turn *s, const struct token *t)
{
	int at = t->len > 2 && !memcmp(t->s + t->len - 2, "_t", 2) ?
	         source_arg(s, t->s, t->len - 2) : -1;

	return at >= 0 && dtype_is_float(s->k->cls->args.v[at].type);
}

/* A parameter of the kernel's template that stands for floats. */
static bool
is_parameter(const struct turn *s, const struct token *t)
{
	const struct kernel *k = s->k->kernel;

	for (size_t i = 0; i < k->template.n; i++) {
		const char *text = k->template.v[i].value.text;
		struct token w = {TOK_NAME, text, 0, t->at};

		if (!k->template.v[i].type ||
		    !token_is(t, k->template.v[i].name))
			continue;
		w.len = strcspn(text, " *");
		return token_in(&w, floats) || is_element(s, &w);
	}
	return false;
}

static bool is_float(const struct turn *s, const struct token *t, int depth);

/* Whether the name is made one in [lo, hi): typedef float NAME, using NAME =
 * float, #define NAME float. */
static bool
is_alias(const struct turn *s, const struct part *p, const struct token *name,
         int depth)
{
	const struct tokens *t = p->t;
	bool makes = p->kind == PART_MACRO, names = makes, yes = false;

	if (makes && (strlen(p->name) != name->len ||
	              memcmp(p->name, name->s, name->len) != 0))
		return false;
	for (size_t i = p->lo; i < p->hi; i++) {
		if (t->v[i].kind != TOK_NAME)
			continue;
		makes = makes || token_is(&t->v[i], "typedef") ||
		        token_is(&t->v[i], "using");
		if (t->v[i].len == name->len &&
		    !memcmp(t->v[i].s, name->s, name->len))
			names = true;
		else
			yes = yes || is_float(s, &t->v[i], depth + 1);
	}
	return makes && names && yes;
}

static bool
is_float(const struct turn *s, const struct token *t, int depth)
{
	if (t->kind != TOK_NAME || depth > 3)
		return false;
	if (token_in(t, floats) || is_element(s, t) || is_parameter(s, t))
		return true;
	for (size_t i = 0; i < s->parts.n; i++)
		if ((s->parts.v[i].kind == PART_DECL ||
		     s->parts.v[i].kind == PART_MACRO) &&
		    is_alias(s, &s->parts.v[i], t, depth))
			return true;
	return false;
}

/* Whether [lo, hi) declares the name as floats, after a type at some token:
 * TYPE *a, b[2]; */
static bool
declares(const struct turn *s, const struct tokens *t, size_t lo, size_t hi,
         const struct token *name)
{
	for (size_t i = lo; i < hi; i++) {
		if (!is_float(s, &t->v[i], 0))
			continue;
		for (size_t k = lex_next(t, i); k < hi; k = lex_next(t, k)) {
			while (k < hi && token_in(&t->v[k], quiet))
				k = lex_next(t, k);
			if (t->v[k].kind != TOK_NAME)
				break;
			if (t->v[k].len == name->len &&
			    !memcmp(t->v[k].s, name->s, name->len))
				return true;
			k = lex_next(t, k);
			while (k < hi && lex_is(t, k, "["))
				k = lex_next(t, lex_close(t, k));
			if (k >= hi || !lex_is(t, k, ","))
				break;
		}
	}
	return false;
}

/* Whether the address in [lo, hi) is one of floats: a cast's, or that of the
 * variable or the last member that it names. */
static bool
address(const struct turn *s, const struct part *p, size_t lo, size_t hi)
{
	const struct tokens *t = p->t;
	const struct token *name = NULL;
	bool cast = false, yes = false, dot = true;	/* a name may come */

	for (size_t i = lo; i < hi; i = lex_next(t, i)) {
		cast = cast || (lex_is(t, i, "*") &&
			(lex_is(t, lex_next(t, i), ")") ||
			 lex_is(t, lex_next(t, i), ">")));
		yes = yes || is_float(s, &t->v[i], 0);
		if (t->v[i].kind == TOK_NAME && dot)
			name = &t->v[i];
		dot = !name || lex_is(t, i, ".") || lex_is(t, i, "->");
		if (lex_is(t, i, "["))
			i = lex_close(t, i);
		else if (name && !dot && t->v[i].kind != TOK_NAME &&
		         !lex_is(t, i, ")") && !lex_is(t, i, "<"))
			break;
	}
	if (cast || !name)
		return cast && yes;
	if (declares(s, t, p->lo, p->hi, name))
		return true;
	for (size_t i = 0; i < s->parts.n; i++)
		if (s->parts.v[i].kind == PART_DECL && declares(s, t,
		    s->parts.v[i].lo, s->parts.v[i].hi, name))
			return true;
	return false;
}

/* The end of the first argument of the call whose "(" stands at i. */
static size_t
argument_end(const struct tokens *t, size_t i)
{
	size_t close = lex_close(t, i);

	for (i = lex_next(t, i); i < close; i = lex_next(t, i)) {
		if (lex_is(t, i, ","))
			return i;
		if (lex_is(t, i, "(") || lex_is(t, i, "[") ||
		    lex_is(t, i, "{"))
			i = lex_close(t, i);
	}
	return close;
}

static bool
is_atomic(const struct token *t)
{
	static const char *const begins[] = { "atomic", "unsafeAtomic",
		"__nv_atomic_" };

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (t->kind == TOK_NAME && t->len > strlen(begins[i]) &&
		    !memcmp(t->s, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static int
check_part(struct turn *s, const struct part *p)
{
	const struct tokens *t = p->t;
	int rc = 0;

	for (size_t i = p->lo; i < p->hi; i++) {
		size_t open = lex_next(t, i);

		if (!is_atomic(&t->v[i]) || !lex_is(t, open, "(") ||
		    lex_close(t, open) >= t->n ||
		    !address(s, p, lex_next(t, open), argument_end(t, open)))
			continue;
		rc = diag_error(s->d, t->v[i].at, "'%s' on floating point: its "
		                "order, and the result, would differ from run to "
		                "run", token_text(s->a, &t->v[i]));
	}
	return rc;
}

int
source_atomics(struct turn *s)
{
	int rc = 0;

	for (size_t i = 0; i < s->parts.n; i++)
		rc |= check_part(s, &s->parts.v[i]);
	return rc;
}
