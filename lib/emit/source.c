/* A kernel file turned into an rTask function, by its tokens.
 *
 * The result can be read and edited: the kernel's body stays as it was
 * written, comments too, behind a prologue that gives it its arguments and its
 * place in the grid.  On a device the function is entered by all threads of
 * the vEU; those that the kernel has no use for leave at once or, where it has
 * barriers, go on meeting them:
 *
 *	if (threadIdx.x < 128)
 *		body_3(tamp_task, tamp_args);
 *	tamp_idle();				// until all are here
 */
#include "emit/source.h"

#include <string.h>

#include "base/file.h"
#include "emit/tables.h"

/* Names that the runtime defines and a kernel file may define again under
 * #ifndef, to compile alone. */
static const char *const kept[] = { "LOAD", "STORE", "rtask_wait", NULL };

/* Threads of the widest launch that runs the instance. */
static int64_t
most_threads(const struct emit *e, int index, int64_t own)
{
	int64_t most = own;

	for (size_t i = 0; e->program && i < e->program->codes.n; i++) {
		const struct code *c = &e->program->codes.v[i];

		for (size_t j = 0; j < c->instances.n; j++)
			if (c->instances.v[j] == index && c->threads > most)
				most = c->threads;
	}
	return most;
}

/* Text from a plan, made harmless inside a comment. */
static void
put_comment(struct str *out, const char *text)
{
	for (; *text; text++)
		str_addc(out, *text < ' ' || *text == 0x7f || *text == '\\' ? '?' :
		         *text == '*' && text[1] == '/' ? '.' : *text);
}

static void
put_title(struct turn *s)
{
	str_add(s->out, "\n/* ");
	put_comment(s->out, s->k->cand->use);
	str_add(s->out, " for ");
	put_comment(s->out, s->k->cls->class);
	str_add(s->out, ", from ");
	put_comment(s->out, file_base(s->k->kernel->src.name));
	str_add(s->out, " */\n");
}

static int64_t
grid(const struct turn *s, size_t i)
{
	return i < s->k->cand->grid.n ? s->k->cand->grid.v[i] : 1;
}

static void
put_defines(struct turn *s)
{
	const int64_t *b = s->k->block;

	for (size_t i = 0; i < s->k->defines.n; i++)
		str_addf(s->out, "#define %s %s\n", s->k->defines.v[i].key,
		         s->k->defines.v[i].value);
	str_addf(s->out, "#define tamp_grid TAMP_UINT3(%lldu, %lldu, %lldu)\n",
	         (long long)grid(s, 0), (long long)grid(s, 1),
	         (long long)grid(s, 2));
	if (!s->gpu)
		return;
	str_addf(s->out, "#define tamp_dim TAMP_UINT3(%lldu, %lldu, %lldu)\n",
	         (long long)b[0], (long long)b[1], (long long)b[2]);
	if (b[1] > 1 || b[2] > 1)
		str_addf(s->out, "#define tamp_thread TAMP_UINT3(threadIdx.x %% %lldu,"
		         " threadIdx.x / %lldu %% %lldu, threadIdx.x / %lldu)\n",
		         (long long)b[0], (long long)b[0], (long long)b[1],
		         (long long)(b[0] * b[1]));
}

/* Whether part i is the last that defines its macro. */
static bool
is_own_macro(const struct turn *s, size_t i)
{
	const struct part *p = &s->parts.v[i];
	struct token t;

	if (p->kind != PART_MACRO || map_get(&s->by_name, p->name) != (int)i)
		return false;
	t = (struct token){TOK_NAME, p->name, strlen(p->name), POS_NONE};
	return !token_in(&t, kept);
}

/* The file's macros end with it; what a header defined under the same name,
 * such as INFINITY, comes back. */
static void
put_pushes(struct turn *s)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (is_own_macro(s, i))
			str_addf(s->out, "#pragma push_macro(\"%s\")\n",
			         s->parts.v[i].name);
}

