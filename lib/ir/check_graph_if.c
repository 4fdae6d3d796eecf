/* What must hold for the conditions of graph/1: a node that may be skipped is
 * read only where it ran.
 *
 * That is by nodes of its condition or of one within it, and by the Where that
 * selects it: Where(t, a, b) looks at an element of a only if t is true. */
#include "base/str.h"
#include "ir/check.h"
#include "ir/conditions.h"

struct checking {
	const struct graph *g;
	struct diag *d;
	struct arena *a;
	struct map tensors;	/* name -> index */
	struct conditions c;
	int *under;		/* of each tensor: the condition of its maker */
	bool *made;		/* of each tensor: at this point of the graph */
};

static void
check_tensor(struct checking *c, size_t k)
{
	const char *name = c->c.v[k].tensor;
	int i = map_get(&c->tensors, name);
	const struct tensor *t = i < 0 ? NULL : &c->g->tensors.v[i];

	if (!t)
		diag_error(c->d, record_pos(&c->c.v[k], "tensor"), "no tensor '%s'", name);
	else
		conditions_decides(&c->c, k, (enum dtype)t->type, &t->shape,
		                   c->d);
}

/* Whether the node, under condition mine, looks at input i only if k holds. */
static bool
picks(const struct checking *c, const struct node *n, size_t i, int k, int mine)
{
	const struct condition *v = &c->c.v[k];

	return str_eq(n->op, "Where") && n->in.n == 3 &&
		i == (v->is ? 1 : 2) && str_eq(n->in.v[0], v->tensor) &&
		conditions_under(&c->c, mine, c->c.within[k]);
}

static void
check_reads(struct checking *c, const struct node *n, int mine)
{
	for (size_t i = 0; i < n->in.n; i++) {
		int t = map_get(&c->tensors, n->in.v[i]);
		int k = t < 0 ? -1 : c->under[t];

		if (conditions_under(&c->c, mine, k) || picks(c, n, i, k, mine))
			continue;
		diag_error(c->d, record_item_pos(n, "in", i), "%s reads '%s', which is "
		           "made only if '%s' holds", n->op, n->in.v[i],
		           c->c.v[k].name);
		conditions_note(&c->c, k, c->d);
	}
}

/* Whether it runs must be known by then: by the tensors of mine and of all that
 * mine is within. */
static void
check_decided(struct checking *c, const struct node *n, int mine)
{
	for (int k = mine; k >= 0; k = c->c.within[k]) {
		const char *name = c->c.v[k].tensor;
		int t = map_get(&c->tensors, name);

		if (t >= 0 && !c->made[t])
			diag_error(c->d, record_pos(n, "if"), "whether %s runs is decided "
			           "by '%s', which nothing has made before", n->op,
			           name);
	}
}

static void
check_node(struct checking *c, const struct node *n)
{
	int mine = conditions_find(&c->c, n->if_);

	if (mine == -2) {
		conditions_unknown(&c->c, n->if_, record_pos(n, "if"), c->d);
		mine = -1;
	}
	check_decided(c, n, mine);
	check_reads(c, n, mine);
	for (size_t i = 0; i < n->out.n; i++) {
		int t = map_get(&c->tensors, n->out.v[i]);

		if (t < 0)
			continue;
		c->under[t] = mine;
		c->made[t] = true;
	}
}

/* What name is there for exists if "outer" holds, at least. */
static void
check_exists(struct checking *c, const char *name, int outer, const char *what,
             struct pos at)
{
	int t = map_get(&c->tensors, name);

	if (t < 0 || conditions_under(&c->c, outer, c->under[t]))
		return;
	diag_error(c->d, at, "%s '%s' is made only if '%s' holds", what, name,
	           c->c.v[c->under[t]].name);
	conditions_note(&c->c, c->under[t], c->d);
}

static void
check_ends(struct checking *c)
{
	const struct graph *g = c->g;

	for (size_t i = 0; i < c->c.n; i++)
		check_exists(c, c->c.v[i].tensor, c->c.within[i],
		             "the condition's tensor", record_pos(&c->c.v[i], "tensor"));
	for (size_t i = 0; i < g->outputs.n; i++)
		check_exists(c, g->outputs.v[i], -1, "output",
		             record_item_pos(g, "outputs", i));
	for (size_t i = 0; i < g->states.n; i++)
		check_exists(c, g->states.v[i].present, -1, "state",
		             record_pos(&g->states.v[i], "present"));
}

static void
index_tensors(struct checking *c)
{
	const struct graph *g = c->g;

	map_init(&c->tensors, c->a);
	c->under = arena_array(c->a, g->tensors.n + 1, sizeof *c->under);
	c->made = arena_array(c->a, g->tensors.n + 1, sizeof *c->made);
	for (size_t i = 0; i < g->tensors.n; i++) {
		map_add(&c->tensors, g->tensors.v[i].name, (int)i);
		c->under[i] = -1;
		c->made[i] = tensor_is_const(&g->tensors.v[i]);
	}
	for (size_t i = 0; i < g->inputs.n; i++)
		c->made[map_get(&c->tensors, g->inputs.v[i])] = true;
	for (size_t i = 0; i < g->states.n; i++)
		c->made[map_get(&c->tensors, g->states.v[i].past)] = true;
}

static bool
has_conditions(const struct graph *g)
{
	for (size_t i = 0; i < g->nodes.n; i++)
		if (g->nodes.v[i].if_)
			return true;
	return g->conditions.n > 0;
}

int
graph_check_if(const struct graph *g, struct diag *d)
{
	struct arena a;
	struct checking c = {.g = g, .d = d, .a = &a};
	int before = d->nerrors;

	if (!has_conditions(g))
		return 0;
	arena_init(&a);
	conditions_init(&c.c, g->conditions.v, g->conditions.n, &a);
	index_tensors(&c);
	conditions_check(&c.c, d);
	for (size_t i = 0; i < g->conditions.n; i++)
		check_tensor(&c, i);
	for (size_t i = 0; i < g->nodes.n && d->nerrors == before; i++)
		check_node(&c, &g->nodes.v[i]);
	if (d->nerrors == before)
		check_ends(&c);
	arena_release(&a);
	return d->nerrors > before ? -1 : 0;
}
