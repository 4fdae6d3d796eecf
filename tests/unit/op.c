/* lib/op: shapes, folding, refusals; each operator in the notation of bench.h. */
#include "bench.h"

static void
test_matrix(void)
{
	static const struct example t[] = {
		{"MatMul f32[2,3] f32[3,4]", "f32[2,4]"},
		{"MatMul f32[3] f32[3]", "f32[]"},
		{"MatMul f32[3] f32[5,3,4]", "f32[5,4]"},
		{"MatMul f32[5,1,2,3] f32[7,3,1]", "f32[5,7,2,1]"},
		{"MatMul f32[2,3] f32[4,3]", "!shapes [2, 3] and [4, 3]"},
		{"MatMul f32[2,2,3] f32[3,3,4]", "!do not broadcast"},
		{"MatMul f32[] f32[3,4]", "!scalar"},
		{"MatMul f32[2,3] f64[3,4]", "!is f64, but"},
		{"Gemm transA=1 transB=1 f32[3,2] f32[4,3] f32[4]", "f32[2,4]"},
		{"Gemm f32[2,3] f32[3,4] f32[3]", "!C of shape [3]"},
		{"Gemm f32[2,3,1] f32[3,4]", "!expected matrices"},
		{"MatMulInteger u8[2,3] i8[3,4] u8:3", "i32[2,4]"},
		{"MatMulInteger u8[2,3] i8[3,4] u8{1,2,3}", "!zero point of shape"},
		{"MatMulInteger f32[2,3] i8[3,4]", "!is f32, expected 8 bits"},
		{"DequantizeLinear u8[2,3] f32:0.5 u8:3", "f32[2,3]"},
		{"DequantizeLinear u8[2,3] f32[2]", "!scale has shape [2], axis 1"},
		{"DequantizeLinear block_size=2 u8[2,3] f32:1", "!by blocks"},
		{"QuantizeLinear f32[2,3] f32[3] i8[3]", "i8[2,3]"},
		{"QuantizeLinear f32[2,3] f32[3] i8[2]", "!the zero point [2]"},
		{"DynamicQuantizeLinear f32[2,3] /3", "u8[2,3] f32[] u8[]"},
		{"HannWindow i64:5", "f32[5]"},
		{"HannWindow i64:-5", "!impossible shape"},
		{"Einsum equation=bij,bjk->bik f32[2,3,4] f32[2,4,5]",
		 "f32[2,3,5]"},
		{"Einsum equation=ij,jk f32[3,4] f32[4,5]", "f32[3,5]"},
		{"Einsum equation=...ii->...i f32[2,3,3]", "f32[2,3]"},
		{"Einsum equation=ij->ijk f32[2,3]", "!has one that no operand has"},
		{"Einsum equation=ij,jk f32[3,4] f32[5,5]", "!elsewhere it is 4"},
		{"Einsum equation=ij f32[3,4] f32[4,5]", "!does not name 2"},
		{"Einsum f32[3]", "!names 0 dimensions"},
	};

	CHECK_ALL(t);
}

