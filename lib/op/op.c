/* Operators by name, and the steps that every node goes through: upgrade to
 * one opset, checks against its row, inference, folding. */
#include "op/op.h"

#include "base/str.h"
#include "op/util.h"

/* Constants up to this size are computed at import; larger ones are left to
 * the program, which computes them once when it is opened. */
#define FOLD_MAX_ELEMS 4096

const struct op *
op_find(const char *name)
{
	for (size_t f = 0; op_family_list[f]; f++)
		for (size_t i = 0; i < op_family_list[f]->nops; i++)
			if (str_eq(op_family_list[f]->ops[i].name, name))
				return &op_family_list[f]->ops[i];
	return op_is_custom(name) ? &op_custom : NULL;
}

int
op_fail(struct op_ctx *c, const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	return diag_error(c->d, c->node->at, "%s: %s", c->node->label, text);
}

static struct op_ctx
context(struct net *n, struct onode *o, struct diag *d)
{
	return (struct op_ctx){n, o, d, n->a};
}

static int
unknown(struct op_ctx *c)
{
	return op_fail(c, "operator '%s' is not supported", c->node->op);
}

/* Omitted inputs at the end are as good as absent. */
static void
trim(struct onode *o)
{
	while (o->in.n && o->in.v[o->in.n - 1] < 0)
		o->in.n--;
}

/* Nodes have outputs; those of operators with one output have that. */
static int
check_outputs(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nout(c); i++)
		if (op_out(c, i))
			return 0;
	return op_fail(c, "has no output");
}

/* What upgrades may rely on: the first input is there, and an output. */
static int
check_upgradable(struct op_ctx *c)
{
	if (c->node->def->min_in > 0 &&
	    (!op_in(c, 0) || !op_in(c, 0)->typed || !op_in(c, 0)->shaped ||
	     op_in(c, 0)->shape.n > TENSOR_MAX_DIMS))
		return op_fail(c, "its first input is missing or not known");
	return check_outputs(c);
}

int
op_upgrade(struct net *n, struct onode *o, struct diag *d)
{
	struct op_ctx c = context(n, o, d);
	size_t at = (size_t)(o - n->nodes.v);

	if (!o->def)
		return unknown(&c);
	if (o->opset < o->def->since)
		return op_fail(&c, "needs opset %d or later, the model has %d",
		               o->def->since, o->opset);
	if (o->opset > NET_OPSET_LAST)
		return op_fail(&c, "opset %d is newer than %d", o->opset,
		               NET_OPSET_LAST);
	trim(o);
	if (o->def->upgrade && (o->opset < NET_OPSET || o->def->rewrites) &&
	    (check_upgradable(&c) < 0 || o->def->upgrade(&c) < 0))
		return -1;
	n->nodes.v[at].opset = NET_OPSET;	/* the upgrade may add nodes */
	return 0;
}

/* --- checks against the row --------------------------------------------- */

static int
check_arity(struct op_ctx *c)
{
	const struct op *def = c->node->def;
	int nin = (int)op_nin(c), nout = (int)op_nout(c);

	if (nin < def->min_in || (def->max_in >= 0 && nin > def->max_in))
		return op_fail(c, "has %d inputs, expected %d to %d", nin,
		               def->min_in, def->max_in < 0 ? INT32_MAX : def->max_in);
	if (nout < def->min_out || (def->max_out >= 0 && nout > def->max_out))
		return op_fail(c, "has %d outputs, expected %d to %d", nout,
		               def->min_out,
		               def->max_out < 0 ? INT32_MAX : def->max_out);
	for (int i = 0; i < nin; i++)
		if (!op_has(c, (size_t)i) && (i < def->min_in || def->max_in < 0))
			return op_fail(c, "input %d is missing", i + 1);
	return check_outputs(c);
}

static bool
kind_fits(char kind, const struct attr *t)
{
	bool list = t->kind == ATTR_INTS || t->kind == ATTR_FLOATS ||
	            t->kind == ATTR_STRS;

	if (list && !t->ints.n && !t->floats.n && !t->strs.n)
		return kind == 'I' || kind == 'F' || kind == 'S';
	switch (kind) {
	case 'i': return t->kind == ATTR_INT;
	case 'f': return t->kind == ATTR_FLOAT || t->kind == ATTR_INT;
	case 's': return t->kind == ATTR_STR;
	case 'I': return t->kind == ATTR_INTS;
	case 'F': return t->kind == ATTR_FLOATS || t->kind == ATTR_INTS;
	case 'S': return t->kind == ATTR_STRS;
	}
	BUG("attribute kind '%c'", kind);
}

