/* Shared arrays: found in the functions that the kernel comes to, and laid
 * out one behind the other.  Each has a place of its own, as in CUDA, whatever
 * block or function declares it. */
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

struct scan {
	struct kernel *k;
	struct arena *a;
	struct diag *d;
};

/* --- declarations ------------------------------------------------------------------ */

/* What an array's size may name: besides the head's names, the template's. */
static bool
knows(const void *kernel, const char *name)
{
	const struct kernel *k = kernel;

	for (size_t i = 0; i < k->template.n; i++)
		if (str_eq(k->template.v[i].name, name))
			return !k->template.v[i].type;
	return kernel_knows(k, name);
}

/* The number between the brackets at token i (to *close), which is what. */
static struct expr *
number(struct scan *s, size_t i, const char *what, size_t *close)
{
	struct kernel *k = s->k;
	struct expr *e;
	const char *u;

	*close = lex_close(&k->toks, i);
	if (*close >= k->toks.n) {
		diag_error(s->d, k->toks.v[i].at, "a bracket without an end");
		return NULL;
	}
	e = kernel_expr(s->a, &k->toks, i + 1, *close, s->d);
	if (e && (u = expr_unknown(e, knows, k))) {
		diag_error(s->d, k->toks.v[i].at, "unknown name '%s' in the %s "
		           "of a shared array", u, what);
		return NULL;
	}
	return e;
}

static bool
is_align(const struct kernel *k, size_t i)
{
	return words_have("__align__ alignas __attribute__", k->toks.v[i].s,
	                  k->toks.v[i].len);
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
	if (lex_is(&k->toks, i, "__attribute__")) {
		while (i < *end && !lex_is(&k->toks, i, "aligned"))
			i++;
		if (i >= *end)
			return 0;
	}
	i = lex_next(&k->toks, i);
	if (!lex_is(&k->toks, i, "(") || w->align)
		return diag_error(s->d, k->toks.v[i].at,
		                  "expected one alignment, '__align__(BYTES)'");
	if (!(w->align = number(s, i, "alignment", &close)))
		return -1;
	if (expr_eval(w->align, &none, &n, s->a, &why) == 0 &&
	    !kernel_aligns(n))
		return diag_error(s->d, k->toks.v[i].at, "a shared array on %lld "
		                  "bytes: expected a power of two up to %d",
		                  (long long)n, SHARED_ALIGN);
	return 0;
}

/* The beginning of the declaration in which __shared__ stands at i; lo: of
 * what it stands in. */
static size_t
beginning(const struct kernel *k, size_t i, size_t lo)
{
	for (size_t b, open; ; i = b) {
		b = lex_before(&k->toks, i);
		if (b < lo || b >= i)
			return i;
		if (lex_is(&k->toks, b, ")")) {
			open = lex_open(&k->toks, b);
			b = lex_before(&k->toks, open);
			if (open > i || b <= lo || !is_align(k, b))
				return i;
		} else if (k->toks.v[b].kind != TOK_NAME) {
			return i;
		}
	}
}

static bool
is_qualifier(const struct kernel *k, size_t i)
{
	return words_have("__shared__ static extern volatile const struct "
	                  "typename", k->toks.v[i].s, k->toks.v[i].len);
}

static int
expected(struct scan *s, size_t at)
{
	return diag_error(s->d, s->k->toks.v[at].at,
	                  "expected __shared__ TYPE NAME[SIZE]...;");
}

/* One NAME[SIZE]..., the name at token i; returns the token behind it, 0 after
 * a diagnostic. */
static size_t
read_declarator(struct scan *s, struct kshared *w, size_t i)
{
	struct kernel *k = s->k;
	struct kdims *dims = vec_add(s->a, &w->arrays);
	size_t close;
	struct expr *e;

	if (!w->name)
		w->name = token_text(s->a, &k->toks.v[i]);
	for (i = lex_next(&k->toks, i); lex_is(&k->toks, i, "[");
	     i = lex_next(&k->toks, close)) {
		close = lex_next(&k->toks, i);
		if (w->tail && lex_is(&k->toks, close, "]"))
			continue;
		if (!(e = number(s, i, "size", &close)))
			return 0;
		vec_push(s->a, &dims->v, e);
	}
	return i;
}

