/* Matrix products: MatMul, MatMulInteger, Gemm. */
#include "base/str.h"
#include "op/util.h"

struct lop *
lower_matmul(struct lower *l, int y, int a, const struct dims *ad, int b,
             const struct dims *bd, bool trans_a, bool trans_b)
{
	int64_t batch = ad->v[0] > bd->v[0] ? ad->v[0] : bd->v[0];
	struct dims yd = DIMS(batch, ad->v[trans_a ? 2 : 1],
	                      bd->v[trans_b ? 1 : 2]);
	struct lop *o;

	if (dims_elems(ad) == 0) {
		o = lower_op(l, "Map");
		lop_out_dims(l, o, "Y", y, &yd);
		return o;
	}
	o = lower_op(l, "MatMul");
	attrs_set_int(l->a, &o->attrs, "trans_a", trans_a);
	attrs_set_int(l->a, &o->attrs, "trans_b", trans_b);
	lop_in_dims(l, o, "A", a, ad);
	lop_in_dims(l, o, "B", b, bd);
	lop_out_dims(l, o, "Y", y, &yd);
	return o;
}

/* --- MatMul ------------------------------------------------------------- */

/* The operands as at least two-dimensional, and what becomes of them. */
struct product {
	struct dims a, b;	/* with batch dimensions, aligned to each other */
	struct dims out;	/* batch dimensions, M, N */
	bool row, col;		/* a, b was one-dimensional */
};

static int
product_shape(struct op_ctx *c, struct product *p)
{
	size_t n;

	p->a = op_dims(c, 0);
	p->b = op_dims(c, 1);
	if (!p->a.n || !p->b.n)
		return op_fail(c, "operands of shapes %s and %s: a scalar cannot "
		               "be multiplied so", op_shape(c, 0), op_shape(c, 1));
	p->row = p->a.n == 1;
	p->col = p->b.n == 1;
	if (p->col)
		dims_add(&p->b, 1);
	n = p->a.n > p->b.n ? p->a.n : p->b.n;
	p->a = dims_align(&p->a, n < 2 ? 2 : n);
	p->b = dims_align(&p->b, n < 2 ? 2 : n);
	n = p->a.n - 2;
	for (size_t i = 0; i < n; i++) {
		int64_t x = p->a.v[i], y = p->b.v[i];

		if (x != y && x != 1 && y != 1)
			return op_fail(c, "batches of %s and %s do not broadcast",
			               op_shape(c, 0), op_shape(c, 1));
		dims_add(&p->out, x == 1 ? y : x);
	}
	if (p->a.v[n + 1] != p->b.v[n])
		return op_fail(c, "shapes %s and %s do not match: %lld columns, "
		               "%lld rows", op_shape(c, 0), op_shape(c, 1),
		               (long long)p->a.v[n + 1], (long long)p->b.v[n]);
	dims_add(&p->out, p->a.v[n]);
	dims_add(&p->out, p->b.v[n + 1]);
	return 0;
}

/* The output, without the dimensions that one-dimensional operands lack. */
static int
set_product(struct op_ctx *c, const struct product *p, enum dtype t)
{
	struct dims out = {0};

	for (size_t i = 0; i < p->out.n; i++)
		if (!(i == p->out.n - 2 && p->row) &&
		    !(i == p->out.n - 1 && p->col))
			dims_add(&out, p->out.v[i]);
	return op_set_dims(c, 0, t, &out);
}

static int
matmul_infer(struct op_ctx *c)
{
	struct product p = {0};

	if (op_want(c, 0, TYPES_NUMBERS) < 0 || op_want_same(c, 1, 0) < 0 ||
	    product_shape(c, &p) < 0)
		return -1;
	return set_product(c, &p, op_in(c, 0)->type);
}

/* x broadcast to the batch of out, as a temporary. */
static int
expanded(struct lower *l, int x, struct dims *d, const struct dims *out)
{
	struct strided s = {.src = dims_steps(d)};
	int y;

	for (size_t i = 0; i < d->n; i++) {
		bool batch = i + 2 < d->n;

		dims_add(&s.dims, batch ? out->v[i] : d->v[i]);
		if (batch && d->v[i] == 1)
			s.src.v[i] = 0;
	}
	*d = s.dims;
	y = lower_tmp(l, "x", lower_value(l, x)->type, d);
	lower_strided(l, y, x, s);
	return y;
}

