/* What an rTask may not do.  A kernel is refused, with the place, where it does
 * what has no meaning in one, or what these passes could not see through. */
#include "emit/source.h"

#include <string.h>

/* Names that cannot stand in an rTask, and why. */
static const struct {
	const char *name, *why;
} refused[] = {
	{"cooperative_groups", "it is one block"},
	{"this_grid", "it cannot wait for others"},
	{"grid_group", "it cannot wait for others"},
	{"this_cluster", "it is one block"},
	{"cluster_group", "it is one block"},
	{"__cluster_dims__", "it is one block"},
	{"cudaGridDependencySynchronize", "it cannot wait for others"},
	{"cudaTriggerProgrammaticLaunchCompletion", "it is no kernel"},
	{"cudaTextureObject_t", "read global memory instead"},
	{"cudaSurfaceObject_t", "use global memory instead"},
	{"texture", "read global memory instead"},
	{"tex1Dfetch", "read global memory instead"},
	{"tex1D", "read global memory instead"},
	{"tex2D", "read global memory instead"},
	{"tex3D", "read global memory instead"},
	{"__managed__", "it keeps nothing"},
	{"thread_local", "it keeps nothing"},
	{"_Thread_local", "it keeps nothing"},
	{"__barrier_sync", "use __syncthreads"},
	{"__barrier_sync_count", "use __syncthreads"},
	{"__trap", "it would end the whole program"},
	{"exit", "it would end the whole program"},
	{"abort", "it would end the whole program"},
	{"longjmp", "its threads must come to its end"},
};

/* --- calls --------------------------------------------------------------------- */

/* Its tokens that do something: a prototype has none. */
size_t
source_begin(const struct part *p)
{
	return p->body ? p->body : p->lo;
}

size_t
source_finish(const struct part *p)
{
	if (p->kind == PART_FUNCTION && !p->body)
		return p->lo;
	return p->body ? p->end : p->hi;
}

/* Whether a function of the same name stands before p: that one is called. */
static bool
is_overload(const struct turn *s, const struct part *p)
{
	for (const struct part *q = s->parts.v; q < p; q++)
		if (q->kind == PART_FUNCTION && q->body &&
		    str_eq(q->name, p->name))
			return true;
	return false;
}

/* Sets barrier and warp of p and all it calls; refuses recursion. */
static int
walk_calls(struct turn *s, struct part *p)
{
	int rc = 0;

	p->mark = 1;
	for (size_t i = source_begin(p); i < source_finish(p); i++) {
		const struct token *t = &p->t->v[i];
		int at = t->kind != TOK_NAME ? -1 :
		         map_get(&s->by_name, token_text(s->a, t));
		struct part *q = at < 0 ? NULL : &s->parts.v[at];

		if (t->kind == TOK_NAME && p->kind != PART_MACRO &&
		    str_eq(token_text(s->a, t), p->name)) {
			if (is_overload(s, p))
				continue;
			return diag_error(s->d, t->at, "'%s' calls itself", p->name);
		}
		if (q && q != p && q->mark == 1)
			return diag_error(s->d, t->at, "'%s' calls itself through '%s'",
			                  q->name, p->name);
		if (q && q->mark == 0 && walk_calls(s, q) < 0)
			rc = -1;
		p->barrier = p->barrier || source_barrier(s, t);
		p->warp = p->warp || source_warp(s, t);
		p->index = p->index || (t->kind == TOK_NAME &&
			(token_is(t, "blockIdx") || (q && q->index)));
		p->leaves = p->leaves || lex_is_name(p->t, i, "return") ||
			(q && q->kind == PART_MACRO && q->leaves);
	}
	p->mark = 2;
	return rc;
}

/* --- refusals --------------------------------------------------------------------- */

static const char *
why_refused(const struct token *t)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (token_is(t, refused[i].name))
			return refused[i].why;
	return NULL;
}

/* Whether "static" at token i keeps nothing: a constant, or shared memory. */
static bool
keeps_nothing(const struct tokens *t, size_t i)
{
	static const char *const fine[] = { "const", "constexpr", "__constant__",
		"__shared__", NULL };

	for (i = lex_next(t, i); t->v[i].kind == TOK_NAME; i = lex_next(t, i))
		if (token_in(&t->v[i], fine))
			return true;
	return false;
}

