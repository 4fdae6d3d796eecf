/* What stands at file scope of a kernel file, as far as reading the kernel
 * asks for it: functions with bodies, integer constants, and which names the
 * kernel comes to.  A file may hold more than the kernel needs, such as other
 * kernels and the host's part of a program: what is not reached is no part of
 * the rTask. */
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "rkernel/kernel.h"

#define INCLUDES_MAX 16		/* deep */

struct scan {
	struct kernel *k;
	struct arena *a;
	struct diag *d;
	struct strs included;	/* files read in place */
};

/* --- functions ------------------------------------------------------------------- */

/* Whether the "{" at token i, of a declaration that begins at lo, is the body
 * of a function: NAME ( ... ) { */
static bool
is_body(const struct tokens *t, size_t lo, size_t i, size_t *name,
        size_t *params)
{
	size_t close = lex_before(t, i);

	if (!lex_is(t, close, ")") || close < lo)
		return false;
	*params = lex_open(t, close);
	*name = *params < close ? lex_before(t, *params) : lo;
	return *name > lo && *name < i &&
	       t->v[*name].kind == TOK_NAME;
}

static void
find_functions(struct scan *s)
{
	const struct tokens *t = &s->k->toks;
	size_t lo = lex_first(t), name, params;

	for (size_t i = lo; t->v[i].kind != TOK_END; i = lex_next(t, i)) {
		if (lex_is(t, i, ";")) {
			lo = lex_next(t, i);
		} else if (lex_is(t, i, "(") || lex_is(t, i, "[")) {
			i = lex_close(t, i);
		} else if (lex_is(t, i, "{")) {
			size_t end = lex_close(t, i);

			if (end < t->n && is_body(t, lo, i, &name, &params)) {
				vec_push(s->a, &s->k->funcs, ((struct kfunc){
					token_text(s->a, &t->v[name]), lo, params,
					i, end, lex_is_name(t, lo, "template")}));
				lo = lex_next(t, end);
			}
			i = end;
		}
		if (i >= t->n)
			return;		/* emit says which bracket */
	}
}

const struct kfunc *
kernel_func(const struct kernel *k, size_t i)
{
	for (size_t f = 0; f < k->funcs.n; f++)
		if (i >= k->funcs.v[f].lo && i <= k->funcs.v[f].end)
			return &k->funcs.v[f];
	return NULL;
}

/* --- macros ---------------------------------------------------------------------- */

static int
find_macros(struct scan *s)
{
	const struct tokens *t = &s->k->toks, *m;
	size_t i;

	for (size_t n = 0; n < t->n; n++) {
		if (t->v[n].kind != TOK_DIRECTIVE || !lex_says(&t->v[n], "define"))
			continue;
		m = lex_directive(s->a, &t->v[n], s->d);
		if (!m)
			return -1;
		i = lex_next(m, lex_first(m));
		vec_push(s->a, &s->k->macros, ((struct kmacro){
			token_text(s->a, &m->v[i]), m,
			m->v[i].kind == TOK_END ? i : i + 1}));
	}
	return 0;
}

/* --- what is reached --------------------------------------------------------------- */

static void reach(struct scan *s, const struct tokens *t, size_t lo, size_t hi);

static void
reach_name(struct scan *s, const char *name)
{
	if (map_add(&s->k->reached, name, 0) >= 0)
		return;
	for (size_t i = 0; i < s->k->funcs.n; i++) {
		const struct kfunc *f = &s->k->funcs.v[i];

		if (str_eq(f->name, name))
			reach(s, &s->k->toks, f->lo, f->end);
	}
	for (size_t i = 0; i < s->k->macros.n; i++) {
		const struct kmacro *m = &s->k->macros.v[i];

		if (str_eq(m->name, name))
			reach(s, m->t, m->rest, m->t->n);
	}
}

