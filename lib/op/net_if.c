/* Conditions of a net: the tree, and its way from and to graph/1. */
#include "op/net_if.h"

#include "base/str.h"

int
net_condition(struct net *n, int value, bool is, int within)
{
	for (size_t i = 0; i < n->conditions.n; i++) {
		const struct ncondition *c = &n->conditions.v[i];

		if (c->value == value && c->is == is && c->within == within)
			return (int)i;
	}
	vec_push(n->a, &n->conditions,
	         ((struct ncondition){NULL, value, is, within}));
	return (int)n->conditions.n - 1;
}

bool
net_within(const struct net *n, int inner, int outer)
{
	while (inner >= 0 && inner != outer)
		inner = n->conditions.v[inner].within;
	return inner == outer || outer < 0;
}

int
net_if_named(const struct net *n, const char *name)
{
	for (size_t i = 0; name && i < n->conditions.n; i++)
		if (str_eq(n->conditions.v[i].name, name))
			return (int)i;
	return -1;
}

void
net_if_take(struct net *n, const struct graph *g)
{
	for (size_t i = 0; i < g->conditions.n; i++) {
		const struct condition *c = &g->conditions.v[i];
		struct ncondition to = {c->name, net_value(n, c->tensor), c->is,
		                        net_if_named(n, c->within)};

		vec_push(n->a, &n->conditions, to);
	}
}

/* A name that no other condition has. */
static const char *
fresh_name(const struct net *n)
{
	for (int k = 0;; k++) {
		const char *name = arena_printf(n->a, "c%d", k);

		if (net_if_named(n, name) < 0)
			return name;
	}
}

void
net_if_put(struct net *n, struct graph *g)
{
	bool *used = arena_array(n->a, n->conditions.n + 1, sizeof *used);

	for (size_t i = 0; i < n->nodes.n; i++)
		for (int c = n->nodes.v[i].dead ? -1 : n->nodes.v[i].cond;
		     c >= 0 && !used[c]; c = n->conditions.v[c].within)
			used[c] = true;
	for (size_t i = 0; i < n->conditions.n; i++) {
		struct ncondition *c = &n->conditions.v[i];
		struct condition *to;

		if (!used[i])
			continue;
		if (!c->name)
			c->name = fresh_name(n);
		to = vec_add(n->a, &g->conditions);
		to->name = c->name;
		to->tensor = n->values.v[c->value].name;
		to->is = c->is;
		to->within = c->within < 0 ? NULL :
			n->conditions.v[c->within].name;
	}
}