static int
check_static(struct turn *s, const struct part *p, size_t i)
{
	if (keeps_nothing(p->t, i))
		return 0;
	return diag_error(s->d, p->t->v[i].at,
	                  "a static variable: rTasks keep nothing");
}

static bool
is_operator(const struct part *p)
{
	return p->kind == PART_FUNCTION && str_eq(p->name, "operator");
}

static int
check_index(struct turn *s, const struct part *p, const struct token *t)
{
	if (!s->gpu && (token_is(t, "threadIdx") || token_is(t, "blockDim")))
		return diag_error(s->d, t->at, "'%s' in a host kernel: a vEU is "
		                  "one thread", token_text(s->a, t));
	if ((p->kind == PART_DECL || is_operator(p)) &&
	    (token_is(t, "blockIdx") ||
	     (source_called(s, t) && source_called(s, t)->index)))
		return diag_error(s->d, t->at, "'%s' in %s: hand the block index "
		                  "over as an argument", token_text(s->a, t),
		                  p->kind == PART_DECL ? "a declaration" :
		                  "an operator");
	return 0;
}

/* What may stand in the kernel's own body but in no helper or macro. */
static int
check_place(struct turn *s, const struct part *p, const struct token *t)
{
	const char *name = token_text(s->a, t);

	if (p->kind == PART_KERNEL)
		return 0;
	if (token_is(t, "__shared__") && p->kind != PART_FUNCTION)
		return diag_error(s->d, t->at, "'__shared__' in '%s': declare it in "
		                  "the kernel", p->name ? p->name : "a declaration");
	if (p->kind == PART_FUNCTION &&
	    (token_is(t, "LOAD") || token_is(t, "STORE")))
		return diag_error(s->d, t->at, "'%s' in '%s': use it in the kernel, "
		                  "where its argument is", name, p->name);
	if (p->kind == PART_MACRO && (token_is(t, "goto") ||
	    token_is(t, "static")))
		return diag_error(s->d, t->at, "'%s' in a macro: write it out", name);
	return 0;
}

/* Likewise one that uses the block's index, which its call hands over. */
static int
check_handed(struct turn *s, const struct part *p, size_t i)
{
	const struct part *q = source_called(s, &p->t->v[i]);

	if (!q || q->kind != PART_FUNCTION || !q->index ||
	    source_hands_block(s, p, i))
		return 0;
	return diag_error(s->d, p->t->v[i].at, "'%s', which uses the block "
	                  "index, other than in a call", q->name);
}

/* A name that meets others would not be seen where its alias is called. */
static int
check_call(struct turn *s, const struct part *p, size_t i)
{
	const struct token *t = &p->t->v[i];
	size_t next = lex_next(p->t, i);

	if (p->kind == PART_MACRO || p->kind == PART_DECL ||
	    (!source_barrier(s, t) && !source_warp(s, t)) ||
	    token_is(&p->t->v[next], "(") || token_is(&p->t->v[next], "<"))
		return 0;
	if (source_called(s, t) && source_called(s, t)->kind == PART_MACRO)
		return 0;
	return diag_error(s->d, t->at, "'%s' other than in a call",
	                  token_text(s->a, t));
}

static int
check_token(struct turn *s, const struct part *p, size_t i)
{
	const struct token *t = &p->t->v[i];
	const char *why;

	if (t->kind == TOK_PUNCT && token_is(t, "<<<"))
		return diag_error(s->d, t->at, "a launch inside a kernel");
	if (t->kind != TOK_NAME)
		return 0;
	why = why_refused(t);
	if (why)
		return diag_error(s->d, t->at, "'%s' cannot stand in an rTask: %s",
		                  token_text(s->a, t), why);
	if (source_is_asm(t))
		return source_check_asm(s, p, i);
	if (token_is(t, "static") && p->body)
		return check_static(s, p, i);
	if (!s->gpu && (token_is(t, "__shared__") || source_meets(t)))
		return diag_error(s->d, t->at, "'%s' in a host kernel",
		                  token_text(s->a, t));
	return check_index(s, p, t) | check_place(s, p, t) |
	       check_call(s, p, i) | check_handed(s, p, i);
}

static int
check_tokens(struct turn *s, const struct part *p)
{
	int rc = 0;

	for (size_t i = source_begin(p); i < source_finish(p); i++)
		rc |= check_token(s, p, i);
	return rc;
}

