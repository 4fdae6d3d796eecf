/* Writes a kernel's tokens as those of an rTask: names of file scope get the
 * instance's suffix, built-in indices the rTask's own, barriers their counting
 * form, shared arrays a place in the vEU's shared memory, loads through the
 * non-coherent path a plain form.  All else comes out as it was written. */
#include "emit/source.h"

#include <string.h>

static const char *const restricts[] = { "__restrict__", "__restrict",
	"restrict", NULL };
static const char *const aligns[] = { "__align__", "alignas", "__attribute__",
	NULL };

/* Names that are written as others. */
static const struct {
	const char *from, *to;
	bool gpu, idle;		/* only there */
} names[] = {
	{"blockIdx", "tamp_block", false, false},
	{"gridDim", "tamp_grid", false, false},
	{"blockDim", "tamp_dim", true, false},
	{"__syncthreads", "tamp_sync_idle", true, true},
};

static bool
is(const struct tokens *t, size_t i, const char *text)
{
	return t->v[i].kind != TOK_SPACE && token_is(&t->v[i], text);
}

int
source_arg(const struct turn *s, const char *name, size_t len)
{
	const struct class *c = s->k->cls;

	for (size_t i = 0; i < c->args.n; i++)
		if (strlen(c->args.v[i].arg) == len &&
		    !memcmp(c->args.v[i].arg, name, len))
			return (int)i;
	return -1;
}

/* Packed constants are written at open, by rTasks; after that they rest. */
bool
source_is_weight(const struct turn *s, const char *name)
{
	const struct plan *p = s->e->plan;
	int at = source_arg(s, name, strlen(name)), n = 0;

	for (size_t i = 0; p && at >= 0 && i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];
		enum ptensor_kind kind;

		if (r->cls != s->k->cls || r->cand != s->k->cand)
			continue;
		kind = p->tensors.v[r->args.v[at].tensor].kind;
		if (kind != PT_CONST && (kind != PT_PACKED || r->rop->init))
			return false;
		n++;
	}
	return n > 0;
}

/* --- loads ------------------------------------------------------------------- */

/* Whether the expression in the brackets at i reads from weights only: it
 * names some, and no other argument. */
static bool
reads_weights(const struct turn *s, const struct tokens *t, size_t i)
{
	const struct kernel *k = s->k->kernel;
	size_t close = lex_close(t, i);
	bool weights = false;

	for (; i < close; i++) {
		if (t->v[i].kind != TOK_NAME)
			continue;
		for (size_t p = 0; p < k->params.n; p++) {
			if (!token_is(&t->v[i], k->params.v[p].name))
				continue;
			if (!source_is_weight(s, k->params.v[p].name))
				return false;
			weights = true;
		}
	}
	return weights;
}

static void
put_ldg(struct turn *s, const struct part *p, size_t i)
{
	size_t open = lex_next(p->t, i);

	if (p->kind == PART_KERNEL && is(p->t, open, "(") &&
	    reads_weights(s, p->t, open))
		str_add(s->out, "__ldg");
	else
		str_add(s->out, "tamp_load");
}

/* --- shared memory ------------------------------------------------------------ */

static size_t
semicolon(const struct tokens *t, size_t i)
{
	for (; t->v[i].kind != TOK_END && !is(t, i, ";"); i++)
		if (is(t, i, "(") || is(t, i, "[") || is(t, i, "{"))
			i = lex_close(t, i);
	return i;
}

/* The name declared between i and the "[", "," or ";" that ends it. */
static size_t
declarator(const struct tokens *t, size_t i, size_t end)
{
	size_t name = 0;	/* none */

	for (; i < end; i = lex_next(t, i)) {
		if (t->v[i].kind == TOK_NAME && token_in(&t->v[i], aligns))
			i = lex_close(t, lex_next(t, i));
		else if (t->v[i].kind == TOK_NAME)
			name = i;
		else if (is(t, i, "[") || is(t, i, ","))
			break;
	}
	return name;
}

/* Past the alignment at token i; i itself if there is none. */
static size_t
past_align(const struct tokens *t, size_t i)
{
	return t->v[i].kind == TOK_NAME && token_in(&t->v[i], aligns) ?
	       lex_next(t, lex_close(t, lex_next(t, i))) : i;
}

/* The words of a declaration, without those that say where it lies and, if
 * so wished, without its alignment. */
