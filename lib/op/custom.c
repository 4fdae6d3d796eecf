/* Operators of other domains than ONNX's own ("com.example::Histogram"): tamp
 * knows nothing of them but what the model declares, and kernels of one's own
 * compute them.  The node becomes an rOperator whose form is the operator's
 * name, with the arguments A0, A1 ... that it reads and Y0, Y1 ... that it
 * makes.  It must depend on its inputs and attributes alone. */
#include "base/str.h"
#include "op/op.h"
#include "op/util.h"

bool
op_is_custom(const char *name)
{
	return strstr(name, "::") != NULL;
}

static int
infer(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nin(c); i++)
		if (!op_in(c, i))
			return op_fail(c, "input %zu is missing", i + 1);
	for (size_t i = 0; i < op_nout(c); i++) {
		const struct value *v = op_out(c, i);

		if (!v)
			return op_fail(c, "output %zu has no name", i + 1);
		if (!v->typed || !v->shaped)
			return op_fail(c, "the model does not declare type and shape "
			               "of its output '%s', which nothing else "
			               "knows (value_info)", v->name);
	}
	return 0;
}

static int
lower(struct lower *l, struct op_ctx *c)
{
	struct lop *o = lower_op(l, c->node->op);

	o->attrs = c->node->attrs;
	for (size_t i = 0; i < op_nin(c); i++)
		lop_in(l, o, arena_printf(l->a, "A%zu", i), op_in_id(c, i),
		       op_in(c, i)->shape.v, op_in(c, i)->shape.n);
	for (size_t i = 0; i < op_nout(c); i++)
		lop_out(l, o, arena_printf(l->a, "Y%zu", i), op_out_id(c, i),
		        op_out(c, i)->shape.v, op_out(c, i)->shape.n);
	return 0;
}

const struct op op_custom = {
	"", 1, 0, -1, 1, -1, "*", 0, NULL, infer, NULL, lower
};
