/* Softmax, LogSoftmax, Hardmax: over one axis; before opset 13 over all axes
 * from "axis" on, which stays as the attribute "flatten". */
#include "base/str.h"
#include "op/util.h"

static int
softmax_upgrade(struct op_ctx *c)
{
	int64_t axis = op_int(c, "axis", 1);

	if (c->node->opset >= 13)
		return 0;
	attrs_set_int(c->a, &c->node->attrs, "axis", axis);
	attrs_set_int(c->a, &c->node->attrs, "flatten", 1);
	return 0;
}

/* The axes concerned: [from, to). */
static int
softmax_axes(struct op_ctx *c, size_t *from, size_t *to)
{
	struct dims x = op_dims(c, 0);
	int64_t axis = op_int(c, "axis", -1);
	bool flatten = op_int(c, "flatten", 0) != 0;

	if (flatten && axis == (int64_t)x.n) {
		*from = *to = x.n;
		return 0;
	}
	if (op_axis(c, axis, x.n, &axis) < 0)
		return -1;
	*from = (size_t)axis;
	*to = flatten ? x.n : *from + 1;
	return 0;
}

static int
softmax_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	bool hard = str_eq(c->node->op, "Hardmax");
	size_t from, to;

	if (op_want(c, 0, hard ? TYPES_NUMBERS : TYPES_FLOATS) < 0 ||
	    softmax_axes(c, &from, &to) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
softmax_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	struct lop *o = lower_op(l, "Softmax");
	size_t from, to;

	softmax_axes(c, &from, &to);
	x = dims_ori(&x, from, to);
	attrs_set_int(l->a, &o->attrs, "log", str_eq(c->node->op, "LogSoftmax"));
	lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &x);
	return 0;
}

/* 1 where the first maximum is. */
static int
hardmax_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0), y, j;
	struct lop *o;
	size_t from, to;
	int index;

	softmax_axes(c, &from, &to);
	x = dims_ori(&x, from, to);
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
	{"Hardmax", 1, 1, 1, 1, 1, "axis:i flatten:i", 0, softmax_upgrade,
	 softmax_infer, NULL, hardmax_lower},
	{"LogSoftmax", 1, 1, 1, 1, 1, "axis:i flatten:i", 0, softmax_upgrade,
	 softmax_infer, NULL, softmax_lower},
	{"Softmax", 1, 1, 1, 1, 1, "axis:i flatten:i", 0, softmax_upgrade,
	 softmax_infer, NULL, softmax_lower},
};

const struct op_family op_family_softmax = {
	"softmax", ops, sizeof ops / sizeof *ops
};
