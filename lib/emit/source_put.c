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
			const struct kparam *m = &k->params.v[p];

			if (m->arg < 0 || !token_is(&t->v[i], m->name))
				continue;
			if (!source_is_weight(s, k->args.v[m->arg].name))
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

	if (p->kind == PART_KERNEL && lex_is(p->t, open, "(") &&
	    reads_weights(s, p->t, open))
		str_add(s->out, "__ldg");
	else
		str_add(s->out, "tamp_load");
}

/* --- shared memory ------------------------------------------------------------ */

static size_t
semicolon(const struct tokens *t, size_t i)
{
	for (; t->v[i].kind != TOK_END && !lex_is(t, i, ";"); i++)
		if (lex_is(t, i, "(") || lex_is(t, i, "[") || lex_is(t, i, "{"))
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
		else if (lex_is(t, i, "[") || lex_is(t, i, ","))
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

/* Which of the kernel's declarations of shared arrays stands in [lo, hi). */
static int
which_shared(const struct turn *s, size_t lo, size_t hi)
{
	const struct kernel *k = s->k->kernel;

	for (size_t i = 0; i < k->shared_arrays.n; i++)
		if (k->shared_arrays.v[i].at >= lo &&
		    k->shared_arrays.v[i].at < hi)
			return (int)i;
	return -1;
}

/* A new line, indented as the one that token i begins. */
static void
put_line(struct turn *s, const struct tokens *t, size_t i)
{
	const struct token *space = i > 0 ? &t->v[i - 1] : &t->v[i];
	size_t n = 0;

	while (space->kind == TOK_SPACE && n < space->len &&
	       space->s[space->len - 1 - n] != '\n')
		n++;
	str_addc(s->out, '\n');
	str_addn(s->out, space->s + space->len - n, n);
}

/* References to the members: declarators of [lo, end). */
static int
put_members(struct turn *s, const struct tokens *t, size_t lo, size_t end,
            int n)
{
	size_t name, begin = lo;

	while (lo < end) {
		name = declarator(t, lo, end);
		if (name < lo)
			return nameless(s, &t->v[lo]);
		put_line(s, t, begin);
		str_addf(s->out, "auto &%s = reinterpret_cast<tamp_s%d *>("
		         "tamp_shared + %lld)->%s;", token_text(s->a, &t->v[name]),
		         n, (long long)s->k->shared.v[n].at,
		         token_text(s->a, &t->v[name]));
		for (lo = name; lo < end && !lex_is(t, lo, ","); lo++)
			if (lex_is(t, lo, "["))
				lo = lex_close(t, lo);
		lo++;
	}
	return 0;
}

/* __shared__ float a[4], b; becomes a struct of the same members, at the place
 * that the reader of the file has given it. */
static int
put_static_shared(struct turn *s, const struct part *p, size_t lo, size_t end,
                  int n)
{
	str_addf(s->out, "struct tamp_s%d { ", n);
	put_words(s, p, lo, end, true);
	str_add(s->out, "; };");
	put_line(s, p->t, lo);
	str_addf(s->out, "static_assert(sizeof(tamp_s%d) <= %lld, "
	         "\"shared memory of inst_%d\");", n,
	         (long long)s->k->shared.v[n].bytes, s->index);
	return put_members(s, p->t, lo, end, n);
}

/* extern __shared__ float a[]; becomes a pointer behind the static ones. */
static int
put_extern_shared(struct turn *s, const struct part *p, size_t lo, size_t end,
                  int n)
{
	size_t name = declarator(p->t, lo, end), dim = lex_next(p->t, name);

	if (name < lo)
		return nameless(s, &p->t->v[lo]);
	if (!lex_is(p->t, dim, "[") || !lex_is(p->t, lex_next(p->t, dim), "]") ||
	    lex_next(p->t, lex_close(p->t, dim)) != end)
		return diag_error(s->d, p->t->v[name].at,
		                  "extern __shared__ of another form than 'TYPE %s[]'",
		                  token_text(s->a, &p->t->v[name]));
	put_words(s, p, lo, name, false);
	str_addf(s->out, " *const %s = reinterpret_cast<",
	         token_text(s->a, &p->t->v[name]));
	put_words(s, p, lo, name, false);
	str_addf(s->out, " *>(tamp_shared + %lld);",
	         (long long)s->k->shared.v[n].at);
	return 0;
}

void
source_put_tails(struct turn *s, size_t lo, size_t hi)
{
	const struct tokens *t = &s->k->kernel->toks;
	struct part all = {.kind = PART_DECL, .t = t};

	for (size_t d = 0; d < s->dropped.n; d++) {
		const struct part *p = &s->dropped.v[d];
		int n = p->body ? -1 : which_shared(s, p->lo, p->hi);
		bool named = false;

		for (size_t i = lo; n >= 0 && i < hi; i++)
			named = named || lex_is_name(t, i,
				s->k->kernel->shared_arrays.v[n].name);
		if (!named)
			continue;
		str_add(s->out, "\n\t");
		put_extern_shared(s, &all, p->lo, semicolon(t, p->lo), n);
	}
}

/* Whether a declaration of shared memory begins at token i. */
static bool
begins_shared(const struct tokens *t, size_t i, size_t hi)
{
	size_t before = lex_before(t, i);

	if (!lex_is(t, before, ";") && !lex_is(t, before, "{") &&
	    !lex_is(t, before, "}"))
		return false;
	while (i < hi && t->v[i].kind == TOK_NAME) {
		if (lex_is(t, i, "__shared__"))
			return true;
		i = token_in(&t->v[i], aligns) ? past_align(t, i) :
		    lex_next(t, i);
	}
	return false;
}

/* The declaration that begins at i; *end: its ";". */
static int
put_shared(struct turn *s, const struct part *p, size_t i, size_t *end)
{
	int n;

	*end = semicolon(p->t, i);
	n = which_shared(s, i, *end);
	if (n < 0)	/* in what the reader did not take for a function */
		return diag_error(s->d, p->t->v[i].at, "a shared array outside of "
		                  "a function that can be made out");
	return s->k->kernel->shared_arrays.v[n].tail ?
	       put_extern_shared(s, p, i, *end, n) :
	       put_static_shared(s, p, i, *end, n);
}

/* --- the block's index ---------------------------------------------------------- */

size_t
source_hands_block(const struct turn *s, const struct part *p, size_t i)
{
	const struct tokens *t = p->t;
	const struct part *q = source_called(s, &t->v[i]);
	size_t b = lex_before(t, i);
	int depth = 0;

	if (!q || q->kind != PART_FUNCTION || !q->index ||
	    lex_is(t, b, ".") || lex_is(t, b, "->"))
		return 0;
	i = lex_next(t, i);
	for (; lex_is(t, i, "<") || depth > 0; i = lex_next(t, i)) {
		if (t->v[i].kind == TOK_END || lex_is(t, i, ";"))
			return 0;
		depth += lex_is(t, i, "<") ? 1 : lex_is(t, i, ">") ? -1 : 0;
		if (depth == 0) {
			i = lex_next(t, i);
			break;
		}
	}
	return lex_is(t, i, "(") ? i : 0;
}

/* The "(" at token i, and the block's index as the first argument, or as the
 * first parameter; returns the last token written. */
static size_t
put_handed(struct turn *s, const struct part *p, size_t i)
{
	size_t next = lex_next(p->t, i), close = lex_close(p->t, i);

	str_add(s->out, p->params != i || p->kind != PART_FUNCTION ?
	        "(tamp_block" : s->gpu ? "(const uint3 tamp_block" :
	        "(const struct tamp_uint3 tamp_block");
	if (lex_is_name(p->t, next, "void") && lex_next(p->t, next) == close)
		return next;
	if (next != close)
		str_add(s->out, ", ");
	return i;
}

/* --- names ------------------------------------------------------------------- */

/* Whether the name at token i is one of file scope, and not a member. */
static bool
is_renamed(const struct turn *s, const struct tokens *t, size_t i)
{
	int kind = map_get(&s->renamed, token_text(s->a, &t->v[i]));
	size_t b = lex_before(t, i), scope;

	if (kind < 0 || lex_is(t, b, ".") || lex_is(t, b, "->"))
		return false;
	if (!lex_is(t, b, "::") || kind == NAME_ENUMERATOR)
		return true;
	scope = lex_before(t, b);	/* of ::name, none */
	return t->v[scope].kind != TOK_NAME && !lex_is(t, scope, ">");
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

/* The second word of a line: of a #define, the macro. */
static const char *
macro_name(const struct turn *s, const struct tokens *line)
{
	return token_text(s->a, &line->v[lex_next(line, lex_first(line))]);
}

/* Left out are headers, and macros that the kernel does not come to. */
static int
put_directive(struct turn *s, const struct token *dir)
{
	bool define = lex_says(dir, "define");
	const struct tokens *t;
	struct part p = {.kind = PART_MACRO};

	if (lex_says(dir, "include"))
		return 0;
	if (!define && !lex_says(dir, "undef")) {
		str_addn(s->out, dir->s, dir->len);
		return 0;
	}
	p.t = t = lex_directive(s->a, dir, s->d);
	if (!t)
		return -1;
	if (!kernel_reaches(s->k->kernel, macro_name(s, t)))
		return 0;
	if (!define) {
		str_addn(s->out, dir->s, dir->len);
		return 0;
	}
	str_add(s->out, "#");
	return source_put(s, &p, 0, t->n - 1);
}

void
source_put_text(struct turn *s, const char *text)
{
	for (size_t n; *text; text += n) {
		n = lex_word(text);
		if (n && map_get(&s->renamed, arena_strndup(s->a, text, n)) >= 0)
			str_addf(s->out, "%.*s_i%d", (int)n, text, s->index);
		else
			str_addn(s->out, text, n ? n : 1);
		n = n ? n : 1;
	}
}

/* What stood at token *i is left out, and with it the end of its line. */
void
source_skip_line(struct turn *s, const struct tokens *t, size_t *i)
{
	const struct token *space = &t->v[*i + 1];

	if (space->kind != TOK_SPACE || space->s[0] != '\n')
		return;
	str_addn(s->out, space->s + 1, space->len - 1);
	++*i;
}

int
source_put(struct turn *s, const struct part *p, size_t lo, size_t hi)
{
	const struct tokens *t = p->t;
	size_t handed = 0;	/* "(" of a call that hands the index over */
	size_t open;
	int rc = 0;

	for (size_t i = lo; i < hi; i++) {
		const struct token *k = &t->v[i];

		if (k->kind == TOK_DIRECTIVE) {
			size_t before = s->out->len;

			rc |= put_directive(s, k);
			if (s->out->len == before && i + 1 < hi)
				source_skip_line(s, t, &i);
		} else if (handed && i == handed) {
			i = put_handed(s, p, i);
		} else if (k->kind != TOK_NAME) {
			str_addn(s->out, k->s, k->len);
		} else if (begins_shared(t, i, hi)) {
			rc |= put_shared(s, p, i, &i);
		} else if (lex_is(t, i, "__shared__")) {
			rc |= diag_error(s->d, k->at, "'__shared__' other than in "
			                 "a declaration of its own");
		} else if (lex_is(t, i, "__ldg")) {
			put_ldg(s, p, i);
		} else if (s->gpu && source_is_asm(k)) {
			i = source_put_asm(s, t, i);
			str_addc(s->out, ')');
		} else if (token_in(k, restricts)) {
			if (i + 1 < hi && t->v[i + 1].kind == TOK_SPACE)
				i++;
		} else {
			put_name(s, t, i);
			open = source_hands_block(s, p, i);
			handed = open ? open : handed;
		}
	}
	return rc;
}
