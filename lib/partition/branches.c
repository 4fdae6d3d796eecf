/* Branches of equal convolutions that end in one concatenation, as ResNeXt has
 * them, joined to one chain:
 *
 *	concat(conv(conv(x, V1), W1), conv(conv(x, V2), W2) ...)
 *		=> conv(conv(x, [V1 V2 ...]), [W1 W2 ...], as many groups)
 *
 * What is joined reads x once, and has fewer operators to wait for; what stays
 * apart may run kernels that know no groups.  Estimates decide: of the joined
 * chain over all vEUs, and of the branches side by side, which end no sooner
 * than one of them does and than all their work spread over the vEUs. */
#include "base/str.h"
#include "partition/work.h"

#define LEVELS_MAX 8

struct branches {
	struct work *w;
	int y;				/* what is concatenated */
	struct ints parts;		/* Concat operators by their offset */
	struct ints level[LEVELS_MAX];	/* from the last convolution to the
					 * first: of every branch */
	int levels;
};

/* --- finding ------------------------------------------------------------ */

static const struct lop *
op_at(const struct branches *b, int level, size_t branch)
{
	return &b->w->low.ops.v[b->level[level].v[branch]];
}

/* Sorts the parts of y, which have one size each and lie one behind the other,
 * channels of one image; false if that is not so. */
