/* Tokens and functions of a source: see reread_text.h. */
#include "emit/reread_text.h"

#include <stdlib.h>

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
	size_t depth = 0;

	for (; i < x->v.n; i++) {
		const struct token *t = &x->v.v[i];

		if (t->kind != TOK_PUNCT || t->len != 1)
			continue;
		depth += strchr("([{", t->s[0]) != NULL;
		if (strchr(")]}", t->s[0]) && --depth == 0)
			return i;
	}
	return x->v.n;
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

/* Whether a function is defined whose name stands at i, at file scope. */
static bool
function_at(const struct text *x, size_t i, struct function *f)
{
	size_t close;

	if (x->v.v[i].kind != TOK_NAME || !text_is(x, i + 1, "("))
		return false;
	close = text_close(x, i + 1);
	if (!text_is(x, close + 1, "{"))
		return false;
	*f = (struct function){text_word(x, i), i, close + 1,
		text_close(x, close + 1), false};
	return f->close < x->v.n;
}

static int
find_functions(struct text *x)
{
	size_t head = 0;

	map_init(&x->by_name, x->r->a);
	for (size_t i = 0; i < x->v.n; i++) {
		struct function f;

		if (function_at(x, i, &f)) {
			f.head = head;
			if (map_get(&x->by_name, f.name) >= 0)
				return diag_error(x->r->d, text_at(x, i), "'%s' is "
				                  "defined twice", f.name);
			map_add(&x->by_name, f.name, (int)x->functions.n);
			vec_push(x->r->a, &x->functions, f);
			i = f.close;
		} else if (text_is(x, i, "{") || text_is(x, i, "(")) {
			i = text_close(x, i);
		}
		if (text_is(x, i, "}") || text_is(x, i, ";"))
			head = i + 1;
	}
	return 0;
}

struct function *
text_find(const struct text *x, const char *name)
{
	int i = map_get(&x->by_name, name);

	return i < 0 ? NULL : &x->functions.v[i];
}

int
text_read(struct text *x, const struct source *src)
{
	return split(x, src) < 0 ? -1 : find_functions(x);
}