static void
put_words(struct turn *s, const struct part *p, size_t lo, size_t hi,
          bool align)
{
	static const char *const places[] = { "__shared__", "static", "extern",
		NULL };
	const struct tokens *t = p->t;
	size_t from = lo, past;

	while (hi > lo && t->v[hi - 1].kind == TOK_SPACE)
		hi--;
	for (size_t i = lo; i < hi; i++) {
		past = align ? i : past_align(t, i);
		if (t->v[i].kind == TOK_NAME && token_in(&t->v[i], places))
			past = lex_next(t, i);
		if (past == i)
			continue;
		source_put(s, p, from, i);
		from = past;
		i = past - 1;
	}
	source_put(s, p, from, hi);
}

static int
nameless(struct turn *s, const struct token *t)
{
	return diag_error(s->d, t->at, "expected the name of a shared array");
}

/* References to the members: declarators of [lo, end). */
static int
put_members(struct turn *s, const struct tokens *t, size_t lo, size_t end)
{
	size_t name;

	while (lo < end) {
		name = declarator(t, lo, end);
		if (name < lo)
			return nameless(s, &t->v[lo]);
		str_addf(s->out, " auto &%s = tamp_s%d_p->%s;",
		         token_text(s->a, &t->v[name]), s->shared,
		         token_text(s->a, &t->v[name]));
		for (lo = name; lo < end && !is(t, lo, ","); lo++)
			if (is(t, lo, "["))
				lo = lex_close(t, lo);
		lo++;
	}
	return 0;
}

/* __shared__ float a[4], b; becomes a struct of the same members, placed
 * behind what was declared before it. */
static int
put_static_shared(struct turn *s, const struct part *p, size_t lo, size_t end)
{
	int n = s->shared;

	str_addf(s->out, "struct tamp_s%d { ", n);
	put_words(s, p, lo, end, true);
	str_add(s->out, "; };\n");
	str_addf(s->out, "\tconstexpr size_t tamp_at%d = tamp_up(%s%.0d, "
	         "alignof(tamp_s%d));\n", n, n ? "tamp_end" : "0", n, n);
	str_addf(s->out, "\tconstexpr size_t tamp_end%d = tamp_at%d + "
	         "sizeof(tamp_s%d);\n", n + 1, n, n);
	str_addf(s->out, "\tstatic_assert(tamp_end%d <= %lld, "
	         "\"shared memory of inst_%d\");\n", n + 1,
	         (long long)s->k->cand->shared, s->index);
	str_addf(s->out, "\ttamp_s%d *const tamp_s%d_p = "
	         "reinterpret_cast<tamp_s%d *>(tamp_shared + tamp_at%d);", n, n, n,
	         n);
	if (put_members(s, p->t, lo, end) < 0)
		return -1;
	s->shared++;
	return 0;
}

/* The bytes on which [lo, hi) asks to lie, else 16. */
static void
put_alignment(struct turn *s, const struct part *p, size_t lo, size_t hi)
{
	const struct tokens *t = p->t;

	for (; lo < hi; lo = lex_next(t, lo)) {
		if (t->v[lo].kind != TOK_NAME || !token_in(&t->v[lo], aligns))
			continue;
		hi = past_align(t, lo);
		while (lo < hi && is(t, lo, "__attribute__"))
			for (lo++; lo < hi && !is(t, lo, "aligned"); lo++)
				;
		lo = lex_next(t, lo);
		if (lo < hi) {
			source_put(s, p, lo + 1, lex_close(t, lo));
			return;
		}
	}
	str_add(s->out, "16");
}

/* extern __shared__ float a[]; becomes a pointer behind the static ones. */
static int
put_extern_shared(struct turn *s, const struct part *p, size_t lo, size_t end)
{
	size_t name = declarator(p->t, lo, end), dim = lex_next(p->t, name);

	if (name < lo)
		return nameless(s, &p->t->v[lo]);
	if (!is(p->t, dim, "[") || !is(p->t, lex_next(p->t, dim), "]") ||
	    lex_next(p->t, lex_close(p->t, dim)) != end)
		return diag_error(s->d, p->t->v[name].at,
		                  "extern __shared__ of another form than 'TYPE %s[]'",
		                  token_text(s->a, &p->t->v[name]));
	put_words(s, p, lo, name, false);
	str_addf(s->out, " *const %s = reinterpret_cast<",
	         token_text(s->a, &p->t->v[name]));
	put_words(s, p, lo, name, false);
	str_addf(s->out, " *>(tamp_shared + tamp_up(%s%.0d, ",
	         s->shared ? "tamp_end" : "0", s->shared);
	put_alignment(s, p, lo, name);
	str_add(s->out, "));");
	s->shared_tail = true;
	return 0;
}

