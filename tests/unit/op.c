/* lib/op: tables of operators in a small notation.
 *
 *	OP@OPSET [ATTR=VALUE ...] INPUT ... [/OUTPUTS]
 *
 * INPUT: f32[2,3] is given at run time, i64{1,2} a constant list, f32:0.5 a
 * constant scalar, f32{2,2|1,2,3,4} a constant with a shape, _ is omitted.
 * VALUE: 1, 0.5, [1,2], [0.5,1.5] or a word.  The result is what comes out:
 * types and shapes, with the elements of what was folded; or, after !, a part
 * of the message. */
#include "test.h"

#include "base/str.h"
#include "op/op.h"

struct bench {
	struct net net;
	struct diag *d;
	size_t node;
	bool is_output;		/* the first output is one of the graph */
};

/* --- the notation ------------------------------------------------------------ */

/* Numbers up to the closing character. */
static size_t
numbers(const char *s, double *out)
{
	size_t n = 0;
	char *end;

	while (*s && *s != ']' && *s != '}' && *s != '|') {
		out[n++] = strtod(s, &end);
		s = end + (*end == ',');
	}
	return n;
}

static void
add_attr(struct bench *b, struct onode *o, const char *word)
{
	const char *eq = strchr(word, '=');
	const char *name = arena_strndup(&test_arena, word, (size_t)(eq - word));
	const char *v = eq + 1;
	bool point = strchr(v, '.') != NULL;
	double x[32];
	size_t n;

	if (*v == '[') {
		struct attr t = {name, point ? ATTR_FLOATS : ATTR_INTS};

		n = numbers(v + 1, x);
		for (size_t i = 0; i < n; i++) {
			vec_push(&test_arena, &t.floats, x[i]);
			vec_push(&test_arena, &t.ints, (int64_t)x[i]);
		}
		vec_push(&test_arena, &o->attrs, t);
	} else if (*v == '-' || (*v >= '0' && *v <= '9')) {
		if (point)
			attrs_set_float(b->net.a, &o->attrs, name, strtod(v, NULL));
		else
			attrs_set_int(b->net.a, &o->attrs, name, strtoll(v, NULL, 10));
	} else {
		attrs_set_str(b->net.a, &o->attrs, name, v);
	}
}

static void
set_elems(enum dtype t, void *data, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (t) {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
		case DTYPE_##id: ((ctype *)data)[i] = (ctype)x[i]; break;
#include "ir/dtype.def"
#undef DTYPE
		case NDTYPES: break;
		}
}

static int
add_const(struct bench *b, enum dtype t, const char *s)
{
	double x[64], shape[8];
	int64_t dims[8];
	uint64_t data[64];
	const char *bar = strchr(s, '|');
	size_t rank = *s == '{', n;

	if (bar) {
		rank = numbers(s + 1, shape);
		n = numbers(bar + 1, x);
		for (size_t i = 0; i < rank; i++)
			dims[i] = (int64_t)shape[i];
	} else {
		n = numbers(s + 1, x);
		dims[0] = (int64_t)n;
	}
	set_elems(t, data, x, n);
	return net_const(&b->net, "c", t, dims, rank, data);
}

static int
add_input(struct bench *b, const char *word)
{
	size_t n = strcspn(word, "[{:");
	int t = dtype_from_word(arena_strndup(&test_arena, word, n));
	double x[16];
	int64_t dims[16];
	int v;

	if (word[n] != '[')
		return add_const(b, (enum dtype)t, word + n);
	n = numbers(word + n + 1, x);
	for (size_t i = 0; i < n; i++)
		dims[i] = (int64_t)x[i];
	v = net_fresh(&b->net, "x", (enum dtype)t, dims, n);
	b->net.values.v[v].is_input = true;
	return v;
}

/* Builds the node that the text describes. */
static void
build(struct bench *b, const char *text)
{
	char *s = arena_strdup(&test_arena, text), *save, *at, *word;
	struct onode *o;
	long outputs = 1;

	net_init(&b->net, &test_arena);
	b->d = test_diag();
	word = strtok_r(s, " ", &save);
	at = strchr(word, '@');
	if (at)
		*at = '\0';
	b->node = b->net.nodes.n;
	o = net_node(&b->net, word);
	o->opset = at ? (int)strtol(at + 1, NULL, 10) : NET_OPSET;
	o->label = word;
	while ((word = strtok_r(NULL, " ", &save)))
		if (*word == '/')
			outputs = strtol(word + 1, NULL, 10);
		else if (strchr(word, '='))
			add_attr(b, o, word);
		else
			vec_push(&test_arena, &o->in,
			         *word == '_' ? -1 : add_input(b, word));
	for (long i = 0; i < outputs; i++)
		vec_push(&test_arena, &o->out,
		         net_value(&b->net, arena_printf(&test_arena, "y%ld", i)));
	b->net.values.v[o->out.v[0]].is_output = b->is_output;
}

