/* Fusion of Maps: into the Map that reads them, into the STORE of what makes
 * their operand, into the LOAD of what reads their result.
 *
 * Each is tried and undone where kernels would be lost: a fused operator must
 * have every kernel that it had before.  A fused operator stands where the
 * later of the two stood.
 *
 * On a wide device a Map of several operands is not put into one of their
 * makers if that one would then have to wait for another: two products that
 * run side by side and a Map after them are faster than one after the other. */
#include <string.h>

#include "base/str.h"
#include "partition/fuse_build.h"

#define EXTRAS_MAX 16
#define STEPS_MAX 64

/* --- what may be fused --------------------- */

static bool
is_map(const struct lop *o)
{
	return str_eq(o->form, "Map");
}

static bool
full(const struct larg *x, const struct larg *on)
{
	return shape_eq(&x->shape, &on->shape);
}

/* Whether a value is all of its root's storage and nothing but op reader sees
 * it: then it need not exist. */
static bool
only_for(const struct work *w, int value, int reader)
{
	const struct vinfo *root = &w->info.v[root_of(w, value)];

	return !root->lasting && root->writers.n == 1 && root->readers.n == 1 &&
		root->readers.v[0] == reader &&
		value_elems(value_of(w, value)) ==
		value_elems(value_of(w, root_of(w, value)));
}

/* Argument g of o writes all of its root's storage. */
static bool
makes_all(const struct work *w, const struct larg *g)
{
	return value_elems(value_of(w, g->value)) ==
		value_elems(value_of(w, root_of(w, g->value)));
}

static bool
map_mentions(const struct larg *g, const char *word)
{
	for (size_t i = 0; i < g->map.n; i++)
		if (expr_mentions(g->map.v[i], word))
			return true;
	return false;
}

static bool
uses_coordinates(const struct larg *g)
{
	for (size_t i = 0; i < g->map.n; i++)
		if (expr_uses_coordinates(g->map.v[i]))
			return true;
	return false;
}

/* --- replacing --------------------- */

static void
replace(struct ints *l, int from, int to)
{
	size_t n = 0;
	bool have = false;

	for (size_t i = 0; i < l->n; i++)
		have |= l->v[i] == to;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i] == from && have)
			continue;
		l->v[n++] = l->v[i] == from ? to : l->v[i];
	}
	l->n = n;
}

/* Puts the built operator in place of the later one; the earlier is dead. */
static void
commit(struct build *b, int early, int late)
{
	struct work *w = b->w;
	struct lop *e = &w->low.ops.v[early];

	for (size_t i = 0; i < e->args.n; i++) {
		struct vinfo *v = &w->info.v[root_of(w, e->args.v[i].value)];

		replace(e->args.v[i].out ? &v->writers : &v->readers, early,
		        late);
	}
	e->dead = true;
	w->low.ops.v[late] = b->o;
}

/* Every kernel that computes "before" computes the fused one too. */
static bool
keeps_kernels(struct work *w, const struct lop *before, const struct lop *now)
{
	struct class_fit *x = class_fit(w, before);
	struct class_fit *y = class_fit(w, now);

	if (!y->names.n)
		return false;
	for (size_t i = 0; i < x->names.n; i++) {
		bool have = false;

		for (size_t k = 0; k < y->names.n; k++)
			have |= str_eq(x->names.v[i], y->names.v[k]);
		if (!have)
			return false;
	}
	return true;
}

static bool
small_enough(const struct build *b, const struct larg *on)
{
	return b->o.nextra <= EXTRAS_MAX && on->map.n <= STEPS_MAX;
}

static void
tell(struct work *w, const struct lop *m, const struct lop *p,
     const char *where, const char *why)
{
	const char *x = value_of(w, m->args.v[0].value)->name;
	const char *y = value_of(w, lop_output((struct lop *)p)->value)->name;

	if (why)
		diag_explain(w->d, "fuse: %s is not fused into %s %s: %s", x,
		             where, y, why);
	else
		diag_explain(w->d, "fuse: %s into %s %s", x, where, y);
}

/* --- a Map into the Map that reads it --------------------- */

