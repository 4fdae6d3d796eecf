/* The generated source, read again by its tokens: each rTask function is there
 * once; those that do not use all threads of their vEU, or lose some before a
 * barrier, let them meet the others' barriers; nothing but the vEU's own loop
 * (runtime/cuda.h, host.c) waits or signals; each launch kernel is that loop
 * over exactly the rTasks that its launches run, with their threads. */
#include "emit/reread_text.h"

#include "base/str.h"

/* Waiting, signalling and leaving are the vEU's business, not an rTask's. */
static const char *const theirs[] = {
	"tamp_ld_acquire", "tamp_ld_relaxed", "tamp_red_release", "tamp_await",
	"tamp_wait_all", "tamp_barrier", "tamp_meet", "tamp_meet_or",
	"tamp_sync_or", "tamp_give_up", "tamp_given_up", "tamp_epoch",
	"tamp_veu_main", "tamp_holds", "tamp_idle", "tamp_sync_idle",
	"TAMP_CALL", "__trap", "exit", "_exit", "abort", "longjmp",
	"pthread_exit",
	"atomic_store_explicit", "atomic_fetch_add_explicit", "atomic_store",
	"atomic_fetch_add", "__threadfence_system", NULL
};
/* Where the generated text itself uses them. */
static const char *const in_idle[] = { "tamp_idle", NULL };
static const char *const in_body[] = { "tamp_sync_idle", NULL };
static const char *const in_call[] = { "TAMP_CALL", NULL };
static const char *const in_launch[] = { "tamp_veu_main", NULL };
static const char *const nowhere[] = { NULL };

static const char *const barriers[] = { "__syncthreads", "__syncthreads_or",
	"__syncthreads_and", "__syncthreads_count", "tamp_sync_idle", NULL };

static bool
among(const struct token *t, const char *const *list)
{
	for (; *list; list++)
		if (t->kind == TOK_NAME && token_is(t, *list))
			return true;
	return false;
}

/* A macro under a name of the protocol would change what it says. */
static int
check_macros(const struct text *x)
{
	for (size_t i = 0; i < x->macros.n; i++) {
		const struct macro *m = &x->macros.v[i];
		struct token name = {TOK_NAME, m->name, strlen(m->name),
			m->line.at};

		if (among(&name, theirs) || among(&name, barriers))
			return diag_error(x->r->d, name.at, "'%s' is the "
			                  "runtime's own", m->name);
	}
	return 0;
}

/* What the name at token t comes to, of MEETS_* and LEAVES: a barrier, a macro,
 * or a function that has some, of whatever parameters, whether it is called
 * here or handed on. */
static unsigned
comes_to(const struct text *x, const struct token *t)
{
	const char *name;
	unsigned is;

	if (t->kind != TOK_NAME)
		return 0;
	if (among(t, barriers))
		return token_is(t, "tamp_sync_idle") ? MEETS_IDLE : MEETS_ALL;
	if (token_is(t, "return"))
		return LEAVES;
	name = arena_strndup(x->r->a, t->s, t->len);
	is = text_macro(x, name, t->s);
	for (const struct function *f = text_find(x, name); f;
	     f = text_other(x, f))
		is |= f->meets;
	return is;
}

static unsigned
meets_at(const struct text *x, size_t i)
{
	return comes_to(x, &x->v.v[i]) & (MEETS_ALL | MEETS_IDLE);
}

static bool
leaves_at(const struct text *x, size_t i)
{
	return comes_to(x, &x->v.v[i]) & LEAVES;
}

/* Whether there is more to say of a function or macro. */
static bool
add_meets(unsigned *to, unsigned is)
{
	bool more = is & ~*to;

	*to |= is;
	return more;
}

