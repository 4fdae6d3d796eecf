/* Conditions that are known: an If that constants decide is one of its branches,
 * and one inside a branch of its own condition, too.
 *
 * Where constants decide, the other branch is not even looked at: its shapes
 * need not fit (models check a shape and branch on it). */
#include "base/str.h"
#include "import/pass_if.h"
#include "op/op.h"

/* --- what constants say ------------------------------------------------- */

/* 1: the condition alone holds, 0: it does not, -1: that is known at run time
 * only. */
static int
decided(const struct net *n, int cond)
{
	const struct ncondition *c = &n->conditions.v[cond];
	const struct value *v = &n->values.v[c->value];

	if (!v->data || v->type != DTYPE_BOOL || value_elems(v) != 1)
		return -1;
	return (value_int(v, 0) != 0) == c->is;
}

bool
if_never(const struct net *n, int cond)
{
	for (; cond >= 0; cond = n->conditions.v[cond].within)
		if (decided(n, cond) == 0)
			return true;
	return false;
}

/* The node takes its output from input i alone. */
static void
take(struct onode *o, size_t i)
{
	o->op = "Identity";
	o->def = op_find("Identity");
	o->selects = false;
	o->in.v[0] = o->in.v[i];
	o->in.n = 1;
}

bool
if_select(struct net *n, struct onode *o)
{
	const struct value *v;

	if (!o->selects)
		return false;
	v = &n->values.v[o->in.v[0]];
	if (!v->data || v->type != DTYPE_BOOL || value_elems(v) != 1)
		return false;
	take(o, value_int(v, 0) ? 1 : 2);
	return true;
}

int
if_check(struct net *n, const struct onode *o, struct diag *d)
{
	const struct value *c, *x, *y;

	if (!o->selects)
		return 0;
	c = &n->values.v[o->in.v[0]];
	x = &n->values.v[o->in.v[1]];
	y = &n->values.v[o->in.v[2]];
	if (c->type != DTYPE_BOOL || c->shape.n)
		return diag_error(d, o->at, "%s: its condition is %s of shape %s, "
		                  "expected one element of type bool", o->label,
		                  dtype_word(c->type), shape_text(n->a, &c->shape));
	if (x->type == y->type && shape_eq(&x->shape, &y->shape))
		return 0;
	return diag_error(d, o->at, "%s: its branches make '%s' of different kinds, "
	                  "%s %s ('%s') and %s %s ('%s')", o->label,
	                  n->values.v[o->out.v[0]].name, dtype_word(x->type),
	                  shape_text(n->a, &x->shape), x->name,
	                  dtype_word(y->type), shape_text(n->a, &y->shape),
	                  y->name);
}

/* --- what conditions say of each other ---------------------------------- */

enum { NEVER = -2 };

/* What the value is where cond holds: 0, 1, or -1 if that does not say. */
static int
implied(const struct net *n, int cond, int value)
{
	for (; cond >= 0; cond = n->conditions.v[cond].within)
		if (n->conditions.v[cond].value == value)
			return n->conditions.v[cond].is;
	return -1;
}

/* The condition that stands for c, its surroundings being replaced already: what
 * it is within if it always holds there, NEVER, or the first that equals it. */
static int
stands_for(struct net *n, int c)
{
	struct ncondition *k = &n->conditions.v[c];
	int is = decided(n, c), around = implied(n, k->within, k->value);

	if (k->within == NEVER)
		return NEVER;
	if (is < 0 && around >= 0)
		is = around == k->is;
	if (is >= 0)
		return is ? k->within : NEVER;
	return net_condition(n, k->value, k->is, k->within);
}

/* Of each condition the one that stands for it. */
static int *
replaced(struct net *n)
{
	int *to = arena_array(n->a, n->conditions.n + 1, sizeof *to);

	for (size_t i = 0; i < n->conditions.n; i++) {
		int *within = &n->conditions.v[i].within;

		if (*within >= 0)
			*within = to[*within];
		to[i] = stands_for(n, (int)i);
	}
	return to;
}

bool
pass_if(struct net *n, struct diag *d)
{
	int *to = replaced(n);
	bool changed = false;

	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i];
		int is, was = o->cond;

		if (o->dead)
			continue;
		o->cond = was < 0 ? -1 : to[was];
		changed |= o->cond != was;
		if (o->cond == NEVER) {
			o->cond = -1;
			o->dead = true;
			diag_explain(d, "if: %s never runs", o->label);
			continue;
		}
		is = o->selects ? implied(n, o->cond, o->in.v[0]) : -1;
		if (is >= 0) {
			take(o, is ? 1 : 2);
			changed = true;
		}
	}
	return changed;
}
