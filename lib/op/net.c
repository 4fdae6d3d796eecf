/* A model while it is being changed: values and nodes by index.
 *
 * Values are never removed, only left unused; nodes are marked dead and go
 * at the next net_sort.  Names are unique and copied into the net's arena. */
#include "op/net.h"

#include <math.h>

#include "base/str.h"
#include "op/net_if.h"
#include "op/op.h"

#define INLINE_ELEMS 8	/* constants up to this size stand in the plan */

void
net_init(struct net *n, struct arena *a)
{
	*n = (struct net){.a = a, .under = -1};
	map_init(&n->by_name, a);
}

static int
new_value(struct net *n, const char *name)
{
	struct value *v = vec_add(n->a, &n->values);

	v->name = name;
	v->maker = -1;
	map_add(&n->by_name, name, (int)n->values.n - 1);
	return (int)n->values.n - 1;
}

int
net_value(struct net *n, const char *name)
{
	int i = map_get(&n->by_name, name);

	return i >= 0 ? i : new_value(n, arena_strdup(n->a, name));
}

int
net_fresh(struct net *n, const char *hint, enum dtype t, const int64_t *dims,
          size_t ndims)
{
	const char *name = arena_strdup(n->a, hint);
	int i;

	for (int k = 1; map_get(&n->by_name, name) >= 0; k++)
		name = arena_printf(n->a, "%s_%d", hint, k);
	i = new_value(n, name);
	value_set(n, &n->values.v[i], t, dims, ndims);
	return i;
}

void
value_set(struct net *n, struct value *v, enum dtype t, const int64_t *dims,
          size_t ndims)
{
	struct ints shape = {0};

	for (size_t i = 0; i < ndims; i++)
		vec_push(n->a, &shape, dims[i]);
	v->type = t;
	v->shape = shape;
	v->typed = v->shaped = true;
}

int
net_const(struct net *n, const char *hint, enum dtype t, const int64_t *dims,
          size_t ndims, const void *data)
{
	int64_t elems = shape_elems(dims, ndims, dtype_bytes(t));
	size_t bytes;
	void *copy;
	int i;

	if (elems < 0)
		BUG("constant '%s' of an impossible shape", hint);
	bytes = (size_t)elems * dtype_bytes(t);
	copy = arena_alloc(n->a, bytes);
	if (bytes)
		memcpy(copy, data, bytes);
	i = net_fresh(n, hint, t, dims, ndims);
	n->values.v[i].data = copy;
	return i;
}

struct onode *
net_node(struct net *n, const char *op)
{
	struct onode *o = vec_add(n->a, &n->nodes);

	o->op = op;
	o->def = op_find(op);
	o->opset = NET_OPSET;
	o->cond = n->under;
	o->label = op;
	return o;
}

void
net_link(struct net *n)
{
	for (size_t i = 0; i < n->values.n; i++)
		n->values.v[i].maker = -1;
	for (size_t i = 0; i < n->nodes.n; i++) {
		const struct onode *o = &n->nodes.v[i];

		for (size_t k = 0; k < o->out.n && !o->dead; k++)
			if (o->out.v[k] >= 0)
				n->values.v[o->out.v[k]].maker = (int)i;
	}
}

void
net_replace(struct net *n, const int *to)
{
	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i];

		for (size_t k = 0; k < o->in.n && !o->dead; k++)
			while (o->in.v[k] >= 0 && to[o->in.v[k]] >= 0)
				o->in.v[k] = to[o->in.v[k]];
	}
	for (size_t i = 0; i < n->conditions.n; i++) {
		struct ncondition *c = &n->conditions.v[i];

		while (to[c->value] >= 0)
			c->value = to[c->value];
	}
}

/* --- order ------------------------------------------------------------------ */

enum mark { NEW, OPEN, DONE };

struct visit {
	int node;
	size_t next;		/* need to look at next */
};

struct sorter {
	struct net *n;
	struct diag *d;
	unsigned char *mark;	/* of each node */
	VEC(struct visit) path;	/* from the root to the node being looked at */
	VEC(int) order;
};