static void
find_barriers(struct text *x)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t k = 0; k < x->functions.n; k++) {
			struct function *f = &x->functions.v[k];

			for (size_t i = f->open; i < f->close; i++)
				more |= add_meets(&f->meets, meets_at(x, i));
		}
		for (size_t k = 0; k < x->macros.n; k++) {
			struct macro *m = &x->macros.v[k];

			for (size_t i = 0; i < m->body.n; i++)
				more |= add_meets(&m->comes_to,
				                  comes_to(x, &m->body.v[i]));
		}
	}
}

/* Which of the vEU's words a function may use. */
static const char *const *
words_of(const struct function *f)
{
	static const struct {
		const char *prefix;
		const char *const *may;
	} kinds[] = {
		{"inst_", in_idle}, {"body_", in_body}, {"call_", in_call},
		{"launch_", in_launch},
	};
	uint64_t n;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_numbered(f->name, kinds[i].prefix, &n))
			return kinds[i].may;
	return f->meets ? in_body : nowhere;
}

/* No function, and no text between them, uses what is the vEU's alone; and no
 * text between them, such as a method, of which it is not seen what calls it,
 * has a barrier. */
static int
check_words(const struct text *x)
{
	const struct function *f = x->functions.v, *end = f + x->functions.n;

	for (size_t i = 0; i < x->v.n; i++) {
		const struct token *t = &x->v.v[i];
		bool in, theirs_at;

		while (f < end && i >= f->close)
			f++;
		in = f < end && i >= f->open;
		theirs_at = among(t, theirs) && text_is(x, i + 1, "(");
		if (!in && (theirs_at || among(t, barriers)))
			return diag_error(x->r->d, text_at(x, i), "'%s' stands "
			                  "outside of the functions",
			                  text_word(x, i));
		if (theirs_at && !among(t, words_of(f)))
			return diag_error(x->r->d, text_at(x, i), "'%s' uses "
			                  "'%s', which is the vEU's own",
			                  f->name, text_word(x, i));
	}
	return 0;
}

/* --- rTasks ---------------------------------------------------------------------- */

/* Threads of the widest launch that runs the instance. */
static int64_t
most_threads(const struct tables *t, const struct used *u)
{
	int64_t most = 0;

	for (uint64_t i = 0; i < t->h.launches.count; i++)
		if (u->codes[t->launches[i].code] &&
		    t->launches[i].threads > most)
			most = t->launches[i].threads;
	return most;
}

static int
rtask_fault(const struct text *x, size_t i, const struct used *u,
            const char *what)
{
	return diag_error(x->r->d, text_at(x, i), "the rTask of '%s' (%s) %s",
	                  u->cand->use, u->cls->class, what);
}

/* Past a lambda's body whose "]" stands at i, else i. */
static size_t
past_lambda(const struct text *x, size_t i)
{
	size_t j = i + 1;

	if (!text_is(x, i, "]"))
		return i;
	if (text_is(x, j, "("))
		j = text_close(x, j) + 1;
	return text_is(x, j, "{") ? text_close(x, j) : i;
}

/* All threads of the vEU are in f, or those too many leave at once; none leaves
 * before a barrier. */
static int
check_plain(const struct text *x, const struct used *u,
            const struct function *f)
{
	bool few = u->cand->threads < most_threads(x->t, u), left = false;
	size_t back = 0;

	if (few && f->meets)
		return rtask_fault(x, f->open, u, "has a barrier that not all "
		                   "threads of the vEU come to");
	for (size_t i = f->open; i < f->close; i++) {
		uint64_t n = 0;

		i = past_lambda(x, i);
		if (text_match(x, i, "if ( threadIdx . x >= # ) return ;", &n, NULL) &&
		    n == (uint64_t)u->cand->threads)
			left = true;
		if (leaves_at(x, i))
			back = i;
		if (back && meets_at(x, i))
			return rtask_fault(x, back, u, "leaves before a barrier");
	}
	if (few && !left)
		return rtask_fault(x, f->open, u, arena_printf(x->r->a, "is "
		                   "run by more than its %lld threads",
		                   (long long)u->cand->threads));
	return 0;
}

