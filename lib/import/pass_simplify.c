/* Nodes that need not be: those that only rename, equal ones, unread ones. */
#include "base/str.h"
#include "import/import.h"
#include "op/op.h"

#define DEDUP_MAX_BYTES 4096	/* of constants that are compared */

/* An array for net_replace in which nothing is replaced. */
static int *
no_change(struct net *n)
{
	int *to = arena_array(n->a, n->values.n, sizeof *to);

	for (size_t i = 0; i < n->values.n; i++)
		to[i] = -1;
	return to;
}

static int
final(const int *to, int v)
{
	while (v >= 0 && to[v] >= 0)
		v = to[v];
	return v;
}

static void
become_identity(struct onode *o, int in)
{
	o->op = "Identity";
	o->def = op_find("Identity");
	o->attrs.n = 0;
	o->in.n = o->out.n = 1;
	o->in.v[0] = in;
}

/* --- outputs ------------------------------------------------------------------------- */

/* out becomes a copy of in, which is made at each run. */
static void
copy(struct net *n, int in, int out)
{
	struct onode *o = net_node(n, "Identity");

	o->label = arena_printf(n->a, "the copy to '%s'", n->values.v[out].name);
	vec_push(n->a, &o->in, in);
	vec_push(n->a, &o->out, out);
}

/* Output out keeps its name; the constant that it was gets another, which is
 * returned. */
static int
copy_const(struct net *n, int out)
{
	struct value v = n->values.v[out];
	int in = net_const(n, arena_printf(n->a, "%s_value", v.name), v.type,
	                   v.shape.v, v.shape.n, v.data);

	n->values.v[out].data = NULL;
	copy(n, in, out);
	return in;
}

/* Output i, whose name is an input's or an earlier output's, gets another. */
static void
copy_taken(struct net *n, size_t i, struct diag *d)
{
	int in = n->outputs.v[i];
	struct value v = n->values.v[in];
	int out = net_fresh(n, v.name, v.type, v.shape.v, v.shape.n);

	n->values.v[in].is_output = !v.is_input;
	n->values.v[out].is_output = true;
	n->outputs.v[i] = out;
	copy(n, in, out);
	diag_explain(d, "outputs: '%s' is %s as well: the output is copied to "
	             "'%s'", v.name, v.is_input ? "an input" : "an earlier output",
	             n->values.v[out].name);
}

/* Each output has storage of its own, which may be different at each run:
 * what is a constant, an input or another output as well is copied to it. */
int
pass_outputs(struct net *n, struct diag *d)
{
	size_t nvalues = n->values.n + n->outputs.n;	/* at most */
	int *to = arena_array(n->a, nvalues, sizeof *to);
	bool *seen = arena_array(n->a, nvalues, sizeof *seen);

	for (size_t i = 0; i < nvalues; i++)
		to[i] = -1;
	for (size_t i = 0; i < n->outputs.n; i++) {
		int out = n->outputs.v[i];

		if (value_is_const(&n->values.v[out]))
			to[out] = copy_const(n, out);
		else if (seen[out] || n->values.v[out].is_input)
			copy_taken(n, i, d);
		seen[out] = true;
	}
	net_replace(n, to);	/* who needs a constant still reads one */
	return net_sort(n, d);
}

/* --- identities ------------------------------------------------------------------------ */

/* Operators that do nothing where type and shape stay the same. */
static const char *const renaming[] = {
	"Cast", "Dropout", "Expand", "Flatten", "Identity", "Reshape", "Squeeze",
	"Unsqueeze",
};

static bool
renames(const struct net *n, const struct onode *o, const int *uses)
{
	const struct value *x, *y;
	bool known = false;

	for (size_t i = 0; i < sizeof renaming / sizeof *renaming; i++)
		known |= str_eq(o->op, renaming[i]);
	if (!known || !o->in.n || !o->out.n || o->in.v[0] < 0 || o->out.v[0] < 0)
		return false;
	for (size_t i = 1; i < o->out.n; i++)
		if (o->out.v[i] >= 0 && (uses[o->out.v[i]] ||
		                         n->values.v[o->out.v[i]].is_output))
			return false;
	x = &n->values.v[o->in.v[0]];
	y = &n->values.v[o->out.v[0]];
	return x->type == y->type && shape_eq(&x->shape, &y->shape);
}

