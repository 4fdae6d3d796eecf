/* Normalisations.  Those over a contiguous part of each sample are the form
 * Norm with scale and bias as maps; the others are reductions and maps. */
#include "base/str.h"
#include "op/util.h"

/* --- BatchNormalization, in inference ----------------------------------- */

static int
batch_upgrade(struct op_ctx *c)
{
	if (c->node->opset < 9) {
		if (op_int(c, "spatial", 1) == 0)
			return op_fail(c, "spatial=0 is not supported");
		attrs_remove(&c->node->attrs, "spatial");
	}
	return 0;
}

static int
batch_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);

	bool training = op_int(c, "training_mode", 0) != 0;

	for (size_t i = 1; i < op_nout(c); i++)
		training |= op_wants_out(c, i);
	if (training)
		return op_fail(c, "batch normalization in training is not "
		               "supported");
	if (op_want(c, 0, TYPES_FLOATS) < 0)
		return -1;
	if (x.n < 2)
		return op_fail(c, "input has shape %s, expected batch and channels",
		               op_shape(c, 0));
	for (size_t i = 1; i < 5; i++) {
		if (op_want_same(c, i, 0) < 0)
			return -1;
		if (op_in(c, i)->shape.n != 1 ||
		    op_in(c, i)->shape.v[0] != x.v[1])
			return op_fail(c, "input '%s' has shape %s, expected "
			               "[%lld] as in %s", op_in(c, i)->name,
			               op_shape(c, i), (long long)x.v[1],
			               op_shape(c, 0));
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

/* y = x * factor + shift, where both are constants in most models and are
 * then computed once. */
static int
batch_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0), ch = DIMS(x.v[1]), wide = DIMS(x.v[1]);
	const char *eps = map_number(l->a, t, op_float(c, "epsilon", 1e-5));
	int factor = lower_tmp(l, "factor", t, &ch);
	int shift = lower_tmp(l, "shift", t, &ch);
	struct mapin f[] = {{op_in_id(c, 1), ch, 0}, {op_in_id(c, 4), ch, 0}};
	struct mapin s[] = {{op_in_id(c, 2), ch, 0}, {op_in_id(c, 3), ch, 0},
	                    {factor, ch, 0}};
	struct mapin y[3];
	struct lop *o = lower_map(l, factor, &ch, f, 2, true);

	lop_step(l, o, "Y", "%s / SQRT(%s + %s)", f[0].ref, f[1].ref, eps);
	o = lower_map(l, shift, &ch, s, 3, true);
	lop_step(l, o, "Y", "%s - %s * %s", s[0].ref, s[1].ref, s[2].ref);
	for (size_t i = 2; i < x.n; i++)
		dims_add(&wide, 1);
	wide = dims_align(&wide, x.n);
	y[0] = (struct mapin){op_in_id(c, 0), x, NULL};
	y[1] = (struct mapin){factor, wide, NULL};
	y[2] = (struct mapin){shift, wide, NULL};
	o = lower_map(l, op_out_id(c, 0), &x, y, 3, true);
	lop_step(l, o, "Y", "%s * %s + %s", y[0].ref, y[1].ref, y[2].ref);
	return 0;
}

/* --- the form ----------------------------------------------------------- */

static struct lop *
norm_form(struct lower *l, struct op_ctx *c, int y, const struct dims *d)
{
	struct lop *o = lower_op(l, "Norm");

	attrs_set_float(l->a, &o->attrs, "epsilon", op_float(c, "epsilon", 1e-5));
	lop_in_dims(l, o, "X", op_in_id(c, 0), d);
	lop_out_dims(l, o, "Y", y, d);
	return o;
}

/* v * scale + bias (bias: a value, or -1). */
static void
scale_step(struct lower *l, struct lop *o, int scale, int bias,
           const struct dims *d)
{
	const char *s = lop_extra_dims(l, o, "Y", scale, d);

	if (bias < 0)
		lop_step(l, o, "Y", "v * %s", s);
	else
		lop_step(l, o, "Y", "v * %s + %s", s,
		         lop_extra_dims(l, o, "Y", bias, d));
}

static int
check_channels(struct op_ctx *c, size_t in, int64_t n, int64_t or)
{
	struct value *v = op_in(c, in);

	if (op_want_same(c, in, 0) < 0)
		return -1;
	if (v->shape.n != 1 || (v->shape.v[0] != n && v->shape.v[0] != or))
		return op_fail(c, "input '%s' has shape %s, expected [%lld]",
		               v->name, op_shape(c, in), (long long)n);
	return 0;
}