/* --- what came out -------------------------------------------------------------- */

static void
say_value(struct str *s, const struct value *v)
{
	str_addf(s, "%s[", dtype_word(v->type));
	for (size_t i = 0; i < v->shape.n; i++)
		str_addf(s, "%s%lld", i ? "," : "", (long long)v->shape.v[i]);
	str_addc(s, ']');
	if (!v->data)
		return;
	str_addc(s, '{');
	for (int64_t i = 0; i < value_elems(v); i++)
		str_addf(s, "%s%.6g", i ? "," : "", value_float(v, i));
	str_addc(s, '}');
}

static const char *
taken(struct str *s)
{
	const char *text = arena_strdup(&test_arena, s->s);

	str_release(s);
	return text;
}

/* upgrade, infer, fold; added nodes are left alone. */
static int
process(struct bench *b)
{
	struct net *n = &b->net;

	if (op_upgrade(n, &n->nodes.v[b->node], b->d) < 0 ||
	    op_infer(n, &n->nodes.v[b->node], b->d) < 0)
		return -1;
	return op_fold(n, &n->nodes.v[b->node], b->d) < 0 ? -1 : 0;
}

static const char *
result(const char *text)
{
	struct bench b = {.is_output = false};
	struct onode *o;
	struct str s;

	build(&b, text);
	if (process(&b) < 0)
		return test_said();
	str_init(&s);
	o = &b.net.nodes.v[b.node];
	for (size_t i = 0; i < o->out.n; i++) {
		if (i)
			str_addc(&s, ' ');
		say_value(&s, &b.net.values.v[o->out.v[i]]);
	}
	return taken(&s);
}

struct example {
	const char *text, *is;
};

static void
check_example(const struct example *e)
{
	const char *is = result(e->text);

	if (e->is[0] == '!')
		CHECK_HAS(is, e->is + 1);
	else
		CHECK_STR(is, e->is);
}

#define CHECK_ALL(table) \
	for (size_t i_ = 0; i_ < sizeof table / sizeof *table; i_++) \
		check_example(&table[i_])

/* --- elementwise: each row by its value ------------------------------------------ */

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

/* --- the others: shapes, folding, refusals ----------------------------------------- */

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

/* --- lowering ------------------------------------------------------------------------- */

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

	build(&b, text);
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
	return taken(&s);
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

/* Before opset 13 Softmax flattened its input: a Flatten and a Reshape. */
static void
test_softmax_before_13(void)
{
	struct bench b = {.is_output = false};

	build(&b, "Softmax@11 axis=1 f32[2,3,4]");
	CHECK_INT(op_upgrade(&b.net, &b.net.nodes.v[0], b.d), 0);
	CHECK_INT((int64_t)b.net.nodes.n, 3);
	CHECK_STR(b.net.nodes.v[0].op, "Reshape");
	CHECK_STR(b.net.nodes.v[1].op, "Flatten");
	CHECK_STR(b.net.nodes.v[2].op, "Softmax");
	build(&b, "Softmax@11 axis=1 f32[2,3,1]");
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

	build(&b, "Add i64{1,2} i64{3,4}");
	CHECK_INT(process(&b), 0);
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

	build(&b, "Add f32[2] f32[2]");
	y = b.net.nodes.v[0].out.v[0];
	b.net.values.v[y].typed = b.net.values.v[y].shaped = true;
	b.net.values.v[y].type = DTYPE_F32;
	CHECK_INT(op_infer(&b.net, &b.net.nodes.v[0], b.d), -1);
	CHECK_HAS(test_said(), "declared with shape [] but has [2]");
}

int
main(void)
{
	RUN(test_map_values);
	RUN(test_map_rows_are_tested);
	RUN(test_map_shapes);
	RUN(test_matrix);
	RUN(test_windows);
	RUN(test_reductions);
	RUN(test_shapes);
	RUN(test_moves);
	RUN(test_lower_maps);
	RUN(test_lower_views);
	RUN(test_lower_empty);
	RUN(test_lower_forms);
	RUN(test_softmax_before_13);
	RUN(test_fold_of_an_output);
	RUN(test_declared_shapes);
	return test_done();
}
