/* Softmax, LogSoftmax, Hardmax: over one axis; before opset 13 over all axes
 * from "axis" on, which upgrading makes explicit. */
#include "base/str.h"
#include "op/util.h"

/* The only axis from "axis" on that is not 1; rank if there is none, -1 if
 * there are several. */
static int64_t
only_axis(const struct dims *x, int64_t axis)
{
	int64_t only = (int64_t)x->n;

	for (size_t i = (size_t)axis; i < x->n; i++) {
		if (x->v[i] == 1)
			continue;
		if (only < (int64_t)x->n)
			return -1;
		only = (int64_t)i;
	}
	return only;
}

static void
connect(struct net *n, struct onode *o, const struct onode *like, int in,
        int out)
{
	o->label = like->label;
	o->at = like->at;
	vec_push(n->a, &o->in, in);
	vec_push(n->a, &o->out, out);
}

/* Flatten, the operator, Reshape: the node itself becomes the Reshape. */
static void
flattened(struct op_ctx *c, const struct dims *x, int64_t axis)
{
	struct net *n = c->net;
	struct onode old = *c->node, *o;
	size_t at = (size_t)(c->node - n->nodes.v);
	enum dtype t = op_in(c, 0)->type;
	const char *name = op_out(c, 0)->name;
	int64_t flat[2] = {dims_product(x, 0, (size_t)axis),
	                   dims_product(x, (size_t)axis, x->n)};
	int64_t rank = (int64_t)x->n;
	int in = net_fresh(n, arena_printf(c->a, "%s_flat", name), t, flat, 2);
	int out = net_fresh(n, arena_printf(c->a, "%s_2d", name), t, flat, 2);
	int shape = net_const(n, arena_printf(c->a, "%s_shape", name), DTYPE_I64,
	                      &rank, 1, x->v);

	o = net_node(n, "Flatten");
	connect(n, o, &old, old.in.v[0], in);
	attrs_set_int(n->a, &o->attrs, "axis", axis);
	o = net_node(n, old.op);
	connect(n, o, &old, in, out);
	attrs_set_int(n->a, &o->attrs, "axis", 1);
	o = &n->nodes.v[at];
	o->op = "Reshape";
	o->def = op_find("Reshape");
	o->attrs.n = 0;
	o->in.v[0] = out;
	vec_push(n->a, &o->in, shape);
}

static int
softmax_upgrade(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t axis = op_int(c, "axis", 1), only;

	if (c->node->opset >= 13)
		return 0;
	if (axis < 0)
		axis += (int64_t)x.n;
	if (axis < 0 || axis > (int64_t)x.n)
		return op_axis(c, axis, x.n, &axis);
	only = only_axis(&x, axis);
	if (only < 0 || x.n == 0 || axis == (int64_t)x.n) {
		flattened(c, &x, axis);
		return 0;
	}
	attrs_set_int(c->a, &c->node->attrs, "axis",
	              only < (int64_t)x.n ? only : (int64_t)x.n - 1);
	return 0;
}

static int
infer(struct op_ctx *c, int types)
{
	struct dims x = op_dims(c, 0);
	int64_t axis;

	if (op_want(c, 0, types) < 0 ||
	    op_axis(c, op_int(c, "axis", -1), x.n, &axis) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
softmax_infer(struct op_ctx *c)
{
	return infer(c, TYPES_FLOATS);
}

static int
hardmax_infer(struct op_ctx *c)
{
	return infer(c, TYPES_NUMBERS);
}

/* The input as [O, R, I]. */
static struct dims
softmax_ori(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t axis;

	op_axis(c, op_int(c, "axis", -1), x.n, &axis);
	return dims_ori(&x, (size_t)axis, (size_t)axis + 1);
}

static int
lower(struct lower *l, struct op_ctx *c, bool log)
{
	struct dims x = softmax_ori(c);
	struct lop *o = lower_op(l, "Softmax");

	attrs_set_int(l->a, &o->attrs, "log", log);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &x);
	return 0;
}

static int
softmax_lower(struct lower *l, struct op_ctx *c)
{
	return lower(l, c, false);
}

static int
logsoftmax_lower(struct lower *l, struct op_ctx *c)
{
	return lower(l, c, true);
}

/* 1 where the first maximum is. */
static int
hardmax_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = softmax_ori(c), y, j;
	struct lop *o;
	int index;

	y = DIMS(x.v[0], x.v[2]);
	j = DIMS(x.v[0], 1, x.v[2]);
	index = lower_tmp(l, "index", DTYPE_I64, &y);
	o = lower_op(l, "ArgReduce");
	attrs_set_str(l->a, &o->attrs, "op", "max");
	attrs_set_int(l->a, &o->attrs, "last", 0);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
	lop_out_dims(l, o, "Y", index, &y);
	o = lower_op(l, "Map");
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &x);
	lop_step(l, o, "Y", "SELECT(%s == c1, %s, %s)",
	         lop_extra_dims(l, o, "Y", index, &j), map_number(l->a, t, 1),
	         map_number(l->a, t, 0));
	return 0;
}

static const struct op ops[] = {
	{"Hardmax", 1, 1, 1, 1, 1, "axis:i", 0, softmax_upgrade,
	 hardmax_infer, NULL, hardmax_lower},
	{"LogSoftmax", 1, 1, 1, 1, 1, "axis:i", 0, softmax_upgrade,
	 softmax_infer, NULL, logsoftmax_lower},
	{"Softmax", 1, 1, 1, 1, 1, "axis:i", 0, softmax_upgrade,
	 softmax_infer, NULL, softmax_lower},
};

const struct op_family op_family_softmax = {
	"softmax", ops, sizeof ops / sizeof *ops
};
