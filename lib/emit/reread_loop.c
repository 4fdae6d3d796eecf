/* The loop of a vEU in an emitted directory's runtime, proved: on every path
 * through it a row is either a barrier that was passed, or an rTask that was,
 * after its waits if it has any, called once if its condition holds, then
 * published by a block barrier (on a GPU), then signalled if it signals.  The
 * only other way out is to give the run up after a wait that failed.
 *
 * The statements of a function are walked with a set of states, one for each
 * way to come there.  Conditions that the protocol goes by (guards) are
 * remembered; all others may be true or false. */
#include "emit/reread_text.h"

#include "base/str.h"

enum event { WAIT, CALL, MEET, SIGNAL, BARRIER, ROW, ABORTED };
enum guard { G_BARRIER, G_WAITS, G_HOLDS, G_SIGNALS, G_FIRST, NGUARDS };

struct word {
	const char *name;		/* a call of it is the event */
	enum event event;
	bool fails;			/* what it returns where it gives up */
};

/* A function of the runtime, of which the body, or that of its first loop, is
 * what happens to a row. */
struct loop {
	enum target_kind target;
	const char *file, *function;
	bool is_loop, meets;
	const char *row_done;		/* what it returns then, or NULL */
	struct word words[6];
	const char *guards[NGUARDS];	/* conditions; NULL: does not ask */
};

static const struct loop loops[] = {
	{TARGET_CUDA, "cuda.h", "tamp_veu_main", true, true, NULL,
	 {{"tamp_wait_all", WAIT, true}, {"call", CALL, false},
	  {"tamp_meet", MEET, false}, {"tamp_red_release", SIGNAL, false},
	  {"tamp_barrier", BARRIER, true}},
	 {[G_BARRIER] = "t . instance == TAMP_NONE", [G_WAITS] = "t . nwaits",
	  [G_HOLDS] = "tamp_holds < Conditions > ( a , t . condition , & known )",
	  [G_SIGNALS] = "t . signal != TAMP_NONE",
	  [G_FIRST] = "tamp_lane ( ) == 0"}},
	{TARGET_HOST, "host.c", "run_row", false, false, "true",
	 {{"wait_for", WAIT, false}, {"run", CALL, false},
	  {"atomic_fetch_add_explicit", SIGNAL, false}},
	 {[G_WAITS] = "i < r -> nwaits",
	  [G_HOLDS] = "holds ( h , r -> condition )",
	  [G_SIGNALS] = "r -> signal != TAMP_NONE"}},
	{TARGET_HOST, "host.c", "run_launch", true, false, NULL,
	 {{"run_row", ROW, false}, {"barrier", BARRIER, false},
	  {"aborted", ABORTED, true}},
	 {[G_BARRIER] = "p -> rows [ i ] . kind == TAMP_BARRIER"}},
};

enum truth { UNKNOWN, TRUE, FALSE };

struct way {
	bool waited, called, met, signalled, barrier, gave_up;
	bool early;		/* its condition was looked at before its waits */
	enum truth guard[NGUARDS];
};

struct ways {
	struct way *v;
	size_t n, cap;
};

struct walk_of {
	const struct text *x;
	const struct loop *l;
	int depth;			/* of loops within the row's */
	int faults;
};

#define STATES_MAX 4096		/* beyond, the function is not understood */

static size_t statement(struct walk_of *w, size_t i, const struct ways *in,
                        struct ways *out);

/* --- saying it ------------------------------------------------------------------- */

static void
fault(struct walk_of *w, size_t i, const char *what)
{
	if (!w->faults++)
		diag_error(w->x->r->d, text_at(w->x, i), "%s: on some path %s",
		           w->l->function, what);
}

static void
add(struct walk_of *w, struct ways *to, struct way s, size_t i)
{
	if (to->n >= STATES_MAX)
		fault(w, i, "too much happens to be followed");
	else
		vec_push(w->x->r->a, to, s);
}

static void
add_all(struct walk_of *w, struct ways *to, const struct ways *from, size_t i)
{
	for (size_t k = 0; k < from->n; k++)
		add(w, to, from->v[k], i);
}

/* --- events ------------------------------------------------------------------------ */

