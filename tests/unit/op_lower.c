/* lib/op: what operators are lowered to. */
#include "bench.h"

static void
say_attr(struct str *s, const struct attr *t)
{
	str_addf(s, " %s=", t->name);
	if (t->kind == ATTR_INT)
		str_addf(s, "%lld", (long long)t->i);
	else if (t->kind == ATTR_FLOAT)
		str_addf(s, "%g", t->f);
	else if (t->kind == ATTR_STR)
		str_add(s, t->s);
	else
		str_add(s, shape_text(&test_arena, &t->ints));
}

static void
say_op(struct str *s, const struct lop *o)
{
	str_add(s, o->form);
	for (size_t i = 0; i < o->attrs.n; i++)
		say_attr(s, &o->attrs.v[i]);
	for (size_t i = 0; i < o->args.n; i++) {
		const struct larg *g = &o->args.v[i];

		str_addf(s, " %s%s", g->arg, shape_text(&test_arena, &g->shape));
		for (size_t k = 0; k < g->map.n; k++)
			str_addf(s, "%s%s", k ? "; " : "{", g->map.v[k]);
		if (g->map.n)
			str_addc(s, '}');
	}
	str_addc(s, '\n');
}

static const char *
lowered(const char *text, bool is_output)
{
	struct bench b = {.is_output = is_output};
	struct lower l = {0};
	struct str s;

	bench_build(&b, text);
	if (op_upgrade(&b.net, &b.net.nodes.v[0], b.d) < 0 ||
	    lower_net(&l, &b.net, b.d) < 0)
		return test_said();
	str_init(&s);
	for (size_t i = 0; i < l.ops.n; i++)
		say_op(&s, &l.ops.v[i]);
	for (size_t i = 0; i < l.views.n; i++)
		str_addf(&s, "view %s of %s + %lld\n",
		         b.net.values.v[l.views.v[i].value].name,
		         b.net.values.v[l.views.v[i].of].name,
		         (long long)l.views.v[i].offset);
	return bench_taken(&s);
}

static void
test_lower_maps(void)
{
	CHECK_STR(lowered("Add f32[2,3] f32[2,3]", false),
	          "Map Y[6]{E0 + E1} E0[6] E1[6]\n");
	CHECK_STR(lowered("Add f32[2,3,4] f32[4]", false),
	          "Map Y[6, 4]{E0 + E1} E0[6, 4] E1[1, 4]\n");
	CHECK_STR(lowered("Mul f32[2,3,4] f32[3,1]", false),
	          "Map Y[2, 3, 4]{E0 * E1} E0[2, 3, 4] E1[1, 3, 1]\n");
	CHECK_STR(lowered("Sub f32[] f32[]", false),
	          "Map Y[1]{E0 - E1} E0[1] E1[1]\n");
	CHECK_STR(lowered("Add f32[4] f32:0.5", false),
	          "Map Y[4]{E0 + 0.5f} E0[4]\n");
	CHECK_STR(lowered("Add i64[4] i64{-3}", false),
	          "Map Y[4]{E0 + CAST_I64(-3)} E0[4]\n");
	CHECK_STR(lowered("Sum f32[4] f32[4] f32[4]", false),
	          "Map Y[4]{t0 = E0 + E1; t1 = t0 + E2; t1} E0[4] E1[4] E2[4]\n");
	CHECK_STR(lowered("LeakyRelu alpha=0.25 f32[4]", false),
	          "Map Y[4]{SELECT(E0 < 0.0f, E0 * 0.25f, E0)} E0[4]\n");
	CHECK_STR(lowered("Cast to=6 f32[4]", false),
	          "Map Y[4]{CAST_I32(E0)} E0[4]\n");
	CHECK_STR(lowered("Pow f64[4] i32[4]", false),
	          "Map Y[4]{POW(E0, CAST_F64(E1))} E0[4] E1[4]\n");
}

static void
test_lower_views(void)
{
	CHECK_STR(lowered("Reshape f32[2,3] i64{6}", false), "view y0 of x + 0\n");
	CHECK_STR(lowered("Reshape f32[2,3] i64{6}", true),
	          "Map Y[6]{E0} E0[6]\n");
	CHECK_STR(lowered("Slice f32[4,3] i64{1} i64{3}", false),
	          "view y0 of x + 3\n");
	CHECK_STR(lowered("Slice f32[4,3] i64{1} i64{3}", true),
	          "Copy src=[1] offset=3 X[12] Y[6]\n");
	CHECK_STR(lowered("Slice f32[4,3] i64{1} i64{3} i64{1}", false),
	          "Copy src=[3, 1] offset=1 X[12] Y[4, 2]\n");
	CHECK_STR(lowered("Transpose perm=[0,2,1] f32[1,3,1]", false),
	          "view y0 of x + 0\n");
	CHECK_STR(lowered("Transpose perm=[1,0] f32[2,3]", false),
	          "Copy src=[1, 3] offset=0 X[6] Y[3, 2]\n");
	CHECK_STR(lowered("Split f32[4,3] /2", false),
	          "view y0 of x + 0\nview y1 of x + 6\n");
	CHECK_STR(lowered("Gather f32[4,3] i64:-1", false), "view y0 of x + 9\n");
	CHECK_STR(lowered("Tile f32[3] i64{2}", false),
	          "Copy src=[0, 1] offset=0 X[3] Y[2, 3]\n");
}

