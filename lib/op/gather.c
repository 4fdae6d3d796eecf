/* Reading and writing at indices: Gather*, Scatter*, Compress. */
#include "base/str.h"
#include "op/util.h"

/* Constant indices must lie in [-dim, dim). */
static int
check_indices(struct op_ctx *c, size_t in, int64_t dim)
{
	struct value *j = op_in(c, in);
	int64_t n;

	if (op_want(c, in, TYPES_INTS) < 0)
		return -1;
	if (!value_is_const(j))
		return 0;
	if (!value_data(c->net, j, c->d))
		return -1;
	n = value_elems(j);
	for (int64_t i = 0; i < n; i++) {
		int64_t k = value_int(j, i);

		if (k < -dim || k >= dim)
			return op_fail(c, "index %lld is out of range for a "
			               "dimension of %lld", (long long)k,
			               (long long)dim);
	}
	return 0;
}

/* --- Gather ------------------------------------------------------------- */

static int
gather_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), y = {0};
	int64_t axis;

	if (op_axis(c, op_int(c, "axis", 0), x.n, &axis) < 0 ||
	    check_indices(c, 1, x.v[axis]) < 0)
		return -1;
	for (size_t i = 0; i < (size_t)axis; i++)
		dims_add(&y, x.v[i]);
	for (size_t i = 0; i < j.n; i++)
		dims_add(&y, j.v[i]);
	for (size_t i = (size_t)axis + 1; i < x.n; i++)
		dims_add(&y, x.v[i]);
	if (x.v[axis] == 0 && dims_elems(&y) > 0)
		return op_fail(c, "nothing to gather from in %s", op_shape(c, 0));
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
gather_fold(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	size_t size = dtype_bytes(op_in(c, 0)->type), bytes, at = 0;
	int64_t axis, k = value_elems(op_in(c, 1));
	struct dims ori;
	char *y;

	op_axis(c, op_int(c, "axis", 0), x.n, &axis);
	ori = dims_ori(&x, (size_t)axis, (size_t)axis + 1);
	bytes = (size_t)ori.v[2] * size;
	y = arena_array(c->a, (size_t)value_elems(op_out(c, 0)) + 1, size);
	for (int64_t o = 0; o < ori.v[0]; o++)
		for (int64_t i = 0; i < k; i++, at += bytes) {
			int64_t j = value_int(op_in(c, 1), i);

			j = o * ori.v[1] + (j < 0 ? j + ori.v[1] : j);
			if (bytes)
				memcpy(y + at, (const char *)op_in(c, 0)->data +
				       (size_t)j * bytes, bytes);
		}
	return op_set_fold(c, 0, y);
}

/* One constant index: a part of X, often a view. */
static bool
gather_part(struct op_ctx *c, const struct dims *ori, struct strided *s)
{
	struct value *j = op_in(c, 1);
	int64_t k;

	if (!value_is_const(j) || value_elems(j) != 1 ||
	    !value_data(c->net, j, c->d))
		return false;
	k = value_int(j, 0);
	s->dims = DIMS(ori->v[0], ori->v[2]);
	s->src = DIMS(ori->v[1] * ori->v[2], 1);
	s->offset = (k < 0 ? k + ori->v[1] : k) * ori->v[2];
	return true;
}

static int
gather_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), ori, jd, yd;
	struct strided s;
	struct lop *o;
	int64_t axis;

	op_axis(c, op_int(c, "axis", 0), x.n, &axis);
	ori = dims_ori(&x, (size_t)axis, (size_t)axis + 1);
	if (gather_part(c, &ori, &s)) {
		lower_strided(l, op_out_id(c, 0), op_in_id(c, 0), s);
		return 0;
	}
	jd = DIMS(value_elems(op_in(c, 1)));
	yd = DIMS(ori.v[0], jd.v[0], ori.v[2]);
	o = lower_op(l, "Gather");
	lop_in_dims(l, o, "X", op_in_id(c, 0), &ori);
	lop_in_dims(l, o, "J", op_in_id(c, 1), &jd);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &yd);
	return 0;
}

/* --- GatherElements ----------------------------------------------------- */

/* J's dimensions other than the axis lie within X's. */
static int
check_elements(struct op_ctx *c, int64_t *axis)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1);

	if (op_axis(c, op_int(c, "axis", 0), x.n, axis) < 0)
		return -1;
	for (size_t i = 0; i < x.n && j.n == x.n; i++)
		if ((int64_t)i != *axis && j.v[i] > x.v[i])
			j.n = 0;
	if (j.n != x.n)
		return op_fail(c, "indices of shape %s for input %s",
		               op_shape(c, 1), op_shape(c, 0));
	if (x.v[*axis] == 0 && dims_elems(&j) > 0)
		return op_fail(c, "indices into an empty dimension of %s",
		               op_shape(c, 0));
	return check_indices(c, 1, x.v[*axis]);
}

static int
elements_infer(struct op_ctx *c)
{
	struct dims j = op_dims(c, 1);
	int64_t axis;

	if (check_elements(c, &axis) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &j);
}