static int
check_attr(struct op_ctx *c, const struct attr *t)
{
	const char *s = c->node->def->attrs;
	size_t n = strlen(t->name);

	if (str_eq(s, "*"))
		return 0;
	while (s && *s) {
		size_t word = strcspn(s, " ");

		if (word > n && strncmp(s, t->name, n) == 0 && s[n] == ':')
			return kind_fits(s[n + 1], t) ? 0 :
			       op_fail(c, "attribute '%s' has the wrong type",
			               t->name);
		s += word + strspn(s + word, " ");
	}
	return op_fail(c, "attribute '%s' is not supported", t->name);
}

static int
check_inputs(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nin(c); i++) {
		struct value *v = op_in(c, i);

		if (!v)
			continue;
		if (!v->typed || !v->shaped)
			return op_fail(c, "the %s of input '%s' is not known",
			               v->typed ? "shape" : "type", v->name);
		if (v->shape.n > TENSOR_MAX_DIMS ||
		    shape_elems(v->shape.v, v->shape.n, dtype_bytes(v->type)) < 0)
			return op_fail(c, "input '%s' has an impossible shape %s",
			               v->name, op_shape(c, i));
		if (i < 32 && (c->node->def->const_in >> i & 1)) {
			if (!value_is_const(v))
				return op_fail(c, "input '%s' must be a constant",
				               v->name);
			if (!value_data(c->net, v, c->d))
				return -1;
		}
	}
	return 0;
}

int
op_check(struct op_ctx *c)
{
	if (check_arity(c) < 0)
		return -1;
	for (size_t i = 0; i < c->node->attrs.n; i++)
		if (check_attr(c, &c->node->attrs.v[i]) < 0)
			return -1;
	return check_inputs(c);
}

int
op_infer(struct net *n, struct onode *o, struct diag *d)
{
	struct op_ctx c = context(n, o, d);

	if (!o->def)
		return unknown(&c);
	if (op_check(&c) < 0)
		return -1;
	return o->def->infer(&c);
}

/* --- folding ------------------------------------------------------------ */

static bool
foldable(struct op_ctx *c)
{
	if (!c->node->def || !c->node->def->fold)
		return false;
	for (size_t i = 0; i < op_nin(c); i++) {
		struct value *v = op_in(c, i);

		if (!v || c->node->def->fold_shapes)
			continue;
		if (!value_is_const(v) || !value_data(c->net, v, c->d))
			return false;
	}
	for (size_t i = 0; i < op_nout(c); i++) {
		struct value *v = op_out(c, i);

		if (v && value_elems(v) > FOLD_MAX_ELEMS &&
		    !c->node->def->fold_large)
			return false;
		if (v && v->is_output && op_nout(c) > 1)
			return false;
	}
	return true;
}

/* A graph output stays the output of a node. */
static void
become_identity(struct op_ctx *c)
{
	struct value *v = op_out(c, 0);
	const void *data = v->data;
	const char *hint = arena_printf(c->a, "%s_value", v->name);
	int k;

	v->data = NULL;
	k = net_const(c->net, hint, v->type, v->shape.v, v->shape.n, data);
	c->node->op = "Identity";
	c->node->def = op_find("Identity");
	c->node->attrs.n = 0;
	c->node->in.n = 0;
	*vec_add(c->a, &c->node->in) = k;
}

int
op_fold(struct net *n, struct onode *o, struct diag *d)
{
	struct op_ctx c = context(n, o, d);
	int r;

	if (!foldable(&c))
		return 0;
	if (str_eq(o->op, "Identity") && op_out(&c, 0)->is_output)
		return 0;
	r = o->def->fold(&c);
	if (r <= 0)
		return r;
	if (op_nout(&c) == 1 && op_out(&c, 0)->is_output) {
		become_identity(&c);
		return 1;
	}
	for (size_t i = 0; i < op_nout(&c); i++)
		if (op_out(&c, i))
			op_out(&c, i)->maker = -1;
	o->dead = true;
	return 1;
}

/* --- inputs and outputs ------------------------------------------------- */

size_t
op_nin(const struct op_ctx *c)
{
	return c->node->in.n;
}

size_t
op_nout(const struct op_ctx *c)
{
	return c->node->out.n;
}

