/* Products of the same left operand as one, whose right operands are a batch: an LSTM
 * cell's four gates. */
#include <stdlib.h>

#include "base/str.h"
#include "partition/share.h"

struct by_right {
	int64_t b, op;
};

static int
by_right(const void *x, const void *y)
{
	const struct by_right *p = x, *q = y;

	if (p->b != q->b)
		return p->b < q->b ? -1 : 1;
	return p->op < q->op ? -1 : p->op > q->op;
}

/* The group in the order of its right operands, so that the products of every
 * step find the same pile of them. */
static void
order_group(struct work *w, struct ints *group)
{
	struct by_right *v = arena_array(w->a, group->n, sizeof *v);

	for (size_t i = 0; i < group->n; i++)
		v[i] = (struct by_right){
			lop_arg(&w->low.ops.v[group->v[i]], "B")->value,
			group->v[i]};
	qsort(v, group->n, sizeof *v, by_right);
	for (size_t i = 0; i < group->n; i++)
		group->v[i] = v[i].op;
}

/* x W1, x W2 ... => one product with a batch of right operands; what each made
 * is a view of its part of the batch. */
static void
join_left(struct share *s, struct ints *group)
{
	struct work *w = s->w;
	struct lop *o = &w->low.ops.v[group->v[0]];
	struct larg a = *lop_arg(o, "A"), b = *lop_arg(o, "B");
	int64_t m = a.shape.v[1], k = a.shape.v[2], n = b.shape.v[2];
	int64_t batch = (int64_t)group->n;
	struct ints values = {0};
	int all, y = lop_output(o)->value, right;

	order_group(w, group);
	w->low.node = o->nodes.v[0];
	w->low.under = o->cond;
	for (size_t i = 0; i < group->n; i++)
		vec_push(w->a, &values, (int64_t)lop_arg(&w->low.ops.v[
			group->v[i]], "B")->value);
	right = share_pile(s, &values, k * n, n);
	all = share_temp(w, y, "all", batch * m, n);
	o = lower_op(&w->low, "MatMul");
	share_product(w, o, a.value, right, all, batch, m, k, n);
	for (size_t i = 0; i < group->n; i++) {
		o = &w->low.ops.v[group->v[i]];
		share_view(w, lop_output(o)->value, all, (int64_t)i * m * n);
		o->dead = true;
	}
	diag_explain(w->d, "share: %zu products of '%s' are one", group->n,
	             value_of(w, a.value)->name);
}

void
share_left(struct share *s)
{
	struct work *w = s->w;
	struct map groups;
	VEC(struct ints) members = {0};

	map_init(&groups, w->a);
	for (size_t i = 0; i < w->low.ops.n; i++) {
		struct lop *o = &w->low.ops.v[i];
		const char *key;
		int g;

		if (!share_plain(w, o))
			continue;
		key = arena_printf(w->a, "%d %d %lld %lld %lld",
			o->cond, lop_arg(o, "A")->value,
			(long long)lop_arg(o, "A")->shape.v[1],
			(long long)lop_arg(o, "A")->shape.v[2],
			(long long)lop_arg(o, "B")->shape.v[2]);
		g = map_add(&groups, key, (int)members.n);
		if (g < 0) {
			g = (int)members.n;
			vec_add(w->a, &members);
		}
		vec_push(w->a, &members.v[g], (int64_t)i);
	}
	for (size_t i = 0; i < members.n; i++)
		if (members.v[i].n > 1)
			join_left(s, &members.v[i]);
	work_views(w);
}