/* All threads of the vEU come to tamp_idle, whatever b returned from: its
 * barriers count those that are there. */
static int
check_counting(const struct text *x, const struct used *u,
               const struct function *b)
{
	for (size_t i = b->open; i < b->close; i++)
		if (meets_at(x, i) & MEETS_ALL)
			return rtask_fault(x, i, u, "meets a barrier that does "
			                   "not count threads that are done");
	return 0;
}

/* body_7(tamp_task, tamp_args); at i, or of a template, and of nothing else,
 * body_7<float, 16>(tamp_task, tamp_args);
 * past it, or the number of tokens. */
static size_t
past_call(const struct text *x, size_t i, const struct function *b)
{
	size_t end = x->v.n;

	if (!text_is(x, i++, b->name))
		return end;
	if (text_is(x, b->head, "template"))
		i = text_past_angles(x, i);
	text_match(x, i, "( tamp_task , tamp_args ) ;", NULL, &end);
	return end;
}

/* An rTask in two functions: inst_N calls body_N, and there may be threads that
 * the vEU has beside its own:
 * inst_N { if (threadIdx.x < 128) body_N(...); tamp_idle(); }
 * A template needs no more than the call, where it is as one function alone:
 * inst_N { body_N<...>(...); } */
static int
check_call_of_body(const struct text *x, const struct used *u,
                   const struct function *f, const struct function *b)
{
	size_t i = f->open + 1;
	uint64_t n = (uint64_t)u->cand->threads;
	bool few = u->cand->threads < most_threads(x->t, u);
	bool guard = text_match(x, i, "if ( threadIdx . x < # )", &n, &i);

	i = past_call(x, i, b);
	if (i >= x->v.n)
		return rtask_fault(x, f->open, u, arena_printf(x->r->a, "does "
		                   "not call its own %s", b->name));
	if (i == f->close && !guard && !(b->meets & MEETS_IDLE) &&
	    text_is(x, b->head, "template"))
		return check_plain(x, u, b);
	if (guard != few || n != (uint64_t)u->cand->threads ||
	    !text_match(x, i, "tamp_idle ( ) ; }", NULL, NULL))
		return rtask_fault(x, f->open, u, arena_printf(x->r->a, "does "
		                   "not let its %lld threads, and all others of "
		                   "the vEU, come to tamp_idle()",
		                   (long long)u->cand->threads));
	return check_counting(x, u, b);
}

/* An rTask in one function: no other is its body. */
static int
check_alone(const struct text *x, const struct used *u,
            const struct function *f)
{
	uint64_t n;

	for (size_t i = f->open; i < f->close; i++)
		if (text_numbered(text_word(x, i), "body_", &n))
			return rtask_fault(x, i, u, arena_printf(x->r->a, "has "
			                   "'%s', which is not its own",
			                   text_word(x, i)));
	if (f->meets & MEETS_IDLE)
		return rtask_fault(x, f->open, u, "has a barrier that counts "
		                   "threads that are done, and no tamp_idle()");
	return check_plain(x, u, f);
}

static int
check_rtasks(const struct text *x, bool gpu)
{
	for (size_t k = 0; k < x->t->instances.n; k++) {
		const struct used *u = &x->t->instances.v[k];
		const char *name = arena_printf(x->r->a, "inst_%zu", k);
		const struct function *f = text_find(x, name);
		const struct function *b = text_find(x, arena_printf(x->r->a,
		                                     "body_%zu", k));

		if (!f)
			return rtask_fault(x, x->v.n, u, arena_printf(x->r->a,
			                   "has no function %s", name));
		if (!gpu)
			continue;
		if ((b ? check_call_of_body(x, u, f, b) : check_alone(x, u, f)) < 0)
			return -1;
	}
	return 0;
}

/* --- launch kernels ---------------------------------------------------------------- */

