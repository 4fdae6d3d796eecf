/* Two tensors that share bytes and are not ordered as wholes: exact, from the
 * regions of the rTasks that touch them. */
#include "verify/memory.h"

struct visit {			/* an rTask touches bytes lo .. hi-1 of the base */
	int64_t lo, hi;
	int rop;
	int64_t task;
	bool write;
	int side;		/* 0: the tensor touched first; 1: the other */
};

struct visits {
	struct visit *v;
	size_t n, cap;
};

struct collect {
	struct arena *a;
	struct visits *out;
	struct visit as;
	int64_t at, from, to;	/* of the argument; bytes shared */
};

static void
add_run(void *ctx, int64_t at, int64_t n)
{
	struct collect *c = ctx;
	struct visit v = c->as;

	v.lo = c->at + at;
	v.hi = v.lo + n;
	if (v.lo < c->from)
		v.lo = c->from;
	if (v.hi > c->to)
		v.hi = c->to;
	if (v.lo < v.hi)
		vec_push(c->a, c->out, v);
}

static void
collect_arg(struct sharing *s, int rop, size_t arg, struct collect *c)
{
	const struct plan *p = s->f->p;
	const struct prop *r = &p->rops.v[rop];
	const struct boxset *b = needs_boxes(s->needs, rop, arg);
	const struct parg *g = &r->args.v[arg];
	size_t elem = dtype_bytes(p->tensors.v[g->tensor].type);

	c->as.rop = rop;
	c->as.write = parg_written(r, arg);
	for (int64_t t = 0; t < r->ntasks; t++) {
		int64_t k = b->same ? 0 : t;

		c->as.task = t;
		for (size_t i = b->first[k]; i < b->first[k + 1]; i++)
			box_runs(&b->v[i], &g->stored, elem, add_run, c);
	}
}

/* All that touches tensor l in bytes from .. to-1. */
static void
collect(struct sharing *s, const struct lying *l, int side, int64_t from,
        int64_t to, struct clocks *k, struct visits *out)
{
	const struct plan *p = s->f->p;
	struct collect c = {s->f->a, out, {.side = side}, 0, from, to};

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t g = 0; !r->rop->init && g < r->args.n; g++) {
			const struct ptensor *t =
				&p->tensors.v[r->args.v[g].tensor];

			if (t->root != l->tensor)
				continue;
			clocks_want(k, (int)i);
			c.at = l->lo + t->offset;
			collect_arg(s, (int)i, g, &c);
		}
	}
}

static int
cmp64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int
by_lo(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static bool
before(const struct clocks *k, const struct visit *a, const struct visit *b)
{
	return clocks_before(k, a->rop, a->task, b->rop, b->task);
}

struct clash {			/* what keeps two tensors apart fails here */
	const struct visit *a, *b;
};

/* Whether all of side "first" among the live come before all of the other;
 * if not, *c is a pair that does not, one that writes if there is one. */
static bool
all_in_turn(const struct clocks *k, const struct visit **live, size_t n,
            int first, struct clash *c)
{
	bool ordered = true;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			if (live[i]->side != first || live[j]->side == first ||
			    before(k, live[i], live[j]))
				continue;
			*c = (struct clash){live[i], live[j]};
			if (live[i]->write || live[j]->write)
				return false;
			ordered = false;
		}
	return ordered;
}

/* Looks at each stretch of bytes that the same rTasks touch. */
static bool
stretches(const struct clocks *k, struct visits *v, struct arena *a,
          struct clash *c, struct clash *other)
{
	int64_t *cut = arena_array(a, 2 * v->n + 1, sizeof *cut);
	const struct visit **live = arena_array(a, v->n + 1, sizeof *live);
	size_t nlive = 0, next = 0, n;