static void
put_undefs(struct turn *s)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (is_own_macro(s, i))
			str_addf(s->out, "#pragma pop_macro(\"%s\")\n",
			         s->parts.v[i].name);
	str_add(s->out, s->gpu ? "#undef tamp_dim\n#undef tamp_thread\n" : "");
	str_add(s->out, "#undef tamp_grid\n");
	for (size_t i = 0; i < s->k->defines.n; i++)
		str_addf(s->out, "#undef %s\n", s->k->defines.v[i].key);
}

/* --- the kernel's head --------------------------------------------------------- */

/* One parameter, tokens [lo, hi): const A_t *A becomes
 *	const A_t *A = (const A_t *)tamp_args[0];
 * The address of a weight may say that nothing else writes there. */
static int
put_param(struct turn *s, const struct tokens *t, size_t lo, size_t hi)
{
	size_t name = token_before(t, hi);
	const struct token *n = &t->v[name];
	bool pointer = false;
	struct str type;
	int arg;

	if (n->kind != TOK_NAME || name < lo)
		return diag_error(s->d, n->at, "a parameter that is not 'TYPE *NAME'");
	arg = source_arg(s, n->s, n->len);
	if (arg < 0)
		return diag_error(s->d, n->at, "parameter '%.*s' is no argument of "
		                  "%s", (int)n->len, n->s, s->k->cls->form);
	str_init(&type);
	for (size_t i = lo; i < name; i++) {
		const struct token *k = &t->v[i];

		pointer = pointer || token_is(k, "*");
		if (k->kind == TOK_NAME && (token_is(k, "__restrict__") ||
		    token_is(k, "restrict") || token_is(k, "__restrict")))
			continue;
		if (k->kind == TOK_SPACE)
			str_add(&type, type.len ? " " : "");
		else if (k->kind != TOK_COMMENT)
			str_addn(&type, k->s, k->len);
	}
	while (type.len && type.s[type.len - 1] == ' ')
		type.s[--type.len] = '\0';
	str_addf(s->out, "\t%s%s%.*s = (%s)tamp_args[%d]; (void)%.*s;\n", type.s,
	         source_is_weight(s, token_text(s->a, n)) ? "__restrict__ " :
	         type.len && type.s[type.len - 1] == '*' ? "" : " ",
	         (int)n->len, n->s, type.s, arg, (int)n->len, n->s);
	str_release(&type);
	return pointer ? 0 : diag_error(s->d, n->at, "parameter '%.*s' is no "
	                                "pointer", (int)n->len, n->s);
}

static int
put_params(struct turn *s, const struct part *p)
{
	const struct tokens *t = p->t;
	size_t end = lex_close(t, p->params), lo = p->params + 1;
	int rc = 0;

	if (lex_next(t, p->params) == end)
		return diag_error(s->d, t->v[p->params].at,
		                  "a kernel without parameters");
	for (size_t i = lo; i <= end; i++) {
		if (i < end && token_is(&t->v[i], "("))
			i = lex_close(t, i);
		if (i != end && !token_is(&t->v[i], ","))
			continue;
		rc |= put_param(s, t, lo, i);
		lo = i + 1;
	}
	return rc;
}

/* task = x + gx * (y + gy * z) */
static void
put_block(struct turn *s)
{
	long long gx = grid(s, 0), gy = grid(s, 1);

	if (s->gpu)
		str_add(s->out, "\tconst uint3 tamp_block = ");
	else
		str_add(s->out, "\tconst struct tamp_uint3 tamp_block = ");
	if (gy == 1 && grid(s, 2) == 1)
		str_add(s->out, "{tamp_task, 0u, 0u};");
	else
		str_addf(s->out, "{tamp_task %% %lldu, tamp_task / %lldu %% %lldu, "
		         "tamp_task / %lldu};", gx, gx, gy, gx * gy);
	str_add(s->out, " (void)tamp_block;\n");
}