/* How many inputs of nodes read each value. */
static int *
count_uses(struct net *n)
{
	int *uses = arena_array(n->a, n->values.n, sizeof *uses);

	for (size_t i = 0; i < n->nodes.n; i++) {
		const struct onode *o = &n->nodes.v[i];

		for (size_t k = 0; k < o->in.n && !o->dead; k++)
			if (o->in.v[k] >= 0)
				uses[o->in.v[k]]++;
	}
	return uses;
}

/* The graph's output keeps its name: who makes its input makes it instead.
 * False if the input has to keep its own name as well. */
static bool
take_over(struct net *n, int *to, int in, int out)
{
	struct value *x = &n->values.v[in];
	struct onode *maker;

	if (x->maker < 0 || x->is_output || x->is_input)
		return false;
	maker = &n->nodes.v[x->maker];
	for (size_t i = 0; i < maker->out.n; i++)
		if (maker->out.v[i] == in)
			maker->out.v[i] = out;
	n->values.v[out].maker = x->maker;
	x->maker = -1;
	to[in] = out;
	return true;
}

void
pass_identity(struct net *n, struct diag *d)
{
	int *to = no_change(n), *uses = count_uses(n);
	size_t removed = 0;

	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i];
		int in, out;

		if (o->dead || !renames(n, o, uses))
			continue;
		in = final(to, o->in.v[0]);
		out = o->out.v[0];
		if (n->values.v[out].is_output) {
			if (!take_over(n, to, in, out)) {
				become_identity(o, in);
				continue;
			}
		} else {
			to[out] = in;
		}
		o->dead = true;
		removed++;
		diag_explain(d, "identity: %s does nothing", o->label);
	}
	net_replace(n, to);
	diag_progress(d, "identity: %zu nodes removed", removed);
}

/* --- common subexpressions -------------------------------------------------------------- */

static void
add_attr(struct str *key, const struct attr *t)
{
	str_addf(key, " %s:%d:%lld:%a:", t->name, (int)t->kind, (long long)t->i,
	         t->f);
	if (t->s)
		str_addf(key, "%zu:%s", strlen(t->s), t->s);
	for (size_t i = 0; i < t->ints.n; i++)
		str_addf(key, ",%lld", (long long)t->ints.v[i]);
	for (size_t i = 0; i < t->floats.n; i++)
		str_addf(key, ",%a", t->floats.v[i]);
	for (size_t i = 0; i < t->strs.n; i++)
		str_addf(key, ",%zu:%s", strlen(t->strs.v[i]), t->strs.v[i]);
}

/* The node as it would be under the condition cond. */
static void
node_key(struct str *key, const struct onode *o, int cond)
{
	str_clear(key);
	str_addf(key, "%s %zu %d", o->op, o->out.n, cond);
	for (size_t i = 0; i < o->in.n; i++)
		str_addf(key, " %d", o->in.v[i]);
	for (size_t i = 0; i < o->attrs.n; i++)
		add_attr(key, &o->attrs.v[i]);
}

static void
const_key(struct str *key, const struct value *v, size_t bytes)
{
	const unsigned char *p = v->data;

	str_clear(key);
	str_addf(key, "%d", (int)v->type);
	for (size_t i = 0; i < v->shape.n; i++)
		str_addf(key, ",%lld", (long long)v->shape.v[i]);
	str_addc(key, ' ');
	for (size_t i = 0; i < bytes; i++)
		str_addf(key, "%02x", p[i]);
}

