/* What must hold for the conditions of tasks/1: what an rOperator that may be
 * skipped writes is read only where it ran.
 *
 * That is by rOperators of its condition or of one within it, and as an operand
 * that a map selects: of SELECT(t, a, b), a counts only if t is true.  Views lie
 * in other tensors, so all goes by storage: a root, and the elements in it. */
#include "base/str.h"
#include "ir/check.h"
#include "ir/conditions.h"

struct written {
	int root;
	int64_t from, to;	/* elements of the root */
	int under;		/* a condition */
	int next;		/* of the same root, or -1 */
};

struct thing {			/* a tensor of the graph, or a buffer */
	const struct ints *shape;
	enum dtype type;
	const struct view *view;	/* or NULL */
	int first;		/* of a root: index into writes, or -1 */
	bool given;		/* constant, input or state */
};

struct extent {
	int root;		/* -1: no such tensor */
	int64_t from, to;
};

struct checking {
	const struct tasks *t;
	const struct graph *g;
	struct diag *d;
	struct arena *a;
	struct map names, classes;
	struct conditions c;
	VEC(struct thing) things;
	VEC(struct written) writes;
};

/* --- storage ------------------------------------------------------------ */

static void
add(struct checking *c, const char *name, const struct ints *shape, int type,
    bool given)
{
	map_add(&c->names, name, (int)c->things.n);
	vec_push(c->a, &c->things, ((struct thing){.shape = shape,
	         .type = (enum dtype)type, .first = -1, .given = given}));
}

static void
give(struct checking *c, const char *name)
{
	c->things.v[map_get(&c->names, name)].given = true;
}

static void
collect(struct checking *c)
{
	for (size_t i = 0; i < c->g->tensors.n; i++) {
		const struct tensor *t = &c->g->tensors.v[i];

		add(c, t->name, &t->shape, t->type, tensor_is_const(t));
	}
	for (size_t i = 0; i < c->t->buffers.n; i++)
		add(c, c->t->buffers.v[i].name, &c->t->buffers.v[i].shape,
		    c->t->buffers.v[i].type, false);
	for (size_t i = 0; i < c->g->inputs.n; i++)
		give(c, c->g->inputs.v[i]);
	for (size_t i = 0; i < c->g->states.n; i++)
		give(c, c->g->states.v[i].past);
	for (size_t i = 0; i < c->t->views.n; i++)
		c->things.v[map_get(&c->names, c->t->views.v[i].name)].view =
			&c->t->views.v[i];
	for (size_t i = 0; i < c->t->classes.n; i++)
		map_add(&c->classes, c->t->classes.v[i].class, (int)i);
}

/* Where a tensor lies. */
static struct extent
extent(const struct checking *c, const char *name)
{
	struct extent e = {.root = map_get(&c->names, name)};
	const struct thing *x;

	if (e.root < 0)
		return e;
	x = &c->things.v[e.root];
	e.to = shape_elems(x->shape->v, x->shape->n, 1);
	for (; x->view; x = &c->things.v[e.root]) {
		e.from += x->view->offset;
		e.to += x->view->offset;
		e.root = map_get(&c->names, x->view->of);
	}
	return e;
}

static bool
same(const struct extent *x, const struct extent *y)
{
	return x->root == y->root && x->from == y->from && x->to == y->to;
}

/* The next write that made some of e, after "from" (-1: the first); or NULL. */
static const struct written *
maker(const struct checking *c, const struct extent *e,
      const struct written *from)
{
	int i = from ? from->next : e->root < 0 ? -1 :
		c->things.v[e->root].first;

	for (; i >= 0; i = c->writes.v[i].next) {
		const struct written *w = &c->writes.v[i];

		if (w->from < e->to && e->from < w->to)
			return w;
	}
	return NULL;
}

static void
write_to(struct checking *c, const char *name, int under)
{
	struct extent e = extent(c, name);
	int *first = &c->things.v[e.root].first;

	vec_push(c->a, &c->writes, ((struct written){e.root, e.from, e.to,
	         under, *first}));
	*first = (int)c->writes.n - 1;
}

/* --- selection ---------------------------------------------------------- */

/* What the map of argument "on" calls argument i; NULL: nothing. */
static const char *
called(const struct class *k, size_t i, size_t on)
{
	if (i == on)
		return "v";
	return str_eq(k->args.v[i].on, k->args.v[on].arg) ? k->args.v[i].arg
	                                                  : NULL;
}

/* Whether the map of argument "on" looks at argument i only if condition v
 * holds. */
static bool
map_looks(struct checking *c, const struct rop *r, const struct class *k,
          size_t i, size_t on, const struct condition *v)
{
	struct extent decides = extent(c, v->tensor);
	const char *name = called(k, i, on);

	if (!name)
		return true;
	for (size_t j = 0; j < k->args.n; j++) {
		struct extent e = extent(c, r->args.v[j]);
		const char *by = k->args.v[j].out ? NULL : called(k, j, on);

		if (by && same(&e, &decides) &&
		    map_picks(&k->args.v[on].map, name, by, v->is))
			return true;
	}
	return false;
}