static int
report_cycle(struct sorter *s, int closing)
{
	struct net *n = s->n;
	const struct onode *o = &n->nodes.v[closing];
	size_t from = 0;

	while (s->path.v[from].node != closing)
		from++;
	diag_error(s->d, o->at, "the graph has a cycle: %s needs its own output",
	           o->label);
	for (size_t i = s->path.n; i-- > from && s->path.n - i < 8; )
		diag_note(s->d, o->at, "%s needs what %s makes",
		          n->nodes.v[s->path.v[i + 1 < s->path.n ? i + 1 : from].node].label,
		          n->nodes.v[s->path.v[i].node].label);
	return -1;
}

/* Need k of node i: an input, or a value that decides whether it runs, -1 if
 * the input is omitted; -2 if it has no more. */
static int
need(const struct net *n, int i, size_t k)
{
	const struct onode *o = &n->nodes.v[i];
	int c = o->cond;

	if (k < o->in.n)
		return o->in.v[k];
	for (k -= o->in.n; k > 0 && c >= 0; k--)
		c = n->conditions.v[c].within;
	return c < 0 ? -2 : n->conditions.v[c].value;
}

/* Visits what root needs, then root.  No recursion: chains are as long as the
 * model is deep. */
static int
visit(struct sorter *s, int root)
{
	struct arena *a = s->n->a;

	vec_push(a, &s->path, ((struct visit){root, 0}));
	s->mark[root] = OPEN;
	while (s->path.n) {
		struct visit *top = &s->path.v[s->path.n - 1];
		int v = need(s->n, top->node, top->next++), p;

		if (v == -2) {
			s->mark[top->node] = DONE;
			vec_push(a, &s->order, top->node);
			s->path.n--;
			continue;
		}
		p = v < 0 ? -1 : s->n->values.v[v].maker;
		if (p < 0 || s->mark[p] == DONE)
			continue;
		if (s->mark[p] == OPEN)
			return report_cycle(s, p);
		s->mark[p] = OPEN;
		vec_push(a, &s->path, ((struct visit){p, 0}));
	}
	return 0;
}

int
net_sort(struct net *n, struct diag *d)
{
	struct sorter s = {.n = n, .d = d};
	struct onode *nodes;

	net_link(n);
	s.mark = arena_array(n->a, n->nodes.n, 1);
	for (size_t i = 0; i < n->nodes.n; i++)
		if (!n->nodes.v[i].dead && s.mark[i] == NEW &&
		    visit(&s, (int)i) < 0)
			return -1;
	nodes = arena_array(n->a, s.order.n, sizeof *nodes);
	for (size_t i = 0; i < s.order.n; i++)
		nodes[i] = n->nodes.v[s.order.v[i]];
	n->nodes.v = nodes;
	n->nodes.n = n->nodes.cap = s.order.n;
	net_link(n);
	return 0;
}

/* --- constants ---------------------------------------------------------------- */

bool
value_is_const(const struct value *v)
{
	return v->data || v->lazy;
}

int64_t
value_elems(const struct value *v)
{
	if (!v->typed || !v->shaped)
		BUG("'%s' has no shape yet", v->name);
	return shape_elems(v->shape.v, v->shape.n, dtype_bytes(v->type));
}

const void *
value_data(struct net *n, struct value *v, struct diag *d)
{
	if (!v->data && v->lazy)
		v->data = tensor_elements(n->a, v->lazy, n->weights, d);
	return v->data;
}

#define ELEM(v, ctype, i) (((const ctype *)(v)->data)[i])

int64_t
value_int(const struct value *v, int64_t i)
{
	if (!v->data)
		BUG("'%s' is not a loaded constant", v->name);
	switch (v->type) {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
	case DTYPE_##id: return (int64_t)ELEM(v, ctype, i);
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)v->type);
}

