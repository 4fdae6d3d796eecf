/* Pad and CenterCropPad (the form Pad), Trilu and ReverseSequence. */
#include "base/str.h"
#include "op/util.h"

/* What each axis gets before and after its elements. */
struct padding {
	struct dims begin, end;
};

/* The form, with neighbouring axes that are not padded joined. */
static void
lower_pad(struct lower *l, int y, int x, const struct dims *xd,
          const struct dims *begin, const struct dims *yd, const char *mode,
          double value)
{
	struct dims from = {0}, by = {0}, to = {0};
	bool whole = false;	/* the last axis put down is not padded */
	struct lop *o;

	for (size_t i = 0; i < xd->n; i++) {
		bool same = begin->v[i] == 0 && xd->v[i] == yd->v[i];

		if (same && whole) {
			from.v[from.n - 1] *= xd->v[i];
			to.v[to.n - 1] *= yd->v[i];
			continue;
		}
		dims_add(&from, xd->v[i]);
		dims_add(&by, begin->v[i]);
		dims_add(&to, yd->v[i]);
		whole = same;
	}
	if (!from.n || (from.n == 1 && whole)) {
		lower_alias(l, y, x, 0);
		return;
	}
	o = lower_op(l, "Pad");
	attrs_set_ints(l->a, &o->attrs, "begin", by.v, by.n);
	attrs_set_str(l->a, &o->attrs, "mode", mode);
	attrs_set_float(l->a, &o->attrs, "value", value);
	lop_in_dims(l, o, "X", x, &from);
	lop_out_dims(l, o, "Y", y, &to);
}

/* --- Pad ---------------------------------------------------------------- */

static int
pad_upgrade(struct op_ctx *c)
{
	if (c->node->opset >= 11)
		return 0;
	if (op_attr_to_input(c, "pads", 1) < 0)
		return -1;
	return op_attr_to_input(c, "value", 2);
}

static int
pad_read(struct op_ctx *c, struct padding *p)
{
	size_t rank = op_in(c, 0)->shape.n, n = rank;
	struct ints pads, axes;
	bool on[TENSOR_MAX_DIMS];

	if (op_const_ints(c, 1, &pads) < 0 || op_const_ints(c, 3, &axes) < 0 ||
	    op_axes(c, 3, rank, false, on) < 0)
		return -1;
	if (op_has(c, 3))
		n = axes.n;
	if (pads.n != 2 * n)
		return op_fail(c, "%zu pads for %zu axes of input %s", pads.n, n,
		               op_shape(c, 0));
	for (size_t i = 0; i < rank; i++) {
		dims_add(&p->begin, 0);
		dims_add(&p->end, 0);
	}
	for (size_t i = 0; i < n; i++) {
		int64_t k = (int64_t)i;

		if (op_has(c, 3))
			op_axis(c, axes.v[i], rank, &k);
		p->begin.v[k] = pads.v[i];
		p->end.v[k] = pads.v[n + i];
	}
	return 0;
}

static int
pad_axis(struct op_ctx *c, const char *mode, int64_t dim, int64_t begin,
         int64_t end, int64_t *out)
{
	int64_t most = begin > end ? begin : end;

	if (begin < -dim || end < -dim || begin > TENSOR_MAX_BYTES ||
	    end > TENSOR_MAX_BYTES || dim + begin + end < 0)
		return op_fail(c, "pads %lld and %lld for a dimension of %lld",
		               (long long)begin, (long long)end, (long long)dim);
	if (!str_eq(mode, "constant") && most > 0 &&
	    (dim == 0 || (str_eq(mode, "reflect") && most >= dim)))
		return op_fail(c, "a dimension of %lld is too small for pads of "
		               "%lld, mode '%s'", (long long)dim, (long long)most,
		               mode);
	*out = dim + begin + end;
	return 0;
}

static int
pad_infer(struct op_ctx *c)
{
	const char *mode = op_str(c, "mode", "constant");
	struct dims y = op_dims(c, 0);
	struct padding p = {.end = {0}};
	double value;

	if (!str_eq(mode, "constant") && !str_eq(mode, "reflect") &&
	    !str_eq(mode, "edge") && !str_eq(mode, "wrap"))
		return op_fail(c, "unknown mode '%s'", mode);
	if (pad_read(c, &p) < 0 ||
	    (op_has(c, 2) && op_const_float(c, 2, &value) < 0))
		return -1;
	for (size_t i = 0; i < y.n; i++)
		if (pad_axis(c, mode, y.v[i], p.begin.v[i], p.end.v[i],
		             &y.v[i]) < 0)
			return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
pad_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = op_out_dims(c, 0);
	struct padding p = {.end = {0}};
	double value = 0;

	if (pad_read(c, &p) < 0 ||
	    (op_has(c, 2) && op_const_float(c, 2, &value) < 0))
		return -1;
	if (dims_elems(&x) == 0)
		lower_fill(l, op_out_id(c, 0), value);
	else
		lower_pad(l, op_out_id(c, 0), op_in_id(c, 0), &x, &p.begin, &y,
		          op_str(c, "mode", "constant"), value);
	return 0;
}

/* --- CenterCropPad ------------------------------------------------------ */