/* The word whose call stands at token i, or NULL. */
static const struct word *
word_at(const struct walk_of *w, size_t i)
{
	if (!text_is(w->x, i + 1, "("))
		return NULL;
	for (const struct word *k = w->l->words; k->name; k++)
		if (text_is(w->x, i, k->name))
			return k;
	return NULL;
}

/* Whether the rTask need not be called any more. */
static bool
settled(const struct way *s)
{
	return s->called || s->guard[G_HOLDS] == FALSE;
}

/* Whether what the row waits for is not there yet. */
static bool
unwaited(const struct loop *l, const struct way *s)
{
	return l->guards[G_WAITS] && !s->waited && s->guard[G_WAITS] != FALSE;
}

/* What stands in the way of calling an rTask. */
static const char *
cannot_call(const struct loop *l, const struct way *s)
{
	if (s->gave_up)
		return "an rTask runs though its wait failed";
	if (s->called)
		return "an rTask runs twice";
	if (unwaited(l, s))
		return "an rTask runs without its waits";
	if (l->guards[G_HOLDS] && s->guard[G_HOLDS] != TRUE)
		return "an rTask runs whether its condition holds or not";
	if (s->early)
		return "a condition is looked at before its rTask's waits";
	if (l->guards[G_BARRIER] && s->guard[G_BARRIER] != FALSE)
		return "an rTask runs where a barrier stands";
	return NULL;
}

static const char *
cannot_signal(const struct loop *l, const struct way *s)
{
	if (!settled(s))
		return "a row signals before its rTask has run";
	if (l->meets && !s->met)
		return "a row signals before all threads have stored";
	if (s->signalled)
		return "a row signals twice";
	if (s->guard[G_SIGNALS] != TRUE)
		return "a row signals that has nothing to signal";
	if (l->guards[G_FIRST] && s->guard[G_FIRST] != TRUE)
		return "more threads than one signal";
	return NULL;
}

static void
happen(struct walk_of *w, size_t i, const struct word *k, struct way *s)
{
	const char *bad = NULL;

	if (w->depth && k->event != WAIT)
		fault(w, i, "a loop repeats what happens once a row");
	switch (k->event) {
	case WAIT:
		bad = s->called ? "a row waits after its rTask has run" : NULL;
		s->waited = true;
		break;
	case CALL: case ROW:
		bad = cannot_call(w->l, s);
		s->called = true;
		s->met = k->event == ROW;
		break;
	case MEET:
		s->met = settled(s);
		break;
	case SIGNAL:
		bad = cannot_signal(w->l, s);
		s->signalled = true;
		break;
	case BARRIER:
		bad = s->called || s->barrier || s->guard[G_BARRIER] != TRUE ?
			"a barrier stands where there is none" : NULL;
		s->barrier = true;
		break;
	case ABORTED:
		break;
	}
	if (bad)
		fault(w, i, bad);
}

/* Whether a state may leave the row as one that is done. */
static const char *
not_done(const struct loop *l, const struct way *s)
{
	if (s->gave_up)
		return "a row goes on though it was given up";
	if (l->guards[G_BARRIER] && s->guard[G_BARRIER] == UNKNOWN)
		return "a row is not asked whether it is a barrier";
	if (s->guard[G_BARRIER] == TRUE)
		return s->barrier ? NULL : "a barrier is left out";
	if (!settled(s))
		return "an rTask is left out";
	if (s->early)
		return "a condition is looked at before its rTask's waits";
	if (l->meets && !s->met)
		return "the closing block barrier is left out";
	if (!l->guards[G_SIGNALS] || s->guard[G_SIGNALS] == FALSE ||
	    s->signalled || s->guard[G_FIRST] == FALSE)
		return NULL;
	return "a signal is left out";
}

static void
done(struct walk_of *w, size_t i, const struct ways *in)
{
	for (size_t k = 0; k < in->n; k++) {
		const char *bad = not_done(w->l, &in->v[k]);

		if (bad)
			fault(w, i, bad);
	}
}

static void
leave(struct walk_of *w, size_t i, const struct ways *in)
{
	for (size_t k = 0; k < in->n; k++)
		if (!in->v[k].gave_up)
			fault(w, i, "the vEU leaves, and no wait has failed");
}