double
value_float(const struct value *v, int64_t i)
{
	if (!v->data)
		BUG("'%s' is not a loaded constant", v->name);
	switch (v->type) {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
	case DTYPE_##id: return (double)ELEM(v, ctype, i);
#include "ir/dtype.def"
#undef DTYPE
	case NDTYPES: break;
	}
	BUG("type %d", (int)v->type);
}

/* --- from graph/1 --------------------------------------------------------------- */

static int
take_tensor(struct net *n, const struct tensor *t, struct diag *d)
{
	struct value *v;
	int i = net_value(n, t->name);

	v = &n->values.v[i];
	if (v->typed)
		return diag_error(d, record_pos(t, "name"),
		                  "tensor '%s' is listed twice", t->name);
	value_set(n, v, (enum dtype)t->type, t->shape.v, t->shape.n);
	v->at = record_pos(t, NULL);
	if (tensor_is_const(t))
		v->lazy = t;
	return 0;
}

/* The index of a tensor named by a node or the graph; -1 for "". */
static int
named(struct net *n, const char *name, struct pos at, struct diag *d)
{
	int i = *name ? map_get(&n->by_name, name) : -1;

	if (*name && i < 0)
		diag_error(d, at, "unknown tensor '%s'", name);
	return i;
}

static void
take_node(struct net *n, const struct node *g, int opset, struct diag *d)
{
	struct onode *o = net_node(n, g->op);

	o->attrs = g->attrs;
	o->opset = opset;
	o->cond = net_if_named(n, g->if_);
	o->at = record_pos(g, NULL);
	o->label = arena_printf(n->a, "%s '%s'", g->op,
	                        g->out.n ? g->out.v[0] : "");
	for (size_t i = 0; i < g->in.n; i++)
		vec_push(n->a, &o->in,
		         named(n, g->in.v[i], record_pos(g, "in"), d));
	for (size_t i = 0; i < g->out.n; i++)
		vec_push(n->a, &o->out,
		         named(n, g->out.v[i], record_pos(g, "out"), d));
}

int
net_from_graph(struct net *n, const struct graph *g, struct diag *d)
{
	int before = d->nerrors;

	n->name = g->name;
	for (size_t i = 0; i < g->tensors.n; i++)
		take_tensor(n, &g->tensors.v[i], d);
	net_if_take(n, g);
	for (size_t i = 0; i < g->nodes.n; i++)
		take_node(n, &g->nodes.v[i], (int)g->opset, d);
	for (size_t i = 0; i < g->inputs.n; i++) {
		int v = named(n, g->inputs.v[i], record_pos(g, "inputs"), d);

		vec_push(n->a, &n->inputs, v);
		if (v >= 0)
			n->values.v[v].is_input = true;
	}
	for (size_t i = 0; i < g->outputs.n; i++) {
		int v = named(n, g->outputs.v[i], record_pos(g, "outputs"), d);

		vec_push(n->a, &n->outputs, v);
		if (v >= 0)
			n->values.v[v].is_output = true;
	}
	if (d->nerrors > before)
		return -1;
	net_link(n);
	return 0;
}

/* --- to graph/1 ----------------------------------------------------------------- */

struct export {
	struct net *n;
	struct graph *g;
	bool *listed;		/* of each value */
	VEC(struct weights_entry) entries;
};

/* Whether every element is the same number, which a double holds exactly. */
static bool
is_fill(const struct value *v, int64_t elems)
{
	size_t size = dtype_bytes(v->type);
	const char *p = v->data;
	double x;

	if (elems == 0)
		return true;
	x = value_float(v, 0);
	if (isnan(x) || (dtype_is_int(v->type) && fabs(x) > 0x1p52))
		return false;
	for (int64_t i = 1; i < elems; i++)
		if (memcmp(p, p + (size_t)i * size, size) != 0)
			return false;
	return true;
}

/* Whether the elements fit "ivalue", whose numbers are int64. */
static bool
fits_ivalue(const struct value *v, int64_t elems)
{
	for (int64_t i = 0; v->type == DTYPE_U64 && i < elems; i++)
		if (ELEM(v, uint64_t, i) > INT64_MAX)
			return false;
	return true;
}