/* --- InstanceNormalization, GroupNormalization -------------------------- */

static int
instance_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);

	if (op_want(c, 0, TYPES_FLOATS) < 0)
		return -1;
	if (x.n < 3)
		return op_fail(c, "input has shape %s, expected batch, channels "
		               "and spatial dimensions", op_shape(c, 0));
	if (check_channels(c, 1, x.v[1], x.v[1]) < 0 ||
	    check_channels(c, 2, x.v[1], x.v[1]) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
instance_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	struct dims d = DIMS(x.v[0], x.v[1], dims_product(&x, 2, x.n));
	struct dims ch = DIMS(1, x.v[1], 1);
	struct lop *o = norm_form(l, c, op_out_id(c, 0), &d);

	scale_step(l, o, op_in_id(c, 1), op_in_id(c, 2), &ch);
	return 0;
}

/* Scale and bias are by channel, and were by group before opset 21. */
static int
group_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t g = op_int(c, "num_groups", 0);

	if (op_want(c, 0, TYPES_FLOATS) < 0)
		return -1;
	if (x.n < 2 || g < 1 || g > x.v[1] || x.v[1] % g)
		return op_fail(c, "%lld groups of the channels of %s",
		               (long long)g, op_shape(c, 0));
	if (check_channels(c, 1, x.v[1], g) < 0 ||
	    check_channels(c, 2, op_dims(c, 1).v[0], op_dims(c, 1).v[0]) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
group_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t g = op_int(c, "num_groups", 0), ch = x.v[1];
	int64_t rest = dims_product(&x, 2, x.n);
	struct dims d = DIMS(x.v[0], g, ch / g * rest), by_group = DIMS(1, g, 1);
	struct dims y = DIMS(x.v[0], ch, rest), by_channel = DIMS(1, ch, 1);
	struct mapin in[3];
	struct lop *o;
	int t;

	if (op_dims(c, 1).v[0] == g) {
		scale_step(l, norm_form(l, c, op_out_id(c, 0), &d),
		           op_in_id(c, 1), op_in_id(c, 2), &by_group);
		return 0;
	}
	t = lower_tmp(l, "norm", op_in(c, 0)->type, &d);
	norm_form(l, c, t, &d);
	in[0] = (struct mapin){t, y, NULL};
	in[1] = (struct mapin){op_in_id(c, 1), by_channel, NULL};
	in[2] = (struct mapin){op_in_id(c, 2), by_channel, NULL};
	o = lower_map(l, op_out_id(c, 0), &y, in, 3, true);
	lop_step(l, o, "Y", "%s * %s + %s", in[0].ref, in[1].ref, in[2].ref);
	return 0;
}

/* --- LayerNormalization ------------------------------------------------- */

static int
layer_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), stat = x;
	int64_t axis;

	if (op_want(c, 0, TYPES_FLOATS) < 0 ||
	    op_axis(c, op_int(c, "axis", -1), x.n, &axis) < 0)
		return -1;
	for (size_t i = 1; i < op_nin(c); i++) {
		struct dims d;

		if (op_want_same(c, i, 0) < 0)
			return -1;
		d = op_dims(c, i);
		for (size_t k = 0; k < d.n; k++)
			if (d.n > x.n || (d.v[k] != 1 &&
			                  d.v[k] != x.v[x.n - d.n + k]))
				return op_fail(c, "input '%s' of shape %s does not "
				               "broadcast to %s", op_in(c, i)->name,
				               op_shape(c, i), op_shape(c, 0));
	}
	for (size_t i = (size_t)axis; i < x.n; i++)
		stat.v[i] = 1;
	if (op_set_dims(c, 1, op_in(c, 0)->type, &stat) < 0 ||
	    op_set_dims(c, 2, op_in(c, 0)->type, &stat) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

/* The outputs Mean and InvStdDev, which hardly any model asks for. */
static void
layer_stats(struct lower *l, struct op_ctx *c, const struct dims *x,
            size_t axis)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims stat = dims_ori(x, axis, x->n);
	const char *n = map_number(l->a, t, (double)stat.v[1]);
	const char *eps = map_number(l->a, t, op_float(c, "epsilon", 1e-5));
	bool on[TENSOR_MAX_DIMS];
	int mean = op_out_id(c, 1);

	for (size_t i = 0; i < x->n; i++)
		on[i] = i >= axis;
	if (mean < 0 && !op_wants_out(c, 2))
		return;
	if (mean < 0)
		mean = lower_temp(l, "mean", t, stat.v, 1);
	lower_reduce(l, mean, op_in_id(c, 0), x, on, "sum", NULL,
	             arena_printf(l->a, "v / %s", n), -1);
	if (op_wants_out(c, 2))
		lower_reduce(l, op_out_id(c, 2), op_in_id(c, 0), x, on, "sum",
		             "(v - E0) * (v - E0)",
		             arena_printf(l->a, "%s / SQRT(v / %s + %s)",
		                          map_number(l->a, t, 1), n, eps), mean);
}

