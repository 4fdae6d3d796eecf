/* Dealing out: the rTasks of an rOperator may be cut along an axis of their grid into
 * as many stretches as there are vEUs; or each goes where most of what it reads was
 * written, as long as that vEU has no more than its part; or they are dealt out in
 * turn.  Each way has a price, the bytes that vEUs have to bring in: those that
 * another one wrote last, or none did, counted once for each vEU that reads them; and
 * what it could bring in while it waits, once for each range of neighbouring rTasks
 * beyond the first.  The cheapest is taken.
 *
 * Bytes that some vEU wrote are counted in blocks, each of the vEU that wrote all of
 * it last. */
#include "policy/deal.h"

#include "rkernel/roofline.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS 2048		/* of a tensor at most, */
#define SHIFT_MIN 6		/* log2 of their least bytes */
#define RANGES_MAX 8		/* of a vEU, in the mean: a schedule is read */
#define THERE_MAX (1 << 22)	/* rTasks times vEUs: more are not weighed singly */
#define LOOKS 4			/* blocks that take as long as an rTask elsewhere */

enum { NOBODY = -1, SEVERAL = -2 };

struct blocks {			/* of a tensor that lies by itself */
	int shift;		/* log2 of a block's bytes; 0: nobody wrote it */
	int32_t *veu;		/* [block] whose it is */
	int64_t *seen;		/* [block] by which count */
};

struct pull {			/* of an rTask to where most of its data are */
	int64_t task;
	float by;		/* bytes more than where the next most are */
};

struct deal {
	struct plan *p;
	struct schedule *s;
	struct needs *needs;
	struct arena *tmp;
	struct diag *d;
	struct blocks *of;	/* [tensor] */
	int64_t counts, looks;	/* so far */
	double range_bytes;	/* what a range more costs */

	/* of the rOperator at hand; vEUs count from the first that it has */
	int rop;
	int64_t n, first, veus;
	int32_t *veu, *best;	/* [rTask] in the way that is looked at, and in the
				 * cheapest */
	int64_t *order;		/* rTasks by vEU, in the way that is looked at */
	float *there;		/* [rTask][vEU] bytes it reads that that one wrote */
	size_t room;		/* of there */
	struct pull *pull;	/* [rTask] */
	int64_t *has;		/* [vEU] rTasks, or boxes */
	struct box *hull;	/* [vEU] of what it reads of an argument */
};

/* --- blocks -------------------------------------------------------------- */

struct visit {			/* of the blocks that an rTask touches */
	struct blocks *b;
	int64_t offset;
	int64_t first, veus;
	int32_t veu;
	int64_t count;
	double bytes;		/* brought in */
	float *there;
};

typedef void visit_fn(struct visit *v, int64_t block, int64_t bytes);

struct visiting {
	struct visit *v;
	visit_fn *f;
	int64_t *looks;
};

static void
make_blocks(struct deal *d, int root)
{
	struct blocks *b = &d->of[root];
	int64_t n = d->p->tensors.v[root].bytes;

	for (b->shift = SHIFT_MIN; n >> b->shift >= BLOCKS; b->shift++)
		;
	n = (n >> b->shift) + 1;
	b->veu = arena_array(d->tmp, (size_t)n, sizeof *b->veu);
	b->seen = arena_array(d->tmp, (size_t)n, sizeof *b->seen);
	for (int64_t k = 0; k < n; k++)
		b->veu[k] = NOBODY;
}

/* Each block of a run of bytes, and how much of it that is. */
static void
visit_run(void *ctx, int64_t at, int64_t n)
{
	struct visiting *x = ctx;
	int shift = x->v->b->shift;
	int64_t end = at + x->v->offset + n;

	at += x->v->offset;
	for (int64_t k = at >> shift; at < end; k++) {
		int64_t next = (k + 1) << shift;

		x->f(x->v, k, (next < end ? next : end) - at);
		at = next;
		(*x->looks)++;
	}
}

/* What rTask "task" touches of an argument. */
static void
visit(struct deal *d, size_t arg, int64_t task, struct visit *v, visit_fn *f)
{
	const struct parg *g = &d->p->rops.v[d->rop].args.v[arg];
	const struct ptensor *t = &d->p->tensors.v[g->tensor];
	const struct boxset *s = needs_boxes(d->needs, d->rop, arg);
	struct visiting x = {v, f, &d->looks};
	size_t k = s->same ? 0 : (size_t)task;

	v->b = &d->of[t->root];
	v->offset = t->offset;
	for (size_t i = s->first[k]; i < s->first[k + 1]; i++)
		box_runs(&s->v[i], &g->stored, dtype_bytes(t->type), visit_run,
		         &x);
}

