/* Types and shapes of everything, constants folded, one opset.
 *
 * Nodes go in topological order, so that what shape arithmetic computes is a
 * constant by the time a Reshape asks for it.  A node that fails is reported;
 * what depends on it is passed over in silence, the rest is still looked at. */
#include "import/pass_if.h"
#include "op/op.h"

/* Whether all inputs have come out of nodes that did not fail. */
static bool
ready(const struct net *n, const struct onode *o)
{
	for (size_t i = 0; i < o->in.n; i++) {
		const struct value *v;

		if (o->in.v[i] < 0)
			continue;
		v = &n->values.v[o->in.v[i]];
		if (!v->typed || !v->shaped)
			return false;
		if (v->maker >= 0 && n->nodes.v[v->maker].failed)
			return false;
	}
	return true;
}

/* Marks the graph's inputs on which value v depends, of those not seen yet. */
static void
find_inputs(const struct net *n, int v, bool *seen)
{
	struct ints todo = {0};

	vec_push(n->a, &todo, (int64_t)v);
	while (todo.n) {
		int k = (int)todo.v[--todo.n], maker;

		if (k < 0 || seen[k])
			continue;
		seen[k] = true;
		maker = n->values.v[k].maker;
		for (size_t i = 0; maker >= 0 && i < n->nodes.v[maker].in.n; i++)
			vec_push(n->a, &todo, (int64_t)n->nodes.v[maker].in.v[i]);
	}
}

/* How an input that must be constant can become one. */
static void
note_consts(const struct net *n, const struct onode *o, struct diag *d)
{
	bool *seen;

	if (d->nerrors > d->limit)
		return;		/* the note would not be shown */
	seen = arena_array(n->a, n->values.n, sizeof *seen);
	for (size_t i = 0; i < o->in.n && i < 32; i++)
		if (o->def->const_in >> i & 1)
			find_inputs(n, o->in.v[i], seen);
	for (size_t i = 0; i < n->inputs.n; i++)
		if (seen[n->inputs.v[i]])
			diag_note(d, o->at, "--const %s=FILE.npy makes the input a "
			          "constant", n->values.v[n->inputs.v[i]].name);
}

/* Node i from its opset to constants.  1: the upgrade added nodes, which must
 * be sorted in and go first, and run when it does. */
static int
infer_one(struct net *n, size_t i, struct diag *d)
{
	size_t count = n->nodes.n;
	int r;

	if (if_check(n, &n->nodes.v[i], d) < 0)
		return -1;
	n->under = n->nodes.v[i].cond;
	r = op_upgrade(n, &n->nodes.v[i], d);
	n->under = -1;
	if (r < 0)
		return -1;
	if (n->nodes.n > count)
		return 1;
	if (op_infer(n, &n->nodes.v[i], d) < 0) {
		note_consts(n, &n->nodes.v[i], d);
		return -1;
	}
	return op_fold(n, &n->nodes.v[i], d) < 0 ? -1 : 0;
}

static size_t
count_dead(const struct net *n)
{
	size_t dead = 0;

	for (size_t i = 0; i < n->nodes.n; i++)
		dead += n->nodes.v[i].dead;
	return dead;
}

int
pass_infer(struct net *n, struct diag *d)
{
	int failed = 0;

	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i];
		int r;

		if (o->dead || o->inferred)
			continue;
		if (if_never(n, o->cond)) {
			o->dead = true;
			diag_explain(d, "if: %s never runs", o->label);
			continue;
		}
		if_select(n, o);
		r = o->def && ready(n, o) ? infer_one(n, i, d) : -1;
		if (r > 0) {
			if (net_sort(n, d) < 0)
				return -1;
			i = (size_t)-1;
			continue;
		}
		o = &n->nodes.v[i];
		o->inferred = true;
		o->failed = r < 0;
		failed += o->failed;
		if (o->dead)
			diag_explain(d, "infer: %s is constant", o->label);
	}
	diag_progress(d, "infer: %zu nodes, %zu of them constant", n->nodes.n,
	              count_dead(n));
	return failed ? -1 : 0;
}
