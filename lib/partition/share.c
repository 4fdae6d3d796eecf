/* Products that share an operand joined to one.  Over the same right operand,
 * which is then read once: the input projections of an unrolled recurrent layer
 * over time.
 *
 *	[x1, h0] W, [x2, h1] W ...  =>  P = [x1; x2; ...] Wx,
 *	                                P1 + h0 Wh, P2 + h1 Wh ...
 *
 * A product of a concatenation is the sum of the products of its parts; parts
 * of constants are views of their rows.  Then over the same left one, where the
 * right ones become a batch: an LSTM cell's four gates.
 *
 * What joins over the right must be independent: no left operand may follow from
 * what another of the group makes, or the joined operator would wait for itself.
 *
 * It is a choice (--fuse shared), because it trades parallelism for reuse: the
 * joined product begins when the last of its rows is there. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "partition/work.h"

/* A product, or the part of it that one part of its left operand gives. */
struct term {
	int op;			/* the MatMul */
	int a;			/* left: [rows, depth] */
	int b;			/* right: the whole constant, [all, cols] */
	int64_t from, depth;	/* its rows that this term takes */
	int64_t rows, cols;
	int other;		/* the rest of the left operand, or -1 */
	int64_t other_from, other_depth;
};

struct share {
	struct work *w;
	VEC(struct term) terms;
	bool *reached;		/* [op], of the group at hand */
	struct map groups;	/* key -> index in members */
	VEC(struct ints) members; /* indices of terms */
	struct map piles;	/* list of values -> the value that holds them */
};

/* --- terms -------------------------------------------------------------- */

static int64_t
root_offset(const struct work *w, int value)
{
	int64_t at = 0;

	for (; w->info.v[value].of >= 0; value = w->info.v[value].of)
		at += w->info.v[value].offset;
	return at;
}

/* A plain product of a matrix and a constant one, f32. */
static bool
plain_product(const struct work *w, struct lop *o)
{
	const struct larg *b;
	struct larg *y;

	if (o->dead || !str_eq(o->form, "MatMul") || o->args.n != 3 ||
	    attrs_int(&o->attrs, "trans_a", 0) ||
	    attrs_int(&o->attrs, "trans_b", 0))
		return false;
	b = lop_arg(o, "B");
	y = lop_output(o);
	return b->shape.v[0] == 1 && lop_arg(o, "A")->shape.v[0] == 1 &&
		value_of(w, y->value)->type == DTYPE_F32 && !y->map.n &&
		w->info.v[root_of(w, b->value)].constant &&
		!w->info.v[y->value].lasting && w->info.v[y->value].of < 0 &&
		!w->info.v[root_of(w, lop_arg(o, "A")->value)].constant;
}

/* The two concatenations side by side that make value a: their parts, in
 * order; false if it is made in another way. */
static bool
two_parts(const struct work *w, int a, int64_t rows, const struct larg *part[2])
{
	const struct vinfo *v = &w->info.v[a];

	if (v->of >= 0 || v->writers.n != 2)
		return false;
	for (int i = 0; i < 2; i++) {
		const struct lop *o = &w->low.ops.v[v->writers.v[i]];

		if (!str_eq(o->form, "Concat") || o->args.n != 2 ||
		    o->args.v[0].map.n || o->args.v[1].map.n ||
		    o->args.v[0].shape.v[0] != rows ||
		    o->args.v[1].shape.v[0] != rows)
			return false;
		part[attrs_int(&o->attrs, "offset", 0) != 0] = &o->args.v[0];
	}
	return part[0] && part[1];
}

static void
add_terms(struct share *s, int op)
{
	struct lop *o = &s->w->low.ops.v[op];
	const struct larg *a = lop_arg(o, "A"), *part[2] = {NULL, NULL};
	struct term t = {.op = op, .a = a->value, .other = -1};
	int64_t k = a->shape.v[2];

	t.b = lop_arg(o, "B")->value;
	t.rows = a->shape.v[1];
	t.cols = lop_arg(o, "B")->shape.v[2];
	t.depth = k;
	if (!two_parts(s->w, a->value, t.rows, part)) {
		vec_push(s->w->a, &s->terms, t);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int64_t first = part[0]->shape.v[1];

		t.a = part[i]->value;
		t.from = i ? first : 0;
		t.depth = part[i]->shape.v[1];
		t.other = part[!i]->value;
		t.other_from = i ? 0 : first;
		t.other_depth = k - t.depth;
		vec_push(s->w->a, &s->terms, t);
	}
}

static void
group_terms(struct share *s)
{
	for (size_t i = 0; i < s->terms.n; i++) {
		const struct term *t = &s->terms.v[i];
		const char *key = arena_printf(s->w->a, "%d %d %lld %lld %lld",
			s->w->low.ops.v[t->op].cond, t->b, (long long)t->from,
			(long long)t->depth, (long long)t->rows);
		int g = map_get(&s->groups, key);

		if (g < 0) {
			g = (int)s->members.n;
			map_set(&s->groups, key, g);
			vec_add(s->w->a, &s->members);
		}
		vec_push(s->w->a, &s->members.v[g], (int64_t)i);
	}
}

