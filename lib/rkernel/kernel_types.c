/* Bytes of the types of shared arrays: C's and CUDA's, those of the head
 * (X_t, what a template's parameter stands for), and structs and typedefs of
 * the file. */
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

#define DEPTH_MAX 8		/* of types made of types */

static const struct {
	const char *name;
	int bytes, align;
} ctypes[] = {
	{"float", 4, 4}, {"double", 8, 8}, {"int", 4, 4}, {"unsigned", 4, 4},
	{"unsigned int", 4, 4}, {"char", 1, 1}, {"signed char", 1, 1},
	{"unsigned char", 1, 1}, {"bool", 1, 1}, {"short", 2, 2},
	{"unsigned short", 2, 2}, {"long", 8, 8}, {"unsigned long", 8, 8},
	{"long long", 8, 8}, {"unsigned long long", 8, 8}, {"size_t", 8, 8},
	{"int64_t", 8, 8}, {"uint64_t", 8, 8}, {"int32_t", 4, 4},
	{"uint32_t", 4, 4}, {"int16_t", 2, 2}, {"uint16_t", 2, 2},
	{"int8_t", 1, 1}, {"uint8_t", 1, 1}, {"float2", 8, 8},
	{"float3", 12, 4}, {"float4", 16, 16}, {"double2", 16, 16},
	{"int2", 8, 8}, {"int3", 12, 4}, {"int4", 16, 16}, {"uint2", 8, 8},
	{"uint3", 12, 4}, {"uint4", 16, 16}, {"half", 2, 2}, {"__half", 2, 2},
	{"half2", 4, 4}, {"__half2", 4, 4},
};

struct sizing {
	const struct kernel *k;
	const struct binding *b;
	struct arena *a;
	int depth;
};

static int64_t bytes_of(struct sizing *s, const char *type, int64_t *align);

static size_t
up(int64_t n, int64_t align)
{
	return (size_t)((n + align - 1) / align * align);
}

/* What the head has for the type: X_t, a parameter of the template. */
static const char *
replaced(struct sizing *s, const char *type)
{
	for (size_t i = 0; i < s->b->texts.n; i++)
		if (str_eq(s->b->texts.v[i].key, type))
			return s->b->texts.v[i].value;
	for (size_t i = 0; i < s->k->template.n; i++)
		if (s->k->template.v[i].type &&
		    str_eq(s->k->template.v[i].name, type))
			return s->k->template.v[i].value.text;
	return NULL;
}

/* The words of a type in [lo, hi), by single spaces; "*" where it is a
 * pointer. */
static const char *
words(struct sizing *s, size_t lo, size_t hi)
{
	static const char *const quiet[] = { "const", "volatile", "struct",
		"typename", "class" };
	const struct tokens *t = &s->k->toks;
	const char *text = "";

	for (size_t i = lo; i < hi; i = lex_next(t, i)) {
		bool skip = t->v[i].kind != TOK_NAME && !lex_is(t, i, "*");

		for (size_t q = 0; q < sizeof quiet / sizeof *quiet; q++)
			skip = skip || lex_is_name(t, i, quiet[q]);
		if (!skip)
			text = arena_printf(s->a, "%s%s%.*s", text,
			                    *text ? " " : "", (int)t->v[i].len,
			                    t->v[i].s);
	}
	return text;
}

/* The elements of the array dimensions from token i on; *end: behind them. */
static int64_t
elements(struct sizing *s, size_t i, size_t *end)
{
	const struct tokens *t = &s->k->toks;
	struct diag quiet = {.suppressed = 1};
	int64_t n = 1, dim;

	while (lex_is(t, i, "[") && lex_close(t, i) < t->n) {
		size_t close = lex_close(t, i);
		struct expr *e = kernel_expr(s->a, t, i + 1, close, &quiet);

		if (!e || expr_eval(e, &s->b->env, &dim, s->a, NULL) < 0 ||
		    dim < 0 || __builtin_mul_overflow(n, dim, &n))
			return -1;
		i = lex_next(t, close);
	}
	*end = i;
	return n;
}

/* Adds the members that the declaration [lo, hi) makes: TYPE a, b[2]; */
static int
add_members(struct sizing *s, size_t lo, size_t hi, int64_t *total,
            int64_t *align)
{
	const struct tokens *t = &s->k->toks;
	size_t name = lo, end;
	int64_t own, a;

	while (name < hi && !lex_is(t, name, ",") && !lex_is(t, name, "[") &&
	       !lex_is(t, name, ";"))
		name = lex_next(t, name);
	name = lex_before(t, name);
	own = bytes_of(s, words(s, lo, name), &a);
	if (own < 0)
		return -1;
	*align = a > *align ? a : *align;
	while (name < hi) {
		int64_t n = elements(s, lex_next(t, name), &end);

		if (n < 0 || __builtin_mul_overflow(n, own, &n) ||
		    n > INT32_MAX || *total > INT32_MAX)
			return -1;
		*total = (int64_t)up(*total, a) + n;
		if (!lex_is(t, end, ","))
			return lex_is(t, end, ";") ? 0 : -1;
		name = lex_next(t, end);
	}
	return -1;
}