/* An argument that no map is for is the kernel's, who looks at all of it. */
static bool
picks(struct checking *c, const struct rop *r, const struct class *k, size_t i,
      int cond, int mine)
{
	if (!conditions_under(&c->c, mine, c->c.within[cond]) ||
	    (!k->args.v[i].on && !k->args.v[i].map.n))
		return false;
	for (size_t on = 0; on < k->args.n; on++)
		if (k->args.v[on].map.n && !map_looks(c, r, k, i, on, &c->c.v[cond]))
			return false;
	return true;
}

/* --- rOperators --------------------------------------------------------- */

static void
check_read(struct checking *c, const struct rop *r, const struct class *k,
           size_t i, int mine)
{
	struct extent e = extent(c, r->args.v[i]);
	const struct written *w = NULL;

	while ((w = maker(c, &e, w))) {
		if (conditions_under(&c->c, mine, w->under) ||
		    picks(c, r, k, i, w->under, mine))
			continue;
		diag_error(c->d, record_item_pos(r, "args", i), "'%s' reads '%s', which "
		           "is made only if '%s' holds", r->run, r->args.v[i],
		           c->c.v[w->under].name);
		conditions_note(&c->c, w->under, c->d);
		return;
	}
}

static void
check_decided(struct checking *c, const struct rop *r, int mine)
{
	for (int k = mine; k >= 0; k = c->c.within[k]) {
		struct extent e = extent(c, c->c.v[k].tensor);

		if (e.root >= 0 && !c->things.v[e.root].given &&
		    !maker(c, &e, NULL))
			diag_error(c->d, record_pos(r, "if"), "whether '%s' runs is "
			           "decided by '%s', which nothing has made before",
			           r->run, c->c.v[k].tensor);
	}
}

static void
check_rop(struct checking *c, const struct rop *r)
{
	const struct class *k = &c->t->classes.v[map_get(&c->classes, r->class)];
	int mine = conditions_find(&c->c, r->if_);

	if (mine == -2) {
		conditions_unknown(&c->c, r->if_, record_pos(r, "if"), c->d);
		mine = -1;
	}
	if (mine >= 0 && r->init)
		diag_error(c->d, record_pos(r, "if"), "'%s' runs when the model is opened: "
		           "no condition is decided by then", r->run);
	check_decided(c, r, mine);
	for (size_t i = 0; i < r->args.n; i++)
		if (!k->args.v[i].out)
			check_read(c, r, k, i, mine);
	for (size_t i = 0; i < r->args.n; i++)
		if (k->args.v[i].out)
			write_to(c, r->args.v[i], mine);
}

/* --- the whole ---------------------------------------------------------- */

static void
check_tensor(struct checking *c, size_t k)
{
	const char *name = c->c.v[k].tensor;
	int i = map_get(&c->names, name);

	if (i < 0)
		diag_error(c->d, record_pos(&c->c.v[k], "tensor"), "no tensor '%s' in the "
		           "graph or among the buffers", name);
	else
		conditions_decides(&c->c, k, c->things.v[i].type,
		                   c->things.v[i].shape, c->d);
}

/* What name is there for exists if "outer" holds, at least. */
static void
check_exists(struct checking *c, const char *name, int outer, const char *what,
             struct pos at)
{
	struct extent e = extent(c, name);
	const struct written *w = NULL;

	while ((w = maker(c, &e, w))) {
		if (conditions_under(&c->c, outer, w->under))
			continue;
		diag_error(c->d, at, "%s '%s' is made only if '%s' holds", what, name,
		           c->c.v[w->under].name);
		conditions_note(&c->c, w->under, c->d);
		return;
	}
}

/* Outputs and states are the graph's, the fault is that of tasks/1. */
static void
check_ends(struct checking *c)
{
	struct pos at = record_pos(c->t, "rops");

	for (size_t i = 0; i < c->c.n; i++)
		check_exists(c, c->c.v[i].tensor, c->c.within[i],
		             "the condition's tensor",
		             record_pos(&c->c.v[i], "tensor"));
	for (size_t i = 0; i < c->g->outputs.n; i++)
		check_exists(c, c->g->outputs.v[i], -1, "output", at);
	for (size_t i = 0; i < c->g->states.n; i++)
		check_exists(c, c->g->states.v[i].present, -1, "state", at);
}

static bool
has_conditions(const struct tasks *t)
{
	for (size_t i = 0; i < t->rops.n; i++)
		if (t->rops.v[i].if_)
			return true;
	return t->conditions.n > 0;
}

int
tasks_check_if(const struct tasks *t, const struct graph *g, struct diag *d)
{
	struct arena a;
	struct checking c = {.t = t, .g = g, .d = d, .a = &a};
	int before = d->nerrors;

	if (!has_conditions(t))
		return 0;
	arena_init(&a);
	map_init(&c.names, &a);
	map_init(&c.classes, &a);
	conditions_init(&c.c, t->conditions.v, t->conditions.n, &a);
	collect(&c);
	conditions_check(&c.c, d);
	for (size_t i = 0; i < t->conditions.n; i++)
		check_tensor(&c, i);
	for (size_t i = 0; i < t->rops.n && d->nerrors == before; i++)
		check_rop(&c, &t->rops.v[i]);
	if (d->nerrors == before)
		check_ends(&c);
	arena_release(&a);
	return d->nerrors > before ? -1 : 0;
}
