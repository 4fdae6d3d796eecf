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
 * joined product begins when the last of its rows is there.
 *
 * Without it, on a device of few vEUs, what could be joined over the right is only
 * split: a schedule may then run the products x1 Wx, x2 Wx ... one after the other,
 * while Wx is near. */
#include <string.h>

#include "base/str.h"
#include "partition/share.h"

/* --- terms -------------------------------------------------------------- */

static int64_t
root_offset(const struct work *w, int value)
{
	int64_t at = 0;

	for (; w->info.v[value].of >= 0; value = w->info.v[value].of)
		at += w->info.v[value].offset;
	return at;
}

bool
share_plain(const struct work *w, struct lop *o)
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

		/* Its product would be a constant, not under any condition. */
		if (s->w->info.v[root_of(s->w, part[i]->value)].constant)
			continue;
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
		if (share_plain(s->w, &s->w->low.ops.v[
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

int
share_temp(struct work *w, int like, const char *suffix, int64_t rows, int64_t cols)
{
	const char *hint = arena_printf(w->a, "%s.%s",
	                                value_of(w, like)->name, suffix);
	int v = net_fresh(&w->net, hint, DTYPE_F32, (int64_t[]){rows, cols}, 2);

	work_grow(w);
	return v;
}

void
share_view(struct work *w, int value, int of, int64_t offset)
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
rows_of(struct share *s, int b, int64_t from, int64_t depth, int64_t cols)
{
	struct work *w = s->w;
	const char *key = arena_printf(w->a, "%d %lld %lld", b, (long long)from,
	                               (long long)depth);
	int v = map_get(&s->rows, key);

	if (depth * cols == value_elems(value_of(w, b)))
		return b;
	if (v >= 0)
		return v;
	v = share_temp(w, b, "rows", depth, cols);
	share_view(w, v, b, from * cols);
	map_set(&s->rows, key, v);
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

int
share_pile(struct share *s, const struct ints *values, int64_t size, int64_t cols)
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
	all = share_temp(w, first, "pile", n * size / cols, cols);
	map_set(&s->piles, key, all);
	if (there) {
		share_view(w, all, root, from);
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
	return share_pile(s, &values, t->rows * t->depth, t->depth);
}

void
share_product(struct work *w, struct lop *o, int a, int b, int y, int64_t batch,
        int64_t m, int64_t k, int64_t n)
{
	attrs_set_int(w->a, &o->attrs, "trans_a", 0);
	attrs_set_int(w->a, &o->attrs, "trans_b", 0);
	lop_in(&w->low, o, "A", a, (int64_t[]){1, m, k}, 3);
	lop_in(&w->low, o, "B", b, (int64_t[]){batch, k, n}, 3);
	lop_out(&w->low, o, "Y", y, (int64_t[]){batch, m, n}, 3);
	lop_output(o)->from = DTYPE_F32;
}

/* Operators and views were added. */
static void
changed(struct share *s)
{
	struct work *w = s->w;

	work_views(w);
	work_uses(w);
	s->reached = arena_array(w->a, w->low.ops.n + 1, sizeof *s->reached);
}

/* The product of term t is that of the other part, to which "part" is added. */
static void
add_to_other(struct share *s, const struct term *t, int part)
{
	struct work *w = s->w;
	struct lop *o = &w->low.ops.v[t->op];
	int b = rows_of(s, t->b, t->other_from, t->other_depth, t->cols);
	int y = lop_output(o)->value;
	const char *e;

	*o = (struct lop){.form = o->form, .nodes = o->nodes, .cond = o->cond};
	share_product(w, o, t->other, b, y, 1, t->rows, t->other_depth, t->cols);
	e = lop_extra(&w->low, o, "Y", part,
	              (int64_t[]){1, t->rows, t->cols}, 3);
	lop_step(&w->low, o, "Y", "v + %s", e);
}

/* The product of term t gets its share of "all", from there on: whole, it is a
 * view; else what the other part gives is added to it. */
static void
take_share(struct share *s, const struct term *t, int all, int64_t at)
{
	struct work *w = s->w;
	struct lop *o = &w->low.ops.v[t->op];
	int y = lop_output(o)->value, part;

	if (t->other < 0) {
		share_view(w, y, all, at);
		o->dead = true;
		return;
	}
	part = share_temp(w, y, "shared", t->rows, t->cols);
	share_view(w, part, all, at);
	add_to_other(s, t, part);
}

/* The group's parts as products of their own, which are left apart. */
static void
split(struct share *s, const struct ints *group)
{
	struct work *w = s->w;

	for (size_t i = 0; i < group->n; i++) {
		struct term t = s->terms.v[group->v[i]];
		struct lop *o = &w->low.ops.v[t.op];
		int y = lop_output(o)->value, b, part;

		w->low.node = o->nodes.v[0];
		w->low.under = o->cond;
		b = rows_of(s, t.b, t.from, t.depth, t.cols);
		part = share_temp(w, y, "part", t.rows, t.cols);
		o = lower_op(&w->low, "MatMul");
		share_product(w, o, t.a, b, part, 1, t.rows, t.depth, t.cols);
		add_to_other(s, &t, part);
	}
	diag_explain(w->d, "share: %zu products with '%s' are split", group->n,
	             value_of(w, s->terms.v[group->v[0]].b)->name);
	changed(s);
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
	b = rows_of(s, t.b, t.from, t.depth, t.cols);
	all = share_temp(w, y, "all", rows, t.cols);
	o = lower_op(&w->low, "MatMul");
	share_product(w, o, a, b, all, 1, rows, t.depth, t.cols);
	for (size_t i = 0; i < group->n; i++)
		take_share(s, &s->terms.v[group->v[i]], all,
		           (int64_t)i * t.rows * t.cols);
	diag_explain(w->d, "share: %zu products with '%s' are one of %lld rows",
	             group->n, value_of(w, t.b)->name, (long long)rows);
	changed(s);
}

/* Whether to split is a gain: it is a part, and most of what its product touches is
 * the constant. */
static bool
may_split(const struct term *t)
{
	return t->other >= 0 &&
		t->depth * t->cols > t->rows * (t->depth + t->cols);
}

static void
share_right(struct share *s)
{
	struct work *w = s->w;

	for (size_t i = 0; i < w->low.ops.n; i++)
		if (share_plain(w, &w->low.ops.v[i]))
			add_terms(s, (int)i);
	group_terms(s);
	for (size_t i = 0; i < s->members.n; i++) {
		bool one = w->o->fuse == FUSE_SHARED;
		struct ints group;

		if (!one && !may_split(&s->terms.v[s->members.v[i].v[0]]))
			continue;
		group = joinable(s, &s->members.v[i]);
		if (group.n > 1 && one)
			join(s, &group);
		else if (group.n > 1)
			split(s, &group);
	}
}

int
share_products(struct work *w)
{
	struct share s = {.w = w};
	size_t had = w->low.ops.n;

	map_init(&s.groups, w->a);
	map_init(&s.piles, w->a);
	map_init(&s.rows, w->a);
	s.reached = arena_array(w->a, w->low.ops.n + 1, sizeof *s.reached);
	share_right(&s);
	if (w->o->fuse == FUSE_SHARED)
		share_left(&s);
	w->low.under = -1;
	return w->o->fuse != FUSE_SHARED && w->low.ops.n == had ? 0
		: work_order(w);
}