/* Whether scale and bias lie over exactly the normalised elements. */
static bool
layer_simple(struct op_ctx *c, int64_t r)
{
	return value_elems(op_in(c, 1)) == r &&
	       (!op_has(c, 2) || value_elems(op_in(c, 2)) == r);
}

static int
layer_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), d, inner;
	struct mapin in[3];
	struct lop *o;
	int64_t axis;
	int t;

	op_axis(c, op_int(c, "axis", -1), x.n, &axis);
	d = dims_ori(&x, (size_t)axis, x.n);
	d = DIMS(d.v[0], 1, d.v[1]);
	inner = DIMS(1, 1, d.v[2]);
	layer_stats(l, c, &x, (size_t)axis);
	if (!op_wants_out(c, 0))
		return 0;
	if (layer_simple(c, d.v[2])) {
		scale_step(l, norm_form(l, c, op_out_id(c, 0), &d),
		           op_in_id(c, 1), op_in_id(c, 2), &inner);
		return 0;
	}
	t = lower_tmp(l, "norm", op_in(c, 0)->type, &d);
	norm_form(l, c, t, &d);
	in[0] = (struct mapin){t, x, NULL};
	for (size_t i = 1; i < op_nin(c); i++) {
		struct dims e = op_dims(c, i);

		in[i] = (struct mapin){op_in_id(c, i), dims_align(&e, x.n), NULL};
	}
	o = lower_map(l, op_out_id(c, 0), &x, in, op_nin(c), true);
	lop_step(l, o, "Y",
	         op_has(c, 2) ? "%s * %s + %s" : "%s * %s", in[0].ref, in[1].ref,
	         op_has(c, 2) ? in[2].ref : "");
	return 0;
}

/* --- LpNormalization ---------------------------------------------------- */

static int
lp_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t axis, p = op_int(c, "p", 2);

	if (op_want(c, 0, TYPES_FLOATS) < 0 ||
	    op_axis(c, op_int(c, "axis", -1), x.n, &axis) < 0)
		return -1;
	if (p != 1 && p != 2)
		return op_fail(c, "attribute 'p' is %lld, expected 1 or 2",
		               (long long)p);
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

/* Where the norm is 0, so is the result. */
static int
lp_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0), kept;
	bool on[TENSOR_MAX_DIMS] = {false}, two = op_int(c, "p", 2) == 2;
	const char *zero = map_number(l->a, t, 0);
	struct mapin in[2];
	struct lop *o;
	int64_t axis;
	int norm;

	op_axis(c, op_int(c, "axis", -1), x.n, &axis);
	on[axis] = true;
	kept = x;
	kept.v[axis] = 1;
	norm = lower_tmp(l, "norm", t, &kept);
	lower_reduce(l, norm, op_in_id(c, 0), &x, on, "sum",
	             two ? "v * v" : "ABS(v)", two ? "SQRT(v)" : NULL, -1);
	in[0] = (struct mapin){op_in_id(c, 0), x, NULL};
	in[1] = (struct mapin){norm, kept, NULL};
	o = lower_map(l, op_out_id(c, 0), &x, in, 2, true);
	lop_step(l, o, "Y", "SELECT(%s == %s, %s, %s / %s)", in[1].ref, zero, zero,
	         in[0].ref, in[1].ref);
	return 0;
}

/* --- MeanVarianceNormalization ------------------------------------------ */

static int
mvn_axes(struct op_ctx *c, bool *on)
{
	static const int64_t usual[] = {0, 2, 3};
	const struct ints *axes = op_ints(c, "axes");
	size_t rank = op_in(c, 0)->shape.n, n = axes ? axes->n : 3;

	for (size_t i = 0; i < rank; i++)
		on[i] = false;
	for (size_t i = 0; i < n; i++) {
		int64_t k;

		if (op_axis(c, axes ? axes->v[i] : usual[i], rank, &k) < 0)
			return -1;
		on[k] = true;
	}
	return 0;
}