/* switch (instance) { case 3: TAMP_CALL(3); break; ... } */
static int
check_call(const struct text *x, uint64_t code)
{
	const struct function *f = text_find(x, arena_printf(x->r->a, "call_%llu",
	                                (unsigned long long)code));
	bool *has = arena_array(x->r->a, x->t->instances.n + 1, sizeof *has);
	uint64_t n[2];
	size_t i;

	if (!f || !text_match(x, f->open, "{ switch ( instance ) {", n, &i))
		return diag_error(x->r->d, text_at(x, f ? f->open : x->v.n),
		                  "launch shape %llu has no dispatch",
		                  (unsigned long long)code);
	while (text_match(x, i, "case # : TAMP_CALL ( # ) ; break ;", n, &i)) {
		if (n[0] != n[1] || n[0] >= x->t->instances.n || has[n[0]])
			return diag_error(x->r->d, text_at(x, i - 8), "case %llu of "
			                  "launch shape %llu runs inst_%llu",
			                  (unsigned long long)n[0],
			                  (unsigned long long)code,
			                  (unsigned long long)n[1]);
		has[n[0]] = true;
	}
	if (!text_match(x, i, "} }", n, &i) || i != f->close + 1)
		return diag_error(x->r->d, text_at(x, i), "launch shape %llu does "
		                  "more than run rTasks", (unsigned long long)code);
	for (size_t k = 0; k < x->t->instances.n; k++)
		if (has[k] != x->t->instances.v[k].codes[code])
			return rtask_fault(x, f->open, &x->t->instances.v[k],
			                   arena_printf(x->r->a, has[k] ?
			                   "is none of launch shape %llu" :
			                   "is missing in launch shape %llu",
			                   (unsigned long long)code));
	return 0;
}

static int
check_kernel(const struct text *x, uint64_t code, const struct tamp_launch *l,
             int64_t width)
{
	int64_t units = x->t->r->plan->device->units;
	bool guarded = x->t->h.conditions.count > 0 &&
		l >= x->t->launches + x->t->h.init_launches;
	uint64_t n[2];
	size_t i;
	const struct function *f = text_find(x, arena_printf(x->r->a, "launch_%llu",
	                                (unsigned long long)code));

	if (!f)
		return diag_error(x->r->d, text_at(x, x->v.n), "launch shape %llu "
		                  "has no kernel", (unsigned long long)code);
	if (!text_match(x, f->head, arena_printf(x->r->a, "extern \"C\" __global__ "
	           "void __launch_bounds__ ( # , # ) launch_%llu ( struct "
	           "tamp_launch_args a ) { tamp_veu_main %s( a , call_%llu ) ; }",
	           (unsigned long long)code, guarded ? "< true > " : "",
	           (unsigned long long)code), n, &i))
		return diag_error(x->r->d, text_at(x, f->head), "the kernel of "
		                  "launch shape %llu is not the vEU's loop alone",
		                  (unsigned long long)code);
	if (n[0] != l->threads || (int64_t)n[1] != (width + units - 1) / units)
		return diag_error(x->r->d, text_at(x, f->head), "launch shape %llu "
		                  "has bounds for %llu threads and %llu vEUs a "
		                  "unit: the plan's are %u and %lld",
		                  (unsigned long long)code,
		                  (unsigned long long)n[0],
		                  (unsigned long long)n[1], l->threads,
		                  (long long)((width + units - 1) / units));
	return 0;
}

/* Past "tamp_codes[] = {", or the number of tokens. */
static size_t
find_table(const struct text *x, const char *name)
{
	const char *head = arena_printf(x->r->a, "%s [ ] = {", name);
	size_t end;

	for (size_t i = 0; i < x->v.n; i++)
		if (text_match(x, i, head, NULL, &end))
			return end;
	return x->v.n;
}

