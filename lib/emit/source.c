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
#include "base/str.h"
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

/* Whether the kernel reads or stores a parameter of another name than its
 * argument's through LOAD or STORE. */
static bool
needs_alias(const struct turn *s, const struct kparam *p)
{
	const struct kernel *k = s->k->kernel;
	const struct tokens *t = &k->toks;

	if (p->arg < 0 || str_eq(k->args.v[p->arg].name, p->name))
		return false;
	for (size_t i = k->body; i < k->body_end; i++)
		if (lex_is_name(t, i, p->name) &&
		    lex_is(t, lex_before(t, i), "(") &&
		    lex_is_name(t, lex_before(t, lex_before(t, i)),
		                k->args.v[p->arg].out ? "STORE" : "LOAD"))
			return true;
	return false;
}

/* LOAD and STORE of parameters that are not named as their arguments. */
static void
put_aliases(struct turn *s, bool define)
{
	const struct kernel *k = s->k->kernel;

	for (size_t i = 0; i < k->params.n; i++) {
		const struct kparam *p = &k->params.v[i];
		const struct karg *g = &k->args.v[p->arg < 0 ? 0 : p->arg];
		const char *macro = g->out ? "STORE" : "LOAD";

		if (!needs_alias(s, p))
			continue;
		if (define)
			str_addf(s->out, "#define %s_%s %s_%s\n", macro,
			         p->name, macro, g->name);
		else
			str_addf(s->out, "#undef %s_%s\n", macro, p->name);
	}
}

static void
put_defines(struct turn *s)
{
	const int64_t *b = s->k->block;

	for (size_t i = 0; i < s->k->defines.n; i++)
		if (map_get(&s->own, s->k->defines.v[i].key) < 0)
			str_addf(s->out, "#define %s %s\n",
			         s->k->defines.v[i].key,
			         s->k->defines.v[i].value);
	put_aliases(s, true);
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
	put_aliases(s, false);
	for (size_t i = 0; i < s->k->defines.n; i++)
		if (map_get(&s->own, s->k->defines.v[i].key) < 0)
			str_addf(s->out, "#undef %s\n",
			         s->k->defines.v[i].key);
}

/* --- the kernel's head --------------------------------------------------------- */

/* The type of a parameter as it is written, without "restrict", which may be
 * said of the address of a weight alone: nothing else writes there. */
static void
put_type(struct turn *s, const struct tokens *t, const struct kparam *p,
         struct str *type)
{
	size_t end = p->hi;

	for (size_t i = p->lo; i < end; i++) {
		const struct token *k = &t->v[i];

		if (i == p->at || (k->kind == TOK_NAME &&
		    (token_is(k, "__restrict__") || token_is(k, "restrict") ||
		     token_is(k, "__restrict"))))
			continue;
		if (lex_is(t, i, "[")) {
			str_add(type, "*");
			i = lex_close(t, i);
		} else if (k->kind == TOK_SPACE) {
			str_add(type, type->len ? " " : "");
		} else if (k->kind == TOK_NAME &&
		           map_get(&s->renamed, token_text(s->a, k)) >= 0) {
			str_addf(type, "%.*s_i%d", (int)k->len, k->s, s->index);
		} else if (k->kind != TOK_COMMENT && k->kind != TOK_DIRECTIVE) {
			str_addn(type, k->s, k->len);
		}
	}
	while (type->len && type->s[type->len - 1] == ' ')
		type->s[--type->len] = '\0';
}

static const char *
value_of(const struct turn *s, const char *name)
{
	for (size_t i = 0; i < s->k->values.n; i++)
		if (str_eq(s->k->values.v[i].key, name))
			return s->k->values.v[i].value;
	BUG("parameter '%s' without a value", name);
}

/* const A_t *A becomes
 *	const A_t *A = (const A_t *)tamp_args[0];
 * and int n, of which the head says what it is,
 *	int n = 64; */
static void
put_param(struct turn *s, const struct tokens *t, const struct kparam *p)
{
	const char *arg = p->arg < 0 ? NULL : s->k->kernel->args.v[p->arg].name;
	struct str type;
	bool star;

	str_init(&type);
	put_type(s, t, p, &type);
	star = type.len && type.s[type.len - 1] == '*';
	if (!p->pointer) {
		str_addf(s->out, "\t%s %s = %s; (void)%s;\n", type.s, p->name,
		         value_of(s, p->name), p->name);
		str_release(&type);
		return;
	}
	str_addf(s->out, "\t%s%s%s = (%s)tamp_args[%d]; (void)%s;\n", type.s,
	         source_is_weight(s, arg) ? "__restrict__ " : star ? "" : " ",
	         p->name, type.s, source_arg(s, arg, strlen(arg)), p->name);
	if (needs_alias(s, p))
		str_addf(s->out, "\t%s%s%s = %s; (void)%s;\n", type.s,
		         star ? "" : " ", arg, p->name, arg);
	str_release(&type);
}

static int
put_params(struct turn *s, const struct part *p)
{
	const struct kernel *k = s->k->kernel;

	if (k->params.n == 0)
		return diag_error(s->d, p->t->v[p->params].at,
		                  "a kernel without parameters");
	for (size_t i = 0; i < k->params.n; i++)
		put_param(s, p->t, &k->params.v[i]);
	return 0;
}

/* Integers of the head that a helper or a type of the file has another use
 * for, and are therefore no macros. */