/* The type's words and the first name, from token i on: the token of the
 * name; 0 if it is another form. */
static size_t
read_type(struct scan *s, struct kshared *w, size_t i)
{
	struct kernel *k = s->k;
	size_t name = 0;
	const char *type = "";

	for (; k->toks.v[i].kind == TOK_NAME || lex_is(&k->toks, i, "*");
	     i = lex_next(&k->toks, i)) {
		if (is_align(k, i)) {
			if (read_align(s, w, i, &i) < 0)
				return 0;
			if (i >= k->toks.n)
				break;
			continue;
		}
		if (k->toks.v[i].kind == TOK_NAME && is_qualifier(k, i)) {
			w->tail = w->tail || lex_is(&k->toks, i, "extern");
			continue;
		}
		if (name)
			type = arena_printf(s->a, "%s%s%.*s", type,
			                    *type ? " " : "",
			                    (int)k->toks.v[name].len,
			                    k->toks.v[name].s);
		name = i;
	}
	w->type = type;
	return *type && name && k->toks.v[name].kind == TOK_NAME ? name : 0;
}

/* The declaration from token i on, whose __shared__ stands at w->at:
 * QUALIFIERS TYPE NAME[dim]..., NAME...; */
static int
read_declaration(struct scan *s, struct kshared *w, size_t i)
{
	const struct kernel *k = s->k;
	int before = s->d->nerrors;

	i = read_type(s, w, i);
	while (i) {
		i = read_declarator(s, w, i);
		if (!i || lex_is(&k->toks, i, ";"))
			break;
		i = lex_is(&k->toks, i, ",") ? lex_next(&k->toks, i) : 0;
		if (i && k->toks.v[i].kind != TOK_NAME)
			i = 0;
	}
	if (i && !(w->tail && w->arrays.n > 1))
		return 0;
	return s->d->nerrors > before ? -1 : expected(s, w->at);
}

/* Whether the function's arrays are the kernel's to have, and could be. */
static int
check_place(struct scan *s, const struct kfunc *f, size_t i, bool tail)
{
	if (!f && !tail)
		return diag_error(s->d, s->k->toks.v[i].at, "a shared array at "
		                  "file scope: declare it in the kernel");
	if (f && f->is_template && f->body != s->k->body)
		return diag_error(s->d, s->k->toks.v[i].at, "'__shared__' in "
		                  "the template '%s': each of its instances would "
		                  "have its own; declare it in the kernel and hand "
		                  "it over", f->name);
	return 0;
}

int
kernel_read_shared(struct kernel *k, struct arena *a, struct diag *d)
{
	struct scan s = {k, a, d};
	int bad = 0;

	for (size_t i = 0; i < k->toks.n; i++) {
		const struct kfunc *f;
		struct kshared w = {.at = i};

		if (!lex_is_name(&k->toks, i, "__shared__"))
			continue;
		f = kernel_func(k, i);
		if (f && !kernel_reaches(k, f->name))
			continue;
		if (read_declaration(&s, &w, beginning(k, i, f ? f->body : 0)) < 0 ||
		    check_place(&s, f, i, w.tail) < 0)
			bad = -1;
		vec_push(a, &k->shared_arrays, w);
	}
	return bad;
}

/* --- places ------------------------------------------------------------------------- */

bool
kernel_aligns(int64_t n)
{
	return n > 0 && n <= SHARED_ALIGN && (n & (n - 1)) == 0;
}