/* --- expressions --------------------------------------------------------------------- */

/* Events of tokens [lo, hi), in their order; each state goes on in both ways
 * that a wait can end. */
static void
expression(struct walk_of *w, size_t lo, size_t hi, const struct ways *in,
           struct ways *out)
{
	struct ways now = {0};

	add_all(w, &now, in, lo);
	for (size_t i = lo; i < hi; i++) {
		const struct word *k = word_at(w, i);
		size_t n = now.n;

		if (text_is(w->x, i, "&&") || text_is(w->x, i, "||") ||
		    text_is(w->x, i, "?"))
			for (size_t j = lo; j < hi; j++)
				if (word_at(w, j))
					fault(w, j, "it is not told whether "
					      "something happens");
		for (size_t j = 0; k && j < n; j++) {
			happen(w, i, k, &now.v[j]);
			if (k->event != WAIT && k->event != BARRIER &&
			    k->event != ROW)
				continue;
			now.v[j].gave_up = false;
			add(w, &now, now.v[j], i);
			now.v[now.n - 1].gave_up = true;
		}
	}
	add_all(w, out, &now, lo);
}

/* The guard that tokens [lo, hi) are, or NGUARDS. */
static int
guard_of(const struct walk_of *w, size_t lo, size_t hi)
{
	size_t end;

	for (int g = 0; g < NGUARDS; g++)
		if (w->l->guards[g] &&
		    text_match(w->x, lo, w->l->guards[g], NULL, &end) &&
		    end == hi)
			return g;
	return NGUARDS;
}

static void
leaf(struct walk_of *w, size_t lo, size_t hi, const struct ways *in,
     struct ways *yes, struct ways *no)
{
	int g = guard_of(w, lo, hi);
	const struct word *k = word_at(w, lo);

	for (size_t i = lo + (k != NULL); i < hi; i++)
		if (word_at(w, i))
			fault(w, i, "it is not told what comes of it");
	for (size_t i = 0; i < in->n; i++) {
		struct way s = in->v[i];

		if (k)
			happen(w, lo, k, &s);
		if (g == G_HOLDS)
			s.early = unwaited(w->l, &s);
		if (g == NGUARDS || s.guard[g] != FALSE) {
			struct way t = s;

			if (k)
				t.gave_up = k->fails;
			if (g != NGUARDS)
				t.guard[g] = TRUE;
			add(w, yes, t, lo);
		}
		if (g == NGUARDS || s.guard[g] != TRUE) {
			if (k)
				s.gave_up = !k->fails;
			if (g != NGUARDS)
				s.guard[g] = FALSE;
			add(w, no, s, lo);
		}
	}
}

/* The operator at the top of [lo, hi), or hi. */
static size_t
top(const struct walk_of *w, size_t lo, size_t hi, const char *op)
{
	for (size_t i = lo; i < hi; i++) {
		if (text_is(w->x, i, op))
			return i;
		if (text_is(w->x, i, "(") || text_is(w->x, i, "["))
			i = text_close(w->x, i);
	}
	return hi;
}

/* A condition, tokens [lo, hi): those for whom it is true, and false. */
static void
condition(struct walk_of *w, size_t lo, size_t hi, const struct ways *in,
          struct ways *yes, struct ways *no)
{
	size_t or = top(w, lo, hi, "||"), and = top(w, lo, hi, "&&");
	struct ways rest = {0};

	if (or < hi) {
		condition(w, lo, or, in, yes, &rest);
		condition(w, or + 1, hi, &rest, yes, no);
	} else if (and < hi) {
		condition(w, lo, and, in, &rest, no);
		condition(w, and + 1, hi, &rest, yes, no);
	} else if (text_is(w->x, lo, "!")) {
		condition(w, lo + 1, hi, in, no, yes);
	} else if (text_is(w->x, lo, "(") && text_close(w->x, lo) + 1 == hi) {
		condition(w, lo + 1, hi - 1, in, yes, no);
	} else {
		leaf(w, lo, hi, in, yes, no);
	}
}

/* --- statements ------------------------------------------------------------------------ */