/* --- who may join ------------------------------------------------------- */

/* Marks the group's products and what follows from their outputs. */
static void
reach(struct share *s, const struct ints *group)
{
	struct work *w = s->w;
	struct ints todo = {0};

	memset(s->reached, 0, w->low.ops.n * sizeof *s->reached);
	for (size_t i = 0; i < group->n; i++) {
		int op = s->terms.v[group->v[i]].op;

		s->reached[op] = true;
		vec_push(w->a, &todo, op);
	}
	while (todo.n) {
		const struct lop *o = &w->low.ops.v[todo.v[--todo.n]];

		for (size_t i = 0; i < o->args.n; i++) {
			const struct ints *r;

			if (!o->args.v[i].out)
				continue;
			r = &w->info.v[root_of(w, o->args.v[i].value)].readers;
			for (size_t k = 0; k < r->n; k++)
				if (!s->reached[r->v[k]]) {
					s->reached[r->v[k]] = true;
					vec_push(w->a, &todo, r->v[k]);
				}
		}
	}
}

/* The term's left operand does not follow from the group. */
static bool
independent(const struct share *s, const struct term *t)
{
	const struct ints *by = &s->w->info.v[root_of(s->w, t->a)].writers;

	for (size_t i = 0; i < by->n; i++)
		if (s->reached[by->v[i]])
			return false;
	return true;
}

/* Those of the group that are still plain products and may join. */
static struct ints
joinable(struct share *s, const struct ints *group)
{
	struct ints alive = {0}, out = {0};

	for (size_t i = 0; i < group->n; i++)
		if (plain_product(s->w, &s->w->low.ops.v[
		    s->terms.v[group->v[i]].op]))
			vec_push(s->w->a, &alive, group->v[i]);
	if (alive.n < 2)
		return out;
	reach(s, &alive);
	for (size_t i = 0; i < alive.n; i++)
		if (independent(s, &s->terms.v[alive.v[i]]))
			vec_push(s->w->a, &out, alive.v[i]);
	return out;
}

/* --- joining ------------------------------------------------------------ */

static int
temp(struct work *w, int like, const char *suffix, int64_t rows, int64_t cols)
{
	const char *hint = arena_printf(w->a, "%s.%s",
	                                value_of(w, like)->name, suffix);
	int v = net_fresh(&w->net, hint, DTYPE_F32, (int64_t[]){rows, cols}, 2);

	work_grow(w);
	return v;
}

static void
view(struct work *w, int value, int of, int64_t offset)
{
	lower_view(&w->low, value, of, offset);
	w->info.v[value].of = of;
	w->info.v[value].offset = offset;
	w->info.v[value].root = root_of(w, of);
	w->info.v[root_of(w, of)].viewed = true;
}

static const char *
list_key(struct share *s, const struct ints *values)
{
	struct str k;
	const char *key;

	str_init(&k);
	for (size_t i = 0; i < values->n; i++)
		str_addf(&k, "%lld ", (long long)values->v[i]);
	key = arena_strdup(s->w->a, k.s);
	str_release(&k);
	return key;
}

/* Rows from .. from + depth of constant b, as a value of their own; of one
 * that is made when the program is opened, too. */
static int
rows_of(struct work *w, int b, int64_t from, int64_t depth, int64_t cols)
{
	int v;

	if (depth * cols == value_elems(value_of(w, b)))
		return b;
	v = temp(w, b, "rows", depth, cols);
	view(w, v, b, from * cols);
	return v;
}

static bool
all_constant(const struct work *w, const struct ints *values)
{
	for (size_t i = 0; i < values->n; i++)
		if (!w->info.v[root_of(w, (int)values->v[i])].constant)
			return false;
	return true;
}

/* Values of size elements each, one behind the other: a view where they lie so
 * already, else parts of a concatenation.  Equal lists are one value, of
 * constants under whatever conditions they are read. */
static int
pile(struct share *s, const struct ints *values, int64_t size, int64_t cols)
{
	struct work *w = s->w;
	int first = (int)values->v[0], root = root_of(w, first), all;
	int64_t from = root_offset(w, first), n = (int64_t)values->n;
	int under = all_constant(w, values) ? -1 : w->low.under;
	const char *key = arena_printf(w->a, "%d %s", under,
	                               list_key(s, values));
	bool there = true;

	all = map_get(&s->piles, key);
	if (all >= 0)
		return all;
	for (size_t i = 0; i < values->n; i++)
		there &= root_of(w, (int)values->v[i]) == root &&
			root_offset(w, (int)values->v[i]) ==
			from + (int64_t)i * size;
	all = temp(w, first, "pile", n * size / cols, cols);
	map_set(&s->piles, key, all);
	if (there) {
		view(w, all, root, from);
		return all;
	}
	for (size_t i = 0; i < values->n; i++) {
		struct lop *o = lower_op(&w->low, "Concat");

		o->cond = under;
		attrs_set_int(w->a, &o->attrs, "offset", (int64_t)i * size);
		lop_in(&w->low, o, "X", (int)values->v[i],
		       (int64_t[]){1, size}, 2);
		lop_out(&w->low, o, "Y", all, (int64_t[]){1, n * size}, 2);
	}
	return all;
}