/* The names of the head, of the file and of the template. */
static struct binding
all_names(const struct kernel *k, const struct binding *b, struct arena *a)
{
	struct binding all = *b;

	all.env = kernel_consts(k, &b->env, a);
	for (size_t i = 0; i < k->template.n; i++) {
		const struct ktemplate *t = &k->template.v[i];
		int64_t v;

		if (!t->type && t->value.expr &&
		    expr_eval(t->value.expr, &all.env, &v, a, NULL) == 0)
			env_set(a, &all.env, t->name, v);
	}
	return all;
}

/* The bytes of a declaration's arrays. */
static int
array_bytes(const struct kernel *k, const struct kshared *s,
            const struct binding *b, struct arena *a, int64_t *n,
            const char **why)
{
	int64_t own, align, dim, one;

	*n = 0;
	own = kernel_type_bytes(k, b, a, s->type, &align);
	if (own < 0) {
		*why = arena_printf(a, "shared array '%s' of unknown type '%s'",
		                    s->name, s->type);
		return -1;
	}
	for (size_t i = 0; i < s->arrays.n; i++) {
		const struct kdims *d = &s->arrays.v[i];

		one = own;
		for (size_t j = 0; j < d->v.n; j++) {
			if (expr_eval(d->v.v[j], &b->env, &dim, a, why) < 0)
				return -1;
			if (dim < 0 || __builtin_mul_overflow(one, dim, &one))
				goto over;
		}
		if (__builtin_add_overflow(*n, one, n))
			goto over;
	}
	return 0;
over:
	*why = "overflow";
	return -1;
}

/* n bytes behind *total, on a multiple of align and padded to one. */
static int
put_bytes(int64_t *total, int64_t n, int64_t align, struct kplace *p,
          const char **why)
{
	const int64_t far = INT64_MAX / 2 - SHARED_ALIGN;

	if (n > far || *total > far) {
		*why = "overflow";
		return -1;
	}
	p->at = (*total + align - 1) / align * align;
	p->bytes = (n + align - 1) / align * align;
	*total = p->at + p->bytes;
	return 0;
}

/* Places the declarations that are extern, or those that are not. */
static int
place_some(const struct kernel *k, const struct binding *b, struct arena *a,
           bool tail, struct places *out, int64_t *total, const char **why)
{
	int64_t n, align;

	for (size_t i = 0; i < k->shared_arrays.n; i++) {
		const struct kshared *s = &k->shared_arrays.v[i];

		if (s->tail != tail)
			continue;
		align = 16;
		if (s->align && expr_eval(s->align, &b->env, &align, a, why) < 0)
			return -1;
		if (!kernel_aligns(align)) {
			*why = arena_printf(a, "shared array '%s' on %lld bytes",
			                    s->name, (long long)align);
			return -1;
		}
		n = 0;
		if ((!s->tail && array_bytes(k, s, b, a, &n, why) < 0) ||
		    put_bytes(total, n, align > 16 ? align : 16, &out->v[i],
		              why) < 0)
			return -1;
	}
	return 0;
}

int64_t
kernel_place_shared(const struct kernel *k, const struct binding *b,
                    struct arena *a, struct places *out, const char **why)
{
	struct binding all = all_names(k, b, a);
	int64_t total = 0, tail = 0;

	if (k->shared && expr_eval(k->shared, &all.env, &tail, a, why) < 0)
		return -1;
	if (tail < 0) {
		*why = "negative bytes of shared memory";
		return -1;
	}
	*out = (struct places){0};
	for (size_t i = 0; i < k->shared_arrays.n; i++)
		vec_push(a, out, ((struct kplace){0, 0}));
	if (place_some(k, &all, a, false, out, &total, why) < 0 ||
	    place_some(k, &all, a, true, out, &total, why) < 0)
		return -1;
	for (size_t i = 0; i < k->shared_arrays.n; i++)
		if (k->shared_arrays.v[i].tail)
			out->v[i].at = total;	/* all name the same memory */
	if (__builtin_add_overflow(total, tail, &total)) {
		*why = "overflow";
		return -1;
	}
	return total;
}