static void
test_windows(void)
{
	static const struct example t[] = {
		{"Conv f32[1,3,8,8] f32[16,3,3,3] f32[16]", "f32[1,16,6,6]"},
		{"Conv pads=[1,1,1,1] strides=[2,2] f32[1,3,8,8] f32[16,3,3,3]",
		 "f32[1,16,4,4]"},
		{"Conv auto_pad=SAME_UPPER strides=[2,2] f32[1,3,9,9] f32[4,3,3,3]",
		 "f32[1,4,5,5]"},
		{"Conv group=3 f32[1,3,8] f32[6,1,3]", "f32[1,6,6]"},
		{"Conv dilations=[2,2,2] f32[1,1,7,7,7] f32[1,1,3,3,3]",
		 "f32[1,1,3,3,3]"},
		{"Conv f32[1,3,8,8] f32[16,4,3,3]", "!weights [16, 4, 3, 3]"},
		{"Conv f32[1,3,2,2] f32[16,3,3,3]", "!does not fit"},
		{"Conv f32[3,8] f32[16,3]", "!one to three spatial"},
		{"Conv strides=[0,1] f32[1,3,8,8] f32[1,3,3,3]", "!'strides' holds 0"},
		{"Conv pads=[1,1] f32[1,3,8,8] f32[1,3,3,3]", "!has 2 numbers"},
		{"Conv pads=[-1,0,0,0] f32[1,3,8,8] f32[1,3,3,3]", "!holds -1"},
		{"Conv group=0 f32[1,3,8,8] f32[1,3,3,3]", "!'group' is 0"},
		{"Conv f32[1,3,8,8] f32[16,3,3,3] f32[15]", "!bias has shape [15]"},
		{"Conv kernel_shape=[5,5] f32[1,3,8,8] f32[16,3,3,3]",
		 "!'kernel_shape' is [5, 5]"},
		{"ConvTranspose strides=[2,2] f32[1,3,4,4] f32[3,2,3,3]",
		 "f32[1,2,9,9]"},
		{"ConvTranspose output_shape=[10,8] strides=[3,2] f32[1,1,3,3] "
		 "f32[1,2,3,3]", "f32[1,2,10,8]"},
		{"MaxPool kernel_shape=[2,2] strides=[2,2] f32[1,3,8,8] /2",
		 "f32[1,3,4,4] i64[1,3,4,4]"},
		{"MaxPool kernel_shape=[2] ceil_mode=1 strides=[2] f32[1,1,5]",
		 "f32[1,1,3]"},
		{"MaxPool f32[1,3,8,8]", "!'kernel_shape' is missing"},
		{"MaxPool kernel_shape=[2,2] pads=[2,0,0,0] f32[1,3,8,8]",
		 "!as large as the window"},
		{"AveragePool kernel_shape=[9,9] f32[1,3,8,8]", "!does not fit"},
		{"AveragePool kernel_shape=[2,2] i32[1,3,8,8]", "!expected a float"},
		{"GlobalAveragePool f32[2,3,4,5]", "f32[2,3,1,1]"},
		{"LpPool p=0 kernel_shape=[2] f32[1,1,4]", "!'p' is 0"},
		{"Resize f32[1,1,2,2] _ f32{1,1,2,3}", "f32[1,1,4,6]"},
		{"Resize f32[1,1,2,2] _ _ i64{1,1,5,7}", "f32[1,1,5,7]"},
		{"Resize f32[1,1,10,10] _ f32{1,1,0.7,0.7}", "f32[1,1,7,7]"},
		{"Resize f32[1,1,10,7] _ f32{1,1,0.6,0.6}", "f32[1,1,6,4]"},
		{"Resize f32[1,1,2,2]", "!either scales or sizes"},
		{"Resize f32[1,1,2,2] _ f32{1,1,0,3}", "!a scale of 0"},
		{"Upsample@7 scales=[1.0,1.0,2.0,2.0] f32[1,1,2,2]",
		 "f32[1,1,4,4]"},
	};

	CHECK_ALL(t);
}

static void
test_reductions(void)
{
	static const struct example t[] = {
		{"ReduceSum f32[2,3,4] i64{1}", "f32[2,1,4]"},
		{"ReduceSum keepdims=0 f32[2,3,4] i64{-1,0}", "f32[3]"},
		{"ReduceSum f32[2,3,4]", "f32[1,1,1]"},
		{"ReduceSum noop_with_empty_axes=1 f32[2,3]", "f32[2,3]"},
		{"ReduceMean@13 axes=[0] keepdims=0 f32[2,3]", "f32[3]"},
		{"ReduceSum f32[2,3] i64{2}", "!axis 2 is out of range"},
		{"ReduceSum f32[2,3] i64{1,-1}", "!is named twice"},
		{"ReduceSum f32[2,3] f32{1}", "!must be integer"},
		{"ReduceSum f32[2,3] i64[1]", "!must be a constant"},
		{"ReduceMax f32[0,3] i64{0}", "!nothing to reduce over"},
		{"ReduceProd keepdims=0 i64{2,3,4}", "i64[]{24}"},
		{"ReduceMax keepdims=0 i64{2,9,4}", "i64[]{9}"},
		{"ReduceMin keepdims=0 i64{2,-3,4}", "i64[]{-3}"},
		{"ReduceLogSumExp f32[0]", "!nothing to reduce over"},
		{"ReduceMean i32[0]", "!nothing to reduce over"},
		{"ReduceL2 i32[2]", "!expected a float type"},
		{"ArgMax axis=1 keepdims=0 f32[2,3]", "i64[2]"},
		{"ArgMax f32[]", "!out of range for rank 0"},
		{"CumSum f32[2,3] i64:1", "f32[2,3]"},
		{"CumSum f32[2,3] i64:2", "!axis 2 is out of range"},
		{"TopK f32[2,5] i64{3} /2", "f32[2,3] i64[2,3]"},
		{"TopK f32[2,5] i64{6} /2", "!6 elements asked for"},
		{"TopK@9 k=2 f32[5] /2", "f32[2] i64[2]"},
		{"Softmax@11 f32[2,3]", "f32[2,3]"},
		{"Softmax axis=2 f32[2,3]", "!axis 2 is out of range"},
		{"BatchNormalization f32[1,2,4] f32[2] f32[2] f32[2] f32[2]",
		 "f32[1,2,4]"},
		{"BatchNormalization f32[1,2,4] f32[3] f32[2] f32[2] f32[2]",
		 "!has shape [3], expected [2]"},
		{"BatchNormalization training_mode=1 f32[1,2] f32[2] f32[2] f32[2] "
		 "f32[2]", "!training"},
		{"LayerNormalization axis=1 f32[2,3,4] f32[3,4] /3",
		 "f32[2,3,4] f32[2,1,1] f32[2,1,1]"},
		{"LayerNormalization f32[2,3] f32[2]", "!does not broadcast"},
		{"GroupNormalization num_groups=2 f32[1,4,3] f32[4] f32[4]",
		 "f32[1,4,3]"},
		{"GroupNormalization num_groups=3 f32[1,4,3] f32[4] f32[4]",
		 "!3 groups"},
		{"LRN size=0 f32[1,4,3]", "!windows of 0"},
	};

	CHECK_ALL(t);
}

