/* Operators that copy elements to other places: Transpose, Slice, Split,
 * Concat, Expand, Tile, DepthToSpace, SpaceToDepth.  All but Concat and Expand
 * are strided copies, and views where the elements stay in line. */
#include "base/str.h"
#include "op/util.h"

/* --- Transpose ---------------------------------------------------------- */

static int
transpose_perm(struct op_ctx *c, size_t *perm)
{
	const struct ints *p = op_ints(c, "perm");
	size_t rank = op_in(c, 0)->shape.n;
	bool seen[TENSOR_MAX_DIMS] = {false};

	if (p && p->n != rank)
		return op_fail(c, "perm %s does not fit input %s",
		               shape_text(c->a, p), op_shape(c, 0));
	for (size_t i = 0; i < rank; i++) {
		int64_t k = (int64_t)(rank - 1 - i);

		if (p && op_axis(c, p->v[i], rank, &k) < 0)
			return -1;
		if (seen[k])
			return op_fail(c, "perm %s names an axis twice",
			               shape_text(c->a, p));
		seen[k] = true;
		perm[i] = (size_t)k;
	}
	return 0;
}

static int
transpose_strided(struct op_ctx *c, struct strided *s)
{
	struct dims x = op_dims(c, 0), steps = dims_steps(&x);
	size_t perm[TENSOR_MAX_DIMS];

	if (transpose_perm(c, perm) < 0)
		return -1;
	for (size_t i = 0; i < x.n; i++) {
		dims_add(&s->dims, x.v[perm[i]]);
		dims_add(&s->src, steps.v[perm[i]]);
	}
	return 0;
}

/* --- Slice -------------------------------------------------------------- */

static int
slice_upgrade(struct op_ctx *c)
{
	if (c->node->opset >= 10)
		return 0;
	if (op_attr_to_input(c, "starts", 1) < 0 ||
	    op_attr_to_input(c, "ends", 2) < 0)
		return -1;
	return op_attr_to_input(c, "axes", 3);
}