static int
center_dims(struct op_ctx *c, struct dims *y)
{
	const struct ints *axes = op_ints(c, "axes");
	size_t n = axes ? axes->n : op_in(c, 0)->shape.n;
	struct ints want;

	*y = op_dims(c, 0);
	if (op_const_ints(c, 1, &want) < 0)
		return -1;
	if (want.n != n)
		return op_fail(c, "shape %s for %zu axes of input %s",
		               shape_text(c->a, &want), n, op_shape(c, 0));
	for (size_t i = 0; i < n; i++) {
		int64_t k = (int64_t)i;

		if (axes && op_axis(c, axes->v[i], y->n, &k) < 0)
			return -1;
		y->v[k] = want.v[i];
	}
	return 0;
}

static int
center_infer(struct op_ctx *c)
{
	struct dims y;

	if (center_dims(c, &y) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
center_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = op_out_dims(c, 0), begin = x;

	for (size_t i = 0; i < x.n; i++)	/* both halves round down */
		begin.v[i] = (y.v[i] - x.v[i]) / 2;
	if (dims_elems(&x) == 0)
		lower_fill(l, op_out_id(c, 0), 0);
	else
		lower_pad(l, op_out_id(c, 0), op_in_id(c, 0), &x, &begin, &y,
		          "constant", 0);
	return 0;
}

/* --- Trilu -------------------------------------------------------------- */

static int
trilu_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	int64_t k;

	if (op_has(c, 1) && op_const_int(c, 1, &k) < 0)
		return -1;
	if (x.n < 2)
		return op_fail(c, "input has shape %s, expected matrices",
		               op_shape(c, 0));
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static int
trilu_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	struct dims x = op_dims(c, 0), d;
	bool upper = op_int(c, "upper", 1) != 0;
	struct mapin in;
	struct lop *o;
	int64_t k = 0, size;

	if (op_has(c, 1) && op_const_int(c, 1, &k) < 0)
		return -1;
	d = DIMS(dims_product(&x, 0, x.n - 2), x.v[x.n - 2], x.v[x.n - 1]);
	size = d.v[1] + d.v[2];		/* k beyond this changes nothing */
	k = k > size ? size : k < -size ? -size : k;
	in = (struct mapin){op_in_id(c, 0), d, NULL};
	o = lower_map(l, op_out_id(c, 0), &d, &in, 1, false);
	lop_step(l, o, "Y", "SELECT(c2 - c1 %s (%lld), %s, %s)", upper ? ">=" : "<=",
	         (long long)k, in.ref, map_number(l->a, t, 0));
	return 0;
}

/* --- ReverseSequence ---------------------------------------------------- */

static int
reverse_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), len = op_dims(c, 1);
	int64_t time = op_int(c, "time_axis", 0);
	int64_t batch = op_int(c, "batch_axis", 1);

	if (op_want(c, 1, TYPES_INTS) < 0)
		return -1;
	if (x.n < 2 || time + batch != 1 || time < 0 || time > 1)
		return op_fail(c, "time axis %lld and batch axis %lld of %s",
		               (long long)time, (long long)batch, op_shape(c, 0));
	if (len.n != 1 || len.v[0] != x.v[batch])
		return op_fail(c, "lengths of shape %s, expected [%lld]",
		               op_shape(c, 1), (long long)x.v[batch]);
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

/* Indices along the time axis as a map, then GatherElements. */
static int
reverse_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), d, e = DIMS(1, 1, 1);
	int64_t time = op_int(c, "time_axis", 0);
	struct mapin in;
	struct lop *o;
	int j;

	d = DIMS(x.v[0], x.v[1], dims_product(&x, 2, x.n));
	e.v[!time] = x.v[!time];
	j = lower_tmp(l, "index", DTYPE_I64, &d);
	in = (struct mapin){op_in_id(c, 1), e, NULL};
	o = lower_map(l, j, &d, &in, 1, false);
	lop_step(l, o, "Y", "SELECT(c%lld < %s, %s - 1 - c%lld, c%lld)",
	         (long long)time, in.ref, in.ref, (long long)time,
	         (long long)time);
	o = lower_op(l, "GatherElements");
	attrs_set_int(l->a, &o->attrs, "axis", time);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &d);
	lop_in_dims(l, o, "J", j, &d);
	lop_out_dims(l, o, "Y", op_out_id(c, 0), &d);
	return 0;
}

static const struct op ops[] = {
	{"CenterCropPad", 18, 2, 2, 1, 1, "axes:I", 2, NULL, center_infer, NULL,
	 center_lower},
	{"Pad", 2, 2, 4, 1, 1, "mode:s", 2 | 4 | 8, pad_upgrade, pad_infer, NULL,
	 pad_lower},
	{"ReverseSequence", 10, 2, 2, 1, 1, "batch_axis:i time_axis:i", 0, NULL,
	 reverse_infer, NULL, reverse_lower},
	{"Trilu", 14, 1, 2, 1, 1, "upper:i", 2, NULL, trilu_infer, NULL,
	 trilu_lower},
};

const struct op_family op_family_pad = {
	"pad", ops, sizeof ops / sizeof *ops
};