	qsort(v->v, v->n, sizeof *v->v, by_lo);
	for (size_t i = 0; i < v->n; i++) {
		cut[2 * i] = v->v[i].lo;
		cut[2 * i + 1] = v->v[i].hi;
	}
	qsort(cut, 2 * v->n, sizeof *cut, cmp64);
	for (size_t i = 0; i < 2 * v->n; i++) {
		if (i && cut[i] == cut[i - 1])
			continue;
		n = 0;
		for (size_t j = 0; j < nlive; j++)
			if (live[j]->hi > cut[i])
				live[n++] = live[j];
		nlive = n;
		while (next < v->n && v->v[next].lo == cut[i])
			live[nlive++] = &v->v[next++];
		if (!all_in_turn(k, live, nlive, 0, c) &&
		    !all_in_turn(k, live, nlive, 1, other))
			return false;
	}
	return true;
}

/* What keeps x before y, or y before x, does not hold of this pair: bytes of
 * x. */
static void
note(const struct sharing *s, const struct lying *x, const struct clash *c)
{
	const struct visit *a = c->a->side == 0 ? c->a : c->b;
	const struct visit *b = c->a->side == 0 ? c->b : c->a;
	int64_t lo = a->lo > b->lo ? a->lo : b->lo;
	int64_t hi = a->hi < b->hi ? a->hi : b->hi;

	witness_add(s->f, (struct witness_pair){a->rop, b->rop, a->task, b->task,
	            x->tensor, lo - x->lo, hi - x->lo});
}

static int
say(struct sharing *s, const struct lying *x, const struct lying *y,
    const struct clash *c, const struct clash *other, struct diag *d)
{
	const struct flow *f = s->f;
	const char *nx = f->p->tensors.v[x->tensor].name;
	const char *ny = f->p->tensors.v[y->tensor].name;
	struct fat a = f->at[c->a->rop][c->a->task];
	struct fat b = f->at[c->b->rop][c->b->task];
	bool one = c->a->rop == c->b->rop && c->a->task == c->b->task;

	if (witness_wanted(f)) {
		note(s, x, c);
		if (!one)
			note(s, x, other);
	}
	if (one)
		diag_error(d, place_pos(y->place, "offset"), "'%s' takes bytes of "
		           "'%s', but %s uses both", ny, nx,
		           task_text(f, c->b->rop, c->b->task));
	else
		diag_error(d, place_pos(y->place, "offset"), "'%s' takes bytes of "
		           "'%s', but %s, which %s '%s', is not ordered after %s, "
		           "which %s '%s'", ny, nx,
		           task_text(f, c->b->rop, c->b->task),
		           c->b->write ? "writes" : "reads", ny,
		           task_text(f, c->a->rop, c->a->task),
		           c->a->write ? "writes" : "reads", nx);
	diag_note(d, place_pos(x->place, "offset"), "'%s' lies here; they share "
	          "bytes %lld..%lld", nx,
	          (long long)(x->lo > y->lo ? x->lo : y->lo),
	          (long long)(x->hi < y->hi ? x->hi : y->hi) - 1);
	diag_note(d, step_pos(flow_step_of(f, b)->step, "run"), "%s runs on vEU "
	          "%d", task_text(f, c->b->rop, c->b->task), b.veu);
	if (!one)
		diag_note(d, step_pos(flow_step_of(f, a)->step, "run"), "%s runs on vEU "
	          "%d", task_text(f, c->a->rop, c->a->task), a.veu);
	return -1;
}

int
shared_check(struct sharing *s, const struct lying *x, const struct lying *y,
             struct diag *d)
{
	int64_t from = x->lo > y->lo ? x->lo : y->lo;
	int64_t to = x->hi < y->hi ? x->hi : y->hi;
	struct visits v = {0};
	struct clocks k;
	struct clash c, other;

	clocks_init(&k, s->f);
	collect(s, x, 0, from, to, &k, &v);
	collect(s, y, 1, from, to, &k, &v);
	clocks_make(&k);
	if (!v.n || stretches(&k, &v, s->f->a, &c, &other))
		return 0;
	return say(s, x, y, &c, &other, d);
}