static void
test_shapes(void)
{
	static const struct example t[] = {
		{"Reshape f32[2,6] i64{-1,4}", "f32[3,4]"},
		{"Reshape f32[2,6] i64{0,3,-1}", "f32[2,3,2]"},
		{"Reshape allowzero=1 f32[0,6] i64{3,0}", "f32[3,0]"},
		{"Reshape f32[2,6] i64{-1,-1}", "!more than one"},
		{"Reshape f32[2,6] i64{5}", "![2, 6] cannot take shape [5]"},
		{"Reshape f32[2,6] i64{-2,6}", "!impossible shape"},
		{"Reshape f32[2] i64{2,0}", "!copies dimension 1"},
		{"Reshape f32[2,6] i64{4294967296,4294967296}", "!impossible"},
		{"Reshape f32[2,6] i64[2]", "!must be a constant"},
		{"Reshape i64{1,2} i64{2,1}", "i64[2,1]{1,2}"},
		{"Flatten axis=2 f32[2,3,4]", "f32[6,4]"},
		{"Flatten axis=4 f32[2,3,4]", "!axis 4"},
		{"Squeeze@11 axes=[0] f32[1,3]", "f32[3]"},
		{"Squeeze f32[1,3,1]", "f32[3]"},
		{"Squeeze f32[1,3] i64{1}", "!dimension 1 of [1, 3] is not 1"},
		{"Unsqueeze f32[3] i64{0,-1}", "f32[1,3,1]"},
		{"Unsqueeze@11 axes=[1] f32[3]", "f32[3,1]"},
		{"Unsqueeze f32[3] i64{5}", "!axis 5 is out of range"},
		{"Unsqueeze f32[3] i64{0,1,2,3,4,5,6,7,8}", "!at most 8"},
		{"Shape f32[2,3,4]", "i64[3]{2,3,4}"},
		{"Shape start=-2 end=2 f32[2,3,4]", "i64[1]{3}"},
		{"Shape start=5 f32[2]", "i64[0]{}"},
		{"Size f32[2,3]", "i64[]{6}"},
		{"ConstantOfShape i64{2} i32{7}", "i32[2]{7,7}"},
		{"ConstantOfShape i64{}", "f32[]{0}"},
		{"ConstantOfShape i64{-1}", "!impossible shape"},
		{"ConstantOfShape i64{1099511627776}", "!impossible shape"},
		{"Range i64:2 i64:9 i64:3", "i64[3]{2,5,8}"},
		{"Range i64:3 i64:0 i64:-2", "i64[2]{3,1}"},
		{"Range f32:0 f32:1 f32:0", "!by 0"},
		{"Range i64:0 i64:9000000000000000000 i64:1", "!from 0"},
		{"NonZero i64{0,3,0,4}", "i64[1,2]{1,3}"},
		{"NonZero i64[4]", "!must be a constant"},
		{"OneHot i64[2] i64:3 f32{0,1}", "f32[2,3]"},
		{"OneHot i64[2] i64:-3 f32{0,1}", "!depth is -3"},
		{"EyeLike dtype=7 f32[2,3]", "i64[2,3]"},
		{"EyeLike f32[3]", "!expected a matrix"},
		{"CastLike f32[2] i32[7]", "i32[2]"},
		{"Identity i64{4}", "i64[1]{4}"},
		{"Dropout f32[2] /2", "f32[2] bool[2]"},
		{"Dropout f32[2] f32:0.5 bool:1", "!dropout in training"},
		{"Dropout@7 ratio=0.5 f32[2]", "f32[2]"},
	};

	CHECK_ALL(t);
}

