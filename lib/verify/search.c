/* Which rTasks of p an rTask of q follows, without looking at all of them.
 *
 * Over the rTasks of p stands a binary tree: of each node, the least box and
 * the least range of bytes that hold all that its rTasks touch of an argument.
 * A search leaves out the nodes that lie apart from what u touches.  Where p
 * and q see a tensor in one shape, boxes are compared; else bytes. */
#include "verify/needs.h"

struct boxtree {
	int sides;		/* the argument's dimensions, then its bytes */
	int64_t leaves;		/* a power of two, >= rTasks */
	int64_t ntasks;
	int64_t *v;		/* [node][side] lo, hi; node 1 is the root, n's
				 * children are 2n and 2n + 1 */
};

static const struct box *
boxes_of(const struct boxset *s, int64_t task, size_t *n)
{
	size_t t = s->same ? 0 : (size_t)task;

	*n = s->first[t + 1] - s->first[t];
	return s->v + s->first[t];
}

static void
hold(int64_t *side, int64_t lo, int64_t hi)
{
	if (side[0] > lo)
		side[0] = lo;
	if (side[1] < hi)
		side[1] = hi;
}

static void
hold_nothing(int64_t *node, int sides)
{
	for (int k = 0; k < sides; k++) {
		node[2 * k] = INT64_MAX;
		node[2 * k + 1] = INT64_MIN;
	}
}

/* Node holds box b of a tensor of that stored shape. */
static void
hold_box(int64_t *node, const struct box *b, const struct ints *stored,
         int64_t elem)
{
	int64_t first = 0, last = 0;

	if (box_empty(b))
		return;
	for (int k = 0; k < b->nd; k++) {
		hold(&node[2 * k], b->lo[k], b->hi[k]);
		first = first * stored->v[k] + b->lo[k];
		last = last * stored->v[k] + b->hi[k] - 1;
	}
	hold(&node[2 * b->nd], first * elem, (last + 1) * elem);
}

/* Node i: all that its children hold, or, of a leaf, what its rTask touches. */
static void
fill_node(struct boxtree *t, int64_t i, const struct boxset *s,
          const struct parg *g)
{
	int64_t *node = t->v + 2 * t->sides * i;
	const struct box *b;
	size_t n;

	hold_nothing(node, t->sides);
	if (i < t->leaves) {
		const int64_t *l = t->v + 2 * t->sides * (2 * i);
		const int64_t *r = l + 2 * t->sides;

		for (int k = 0; k < 2 * t->sides; k += 2) {
			hold(&node[k], l[k], l[k + 1]);
			hold(&node[k], r[k], r[k + 1]);
		}
		return;
	}
	if (i - t->leaves >= t->ntasks)
		return;
	b = boxes_of(s, i - t->leaves, &n);
	for (size_t k = 0; k < n; k++)
		hold_box(node, &b[k], &g->stored,
		         (int64_t)dtype_bytes((enum dtype)g->arg->type));
}

static const struct boxtree *
tree_of(const struct needs *n, int rop, size_t arg, struct boxset *s)
{
	const struct prop *r = &n->plan->rops.v[rop];
	const struct parg *g = &r->args.v[arg];
	struct boxtree *t;

	if (s->tree)
		return s->tree;
	t = s->tree = arena_new(n->a, struct boxtree);
	t->sides = (int)g->stored.n + 1;
	t->ntasks = s->same ? 1 : r->ntasks;
	for (t->leaves = 1; t->leaves < t->ntasks; t->leaves *= 2)
		;
	t->v = arena_array(n->a, 2 * (size_t)t->leaves,
	                   2 * (size_t)t->sides * sizeof *t->v);
	for (int64_t i = 2 * t->leaves - 1; i > 0; i--)
		fill_node(t, i, s, g);
	return t;
}

/* What rTask u of q touches: a leaf of its tree, in bytes of p's argument. */
static void
set_near(struct need_search *s, const struct boxtree *t)
{
	int64_t leaf = t->leaves + (s->k->qset->same ? 0 : s->u);
	int64_t *bytes = &s->near[2 * (t->sides - 1)];

	memcpy(s->near, t->v + 2 * t->sides * leaf,
	       2 * (size_t)t->sides * sizeof *s->near);
	if (bytes[0] >= bytes[1])	/* nothing */
		return;
	bytes[0] += s->k->to_p;
	bytes[1] += s->k->to_p;
}