static int
elements_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1);
	struct lop *o = lower_op(l, "GatherElements");
	int64_t axis;

	op_axis(c, op_int(c, "axis", 0), x.n, &axis);
	attrs_set_int(l->a, &o->attrs, "axis", axis);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
	lop_in_dims(l, o, "J", op_in_id(c, 1), &j);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &j);
	return 0;
}

/* --- GatherND, ScatterND ------------------------------------------------ */

/* Indices are the last k numbers of J, into dims [batch, batch + k) of X. */
struct nd {
	size_t batch, k;
	struct dims dims;	/* d0 .. dk-1 */
};

static int
nd_read(struct op_ctx *c, struct nd *n)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1);
	int64_t b = op_int(c, "batch_dims", 0);
	bool fits = b >= 0 && j.n >= 1 && (size_t)b < j.n && (size_t)b < x.n;

	for (int64_t i = 0; fits && i < b; i++)
		fits = x.v[i] == j.v[i];
	fits = fits && j.v[j.n - 1] >= 0 &&
	       j.v[j.n - 1] <= (int64_t)x.n - b;
	if (!fits)
		return op_fail(c, "indices of shape %s for input %s, %lld batch "
		               "dimensions", op_shape(c, 1), op_shape(c, 0),
		               (long long)b);
	n->batch = (size_t)b;
	n->k = (size_t)j.v[j.n - 1];
	n->dims = (struct dims){0};
	for (size_t i = 0; i < n->k; i++) {
		dims_add(&n->dims, x.v[n->batch + i]);
		if (x.v[n->batch + i] == 0 && dims_elems(&j) > 0)
			return op_fail(c, "indices into an empty dimension of %s",
			               op_shape(c, 0));
	}
	return op_want(c, 1, TYPES_INTS);
}

static int
gathernd_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), y = {0};
	struct nd n;

	if (nd_read(c, &n) < 0)
		return -1;
	for (size_t i = 0; i + 1 < j.n; i++)
		dims_add(&y, j.v[i]);
	for (size_t i = n.batch + n.k; i < x.n; i++)
		dims_add(&y, x.v[i]);
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
gathernd_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), xd, jd, yd;
	struct nd n;
	struct lop *o;

	nd_read(c, &n);
	if (n.k == 0)
		return op_fail(c, "indices of no numbers are not supported");
	xd = dims_ori(&x, n.batch, n.batch + n.k);
	jd = DIMS(xd.v[0], dims_product(&j, n.batch, j.n - 1), (int64_t)n.k);
	yd = DIMS(xd.v[0], jd.v[1], xd.v[2]);
	o = lower_op(l, "GatherND");
	attrs_set_ints(l->a, &o->attrs, "dims", n.dims.v, n.dims.n);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &xd);
	lop_in_dims(l, o, "J", op_in_id(c, 1), &jd);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &yd);
	return 0;
}

static int
check_reduction(struct op_ctx *c)
{
	static const char *const words[] = {"none", "add", "mul", "max", "min"};
	const char *op = op_str(c, "reduction", "none");

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(op, words[i]))
			return 0;
	return op_fail(c, "unknown reduction '%s'", op);
}

static int
scatternd_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), u = op_dims(c, 2);
	struct dims want = {0};
	struct nd n;

	if (nd_read(c, &n) < 0 || check_reduction(c) < 0 ||
	    op_want_same(c, 2, 0) < 0)
		return -1;
	for (size_t i = 0; i + 1 < j.n; i++)
		dims_add(&want, j.v[i]);
	for (size_t i = n.k; i < x.n; i++)
		dims_add(&want, x.v[i]);
	if (!dims_same(&u, &want))
		return op_fail(c, "updates of shape %s for indices %s into %s",
		               op_shape(c, 2), op_shape(c, 1), op_shape(c, 0));
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
scatternd_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), u = op_dims(c, 2);
	struct dims xd, jd, ud;
	struct nd n;
	struct lop *o;

	nd_read(c, &n);
	if (dims_elems(&u) == 0) {
		lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
		return 0;
	}
	if (n.k == 0)
		return op_fail(c, "indices of no numbers are not supported");
	xd = DIMS(dims_product(&x, 0, n.k), dims_product(&x, n.k, x.n));
	jd = DIMS(dims_product(&j, 0, j.n - 1), (int64_t)n.k);
	ud = DIMS(jd.v[0], xd.v[1]);
	o = lower_op(l, "ScatterND");
	attrs_set_ints(l->a, &o->attrs, "dims", n.dims.v, n.dims.n);
	attrs_set_str(l->a, &o->attrs, "op", op_str(c, "reduction", "none"));
	lop_in_dims(l, o, "X", op_in_id(c, 0), &xd);
	lop_in_dims(l, o, "J", op_in_id(c, 1), &jd);
	lop_in_dims(l, o, "U", op_in_id(c, 2), &ud);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &xd);
	return 0;
}