static void
test_moves(void)
{
	static const struct example t[] = {
		{"Transpose perm=[1,0] i64{2,3|1,2,3,4,5,6}",
		 "i64[3,2]{1,4,2,5,3,6}"},
		{"Transpose f32[2,3,4]", "f32[4,3,2]"},
		{"Transpose perm=[0,0] f32[2,3]", "!names an axis twice"},
		{"Transpose perm=[0] f32[2,3]", "!does not fit"},
		{"Slice i64{0,1,2,3,4} i64{1} i64{4}", "i64[3]{1,2,3}"},
		{"Slice i64{0,1,2,3,4} i64{-1} i64{-9} i64{0} i64{-2}",
		 "i64[3]{4,2,0}"},
		{"Slice i64{0,1,2} i64{9} i64{2}", "i64[0]{}"},
		{"Slice f32[4,5] i64{0} i64{9223372036854774784} i64{1}",
		 "f32[4,5]"},
		{"Slice f32[5] i64{0} i64{5} i64{0} i64{0}", "!a step of 0"},
		{"Slice f32[5] i64{0} i64{5} i64{0} i64{-9223372036854775808}",
		 "f32[0]"},
		{"Slice f32[5] i64{0,1} i64{5}", "!2 starts, 1 ends"},
		{"Slice f32[5,5] i64{0,1} i64{5,5} i64{0,0}", "!named twice"},
		{"Slice@9 starts=[1] ends=[3] axes=[1] f32[4,5]", "f32[4,2]"},
		{"Split axis=1 f32[2,6] /3", "f32[2,2] f32[2,2] f32[2,2]"},
		{"Split f32[6] i64{1,5} /2", "f32[1] f32[5]"},
		{"Split num_outputs=3 f32[7] /3", "f32[3] f32[3] f32[1]"},
		{"Split@11 split=[4,2] f32[6] /2", "f32[4] f32[2]"},
		{"Split f32[7] /2", "!cannot be split in 2"},
		{"Split f32[6] i64{7,-1} /2", "!parts [7, -1]"},
		{"Split f32[6] i64{6,3} /2", "!parts [6, 3]"},
		{"Concat axis=0 i64{1} i64{2,3}", "i64[3]{1,2,3}"},
		{"Concat axis=-1 f32[2,1] f32[2,3]", "f32[2,4]"},
		{"Concat f32[1]", "!'axis' is missing"},
		{"Concat axis=1 f32[2,1] f32[3,1]", "!do not fit along axis 1"},
		{"Concat axis=0 f32[1] i32[1]", "!is i32, but"},
		{"Concat axis=0 f32[1] _ f32[1]", "!input 2 is missing"},
		{"Expand i64{2,1|1,2} i64{2,2}", "i64[2,2]{1,1,2,2}"},
		{"Expand f32[3] i64{2}", "!do not broadcast"},
		{"Tile f32[2,3] i64{2,1}", "f32[4,3]"},
		{"Tile f32[2,3] i64{2}", "!1 repeats"},
		{"Tile f32[2,3] i64{-1,1}", "!repeats are"},
		{"Pad f32[2,3] i64{0,1,0,1}", "f32[2,5]"},
		{"Pad f32[2,3] i64{0,-1,0,0}", "f32[2,2]"},
		{"Pad f32[2,3] i64{0,-2,0,-2}", "!pads -2 and -2"},
		{"Pad mode=reflect f32[2,3] i64{0,3,0,0}", "!too small for pads"},
		{"Pad mode=odd f32[2] i64{0,0}", "!unknown mode 'odd'"},
		{"Pad@10 pads=[1,1] value=0.5 f32[2]", "f32[4]"},
		{"Pad f32[2,3] i64{1,1} _ i64{-1}", "f32[2,5]"},
		{"DepthToSpace blocksize=2 f32[1,8,2,3]", "f32[1,2,4,6]"},
		{"DepthToSpace blocksize=3 f32[1,8,2,3]", "!blocks of 3"},
		{"SpaceToDepth blocksize=0 f32[1,2,4,6]", "!blocks of 0"},
	};

	CHECK_ALL(t);
}

