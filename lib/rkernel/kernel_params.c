/* The parameters of a kernel's function and of its template: which argument of
 * the form each points to, or which value it has, by its name or by what the
 * head says. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

struct scan {
	struct kernel *k;
	struct arena *a;
	struct diag *d;
};

static bool
is(const struct scan *s, size_t i, const char *text)
{
	return lex_is(&s->k->toks, i, text);
}

static size_t
next(const struct scan *s, size_t i)
{
	return lex_next(&s->k->toks, i);
}

static struct pos
at(const struct scan *s, size_t i)
{
	return s->k->toks.v[i].at;
}

/* --- values ------------------------------------------------------------------------ */

static bool
is_float(const char *text)
{
	char *end;

	if (!strpbrk(text, ".eE") || !strpbrk(text, "0123456789") ||
	    text[strspn(text, "+-.0123456789eEfF")])
		return false;
	strtod(text, &end);
	return !*end || str_eq(end, "f") || str_eq(end, "F");
}

/* A value: a floating-point number, an attribute of the form (which may be
 * one), true or false; else an integer expression. */
static int
read_value(struct scan *s, const char *text, struct pos at, struct kvalue *v)
{
	const char *u;

	v->text = text;
	if (is_float(text) || str_eq(text, "true") || str_eq(text, "false") ||
	    words_have(s->k->form->attrs, text, strlen(text)))
		return 0;
	if (!(v->expr = expr_parse(s->a, text, at, s->d)))
		return -1;
	if ((u = expr_unknown(v->expr, kernel_knows, s->k)))
		return diag_error(s->d, at, "unknown name '%s' in '%.60s'", u,
		                  text);
	return 0;
}

const char *
kernel_value(const struct kvalue *v, const struct binding *b, struct arena *a,
             const char **why)
{
	int64_t n;

	if (v->expr) {
		if (expr_eval(v->expr, &b->env, &n, a, why) < 0)
			return NULL;
		return kernel_number(a, n);
	}
	for (size_t i = 0; i < b->texts.n; i++)
		if (str_eq(b->texts.v[i].key, v->text))
			return b->texts.v[i].value;
	if (env_get(&b->env, v->text))
		return kernel_number(a, *env_get(&b->env, v->text));
	return v->text;
}

/* --- the template ------------------------------------------------------------------- */

/* The text of tokens [lo, hi), without space at its ends. */
static const char *
joined(struct scan *s, size_t lo, size_t hi)
{
	const char *text = "";

	for (size_t i = lo; i < hi; i++) {
		const struct token *t = &s->k->toks.v[i];
		bool space = t->kind == TOK_SPACE || t->kind == TOK_COMMENT;

		if (space && (!*text || lex_next(&s->k->toks, i) >= hi))
			continue;
		text = arena_printf(s->a, "%s%.*s", text, space ? 1 :
		                    (int)t->len, space ? " " : t->s);
	}
	return text;
}

/* Whether the text could be a type: names, with <> that have their partners. */
static bool
is_type(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789:,* <>";
	int depth = 0;

	for (const char *s = text; *s; s++) {
		depth += *s == '<' ? 1 : *s == '>' ? -1 : 0;
		if (depth < 0 || !strchr(letters, *s))
			return false;
	}
	return depth == 0 && *text && !strchr("<:,* ", *text);
}

/* A default: a number if it reads as one. */
static struct kvalue
default_value(struct scan *s, const char *text)
{
	struct diag quiet = {.suppressed = 1};
	struct expr *e = expr_parse_c(s->a, text, POS_NONE, &quiet);

	if (e && expr_unknown(e, kernel_knows, s->k))
		e = NULL;
	return (struct kvalue){e, text};
}

/* What the head gives a parameter of the template, in the place of its default
 * (token from on, 0: none): its own entry, or the head's name that it bears. */
