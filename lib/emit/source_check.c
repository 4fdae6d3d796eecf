/* What an rTask may not do, and how its threads meet.
 *
 * A block of an ordinary kernel ends when its threads return; a vEU goes on to
 * its next rTask.  A thread that returned early, or that the kernel has no use
 * for, must therefore still be counted at the kernel's barriers: "idle" mode.
 * Operations of a warp have no such way out: a thread that is gone would be
 * waited for, so a return must not come before them. */
#include "emit/source.h"

#include <string.h>

static const char *const barriers[] = { "__syncthreads", "__syncthreads_or",
	"__syncthreads_and", "__syncthreads_count", NULL };
static const char *const counting[] = { "__syncthreads_or",
	"__syncthreads_and", "__syncthreads_count", NULL };
static const char *const warps[] = { "__syncwarp", "__shfl_sync",
	"__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync", "__any_sync",
	"__all_sync", "__ballot_sync", "__match_any_sync", "__match_all_sync",
	"__reduce_add_sync", "__reduce_min_sync", "__reduce_max_sync", NULL };
static const char *const asms[] = { "asm", "__asm__", "__asm", NULL };
static const char *const loops[] = { "for", "while", "do", NULL };

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
	{"__trap", "it would end the whole program"},
	{"exit", "it would end the whole program"},
	{"abort", "it would end the whole program"},
	{"longjmp", "its threads must come to its end"},
};

struct span {
	size_t lo, hi;
};

static const struct part *
called(const struct turn *s, const struct token *t)
{
	int i;

	if (t->kind != TOK_NAME)
		return NULL;
	i = map_get(&s->by_name, token_text(s->a, t));
	return i < 0 ? NULL : &s->parts.v[i];
}

static bool
is_barrier(const struct turn *s, const struct token *t)
{
	const struct part *p = called(s, t);

	return t->kind == TOK_NAME &&
	       (token_in(t, barriers) || (p && p->barrier));
}

static bool
is_warp(const struct turn *s, const struct token *t)
{
	const struct part *p = called(s, t);

	return t->kind == TOK_NAME && (token_in(t, warps) || (p && p->warp));
}

/* --- calls --------------------------------------------------------------------- */

/* Its tokens that do something: a prototype has none. */
static size_t
begin(const struct part *p)
{
	return p->body ? p->body : p->lo;
}

static size_t
finish(const struct part *p)
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
	for (size_t i = begin(p); i < finish(p); i++) {
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
		p->barrier = p->barrier || is_barrier(s, t);
		p->warp = p->warp || is_warp(s, t);
		p->index = p->index || (t->kind == TOK_NAME &&
			(token_is(t, "blockIdx") || (q && q->index)));
	}
	p->mark = 2;
	return rc;
}

/* --- statements ----------------------------------------------------------------- */

static bool
is_name(const struct tokens *t, size_t i, const char *name)
{
	return t->v[i].kind == TOK_NAME && token_is(&t->v[i], name);
}

/* Past the statement that begins at token i. */
static size_t
past_statement(const struct tokens *t, size_t i)
{
	if (i >= t->n - 1)
		return t->n - 1;
	if (token_is(&t->v[i], "{"))
		return lex_close(t, i) + 1;
	if (is_name(t, i, "do"))
		i = past_statement(t, lex_next(t, i));	/* then while (...); */
	else if (is_name(t, i, "for") || is_name(t, i, "while") ||
	         is_name(t, i, "switch") || is_name(t, i, "if")) {
		bool cond = is_name(t, i, "if");
		size_t close, end, other;

		i = lex_next(t, i);
		close = lex_close(t, i);
		if (close >= t->n)
			return t->n - 1;
		end = past_statement(t, lex_next(t, close));
		other = end < t->n ? lex_next(t, end - 1) : end;
		if (cond && other < t->n && is_name(t, other, "else"))
			return past_statement(t, lex_next(t, other));
		return end;
	}
	for (; i < t->n - 1 && !token_is(&t->v[i], ";"); i++)
		if (t->v[i].kind == TOK_PUNCT &&
		    memchr("([{", t->v[i].s[0], 3) && t->v[i].len == 1)
			i = lex_close(t, i);
	return i < t->n ? i + 1 : t->n - 1;
}

/* The body of a lambda whose "[" stands at i; {0, 0} if it is none. */
static struct span
lambda(const struct tokens *t, size_t i)
{
	size_t before = token_before(t, i);
	size_t close;

	if (!token_is(&t->v[i], "[") || t->v[before].kind == TOK_NAME ||
	    token_is(&t->v[before], "]") || token_is(&t->v[before], ")"))
		return (struct span){0, 0};
	close = lex_close(t, i);
	i = close < t->n ? lex_next(t, close) : close;
	if (i < t->n && token_is(&t->v[i], "("))
		i = lex_next(t, lex_close(t, i));
	if (i >= t->n || !token_is(&t->v[i], "{"))
		return (struct span){0, 0};
	return (struct span){i, lex_close(t, i)};
}

/* The first token for which "meets" holds that a thread may reach, or that
 * others may, after some thread returned from p; 0 if there is none. */