/* A line's continuation that may join what stands before and after it. */
static bool
joins(const struct tokens *t, size_t i)
{
	const struct token *b, *a;

	if (i == 0 || i + 1 >= t->n || t->v[i].kind != TOK_SPACE)
		return false;
	for (size_t c = 0; c < t->v[i].len; c++)
		if (!strchr("\\\r\n", t->v[i].s[c]))
			return false;
	b = &t->v[i - 1];
	a = &t->v[i + 1];
	return t->v[i].s[0] == '\\' && (token_is(b, "#") ||
		((b->kind == TOK_NAME || b->kind == TOK_NUMBER) &&
		 (a->kind == TOK_NAME || a->kind == TOK_NUMBER)));
}

/* Spellings that would hide a name or a bracket from these passes. */
static int
check_spelling(struct turn *s, const struct tokens *t)
{
	int rc = 0;

	for (size_t i = 0; i + 1 < t->n; i++) {
		const struct token *k = &t->v[i], *next = &t->v[i + 1];

		if (joins(t, i))
			rc = diag_error(s->d, k->at, "a name in two lines");
		if (k->kind != TOK_PUNCT)
			continue;
		if (token_is(k, "##"))
			rc = diag_error(s->d, k->at, "'##' in a kernel file: what "
			                "it makes is not looked into");
		if ((token_is(k, "%") && token_is(next, ":")) ||
		    (token_is(k, "<") && (token_is(next, ":") ||
		                          token_is(next, "%"))))
			rc = diag_error(s->d, k->at, "a digraph: write the bracket "
			                "or '#' itself");
	}
	return rc;
}

/* Variables at file scope are shared by all rTasks, in no order. */
static int
check_decl(struct turn *s, const struct part *p)
{
	static const char *const fine[] = { "const", "constexpr", "typedef",
		"using", "struct", "class", "union", "enum", "static_assert",
		"_Static_assert", NULL };
	bool constant = false, value = false;

	for (size_t i = p->lo; i < p->hi; i++) {
		if (lex_is_name(p->t, i, "__constant__"))
			constant = true;
		else if (p->t->v[i].kind == TOK_NAME &&
		         token_in(&p->t->v[i], fine))
			return 0;
		value = value || lex_is(p->t, i, "=") || lex_is(p->t, i, "{");
	}
	if (constant && value)
		return 0;
	if (constant)
		return diag_error(s->d, p->t->v[p->lo].at, "a constant without "
		                  "values, which the host would copy there: make it "
		                  "an argument of the kernel");
	return diag_error(s->d, p->t->v[p->lo].at,
	                  "a variable at file scope: rTasks keep nothing");
}

/* Past a word that may stand before a kernel's name, with its brackets; i if
 * token i is none. */
static size_t
past_specifier(const struct turn *s, const struct tokens *t, size_t i)
{
	static const char *const plain[] = { "extern", "static", "inline", "void",
		"__global__", "__forceinline__", "__noinline__", "\"C\"", NULL };
	static const char *const with[] = { "__launch_bounds__", "__maxnreg__",
		"__attribute__", NULL };
	const struct part *m = source_called(s, &t->v[i]);
	size_t next = lex_next(t, i);

	if (token_in(&t->v[i], plain))
		return next;
	if ((token_in(&t->v[i], with) && token_is(&t->v[next], "(")) ||
	    token_is(&t->v[i], "["))
		return lex_next(t, lex_close(t, token_is(&t->v[i], "[") ? i :
		                             next));
	if (!m || m->kind != PART_MACRO || m->t == t)
		return i;
	for (size_t k = lex_next(m->t, m->lo - 1); k < m->hi; ) {
		size_t past = past_specifier(s, m->t, k);

		if (past == k)
			return i;
		k = past;
	}
	return next;
}

static int
check_head(struct turn *s, const struct part *p)
{
	const struct tokens *t = p->t;
	size_t name = s->k->kernel->fn, past;
	size_t lo = lex_is_name(t, p->lo, "template") ?
	            source_past_template(t, p->lo) : p->lo;
	bool is_void = false;
	int rc = 0;

	for (size_t i = p->lo; i < p->body; i++)
		if (t->v[i].kind == TOK_DIRECTIVE)
			return diag_error(s->d, t->v[i].at, "a preprocessor line "
			                  "in the head of a kernel");
	for (size_t i = lo; i < name; i = past) {
		past = past_specifier(s, t, i);
		is_void = is_void || token_is(&t->v[i], "void") ||
		          source_called(s, &t->v[i]);
		if (why_refused(&t->v[i]))
			return diag_error(s->d, t->v[i].at, "'%s' cannot stand in "
			                  "an rTask: %s",
			                  token_text(s->a, &t->v[i]),
			                  why_refused(&t->v[i]));
		if (past == i)
			rc = diag_error(s->d, t->v[i].at, "'%s' before the name "
			                "of a kernel",
			                token_text(s->a, &t->v[i]));
		past = past == i ? lex_next(t, i) : past;
	}
	if (!is_void && !rc)
		rc = diag_error(s->d, t->v[name].at, "a kernel returns void");
	return rc;
}

