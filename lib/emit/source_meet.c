/* How the threads of an rTask meet.
 *
 * A block of an ordinary kernel ends when its threads return; a vEU goes on to
 * its next rTask.  A thread that left early, or that the kernel has no use
 * for, must therefore still be counted at the kernel's barriers: "idle" mode.
 * It leaves by a return, and by a jump (goto, break, continue) that passes
 * over a barrier.  Operations of a warp have no such way out: a thread that is
 * gone would be waited for, so it must not leave before them. */
#include "emit/source.h"

#include <string.h>

static const char *const barriers[] = { "__syncthreads", "__syncthreads_or",
	"__syncthreads_and", "__syncthreads_count", NULL };
static const char *const counting[] = { "__syncthreads_or",
	"__syncthreads_and", "__syncthreads_count", NULL };
/* Besides all that begin with "__" and end with "_sync". */
static const char *const warps[] = { "__syncwarp", "mma_sync",
	"load_matrix_sync", "store_matrix_sync", NULL };
static const char *const warp_asm[] = { "shfl", "vote", "match", "redux",
	"elect", "mma", "wmma", "wgmma", "ldmatrix", "stmatrix", "movmatrix",
	NULL };
static const char *const loops[] = { "for", "while", "do", NULL };

struct span {
	size_t lo, hi;
};

/* --- what meets ---------------------------------------------------------------- */

const struct part *
source_called(const struct turn *s, const struct token *t)
{
	int i;

	if (t->kind != TOK_NAME)
		return NULL;
	i = map_get(&s->by_name, token_text(s->a, t));
	return i < 0 ? NULL : &s->parts.v[i];
}

static bool
names_warp(const struct token *t)
{
	static const char end[] = "_sync";
	const size_t n = sizeof end - 1;

	return token_in(t, warps) || (t->len > n + 2 &&
		!memcmp(t->s, "__", 2) && !memcmp(t->s + t->len - n, end, n));
}

bool
source_meets(const struct token *t)
{
	return t->kind == TOK_NAME && (token_in(t, barriers) || names_warp(t));
}

bool
source_barrier(const struct turn *s, const struct token *t)
{
	const struct part *p = source_called(s, t);

	return t->kind == TOK_NAME &&
	       (token_in(t, barriers) || (p && p->barrier));
}

/* Strings may be inline assembly. */
bool
source_warp(const struct turn *s, const struct token *t)
{
	const struct part *p = source_called(s, t);

	if (t->kind == TOK_STRING)
		return source_asm_word(s->a, t, warp_asm) != NULL;
	return t->kind == TOK_NAME && (names_warp(t) || (p && p->warp));
}

/* --- statements ----------------------------------------------------------------- */

/* Past the statement that begins at token i. */
size_t
source_statement(const struct tokens *t, size_t i)
{
	if (i >= t->n - 1)
		return t->n - 1;
	if (token_is(&t->v[i], "{"))
		return lex_close(t, i) + 1;
	if (lex_is_name(t, i, "do"))
		i = source_statement(t, lex_next(t, i));	/* then while (...); */
	else if (lex_is_name(t, i, "for") || lex_is_name(t, i, "while") ||
	         lex_is_name(t, i, "switch") || lex_is_name(t, i, "if")) {
		bool cond = lex_is_name(t, i, "if");
		size_t close, end, other;

		i = lex_next(t, i);
		close = lex_close(t, i);
		if (close >= t->n)
			return t->n - 1;
		end = source_statement(t, lex_next(t, close));
		other = end < t->n ? lex_next(t, end - 1) : end;
		if (cond && other < t->n && lex_is_name(t, other, "else"))
			return source_statement(t, lex_next(t, other));
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
	size_t before = lex_before(t, i);
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

/* Whether the token is a return, or a macro with one. */
static bool
returns(const struct turn *s, const struct token *t)
{
	const struct part *p = source_called(s, t);

	return t->kind == TOK_NAME && (token_is(t, "return") ||
		(p && p->kind == PART_MACRO && p->leaves));
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
			until = source_statement(t, i);
		}
		if (lex_is_name(t, i, "goto")) {
			again = p->body;
			until = p->end;
		}
		if (!returns(s, &t->v[i]))
			continue;
		if (later)
			return later;
		for (size_t j = i < until ? again : i; j < p->end; j++)
			if (meets(s, &t->v[j]))
				return j;
	}
	return 0;
}

/* --- jumps ----------------------------------------------------------------------- */

/* What a jump at token i of p may pass over: the whole of the loop around it,
 * since it may come round again; of a switch, the rest.  Without one around
 * it, all of p.  open: the loops and switches around i, innermost last. */
