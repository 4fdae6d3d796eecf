/* Order: every rTask comes after all that it needs.
 *
 * At each rTask of the walk, and for each rOperator it needs: if the last
 * rTasks of that one on every vEU are known to be done, all is well; only if
 * not, those whose regions may meet its own are looked at, one by one. */
#include "verify/check.h"
#include "yaml/ywrite.h"

struct last {			/* of an rOperator */
	bool made;
	int phase;
	struct fat *v;
	size_t n;
};

struct miss {			/* a need that is not met: the smallest pair */
	const struct need *need;
	int64_t t, u;		/* rTasks of need->p and need->q */
	const struct need_pair *pair;
	struct box at;
};

struct checker {
	const struct flow *f;
	struct needs *n;
	struct last *last;	/* [rop] */
	int32_t *slot;		/* [width] for flow_last */
	struct fat *room;	/* [width] the same */
	int *miss_of;		/* [need] index of its miss, or -1 */
	VEC(struct miss) misses;
};

static const struct last *
last_of(struct checker *c, int rop)
{
	struct last *l = &c->last[rop];

	if (!l->made) {
		l->made = true;
		l->n = flow_last(c->f, rop, c->slot, c->room);
		l->v = arena_array(c->f->a, l->n, sizeof *l->v);
		if (l->n)
			memcpy(l->v, c->room, l->n * sizeof *l->v);
		l->phase = flow_last_phase(c->f, rop);
	}
	return l;
}

static bool
all_before(struct checker *c, const struct walk *w, int64_t veu, int rop)
{
	const struct last *l = last_of(c, rop);

	if (l->phase < w->phase)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (!walk_before(w, veu, l->v[i]))
			return false;
	return true;
}

static void
found(struct checker *c, const struct need *d, int64_t t, int64_t u,
      const struct need_pair *pair, const struct box *at)
{
	int *i = &c->miss_of[d - c->n->v.v];

	if (*i < 0) {
		*i = (int)c->misses.n;
		(void)vec_add(c->f->a, &c->misses);
	}
	c->misses.v[*i] = (struct miss){d, t, u, pair, *at};
}

/* The first rTask before "end" that u needs through the pair and that does not
 * come before it; end if there is none. */
static int64_t
first_miss(struct checker *c, const struct walk *w, const struct need_search *s,
           int64_t veu, int64_t end, struct box *at)
{
	const struct fat *p = c->f->at[s->d->p];

	for (int64_t t = need_next(s, 0); t >= 0 && t < end;
	     t = need_next(s, t + 1))
		if (!walk_before(w, veu, p[t]) && need_meets(s, t, at))
			return t;
	return end;
}

static void
check_need(struct checker *c, const struct walk *w, const struct need *d,
           int64_t u, int64_t veu)
{
	int miss = c->miss_of[d - c->n->v.v];
	int64_t n = c->f->p->rops.v[d->p].ntasks, first = n;

	if (miss >= 0 && c->misses.v[miss].u < u)
		return;
	for (size_t i = 0; i < d->pairs.n; i++) {
		struct need_search s;
		struct box at;
		int64_t t;

		need_search(&s, c->n, d, &d->pairs.v[i], u);
		t = first_miss(c, w, &s, veu, first, &at);
		if (t < first)
			found(c, d, t, u, &d->pairs.v[i], &at);
		first = t;
	}
}

static void
visit(void *ctx, const struct walk *w, const struct fstep *s, int64_t task,
      int64_t veu)
{
	struct checker *c = ctx;
	int q = s->rop;

	for (size_t i = c->n->first[q]; i < c->n->first[q + 1]; i++) {
		const struct need *d = &c->n->v.v[i];

		if (!d->pairs.n)
			continue;
		if (d->p == q || !all_before(c, w, veu, d->p))
			check_need(c, w, d, task, veu);
	}
}

/* --- saying it --------------------------------------------------------------- */

/* What the later one of a pair does, where nothing but its order is wrong. */
static const char *
deed(const struct prop *p, const struct prop *q, const struct need_pair *k)
{
	bool p_writes = parg_written(p, k->parg);

	if (!parg_written(q, k->qarg))
		return parg_guards(q, k->qarg) ?
			"is told whether to run by what %s writes" :
			"reads what %s writes";
	if (p_writes)
		return "writes what %s writes too";
	return parg_guards(p, k->parg) ?
		"overwrites what tells %s whether to run" :
		"overwrites what %s reads";
}

/* Notes that the later rTask does wait for the other's rOperator, but not for
 * that one: some wait of its step names others. */
