/* What must hold in tasks/1 beyond its table: names are unique and known,
 * views lie inside what they are views of, rOperators fit their classes and
 * come after those they read from.  Kernels and regions are checked where
 * they are matched (lib/rkernel). */
#include "base/str.h"
#include "ir/check.h"

struct thing {			/* a tensor of the graph, or a buffer */
	const char *name;
	enum dtype type;
	const struct ints *shape;
	bool made;		/* has a value at this point */
	int view;		/* index in views, or -1 */
};

struct checking {
	const struct tasks *t;
	const struct graph *g;	/* may be NULL */
	struct diag *d;
	struct arena *a;
	VEC(struct thing) things;
	struct map by_name, classes;
	int before;		/* errors said before the check */
};

static struct thing *
add_thing(struct checking *c, const char *name, int type,
          const struct ints *shape, struct pos at)
{
	struct thing *x;

	if (map_add(&c->by_name, name, (int)c->things.n) >= 0) {
		diag_error(c->d, at, "tensor '%s' exists already", name);
		return NULL;
	}
	x = vec_add(c->a, &c->things);
	*x = (struct thing){name, (enum dtype)type, shape, .view = -1};
	return x;
}

static void
collect(struct checking *c)
{
	for (size_t i = 0; i < c->g->tensors.n; i++) {
		const struct tensor *t = &c->g->tensors.v[i];
		struct thing *x = add_thing(c, t->name, t->type, &t->shape,
		                            record_pos(t, "name"));

		if (x)
			x->made = tensor_is_const(t);
	}
	for (size_t i = 0; i < c->g->inputs.n; i++) {
		int k = map_get(&c->by_name, c->g->inputs.v[i]);

		if (k >= 0)
			c->things.v[k].made = true;
	}
	for (size_t i = 0; i < c->g->states.n; i++) {
		int k = map_get(&c->by_name, c->g->states.v[i].past);

		if (k >= 0)
			c->things.v[k].made = true;
	}
	for (size_t i = 0; i < c->t->buffers.n; i++) {
		const struct buffer *b = &c->t->buffers.v[i];

		add_thing(c, b->name, b->type, &b->shape, record_pos(b, "name"));
		if (shape_elems(b->shape.v, b->shape.n,
		                dtype_bytes((enum dtype)b->type)) < 0)
			diag_error(c->d, record_pos(b, "shape"), "buffer '%s' has a negative "
			           "dimension or more than 2^40 bytes", b->name);
	}
}

static struct thing *
known(struct checking *c, const char *name, struct pos at)
{
	int i = map_get(&c->by_name, name);

	if (i >= 0)
		return &c->things.v[i];
	diag_error(c->d, at, "no tensor '%s' in the graph or among the buffers", name);
	return NULL;
}

static int64_t
elems(const struct thing *x)
{
	return shape_elems(x->shape->v, x->shape->n, dtype_bytes(x->type));
}

static void
check_view(struct checking *c, size_t i)
{
	const struct view *v = &c->t->views.v[i];
	struct thing *x = known(c, v->name, record_pos(v, "name"));
	struct thing *of = known(c, v->of, record_pos(v, "of"));

	if (!x || !of)
		return;
	if (x->view >= 0)
		diag_error(c->d, record_pos(v, "name"), "'%s' is a view already", v->name);
	x->view = (int)i;
	if (x->type != of->type)
		diag_error(c->d, record_pos(v, "of"), "'%s' is %s, and '%s' is %s", v->name,
		           dtype_word(x->type), v->of, dtype_word(of->type));
	else if (v->offset > elems(of) - elems(x))
		diag_error(c->d, record_pos(v, "of"), "'%s' has %lld elements and does not "
		           "lie inside '%s', which has %lld, at %lld", v->name,
		           (long long)elems(x), v->of, (long long)elems(of),
		           (long long)v->offset);
}

/* The tensor whose storage x lies in; NULL if its views go round. */
static struct thing *
root(struct checking *c, struct thing *x)
{
	for (size_t n = 0; n <= c->t->views.n; n++) {
		int i;

		if (x->view < 0)
			return x;
		i = map_get(&c->by_name, c->t->views.v[x->view].of);
		if (i < 0)
			return NULL;
		x = &c->things.v[i];
	}
	return NULL;
}

static void
check_views(struct checking *c)
{
	for (size_t i = 0; i < c->t->views.n; i++)
		check_view(c, i);
	for (size_t i = 0; i < c->t->views.n; i++) {
		const struct view *v = &c->t->views.v[i];
		int k = map_get(&c->by_name, v->name);

		if (k >= 0 && c->d->nerrors == c->before && !root(c, &c->things.v[k]))
			diag_error(c->d, record_pos(v, "of"), "'%s' is a view of itself",
			           v->name);
	}
	for (size_t i = 0; i < c->t->layouts.n; i++) {
		const struct stored *s = &c->t->layouts.v[i];

		known(c, s->name, record_pos(s, "name"));
	}
}