/* The key of a constant in the weights file: its name, unless safetensors
 * means something else by it. */
static const char *
key_of(const struct export *x, const char *name)
{
	const char *key = name;

	if (strcmp(name, "__metadata__") != 0)
		return name;
	while (map_get(&x->n->by_name, key) >= 0)
		key = arena_printf(x->n->a, "%s_", key);
	return key;
}

static void
export_const(struct export *x, const struct value *v, struct tensor *t)
{
	struct arena *a = x->n->a;
	int64_t elems = value_elems(v);

	if (elems > 0 && elems <= INLINE_ELEMS && dtype_is_float(v->type)) {
		for (int64_t i = 0; i < elems; i++)
			vec_push(a, &t->value, value_float(v, i));
	} else if (elems > 0 && elems <= INLINE_ELEMS && fits_ivalue(v, elems)) {
		for (int64_t i = 0; i < elems; i++)
			vec_push(a, &t->ivalue, value_int(v, i));
	} else if (is_fill(v, elems)) {
		vec_push(a, &t->fill, elems ? value_float(v, 0) : 0.0);
	} else {
		t->data = key_of(x, v->name);
		vec_push(a, &x->entries, ((struct weights_entry){
			.key = t->data, .type = v->type, .shape = v->shape,
			.data = v->data,
			.bytes = (size_t)elems * dtype_bytes(v->type)}));
	}
}

/* Lists a value once; a constant not loaded keeps the way it was stated. */
static void
export_value(struct export *x, int i)
{
	const struct value *v;
	struct tensor *t;

	if (i < 0 || x->listed[i])
		return;
	x->listed[i] = true;
	v = &x->n->values.v[i];
	if (!v->typed || !v->shaped)
		BUG("'%s' has no type or shape", v->name);
	t = vec_add(x->n->a, &x->g->tensors);
	if (v->lazy)
		*t = *v->lazy;
	t->name = v->name;
	t->type = v->type;
	t->shape = v->shape;
	if (v->data && !v->lazy)
		export_const(x, v, t);
}

static const char *
value_name(const struct net *n, int i)
{
	return i < 0 ? "" : n->values.v[i].name;
}

static void
export_node(struct export *x, const struct onode *o)
{
	struct node *g = vec_add(x->n->a, &x->g->nodes);

	g->op = o->op;
	g->attrs = o->attrs;
	g->if_ = o->cond < 0 ? NULL : x->n->conditions.v[o->cond].name;
	for (size_t i = 0; i < o->in.n; i++) {
		export_value(x, o->in.v[i]);
		vec_push(x->n->a, &g->in, value_name(x->n, o->in.v[i]));
	}
	for (size_t i = 0; i < o->out.n; i++) {
		export_value(x, o->out.v[i]);
		vec_push(x->n->a, &g->out, value_name(x->n, o->out.v[i]));
	}
}

int
net_to_graph(struct net *n, struct graph *g, struct weights_entry **entries,
             size_t *nentries)
{
	struct export x = {.n = n, .g = g};

	x.listed = arena_array(n->a, n->values.n, sizeof *x.listed);
	g->name = n->name;
	g->opset = NET_OPSET;
	for (size_t i = 0; i < n->inputs.n; i++) {
		export_value(&x, n->inputs.v[i]);
		vec_push(n->a, &g->inputs, value_name(n, n->inputs.v[i]));
	}
	net_if_put(n, g);
	for (size_t i = 0; i < n->nodes.n; i++)
		if (!n->nodes.v[i].dead)
			export_node(&x, &n->nodes.v[i]);
	for (size_t i = 0; i < n->outputs.n; i++) {
		export_value(&x, n->outputs.v[i]);
		vec_push(n->a, &g->outputs, value_name(n, n->outputs.v[i]));
	}
	*entries = x.entries.v;
	*nentries = x.entries.n;
	return 0;
}