/* --- ScatterElements, Scatter ------------------------------------------- */

static int
scatter_upgrade(struct op_ctx *c)
{
	c->node->op = "ScatterElements";
	c->node->def = op_find("ScatterElements");
	return 0;
}

static int
scatter_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1), u = op_dims(c, 2);
	int64_t axis;

	if (check_elements(c, &axis) < 0 || check_reduction(c) < 0 ||
	    op_want_same(c, 2, 0) < 0)
		return -1;
	if (!dims_same(&u, &j))
		return op_fail(c, "updates of shape %s for indices %s",
		               op_shape(c, 2), op_shape(c, 1));
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
scatter_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), j = op_dims(c, 1);
	struct lop *o;
	int64_t axis;

	op_axis(c, op_int(c, "axis", 0), x.n, &axis);
	if (dims_elems(&j) == 0) {
		lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
		return 0;
	}
	o = lower_op(l, "ScatterElements");
	attrs_set_int(l->a, &o->attrs, "axis", axis);
	attrs_set_str(l->a, &o->attrs, "op", op_str(c, "reduction", "none"));
	lop_in_dims(l, o, "X", op_in_id(c, 0), &x);
	lop_in_dims(l, o, "J", op_in_id(c, 1), &j);
	lop_in_dims(l, o, "U", op_in_id(c, 2), &j);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &x);
	return 0;
}

/* --- Compress: a Gather whose indices are known ----------------------------- */

/* The indices of what is true, as a constant. */
static int
true_indices(struct op_ctx *c)
{
	struct value *cond = op_in(c, 1);
	int64_t n = value_elems(cond), count;
	struct ints on = {0};

	for (int64_t i = 0; i < n; i++)
		if (value_int(cond, i))
			vec_push(c->a, &on, i);
	count = (int64_t)on.n;
	return net_const(c->net, arena_printf(c->a, "%s_index", cond->name),
	                 DTYPE_I64, &count, 1, on.v);
}

/* x in one dimension, by a new node. */
static int
flattened(struct net *n, const struct onode *like, int x)
{
	struct value *v = &n->values.v[x];
	int64_t elems = value_elems(v), one = 1;
	int y = net_fresh(n, arena_printf(n->a, "%s_flat", v->name), v->type,
	                  &elems, 1);
	int shape = net_const(n, "flat_shape", DTYPE_I64, &one, 1, &elems);
	struct onode *o = net_node(n, "Reshape");

	o->label = like->label;
	o->at = like->at;
	vec_push(n->a, &o->in, x);
	vec_push(n->a, &o->in, shape);
	vec_push(n->a, &o->out, y);
	return y;
}

static int
compress_upgrade(struct op_ctx *c)
{
	size_t at = (size_t)(c->node - c->net->nodes.v);
	int x = op_in_id(c, 0), j;
	struct onode old = *c->node, *o;

	if (op_nin(c) != 2 || !op_in(c, 1) || !value_is_const(op_in(c, 1)))
		return 0;	/* inference says so */
	if (op_want(c, 1, TYPES_BOOLS) < 0 ||
	    !value_data(c->net, op_in(c, 1), c->d))
		return -1;
	if (op_in(c, 1)->shape.n != 1)
		return op_fail(c, "condition has shape %s", op_shape(c, 1));
	j = true_indices(c);
	if (!attrs_get(&old.attrs, "axis"))
		x = flattened(c->net, &old, x);
	o = &c->net->nodes.v[at];
	o->op = "Gather";
	o->def = op_find("Gather");
	o->in.v[0] = x;
	o->in.v[1] = j;
	return 0;
}

/* What is left has a condition that is not constant. */
static int
compress_infer(struct op_ctx *c)
{
	return op_fail(c, "input '%s' must be a constant", op_in(c, 1)->name);
}

static const struct op ops[] = {
	{"Compress", 9, 2, 2, 1, 1, "axis:i", 2, compress_upgrade, compress_infer,
	 NULL, NULL, .rewrites = true},
	{"Gather", 1, 2, 2, 1, 1, "axis:i", 0, NULL, gather_infer, gather_fold,
	 gather_lower},
	{"GatherElements", 11, 2, 2, 1, 1, "axis:i", 0, NULL, elements_infer,
	 NULL, elements_lower},
	{"GatherND", 11, 2, 2, 1, 1, "batch_dims:i", 0, NULL, gathernd_infer,
	 NULL, gathernd_lower},
	{"Scatter", 9, 3, 3, 1, 1, "axis:i", 0, scatter_upgrade, scatter_infer,
	 NULL, scatter_lower},
	{"ScatterElements", 11, 3, 3, 1, 1, "axis:i reduction:s", 0, NULL,
	 scatter_infer, NULL, scatter_lower},
	{"ScatterND", 11, 3, 3, 1, 1, "reduction:s", 0, NULL, scatternd_infer,
	 NULL, scatternd_lower},
};

const struct op_family op_family_gather = {
	"gather", ops, sizeof ops / sizeof *ops
};