static int
value_of(struct scan *s, struct ktemplate *t, size_t name, size_t from,
         size_t hi)
{
	const char *text = kernel_entry(&s->k->head.template, t->name);
	struct pos where = kernel_entry_pos(s->k, "template", t->name);

	if (text && kernel_head_knows(s->k, t->name))
		return diag_error(s->d, where, "'%s' is a name of the head "
		                  "already: the parameter has its value", t->name);
	if (!text && !t->type && kernel_head_knows(s->k, t->name)) {
		text = t->name;
		where = at(s, name);
	}
	if (!text && from) {
		t->value = default_value(s, joined(s, from, hi));
		return 0;
	}
	if (!text)
		return diag_error(s->d, at(s, name), "parameter '%s' of the "
		                  "template has no value: say in the head what it "
		                  "is, 'template: {%s: ...}'", t->name, t->name);
	if (!t->type)
		return read_value(s, text, where, &t->value);
	if (!is_type(text))
		return diag_error(s->d, where, "'%.40s' is no type", text);
	t->value.text = text;
	return 0;
}

/* One parameter, tokens [lo, hi): typename T, int N = 4 */
static int
read_template_param(struct scan *s, size_t lo, size_t hi)
{
	struct ktemplate *t = vec_add(s->a, &s->k->template);
	size_t from = 0, name = 0;

	for (size_t i = lo; i < hi && !from; i = next(s, i)) {
		if (is(s, i, "="))
			from = i + 1;
		else if (s->k->toks.v[i].kind == TOK_NAME)
			name = i;
		else
			return diag_error(s->d, at(s, i), "a parameter of the "
			                  "template that is not 'typename NAME' "
			                  "or 'TYPE NAME'");
	}
	t->type = lex_is_name(&s->k->toks, lo, "typename") ||
	          lex_is_name(&s->k->toks, lo, "class");
	if (!name || name == lo)
		return diag_error(s->d, at(s, lo), "a parameter of the template "
		                  "without a name");
	t->name = token_text(s->a, &s->k->toks.v[name]);
	return value_of(s, t, name, from, hi);
}

/* template < ... > at the beginning of the function. */
static int
read_template(struct scan *s, size_t i)
{
	size_t lo;
	int depth = 0;

	i = next(s, i);
	if (!is(s, i, "<"))
		return diag_error(s->d, at(s, i), "expected '<'");
	for (lo = i = next(s, i); i < s->k->fn; i = next(s, i)) {
		if (is(s, i, "(") || is(s, i, "[") || is(s, i, "{"))
			i = lex_close(&s->k->toks, i);
		else if (is(s, i, "<"))
			depth++;
		else if (is(s, i, ">") && depth > 0)
			depth--;
		else if (is(s, i, ",") || is(s, i, ">")) {
			if (depth == 0 && read_template_param(s, lo, i) < 0)
				return -1;
			if (is(s, i, ">"))
				return 0;
			lo = depth == 0 ? next(s, i) : lo;
		}
	}
	return diag_error(s->d, at(s, s->k->fn), "a template whose '<' has no "
	                  "end");
}

static int
check_template(struct scan *s)
{
	int bad = 0;

	for (size_t i = 0; i < s->k->head.template.n; i++) {
		const char *name = s->k->head.template.v[i].key;
		bool known = false;

		for (size_t p = 0; p < s->k->template.n; p++)
			known = known || str_eq(s->k->template.v[p].name, name);
		if (!known)
			bad = diag_error(s->d, kernel_entry_pos(s->k,
			                 "template", name), "the template of '%s' has no parameter "
			                 "'%.40s'", s->k->head.kernel, name);
	}
	return bad;
}

/* --- the function --------------------------------------------------------------------- */

/* What a parameter is made of. */
static bool
may_stand(const struct token *t)
{
	static const char *const marks[] = { "*", "[", "<", ">", "::", "," };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (t->kind == TOK_PUNCT && token_is(t, marks[i]))
			return true;
	return t->kind == TOK_NAME || t->kind == TOK_NUMBER;
}

/* One parameter, tokens [lo, hi), if it is not just "void". */
static int
add_param(struct scan *s, size_t lo, size_t hi)
{
	struct kparam p = {.lo = lo, .hi = hi, .arg = -1};

	for (size_t i = lo; i < hi; i = next(s, i)) {
		bool star = is(s, i, "*") || is(s, i, "[");

		if (!may_stand(&s->k->toks.v[i]) || (star && p.pointer))
			return diag_error(s->d, at(s, i), "a parameter that is "
			                  "not 'TYPE *NAME' or 'TYPE NAME'");
		p.pointer = p.pointer || star;
		if (is(s, i, "["))
			i = lex_close(&s->k->toks, i);
		else if (s->k->toks.v[i].kind == TOK_NAME)
			p.at = i;
	}
	if (!p.at || (p.at == lo && lex_is_name(&s->k->toks, lo, "void")))
		return 0;
	if (p.at == lo)
		return diag_error(s->d, at(s, lo), "a parameter that is not "
		                  "'TYPE *NAME' or 'TYPE NAME'");
	p.name = token_text(s->a, &s->k->toks.v[p.at]);
	vec_push(s->a, &s->k->params, p);
	return 0;
}