static int64_t
clamp(int64_t x, int64_t lo, int64_t hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

/* One axis: numpy's rules. */
static void
slice_axis(struct strided *s, size_t k, int64_t start, int64_t end,
           int64_t step)
{
	int64_t dim = s->dims.v[k], n;
	int64_t back = step < 0;

	step = clamp(step, -TENSOR_MAX_BYTES, TENSOR_MAX_BYTES);
	start = clamp(start < 0 ? start + dim : start, 0, dim - back);
	end = clamp(end < 0 ? end + dim : end, -back, dim);
	n = back ? (start - end - step - 1) / -step
	         : (end - start + step - 1) / step;
	if (dim == 0 || n < 0)
		n = 0;
	s->dims.v[k] = n;
	if (n > 0)
		s->offset += start * s->src.v[k];
	if (n > 1)
		s->src.v[k] *= step;
}

static int
slice_strided(struct op_ctx *c, struct strided *s)
{
	struct dims x = op_dims(c, 0);
	struct ints start, end, axes, step;
	bool seen[TENSOR_MAX_DIMS] = {false};

	s->dims = x;
	s->src = dims_steps(&x);
	if (op_const_ints(c, 1, &start) < 0 || op_const_ints(c, 2, &end) < 0 ||
	    op_const_ints(c, 3, &axes) < 0 || op_const_ints(c, 4, &step) < 0)
		return -1;
	if (end.n != start.n || (op_has(c, 3) && axes.n != start.n) ||
	    (op_has(c, 4) && step.n != start.n) || start.n > x.n)
		return op_fail(c, "%zu starts, %zu ends, %zu axes, %zu steps for "
		               "input %s", start.n, end.n, axes.n, step.n,
		               op_shape(c, 0));
	for (size_t i = 0; i < start.n; i++) {
		int64_t k = (int64_t)i, by = op_has(c, 4) ? step.v[i] : 1;

		if (op_has(c, 3) && op_axis(c, axes.v[i], x.n, &k) < 0)
			return -1;
		if (seen[k] || by == 0)
			return op_fail(c, seen[k] ? "an axis is named twice" :
			               "a step of 0");
		seen[k] = true;
		slice_axis(s, (size_t)k, start.v[i], end.v[i], by);
	}
	return 0;
}

/* --- Tile --------------------------------------------------------------- */

static int
tile_strided(struct op_ctx *c, struct strided *s)
{
	struct dims x = op_dims(c, 0), steps = dims_steps(&x);
	struct ints times;

	if (op_const_ints(c, 1, &times) < 0)
		return -1;
	if (times.n != x.n)
		return op_fail(c, "%zu repeats for input %s", times.n,
		               op_shape(c, 0));
	for (size_t i = 0; i < x.n; i++) {
		if (times.v[i] < 0 || times.v[i] > TENSOR_MAX_BYTES)
			return op_fail(c, "repeats are %s",
			               shape_text(c->a, &times));
		dims_add(&s->dims, times.v[i]);
		dims_add(&s->src, 0);
		dims_add(&s->dims, x.v[i]);
		dims_add(&s->src, steps.v[i]);
	}
	return 0;
}

static int
tile_infer(struct op_ctx *c)
{
	struct strided s = {.src = {0}};
	struct dims y = {0};

	if (tile_strided(c, &s) < 0)
		return -1;
	for (size_t i = 0; i < s.dims.n; i += 2) {
		int64_t n;

		if (__builtin_mul_overflow(s.dims.v[i], s.dims.v[i + 1], &n))
			return op_fail(c, "too many repeats");
		dims_add(&y, n);
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

/* --- DepthToSpace, SpaceToDepth ----------------------------------------- */

static int
block_of(struct op_ctx *c, const struct dims *x, int64_t *b)
{
	*b = op_int(c, "blocksize", 0);
	if (x->n != 4 || *b < 1 || *b > 1 << 15)
		return op_fail(c, "blocks of %lld in input %s", (long long)*b,
		               op_shape(c, 0));
	return 0;
}

/* Dimensions of x after it is cut, and the order in which they come out. */
static void
permute(struct strided *s, const struct dims *cut, const size_t *perm)
{
	struct dims steps = dims_steps(cut);

	for (size_t i = 0; i < cut->n; i++) {
		dims_add(&s->dims, cut->v[perm[i]]);
		dims_add(&s->src, steps.v[perm[i]]);
	}
}

static int
tospace_strided(struct op_ctx *c, struct strided *s)
{
	static const size_t dcr[] = {0, 3, 4, 1, 5, 2}, crd[] = {0, 1, 4, 2, 5, 3};
	struct dims x = op_dims(c, 0), cut;
	const char *mode = op_str(c, "mode", "DCR");
	bool depth = str_eq(mode, "DCR");
	int64_t b;

	if (block_of(c, &x, &b) < 0)
		return -1;
	if (x.v[1] % (b * b) || (!depth && !str_eq(mode, "CRD")))
		return op_fail(c, "blocks of %lld in input %s, mode '%s'",
		               (long long)b, op_shape(c, 0), mode);
	if (depth)
		cut = DIMS(x.v[0], b, b, x.v[1] / (b * b), x.v[2], x.v[3]);
	else
		cut = DIMS(x.v[0], x.v[1] / (b * b), b, b, x.v[2], x.v[3]);
	permute(s, &cut, depth ? dcr : crd);
	return 0;
}

static int
tospace_infer(struct op_ctx *c)
{
	struct strided s = {.src = {0}};
	struct dims x = op_dims(c, 0), y;
	int64_t b;

	if (tospace_strided(c, &s) < 0 || block_of(c, &x, &b) < 0)
		return -1;
	y = DIMS(x.v[0], x.v[1] / (b * b), x.v[2] * b, x.v[3] * b);
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
todepth_strided(struct op_ctx *c, struct strided *s)
{
	static const size_t perm[] = {0, 3, 5, 1, 2, 4};
	struct dims x = op_dims(c, 0), cut;
	int64_t b;

	if (block_of(c, &x, &b) < 0)
		return -1;
	if (x.v[2] % b || x.v[3] % b)
		return op_fail(c, "blocks of %lld in input %s", (long long)b,
		               op_shape(c, 0));
	cut = DIMS(x.v[0], x.v[1], x.v[2] / b, b, x.v[3] / b, b);
	permute(s, &cut, perm);
	return 0;
}

static int
todepth_infer(struct op_ctx *c)
{
	struct strided s = {.src = {0}};
	struct dims y;

	if (todepth_strided(c, &s) < 0)
		return -1;
	y = DIMS(s.dims.v[0], s.dims.v[1] * s.dims.v[2] * s.dims.v[3],
	         s.dims.v[4], s.dims.v[5]);
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

/* --- what the strided ones share ---------------------------------------- */

struct mover {
	const char *name;
	int (*strided)(struct op_ctx *c, struct strided *s);
};

static const struct mover movers[] = {
	{"DepthToSpace", tospace_strided},
	{"Slice", slice_strided},
	{"SpaceToDepth", todepth_strided},
	{"Tile", tile_strided},
	{"Transpose", transpose_strided},
};

static int
strided_of(struct op_ctx *c, struct strided *s)
{
	for (size_t i = 0; i < sizeof movers / sizeof *movers; i++)
		if (str_eq(movers[i].name, c->node->op))
			return movers[i].strided(c, s);
	BUG("'%s' does not move", c->node->op);
}

static int
move_infer(struct op_ctx *c)
{
	struct strided s = {.src = {0}};

	if (strided_of(c, &s) < 0)
		return -1;
	return op_set_dims(c, 0, op_in(c, 0)->type, &s.dims);
}

static int
move_fold(struct op_ctx *c)
{
	struct strided s = {.src = {0}};

	return strided_of(c, &s) < 0 ? -1 : fold_strided(c, 0, 0, &s);
}

static int
move_lower(struct lower *l, struct op_ctx *c)
{
	struct strided s = {.src = {0}};

	if (strided_of(c, &s) < 0)
		return -1;
	lower_strided(l, op_out_id(c, 0), op_in_id(c, 0), s);
	return 0;
}

/* --- Split -------------------------------------------------------------- */

static int
split_upgrade(struct op_ctx *c)
{
	return c->node->opset >= 13 ? 0 : op_attr_to_input(c, "split", 1);
}

/* Where output k begins along the axis, and how long it is. */
static int
split_part(struct op_ctx *c, size_t k, int64_t *axis, int64_t *from,
           int64_t *size)
{
	int64_t n = (int64_t)op_nout(c), dim, sum = 0;
	int64_t chunks = op_int(c, "num_outputs", n);
	struct ints sizes;
	bool bad = false;

	if (op_axis(c, op_int(c, "axis", 0), op_in(c, 0)->shape.n, axis) < 0 ||
	    op_const_ints(c, 1, &sizes) < 0)
		return -1;
	dim = op_in(c, 0)->shape.v[*axis];
	if (!op_has(c, 1)) {
		*size = (dim + n - 1) / n;
		*from = *size * (int64_t)k;
		if (chunks != n || *size * (n - 1) > dim ||
		    (dim % n && !attrs_get(&c->node->attrs, "num_outputs")))
			return op_fail(c, "axis %lld of %s cannot be split in %lld",
			               (long long)*axis, op_shape(c, 0),
			               (long long)n);
		*size = *from + *size > dim ? dim - *from : *size;
		return 0;
	}
	for (size_t i = 0; i < sizes.n; i++) {
		if (i == k) {
			*from = sum;
			*size = sizes.v[i];
		}
		bad |= sizes.v[i] < 0 || sizes.v[i] > dim - sum;
		sum += bad ? 0 : sizes.v[i];
	}
	if (bad || sum != dim || sizes.n != (size_t)n)
		return op_fail(c, "parts %s for %lld outputs of axis %lld of %s",
		               shape_text(c->a, &sizes), (long long)n,
		               (long long)*axis, op_shape(c, 0));
	return 0;
}

static int
split_infer(struct op_ctx *c)
{
	for (size_t k = 0; k < op_nout(c); k++) {
		struct dims y = op_dims(c, 0);
		int64_t axis, from, size;

		if (split_part(c, k, &axis, &from, &size) < 0)
			return -1;
		y.v[axis] = size;
		if (op_set_dims(c, k, op_in(c, 0)->type, &y) < 0)
			return -1;
	}
	return 0;
}

static int
split_strided(struct op_ctx *c, size_t k, struct strided *s)
{
	struct dims x = op_dims(c, 0);
	int64_t axis, from, size;

	if (split_part(c, k, &axis, &from, &size) < 0)
		return -1;
	s->dims = x;
	s->dims.v[axis] = size;
	s->src = dims_steps(&x);
	s->offset = from * s->src.v[axis];
	return 0;
}

static int
split_fold(struct op_ctx *c)
{
	for (size_t k = 0; k < op_nout(c); k++) {
		struct strided s = {.src = {0}};

		if (op_wants_out(c, k) && (split_strided(c, k, &s) < 0 ||
		                           fold_strided(c, k, 0, &s) < 0))
			return -1;
	}
	return 1;
}

static int
split_lower(struct lower *l, struct op_ctx *c)
{
	for (size_t k = 0; k < op_nout(c); k++) {
		struct strided s = {.src = {0}};

		if (!op_wants_out(c, k))
			continue;
		if (split_strided(c, k, &s) < 0)
			return -1;
		lower_strided(l, op_out_id(c, k), op_in_id(c, 0), s);
	}
	return 0;
}

/* --- Concat ------------------------------------------------------------- */

static int
concat_axis(struct op_ctx *c, int64_t *axis)
{
	if (!attrs_get(&c->node->attrs, "axis"))
		return op_fail(c, "attribute 'axis' is missing");
	return op_axis(c, op_int(c, "axis", 0), op_in(c, 0)->shape.n, axis);
}

static int
concat_infer(struct op_ctx *c)
{
	struct dims y = op_dims(c, 0);
	int64_t axis;

	if (concat_axis(c, &axis) < 0)
		return -1;
	for (size_t i = 1; i < op_nin(c); i++) {
		struct dims x = op_dims(c, i);
		int64_t dim;

		if (op_want_same(c, i, 0) < 0)
			return -1;
		dim = x.n == y.n ? x.v[axis] : 0;
		if (x.n == y.n)
			x.v[axis] = y.v[axis];
		if (!dims_same(&x, &y))
			return op_fail(c, "shapes %s and %s do not fit along axis "
			               "%lld", op_shape(c, 0), op_shape(c, i),
			               (long long)axis);
		if (__builtin_add_overflow(y.v[axis], dim, &y.v[axis]))
			return op_fail(c, "the output is too large");
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

static int
concat_fold(struct op_ctx *c)
{
	struct dims y = op_out_dims(c, 0);
	size_t size = dtype_bytes(op_out(c, 0)->type), at = 0;
	char *out = arena_array(c->a, (size_t)dims_elems(&y) + 1, size);
	int64_t axis, outer;

	if (concat_axis(c, &axis) < 0)
		return -1;
	outer = dims_product(&y, 0, (size_t)axis);
	for (int64_t o = 0; o < outer; o++)
		for (size_t i = 0; i < op_nin(c); i++) {
			struct dims x = op_dims(c, i);
			size_t n = (size_t)dims_product(&x, (size_t)axis, x.n) * size;

			if (n)
				memcpy(out + at, (const char *)op_in(c, i)->data +
				       (size_t)o * n, n);
			at += n;
		}
	return op_set_fold(c, 0, out);
}

static int
concat_lower(struct lower *l, struct op_ctx *c)
{
	struct dims y = op_out_dims(c, 0), od;
	int64_t axis, at = 0;

	if (concat_axis(c, &axis) < 0)
		return -1;
	od = DIMS(dims_product(&y, 0, (size_t)axis),
	          dims_product(&y, (size_t)axis, y.n));
	for (size_t i = 0; i < op_nin(c); i++) {
		struct dims x = op_dims(c, i), xd;
		struct lop *o;

		xd = DIMS(od.v[0], dims_product(&x, (size_t)axis, x.n));
		if (xd.v[1] == od.v[1]) {
			lower_alias(l, op_out_id(c, 0), op_in_id(c, i), 0);
			return 0;
		}
		if (xd.v[1] == 0)
			continue;
		o = lower_op(l, "Concat");
		attrs_set_int(l->a, &o->attrs, "offset", at);
		lop_in_dims(l, o, "X", op_in_id(c, i), &xd);
		lop_out_dims(l, o, "Y", op_out_id(c, 0), &od);
		at += xd.v[1];
	}
	return 0;
}

/* --- Expand ------------------------------------------------------------- */

static int
expand_infer(struct op_ctx *c)
{
	struct ints want, out;

	if (op_const_ints(c, 1, &want) < 0 ||
	    op_broadcast(c, &op_in(c, 0)->shape, &want, &out) < 0)
		return -1;
	return op_set(c, 0, op_in(c, 0)->type, out.v, out.n);
}

static int
expand_fold(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	struct strided s = {.dims = op_out_dims(c, 0)};

	x = dims_align(&x, s.dims.n);
	s.src = dims_steps(&x);
	for (size_t i = 0; i < x.n; i++)
		if (x.v[i] == 1)
			s.src.v[i] = 0;
	return fold_strided(c, 0, 0, &s);
}

/* A Map, which can be fused into what reads it. */
static int
expand_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0), y = op_out_dims(c, 0);
	struct mapin in = {op_in_id(c, 0), dims_align(&x, y.n), NULL};
	struct lop *o;

	if (dims_elems(&x) == dims_elems(&y)) {
		lower_alias(l, op_out_id(c, 0), op_in_id(c, 0), 0);
		return 0;
	}
	o = lower_map(l, op_out_id(c, 0), &y, &in, 1, true);
	lop_step(l, o, "Y", "%s", in.ref);
	return 0;
}

static const struct op ops[] = {
	{"Concat", 4, 1, -1, 1, 1, "axis:i", 0, NULL, concat_infer, concat_fold,
	 concat_lower},
	{"DepthToSpace", 1, 1, 1, 1, 1, "blocksize:i mode:s", 0, NULL,
	 tospace_infer, NULL, move_lower},
	{"Expand", 8, 2, 2, 1, 1, NULL, 2, NULL, expand_infer, expand_fold,
	 expand_lower},
	{"Slice", 1, 3, 5, 1, 1, NULL, 30, slice_upgrade, move_infer, move_fold,
	 move_lower},
	{"SpaceToDepth", 1, 1, 1, 1, 1, "blocksize:i", 0, NULL, todepth_infer,
	 NULL, move_lower},
	{"Split", 2, 1, 2, 1, -1, "axis:i num_outputs:i", 2, split_upgrade,
	 split_infer, split_fold, split_lower},
	{"Tile", 6, 2, 2, 1, 1, NULL, 2, NULL, tile_infer, NULL, move_lower},
	{"Transpose", 1, 1, 1, 1, 1, "perm:I", 0, NULL, move_infer, move_fold,
	 move_lower},
};

const struct op_family op_family_move = {
	"move", ops, sizeof ops / sizeof *ops
};