/* The shape of a Map that both shapes are made of; rank 1 at least. */
static bool
common_shape(struct work *w, const struct larg *x, const struct larg *y,
             struct ints *out)
{
	if (shape_eq(&x->shape, &y->shape)) {
		*out = x->shape;
		return true;
	}
	if (uses_coordinates(x) || uses_coordinates(y) ||
	    !shape_refine(w->a, &x->shape, &y->shape, out) ||
	    out->n > TENSOR_MAX_DIMS)
		return false;
	if (!out->n)
		vec_push(w->a, out, 1);
	return true;
}

static bool
chain(struct work *w, int first, int second)
{
	struct lop *f = &w->low.ops.v[first], *s = &w->low.ops.v[second];
	struct larg *fy = &f->args.v[0], *sy = &s->args.v[0], *y;
	struct build b;
	struct ints shape;
	struct strs map = {0};
	const char *name;

	build_begin(&b, w, s);
	if (!common_shape(w, fy, sy, &shape)) {
		tell(w, f, s, "the map of", "their shapes do not align");
		return false;
	}
	y = vec_add(w->a, &b.o.args);
	*y = *sy;
	y->map = (struct strs){0};
	y->shape = shape;
	if (!build_operands(&b, f, fy, "Y", &shape, -1))
		return false;
	name = build_steps(&b, &map, &fy->map, value_of(w, fy->value)->type,
	                 map_all_f32(w, f, fy), false);
	b.names.n = 0;
	for (size_t i = 0; i < s->args.n; i++)
		if (s->args.v[i].on &&
		    root_of(w, s->args.v[i].value) == root_of(w, fy->value))
			build_alias(&b, s->args.v[i].arg, name);
	if (!build_operands(&b, s, sy, "Y", &shape, fy->value))
		return false;
	build_steps(&b, &map, &sy->map, DTYPE_F32, true, true);
	b.o.args.v[0].map = map;
	if (!small_enough(&b, &b.o.args.v[0])) {
		tell(w, f, s, "the map of", "it would grow too large");
		return false;
	}
	build_nodes(&b, f);
	build_nodes(&b, s);
	if (!class_fit(w, &b.o)->names.n)
		return false;
	tell(w, f, s, "the map of", NULL);
	commit(&b, first, second);
	return true;
}

/* --- a Map into the STORE of what makes its operand --------------------- */

static bool
into_store(struct work *w, int maker, int map)
{
	struct lop *p = &w->low.ops.v[maker], *m = &w->low.ops.v[map];
	struct larg *out = lop_output(p), *my = &m->args.v[0], *y;
	struct build b;
	struct strs steps = {0};
	const char *name = "v";

	build_begin(&b, w, p);
	for (size_t i = 0; i < p->args.n; i++)
		vec_push(w->a, &b.o.args, p->args.v[i]);
	b.o.nextra = p->nextra;
	if (out->map.n) {
		name = build_steps(&b, &steps, &out->map,
		                 value_of(w, out->value)->type,
		                 map_all_f32(w, p, out), false);
		b.names.n = 0;
	}
	if (uses_coordinates(my) && !shape_eq(&my->shape, &out->shape)) {
		tell(w, m, p, "the store of", "it uses coordinates");
		return false;
	}
	for (size_t i = 0; i < m->args.n; i++)
		if (m->args.v[i].on &&
		    root_of(w, m->args.v[i].value) == root_of(w, out->value))
			build_alias(&b, m->args.v[i].arg, name);
	if (!build_operands(&b, m, my, out->arg, &out->shape, out->value)) {
		tell(w, m, p, "the store of", "an operand does not broadcast "
		     "to its shape");
		return false;
	}
	build_steps(&b, &steps, &my->map, DTYPE_F32, true, true);
	y = lop_output(&b.o);
	y->value = my->value;
	y->map = steps;
	if (!out->map.n)
		y->from = (int)value_of(w, out->value)->type;
	if (!small_enough(&b, y) || !keeps_kernels(w, p, &b.o)) {
		tell(w, m, p, "the store of", "a kernel would be lost");
		return false;
	}
	build_nodes(&b, p);
	build_nodes(&b, m);
	tell(w, m, p, "the store of", NULL);
	commit(&b, maker, map);
	return true;
}

/* --- a Map into the LOAD of what reads it --------------------- */

/* Forms that load an element of X about once: a map there is not repeated. */
static const char *const load_once[] = {"Reduce", "ArgReduce", "Copy",
                                        "Concat"};