static void
own(struct visit *v, int64_t block, int64_t bytes)
{
	int32_t *of = &v->b->veu[block];
	bool whole = bytes == (int64_t)1 << v->b->shift;

	*of = whole || *of == NOBODY || *of == v->veu ? v->veu : SEVERAL;
}

static void
bring(struct visit *v, int64_t block, int64_t bytes)
{
	(void)bytes;
	if (v->b->seen[block] == v->count)
		return;
	v->b->seen[block] = v->count;
	if (v->b->veu[block] != v->veu)
		v->bytes += (double)((int64_t)1 << v->b->shift);
}

static void
find(struct visit *v, int64_t block, int64_t bytes)
{
	int64_t veu = v->b->veu[block] - v->first;

	if (veu >= 0 && veu < v->veus)
		v->there[veu] += (float)bytes;
}

/* --- prices -------------------------------------------------------------- */

/* Sets order; has is for that. */
static void
sort(struct deal *d)
{
	memset(d->has, 0, (size_t)(d->veus + 1) * sizeof *d->has);
	for (int64_t t = 0; t < d->n; t++)
		d->has[d->veu[t] + 1]++;
	for (int64_t v = 0; v < d->veus; v++)
		d->has[v + 1] += d->has[v];
	for (int64_t t = 0; t < d->n; t++)
		d->order[d->has[d->veu[t]]++] = t;
}

/* Whether all rTasks touch the same of an argument. */
static bool
is_same(const struct deal *d, size_t arg)
{
	const struct boxset *s = needs_boxes(d->needs, d->rop, arg);
	size_t n = (size_t)s->hull.nd * sizeof *s->hull.lo;

	for (int64_t t = 0; t < d->n && !s->same; t++) {
		const struct box *b = &s->v[s->first[t]];

		if (s->first[t + 1] - s->first[t] != 1 ||
		    memcmp(b->lo, s->hull.lo, n) != 0 ||
		    memcmp(b->hi, s->hull.hi, n) != 0)
			return false;
	}
	return true;
}

/* Bytes of an argument that vEUs read which others wrote. */
static double
crossing(struct deal *d, size_t arg)
{
	struct visit v = {.veu = NOBODY};
	bool same = is_same(d, arg);

	for (int64_t k = 0; k < d->n; k++) {
		int64_t t = d->order[k];
		int32_t veu = (int32_t)d->first + d->veu[t];

		if (same && veu == v.veu)
			continue;
		d->counts += veu != v.veu;
		v.veu = veu;
		v.count = d->counts;
		visit(d, arg, t, &v, bring);
	}
	return v.bytes;
}

/* Bytes that vEUs read of an argument that nobody wrote: about, for what lies between
 * the boxes of a vEU counts too. */
static double
coming(struct deal *d, size_t arg)
{
	const struct boxset *s = needs_boxes(d->needs, d->rop, arg);
	double elems = 0;

	memset(d->has, 0, (size_t)d->veus * sizeof *d->has);
	for (int64_t t = 0; t < d->n; t++) {
		size_t k = s->same ? 0 : (size_t)t;

		for (size_t i = s->first[k]; i < s->first[k + 1]; i++)
			if (d->has[d->veu[t]]++)
				box_widen(&d->hull[d->veu[t]], &s->v[i]);
			else
				d->hull[d->veu[t]] = s->v[i];
	}
	for (int64_t i = 0; i < d->veus; i++)
		if (d->has[i])
			elems += (double)box_elems(&d->hull[i]);
	return elems * (double)dtype_bytes((enum dtype)
		d->p->rops.v[d->rop].args.v[arg].arg->type);
}

/* Ranges of rTasks, in all. */
static int64_t
ranges(const struct deal *d)
{
	int64_t n = 1;

	for (int64_t t = 1; t < d->n; t++)
		n += d->veu[t] != d->veu[t - 1];
	return n;
}

static double
price(struct deal *d)
{
	const struct prop *r = &d->p->rops.v[d->rop];
	double bytes = d->range_bytes * (double)(ranges(d) - d->veus);

	sort(d);
	for (size_t i = 0; i < r->cls->args.n; i++)
		if (!parg_written(r, i))
			bytes += d->of[d->p->tensors.v[
				r->args.v[i].tensor].root].shift
				? crossing(d, i) : coming(d, i);
	d->looks += d->n;
	return bytes;
}

/* --- ways ---------------------------------------------------------------- */

static void
in_turn(struct deal *d)
{
	for (int64_t t = 0; t < d->n; t++)
		d->veu[t] = (int32_t)(t % d->veus);
}

static int64_t
length(const struct prop *r, size_t axis)
{
	return axis < r->cand->grid.n ? r->cand->grid.v[axis] : 1;
}

