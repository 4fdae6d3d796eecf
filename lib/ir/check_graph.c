/* What must hold in graph/1 beyond its table: names are unique and known,
 * shapes are of a size that can exist, constants have one source of elements,
 * and each node comes after those it reads from. */
#include "base/str.h"
#include "ir/check.h"

struct checking {
	const struct graph *g;
	struct diag *d;
	struct arena *a;
	struct map tensors;	/* name -> index */
	bool *made;		/* has a value at this point of the graph */
};

static void
check_shape(struct checking *c, const struct tensor *t)
{
	size_t bytes = dtype_bytes((enum dtype)t->type);

	if (t->shape.n > TENSOR_MAX_DIMS)
		diag_error(c->d, record_pos(t, "shape"),
		           "tensor '%s' has %zu dimensions, expected at most %d",
		           t->name, t->shape.n, TENSOR_MAX_DIMS);
	else if (shape_elems(t->shape.v, t->shape.n, bytes) < 0)
		diag_error(c->d, record_pos(t, "shape"),
		           "tensor '%s' of shape %s has a negative dimension or more "
		           "than 2^40 bytes", t->name, shape_text(c->a, &t->shape));
}

static void
check_constant(struct checking *c, const struct tensor *t)
{
	bool is_float = dtype_is_float((enum dtype)t->type);
	int64_t elems = shape_elems(t->shape.v, t->shape.n, 1);
	size_t given = is_float ? t->value.n : t->ivalue.n;
	int sources = (t->data != NULL) + (t->value.n > 0) + (t->ivalue.n > 0) +
		(t->fill.n > 0) + (t->random != NULL);

	if (sources > 1)
		diag_error(c->d, record_pos(t, "name"), "tensor '%s' has more than one of "
		           "data, value, ivalue, fill and random", t->name);
	else if (is_float ? t->ivalue.n > 0 : t->value.n > 0)
		diag_error(c->d, record_pos(t, is_float ? "ivalue" : "value"),
		           "tensor '%s' is of type %s, expected its elements under '%s'",
		           t->name, dtype_word((enum dtype)t->type),
		           is_float ? "value" : "ivalue");
	else if (given > 0 && elems >= 0 && given != (uint64_t)elems)
		diag_error(c->d, record_pos(t, is_float ? "value" : "ivalue"),
		           "tensor '%s' has %zu elements, expected %lld for shape %s",
		           t->name, given, (long long)elems,
		           shape_text(c->a, &t->shape));
	else if (t->fill.n > 1)
		diag_error(c->d, record_pos(t, "fill"), "fill is one number");
}

static void
check_tensors(struct checking *c)
{
	for (size_t i = 0; i < c->g->tensors.n; i++) {
		const struct tensor *t = &c->g->tensors.v[i];
		int before;

		if (!*t->name) {
			diag_error(c->d, record_pos(t, "name"), "a tensor needs a name");
			continue;
		}
		before = map_add(&c->tensors, t->name, (int)i);
		if (before >= 0) {
			diag_error(c->d, record_pos(t, "name"),
			           "tensor '%s' is listed twice", t->name);
			diag_note(c->d, record_pos(&c->g->tensors.v[before], "name"),
			          "the first time");
		}
		check_shape(c, t);
		check_constant(c, t);
		c->made[i] = tensor_is_const(t);
	}
}

/* Index of the tensor, or -1 after a diagnostic. */
static int
known(struct checking *c, const char *name, struct pos at)
{
	VEC(const char *) names = {0};
	int i = map_get(&c->tensors, name);
	const char *near;

	if (i >= 0)
		return i;
	for (size_t k = 0; k < c->g->tensors.n && k < 10000; k++)
		vec_push(c->a, &names, c->g->tensors.v[k].name);
	near = str_nearest(name, names.v, names.n);
	if (near)
		diag_error(c->d, at, "no tensor '%s' (did you mean '%s'?)", name, near);
	else
		diag_error(c->d, at, "no tensor '%s'", name);
	return -1;
}