int
op_in_id(struct op_ctx *c, size_t i)
{
	return i < c->node->in.n ? c->node->in.v[i] : -1;
}

int
op_out_id(struct op_ctx *c, size_t i)
{
	return i < c->node->out.n ? c->node->out.v[i] : -1;
}

struct value *
op_in(struct op_ctx *c, size_t i)
{
	int id = op_in_id(c, i);

	return id < 0 ? NULL : &c->net->values.v[id];
}

struct value *
op_out(struct op_ctx *c, size_t i)
{
	int id = op_out_id(c, i);

	return id < 0 ? NULL : &c->net->values.v[id];
}

/* What is declared must be what comes out. */
static int
check_declared(struct op_ctx *c, struct value *v, enum dtype t,
               const struct ints *shape)
{
	if (v->typed && v->type != t)
		return op_fail(c, "'%s' is declared as %s but is %s", v->name,
		               dtype_word(v->type), dtype_word(t));
	if (v->shaped && !shape_eq(&v->shape, shape))
		return op_fail(c, "'%s' is declared with shape %s but has %s",
		               v->name, shape_text(c->a, &v->shape),
		               shape_text(c->a, shape));
	return 0;
}

int
op_set(struct op_ctx *c, size_t out, enum dtype t, const int64_t *dims,
       size_t n)
{
	struct value *v = op_out(c, out);
	struct ints shape = {0};

	if (!v)
		return 0;
	for (size_t i = 0; i < n; i++)
		vec_push(c->a, &shape, dims[i]);
	if (n > TENSOR_MAX_DIMS)
		return op_fail(c, "'%s' would have %zu dimensions, at most %d "
		               "are supported", v->name, n, TENSOR_MAX_DIMS);
	if (shape_elems(dims, n, dtype_bytes(t)) < 0)
		return op_fail(c, "'%s' would have an impossible shape %s",
		               v->name, shape_text(c->a, &shape));
	if (check_declared(c, v, t, &shape) < 0)
		return -1;
	v->type = t;
	v->shape = shape;
	v->typed = v->shaped = true;
	return 0;
}

int
op_set_const(struct op_ctx *c, size_t out, enum dtype t, const int64_t *dims,
             size_t n, const void *data)
{
	struct value *v = op_out(c, out);
	size_t bytes;
	void *copy;

	if (op_set(c, out, t, dims, n) < 0)
		return -1;
	if (!v)
		return 0;
	bytes = (size_t)value_elems(v) * dtype_bytes(t);
	copy = arena_alloc(c->a, bytes + 1);
	if (bytes)
		memcpy(copy, data, bytes);
	v->data = copy;
	return 0;
}

int
op_broadcast(struct op_ctx *c, const struct ints *a, const struct ints *b,
             struct ints *out)
{
	size_t n = a->n > b->n ? a->n : b->n;

	*out = (struct ints){0};
	for (size_t i = 0; i < n; i++) {
		int64_t x = i + a->n < n ? 1 : a->v[i + a->n - n];
		int64_t y = i + b->n < n ? 1 : b->v[i + b->n - n];

		if (x != y && x != 1 && y != 1)
			return op_fail(c, "shapes %s and %s do not broadcast",
			               shape_text(c->a, a), shape_text(c->a, b));
		vec_push(c->a, out, x == 1 ? y : x);
	}
	return 0;
}

int
op_axis(struct op_ctx *c, int64_t axis, size_t rank, int64_t *out)
{
	int64_t n = (int64_t)rank;

	if (axis < -n || axis >= n)
		return op_fail(c, "axis %lld is out of range for rank %zu",
		               (long long)axis, rank);
	*out = axis < 0 ? axis + n : axis;
	return 0;
}

int
op_const_ints(struct op_ctx *c, size_t in, struct ints *out)
{
	struct value *v = op_in(c, in);
	int64_t n;

	*out = (struct ints){0};
	if (!v)
		return 0;
	if (!dtype_is_int(v->type))
		return op_fail(c, "input '%s' must be integer, it is %s",
		               v->name, dtype_word(v->type));
	if (!value_is_const(v))
		return op_fail(c, "input '%s' must be a constant", v->name);
	if (!value_data(c->net, v, c->d))
		return -1;
	n = value_elems(v);
	if (n > 4096)
		return op_fail(c, "input '%s' has %lld elements", v->name,
		               (long long)n);
	for (int64_t i = 0; i < n; i++)
		vec_push(c->a, out, value_int(v, i));
	return 0;
}