static int
mvn_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	bool on[TENSOR_MAX_DIMS];

	if (op_want(c, 0, TYPES_FLOATS) < 0 || mvn_axes(c, on) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
mvn_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0), kept = x;
	bool on[TENSOR_MAX_DIMS];
	const char *n;
	struct mapin in[3];
	struct lop *o;
	int mean, dev;

	mvn_axes(c, on);
	for (size_t i = 0; i < x.n; i++)
		if (on[i])
			kept.v[i] = 1;
	n = map_number(l->a, t, (double)(dims_elems(&x) / dims_elems(&kept)));
	mean = lower_tmp(l, "mean", t, &kept);
	dev = lower_tmp(l, "dev", t, &kept);
	lower_reduce(l, mean, op_in_id(c, 0), &x, on, "sum", NULL,
	             arena_printf(l->a, "v / %s", n), -1);
	lower_reduce(l, dev, op_in_id(c, 0), &x, on, "sum",
	             "(v - E0) * (v - E0)",
	             arena_printf(l->a, "SQRT(v / %s) + %s", n,
	                          map_number(l->a, t, 1e-9)), mean);
	in[0] = (struct mapin){op_in_id(c, 0), x, NULL};
	in[1] = (struct mapin){mean, kept, NULL};
	in[2] = (struct mapin){dev, kept, NULL};
	o = lower_map(l, op_out_id(c, 0), &x, in, 3, true);
	lop_step(l, o, "Y", "(%s - %s) / %s", in[0].ref, in[1].ref, in[2].ref);
	return 0;
}

/* --- LRN ---------------------------------------------------------------- */

static int
lrn_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t size = op_int(c, "size", 0);

	if (op_want(c, 0, TYPES_FLOATS) < 0)
		return -1;
	if (x.n < 2 || size < 1 || size > 1 << 20)
		return op_fail(c, "windows of %lld channels of %s",
		               (long long)size, op_shape(c, 0));
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

/* The mean of squares over a window of channels is an average pooling with
 * the channels as a spatial dimension; the rest is its map. */
static int
lrn_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0);
	struct dims d = DIMS(x.v[0], 1, x.v[1], dims_product(&x, 2, x.n));
	int64_t size = op_int(c, "size", 0), before = (size - 1) / 2;
	struct lop *o = lower_op(l, "Pool");

	attrs_set_str(l->a, &o->attrs, "mode", "avg");
	attrs_set_ints(l->a, &o->attrs, "kernel", (int64_t[]){size, 1}, 2);
	attrs_set_ints(l->a, &o->attrs, "strides", (int64_t[]){1, 1}, 2);
	attrs_set_ints(l->a, &o->attrs, "pads",
	               (int64_t[]){before, 0, size - 1 - before, 0}, 4);
	attrs_set_ints(l->a, &o->attrs, "dilations", (int64_t[]){1, 1}, 2);
	attrs_set_int(l->a, &o->attrs, "count_include_pad", 1);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &d);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &d);
	lop_step(l, o, "X", "v * v");
	lop_step(l, o, "Y", "%s / POW(%s + %s * v, %s)",
	         lop_extra_dims(l, o, "Y", op_in_id(c, 0), &d),
	         map_number(l->a, t, op_float(c, "bias", 1)),
	         map_number(l->a, t, op_float(c, "alpha", 1e-4)),
	         map_number(l->a, t, op_float(c, "beta", 0.75)));
	return 0;
}

static const struct op ops[] = {
	{"BatchNormalization", 7, 5, 5, 1, 5,
	 "epsilon:f momentum:f training_mode:i", 0, batch_upgrade, batch_infer,
	 NULL, batch_lower},
	{"GroupNormalization", 18, 3, 3, 1, 1,
	 "epsilon:f num_groups:i stash_type:i", 0, NULL, group_infer, NULL,
	 group_lower},
	{"InstanceNormalization", 6, 3, 3, 1, 1, "epsilon:f", 0, NULL,
	 instance_infer, NULL, instance_lower},
	{"LRN", 1, 1, 1, 1, 1, "alpha:f beta:f bias:f size:i", 0, NULL, lrn_infer,
	 NULL, lrn_lower},
	{"LayerNormalization", 17, 2, 3, 1, 3, "axis:i epsilon:f stash_type:i", 0,
	 NULL, layer_infer, NULL, layer_lower},
	{"LpNormalization", 1, 1, 1, 1, 1, "axis:i p:i", 0, NULL, lp_infer, NULL,
	 lp_lower},
	{"MeanVarianceNormalization", 9, 1, 1, 1, 1, "axes:I", 0, NULL, mvn_infer,
	 NULL, mvn_lower},
};

const struct op_family op_family_norm = {
	"norm", ops, sizeof ops / sizeof *ops
};