static size_t
after_return(const struct turn *s, const struct part *p,
             bool (*meets)(const struct turn *, const struct token *))
{
	const struct tokens *t = p->t;
	size_t again = p->body;	/* loops reach back to here ... */
	size_t until = 0;	/* ... from before this token */
	size_t later = 0;	/* what a lambda meets, whenever it is called */

	for (size_t i = p->body; i < p->end; i++) {
		struct span l = lambda(t, i);

		if (l.hi && l.hi < p->end) {
			for (i = l.lo; i < l.hi; i++)
				if (meets(s, &t->v[i]))
					later = i;
			continue;
		}
		if (t->v[i].kind == TOK_NAME && token_in(&t->v[i], loops) &&
		    i >= until) {
			again = i;
			until = past_statement(t, i);
		}
		if (is_name(t, i, "goto")) {
			again = p->body;
			until = p->end;
		}
		if (!is_name(t, i, "return"))
			continue;
		if (later)
			return later;
		for (size_t j = i < until ? again : i; j < p->end; j++)
			if (meets(s, &t->v[j]))
				return j;
	}
	return 0;
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

/* A word of inline assembly that would touch what the vEU's loop relies on. */
static const char *
bad_word(struct arena *a, const struct token *t)
{
	static const char *const bad[] = { "bar", "barrier", "mbarrier", "exit",
		"ret", "call", "griddepcontrol", "ctaid", "nctaid", "ntid", "tid",
		"clusterid", "setmaxnreg", "trap", "brkpt", NULL };
	size_t n;

	for (size_t i = 0; i < t->len; i += n ? n : 1) {
		struct token w = {TOK_NAME, t->s + i, 0, t->at};

		for (n = 0; i + n < t->len && ((t->s[i + n] >= 'a' &&
		     t->s[i + n] <= 'z') || t->s[i + n] == '_'); n++)
			;
		w.len = n;
		if (n && token_in(&w, bad))
			return token_text(a, &w);
	}
	return NULL;
}

static int
check_asm(struct turn *s, const struct part *p, size_t i)
{
	size_t end = past_statement(p->t, i);
	const char *word;
	int rc = 0;

	if (p->kind == PART_MACRO)
		return diag_error(s->d, p->t->v[i].at,
		                  "inline assembly in a macro: write it out");
	for (; i < end; i++) {
		if (p->t->v[i].kind != TOK_STRING)
			continue;
		word = bad_word(s->a, &p->t->v[i]);
		if (word)
			rc = diag_error(s->d, p->t->v[i].at, "'%s' in inline assembly "
			                "of an rTask", word);
	}
	return rc;
}

static bool
constant_follows(const struct tokens *t, size_t i)
{
	size_t n = lex_next(t, i);

	return is_name(t, n, "const") || is_name(t, n, "constexpr") ||
	       is_name(t, n, "__constant__");
}

static int
check_static(struct turn *s, const struct part *p, size_t i)
{
	if (constant_follows(p->t, i))
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
	    (called(s, t) && called(s, t)->kind == PART_MACRO &&
	     called(s, t)->index)))
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
	if (token_in(t, asms))
		return check_asm(s, p, i);
	if (token_is(t, "static") && p->body)
		return check_static(s, p, i);
	if (!s->gpu && (token_is(t, "__shared__") || token_in(t, barriers) ||
	                token_in(t, warps)))
		return diag_error(s->d, t->at, "'%s' in a host kernel",
		                  token_text(s->a, t));
	return check_index(s, p, t) | check_place(s, p, t);
}

static int
check_tokens(struct turn *s, const struct part *p)
{
	int rc = 0;

	for (size_t i = begin(p); i < finish(p); i++)
		rc |= check_token(s, p, i);
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

/* --- meeting ---------------------------------------------------------------------- */

static int
check_warp(struct turn *s, const struct part *p)
{
	size_t at = after_return(s, p, is_warp);
	int warp = s->e->plan && s->e->plan->device ?
	           (int)s->e->plan->device->warp : 32;

	if (at)
		return diag_error(s->d, p->t->v[at].at, "'%s' after a return: a "
		                  "thread that is gone would be waited for",
		                  token_text(s->a, &p->t->v[at]));
	if (p->kind == PART_KERNEL && p->warp && warp > 1 &&
	    s->threads % warp && s->most > s->threads)
		return diag_error(s->d, p->t->v[s->k->kernel->fn].at,
		                  "operations of whole warps with %lld threads",
		                  (long long)s->threads);
	return 0;
}

/* In idle mode a barrier's predicate is taken for counting who is still
 * there. */
static int
check_counting(struct turn *s)
{
	int rc = 0;

	for (size_t n = 0; n < s->parts.n; n++) {
		const struct part *p = &s->parts.v[n];

		for (size_t i = begin(p); i < finish(p); i++)
			if (p->t->v[i].kind == TOK_NAME &&
			    token_in(&p->t->v[i], counting))
				rc = diag_error(s->d, p->t->v[i].at, "'%s' in a kernel "
				                "whose threads may be idle or return "
				                "before a barrier",
				                token_text(s->a, &p->t->v[i]));
	}
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
	int rc = 0;

	if (walk_all(s) < 0)
		return -1;
	for (size_t i = 0; i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->kind == PART_KERNEL)
			rc |= check_head(s, p);
		if (p->kind == PART_DECL)
			rc |= check_decl(s, p);
		rc |= check_tokens(s, p);
		if (!s->gpu || !p->body)
			continue;
		rc |= check_warp(s, p);
		if (after_return(s, p, is_barrier))
			s->idle = true;
		if (p->kind == PART_KERNEL && p->barrier && s->most > s->threads)
			s->idle = true;
	}
	return s->idle && check_counting(s) < 0 ? -1 : rc;
}