void
need_search(struct need_search *s, struct needs *n, const struct need *d,
            const struct need_pair *k, int64_t u)
{
	const struct boxtree *q = tree_of(n, d->q, k->qarg, k->qset);
	int np, nq = q->sides - 1;

	s->n = n;
	s->d = d;
	s->k = k;
	s->u = u;
	s->tree = tree_of(n, d->p, k->parg, k->pset);
	set_near(s, q);
	s->from = 0;
	s->to = nq;
	if (!k->same) {
		np = s->tree->sides - 1;
		s->from = np;
		s->to = np + 1;
		s->near[2 * np] = s->near[2 * nq];
		s->near[2 * np + 1] = s->near[2 * nq + 1];
	}
}

static bool
is_near(const struct need_search *s, const int64_t *node)
{
	for (int i = 2 * s->from; i < 2 * s->to; i += 2)
		if (node[i] >= s->near[i + 1] || s->near[i] >= node[i + 1])
			return false;
	return true;
}

int64_t
need_next(const struct need_search *s, int64_t t)
{
	const struct boxtree *b = s->tree;
	int64_t i = b->leaves + t;

	if (t >= s->n->plan->rops.v[s->d->p].ntasks)
		return -1;
	s->n->work++;
	if (s->k->pset->same)
		return is_near(s, b->v + 2 * b->sides) ? t : -1;
	for (;;) {
		s->n->work++;
		if (is_near(s, b->v + 2 * b->sides * i)) {
			if (i >= b->leaves)
				return i - b->leaves < b->ntasks
					? i - b->leaves : -1;
			i *= 2;
			continue;
		}
		while (i & 1)
			i /= 2;
		if (i++ == 0)
			return -1;
	}
}

/* What p and q share: the common part if their shapes are one, else the
 * smaller of the two. */
static struct box
common(const struct need_search *s, const struct box *a, const struct box *b)
{
	struct box c = *b;

	if (!s->k->same)
		return box_elems(a) < box_elems(b) ? *a : *b;
	for (int i = 0; i < c.nd; i++) {
		if (c.lo[i] < a->lo[i])
			c.lo[i] = a->lo[i];
		if (c.hi[i] > a->hi[i])
			c.hi[i] = a->hi[i];
	}
	return c;
}

/* At most so many runs of bytes make up the box. */
static int64_t
runs(const struct box *b)
{
	int64_t n = 1;

	for (int i = 0; i + 1 < b->nd; i++)
		n *= b->hi[i] - b->lo[i];
	return n;
}

/* Whether rTask t of p and u share bytes, by the range that each touches. */
static bool
ranges_meet(const struct need_search *s, int64_t t)
{
	const struct boxtree *b = s->tree;
	int64_t leaf = b->leaves + (s->k->pset->same ? 0 : t);
	const int64_t *p = b->v + 2 * b->sides * leaf + 2 * (b->sides - 1);
	const int64_t *u = &s->near[2 * (b->sides - 1)];

	return p[0] < u[1] && u[0] < p[1];
}

/* Whether boxes a of t and b of u share bytes, in the cheapest way that
 * tells. */
static bool
share(const struct need_search *s, int64_t t, const struct box *a,
      const struct box *b)
{
	const struct need_pair *k = s->k;

	if (k->boxes)
		return box_meet(a, b);
	if (!k->same && k->pset->runs && k->qset->runs)
		return ranges_meet(s, t);
	return needs_share(s->n->plan, s->d->p, k->parg, a, s->d->q, k->qarg,
	                   b);
}

bool
need_meets(const struct need_search *s, int64_t t, struct box *at)
{
	const struct need *d = s->d;
	const struct need_pair *k = s->k;
	size_t na, nb;
	const struct box *a = boxes_of(k->pset, t, &na);
	const struct box *b = boxes_of(k->qset, s->u, &nb);

	if (d->p == d->q && t == s->u)
		return false;
	for (size_t x = 0; x < na; x++)
		for (size_t y = 0; y < nb; y++) {
			s->n->work += s->from ? runs(&a[x]) + runs(&b[y]) : 1;
			if (!share(s, t, &a[x], &b[y]))
				continue;
			if (at)
				*at = common(s, &a[x], &b[y]);
			return true;
		}
	return false;
}