static void
put_hidden(struct turn *s, const struct part *p)
{
	for (size_t i = 0; i < s->k->defines.n; i++) {
		const struct pair *d = &s->k->defines.v[i];
		bool named = false;

		if (map_get(&s->own, d->key) != 0)
			continue;
		for (size_t k = p->body; k < p->end; k++)
			named = named || lex_is_name(p->t, k, d->key);
		if (named)
			str_addf(s->out, "\tconst %s %s = %s;\n",
			         strstr(d->value, "LL") ? "long long" : "int",
			         d->key, d->value);
	}
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
	put_hidden(s, p);
	put_block(s);
	if (s->gpu && !s->idle && s->most > s->threads)
		str_addf(s->out, "\tif (threadIdx.x >= %lldu)\n\t\treturn;\n",
		         (long long)s->threads);
	source_put_tails(s, p->body, p->end);
	rc |= source_put(s, p, p->body + 1, p->end + 1);
	str_add(s->out, "\n");
	return rc;
}

/* <float, 16>, if it is a template. */
static void
put_template_args(struct turn *s)
{
	const struct kernel *k = s->k->kernel;

	for (size_t i = 0; i < k->template.n; i++) {
		str_add(s->out, i ? ", " : "<");
		source_put_text(s, value_of(s, k->template.v[i].name));
	}
	str_add(s->out, k->template.n ? ">" : "");
}

static int
put_kernel(struct turn *s, const struct part *p)
{
	static const char params[] = "(uint32_t tamp_task, void *const *tamp_args)";
	bool calls = s->idle || s->k->kernel->template.n;
	int rc;

	if (s->k->kernel->template.n)
		source_put(s, p, p->lo, source_past_template(p->t, p->lo));
	if (!s->gpu)
		str_add(s->out, "static void\n");
	else
		str_addf(s->out, "static __device__ %s void\n",
		         calls ? "__forceinline__" : "__noinline__");
	str_addf(s->out, "%s_%d%s\n", calls ? "body" : "inst", s->index, params);
	rc = put_body(s, p);
	if (s->gpu)	/* emulation: whether its threads need fibers */
		str_addf(s->out, "enum { meets_%d = %d };\n", s->index,
		         p->barrier || p->warp);
	if (!calls)
		return rc;
	str_addf(s->out, "\nstatic __device__ __noinline__ void\ninst_%d%s\n"
	         "{\n", s->index, params);
	str_addf(s->out, s->idle && s->most > s->threads ?
	         "\tif (threadIdx.x < %lldu)\n\t" : "", (long long)s->threads);
	str_addf(s->out, "\tbody_%d", s->index);
	put_template_args(s);
	str_addf(s->out, "(tamp_task, tamp_args);\n%s}\n",
	         s->idle ? "\ttamp_idle();\n" : "");
	return rc;
}

/* --- the file -------------------------------------------------------------------- */

/* Helpers are static and may be unused: not every instance calls all. */
static int
put_function(struct turn *s, const struct part *p)
{
	bool is_static = false, is_inline = false;
	size_t lo = p->lo;
	int rc;

	for (size_t i = p->lo; i < p->params; i++) {
		is_static = is_static || token_is(&p->t->v[i], "static");
		is_inline = is_inline || token_is(&p->t->v[i], "inline") ||
		            token_is(&p->t->v[i], "__forceinline__") ||
		            token_is(&p->t->v[i], "__noinline__");
	}
	if (!token_is(&p->t->v[lo], "template"))
		str_addf(s->out, "%s%s", is_static ? "" : "static ",
		         is_inline ? "" : "inline ");
	if (!p->body)
		return source_put(s, p, lo, p->hi);
	rc = source_put(s, p, lo, p->body + 1);
	source_put_tails(s, p->body, p->end);
	return rc | source_put(s, p, p->body + 1, p->hi);
}

/* What stands between parts, without what the kernel has no use for. */
static int
put_rest(struct turn *s, size_t lo, size_t hi)
{
	struct part rest = {.kind = PART_DECL, .t = &s->k->kernel->toks};
	int rc = 0;

	for (size_t i = 0; i < s->dropped.n; i++) {
		const struct part *p = &s->dropped.v[i];

		if (p->lo < lo || p->hi > hi)
			continue;
		rc |= source_put(s, &rest, lo, p->lo);
		lo = p->hi - 1;
		source_skip_line(s, rest.t, &lo);
		lo++;
	}
	return rc | source_put(s, &rest, lo, hi);
}

static int
put_file(struct turn *s)
{
	const struct tokens *t = &s->k->kernel->toks;
	size_t at = 0;
	int rc = 0;

	for (size_t i = 0; i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->kind == PART_MACRO)
			continue;
		rc |= put_rest(s, at, p->lo);
		if (p->kind == PART_KERNEL)
			rc |= put_kernel(s, p);
		else if (p->kind == PART_FUNCTION)
			rc |= put_function(s, p);
		else
			rc |= source_put(s, p, p->lo, p->hi);
		at = p->hi;
	}
	rc |= put_rest(s, at, t->n - 1);
	return rc;
}

int
source_instance(struct emit *e, const struct kinstance *k, int index,
                enum target_kind t, struct str *out)
{
	struct turn s = {.e = e, .k = k, .index = index, .gpu = t != TARGET_HOST, .kind = t,
	                 .d = e->d, .a = e->a, .out = out};

	s.threads = k->block[0] * k->block[1] * k->block[2];
	s.most = most_threads(e, index, s.threads);
	map_init(&s.by_name, e->a);
	map_init(&s.renamed, e->a);
	map_init(&s.macros, e->a);
	map_init(&s.own, e->a);
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