/* Past the member or method that begins at i; *method: it has brackets. */
static size_t
member_end(const struct tokens *t, size_t i, size_t end, bool *method)
{
	*method = false;
	for (; i < end && !lex_is(t, i, ";"); i = lex_next(t, i)) {
		if (lex_is(t, i, "(")) {
			*method = true;
			i = lex_close(t, i);
		}
		if (i < end && lex_is(t, i, "{")) {
			i = lex_close(t, i);
			return i;
		}
	}
	return i;
}

/* struct NAME { members and methods }; "{" at token i. */
static int64_t
struct_bytes(struct sizing *s, size_t i, int64_t *align)
{
	const struct tokens *t = &s->k->toks;
	size_t end = lex_close(t, i), hi;
	int64_t total = 0;
	bool method;

	*align = 1;
	for (i = lex_next(t, i); i < end; i = lex_next(t, hi)) {
		hi = member_end(t, i, end, &method);
		if (hi >= end)
			return -1;
		if (!method && !lex_is(t, hi, "}") &&
		    !lex_is_name(t, i, "static") &&
		    add_members(s, i, hi + 1, &total, align) < 0)
			return -1;
	}
	return total ? (int64_t)up(total, *align) : 1;
}

/* typedef struct TAG { ... } NAME; at token i: its "{", or 0. */
static size_t
typedef_struct(const struct tokens *t, size_t i, const char *name)
{
	size_t open = lex_next(t, lex_next(t, i)), close;

	if (!lex_is_name(t, i, "typedef") ||
	    !lex_is_name(t, lex_next(t, i), "struct"))
		return 0;
	if (t->v[open].kind == TOK_NAME)
		open = lex_next(t, open);
	close = lex_is(t, open, "{") ? lex_close(t, open) : t->n;
	return close < t->n && lex_is_name(t, lex_next(t, close), name) ?
	       open : 0;
}

/* A type that the file makes: struct NAME { ... }, typedef ... NAME,
 * using NAME = ... */
static int64_t
file_bytes(struct sizing *s, const char *type, int64_t *align)
{
	const struct tokens *t = &s->k->toks;

	for (size_t i = 0; i + 1 < t->n; i++) {
		size_t name = lex_next(t, i), next = lex_next(t, name);
		size_t open, end;

		if (t->v[i].kind != TOK_NAME)
			continue;
		for (end = name; t->v[end].kind != TOK_END &&
		     !lex_is(t, end, ";"); end = lex_next(t, end))
			;
		if (lex_is_name(t, i, "struct") && lex_is_name(t, name, type) &&
		    lex_is(t, next, "{") && lex_close(t, next) < t->n)
			return struct_bytes(s, next, align);
		open = typedef_struct(t, i, type);
		if (open)
			return struct_bytes(s, open, align);
		if (lex_is_name(t, i, "using") && lex_is_name(t, name, type) &&
		    lex_is(t, next, "="))
			return bytes_of(s, words(s, lex_next(t, next), end),
			                align);
		if (lex_is_name(t, i, "typedef") &&
		    lex_is_name(t, lex_before(t, end), type))
			return bytes_of(s, words(s, name, lex_before(t, end)),
			                align);
	}
	return -1;
}

static int64_t
bytes_of(struct sizing *s, const char *type, int64_t *align)
{
	const char *other = replaced(s, type);
	int64_t n;

	*align = 8;
	if (s->depth > DEPTH_MAX)
		return -1;
	if (strchr(type, '*'))
		return 8;
	for (size_t i = 0; i < sizeof ctypes / sizeof *ctypes; i++)
		if (str_eq(ctypes[i].name, type)) {
			*align = ctypes[i].align;
			return ctypes[i].bytes;
		}
	s->depth++;
	n = other ? bytes_of(s, other, align) : file_bytes(s, type, align);
	s->depth--;
	return n;
}

int64_t
kernel_type_bytes(const struct kernel *k, const struct binding *b,
                  struct arena *a, const char *type, int64_t *align)
{
	struct sizing s = {.k = k, .b = b, .a = a};

	return bytes_of(&s, type, align);
}
