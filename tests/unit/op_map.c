/* lib/op: elementwise operators, each row of map.def by its value. */
#include "bench.h"

static const struct example map_values[] = {
	{"Abs f32{-2,0,3}", "f32[3]{2,0,3}"},
	{"Acos f32{1,0}", "f32[2]{0,1.5708}"},
	{"Acosh f32{1,2}", "f32[2]{0,1.31696}"},
	{"Add f32{1,2} f32{10,20}", "f32[2]{11,22}"},
	{"Add i64{9223372036854774784} i64{1024}",
	 "i64[1]{-9.22337e+18}"},
	{"And bool{0,1,1} bool{1,1,0}", "bool[3]{0,1,0}"},
	{"Asin f32{1}", "f32[1]{1.5708}"},
	{"Asinh f32{1}", "f32[1]{0.881374}"},
	{"Atan f32{1}", "f32[1]{0.785398}"},
	{"Atanh f32{0.5}", "f32[1]{0.549306}"},
	{"BitShift direction=LEFT u8{255,1} u8{1,7}", "u8[2]{254,128}"},
	{"BitShift direction=RIGHT u32{16} u32{3}", "u32[1]{2}"},
	{"BitwiseAnd i32{6} i32{3}", "i32[1]{2}"},
	{"BitwiseNot i8{0,5}", "i8[2]{-1,-6}"},
	{"BitwiseOr i32{6} i32{3}", "i32[1]{7}"},
	{"BitwiseXor u8{6} u8{3}", "u8[1]{5}"},
	{"Cast to=7 f32{-1.9,2.9}", "i64[2]{-1,2}"},
	{"Cast to=9 f32{0,0.5,-3}", "bool[3]{0,1,1}"},
	{"Cast to=1 i32{7}", "f32[1]{7}"},
	{"Cast to=2 i32{257}", "u8[1]{1}"},
	{"Ceil f32{-1.5,1.2}", "f32[2]{-1,2}"},
	{"Celu alpha=2.0 f32{-2,1}", "f32[2]{-1.26424,1}"},
	{"Clip f32{-5,0,5} f32:-1 f32:2", "f32[3]{-1,0,2}"},
	{"Clip f32{-5,5} f32:-1", "f32[2]{-1,5}"},
	{"Clip f32{-5,5} _ f32:2", "f32[2]{-5,2}"},
	{"Clip f32{-5,5}", "f32[2]{-5,5}"},
	{"Cos f32{0}", "f32[1]{1}"},
	{"Cosh f32{1}", "f32[1]{1.54308}"},
	{"Div f32{1} f32{4}", "f32[1]{0.25}"},
	{"Div i64{-7,7,1} i64{2,-2,0}", "i64[3]{-3,-3,0}"},
	{"Elu f32{-1,2}", "f32[2]{-0.632121,2}"},
	{"Equal i64{1,2} i64{1,3}", "bool[2]{1,0}"},
	{"Erf f32{0.5}", "f32[1]{0.5205}"},
	{"Exp f32{1}", "f32[1]{2.71828}"},
	{"Floor f32{-1.5}", "f32[1]{-2}"},
	{"Gelu f32{1}", "f32[1]{0.841345}"},
	{"Gelu approximate=tanh f32{1}", "f32[1]{0.841192}"},
	{"Greater i32{1,2} i32{1,1}", "bool[2]{0,1}"},
	{"GreaterOrEqual i32{1,0} i32{1,1}", "bool[2]{1,0}"},
	{"HardSigmoid f32{-9,0,9}", "f32[3]{0,0.5,1}"},
	{"HardSwish f32{-9,1,9}", "f32[3]{-0,0.666667,9}"},
	{"IsInf f32{1e40,-1e40,1}", "bool[3]{1,1,0}"},
	{"IsInf detect_negative=0 f32{1e40,-1e40}", "bool[2]{1,0}"},
	{"IsNaN f32{nan,1}", "bool[2]{1,0}"},
	{"LeakyRelu alpha=0.1 f32{-10,10}", "f32[2]{-1,10}"},
	{"Less f32{1,2} f32{2,2}", "bool[2]{1,0}"},
	{"LessOrEqual f32{1,2} f32{2,2}", "bool[2]{1,1}"},
	{"Log f32{1}", "f32[1]{0}"},
	{"Max f32{1,5} f32{3,4} f32{2,9}", "f32[2]{3,9}"},
	{"Max f32{nan,1} f32{1,nan}", "f32[2]{nan,nan}"},
	{"Mean f32{1,2} f32{3,4} f32{5,6}", "f32[2]{3,4}"},
	{"Min i32{1,5} i32{3,4}", "i32[2]{1,4}"},
	{"Mish f32{1}", "f32[1]{0.865098}"},
	{"Mod i64{-7,7} i64{3,-3}", "i64[2]{2,-2}"},
	{"Mod fmod=1 i64{-7,7} i64{3,-3}", "i64[2]{-1,1}"},
	{"Mod fmod=1 f32{-7.5} f32{2}", "f32[1]{-1.5}"},
	{"Mul i32{3} i32{4}", "i32[1]{12}"},
	{"Neg f32{1,-2}", "f32[2]{-1,2}"},
	{"Not bool{0,1}", "bool[2]{1,0}"},
	{"Or bool{0,1} bool{0,0}", "bool[2]{0,1}"},
	{"PRelu f32{-2,2} f32{0.5}", "f32[2]{-1,2}"},
	{"Pow f32{2,3} f32{3,2}", "f32[2]{8,9}"},
	{"Pow f32{2} i64{10}", "f32[1]{1024}"},
	{"Pow i64{2} f32{0.5}", "i64[1]{1}"},
	{"Reciprocal f32{4}", "f32[1]{0.25}"},
	{"Relu f32{-1,2,nan}", "f32[3]{0,2,nan}"},
	{"Round f32{0.5,1.5,-2.5}", "f32[3]{0,2,-2}"},
	{"Selu f32{-1,1}", "f32[2]{-1.11133,1.0507}"},
	{"Shrink bias=1.5 lambd=1.5 f32{-2,0,2}", "f32[3]{-0.5,0,0.5}"},
	{"Sigmoid f32{0}", "f32[1]{0.5}"},
	{"Sign f32{-3,0,2}", "f32[3]{-1,0,1}"},
	{"Sin f32{0}", "f32[1]{0}"},
	{"Sinh f32{1}", "f32[1]{1.1752}"},
	{"Softplus f32{0,100}", "f32[2]{0.693147,100}"},
	{"Softsign f32{-1,3}", "f32[2]{-0.5,0.75}"},
	{"Sqrt f32{9}", "f32[1]{3}"},
	{"Sub u8{3} u8{5}", "u8[1]{254}"},
	{"Sum f32{1} f32{2} f32{3}", "f32[1]{6}"},
	{"Swish@24 f32{-2,0,1}", "f32[3]{-0.238406,0,0.731059}"},
	{"Swish@24 alpha=2.0 f32{-2,1}", "f32[2]{-0.0359724,0.880797}"},
	{"Tan f32{0}", "f32[1]{0}"},
	{"Tanh f32{1}", "f32[1]{0.761594}"},
	{"ThresholdedRelu f32{0.5,1.5}", "f32[2]{0,1.5}"},
	{"Where bool{1,0} i64{1,2} i64{3,4}", "i64[2]{1,4}"},
	{"Xor bool{1,0} bool{1,1}", "bool[2]{0,1}"},
};

