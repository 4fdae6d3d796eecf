/* Tokens and functions of a source: see reread_text.h. */
#include "emit/reread_text.h"

#include <stdlib.h>

#include "base/str.h"

bool
text_is(const struct text *x, size_t i, const char *s)
{
	return i < x->v.n && token_is(&x->v.v[i], s);
}

const char *
text_word(const struct text *x, size_t i)
{
	return arena_strndup(x->r->a, x->v.v[i].s, x->v.v[i].len);
}

struct pos
text_at(const struct text *x, size_t i)
{
	return x->v.v[i < x->v.n ? i : x->v.n - 1].at;
}

size_t
text_close(const struct text *x, size_t i)
{
	return i < x->v.n ? lex_close(&x->v, i) : x->v.n;
}

size_t
text_past_angles(const struct text *x, size_t i)
{
	size_t depth = 0;

	if (!text_is(x, i, "<"))
		return x->v.n;
	for (; i < x->v.n; i++) {
		const struct token *t = &x->v.v[i];

		if (text_is(x, i, "{") || text_is(x, i, ";"))
			break;
		if (text_is(x, i, "(") || text_is(x, i, "["))
			i = text_close(x, i);
		else if (text_is(x, i, "<"))
			depth++;
		else if (t->kind == TOK_PUNCT && t->len <= 3 &&
		         !memcmp(t->s, ">>>", t->len)) {
			if (t->len >= depth)
				return t->len == depth ? i + 1 : x->v.n;
			depth -= t->len;
		}
	}
	return x->v.n;
}

bool
text_numbered(const char *name, const char *prefix, uint64_t *n)
{
	size_t len = strlen(prefix);
	char *end;

	if (strncmp(name, prefix, len) || name[len] < '0' || name[len] > '9')
		return false;
	*n = strtoull(name + len, &end, 10);
	return !*end;
}

bool
text_match(const struct text *x, size_t i, const char *pattern, uint64_t *n,
      size_t *end)
{
	for (const char *p = pattern; *p; i++) {
		size_t len = strcspn(p, " ");
		const struct token *t;

		if (i >= x->v.n)
			return false;
		t = &x->v.v[i];
		if (len == 1 && *p == '#') {
			if (t->kind != TOK_NUMBER)
				return false;
			*n++ = strtoull(text_word(x, i), NULL, 0);
		} else if (t->len != len || memcmp(t->s, p, len) != 0) {
			return false;
		}
		p += len + (p[len] == ' ');
	}
	if (end)
		*end = i;
	return true;
}

static int
split(struct text *x, const struct source *src)
{
	struct arena *a = x->r->a;

	if (lex(a, src, 0, &x->all, x->r->d) < 0)
		return -1;
	vec_room(a, &x->v, x->all.n);
	for (size_t i = 0; i < x->all.n; i++) {
		const struct token *t = &x->all.v[i];

		if (t->kind != TOK_SPACE && t->kind != TOK_COMMENT &&
		    t->kind != TOK_DIRECTIVE && t->kind != TOK_END)
			vec_push(a, &x->v, *t);
	}
	return x->v.n ? 0 : diag_error(x->r->d, (struct pos){.src = src},
	                               "the source is empty");
}

/* Past the type at i, "-> T", that a function returns; i if there is none. */
static size_t
past_return_type(const struct text *x, size_t i)
{
	if (!text_is(x, i, "->"))
		return i;
	while (i < x->v.n && !text_is(x, i, "{") && !text_is(x, i, ";"))
		i = text_is(x, i, "(") ? text_close(x, i) + 1 : i + 1;
	return i;
}

/* Whether a function is defined whose name stands at i, at file scope. */
static bool
function_at(const struct text *x, size_t i, struct function *f)
{
	size_t params = i + 1, open;

	if (x->v.v[i].kind != TOK_NAME)
		return false;
	if (text_is(x, params, "<"))	/* a template's, for some arguments */
		params = text_past_angles(x, params);
	if (!text_is(x, params, "("))
		return false;
	open = past_return_type(x, text_close(x, params) + 1);
	if (!text_is(x, open, "{"))
		return false;
	*f = (struct function){text_word(x, i), i, open, text_close(x, open), 0,
		-1};
	return f->close < x->v.n;
}

/* --- functions of one name ------------------------------------------------------- */

/* Whether token i names the parameter that ends there, and is no type. */
static bool
names_param(const struct text *x, size_t i)
{
	static const char *const types[] = { "bool", "char", "short", "int",
		"long", "float", "double", "signed", "unsigned", "void", "const",
		"volatile" };
	static const char *const before[] = { "(", ",", "::", "const", "volatile",
		"struct", "enum", "typename" };

	if (x->v.v[i].kind != TOK_NAME ||
	    (!text_is(x, i + 1, ",") && !text_is(x, i + 1, ")") &&
	     !text_is(x, i + 1, "[") && !text_is(x, i + 1, "=")))
		return false;
	for (size_t k = 0; k < sizeof types / sizeof *types; k++)
		if (text_is(x, i, types[k]))
			return false;
	for (size_t k = 0; k < sizeof before / sizeof *before; k++)
		if (text_is(x, i - 1, before[k]))
			return false;
	return true;
}

static void
add_word(struct str *s, const struct text *x, size_t i)
{
	str_addn(s, x->v.v[i].s, x->v.v[i].len);
	str_addc(s, ' ');
}

/* What tells the function from others: the list of its template, its name and
 * arguments of that, and the types of its parameters, "(" at params. */