static void
test_lower_empty(void)
{
	CHECK_STR(lowered("Add f32[0,3] f32[3]", false), "");
	CHECK_STR(lowered("Concat axis=0 f32[0,3] f32[2,3]", false),
	          "view y0 of x_1 + 0\n");
	CHECK_STR(lowered("ReduceSum f32[0,3] i64{0}", false),
	          "Map Y[3]{0.0f}\n");
	CHECK_STR(lowered("ReduceProd f32[0] ", false), "Map Y[1]{1.0f}\n");
	CHECK_STR(lowered("ReduceLogSum f32[0]", false),
	          "Map Y[1]{(-1.0f / 0.0f)}\n");
	CHECK_STR(lowered("ReduceMean f32[0]", false),
	          "Map Y[1]{(0.0f / 0.0f)}\n");
	CHECK_STR(lowered("MatMul f32[2,0] f32[0,3]", false),
	          "Map Y[1, 2, 3]{v}\n");
	CHECK_STR(lowered("Split f32[4] i64{0,4} /2", false),
	          "view y1 of x + 0\n");
	CHECK_STR(lowered("Pad f32[0] i64{1,1}", false), "Map Y[2]{0.0f}\n");
}

static void
test_lower_forms(void)
{
	CHECK_STR(lowered("MatMul f32[5,2,3] f32[3,4]", false),
	          "MatMul trans_a=0 trans_b=0 A[1, 10, 3] B[1, 3, 4] "
	          "Y[1, 10, 4]\n");
	CHECK_STR(lowered("Gemm transB=1 alpha=0.5 f32[2,3] f32[4,3] f32[4]", false),
	          "MatMul trans_a=0 trans_b=1 A[1, 2, 3] B[1, 4, 3] "
	          "Y[1, 2, 4]{v * 0.5f + E0} E0[1, 1, 4]\n");
	CHECK_STR(lowered("Conv pads=[1,2] f32[1,3,8] f32[4,3,3] f32[4]", false),
	          "Conv group=1 strides=[1, 1] pads=[0, 1, 0, 2] "
	          "dilations=[1, 1] X[1, 3, 1, 8] W[4, 3, 1, 3] "
	          "Y[1, 4, 1, 9]{v + E0} E0[1, 4, 1, 1]\n");
	CHECK_STR(lowered("ReduceMean keepdims=0 f32[2,3,4] i64{1,2}", false),
	          "Reduce op=sum X[2, 12, 1] Y[2, 1]{v / 12.0f}\n");
	CHECK_STR(lowered("ReduceMean i32[2,3]", false),
	          "Reduce op=sum X[1, 6, 1] Y[1, 1]{IDIV(v, 6)}\n");
	CHECK_STR(lowered("ReduceMean f32[2,1] i64{1}", false),
	          "view y0 of x + 0\n");
	CHECK_STR(lowered("ReduceLogSumExp f32[2,3] i64{1}", false),
	          "Reduce op=max X[2, 3, 1] Y[2, 1]{SELECT(ISINF(v), 0.0f, v)}\n"
	          "Reduce op=sum X[2, 3, 1]{EXP(v - E0)} Y[2, 1] E0[2, 1, 1]\n"
	          "Map Y[2]{LOG(E0) + E1} E0[2] E1[2]\n");
	CHECK_STR(lowered("ReduceL2 f32[2,3,4] i64{0,2}", false),
	          "Copy src=[4, 12, 1] offset=0 X[24] Y[3, 2, 4]\n"
	          "Reduce op=sum X[3, 8, 1]{v * v} Y[3, 1]{SQRT(v)}\n");
	CHECK_STR(lowered("Softmax axis=1 f32[2,3,4]", false),
	          "Softmax log=0 X[2, 3, 4] Y[2, 3, 4]\n");
	CHECK_STR(lowered("LayerNormalization f32[2,3] f32[3] f32[3]", false),
	          "Norm epsilon=1e-05 X[2, 1, 3] Y[2, 1, 3]{v * E0 + E1} "
	          "E0[1, 1, 3] E1[1, 1, 3]\n");
	CHECK_STR(lowered("Concat axis=1 f32[2,1] f32[2,3]", false),
	          "Concat offset=0 X[2, 1] Y[2, 4]\n"
	          "Concat offset=1 X[2, 3] Y[2, 4]\n");
	CHECK_STR(lowered("Pad f32[2,3,4,5] i64{0,0,1,0,0,0,2,0}", false),
	          "Pad begin=[0, 1, 0] mode=constant value=0 X[6, 4, 5] "
	          "Y[6, 7, 5]\n");
	CHECK_STR(lowered("Resize f32[1,1,2,2] _ f32{1,1,2,2}", false),
	          "Copy src=[2, 0, 1, 0] offset=0 X[4] Y[2, 2, 2, 2]\n");
	/* elements 0 and 5: 1 / 0.2f is 5 in f32, and less in f64 */
	CHECK_STR(lowered("Resize coordinate_transformation_mode=asymmetric "
	                  "nearest_mode=floor f32[10] _ f32{0.2}", false),
	          "Copy src=[5] offset=0 X[10] Y[2]\n");
	CHECK_STR(lowered("Resize coordinate_transformation_mode=asymmetric "
	                  "nearest_mode=floor f32[7] _ f32{0.6}", false),
	          "Map Y[4]{t0 = CAST_F64(CAST_F32(c0) / 0.600000024f); "
	          "t1 = FLOOR(t0); CAST_I64(MIN(MAX(t1, 0.0), 6.0))}\n"
	          "Gather X[1, 7, 1] J[4] Y[1, 4, 1]\n");
}

int
main(void)
{
	RUN(test_lower_maps);
	RUN(test_lower_views);
	RUN(test_lower_empty);
	RUN(test_lower_forms);
	return test_done();
}