static void
test_map_values(void)
{
	CHECK_ALL(map_values);
}

static bool
has_example(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof map_values / sizeof *map_values; i++)
		if (strncmp(map_values[i].text, name, n) == 0 &&
		    strchr(" @", map_values[i].text[n]))
			return true;
	return false;
}

/* An operator of map.def has an example above. */
static void
test_map_rows_are_tested(void)
{
	extern const struct op_family op_family_map;

	for (size_t i = 0; i < op_family_map.nops; i++)
		CHECK_STR(has_example(op_family_map.ops[i].name) ? "" :
		          op_family_map.ops[i].name, "");
}

static void
test_map_shapes(void)
{
	static const struct example t[] = {
		{"Add f32[2,1,4] f32[3,1]", "f32[2,3,4]"},
		{"Add f32[2,3] f32[2]", "!shapes [2, 3] and [2] do not broadcast"},
		{"Add f32[] f32[]", "f32[]"},
		{"Add f32[0,3] f32[1]", "f32[0,3]"},
		{"Add f32[2] i32[2]", "!types (f32, i32)"},
		{"Add bool[2] bool[2]", "!types (bool, bool)"},
		{"Add f32[2]", "!operands of types (f32)"},
		{"Add f32[2] _", "!operands of types (f32)"},
		{"Where f32[2] f32[2] f32[2]", "!types (f32, f32, f32)"},
		{"Mod f32[2] f32[2]", "!types (f32, f32)"},
		{"BitShift i32[1] i32[1]", "!its attributes"},
		{"BitShift direction=UP i32[1] i32[1]", "!its attributes"},
		{"Relu alpha=1.0 f32[1]", "!attribute 'alpha' is not supported"},
		{"LeakyRelu alpha=x f32[1]", "!attribute 'alpha' has the wrong type"},
		{"Cast to=16 f32[1]", "!type 16"},
		{"Gelu@19 f32[1]", "!needs opset 20 or later"},
		{"Celu@25 f32[1]", "f32[1]"},
		{"Celu@26 f32[1]", "!opset 26 is newer"},
		{"Relu6 f32[1]", "!operator 'Relu6' is not supported"},
	};

	CHECK_ALL(t);
}

int
main(void)
{
	RUN(test_map_values);
	RUN(test_map_rows_are_tested);
	RUN(test_map_shapes);
	return test_done();
}