static void
note_waits(const struct flow *f, const struct fstep *s, int64_t u, int rop,
           struct diag *d)
{
	size_t n;
	const struct fwait *x = flow_waits(f, s, s->each ? u : s->lo, &n);

	for (size_t k = 0; k < n; k++) {
		const struct after *w = &s->step->after.v[x[k].after];
		const struct piece *from = &f->pieces.v[x[k].piece];

		if (from->rop == rop)
			diag_note(d, w->at ? record_pos(w, "tasks") :
			          step_pos(s->step, "after"), "by this wait it "
			          "comes after rTasks %lld..%lld of '%s'",
			          (long long)from->lo,
			          (long long)from[x[k].n - 1].hi, w->run);
	}
}

static void
say(const struct checker *c, const struct miss *m, const struct clocks *k,
    struct diag *d)
{
	const struct flow *f = c->f;
	const struct need *n = m->need;
	const struct prop *rp = &f->p->rops.v[n->p], *rq = &f->p->rops.v[n->q];
	struct fat a = f->at[n->p][m->t], b = f->at[n->q][m->u];
	const struct fstep *sa = flow_step_of(f, a), *sb = flow_step_of(f, b);
	const char *first = task_text(f, n->p, m->t);
	const char *what = deed(rp, rq, m->pair);
	const char *tensor = f->p->tensors.v[
		rq->args.v[m->pair->qarg].tensor].name;
	struct str s;
	bool late;

	str_init(&s);
	str_add(&s, task_text(f, n->q, m->u));
	str_addc(&s, ' ');
	for (const char *w = what; *w; w++)
		if (w[0] == '%' && w[1] == 's') {
			str_add(&s, first);
			w++;
		} else {
			str_addc(&s, *w);
		}
	late = clocks_before(k, n->q, m->u, n->p, m->t);
	str_add(&s, late ? ", but comes before it" : ", and nothing orders them");
	diag_error(d, step_pos(sb->step, "run"), "%s", s.s);
	diag_note(d, step_pos(sa->step, "run"), "%s is on vEU %d, the other on "
	          "vEU %d; what they share is %s of '%s'", first, a.veu, b.veu,
	          box_text(f->a, &m->at), tensor);
	note_waits(f, sb, m->u, n->p, d);
	if (!late) {
		str_clear(&s);
		yw_quote(&s, rp->rop->run, strlen(rp->rop->run));
		diag_note(d, POS_NONE, "a barrier between them, or 'after: "
		          "[{run: %s}]' on the later line, would order them",
		          s.s);
	}
	str_release(&s);
}

static void
note(const struct checker *c, const struct miss *m)
{
	const struct need *n = m->need;
	struct witness_pair w = {n->p, n->q, m->t, m->u, -1, 0, 0};

	/* where the two shapes are not one, the box may be of either */
	if (m->pair->same)
		witness_box(c->f->p, n->q, m->pair->qarg, &m->at, &w);
	witness_add(c->f, w);
}

static int
by_place(const void *a, const void *b)
{
	const struct miss *x = a, *y = b;

	if (x->need->q != y->need->q)
		return x->need->q < y->need->q ? -1 : 1;
	return x->need->p < y->need->p ? -1 : x->need->p > y->need->p;
}

static int
say_all(struct checker *c, struct diag *d)
{
	struct clocks k;

	if (!c->misses.n)
		return 0;
	clocks_init(&k, c->f);
	for (size_t i = 0; i < c->misses.n; i++)
		clocks_want(&k, c->misses.v[i].need->p);
	clocks_make(&k);
	qsort(c->misses.v, c->misses.n, sizeof *c->misses.v, by_place);
	for (size_t i = 0; i < c->misses.n; i++)
		say(c, &c->misses.v[i], &k, d);
	note(c, &c->misses.v[0]);
	return -1;
}

int
check_order(const struct flow *f, struct needs *n, bool *stuck,
            struct diag *d)
{
	struct checker c = {.f = f, .n = n};
	struct walk w;

	c.last = arena_array(f->a, f->p->rops.n + 1, sizeof *c.last);
	c.slot = arena_array(f->a, (size_t)f->width + 1, sizeof *c.slot);
	c.room = arena_array(f->a, (size_t)f->width + 1, sizeof *c.room);
	c.miss_of = arena_array(f->a, n->v.n + 1, sizeof *c.miss_of);
	for (size_t i = 0; i < n->v.n; i++)
		c.miss_of[i] = -1;
	*stuck = flow_walk(f, &w, visit, &c) < 0;
	if (*stuck)
		return report_deadlock(&w, d);
	return say_all(&c, d);
}