static bool
loads_once(const struct lop *o)
{
	const struct ints *src = attrs_ints(&o->attrs, "src");

	for (size_t i = 0; src && i < src->n; i++)
		if (src->v[i] == 0)
			return false;
	for (size_t i = 0; i < sizeof load_once / sizeof *load_once; i++)
		if (str_eq(load_once[i], o->form))
			return true;
	return false;
}

/* The operand that takes X's place: of the Map's shape and X's type. */
static struct larg *
main_operand(struct work *w, struct lop *m, enum dtype t)
{
	struct larg *found = NULL;

	for (size_t i = 0; i < m->args.n; i++) {
		struct larg *x = &m->args.v[i];

		if (!x->on || !full(x, &m->args.v[0]) ||
		    value_of(w, x->value)->type != t)
			continue;
		if (!found || w->info.v[root_of(w, found->value)].constant)
			found = x;
	}
	return found;
}

static bool
into_load(struct work *w, int map, int reader)
{
	struct lop *m = &w->low.ops.v[map], *r = &w->low.ops.v[reader];
	struct larg *my = &m->args.v[0], *x = NULL, *from;
	struct build b;
	struct strs steps = {0};

	for (size_t i = 0; i < r->args.n; i++)
		if (!r->args.v[i].out &&
		    root_of(w, r->args.v[i].value) == root_of(w, my->value)) {
			if (x)
				return false;
			x = &r->args.v[i];
		}
	if (!x || x->on || x->map.n || !loads_once(r) ||
	    value_elems(value_of(w, x->value)) != value_elems(value_of(w, my->value)))
		return false;
	from = main_operand(w, m, value_of(w, my->value)->type);
	if (!from || map_mentions(my, "v") || (uses_coordinates(my) &&
	    !shape_eq(&my->shape, &x->shape)))
		return false;
	build_begin(&b, w, r);
	for (size_t i = 0; i < r->args.n; i++)
		vec_push(w->a, &b.o.args, r->args.v[i]);
	b.o.nextra = r->nextra;
	for (size_t i = 0; i < m->args.n; i++)
		if (m->args.v[i].on && m->args.v[i].value == from->value &&
		    full(&m->args.v[i], my))
			build_alias(&b, m->args.v[i].arg, "v");
	for (size_t i = 0; i < m->args.n; i++) {
		const struct larg *e = &m->args.v[i];
		struct ints shape;

		if (!e->on || (e->value == from->value && full(e, my)))
			continue;
		if (!operand_realign(w->a, &e->shape, &my->shape, &x->shape,
		                     &shape)) {
			tell(w, m, r, "the load of", "an operand does not "
			     "broadcast to its shape");
			return false;
		}
		build_alias(&b, e->arg, build_extra(&b, x->arg, e, &shape));
	}
	build_steps(&b, &steps, &my->map, DTYPE_F32, true, true);
	steps.v[steps.n - 1] = build_stored(&b, steps.v[steps.n - 1],
	                                 value_of(w, my->value)->type,
	                                 map_all_f32(w, m, my));
	x = lop_arg(&b.o, x->arg);
	x->value = from->value;
	x->map = steps;
	if (!small_enough(&b, x) || !keeps_kernels(w, r, &b.o)) {
		tell(w, m, r, "the load of", "a kernel would be lost");
		return false;
	}
	build_nodes(&b, m);
	build_nodes(&b, r);
	tell(w, m, r, "the load of", NULL);
	commit(&b, map, reader);
	return true;
}

/* --- the pass --------------------- */

/* Every operand of m that lies in that root is all of it, of m's shape. */
static bool
reads_whole(const struct work *w, const struct lop *m, int root)
{
	for (size_t i = 0; i < m->args.n; i++) {
		const struct larg *x = &m->args.v[i];

		if (x->on && root_of(w, x->value) == root &&
		    (!full(x, &m->args.v[0]) || !makes_all(w, x)))
			return false;
	}
	return true;
}

/* The operator whose only purpose is operand x of Map m, or -1. */
static int
maker_for(struct work *w, int m, const struct larg *x)
{
	const struct vinfo *root = &w->info.v[root_of(w, x->value)];
	struct lop *map = &w->low.ops.v[m], *o;
	int maker;

	if (!x->on || !only_for(w, x->value, m) ||
	    !reads_whole(w, map, root_of(w, x->value)))
		return -1;
	maker = (int)root->writers.v[0];
	o = &w->low.ops.v[maker];
	if (maker >= m || !lop_output(o) || !makes_all(w, lop_output(o)) ||
	    lop_constant(w, o) != lop_constant(w, map) || !lop_together(o, map))
		return -1;
	return maker;
}