/* All names in tokens [lo, hi), those of conditions (#if) too. */
static void
reach(struct scan *s, const struct tokens *t, size_t lo, size_t hi)
{
	struct diag quiet = {.suppressed = 1};	/* emit says what is wrong */
	const struct tokens *line;

	for (size_t i = lo; i < hi; i++) {
		const struct token *k = &t->v[i];

		if (k->kind == TOK_NAME)
			reach_name(s, token_text(s->a, k));
		if (k->kind != TOK_DIRECTIVE || lex_says(k, "define") ||
		    lex_says(k, "include") || lex_says(k, "undef") || lex_says(k, "error"))
			continue;
		line = lex_directive(s->a, k, &quiet);
		if (line)
			reach(s, line, 0, line->n);
	}
}

/* The names in a text of the head. */
static void
reach_words(struct scan *s, const char *text)
{
	size_t n;

	for (; *text; text += n ? n : 1) {
		n = lex_word(text);
		if (n)
			reach_name(s, arena_strndup(s->a, text, n));
	}
}

/* From the kernel, and from what no function is: types and their methods. */
void
kernel_find_reached(struct kernel *k, struct arena *a)
{
	struct scan s = {.k = k, .a = a};
	const struct tokens *t = &k->toks;
	size_t lo = 0;

	map_init(&k->reached, a);
	for (size_t i = 0; i < k->funcs.n; i++) {
		const struct kfunc *f = &k->funcs.v[i];

		reach(&s, t, lo, f->lo);
		lo = f->end + 1;
	}
	reach(&s, t, lo, t->n);
	for (size_t i = 0; i < k->head.template.n; i++)
		reach_words(&s, k->head.template.v[i].value);
	reach_name(&s, k->head.kernel);
}

bool
kernel_reaches(const struct kernel *k, const char *name)
{
	return map_get(&k->reached, name) >= 0;
}

/* --- constants --------------------------------------------------------------------- */

/* Whether tokens [lo, hi) could be an integer constant. */
static bool
is_number(const struct tokens *t, size_t lo, size_t hi)
{
	static const char *const marks[] = { "+", "-", "*", "/", "%", "(", ")",
		"<", ">", "<=", ">=", "==", "!=", "&&", "||", "!", "?", ":",
		"<<", ">>" };
	bool any = false;

	for (size_t i = lo; i < hi; i++) {
		bool mark = false;

		if (t->v[i].kind == TOK_SPACE || t->v[i].kind == TOK_COMMENT)
			continue;
		any = true;
		if (t->v[i].kind == TOK_NAME ||
		    (t->v[i].kind == TOK_NUMBER &&
		     !memchr(t->v[i].s, '.', t->v[i].len)))
			continue;
		for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
			mark = mark || token_is(&t->v[i], marks[m]);
		if (t->v[i].kind != TOK_PUNCT || !mark)
			return false;
	}
	return any;
}

struct expr *
kernel_expr(struct arena *a, const struct tokens *t, size_t lo, size_t hi,
            struct diag *d)
{
	const char *copy;
	struct str text;

	str_init(&text);
	for (size_t i = lo; i < hi; i++)
		if (t->v[i].kind != TOK_COMMENT)
			str_addn(&text, t->v[i].s, t->v[i].len);
	copy = arena_strdup(a, text.s);
	str_release(&text);
	return expr_parse_c(a, copy, t->v[lo].at, d);
}

/* A name that is given twice, as under #if, has no value. */
static void
add_const(struct scan *s, const char *name, struct expr *value)
{
	for (size_t i = 0; i < s->k->consts.n; i++)
		if (str_eq(s->k->consts.v[i].name, name)) {
			s->k->consts.v[i].value = NULL;
			return;
		}
	vec_push(s->a, &s->k->consts, ((struct kconst){name, value}));
}

/* Adds NAME = [lo, hi) if it reads as an integer. */
static void
add_number(struct scan *s, const char *name, const struct tokens *t, size_t lo,
           size_t hi)
{
	struct diag quiet = {.suppressed = 1};

	if (is_number(t, lo, hi))
		add_const(s, name, kernel_expr(s->a, t, lo, hi, &quiet));
}