static int
check_codes(const struct text *x)
{
	const struct tables *t = x->t;
	size_t i = find_table(x, "tamp_codes");
	uint64_t ncodes = 0, n;

	for (uint64_t k = 0; k < t->h.launches.count; k++)
		if (t->launches[k].code >= ncodes)
			ncodes = (uint64_t)t->launches[k].code + 1;
	for (uint64_t c = 0; c < ncodes; c++) {
		const struct tamp_launch *l = NULL;
		int64_t width = 0;

		for (uint64_t k = 0; k < t->h.launches.count; k++)
			if (t->launches[k].code == c) {
				l = &t->launches[k];
				width = l->width > width ? l->width : width;
			}
		if (!l || check_call(x, c) < 0 || check_kernel(x, c, l, width) < 0)
			return -1;
		if (!text_match(x, i, arena_printf(t->r->a, "{ launch_%llu , "
		           "\"launch_%llu\" , # } ,", (unsigned long long)c,
		           (unsigned long long)c), &n, &i) || n != l->threads)
			return diag_error(t->r->d, text_at(x, i), "launch shape %llu "
			                  "is not in its place in tamp_codes",
			                  (unsigned long long)c);
	}
	return 0;
}

/* --- tables -------------------------------------------------------------------------- */

/* A C string literal as emitted: octal escapes, and one of " and \. */
static const char *
unquote(const struct text *x, size_t i)
{
	const char *s = text_word(x, i);
	struct str out;
	const char *made;

	str_init(&out);
	for (s++; *s && s[1]; s++)
		if (*s != '\\')
			str_addc(&out, *s);
		else if (strspn(s + 1, "01234567") >= 3) {
			str_addc(&out, (char)((s[1] - '0') * 64 +
			         (s[2] - '0') * 8 + s[3] - '0'));
			s += 3;
		} else {
			str_addc(&out, *++s);
		}
	made = arena_strndup(x->r->a, out.s, out.len);
	str_release(&out);
	return made;
}

/* {"MatMul.1 gemv_rows/32", inst_9} */
static int
check_instances(const struct text *x)
{
	size_t i = find_table(x, "tamp_instances");

	for (size_t k = 0; k < x->t->instances.n; k++, i += 6) {
		const struct used *u = &x->t->instances.v[k];
		const char *name = arena_printf(x->r->a, "%s %s",
		                                u->cls->class, u->cand->use);

		if (i + 5 >= x->v.n || !text_is(x, i, "{") ||
		    x->v.v[i + 1].kind != TOK_STRING ||
		    !str_eq(unquote(x, i + 1), name) ||
		    !text_match(x, i + 2, arena_printf(x->r->a, ", inst_%zu } ,",
		           k), NULL, NULL))
			return rtask_fault(x, i, u, arena_printf(x->r->a, "is "
			                   "not number %zu of tamp_instances", k));
	}
	return 0;
}

static int
check_number(const struct text *x, const char *name, uint64_t should)
{
	const char *text = arena_printf(x->r->a, "%s = # ;", name);
	uint64_t n = 0;

	for (size_t i = 0; i < x->v.n; i++)
		if (text_match(x, i, text, &n, NULL))
			return n == should ? 0 : diag_error(x->r->d, text_at(x, i),
				"%s is %llu, plan.bin's is %llu", name,
				(unsigned long long)n, (unsigned long long)should);
	return diag_error(x->r->d, text_at(x, x->v.n), "%s is missing", name);
}

int
reread_source(const struct tables *t, enum target_kind k,
              const struct source *src)
{
	struct text x = {.r = t->r, .t = t};

	if (text_read(&x, src) < 0 || check_macros(&x) < 0)
		return -1;
	find_barriers(&x);
	if (check_words(&x) < 0 || check_rtasks(&x, k != TARGET_HOST) < 0)
		return -1;
	if ((k == TARGET_HOST ? check_instances(&x) : check_codes(&x)) < 0)
		return -1;
	return check_number(&x, "tamp_ninstances", t->h.ninstances) < 0
		? -1 : check_number(&x, "tamp_instances_hash",
		                    t->h.instances_hash);
}
