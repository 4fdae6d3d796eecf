/* Needs between rOperators, from regions.  Boxes are made once for each class,
 * rKernel and argument, and only when some pair has to be looked at, or someone asks
 * for them. */
#include "verify/needs.h"

static bool
whole_always(const struct prop *r, size_t arg)
{
	const struct parg *g = &r->args.v[arg];
	size_t own = g->host >= 0 ? (size_t)g->host : arg;

	if (parg_guards(r, arg))
		return true;
	return r->args.v[own].arg->out ? !r->writes[own] : !r->reads[own];
}

static bool
all_runs(const struct boxset *s, int64_t ntasks, const struct ints *stored)
{
	for (int64_t t = 0; t < ntasks; t++)
		if (s->first[t + 1] - s->first[t] != 1 ||
		    !box_is_run(&s->v[s->first[t]], stored))
			return false;
	return true;
}

static struct boxset *
make_set(struct needs *n, int rop, size_t arg)
{
	const struct prop *r = &n->plan->rops.v[rop];
	struct boxset *s = arena_new(n->a, struct boxset);
	int64_t ntasks;
	struct boxes b = {0};

	s->same = whole_always(r, arg);
	ntasks = s->same ? 1 : r->ntasks;
	s->first = arena_array(n->a, (size_t)ntasks + 1, sizeof *s->first);
	for (int64_t t = 0; t < ntasks; t++) {
		s->first[t] = b.n;
		plan_boxes(n->plan, rop, arg, t, n->a, &b);
	}
	s->first[ntasks] = b.n;
	s->v = b.v;
	s->hull.nd = (int)r->args.v[arg].stored.n;
	if (b.n)
		s->hull = b.v[0];
	for (size_t i = 1; i < b.n; i++)
		box_widen(&s->hull, &b.v[i]);
	s->runs = all_runs(s, ntasks, &r->args.v[arg].stored);
	return s;
}

static struct boxset *
set_of(struct needs *n, int rop, size_t arg)
{
	const struct prop *r = &n->plan->rops.v[rop];
	size_t c = (size_t)(r->cand - r->cls->kernels.v);
	struct boxset ***of = &n->sets[r->cls_index], **s;

	if (!*of)
		*of = arena_array(n->a, r->cls->kernels.n * r->cls->args.n + 1,
		                  sizeof **of);
	s = parg_guards(r, arg) ? &n->guards[r->args.v[arg].stored.n]
	                        : &(*of)[c * r->cls->args.n + arg];
	if (!*s)
		*s = make_set(n, rop, arg);
	return *s;
}

const struct boxset *
needs_boxes(struct needs *n, int rop, size_t arg)
{
	return set_of(n, rop, arg);
}

bool
needs_share(const struct plan *pl, int p, size_t x, const struct box *a,
            int q, size_t y, const struct box *b)
{
	const struct parg *ga = &pl->rops.v[p].args.v[x];
	const struct parg *gb = &pl->rops.v[q].args.v[y];
	const struct ptensor *ta = &pl->tensors.v[ga->tensor];
	const struct ptensor *tb = &pl->tensors.v[gb->tensor];

	return boxes_share_bytes(a, &ga->stored, dtype_bytes(ta->type),
	                         ta->offset, b, &gb->stored,
	                         dtype_bytes(tb->type), tb->offset);
}

bool
needs_same_place(const struct plan *pl, int p, size_t x, int q, size_t y)
{
	const struct parg *ga = &pl->rops.v[p].args.v[x];
	const struct parg *gb = &pl->rops.v[q].args.v[y];

	return pl->tensors.v[ga->tensor].offset ==
		pl->tensors.v[gb->tensor].offset &&
		shape_eq(&ga->stored, &gb->stored);
}

/* --- finding pairs ----------------------------------------------------------- */

static bool
bytes_meet(const struct ptensor *a, const struct ptensor *b)
{
	return a->root == b->root && a->offset < b->offset + b->bytes &&
		b->offset < a->offset + a->bytes;
}

static struct need_pair
pair_of(const struct plan *pl, int p, size_t x, int q, size_t y)
{
	const struct parg *gp = &pl->rops.v[p].args.v[x];
	const struct parg *gq = &pl->rops.v[q].args.v[y];
	struct need_pair k = {.parg = x, .qarg = y};

	k.same = needs_same_place(pl, p, x, q, y);
	k.boxes = k.same && gp->arg->type == gq->arg->type;
	k.to_p = pl->tensors.v[gq->tensor].offset -
		pl->tensors.v[gp->tensor].offset;
	return k;
}

