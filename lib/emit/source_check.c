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
		    str_eq(token_text(s->a, t), p->name))
			return diag_error(s->d, t->at, "'%s' calls itself", p->name);
		if (q && q != p && q->mark == 1)
			return diag_error(s->d, t->at, "'%s' calls itself through '%s'",
			                  q->name, p->name);
		if (q && q->mark == 0 && walk_calls(s, q) < 0)
			rc = -1;
		p->barrier = p->barrier || source_barrier(s, t);
		p->warp = p->warp || source_warp(s, t);
		p->index = p->index || (t->kind == TOK_NAME &&
			(token_is(t, "blockIdx") || (q && q->index)));
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

static int
check_index(struct turn *s, const struct part *p, const struct token *t)
{
	if (!s->gpu && (token_is(t, "threadIdx") || token_is(t, "blockDim")))
		return diag_error(s->d, t->at, "'%s' in a host kernel: a vEU is "
		                  "one thread", token_text(s->a, t));
	if (p->kind == PART_FUNCTION && (token_is(t, "blockIdx") ||
	    (source_called(s, t) && source_called(s, t)->kind == PART_MACRO &&
	     source_called(s, t)->index)))
		return diag_error(s->d, t->at, "'%s' in '%s': hand the block index "
		                  "over as an argument", token_text(s->a, t),
		                  p->name);
	return 0;
}

/* What may stand in the kernel's own body but in no helper or macro. */
static int
check_place(struct turn *s, const struct part *p, const struct token *t)
{
	const char *name = token_text(s->a, t);

	if (p->kind == PART_KERNEL)
		return 0;
	if (token_is(t, "__shared__"))
		return diag_error(s->d, t->at, "'__shared__' in '%s': declare it in "
		                  "the kernel", p->name);
	if (p->kind == PART_FUNCTION &&
	    (token_is(t, "LOAD") || token_is(t, "STORE")))
		return diag_error(s->d, t->at, "'%s' in '%s': use it in the kernel, "
		                  "where its argument is", name, p->name);
	if (p->kind == PART_MACRO && (token_is(t, "return") ||
	    token_is(t, "goto") || token_is(t, "static")))
		return diag_error(s->d, t->at, "'%s' in a macro: write it out", name);
	return 0;
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
	       check_call(s, p, i);
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
	static const char *const fine[] = { "const", "constexpr", "__constant__",
		"typedef", "using", "struct", "class", "union", "enum",
		"static_assert", "_Static_assert", NULL };

	for (size_t i = p->lo; i < p->hi; i++)
		if (p->t->v[i].kind == TOK_NAME && token_in(&p->t->v[i], fine))
			return 0;
	return diag_error(s->d, p->t->v[p->lo].at,
	                  "a variable at file scope: rTasks keep nothing");
}

static int
check_head(struct turn *s, const struct part *p)
{
	size_t name = s->k->kernel->fn;
	bool is_void = false;
	int rc = 0;

	for (size_t i = p->lo; i < name; i++) {
		const struct token *t = &p->t->v[i];

		if (t->kind != TOK_NAME)
			continue;
		is_void = is_void || token_is(t, "void");
		if (token_is(t, "template"))
			rc = diag_error(s->d, t->at, "a template: tunables are "
			                "constants already");
		else if (why_refused(t))
			rc = diag_error(s->d, t->at, "'%s' cannot stand in an "
			                "rTask: %s", token_text(s->a, t),
			                why_refused(t));
	}
	if (!is_void)
		rc = diag_error(s->d, p->t->v[name].at, "a kernel returns void");
	return rc;
}

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
		rc |= check_tokens(s, p);
	}
	return rc | source_meeting(s);
}