/* In stretches along an axis: all that have the same place on it stand together. */
static void
along(struct deal *d, size_t axis)
{
	const struct prop *r = &d->p->rops.v[d->rop];
	int64_t len = length(r, axis), inner = 1, outer;

	for (size_t i = 0; i < axis; i++)
		inner *= length(r, i);
	outer = d->n / (inner * len);
	for (int64_t t = 0; t < d->n; t++) {
		int64_t at = t / inner % len;
		int64_t k = (at * outer + t / (inner * len)) * inner + t % inner;
		int64_t longer = d->n % d->veus, each = d->n / d->veus;

		d->veu[t] = (int32_t)(k < longer * (each + 1) ? k / (each + 1)
			: longer + (k - longer * (each + 1)) / each);
	}
}

static int
by_pull(const void *a, const void *b)
{
	const struct pull *x = a, *y = b;

	if (x->by != y->by)
		return x->by > y->by ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

/* Where most of an rTask's data are, of vEUs that may have more: each has its part,
 * and "more" of them one rTask beyond it. */
static int32_t
nearest(const struct deal *d, int64_t task, int64_t more)
{
	const float *there = d->there + task * d->veus;
	int64_t each = d->n / d->veus;
	int32_t best = -1;

	for (int64_t v = 0; v < d->veus; v++)
		if (d->has[v] < each + (more > 0) &&
		    (best < 0 || there[v] > there[best]))
			best = (int32_t)v;
	return best;
}

static float
pull_of(const struct deal *d, int64_t task)
{
	const float *there = d->there + task * d->veus;
	float first = 0, second = 0;

	for (int64_t v = 0; v < d->veus; v++) {
		if (there[v] > first) {
			second = first;
			first = there[v];
		} else if (there[v] > second) {
			second = there[v];
		}
	}
	return first - second;
}

static void
find_there(struct deal *d)
{
	const struct prop *r = &d->p->rops.v[d->rop];
	struct visit v = {.first = d->first, .veus = d->veus};
	size_t n = (size_t)(d->n * d->veus);

	if (n > d->room) {
		d->room = 2 * n;
		d->there = arena_array(d->tmp, d->room, sizeof *d->there);
	}
	memset(d->there, 0, n * sizeof *d->there);
	for (size_t i = 0; i < r->cls->args.n; i++) {
		if (parg_written(r, i) || is_same(d, i) ||
		    !d->of[d->p->tensors.v[r->args.v[i].tensor].root].shift)
			continue;
		for (int64_t t = 0; t < d->n; t++) {
			v.there = d->there + t * d->veus;
			visit(d, i, t, &v, find);
		}
	}
}

/* To where the data are: those that are drawn most choose first.  false: none is. */
static bool
to_data(struct deal *d)
{
	int64_t each = d->n / d->veus, more = d->n % d->veus;

	if (d->n > THERE_MAX / d->veus)
		return false;
	find_there(d);
	for (int64_t t = 0; t < d->n; t++)
		d->pull[t] = (struct pull){t, pull_of(d, t)};
	qsort(d->pull, (size_t)d->n, sizeof *d->pull, by_pull);
	memset(d->has, 0, (size_t)d->veus * sizeof *d->has);
	for (int64_t k = 0; k < d->n; k++) {
		int64_t t = d->pull[k].task;

		d->veu[t] = nearest(d, t, more);
		more -= d->has[d->veu[t]]++ == each;
	}
	d->looks += 2 * d->n * d->veus;
	return d->pull[0].by > 0;
}

/* The cheapest way so far: its name, and what it costs. */
struct way {
	const char *name;	/* NULL: there is none */
	double bytes;
};

/* Keeps the way that is looked at if it is the cheapest. */
static void
consider(struct deal *d, const char *name, struct way *best)
{
	int32_t *was = d->best;
	double bytes = price(d);

	if (best->name && bytes >= best->bytes)
		return;
	*best = (struct way){name, bytes};
	d->best = d->veu;
	d->veu = was;
}

/* A step that is in turn shows as one. */
static bool
shows(const struct deal *d)
{
	return ranges(d) <= RANGES_MAX * d->veus;
}

/* Sets best; false: it is in turn.  Of two that cost the same, the one in stretches
 * is better for what follows. */
static bool
cheapest(struct deal *d)
{
	static const char *const axes[] = {"along x", "along y", "along z"};
	static const char turn[] = "in turn";
	const struct prop *r = &d->p->rops.v[d->rop];
	bool few = d->n <= d->veus;	/* one each, however they are cut */
	struct way best = {0};

	if (few) {
		in_turn(d);
		consider(d, turn, &best);
	}
	for (size_t axis = 3; axis-- > 0 && !few;) {
		if (length(r, axis) < 2)
			continue;
		along(d, axis);
		if (shows(d))
			consider(d, axes[axis], &best);
	}
	if (best.bytes > 0 && to_data(d) && shows(d))
		consider(d, "to where their data are", &best);
	if (!few) {
		in_turn(d);
		consider(d, turn, &best);
	}
	if (best.name != turn)
		diag_explain(d->d, "%s: rTasks dealt out %s: its vEUs bring in "
		             "%.0f bytes", r->rop->run, best.name, best.bytes);
	return best.name != turn;
}

/* --- steps --------------------------------------------------------------- */

/* rTasks from .. to - 1 have run, each on its vEU. */
static void
note(struct deal *d, int64_t from, int64_t to, const int32_t *veu)
{
	const struct prop *r = &d->p->rops.v[d->rop];

	for (size_t i = 0; i < r->cls->args.n; i++) {
		int root = d->p->tensors.v[r->args.v[i].tensor].root;
		struct visit v = {0};
		bool all;

		if (!parg_written(r, i))
			continue;
		if (!d->of[root].shift)
			make_blocks(d, root);
		all = d->n > 1 && d->veus > 1 && is_same(d, i);
		for (int64_t t = from; t < to; t++) {
			v.veu = all ? SEVERAL : (int32_t)d->first + veu[t];
			visit(d, i, t, &v, own);
		}
	}
}

static void
run_ranges(struct deal *d)
{
	for (int64_t v = 0; v < d->veus; v++)
		for (int64_t t = 0, end; t < d->n; t = end) {
			for (end = t + 1; end < d->n &&
			     d->best[end] == d->best[t]; end++)
				;
			if (d->best[t] == v)
				sched_run(d->p, d->s, d->rop, t, end - 1,
				          d->first + v, d->first + v);
		}
	note(d, 0, d->n, d->best);
}

static void
run(struct deal *d, const struct step *o)
{
	int64_t from = o->tasks.lo, to = o->tasks.hi + 1;

	d->rop = plan_rop(d->p, o->run, o->rop);
	d->n = d->p->rops.v[d->rop].ntasks;
	d->first = o->veus.lo;
	d->veus = o->veus.hi - d->first + 1;
	if (d->veus > 1 && d->n > 1 && !o->after.n && to - from == d->n &&
	    cheapest(d)) {
		run_ranges(d);
		return;
	}
	vec_push(d->p->a, &d->s->steps, *o);
	for (int64_t t = from; t < to; t++)
		d->veu[t] = (int32_t)((t - from) % d->veus);
	note(d, from, to, d->veu);
}

/* Room for any rOperator of the plan on any of its vEUs. */
static void
make_room(struct deal *d, const struct schedule *s)
{
	size_t n = 1, veus = 1;

	for (size_t i = 0; i < d->p->rops.n; i++)
		if ((size_t)d->p->rops.v[i].ntasks > n)
			n = (size_t)d->p->rops.v[i].ntasks;
	for (size_t i = 0; i < s->steps.n; i++)
		if (s->steps.v[i].run && (size_t)s->steps.v[i].veus.hi >= veus)
			veus = (size_t)s->steps.v[i].veus.hi + 1;
	d->veu = arena_array(d->tmp, n, sizeof *d->veu);
	d->best = arena_array(d->tmp, n, sizeof *d->best);
	d->order = arena_array(d->tmp, n, sizeof *d->order);
	d->pull = arena_array(d->tmp, n, sizeof *d->pull);
	d->has = arena_array(d->tmp, veus + 1, sizeof *d->has);
	d->hull = arena_array(d->tmp, veus, sizeof *d->hull);
	d->of = arena_array(d->tmp, d->p->tensors.n + 1, sizeof *d->of);
}

void
deal_near(struct plan *p, struct schedule *s, struct needs *n, struct arena *tmp,
          int64_t *work, struct diag *diag)
{
	const struct device *v = p->device;
	struct deal d = {.p = p, .s = s, .needs = n, .tmp = tmp, .d = diag};
	struct schedule was = *s;

	if (roofline_bytes(v, NEAR_UNIT) <= 0)
		return;
	d.range_bytes = v->counter_us * 1e3 * roofline_unit_gbps(v, NEAR_SHARED);
	make_room(&d, s);
	memset(&s->steps, 0, sizeof s->steps);
	vec_room(p->a, &s->steps, was.steps.n);
	for (size_t i = 0; i < was.steps.n; i++)
		if (was.steps.v[i].run)
			run(&d, &was.steps.v[i]);
		else
			vec_push(p->a, &s->steps, was.steps.v[i]);
	*work += d.looks / LOOKS;
}