static int
read_params(struct scan *s)
{
	size_t i = next(s, s->k->fn), end = lex_close(&s->k->toks, i);
	size_t lo = next(s, i);
	int depth = 0;

	for (i = lo; i <= end; i = next(s, i)) {
		if (is(s, i, "(") || is(s, i, "[") || is(s, i, "<"))
			depth++;
		if ((is(s, i, ")") && i != end) || is(s, i, "]") ||
		    is(s, i, ">"))
			depth--;
		if (i != end && (depth > 0 || !is(s, i, ",")))
			continue;
		if (add_param(s, lo, i) < 0)
			return -1;
		lo = next(s, i);
	}
	return 0;
}

static int
match_pointer(struct scan *s, struct kparam *p)
{
	const char *text = kernel_entry(&s->k->head.params, p->name);
	const char *name = text ? text : p->name;
	struct kernel *k = s->k;

	for (size_t i = 0; i < k->args.n; i++) {
		if (!str_eq(k->args.v[i].name, name))
			continue;
		if (k->args.v[i].param >= 0)
			return diag_error(s->d, at(s, p->at), "a second "
			                  "parameter for argument %s", name);
		p->arg = (int)i;
		k->args.v[i].param = (int)(p - k->params.v);
		return 0;
	}
	if (text)
		return diag_error(s->d, kernel_entry_pos(s->k, "params", p->name),
		                  "form %s has no argument '%.40s'",
		                  k->form->name, text);
	return diag_error(s->d, at(s, p->at), "parameter '%s' is no argument of "
	                  "form %s: say in the head what it is, 'params: {%s: "
	                  "...}'", p->name, k->form->name, p->name);
}

static int
match_value(struct scan *s, struct kparam *p)
{
	const char *text = kernel_entry(&s->k->head.params, p->name);

	if (text)
		return read_value(s, text, kernel_entry_pos(s->k, "params",
		                  p->name), &p->value);
	if (kernel_head_knows(s->k, p->name))
		return read_value(s, p->name, at(s, p->at), &p->value);
	return diag_error(s->d, at(s, p->at), "parameter '%s' is no pointer, "
	                  "and has no value: say in the head what it is, "
	                  "'params: {%s: ...}'", p->name, p->name);
}

/* Every argument of the form has a parameter, and every parameter an argument
 * or a value. */
static int
match_params(struct scan *s)
{
	struct kernel *k = s->k;
	int bad = 0;

	for (size_t i = 0; i < k->params.n; i++)
		bad |= k->params.v[i].pointer ?
		       match_pointer(s, &k->params.v[i]) :
		       match_value(s, &k->params.v[i]);
	for (size_t i = 0; i < k->args.n; i++)
		if (k->args.v[i].param < 0)
			bad = diag_error(s->d, at(s, k->fn), "no parameter for "
			                 "argument %s of form %s",
			                 k->args.v[i].name, k->form->name);
	for (size_t i = 0; i < k->head.params.n; i++) {
		const char *name = k->head.params.v[i].key;
		bool known = false;

		for (size_t p = 0; p < k->params.n; p++)
			known = known || str_eq(k->params.v[p].name, name);
		if (!known)
			bad = diag_error(s->d, kernel_entry_pos(s->k, "params",
			                 name), "the function '%s' has no parameter "
			                 "'%.40s'", k->head.kernel, name);
	}
	return bad;
}

int
kernel_read_params(struct kernel *k, struct arena *a, struct diag *d)
{
	struct scan s = {k, a, d};
	const struct kfunc *f = kernel_func(k, k->fn);

	if (f && f->is_template && read_template(&s, f->lo) < 0)
		return -1;
	if (check_template(&s) < 0 || read_params(&s) < 0)
		return -1;
	return match_params(&s);
}