/* The product of a and b, which stand for the node's first two inputs. */
static int
product_lower(struct lower *l, struct op_ctx *c, int a, int b)
{
	struct product p = {0};
	size_t n;
	int64_t batch, ba, bb, m, k;
	struct dims ad, bd;

	product_shape(c, &p);
	n = p.out.n - 2;
	batch = dims_product(&p.out, 0, n);
	ba = dims_product(&p.a, 0, n);
	bb = dims_product(&p.b, 0, n);
	if (ba != 1 && ba != batch) {
		a = expanded(l, a, &p.a, &p.out);
		ba = batch;
	}
	if (bb != 1 && bb != batch) {
		b = expanded(l, b, &p.b, &p.out);
		bb = batch;
	}
	m = p.out.v[n];
	k = p.a.v[n + 1];
	ad = DIMS(ba, m, k);
	bd = DIMS(bb, k, p.out.v[n + 1]);
	if (bb == 1)	/* one B for all: the batch is more rows */
		ad = DIMS(1, ba * m, k);
	lower_matmul(l, op_out_id(c, 0), a, &ad, b, &bd, false, false);
	return 0;
}

static int
matmul_lower(struct lower *l, struct op_ctx *c)
{
	return product_lower(l, c, op_in_id(c, 0), op_in_id(c, 1));
}

/* --- MatMulInteger: of 8-bit numbers less their zero points -------------------- */

/* The zero point's shape aligned to operand in: one number, or one for each
 * row of A, each column of B. */
static int
zero_dims(struct op_ctx *c, size_t in, struct dims *out)
{
	struct dims x = op_dims(c, in), z = op_dims(c, in + 2);
	size_t at = in == 0 ? x.n - 2 : x.n - 1;

	*out = x;
	for (size_t i = 0; i < x.n; i++)
		out->v[i] = 1;
	if (z.n == 0 || (z.n == 1 && z.v[0] == 1))
		return 0;
	if (x.n < 2 || z.n != 1 || z.v[0] != x.v[at])
		return op_fail(c, "zero point of shape %s for %s",
		               op_shape(c, in + 2), op_shape(c, in));
	out->v[at] = z.v[0];
	return 0;
}