static bool
equal_parts(struct branches *b)
{
	struct work *w = b->w;
	const struct vinfo *v = &w->info.v[b->y];
	const struct ints *shape = &value_of(w, b->y)->shape;
	size_t n = v->writers.n;

	if (n < 2 || v->of >= 0 || shape->n != 4 || shape->v[0] != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		vec_push(w->a, &b->parts, (int64_t)-1);
	for (size_t i = 0; i < n; i++) {
		const struct lop *o = &w->low.ops.v[v->writers.v[i]];
		int64_t size, at;

		if (!str_eq(o->form, "Concat") || o->args.n != 2 ||
		    o->args.v[0].map.n || o->args.v[1].map.n ||
		    o->args.v[0].shape.v[0] != 1)
			return false;
		size = o->args.v[0].shape.v[1];
		at = attrs_int(&o->attrs, "offset", 0);
		if (size * (int64_t)n != o->args.v[1].shape.v[1] ||
		    at % size != 0 || size % (shape->v[2] * shape->v[3]) != 0)
			return false;
		b->parts.v[at / size] = v->writers.v[i];
	}
	for (size_t i = 0; i < n; i++)
		if (b->parts.v[i] < 0)
			return false;
	return true;
}

/* The one operator that makes a value which only "reader" sees; -1. */
static int
only_maker(const struct work *w, int value, int64_t reader)
{
	const struct vinfo *v = &w->info.v[value];

	if (v->of >= 0 || v->viewed || v->lasting || v->writers.n != 1 ||
	    v->readers.n != 1 || v->readers.v[0] != reader)
		return -1;
	return (int)v->writers.v[0];
}

/* A convolution of one image whose other operands are constants: weights, and
 * a number for each channel. */
static bool
plain_conv(const struct work *w, struct lop *o)
{
	const struct larg *y = lop_output(o);

	if (!str_eq(o->form, "Conv") || !y || y->shape.n != 4 ||
	    y->shape.v[0] != 1)
		return false;
	for (size_t i = 0; i < o->args.n; i++) {
		const struct larg *g = &o->args.v[i];

		if (g->out || str_eq(g->arg, "X"))
			continue;
		if (!w->info.v[root_of(w, g->value)].constant)
			return false;
		if (g->on && (g->shape.v[1] != y->shape.v[1] ||
		    g->shape.v[2] != 1 || g->shape.v[3] != 1))
			return false;
	}
	for (size_t i = 0; i < y->map.n; i++)
		if (expr_uses_coordinates(y->map.v[i]))
			return false;
	return !lop_arg(o, "X")->map.n && !lop_arg(o, "W")->map.n;
}

/* Adds the level below: the operators that make what "above" reads as X. */
static bool
add_level(struct branches *b, const struct ints *above)
{
	struct work *w = b->w;
	struct ints *level = &b->level[b->levels];
	const char *key = NULL;

	for (size_t i = 0; i < above->n; i++) {
		struct lop *o = &w->low.ops.v[above->v[i]];
		int maker = only_maker(w, lop_arg(o, "X")->value, above->v[i]);
		const char *k;

		if (maker < 0 || !plain_conv(w, &w->low.ops.v[maker]) ||
		    !lop_together(o, &w->low.ops.v[maker]))
			return false;
		k = class_key(w, class_of(w, &w->low.ops.v[maker]));
		if (key && !str_eq(k, key))
			return false;
		key = k;
		vec_push(w->a, level, (int64_t)maker);
	}
	b->levels++;
	return true;
}

static bool
same_input(const struct branches *b, int level)
{
	int x = lop_arg((struct lop *)op_at(b, level, 0), "X")->value;

	for (size_t i = 1; i < b->level[level].n; i++)
		if (lop_arg((struct lop *)op_at(b, level, i), "X")->value != x)
			return false;
	return attrs_int(&op_at(b, level, 0)->attrs, "group", 1) == 1;
}

static bool
find(struct branches *b)
{
	const struct ints *above = &b->parts;

	if (!equal_parts(b))
		return false;
	while (b->levels < LEVELS_MAX && add_level(b, above)) {
		if (same_input(b, b->levels - 1))
			return true;
		above = &b->level[b->levels - 1];
	}
	return false;
}

/* --- joining ------------------------------------------------------------ */

/* Argument "arg" of all branches, one behind the other; made of constants at
 * the start.  shape: of all of it, the first dimension that differs. */
static int
pile(struct branches *b, int level, const char *arg, const struct ints *shape)
{
	struct work *w = b->w;
	int64_t n = (int64_t)b->level[level].n, size = 1;
	int first = lop_arg((struct lop *)op_at(b, level, 0), arg)->value;
	const char *hint = arena_printf(w->a, "%s.pile",
	                                value_of(w, first)->name);
	int all = net_fresh(&w->net, hint, value_of(w, first)->type, shape->v,
	                    shape->n);

	work_grow(w);
	w->info.v[all].constant = true;
	for (size_t i = 0; i < shape->n; i++)
		size *= shape->v[i];
	size /= n;
	for (int64_t i = 0; i < n; i++) {
		int x = lop_arg((struct lop *)op_at(b, level, (size_t)i),
		                arg)->value;
		struct lop *o = lower_op(&w->low, "Concat");

		attrs_set_int(w->a, &o->attrs, "offset", i * size);
		lop_in(&w->low, o, "X", x, (int64_t[]){1, size}, 2);
		lop_out(&w->low, o, "Y", all, (int64_t[]){1, n * size}, 2);
	}
	return all;
}

static struct ints
scaled(struct work *w, const struct ints *shape, size_t dim, int64_t by)
{
	struct ints out = {0};

	for (size_t i = 0; i < shape->n; i++)
		vec_push(w->a, &out, i == dim ? shape->v[i] * by : shape->v[i]);
	return out;
}

/* The level's convolution of all branches, from x to y. */
static struct lop
joined(struct branches *b, int level, int x, int y, bool bottom)
{
	struct work *w = b->w;
	const struct lop *one = op_at(b, level, 0);
	int64_t n = (int64_t)b->level[level].n;
	struct lop o = {.form = one->form, .nextra = one->nextra,
	                .cond = one->cond};

	for (size_t i = 0; i < one->attrs.n; i++)
		vec_push(w->a, &o.attrs, one->attrs.v[i]);
	if (!bottom)
		attrs_set_int(w->a, &o.attrs, "group",
		              n * attrs_int(&one->attrs, "group", 1));
	for (size_t i = 0; i < one->args.n; i++) {
		struct larg g = one->args.v[i];
		bool input = str_eq(g.arg, "X"), weights = str_eq(g.arg, "W");

		if (!input || !bottom)
			g.shape = scaled(w, &g.shape, weights ? 0 : 1, n);
		g.value = input ? x : g.out ? y :
			pile(b, level, g.arg, &g.shape);
		vec_push(w->a, &o.args, g);
	}
	for (int64_t k = 0; k < n; k++) {
		const struct strs *nodes = &op_at(b, level, (size_t)k)->nodes;

		for (size_t i = 0; i < nodes->n; i++)
			vec_push(w->a, &o.nodes, nodes->v[i]);
	}
	return o;
}

/* A value for what the level makes: the concatenation's for the last one. */
static int
made(struct branches *b, int level)
{
	struct work *w = b->w;
	const struct larg *y = lop_output((struct lop *)op_at(b, level, 0));
	const char *hint = arena_printf(w->a, "%s.all",
	                                value_of(w, y->value)->name);
	struct ints shape = scaled(w, &y->shape, 1, (int64_t)b->parts.n);
	int v;

	if (level == 0)
		return b->y;
	v = net_fresh(&w->net, hint, value_of(w, y->value)->type, shape.v,
	              shape.n);
	work_grow(w);
	return v;
}

/* --- deciding ----------------------------------------------------------- */

/* All rTasks of the class that does the least work, one vEU after another. */
static double
work_us(const struct class_fit *f, const struct device *v)
{
	double least = -1;

	for (size_t i = 0; i < f->c->kernels.n; i++) {
		double us = cost_work(&f->c->kernels.v[i], v);

		if (least < 0 || us < least)
			least = us;
	}
	return least;
}

static double
apart_us(struct branches *b)
{
	double us = 0;

	for (int i = 0; i < b->levels; i++) {
		struct class_fit *f = layout_fit(b->w, op_at(b, i, 0));
		double all = work_us(f, b->w->device) * (double)b->parts.n /
			(double)b->w->device->veus;

		us += all > f->best_us ? all : f->best_us;
	}
	return us;
}

/* The chain in place of the branches, if it is estimated to be quicker. */
static void
decide(struct branches *b)
{
	struct work *w = b->w;
	size_t ops = w->low.ops.n;
	struct lop chain[LEVELS_MAX];
	int x = lop_arg((struct lop *)op_at(b, b->levels - 1, 0), "X")->value;
	double before = apart_us(b), now = 0;
	bool fits = true;

	w->low.node = value_of(w, b->y)->name;
	for (int i = b->levels; i-- > 0;) {
		int y = made(b, i);
		struct class_fit *f;

		chain[i] = joined(b, i, x, y, i == b->levels - 1);
		f = layout_fit(w, &chain[i]);
		fits &= f->names.n > 0;
		now += f->best_us;
		x = y;
	}
	diag_explain(w->d, "branches: %zu that end in '%s' %s: %.3g us joined, "
	             "%.3g us side by side", b->parts.n,
	             value_of(w, b->y)->name, fits && now < before ?
	             "are joined" : "stay apart", now, before);
	if (!fits || now >= before) {
		for (size_t i = ops; i < w->low.ops.n; i++)
			w->low.ops.v[i].dead = true;
		return;
	}
	for (int i = 0; i < b->levels; i++) {
		for (size_t k = 0; k < b->level[i].n; k++)
			w->low.ops.v[b->level[i].v[k]].dead = true;
		w->low.ops.v[b->level[i].v[0]] = chain[i];
	}
	for (size_t i = 0; i < b->parts.n; i++)
		w->low.ops.v[b->parts.v[i]].dead = true;
	work_uses(w);
}

void
join_branches(struct work *w)
{
	size_t n = w->info.n;

	work_uses(w);
	for (size_t i = 0; i < n; i++) {
		struct branches b = {.w = w, .y = (int)i};

		if (find(&b))
			decide(&b);
	}
}