/* NAME = VALUE of "const" declarations at file scope, "," or ";" behind. */
static void
add_declared(struct scan *s, size_t lo, size_t hi)
{
	const struct tokens *t = &s->k->toks;

	for (size_t i = lo; i < hi; i = lex_next(t, i)) {
		size_t end, name = lex_before(t, i);

		if (lex_is(t, i, "(") || lex_is(t, i, "[") || lex_is(t, i, "{"))
			i = lex_close(t, i);
		if (i >= hi || !lex_is(t, i, "=") ||
		    t->v[name].kind != TOK_NAME)
			continue;
		for (end = lex_next(t, i); end < hi && !lex_is(t, end, ",") &&
		     !lex_is(t, end, ";"); end = lex_next(t, end))
			if (lex_is(t, end, "(") || lex_is(t, end, "{"))
				end = lex_close(t, end);
		add_number(s, token_text(s->a, &t->v[name]), t, i + 1,
		           end < hi ? end : hi);
	}
}

/* The values of an enum, "{" at token i: NAME = VALUE, or one more than the
 * one before. */
static void
add_enum(struct scan *s, size_t i)
{
	const struct tokens *t = &s->k->toks;
	size_t end = lex_close(t, i), name, hi;
	const char *own, *next = "0";
	struct diag quiet = {.suppressed = 1};

	for (name = lex_next(t, i); name < end; name = lex_next(t, hi)) {
		for (hi = name; hi < end && !lex_is(t, hi, ",");
		     hi = lex_next(t, hi))
			if (lex_is(t, hi, "(") || lex_is(t, hi, "{"))
				hi = lex_close(t, hi);
		if (t->v[name].kind != TOK_NAME || hi > end)
			return;
		own = token_text(s->a, &t->v[name]);
		i = lex_next(t, name);
		if (i < hi && lex_is(t, i, "="))
			add_number(s, own, t, i + 1, hi);
		else
			add_const(s, own, expr_parse_c(s->a, next, POS_NONE,
			                               &quiet));
		next = arena_printf(s->a, "%s + 1", own);
	}
}

/* Constants in the body of a function that declares shared arrays, for their
 * sizes: const int NAME = VALUE; */
static void
find_local_consts(struct scan *s, const struct kfunc *f)
{
	const struct tokens *t = &s->k->toks;
	size_t lo = lex_next(t, f->body);
	bool shared = false;

	for (size_t i = lo; i < f->end; i++)
		shared = shared || lex_is_name(t, i, "__shared__");
	if (!shared)
		return;
	for (size_t i = lo; i < f->end; i = lex_next(t, i)) {
		if (lex_is(t, i, ";") && (lex_is_name(t, lo, "const") ||
		    lex_is_name(t, lo, "constexpr") ||
		    lex_is_name(t, lo, "static")))
			add_declared(s, lo, i + 1);
		if (lex_is(t, i, ";") || lex_is(t, i, "{") || lex_is(t, i, "}"))
			lo = lex_next(t, i);
	}
}

static void
find_consts(struct scan *s)
{
	const struct tokens *t = &s->k->toks;
	size_t lo = lex_first(t);
	bool is_const = false, is_enum = false;

	for (size_t i = 0; i < s->k->macros.n; i++) {
		const struct kmacro *m = &s->k->macros.v[i];

		if (!lex_is(m->t, m->rest, "("))
			add_number(s, m->name, m->t, m->rest, m->t->n - 1);
	}
	for (size_t i = lo; t->v[i].kind != TOK_END; i = lex_next(t, i)) {
		const struct kfunc *f = kernel_func(s->k, i);

		if (f) {
			find_local_consts(s, f);
			i = f->end;
			lo = lex_next(t, i);
			is_const = is_enum = false;
			continue;
		}
		is_enum = is_enum || lex_is_name(t, i, "enum");
		is_const = is_const || lex_is_name(t, i, "const") ||
			lex_is_name(t, i, "constexpr") ||
			lex_is_name(t, i, "__constant__");
		if (lex_is(t, i, "{")) {
			if (is_enum && lex_close(t, i) < t->n)
				add_enum(s, i);
			i = lex_close(t, i);
		}
		if (i >= t->n)
			return;
		if (!lex_is(t, i, ";"))
			continue;
		if (is_const)
			add_declared(s, lo, i + 1);
		lo = lex_next(t, i);
		is_const = is_enum = false;
	}
}