static void
check_class(struct checking *c, const struct class *k, int index)
{
	struct map names;

	if (map_add(&c->classes, k->class, index) >= 0)
		diag_error(c->d, record_pos(k, "class"), "class '%s' is listed twice",
		           k->class);
	map_init(&names, c->a);
	for (size_t i = 0; i < k->args.n; i++) {
		const struct arg *x = &k->args.v[i];

		if (map_add(&names, x->arg, (int)i) >= 0)
			diag_error(c->d, record_pos(x, "arg"),
			           "argument '%s' is listed twice", x->arg);
		if (shape_elems(x->shape.v, x->shape.n,
		                dtype_bytes((enum dtype)x->type)) < 0)
			diag_error(c->d, record_pos(x, "shape"), "a negative dimension or "
			           "more than 2^40 bytes");
	}
	for (size_t i = 0; i < k->args.n; i++)
		if (k->args.v[i].on && map_get(&names, k->args.v[i].on) < 0)
			diag_error(c->d, record_pos(&k->args.v[i], "on"),
			           "no argument '%s' in class '%s'", k->args.v[i].on,
			           k->class);
	map_init(&names, c->a);
	for (size_t i = 0; i < k->kernels.n; i++)
		if (map_add(&names, k->kernels.v[i].use, (int)i) >= 0)
			diag_error(c->d, record_pos(&k->kernels.v[i], "use"),
			           "'%s' is listed twice", k->kernels.v[i].use);
}

static void
check_arg(struct checking *c, const struct rop *r, const struct class *k,
          size_t i)
{
	const struct arg *arg = &k->args.v[i];
	struct pos at = record_item_pos(r, "args", i);
	struct thing *x = known(c, r->args.v[i], at);
	int64_t n = shape_elems(arg->shape.v, arg->shape.n, 1);

	if (!x)
		return;
	if (x->type != (enum dtype)arg->type)
		diag_error(c->d, at, "'%s' is %s, and argument %s of class '%s' is %s",
		           x->name, dtype_word(x->type), arg->arg, k->class,
		           dtype_word((enum dtype)arg->type));
	else if (elems(x) != n)
		diag_error(c->d, at, "'%s' has %lld elements, and argument %s of class '%s' "
		           "has %lld", x->name, (long long)elems(x), arg->arg, k->class,
		           (long long)n);
}

/* Reads first, then what the rOperator itself makes. */
static void
check_order(struct checking *c, const struct rop *r, const struct class *k,
            bool writes)
{
	for (size_t i = 0; i < r->args.n; i++) {
		int j = map_get(&c->by_name, r->args.v[i]);
		struct thing *x = j < 0 ? NULL : root(c, &c->things.v[j]);

		if (!x || k->args.v[i].out != writes)
			continue;
		if (!writes && !x->made)
			diag_error(c->d, record_item_pos(r, "args", i),
			           "'%s' reads '%s' before anything has made it", r->run,
			           r->args.v[i]);
		x->made = true;
	}
}

static void
check_rop(struct checking *c, const struct rop *r)
{
	int j = map_get(&c->classes, r->class);
	const struct class *k = j < 0 ? NULL : &c->t->classes.v[j];

	if (!k) {
		diag_error(c->d, record_pos(r, "class"), "no class '%s'", r->class);
		return;
	}
	if (r->args.n != k->args.n) {
		diag_error(c->d, record_pos(r, "args"), "'%s' has %zu arguments, and class "
		           "'%s' has %zu", r->run, r->args.n, k->class, k->args.n);
		return;
	}
	if (!c->g)
		return;
	for (size_t i = 0; i < r->args.n; i++)
		check_arg(c, r, k, i);
	check_order(c, r, k, false);
	check_order(c, r, k, true);
}

int
tasks_check(const struct tasks *t, const struct graph *g, struct diag *d)
{
	struct arena a;
	struct checking c = {.t = t, .g = g, .d = d, .a = &a,
	                     .before = d->nerrors};
	struct map runs;

	arena_init(&a);
	map_init(&c.by_name, &a);
	map_init(&c.classes, &a);
	map_init(&runs, &a);
	if (g) {
		collect(&c);
		check_views(&c);
	}
	for (size_t i = 0; i < t->classes.n; i++)
		check_class(&c, &t->classes.v[i], (int)i);
	for (size_t i = 0; i < t->rops.n; i++) {
		const struct rop *r = &t->rops.v[i];

		if (map_add(&runs, r->run, (int)i) >= 0)
			diag_error(c.d, record_pos(r, "run"),
			           "rOperator '%s' is listed twice", r->run);
		check_rop(&c, r);
	}
	arena_release(&a);
	return d->nerrors > c.before ? -1 : g ? tasks_check_if(t, g, d) : 0;
}
