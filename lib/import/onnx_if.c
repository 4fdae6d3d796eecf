/* If: both branches are inlined, their nodes under a condition each, and a Where
 * for each output takes what the branch that ran has made.
 *
 * A branch sees the names around it, and nothing sees its own: they get the If's
 * output and the branch before them, which go again at the end where nothing else
 * in the model is called so. */
#include "base/str.h"
#include "import/onnx.h"
#include "op/op.h"

struct reading {		/* an If */
	struct onnx_reader *r;
	const struct onnx_scope *up;
	const onnx_node *p;
	const char *label;
	const char *name;	/* of its first output */
	int opset;
};

/* The branches, and when they run. */
static const struct way {
	const char *attr;
	const char *word;	/* in names */
	bool is;		/* the condition */
} ways[] = {
	{"then_branch", "then", true}, {"else_branch", "else", false},
};

static const onnx_graph *
branch_of(const struct reading *f, const struct way *w)
{
	for (size_t i = 0; i < f->p->n_attribute; i++)
		if (str_eq(f->p->attribute[i]->name, w->attr))
			return f->p->attribute[i]->g;
	return NULL;
}

static const char *
first_output(const struct onnx_reader *r, const onnx_node *p)
{
	for (size_t i = 0; i < p->n_output; i++)
		if (*p->output[i])
			return p->output[i];
	return arena_printf(r->a, "If_%zu", r->nnodes);
}

/* --- names -------------------------------------------------------------- */

/* All that the model's own graph defines: what a branch gets must not be the name
 * of what comes later. */
static void
collect_outer(struct onnx_reader *r)
{
	const onnx_graph *g = r->m->graph;

	if (r->outer.n)
		return;
	for (size_t i = 0; i < g->n_node; i++)
		for (size_t k = 0; k < g->node[i]->n_output; k++)
			map_add(&r->outer, g->node[i]->output[k], 0);
}

static bool
in_function(const struct onnx_scope *s)
{
	while (s && !s->f)
		s = s->up;
	return s != NULL;
}

static bool
taken(const struct onnx_reader *r, const char *name)
{
	return map_get(&r->n->by_name, name) >= 0 ||
		map_get(&r->outer, name) >= 0;
}

/* A value for what the branch calls name. */
static void
own(struct onnx_reader *r, struct onnx_scope *s, const char *name)
{
	const char *full;

	if (!name || !*name ||
	    map_add(&s->names, name, (int)s->values.n) >= 0)
		return;		/* twice: who makes it the second time says so */
	full = arena_printf(r->a, "%s%s", s->prefix, name);
	for (int k = 1; taken(r, full); k++)
		full = arena_printf(r->a, "%s%s_%d", s->prefix, name, k);
	vec_push(r->a, &s->values, net_value(r->n, full));
}

static void
shorten(struct onnx_reader *r, struct onnx_scope *s, const char *name)
{
	int i = name ? map_get(&s->names, name) : -1;

	if (i < 0 || map_get(&r->n->by_name, name) >= 0)
		return;
	map_set(&r->n->by_name, name, s->values.v[i]);
	r->n->values.v[s->values.v[i]].name = name;
}

/* Of each name that the branch defines. */
static void
each_own(struct onnx_reader *r, struct onnx_scope *s, const onnx_graph *g,
         void (*f)(struct onnx_reader *r, struct onnx_scope *s,
                   const char *name))
{
	for (size_t i = 0; i < g->n_initializer; i++)
		f(r, s, g->initializer[i]->name);
	for (size_t i = 0; i < g->n_node; i++)
		for (size_t k = 0; k < g->node[i]->n_output; k++)
			f(r, s, g->node[i]->output[k]);
}

/* Inside a function names have a prefix whatever they are. */
void
onnx_if_names(struct onnx_reader *r)
{
	for (size_t i = 0; i < r->branches.n; i++)
		if (!in_function(r->branches.v[i].s))
			each_own(r, r->branches.v[i].s, r->branches.v[i].g,
			         shorten);
}

/* --- branches ----------------------------------------------------------- */

static int
check_branch(const struct reading *f, const onnx_graph *g,
             const struct way *w)
{
	struct onnx_reader *r = f->r;

	if (!g)
		return diag_error(r->d, onnx_at(r), "%s: it has no %s", f->label,
		                  w->attr);
	if (g->n_input)
		return diag_error(r->d, onnx_at(r), "%s: its %s has inputs, and none "
		                  "are given", f->label, w->attr);
	if (g->n_output != f->p->n_output)
		return diag_error(r->d, onnx_at(r), "%s: its %s has %zu outputs, and "
		                  "the node %zu", f->label, w->attr,
		                  g->n_output, f->p->n_output);
	for (size_t i = 0; i < g->n_output; i++)
		if (g->output[i]->type && !g->output[i]->type->tensor_type)
			return diag_error(r->d, onnx_at(r), "%s: output '%s' of its %s "
			                  "%s; only tensors are supported", f->label,
			                  g->output[i]->name ? g->output[i]->name : "",
			                  w->attr,
			                  onnx_other_kind(g->output[i]->type));
	return 0;
}