static void
check_inputs(struct checking *c)
{
	for (size_t i = 0; i < c->g->inputs.n; i++) {
		struct pos at = record_item_pos(c->g, "inputs", i);
		int t = known(c, c->g->inputs.v[i], at);

		if (t < 0)
			continue;
		if (c->made[t])
			diag_error(c->d, at, "input '%s' is %s", c->g->inputs.v[i],
			           tensor_is_const(&c->g->tensors.v[t]) ?
			           "a constant" : "listed twice");
		c->made[t] = true;
	}
}

static void
check_states(struct checking *c)
{
	for (size_t i = 0; i < c->g->states.n; i++) {
		const struct state *s = &c->g->states.v[i];
		int past = known(c, s->past, record_pos(s, "past"));
		int present = known(c, s->present, record_pos(s, "present"));
		const struct tensor *p, *q;

		if (past < 0 || present < 0)
			continue;
		p = &c->g->tensors.v[past];
		q = &c->g->tensors.v[present];
		if (p->type != q->type || !shape_eq(&p->shape, &q->shape))
			diag_error(c->d, record_pos(s, "present"),
			           "'%s' and '%s' differ in type or shape", s->past,
			           s->present);
		if (tensor_is_const(p))
			diag_error(c->d, record_pos(s, "past"),
			           "state '%s' is a constant", s->past);
		c->made[past] = true;
	}
}

static void
check_node(struct checking *c, const struct node *n)
{
	bool named = false;
	int t;

	for (size_t i = 0; i < n->in.n; i++) {
		struct pos at = record_item_pos(n, "in", i);

		if (!*n->in.v[i])
			continue;
		t = known(c, n->in.v[i], at);
		if (t >= 0 && !c->made[t]) {
			c->made[t] = true;	/* say it once */
			diag_error(c->d, at, "%s reads '%s' before anything has made it",
			           n->op, n->in.v[i]);
		}
	}
	for (size_t i = 0; i < n->out.n; i++) {
		struct pos at = record_item_pos(n, "out", i);

		if (!*n->out.v[i])
			continue;
		named = true;
		t = known(c, n->out.v[i], at);
		if (t >= 0 && c->made[t])
			diag_error(c->d, at, "'%s' has a value already, %s makes it again",
			           n->out.v[i], n->op);
		if (t >= 0)
			c->made[t] = true;
	}
	if (!named)
		diag_error(c->d, record_pos(n, "out"), "%s makes nothing", n->op);
}

static void
check_outputs(struct checking *c)
{
	struct map seen;

	map_init(&seen, c->a);
	for (size_t i = 0; i < c->g->outputs.n; i++) {
		struct pos at = record_item_pos(c->g, "outputs", i);
		const char *name = c->g->outputs.v[i];
		int t = known(c, name, at);

		if (t >= 0 && !c->made[t])
			diag_error(c->d, at, "output '%s' is made by no node", name);
		if (map_add(&seen, name, 0) >= 0)
			diag_error(c->d, at, "output '%s' is listed twice", name);
	}
	for (size_t i = 0; i < c->g->states.n; i++) {
		const struct state *s = &c->g->states.v[i];
		int t = map_get(&c->tensors, s->present);

		if (t >= 0 && !c->made[t])
			diag_error(c->d, record_pos(s, "present"),
			           "'%s' is made by no node", s->present);
	}
}

int
graph_check(const struct graph *g, struct diag *d)
{
	struct arena a;
	struct checking c = {.g = g, .d = d, .a = &a};
	int before = d->nerrors;

	arena_init(&a);
	map_init(&c.tensors, &a);
	c.made = arena_array(&a, g->tensors.n + 1, sizeof *c.made);
	check_tensors(&c);
	check_inputs(&c);
	check_states(&c);
	for (size_t i = 0; i < g->nodes.n; i++)
		check_node(&c, &g->nodes.v[i]);
	check_outputs(&c);
	arena_release(&a);
	return d->nerrors > before ? -1 : graph_check_if(g, d);
}