/* Past the ";" of the statement at i. */
static size_t
past(const struct walk_of *w, size_t i)
{
	for (; i < w->x->v.n && !text_is(w->x, i, ";"); i++)
		if (text_is(w->x, i, "(") || text_is(w->x, i, "{") ||
		    text_is(w->x, i, "["))
			i = text_close(w->x, i);
	return i + 1;
}

static size_t
block(struct walk_of *w, size_t i, const struct ways *in, struct ways *out)
{
	size_t end = text_close(w->x, i);
	struct ways now = *in;

	for (i++; i < end && !w->faults;) {
		struct ways next = {0};

		i = statement(w, i, &now, &next);
		now = next;
	}
	*out = now;
	return end + 1;
}

static size_t
branch(struct walk_of *w, size_t i, const struct ways *in, struct ways *out)
{
	size_t close = text_close(w->x, i + 1);
	struct ways yes = {0}, no = {0}, then = {0}, other = {0};

	condition(w, i + 2, close, in, &yes, &no);
	i = statement(w, close + 1, &yes, &then);
	if (text_is(w->x, i, "else"))
		i = statement(w, i + 1, &no, &other);
	else
		other = no;
	add_all(w, out, &then, i);
	add_all(w, out, &other, i);
	return i;
}

/* A loop within the row: not at all, or at least once; only waits may stand in
 * it, which do no more if they are repeated. */
static size_t
inner_loop(struct walk_of *w, size_t i, const struct ways *in,
           struct ways *out)
{
	size_t close = text_close(w->x, i + 1), cond = past(w, i + 2);
	struct ways begun = {0}, yes = {0}, after = {0};

	if (!text_is(w->x, i, "for")) {
		fault(w, i, "a loop stands that is not understood");
		return close + 1;
	}
	expression(w, i + 2, cond - 1, in, &begun);
	condition(w, cond, past(w, cond) - 1, &begun, &yes, out);
	w->depth++;
	i = statement(w, close + 1, &yes, &after);
	w->depth--;
	add_all(w, out, &after, i);
	return i;
}

static size_t
jump(struct walk_of *w, size_t i, const struct ways *in, struct ways *out)
{
	bool back = text_is(w->x, i, "return");

	if (back && w->l->row_done && text_is(w->x, i + 1, w->l->row_done))
		done(w, i, in);
	else if (back || (text_is(w->x, i, "break") && !w->depth))
		leave(w, i, in);
	else if (text_is(w->x, i, "continue") && !w->depth)
		done(w, i, in);
	else if (!text_is(w->x, i, "goto"))
		*out = *in;
	else
		fault(w, i, "a jump stands that is not understood");
	return past(w, i);
}

/* The statement at token i; returns where the next begins. */
static size_t
statement(struct walk_of *w, size_t i, const struct ways *in,
          struct ways *out)
{
	static const char *const loops_of[] = {"for", "while", "do", "switch"};
	static const char *const jumps[] = {"return", "break", "continue", "goto"};
	size_t end;