static void
test_gathers(void)
{
	static const struct example t[] = {
		{"Gather i64{5,6,7} i64:-1", "i64[]{7}"},
		{"Gather axis=1 f32[2,3] i64[4,5]", "f32[2,4,5]"},
		{"Gather f32[3] i64{3}", "!index 3 is out of range"},
		{"Gather f32[3] f32[1]", "!expected an integer type"},
		{"GatherElements axis=1 f32[2,3] i64[2,5]", "f32[2,5]"},
		{"GatherElements f32[2,3] i64[2]", "!indices of shape [2]"},
		{"GatherND f32[2,3,4] i64[5,2]", "f32[5,4]"},
		{"GatherND f32[2,3] i64[5,3]", "!indices of shape [5, 3]"},
		{"ScatterND f32[4,5] i64[2,1] f32[2,5]", "f32[4,5]"},
		{"ScatterND f32[4,5] i64[2,1] f32[2,4]", "!updates of shape"},
		{"ScatterElements reduction=xor f32[3] i64[1] f32[1]",
		 "!unknown reduction 'xor'"},
		{"Scatter@9 axis=1 f32[1,5] i64[1,2] f32[1,2]", "f32[1,5]"},
		{"Compress axis=1 f32[2,3] bool{1,0,1}", "f32[2,2]"},
		{"Trilu f32[3]", "!expected matrices"},
		{"CenterCropPad f32[4,5] i64{2,9}", "f32[2,9]"},
		{"ReverseSequence f32[4,2] i64[3]", "!lengths of shape [3]"},
	};

	CHECK_ALL(t);
}

/* Before opset 13 Softmax flattened its input: a Flatten and a Reshape. */
static void
test_softmax_before_13(void)
{
	struct bench b = {.is_output = false};

	bench_build(&b, "Softmax@11 axis=1 f32[2,3,4]");
	CHECK_INT(op_upgrade(&b.net, &b.net.nodes.v[0], b.d), 0);
	CHECK_INT((int64_t)b.net.nodes.n, 3);
	CHECK_STR(b.net.nodes.v[0].op, "Reshape");
	CHECK_STR(b.net.nodes.v[1].op, "Flatten");
	CHECK_STR(b.net.nodes.v[2].op, "Softmax");
	bench_build(&b, "Softmax@11 axis=1 f32[2,3,1]");
	CHECK_INT(op_upgrade(&b.net, &b.net.nodes.v[0], b.d), 0);
	CHECK_INT((int64_t)b.net.nodes.n, 1);
	CHECK_INT(attrs_int(&b.net.nodes.v[0].attrs, "axis", -7), 1);
}

/* A folded graph output stays the output of a node. */
static void
test_fold_of_an_output(void)
{
	struct bench b = {.is_output = true};
	struct onode *o;

	bench_build(&b, "Add i64{1,2} i64{3,4}");
	CHECK_INT(bench_process(&b), 0);
	o = &b.net.nodes.v[0];
	CHECK_STR(o->op, "Identity");
	CHECK_INT(o->dead, false);
	CHECK_INT(value_int(&b.net.values.v[o->in.v[0]], 1), 6);
	CHECK(!value_is_const(&b.net.values.v[o->out.v[0]]));
}

/* What a plan declares must be what comes out. */
static void
test_declared_shapes(void)
{
	struct bench b = {.is_output = false};
	int y;

	bench_build(&b, "Add f32[2] f32[2]");
	y = b.net.nodes.v[0].out.v[0];
	b.net.values.v[y].typed = b.net.values.v[y].shaped = true;
	b.net.values.v[y].type = DTYPE_F32;
	CHECK_INT(op_infer(&b.net, &b.net.nodes.v[0], b.d), -1);
	CHECK_HAS(test_said(), "declared with shape [] but has [2]");
}

int
main(void)
{
	RUN(test_matrix);
	RUN(test_windows);
	RUN(test_reductions);
	RUN(test_shapes);
	RUN(test_moves);
	RUN(test_gathers);
	RUN(test_softmax_before_13);
	RUN(test_fold_of_an_output);
	RUN(test_declared_shapes);
	return test_done();
}