static const char *
signature(const struct text *x, const struct function *f, size_t name)
{
	size_t past = text_is(x, f->head, "template") ?
	              text_past_angles(x, f->head + 1) : f->head;
	size_t params = name + 1, close;
	struct str s;
	const char *made;

	str_init(&s);
	if (text_is(x, params, "<"))
		params = text_past_angles(x, params);
	close = text_close(x, params);
	for (size_t i = f->head; i < past && i < name; i++)
		add_word(&s, x, i);
	for (size_t i = name; i <= params; i++)
		add_word(&s, x, i);
	for (size_t i = params + 1; i < close; i++)
		if (text_is(x, i, "="))
			while (i + 1 < close && !text_is(x, i + 1, ","))
				i = text_is(x, i + 1, "(") ?
				    text_close(x, i + 1) : i + 1;
		else if (!names_param(x, i))
			add_word(&s, x, i);
	made = arena_strndup(x->r->a, s.s, s.len);
	str_release(&s);
	return made;
}

/* Whether the name is that of a function of a kernel's file: gelu_i3. */
static bool
is_kernels_own(const struct text *x, const char *name)
{
	const char *suffix = NULL;
	uint64_t n;

	for (const char *s = name; (s = strstr(s, "_i")); s++)
		suffix = s;
	return suffix && x->t && text_numbered(suffix, "_i", &n) &&
	       n < x->t->instances.n;
}

/* Adds f, whose name is token i. */
static int
add_function(struct text *x, struct function *f, size_t i)
{
	const char *told = is_kernels_own(x, f->name) ? signature(x, f, i) : f->name;

	if (map_add(&x->by_signature, told, 0) >= 0)
		return diag_error(x->r->d, text_at(x, i), "'%s' is defined twice",
		                  f->name);
	f->other = map_get(&x->by_name, f->name);
	map_set(&x->by_name, f->name, (int)x->functions.n);
	vec_push(x->r->a, &x->functions, *f);
	return 0;
}

static int
find_functions(struct text *x)
{
	size_t head = 0;

	map_init(&x->by_name, x->r->a);
	map_init(&x->by_signature, x->r->a);
	for (size_t i = 0; i < x->v.n; i++) {
		struct function f;

		if (function_at(x, i, &f)) {
			f.head = head;
			if (add_function(x, &f, i) < 0)
				return -1;
			i = f.close;
		} else if (text_is(x, i, "{") || text_is(x, i, "(")) {
			i = text_close(x, i);
		}
		if (text_is(x, i, "}") || text_is(x, i, ";"))
			head = i + 1;
	}
	return 0;
}

/* --- macros -------------------------------------------------------------------- */

/* The tokens of a line behind its "#".  What does not end there, as in #error,
 * is nothing to us. */
static struct tokens
read_line(const struct text *x, const struct token *t)
{
	struct source line = *t->at.src;
	size_t from = (size_t)(t->s - line.text);
	struct diag quiet = {.suppressed = 1};
	struct tokens all = {0}, some = {0};

	line.len = from + t->len;
	lex(x->r->a, &line, from + 1, &all, &quiet);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].kind != TOK_SPACE && all.v[i].kind != TOK_COMMENT &&
		    all.v[i].kind != TOK_END)
			vec_push(x->r->a, &some, all.v[i]);
	return some;
}

static void
add_macro(struct text *x, const struct token *line)
{
	const struct tokens w = read_line(x, line);
	struct macro m = {.line = *line};

	if (w.n < 2)
		return;
	if (token_is(&w.v[0], "define")) {
		m.name = arena_strndup(x->r->a, w.v[1].s, w.v[1].len);
		m.body = (struct tokens){w.v + 2, w.n - 2, w.n - 2};
	} else if (token_is(&w.v[0], "undef")) {
		m.name = arena_strndup(x->r->a, w.v[1].s, w.v[1].len);
		m.ends = true;
	} else if (w.n > 3 && token_is(&w.v[1], "pop_macro") &&
	           w.v[3].kind == TOK_STRING) {
		m.name = arena_strndup(x->r->a, w.v[3].s + 1, w.v[3].len - 2);
		m.ends = true;
	} else {
		return;
	}
	m.before = map_get(&x->macro_by_name, m.name);
	map_set(&x->macro_by_name, m.name, (int)x->macros.n);
	vec_push(x->r->a, &x->macros, m);
}

static void
find_macros(struct text *x)
{
	map_init(&x->macro_by_name, x->r->a);
	for (size_t i = 0; i < x->all.n; i++)
		if (x->all.v[i].kind == TOK_DIRECTIVE)
			add_macro(x, &x->all.v[i]);
}

unsigned
text_macro(const struct text *x, const char *name, const char *place)
{
	unsigned comes_to = 0;
	const struct macro *m;

	for (int k = map_get(&x->macro_by_name, name); k >= 0; k = m->before) {
		m = &x->macros.v[k];
		if (!m->ends)
			comes_to |= m->comes_to;
		else if (m->line.s < place)
			break;
		else
			comes_to = 0;
	}
	return comes_to;
}

struct function *
text_find(const struct text *x, const char *name)
{
	int i = map_get(&x->by_name, name);

	return i < 0 ? NULL : &x->functions.v[i];
}

struct function *
text_other(const struct text *x, const struct function *f)
{
	return f->other < 0 ? NULL : &x->functions.v[f->other];
}

int
text_read(struct text *x, const struct source *src)
{
	if (split(x, src) < 0)
		return -1;
	find_macros(x);
	return find_functions(x);
}