static struct span
passed(const struct part *p, const struct span *open, size_t n, size_t i)
{
	const struct tokens *t = p->t;
	bool next = lex_is_name(t, i, "continue");

	while (next && n && lex_is_name(t, open[n - 1].lo, "switch"))
		n--;
	if (n == 0 || lex_is_name(t, i, "goto"))
		return (struct span){source_begin(p), source_finish(p)};
	if (lex_is_name(t, open[n - 1].lo, "switch"))
		return (struct span){i, open[n - 1].hi};
	return open[n - 1];
}

/* A break out of "do" is taken for a way out even where whole warps meet:
 * elsewhere it is for all of a warp, as in CUDA. */
static bool
leaves(const struct part *p, struct span over, size_t i, bool warp)
{
	return !warp || lex_is_name(p->t, i, "goto") ||
	       over.lo == source_begin(p) || lex_is_name(p->t, over.lo, "do");
}

/* The first token that meets others and that a jump in p may pass over; 0 if
 * there is none. */
static size_t
after_jump(const struct turn *s, const struct part *p, bool warp)
{
	static const char *const jumps[] = { "goto", "break", "continue", NULL };
	bool (*meets)(const struct turn *, const struct token *) =
		warp ? source_warp : source_barrier;
	const struct tokens *t = p->t;
	VEC(struct span) open = {0};
	struct span over;

	for (size_t i = source_begin(p); i < source_finish(p); i++) {
		while (open.n && open.v[open.n - 1].hi <= i)
			open.n--;
		if (t->v[i].kind == TOK_NAME && (token_in(&t->v[i], loops) ||
		    token_is(&t->v[i], "switch")))
			vec_push(s->a, &open, ((struct span){i,
				source_statement(t, i)}));
		if (t->v[i].kind != TOK_NAME || !token_in(&t->v[i], jumps))
			continue;
		over = passed(p, open.v, open.n, i);
		for (size_t j = over.lo; leaves(p, over, i, warp) &&
		     j < over.hi && j < source_finish(p); j++)
			if (meets(s, &t->v[j]))
				return j;
	}
	return 0;
}

/* A macro's jump out of what it stands in would not be seen there. */
static int
check_macro(struct turn *s, const struct part *p)
{
	const struct tokens *t = p->t;
	size_t end = 0;		/* of the loop around i */

	for (size_t i = source_begin(p); i < source_finish(p); i++) {
		if (t->v[i].kind == TOK_NAME && i >= end &&
		    (token_in(&t->v[i], loops) || token_is(&t->v[i], "switch")))
			end = source_statement(t, i);
		if (i >= end && (lex_is_name(t, i, "break") ||
		                 lex_is_name(t, i, "continue")))
			return diag_error(s->d, t->v[i].at, "'%s' in a macro: "
			                  "write it out",
			                  token_text(s->a, &t->v[i]));
	}
	return 0;
}

/* --- meeting ---------------------------------------------------------------------- */

static int
check_warp(struct turn *s, const struct part *p)
{
	size_t at = after_return(s, p, source_warp);
	size_t jump = after_jump(s, p, true);
	int warp = s->e->plan && s->e->plan->device ?
	           (int)s->e->plan->device->warp : 32;

	if (warp > 32)		/* halves of a wavefront are apart: warp.h */
		warp = 32;

	if (at)
		return diag_error(s->d, p->t->v[at].at, "'%s' after a return: a "
		                  "thread that is gone would be waited for",
		                  token_text(s->a, &p->t->v[at]));
	if (jump)
		return diag_error(s->d, p->t->v[jump].at, "'%s' where a jump "
		                  "may leave: a thread that is gone would be "
		                  "waited for", token_text(s->a, &p->t->v[jump]));
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

		for (size_t i = source_begin(p); i < source_finish(p); i++)
			if (p->t->v[i].kind == TOK_NAME &&
			    token_in(&p->t->v[i], counting))
				rc = diag_error(s->d, p->t->v[i].at, "'%s' in a kernel "
				                "whose threads may be idle or return "
				                "before a barrier",
				                token_text(s->a, &p->t->v[i]));
	}
	return rc;
}

int
source_meeting(struct turn *s)
{
	int rc = 0;

	for (size_t i = 0; s->gpu && i < s->parts.n; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->kind == PART_MACRO)
			rc |= check_macro(s, p);
		if (p->body)
			rc |= check_warp(s, p);
		if (after_jump(s, p, false) ||
		    (p->body && after_return(s, p, source_barrier)))
			s->idle = true;
		if (p->kind == PART_KERNEL && p->barrier && s->most > s->threads)
			s->idle = true;
	}
	return s->idle ? rc | check_counting(s) : rc;
}