struct env
kernel_consts(const struct kernel *k, const struct env *e, struct arena *a)
{
	struct env all = {0};
	int64_t v;

	for (size_t i = 0; i < e->n; i++)
		vec_push(a, &all, e->v[i]);
	for (size_t i = 0; i < k->consts.n; i++)
		if (k->consts.v[i].value && !env_get(e, k->consts.v[i].name) &&
		    expr_eval(k->consts.v[i].value, &all, &v, a, NULL) == 0)
			env_set(a, &all, k->consts.v[i].name, v);
	return all;
}

/* --- the text ----------------------------------------------------------------------- */

/* The file that #include "NAME" means, beside the file that includes it; NULL
 * if the directive is another one. */
static const char *
quoted_file(struct scan *s, const struct token *dir)
{
	struct diag quiet = {.suppressed = 1};	/* emit says what is wrong */
	const struct tokens *line;
	const struct token *name;

	if (!lex_says(dir, "include"))
		return NULL;
	line = lex_directive(s->a, dir, &quiet);
	name = line ? &line->v[lex_next(line, lex_first(line))] : NULL;
	if (!name || name->kind != TOK_STRING || name->s[0] != '"')
		return NULL;
	return file_join(s->a, file_dir(s->a, dir->at.src->name),
	                 arena_strndup(s->a, name->s + 1, name->len - 2));
}

static int read_text(struct scan *s, const struct source *src, size_t from,
                     int depth);

/* In the place of a directive: a file is read once. */
static int
read_included(struct scan *s, const struct token *dir, const char *path,
              int depth)
{
	struct source *src = arena_new(s->a, struct source);
	struct diag quiet = {.suppressed = 1};

	for (size_t i = 0; i < s->included.n; i++)
		if (str_eq(s->included.v[i], path))
			return 0;
	vec_push(s->a, &s->included, path);
	if (depth >= INCLUDES_MAX)
		return diag_error(s->d, dir->at, "files included more than %d deep",
		                  INCLUDES_MAX);
	if (file_read(s->a, path, src, &quiet) < 0)
		return diag_error(s->d, dir->at, "cannot open '%s'", path);
	return read_text(s, src, 0, depth + 1);
}

/* The tokens of a file, with those of the files that it includes by "NAME". */
static int
read_text(struct scan *s, const struct source *src, size_t from, int depth)
{
	struct tokens t = {0};

	if (lex(s->a, src, from, &t, s->d) < 0)
		return -1;
	for (size_t i = 0; i + 1 < t.n; i++) {
		const char *path = t.v[i].kind == TOK_DIRECTIVE ?
		                   quoted_file(s, &t.v[i]) : NULL;

		if (path && read_included(s, &t.v[i], path, depth) < 0)
			return -1;
		if (!path && !(depth > 0 && t.v[i].kind == TOK_DIRECTIVE &&
		               lex_says(&t.v[i], "pragma once")))
			vec_push(s->a, &s->k->toks, t.v[i]);
	}
	if (depth == 0)
		vec_push(s->a, &s->k->toks, t.v[t.n - 1]);
	return 0;
}

/* --- the whole --------------------------------------------------------------------- */

int
kernel_read_file(struct kernel *k, struct arena *a, const struct source *src,
                 size_t from, struct diag *d)
{
	struct scan s = {.k = k, .a = a, .d = d};

	if (read_text(&s, src, from, 0) < 0)
		return -1;
	find_functions(&s);
	if (find_macros(&s) < 0)
		return -1;
	find_consts(&s);
	return 0;
}
