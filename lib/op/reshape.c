/* Operators that change nothing but the shape: Reshape, Flatten, Squeeze,
 * Unsqueeze, and Identity and Dropout, which change nothing at all. */
#include "base/str.h"
#include "op/util.h"

static int
alias_lower(struct lower *l, struct op_ctx *c)
{
	lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
	return 0;
}

/* The same elements under another name. */
static int
alias_fold(struct op_ctx *c)
{
	op_out(c, 0)->data = op_in(c, 0)->data;
	return 1;
}

/* --- Reshape ------------------------------------------------------------ */

/* Puts the missing dimension (-1) in, so that the elements remain. */
static int
reshape_rest(struct op_ctx *c, const struct ints *want, struct dims *out)
{
	int64_t n = value_elems(op_in(c, 0)), known = 1;
	size_t rest = out->n;

	for (size_t i = 0; i < out->n; i++) {
		if (out->v[i] == -1) {
			if (rest < out->n)
				return op_fail(c, "shape %s leaves more than one "
				               "dimension open", shape_text(c->a, want));
			rest = i;
		} else if (__builtin_mul_overflow(known, out->v[i], &known) ||
		           out->v[i] < 0) {
			return op_fail(c, "impossible shape %s",
			               shape_text(c->a, want));
		}
	}
	if (rest < out->n) {
		out->v[rest] = known ? n / known : 0;
		known *= out->v[rest];
	}
	if (known != n)
		return op_fail(c, "%s cannot take shape %s", op_shape(c, 0),
		               shape_text(c->a, want));
	return 0;
}

static int
reshape_infer(struct op_ctx *c)
{
	bool allowzero = op_int(c, "allowzero", 0) != 0;
	struct dims in = op_dims(c, 0), out = {0};
	struct ints want;

	if (op_const_ints(c, 1, &want) < 0)
		return -1;
	if (want.n > TENSOR_MAX_DIMS)
		return op_fail(c, "%zu dimensions, at most %d are supported",
		               want.n, TENSOR_MAX_DIMS);
	for (size_t i = 0; i < want.n; i++) {
		int64_t x = want.v[i];

		if (x == 0 && !allowzero) {
			if (i >= in.n)
				return op_fail(c, "shape %s copies dimension %zu, "
				               "but the input is %s",
				               shape_text(c->a, &want), i,
				               op_shape(c, 0));
			x = in.v[i];
		}
		dims_add(&out, x);
	}
	if (reshape_rest(c, &want, &out) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &out);
}

static int
flatten_infer(struct op_ctx *c)
{
	struct dims in = op_dims(c, 0);
	int64_t axis = op_int(c, "axis", 1), n = (int64_t)in.n;

	if (axis < -n || axis > n)
		return op_fail(c, "axis %lld is out of range for %s",
		               (long long)axis, op_shape(c, 0));
	if (axis < 0)
		axis += n;
	return op_set(c, 0, op_in(c, 0)->type,
	              (int64_t[]){dims_product(&in, 0, (size_t)axis),
	                          dims_product(&in, (size_t)axis, in.n)}, 2);
}

/* --- Squeeze, Unsqueeze ------------------------------------------------- */

static int
axes_upgrade(struct op_ctx *c)
{
	return op_attr_to_input(c, "axes", 1);
}

static int
squeeze_infer(struct op_ctx *c)
{
	struct dims in = op_dims(c, 0), out = {0};
	bool on[TENSOR_MAX_DIMS];
	bool any = op_has(c, 1);

	if (op_axes(c, 1, in.n, any, on) < 0)
		return -1;
	for (size_t i = 0; i < in.n; i++) {
		if (any && on[i] && in.v[i] != 1)
			return op_fail(c, "dimension %zu of %s is not 1", i,
			               op_shape(c, 0));
		if (!(any ? on[i] : in.v[i] == 1))
			dims_add(&out, in.v[i]);
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &out);
}

static int
unsqueeze_infer(struct op_ctx *c)
{
	struct dims in = op_dims(c, 0), out = {0};
	bool on[2 * TENSOR_MAX_DIMS] = {false};
	struct ints axes;
	size_t n;

	if (op_const_ints(c, 1, &axes) < 0)
		return -1;
	n = in.n + axes.n;
	if (n > TENSOR_MAX_DIMS)
		return op_fail(c, "%zu dimensions, at most %d are supported", n,
		               TENSOR_MAX_DIMS);
	if (op_axes(c, 1, n, true, on) < 0)
		return -1;
	for (size_t i = 0, k = 0; i < n; i++)
		dims_add(&out, on[i] ? 1 : in.v[k++]);
	return op_set_dims(c, 0, op_in(c, 0)->type, &out);
}

/* --- Identity, Dropout -------------------------------------------------- */

static int
identity_infer(struct op_ctx *c)
{
	struct dims d = op_dims(c, 0);

	return op_set_dims(c, 0, op_in(c, 0)->type, &d);
}

static int
dropout_upgrade(struct op_ctx *c)
{
	if (c->node->opset < 10 && op_wants_out(c, 1))
		return op_fail(c, "the mask of opset %d is not supported",
		               c->node->opset);
	if (c->node->opset < 12)
		attrs_remove(&c->node->attrs, "ratio");
	return 0;
}

/* In inference nothing is dropped; nor is it in training with ratio 0. */
static int
dropout_infer(struct op_ctx *c)
{
	struct dims d = op_dims(c, 0);
	int64_t training = 0;
	double ratio = 0.5;

	if (op_has(c, 2) && op_const_int(c, 2, &training) < 0)
		return -1;
	if (training && op_has(c, 1) && op_const_float(c, 1, &ratio) < 0)
		return -1;
	if (training && ratio != 0)
		return op_fail(c, "dropout in training is not supported");
	if (op_set_dims(c, 1, DTYPE_BOOL, &d) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &d);
}

static int
dropout_lower(struct lower *l, struct op_ctx *c)
{
	if (op_wants_out(c, 1))
		lower_fill(l, op_out_id(c, 1), 1);
	if (op_wants_out(c, 0))
		lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
	return 0;
}

static const struct op ops[] = {
	{"Dropout", 7, 1, 3, 1, 2, "seed:i", 4, dropout_upgrade, dropout_infer,
	 NULL, dropout_lower},
	{"Flatten", 1, 1, 1, 1, 1, "axis:i", 0, NULL, flatten_infer, alias_fold,
	 alias_lower, .fold_large = true},
	{"Identity", 1, 1, 1, 1, 1, NULL, 0, NULL, identity_infer, alias_fold,
	 alias_lower, .fold_large = true},
	{"Reshape", 5, 2, 2, 1, 1, "allowzero:i", 2, NULL, reshape_infer,
	 alias_fold, alias_lower, .fold_large = true},
	{"Squeeze", 1, 1, 2, 1, 1, NULL, 2, axes_upgrade, squeeze_infer,
	 alias_fold, alias_lower, .fold_large = true},
	{"Unsqueeze", 1, 2, 2, 1, 1, NULL, 2, axes_upgrade, unsqueeze_infer,
	 alias_fold, alias_lower, .fold_large = true},
};

const struct op_family op_family_reshape = {
	"reshape", ops, sizeof ops / sizeof *ops
};