/* A method, or a lambda of file scope: where it is called is not seen. */
static int
check_method(struct turn *s, const struct part *p)
{
	for (size_t i = p->lo; i < p->hi; i++)
		if (source_barrier(s, &p->t->v[i]) ||
		    (p->t->v[i].kind == TOK_NAME && source_warp(s, &p->t->v[i])))
			return diag_error(s->d, p->t->v[i].at, "'%s' in %s: write "
			                  "a function of a name",
			                  token_text(s->a, &p->t->v[i]),
			                  p->body ? "an operator" : "a method");
	return 0;
}

/* --- members --------------------------------------------------------------------- */

static bool
after_dot(const struct tokens *t, size_t i)
{
	size_t b = lex_before(t, i);

	return lex_is(t, b, ".") || lex_is(t, b, "->");
}

/* A name of file scope gets a suffix, a member does not: one that is both
 * cannot be told apart where the member is declared. */
static int
check_members(struct turn *s)
{
	static const char *const tags[] = { "struct", "class", "union", NULL };
	const struct tokens *t = &s->k->kernel->toks;
	struct map dotted;
	size_t end = 0;
	int rc = 0;

	map_init(&dotted, s->a);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind == TOK_NAME && after_dot(t, i) &&
		    map_get(&s->renamed, token_text(s->a, &t->v[i])) >= 0)
			map_set(&dotted, token_text(s->a, &t->v[i]), 0);
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].kind != TOK_NAME)
			continue;
		if (token_in(&t->v[i], tags) && i >= end) {
			end = i + 1;
			while (end < t->n && !strchr("{;(),=<>", t->v[end].s[0]))
				end++;
			if (end < t->n && token_is(&t->v[end], "{"))
				end = lex_close(t, end);
		}
		if (i < end && !after_dot(t, i) &&
		    map_get(&dotted, token_text(s->a, &t->v[i])) >= 0)
			rc = diag_error(s->d, t->v[i].at, "'%s' is a member and "
			                "a name of the file: rename one",
			                token_text(s->a, &t->v[i]));
	}
	return rc;
}

/* --- the whole ------------------------------------------------------------------- */

/* Twice, since a name may stand for several: overloads, macros under #if.
 * What one of them does, all do. */
static int
walk_all(struct turn *s)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < s->parts.n; i++)
			if (s->parts.v[i].mark == 0 &&
			    walk_calls(s, &s->parts.v[i]) < 0)
				return -1;
		for (size_t i = 0; i < s->parts.n; i++) {
			struct part *p = &s->parts.v[i];
			int same = p->name ? map_get(&s->by_name, p->name) : -1;

			p->mark = 0;
			if (same < 0)
				continue;
			s->parts.v[same].barrier |= p->barrier;
			s->parts.v[same].warp |= p->warp;
			s->parts.v[same].index |= p->index;
			s->parts.v[same].leaves |= p->leaves;
		}
	}
	return 0;
}

int
source_check(struct turn *s)
{
	int rc = check_spelling(s, &s->k->kernel->toks);

	for (size_t i = 0; i < s->parts.n; i++)
		if (s->parts.v[i].kind == PART_MACRO)
			rc |= check_spelling(s, s->parts.v[i].t);
	if (rc < 0 || walk_all(s) < 0)
		return -1;
	for (size_t i = 0; i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->kind == PART_KERNEL)
			rc |= check_head(s, p);
		if (p->kind == PART_DECL)
			rc |= check_decl(s, p);
		if (p->kind == PART_DECL || is_operator(p))
			rc |= check_method(s, p);
		rc |= check_tokens(s, p);
	}
	rc |= check_members(s) | source_atomics(s);
	return rc | source_meeting(s);
}