/* Whether a declaration of shared memory begins at token i. */
static bool
begins_shared(const struct tokens *t, size_t i, size_t hi)
{
	size_t before = token_before(t, i);

	if (!is(t, before, ";") && !is(t, before, "{") && !is(t, before, "}"))
		return false;
	while (i < hi && t->v[i].kind == TOK_NAME) {
		if (is(t, i, "__shared__"))
			return true;
		i = token_in(&t->v[i], aligns) ? past_align(t, i) :
		    lex_next(t, i);
	}
	return false;
}

/* The declaration that begins at i; *end: its ";". */
static int
put_shared(struct turn *s, const struct part *p, size_t i, int depth,
           size_t *end)
{
	const struct token *at = &p->t->v[i];
	bool tail = false;

	*end = semicolon(p->t, i);
	for (size_t j = i; j < *end; j++)
		tail = tail || is(p->t, j, "extern");
	if (depth != 1)
		return diag_error(s->d, at->at, "a shared array in an inner block: "
		                  "declare it at the kernel's beginning");
	if (s->shared_tail)
		return diag_error(s->d, at->at, "a shared array after the extern "
		                  "one: declare it before");
	if (tail)
		return put_extern_shared(s, p, i, *end);
	return put_static_shared(s, p, i, *end);
}

/* --- names ------------------------------------------------------------------- */

/* Whether the name at token i is one of file scope, and not a member. */
static bool
is_renamed(const struct turn *s, const struct tokens *t, size_t i)
{
	int kind = map_get(&s->renamed, token_text(s->a, &t->v[i]));
	size_t b = token_before(t, i), scope;

	if (kind < 0 || i == 0 || is(t, b, ".") || is(t, b, "->"))
		return kind >= 0 && i == 0;
	if (!is(t, b, "::") || kind == NAME_ENUMERATOR)
		return true;
	scope = token_before(t, b);	/* of ::name, none */
	return t->v[scope].kind != TOK_NAME && !is(t, scope, ">");
}

static void
put_name(struct turn *s, const struct tokens *tokens, size_t at)
{
	const struct token *t = &tokens->v[at];
	const char *text = token_text(s->a, t);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (token_is(t, names[i].from) && (s->gpu || !names[i].gpu) &&
		    (s->idle || !names[i].idle)) {
			str_add(s->out, names[i].to);
			return;
		}
	if (s->gpu && token_is(t, "threadIdx") &&
	    (s->k->block[1] > 1 || s->k->block[2] > 1))
		text = "tamp_thread";
	str_add(s->out, text);
	if (is_renamed(s, tokens, at))
		str_addf(s->out, "_i%d", s->index);
}

static int
put_directive(struct turn *s, const struct token *dir)
{
	const struct tokens *t = source_define(s, dir);
	struct part p = {.kind = PART_MACRO, .t = t};

	if (!t) {
		size_t i = 1;

		while (i < dir->len && (dir->s[i] == ' ' || dir->s[i] == '\t'))
			i++;
		if (dir->len - i > 7 && !memcmp(dir->s + i, "include", 7))
			return 0;
		str_addn(s->out, dir->s, dir->len);
		return 0;
	}
	str_add(s->out, "#");
	return source_put(s, &p, 0, t->n - 1);
}

int
source_put(struct turn *s, const struct part *p, size_t lo, size_t hi)
{
	const struct tokens *t = p->t;
	int depth = p->body && lo == p->body + 1, rc = 0;	/* within "{" */

	for (size_t i = lo; i < hi; i++) {
		const struct token *k = &t->v[i];

		depth += is(t, i, "{");
		depth -= is(t, i, "}");
		if (k->kind == TOK_DIRECTIVE) {
			rc |= put_directive(s, k);
		} else if (k->kind != TOK_NAME) {
			str_addn(s->out, k->s, k->len);
		} else if (begins_shared(t, i, hi)) {
			rc |= put_shared(s, p, i, depth, &i);
		} else if (is(t, i, "__shared__")) {
			rc |= diag_error(s->d, k->at, "'__shared__' other than in "
			                 "a declaration of its own");
		} else if (is(t, i, "__ldg")) {
			put_ldg(s, p, i);
		} else if (s->gpu && source_is_asm(k)) {
			i = source_put_asm(s, t, i);
			str_addc(s->out, ')');
		} else if (token_in(k, restricts)) {
			if (i + 1 < hi && t->v[i + 1].kind == TOK_SPACE)
				i++;
		} else {
			put_name(s, t, i);
		}
	}
	return rc;
}