	if (text_is(w->x, i, "{"))
		return block(w, i, in, out);
	if (text_is(w->x, i, "if"))
		return branch(w, i, in, out);
	for (size_t k = 0; k < 4; k++)
		if (text_is(w->x, i, loops_of[k]))
			return inner_loop(w, i, in, out);
	for (size_t k = 0; k < 4; k++)
		if (text_is(w->x, i, jumps[k]))
			return jump(w, i, in, out);
	end = past(w, i);
	expression(w, i, end - 1, in, out);
	return end;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* Where the statement begins that is done for each row; the number of tokens
 * if it is not found. */
static size_t
row_begins(const struct text *x, const struct loop *l)
{
	const struct function *f = text_find(x, l->function);

	if (!f || !l->is_loop)
		return f ? f->open : x->v.n;
	for (size_t i = f->open; i < f->close; i++)
		if (text_is(x, i, "for"))
			return text_close(x, i + 1) + 1;
	return x->v.n;
}

static int
check_loop(const struct text *x, const struct loop *l)
{
	struct walk_of w = {.x = x, .l = l};
	struct ways in = {0}, out = {0};
	size_t i = row_begins(x, l), end;

	if (i >= x->v.n)
		return diag_error(x->r->d, text_at(x, i), "the vEU's loop, %s, is "
		                  "not there", l->function);
	add(&w, &in, (struct way){0}, i);
	end = statement(&w, i, &in, &out);
	if (l->row_done)
		leave(&w, end - 1, &out);
	else
		done(&w, end - 1, &out);
	return w.faults ? -1 : 0;
}

/* What the words come to: instructions, and the order of memory. */
static const struct instruction {
	enum target_kind target;
	const char *function, *has;	/* a token, or several with blanks
					 * between them */
} instructions[] = {
	{TARGET_CUDA, "tamp_ld_acquire", "\"ld.acquire.gpu.global.u32 %0, [%1];\""},
	{TARGET_CUDA, "tamp_red_release", "\"red.release.gpu.global.add.u32 [%0], 1;\""},
	{TARGET_CUDA, "tamp_await", "tamp_ld_acquire"},
	{TARGET_CUDA, "tamp_wait_all", "tamp_await"},
	{TARGET_CUDA, "tamp_wait_all", "tamp_meet_or"},
	{TARGET_CUDA, "tamp_barrier", "tamp_red_release"},
	{TARGET_CUDA, "tamp_barrier", "tamp_await"},
	{TARGET_CUDA, "tamp_barrier", "tamp_meet_or"},
	{TARGET_CUDA, "tamp_meet", "__syncthreads"},
	{TARGET_CUDA, "tamp_meet_or", "__syncthreads_or"},
	{TARGET_CUDA, "tamp_holds", "{ uint32_t at = Conditions ? condition : "
	 "TAMP_NONE ; if ( at == k -> condition ) return k -> holds ; "
	 "k -> condition = at ; k -> holds = true ; while ( at != TAMP_NONE && "
	 "k -> holds ) { const struct tamp_guard g = a . guards [ at ] ; "
	 "k -> holds = ( * ( const volatile uint8_t * ) g . at != 0 ) == "
	 "( g . is != 0 ) ; at = g . within ; } return k -> holds ; }"},
	{TARGET_CUDA, "tamp_veu_main",
	 "struct tamp_known known = { TAMP_NONE , true } ;"},
	{TARGET_HOST, "holds", "{ while ( condition != TAMP_NONE ) { const struct "
	 "tamp_guard * g = & h -> guards [ condition ] ; if ( ( * g -> at != 0 ) "
	 "!= g -> is ) return false ; condition = g -> within ; } return true ; }"},
	{TARGET_HOST, "reached", "memory_order_acquire"},
	{TARGET_HOST, "wait_for", "reached"},
	{TARGET_HOST, "barrier", "memory_order_release"},
	{TARGET_HOST, "barrier", "wait_for"},
	{TARGET_HOST, "run_row", "memory_order_release"},
};

static int
check_instruction(const struct text *x, const struct instruction *k)
{
	const struct function *f = text_find(x, k->function);

	for (size_t i = f ? f->open : x->v.n; f && i < f->close; i++)
		if (text_is(x, i, k->has) ||
		    text_match(x, i, k->has, NULL, NULL))
			return 0;
	return diag_error(x->r->d, text_at(x, f ? f->head : x->v.n), "%s has no %s",
	                  k->function, k->has);
}

/* All GPUs have the loop of cuda.h. */
static bool
alike(enum target_kind a, enum target_kind b)
{
	return (a == TARGET_HOST) == (b == TARGET_HOST);
}

int
reread_loop(const struct reread *r, enum target_kind k,
            const struct source *src)
{
	struct text x = {.r = r};
	int bad = 0;

	if (text_read(&x, src) < 0)
		return -1;
	for (size_t i = 0; i < sizeof instructions / sizeof *instructions; i++)
		if (alike(instructions[i].target, k))
			bad |= check_instruction(&x, &instructions[i]);
	for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
		if (alike(loops[i].target, k))
			bad |= check_loop(&x, &loops[i]);
	return bad;
}

const char *
reread_loop_file(enum target_kind k)
{
	for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
		if (alike(loops[i].target, k))
			return loops[i].file;
	return NULL;
}