static int
integer_infer(struct op_ctx *c)
{
	struct product p = {0};
	struct dims z;

	for (size_t i = 0; i < 2; i++) {
		enum dtype t = op_in(c, i)->type;

		if (t != DTYPE_U8 && t != DTYPE_I8)
			return op_fail(c, "input '%s' is %s, expected 8 bits",
			               op_in(c, i)->name, dtype_word(t));
		if (op_want_same(c, i + 2, i) < 0)
			return -1;
	}
	if (product_shape(c, &p) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (op_has(c, i + 2) && zero_dims(c, i, &z) < 0)
			return -1;
	return set_product(c, &p, DTYPE_I32);
}

/* The operand as i32, less its zero point. */
static int
widened(struct lower *l, struct op_ctx *c, size_t in)
{
	struct dims x = op_dims(c, in);
	int y = lower_tmp(l, in ? "b" : "a", DTYPE_I32, &x);
	bool zero = op_has(c, in + 2);
	struct mapin m[2] = {{op_in_id(c, in), x, NULL}};
	struct lop *o;

	if (zero) {
		m[1].value = op_in_id(c, in + 2);
		zero_dims(c, in, &m[1].dims);
	}
	o = lower_map(l, y, &x, m, zero ? 2 : 1, true);
	if (zero)
		lop_step(l, o, "Y", "CAST_I32(%s) - CAST_I32(%s)", m[0].ref,
		         m[1].ref);
	else
		lop_step(l, o, "Y", "CAST_I32(%s)", m[0].ref);
	return y;
}

static int
integer_lower(struct lower *l, struct op_ctx *c)
{
	int a, b;

	if (!value_elems(op_in(c, 0)) || !value_elems(op_in(c, 1))) {
		lower_fill(l, op_out_id(c, 0), 0);
		return 0;
	}
	a = widened(l, c, 0);
	b = widened(l, c, 1);
	return product_lower(l, c, a, b);
}

/* --- Gemm --------------------------------------------------------------- */

struct gemm {
	bool ta, tb;
	int64_t m, n, k;
};

static int
gemm_shape(struct op_ctx *c, struct gemm *g)
{
	struct dims a = op_dims(c, 0), b = op_dims(c, 1);

	g->ta = op_int(c, "transA", 0) != 0;
	g->tb = op_int(c, "transB", 0) != 0;
	if (a.n != 2 || b.n != 2)
		return op_fail(c, "operands have shapes %s and %s, expected "
		               "matrices", op_shape(c, 0), op_shape(c, 1));
	g->m = a.v[g->ta];
	g->k = a.v[!g->ta];
	g->n = b.v[!g->tb];
	if (b.v[g->tb] != g->k)
		return op_fail(c, "shapes %s%s and %s%s do not match",
		               op_shape(c, 0), g->ta ? " transposed" : "",
		               op_shape(c, 1), g->tb ? " transposed" : "");
	return 0;
}

static int
gemm_infer(struct op_ctx *c)
{
	struct gemm g;

	if (op_want(c, 0, TYPES_NUMBERS) < 0 || op_want_same(c, 1, 0) < 0 ||
	    op_want_same(c, 2, 0) < 0 || gemm_shape(c, &g) < 0)
		return -1;
	if (op_has(c, 2)) {
		struct dims d = op_dims(c, 2), e = dims_align(&d, 2);

		if (d.n > 2 || (e.v[0] != 1 && e.v[0] != g.m) ||
		    (e.v[1] != 1 && e.v[1] != g.n))
			return op_fail(c, "C of shape %s does not broadcast to "
			               "[%lld, %lld]", op_shape(c, 2),
			               (long long)g.m, (long long)g.n);
	}
	return op_set(c, 0, op_in(c, 0)->type, (int64_t[]){g.m, g.n}, 2);
}

/* x times a factor, in the type's own arithmetic. */
static const char *
scaled(struct lower *l, enum dtype t, const char *x, double factor)
{
	if (factor == 1)
		return x;
	return arena_printf(l->a, "%s * %s", x, map_number(l->a, t, factor));
}

static int
gemm_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	double alpha = op_float(c, "alpha", 1), beta = op_float(c, "beta", 1);
	struct gemm g;
	struct dims a = op_dims(c, 0), b = op_dims(c, 1), d;
	struct lop *o;
	const char *v;

	if (!dtype_is_float(t) &&
	    (alpha != (double)(int)alpha || beta != (double)(int)beta))
		return op_fail(c, "a fractional alpha or beta of %s matrices is "
		               "not supported", dtype_word(t));
	gemm_shape(c, &g);
	a = dims_align(&a, 3);
	b = dims_align(&b, 3);
	o = lower_matmul(l, op_out_id(c, 0), op_in_id(c, 0), &a, op_in_id(c, 1),
	                 &b, g.ta, g.tb);
	v = scaled(l, t, "v", alpha);
	if (op_has(c, 2) && beta != 0) {
		d = op_dims(c, 2);
		d = dims_align(&d, 3);
		v = arena_printf(l->a, "%s + %s", v,
		                 scaled(l, t, lop_extra_dims(l, o, "Y",
		                        op_in_id(c, 2), &d), beta));
	}
	if (!str_eq(v, "v"))
		lop_step(l, o, "Y", "%s", v);
	return 0;
}

static const struct op ops[] = {
	{"Gemm", 7, 2, 3, 1, 1, "alpha:f beta:f transA:i transB:i", 0, NULL,
	 gemm_infer, NULL, gemm_lower},
	{"MatMul", 1, 2, 2, 1, 1, NULL, 0, NULL, matmul_infer, NULL,
	 matmul_lower},
	{"MatMulInteger", 10, 2, 4, 1, 1, NULL, 0, NULL, integer_infer, NULL,
	 integer_lower},
};

const struct op_family op_family_matmul = {
	"matmul", ops, sizeof ops / sizeof *ops
};