/* Adds the argument pairs through which q may have to follow p.  Of an
 * rOperator with itself: rTasks that read come before those that write. */
static void
add_need(struct needs *n, int p, int q)
{
	const struct plan *pl = n->plan;
	const struct prop *rp = &pl->rops.v[p], *rq = &pl->rops.v[q];
	struct need d = {.p = p, .q = q};

	for (size_t x = 0; x < rp->args.n; x++)
		for (size_t y = 0; y < rq->args.n; y++) {
			bool wx = parg_written(rp, x), wy = parg_written(rq, y);

			if ((!wx && !wy) || (p == q && (wx || !wy)) ||
			    !bytes_meet(&pl->tensors.v[rp->args.v[x].tensor],
			                &pl->tensors.v[rq->args.v[y].tensor]))
				continue;
			vec_push(n->a, &d.all, pair_of(pl, p, x, q, y));
		}
	if (!d.all.n)
		return;
	d.pairs.v = arena_array(n->a, d.all.n, sizeof *d.pairs.v);
	d.pairs.cap = d.all.n;
	vec_push(n->a, &n->v, d);
}

/* Earlier writers of what q writes: a Concat's parts, usually disjoint. */
struct writers {
	VEC(int) v;
};

static void
add_writers(struct needs *n, struct writers *w, int q, int *mark)
{
	const struct prop *r = &n->plan->rops.v[q];

	for (size_t y = 0; y < r->args.n; y++) {
		struct writers *o;

		if (!parg_written(r, y))
			continue;
		o = &w[n->plan->tensors.v[r->args.v[y].tensor].root];
		for (size_t i = 0; i < o->v.n; i++)
			if (mark[o->v.v[i]] != q) {
				mark[o->v.v[i]] = q;
				add_need(n, o->v.v[i], q);
			}
		if (!o->v.n || o->v.v[o->v.n - 1] != q)
			vec_push(n->a, &o->v, q);
	}
}

static bool
in_place(const struct plan *pl, int q)
{
	const struct prop *r = &pl->rops.v[q];

	for (size_t x = 0; x < r->args.n; x++)
		for (size_t y = 0; y < r->args.n; y++)
			if (!parg_written(r, x) && parg_written(r, y) &&
			    pl->tensors.v[r->args.v[x].tensor].root ==
			    pl->tensors.v[r->args.v[y].tensor].root)
				return true;
	return false;
}

void
needs_boxes_init(struct needs *n, struct plan *p, struct arena *a)
{
	*n = (struct needs){.a = a, .plan = p};
	n->sets = arena_array(a, p->tasks->classes.n + 1, sizeof *n->sets);
}

void
needs_init(struct needs *n, struct plan *p, struct arena *a)
{
	size_t nr = p->rops.n;
	struct writers *w = arena_array(a, p->tensors.n + 1, sizeof *w);
	int *mark = arena_array(a, nr + 1, sizeof *mark);

	needs_boxes_init(n, p, a);
	n->first = arena_array(a, nr + 1, sizeof *n->first);
	for (size_t i = 0; i < nr; i++)
		mark[i] = -1;
	for (size_t q = 0; q < nr; q++) {
		const struct prop *r = &p->rops.v[q];

		n->first[q] = n->v.n;
		if (r->rop->init)
			continue;
		for (size_t i = 0; i < r->preds.n; i++) {
			mark[r->preds.v[i]] = (int)q;
			if (!p->rops.v[r->preds.v[i]].rop->init)
				add_need(n, r->preds.v[i], (int)q);
		}
		add_writers(n, w, (int)q, mark);
		if (in_place(p, (int)q))
			add_need(n, (int)q, (int)q);
	}
	n->first[nr] = n->v.n;
}

void
needs_choose(struct needs *n)
{
	n->work = 0;
	for (size_t i = 0; i < n->v.n; i++) {
		struct need *d = &n->v.v[i];

		d->pairs.n = 0;
		for (size_t k = 0; k < d->all.n; k++) {
			struct need_pair x = d->all.v[k];

			x.pset = set_of(n, d->p, x.parg);
			x.qset = set_of(n, d->q, x.qarg);
			if (!box_empty(&x.pset->hull) &&
			    !box_empty(&x.qset->hull) &&
			    (!x.same || box_meet(&x.pset->hull, &x.qset->hull)))
				d->pairs.v[d->pairs.n++] = x;
		}
	}
}

void
needs_make(struct needs *n, struct plan *p, struct arena *a)
{
	needs_init(n, p, a);
	needs_choose(n);
}