/* Small constants that are equal become one, so that nodes on them are. */
static void
merge_constants(struct net *n, int *to)
{
	struct map seen;
	struct str key;

	map_init(&seen, n->a);
	str_init(&key);
	for (size_t i = 0; i < n->values.n; i++) {
		const struct value *v = &n->values.v[i];
		int64_t elems;

		if (!v->data || v->is_output)
			continue;
		elems = value_elems(v);
		if (elems > DEDUP_MAX_BYTES / (int64_t)dtype_bytes(v->type))
			continue;
		const_key(&key, v, (size_t)elems * dtype_bytes(v->type));
		to[i] = map_add(&seen, arena_strdup(n->a, key.s), (int)i);
	}
	str_release(&key);
}

/* Whether every reader of dup's outputs can read those of o instead. */
static bool
can_merge(const struct net *n, const struct onode *dup, const struct onode *o)
{
	for (size_t i = 0; i < dup->out.n; i++)
		if (dup->out.v[i] >= 0 &&
		    (o->out.v[i] < 0 || n->values.v[dup->out.v[i]].is_output))
			return false;
	return true;
}

/* An earlier node that computes the same wherever o runs, under its condition or
 * one around it; -1.  key: as under none. */
static int
earlier(const struct net *n, const struct map *seen, const struct onode *o,
        struct str *key)
{
	int c = o->cond, k;

	for (;; c = n->conditions.v[c].within) {
		node_key(key, o, c);
		k = map_get(seen, key->s);
		if (k >= 0 || c < 0)
			return k;
	}
}

/* Nothing that is supported is random: equal inputs make equal outputs. */
void
pass_cse(struct net *n, struct diag *d)
{
	int *to = no_change(n);
	struct map seen;
	struct str key;
	size_t merged = 0;

	merge_constants(n, to);
	map_init(&seen, n->a);
	str_init(&key);
	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i], *first;
		int k;

		if (o->dead)
			continue;
		for (size_t j = 0; j < o->in.n; j++)
			o->in.v[j] = final(to, o->in.v[j]);
		k = earlier(n, &seen, o, &key);
		if (k < 0) {
			if (o->cond >= 0)
				node_key(&key, o, o->cond);
			map_add(&seen, arena_strdup(n->a, key.s), (int)i);
			continue;
		}
		if (!can_merge(n, o, first = &n->nodes.v[k]))
			continue;
		for (size_t j = 0; j < o->out.n; j++)
			if (o->out.v[j] >= 0)
				to[o->out.v[j]] = first->out.v[j];
		o->dead = true;
		merged++;
		diag_explain(d, "cse: %s computes what %s does", o->label,
		             first->label);
	}
	str_release(&key);
	net_replace(n, to);
	diag_progress(d, "cse: %zu nodes merged", merged);
}

/* --- dead nodes -------------------------------------------------------------------------- */

static bool
is_live(const struct net *n, const struct onode *o, const bool *read)
{
	for (size_t i = 0; i < o->out.n; i++)
		if (o->out.v[i] >= 0 &&
		    (read[o->out.v[i]] || n->values.v[o->out.v[i]].is_output))
			return true;
	return false;
}

void
pass_dead(struct net *n, struct diag *d)
{
	bool *read = arena_array(n->a, n->values.n, sizeof *read);
	size_t removed = 0;

	for (size_t i = n->nodes.n; i-- > 0; ) {
		struct onode *o = &n->nodes.v[i];

		if (o->dead)
			continue;
		if (!is_live(n, o, read)) {
			o->dead = true;
			removed++;
			diag_explain(d, "dead: nobody reads what %s makes",
			             o->label);
			continue;
		}
		for (size_t k = 0; k < o->in.n; k++)
			if (o->in.v[k] >= 0)
				read[o->in.v[k]] = true;
		for (int c = o->cond; c >= 0; c = n->conditions.v[c].within)
			read[n->conditions.v[c].value] = true;
	}
	diag_progress(d, "dead: %zu nodes removed", removed);
}