static int
put_body(struct turn *s, const struct part *p)
{
	int rc;

	str_add(s->out, "{\n");
	rc = put_params(s, p);
	maps_locals(s->k, s->out);
	put_block(s);
	if (s->gpu && !s->idle && s->most > s->threads)
		str_addf(s->out, "\tif (threadIdx.x >= %lldu)\n\t\treturn;\n",
		         (long long)s->threads);
	rc |= source_put(s, p, p->body + 1, p->end + 1);
	str_add(s->out, "\n");
	return rc;
}

static int
put_kernel(struct turn *s, const struct part *p)
{
	static const char params[] = "(uint32_t tamp_task, void *const *tamp_args)";
	int rc;

	if (!s->gpu)
		str_add(s->out, "static void\n");
	else
		str_addf(s->out, "static __device__ %s void\n",
		         s->idle ? "__forceinline__" : "__noinline__");
	str_addf(s->out, "%s_%d%s\n", s->idle ? "body" : "inst", s->index, params);
	rc = put_body(s, p);
	if (s->gpu)	/* emulation: whether its threads need fibers */
		str_addf(s->out, "enum { meets_%d = %d };\n", s->index,
		         p->barrier || p->warp);
	if (s->idle) {
		str_addf(s->out, "\nstatic __device__ __noinline__ void\ninst_%d%s\n"
		         "{\n", s->index, params);
		str_addf(s->out, s->most > s->threads ?
		         "\tif (threadIdx.x < %lldu)\n\t" : "", (long long)s->threads);
		str_addf(s->out, "\tbody_%d(tamp_task, tamp_args);\n\ttamp_idle();\n}\n",
		         s->index);
	}
	return rc;
}

/* --- the file -------------------------------------------------------------------- */

/* Helpers are static and may be unused: not every instance calls all. */
static int
put_function(struct turn *s, const struct part *p)
{
	bool is_static = false, is_inline = false;
	size_t lo = p->lo;

	for (size_t i = p->lo; i < p->params; i++) {
		is_static = is_static || token_is(&p->t->v[i], "static");
		is_inline = is_inline || token_is(&p->t->v[i], "inline") ||
		            token_is(&p->t->v[i], "__forceinline__") ||
		            token_is(&p->t->v[i], "__noinline__");
	}
	if (!token_is(&p->t->v[lo], "template"))
		str_addf(s->out, "%s%s", is_static ? "" : "static ",
		         is_inline ? "" : "inline ");
	return source_put(s, p, lo, p->hi);
}

static int
put_file(struct turn *s)
{
	const struct tokens *t = &s->k->kernel->toks;
	struct part rest = {.kind = PART_DECL, .t = t};
	size_t at = 0;
	int rc = 0;

	for (size_t i = 0; i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->kind == PART_MACRO)
			continue;
		rc |= source_put(s, &rest, at, p->lo);
		if (p->kind == PART_KERNEL)
			rc |= put_kernel(s, p);
		else if (p->kind == PART_FUNCTION)
			rc |= put_function(s, p);
		else
			rc |= source_put(s, p, p->lo, p->hi);
		at = p->hi;
	}
	rc |= source_put(s, &rest, at, t->n - 1);
	return rc;
}

int
source_instance(struct emit *e, const struct kinstance *k, int index,
                enum target_kind t, struct str *out)
{
	struct turn s = {.e = e, .k = k, .index = index, .gpu = t != TARGET_HOST,
	                 .d = e->d, .a = e->a, .out = out};

	s.threads = k->block[0] * k->block[1] * k->block[2];
	s.most = most_threads(e, index, s.threads);
	map_init(&s.by_name, e->a);
	map_init(&s.renamed, e->a);
	if (source_scan(&s) < 0 || source_check(&s) < 0)
		return -1;
	put_title(&s);
	put_defines(&s);
	if (maps_define(e, k, out) < 0)
		return -1;
	put_pushes(&s);
	if (put_file(&s) < 0)
		return -1;
	maps_undef(k, out);
	put_undefs(&s);
	return 0;
}