/* Adds the branch's nodes, under the condition cond. */
static struct onnx_scope *
add_branch(const struct reading *f, const struct way *w, int cond)
{
	struct onnx_reader *r = f->r;
	const onnx_graph *g = branch_of(f, w);
	struct onnx_scope *s = arena_new(r->a, struct onnx_scope);
	int under = r->n->under, bad = 0;

	if (check_branch(f, g, w) < 0)
		return NULL;
	s->up = f->up;
	s->depth = f->up ? f->up->depth : 0;
	s->prefix = arena_printf(r->a, "%s%s/%s/", f->up ? f->up->prefix : "",
	                         f->name, w->word);
	map_init(&s->names, r->a);
	each_own(r, s, g, own);
	r->n->under = cond;
	bad = onnx_initializers(r, g, s);
	for (size_t i = 0; i < g->n_node && bad == 0; i++)
		bad = onnx_add_node(r, s, g->node[i], f->opset);
	r->n->under = under;
	vec_push(r->a, &r->branches, ((struct onnx_branch){s, g}));
	return bad < 0 ? NULL : s;
}

/* The value of output i of a branch; -1 after a diagnostic. */
static int
result(const struct reading *f, const struct way *w, const struct onnx_scope *s,
       size_t i)
{
	const char *name = branch_of(f, w)->output[i]->name;

	if (name && *name)
		return onnx_lookup(f->r, s, name);
	return diag_error(f->r->d, onnx_at(f->r), "%s: an output of its %s has no "
	                  "name", f->label, w->attr);
}

/* --- the node ----------------------------------------------------------- */

static struct onode *
node(const struct reading *f, const char *op, int out)
{
	struct onode *o = net_node(f->r->n, op);

	o->at = onnx_at(f->r);
	o->label = f->label;
	vec_push(f->r->a, &o->out, out);
	return o;
}

/* The condition's value without dimensions: it may have some of 1. */
static int
scalar(const struct reading *f, int v)
{
	struct onnx_reader *r = f->r;
	const char *key = arena_printf(r->a, "%d %d", v, r->n->under);
	const char *name = arena_printf(r->a, "%s_if", r->n->values.v[v].name);
	int y = map_get(&r->scalars, key);
	struct onode *o;

	if (y >= 0)
		return y;
	while (taken(r, name))
		name = arena_printf(r->a, "%s_", name);
	y = net_value(r->n, name);
	map_set(&r->scalars, key, y);
	onnx_define(r, name, f->label);
	o = node(f, "Squeeze", y);
	vec_push(r->a, &o->in, v);
	return y;
}

/* Output i of the If, from what the branches have in its place. */
static int
select_output(const struct reading *f, int cond, int yes, int no, size_t i)
{
	struct onnx_reader *r = f->r;
	int out = onnx_lookup(r, f->up, f->p->output[i]);
	struct onode *o;

	if (out < 0)
		return 0;
	if (onnx_define(r, r->n->values.v[out].name, f->label) < 0)
		return -1;
	o = node(f, yes == no ? "Identity" : "Where", out);
	o->selects = yes != no;
	if (o->selects)
		vec_push(r->a, &o->in, cond);
	vec_push(r->a, &o->in, yes);
	if (o->selects)
		vec_push(r->a, &o->in, no);
	return 0;
}

int
onnx_add_if(struct onnx_reader *r, const struct onnx_scope *up,
            const onnx_node *p, const char *label, int opset)
{
	struct reading f = {r, up, p, label, first_output(r, p), opset};
	struct onnx_scope *s[2];
	int cond = p->n_input == 1 ? onnx_lookup(r, up, p->input[0]) : -1;

	if (cond < 0)
		return diag_error(r->d, onnx_at(r), "%s: it has one input, its "
		                  "condition", label);
	collect_outer(r);
	cond = scalar(&f, cond);
	for (int k = 0; k < 2; k++) {
		s[k] = add_branch(&f, &ways[k], net_condition(r->n, cond,
		                  ways[k].is, r->n->under));
		if (!s[k])
			return -1;
	}
	for (size_t i = 0; i < p->n_output; i++) {
		int yes = result(&f, &ways[0], s[0], i);
		int no = result(&f, &ways[1], s[1], i);

		if (yes < 0 || no < 0 ||
		    select_output(&f, cond, yes, no, i) < 0)
			return -1;
	}
	return 0;
}
