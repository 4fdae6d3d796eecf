/* Preprocessor lines of a kernel file: which headers it may include, which
 * macros it makes, and what it may take back. */
#include "emit/source.h"

#include <string.h>

#include "base/str.h"

/* Headers that a kernel file may include.  What an rTask may use of the first
 * is there already; the second, of C and of CUDA, come into the emitted file;
 * the last are for the host's part of a program, which is left out. */
enum { HEADER_THERE, HEADER_C, HEADER_CUDA, HEADER_HOST };

static const struct {
	const char *name;
	int kind;
} headers[] = {
	{"math.h", HEADER_THERE}, {"stdint.h", HEADER_THERE},
	{"stddef.h", HEADER_THERE}, {"float.h", HEADER_C},
	{"limits.h", HEADER_C}, {"stdbool.h", HEADER_THERE},
	{"string.h", HEADER_THERE}, {"cmath", HEADER_THERE},
	{"cstdint", HEADER_THERE}, {"cstddef", HEADER_THERE},
	{"cfloat", HEADER_C}, {"climits", HEADER_C},
	{"cstring", HEADER_THERE}, {"cuda_runtime.h", HEADER_THERE},
	{"cuda.h", HEADER_THERE}, {"device_launch_parameters.h", HEADER_THERE},
	{"vector_types.h", HEADER_THERE}, {"vector_functions.h", HEADER_THERE},
	{"immintrin.h", HEADER_THERE},
	{"math_constants.h", HEADER_CUDA}, {"cuda_fp16.h", HEADER_CUDA},
	{"stdio.h", HEADER_HOST}, {"stdlib.h", HEADER_HOST},
	{"time.h", HEADER_HOST}, {"assert.h", HEADER_HOST},
	{"cstdio", HEADER_HOST}, {"cstdlib", HEADER_HOST},
	{"ctime", HEADER_HOST}, {"cassert", HEADER_HOST},
	{"algorithm", HEADER_HOST}, {"chrono", HEADER_HOST},
	{"fstream", HEADER_HOST}, {"iomanip", HEADER_HOST},
	{"iostream", HEADER_HOST}, {"memory", HEADER_HOST},
	{"numeric", HEADER_HOST}, {"random", HEADER_HOST},
	{"string", HEADER_HOST}, {"vector", HEADER_HOST},
};

/* --- directives ------------------------------------------------------------ */

static void
need_header(struct turn *s, struct strs *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], name))
			return;
	vec_push(s->a, list, name);
}

/* Headers of CUDA are there as far as emulation has them. */
void
source_headers(const struct emit *e, struct str *out)
{
	for (size_t i = 0; i < e->headers.n; i++)
		str_addf(out, "#include <%s>\n", e->headers.v[i]);
	if (e->cuda_headers.n)
		str_add(out, "#ifdef TAMP_EMULATE\n#include "
		        "\"emu_headers.h\"\n#else\n");
	for (size_t i = 0; i < e->cuda_headers.n; i++)
		str_addf(out, "#include <%s>\n", e->cuda_headers.v[i]);
	str_add(out, e->cuda_headers.n ? "#endif\n\n" :
	        e->headers.n ? "\n" : "");
}

/* #include is dropped: its header is there, or will be, or is for no rTask.
 * (In the place of "FILE" stands what was read from it.) */
static int
check_include(struct turn *s, const struct token *dir)
{
	const char *open = memchr(dir->s, '<', dir->len);
	const char *close = !open ? NULL :
		memchr(open, '>', dir->len - (size_t)(open - dir->s));
	struct token name;

	if (!close)
		return diag_error(s->d, dir->at, "an include of another form "
		                  "than <HEADER> or \"FILE\"");
	name = (struct token){TOK_NAME, open + 1, (size_t)(close - open) - 1,
	                      dir->at};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		if (!token_is(&name, headers[i].name))
			continue;
		if (headers[i].kind == HEADER_C)
			need_header(s, &s->e->headers, headers[i].name);
		if (headers[i].kind == HEADER_CUDA &&
		    s->kind == TARGET_CUDA)
			need_header(s, &s->e->cuda_headers, headers[i].name);
		if (headers[i].kind != HEADER_CUDA || s->kind == TARGET_CUDA)
			return 0;
	}
	return diag_error(s->d, dir->at, "a kernel cannot include <%.*s>",
	                  (int)name.len, name.s);
}

/* Whether the directive stands under #ifndef of that name: what the head gives
 * the name then counts, and the file compiles alone. */
static bool
is_guarded(struct turn *s, const struct token *dir, const char *name)
{
	const struct tokens *t = &s->k->kernel->toks, *line;
	const struct token *before = NULL;

	for (size_t i = 0; i < t->n && &t->v[i] != dir; i++)
		if (t->v[i].kind == TOK_DIRECTIVE)
			before = &t->v[i];
	line = before ? lex_directive(s->a, before, s->d) : NULL;
	return line && token_is(&line->v[lex_first(line)], "ifndef") &&
	       token_is(&line->v[lex_next(line, lex_first(line))], name);
}

static int
add_macro(struct turn *s, const struct token *dir)
{
	const struct tokens *t = lex_directive(s->a, dir, s->d);
	const char *name;
	size_t i;

	if (!t)
		return -1;
	i = lex_next(t, lex_first(t));
	if (t->v[i].kind != TOK_NAME)
		return diag_error(s->d, t->v[i].at, "a macro without a name");
	name = token_text(s->a, &t->v[i]);
	map_set(&s->macros, name, 0);
	if (!kernel_reaches(s->k->kernel, name))
		return 0;
	if (source_is_defined(s, name) && !is_guarded(s, dir, name))
		return diag_error(s->d, t->v[i].at, "'%s' is a name of the head, "
		                  "which gives it a value: put '#ifndef %s' "
		                  "before this", name, name);
	*vec_add(s->a, &s->parts) = (struct part){
		.kind = PART_MACRO, .t = t, .lo = lex_next(t, i), .hi = t->n - 1,
		.name = name,
	};
	return 0;
}

/* What the runtime or the compiler has defined is not the file's to take. */
static int
check_undef(struct turn *s, const struct token *dir)
{
	const struct tokens *t = lex_directive(s->a, dir, s->d);
	size_t i;

	if (!t)
		return -1;
	i = lex_next(t, lex_first(t));
	if (map_get(&s->macros, token_text(s->a, &t->v[i])) >= 0)
		return 0;
	return diag_error(s->d, t->v[i].at, "#undef of '%s', which the file does "
	                  "not define", token_text(s->a, &t->v[i]));
}

int
source_lines(struct turn *s, const struct tokens *t)
{
	int rc = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].kind != TOK_DIRECTIVE)
			continue;
		if (lex_says(&t->v[i], "include"))
			rc |= check_include(s, &t->v[i]);
		else if (lex_says(&t->v[i], "define"))
			rc |= add_macro(s, &t->v[i]);
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind == TOK_DIRECTIVE &&
		    lex_says(&t->v[i], "undef"))
			rc |= check_undef(s, &t->v[i]);
	return rc;
}