/* The left operands one below the other. */
static int
stacked(struct share *s, const struct ints *group)
{
	const struct term *t = &s->terms.v[group->v[0]];
	struct ints values = {0};

	for (size_t i = 0; i < group->n; i++)
		vec_push(s->w->a, &values, s->terms.v[group->v[i]].a);
	return pile(s, &values, t->rows * t->depth, t->depth);
}

/* o: y [batch, m, n] = a [m, k] times b [batch, k, n]. */
static void
product(struct work *w, struct lop *o, int a, int b, int y, int64_t batch,
        int64_t m, int64_t k, int64_t n)
{
	attrs_set_int(w->a, &o->attrs, "trans_a", 0);
	attrs_set_int(w->a, &o->attrs, "trans_b", 0);
	lop_in(&w->low, o, "A", a, (int64_t[]){1, m, k}, 3);
	lop_in(&w->low, o, "B", b, (int64_t[]){batch, k, n}, 3);
	lop_out(&w->low, o, "Y", y, (int64_t[]){batch, m, n}, 3);
	lop_output(o)->from = DTYPE_F32;
}

/* The product of term t gets its share of "all", from there on: whole, it is a
 * view; else what the other part gives is added to it. */
static void
take_share(struct share *s, const struct term *t, int all, int64_t at)
{
	struct work *w = s->w;
	struct lop *o = &w->low.ops.v[t->op];
	int y = lop_output(o)->value, part, b;
	const char *e;

	if (t->other < 0) {
		view(w, y, all, at);
		o->dead = true;
		return;
	}
	part = temp(w, y, "shared", t->rows, t->cols);
	view(w, part, all, at);
	b = rows_of(w, t->b, t->other_from, t->other_depth, t->cols);
	o = &w->low.ops.v[t->op];
	*o = (struct lop){.form = o->form, .nodes = o->nodes, .cond = o->cond};
	product(w, o, t->other, b, y, 1, t->rows, t->other_depth, t->cols);
	e = lop_extra(&w->low, o, "Y", part,
	              (int64_t[]){1, t->rows, t->cols}, 3);
	lop_step(&w->low, o, "Y", "v + %s", e);
}

static void
join(struct share *s, const struct ints *group)
{
	struct work *w = s->w;
	struct term t = s->terms.v[group->v[0]];
	int64_t rows = (int64_t)group->n * t.rows;
	int y = lop_output(&w->low.ops.v[t.op])->value;
	int a, b, all;
	struct lop *o;

	w->low.node = w->low.ops.v[t.op].nodes.v[0];
	w->low.under = w->low.ops.v[t.op].cond;
	a = stacked(s, group);
	b = rows_of(w, t.b, t.from, t.depth, t.cols);
	all = temp(w, y, "all", rows, t.cols);
	o = lower_op(&w->low, "MatMul");
	product(w, o, a, b, all, 1, rows, t.depth, t.cols);
	for (size_t i = 0; i < group->n; i++)
		take_share(s, &s->terms.v[group->v[i]], all,
		           (int64_t)i * t.rows * t.cols);
	diag_explain(w->d, "share: %zu products with '%s' are one of %lld rows",
	             group->n, value_of(w, t.b)->name, (long long)rows);
	work_views(w);
	work_uses(w);
	s->reached = arena_array(w->a, w->low.ops.n + 1, sizeof *s->reached);
}

static void
share_right(struct share *s)
{
	struct work *w = s->w;

	for (size_t i = 0; i < w->low.ops.n; i++)
		if (plain_product(w, &w->low.ops.v[i]))
			add_terms(s, (int)i);
	group_terms(s);
	for (size_t i = 0; i < s->members.n; i++) {
		struct ints group = joinable(s, &s->members.v[i]);

		if (group.n > 1)
			join(s, &group);
	}
}

/* --- the same left operand ---------------------------------------------- */

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
	right = pile(s, &values, k * n, n);
	all = temp(w, y, "all", batch * m, n);
	o = lower_op(&w->low, "MatMul");
	product(w, o, a.value, right, all, batch, m, k, n);
	for (size_t i = 0; i < group->n; i++) {
		o = &w->low.ops.v[group->v[i]];
		view(w, lop_output(o)->value, all, (int64_t)i * m * n);
		o->dead = true;
	}
	diag_explain(w->d, "share: %zu products of '%s' are one", group->n,
	             value_of(w, a.value)->name);
}

static void
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

		if (!plain_product(w, o))
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

int
share_products(struct work *w)
{
	struct share s = {.w = w};

	map_init(&s.groups, w->a);
	map_init(&s.piles, w->a);
	s.reached = arena_array(w->a, w->low.ops.n + 1, sizeof *s.reached);
	share_right(&s);
	share_left(&s);
	w->low.under = -1;
	return work_order(w);
}