/* Joins one Map that Map m reads to it (the number stays m). */
static bool
absorb_map(struct work *w, int m)
{
	for (size_t i = 1; i < w->low.ops.v[m].args.n; i++) {
		int p = maker_for(w, m, &w->low.ops.v[m].args.v[i]);
		struct lop *o = p < 0 ? NULL : &w->low.ops.v[p];

		if (o && is_map(o) && !map_mentions(&o->args.v[0], "v") &&
		    chain(w, p, m))
			return true;
	}
	return false;
}

static int
depth_of(const struct work *w, int value)
{
	return w->info.v[root_of(w, value)].depth;
}

/* Whether the other operands of Map m are there when p could begin. */
static bool
waits_for_none(const struct work *w, const struct lop *m, struct lop *p)
{
	int made = root_of(w, lop_output(p)->value);

	if (!work_wide(w))
		return true;
	for (size_t i = 1; i < m->args.n; i++)
		if (root_of(w, m->args.v[i].value) != made &&
		    depth_of(w, m->args.v[i].value) >= w->info.v[made].depth)
			return false;
	return true;
}

/* Joins m to the deepest of the operators that make its operands, of equally
 * deep ones the latest. */
static void
join_maker(struct work *w, int m)
{
	struct lop *map = &w->low.ops.v[m];
	int best = -1, depth = -1;

	if (map_mentions(&map->args.v[0], "v"))
		return;
	for (size_t i = 1; i < map->args.n; i++) {
		int p = maker_for(w, m, &map->args.v[i]);
		int d = depth_of(w, map->args.v[i].value);

		if (p < 0 || is_map(&w->low.ops.v[p]) || d < depth ||
		    (d == depth && p <= best))
			continue;
		best = p;
		depth = d;
	}
	if (best < 0)
		return;
	if (waits_for_none(w, map, &w->low.ops.v[best]))
		into_store(w, best, m);
	else
		tell(w, map, &w->low.ops.v[best], "the store of",
		     "it would wait for what now runs beside it");
}

/* Depths of all values; operators stand in topological order. */
static void
set_depths(struct work *w)
{
	for (size_t i = 0; i < w->low.ops.n; i++) {
		const struct lop *o = &w->low.ops.v[i];
		int depth = 0;

		for (size_t k = 0; k < o->args.n; k++)
			if (!o->args.v[k].out &&
			    depth_of(w, o->args.v[k].value) > depth)
				depth = depth_of(w, o->args.v[k].value);
		depth += !is_map(o);
		for (size_t k = 0; k < o->args.n; k++) {
			struct vinfo *v = &w->info.v[root_of(w,
				o->args.v[k].value)];

			if (o->args.v[k].out && v->depth < depth)
				v->depth = depth;
		}
	}
}

/* Joins Map m to the one operator that loads its result. */
static void
join_reader(struct work *w, int m)
{
	struct lop *o = &w->low.ops.v[m];
	const struct vinfo *root = &w->info.v[root_of(w, o->args.v[0].value)];
	int reader = root->readers.n == 1 ? (int)root->readers.v[0] : -1;

	if (reader > m && makes_all(w, &o->args.v[0]) &&
	    only_for(w, o->args.v[0].value, reader) &&
	    !is_map(&w->low.ops.v[reader]) &&
	    lop_constant(w, o) == lop_constant(w, &w->low.ops.v[reader]) &&
	    lop_together(o, &w->low.ops.v[reader]))
		into_load(w, m, reader);
}

static bool
live_map(const struct work *w, size_t i)
{
	return !w->low.ops.v[i].dead && is_map(&w->low.ops.v[i]);
}

void
fuse_maps(struct work *w)
{
	set_depths(w);
	for (size_t i = 0; i < w->low.ops.n; i++) {
		while (live_map(w, i) && absorb_map(w, (int)i))
			;
		if (live_map(w, i))
			join_maker(w, (int)i);
	}
	for (size_t i = w->low.ops.n; i-- > 0;)
		if (live_map(w, i))
			join_reader(w, (int)i);
}
