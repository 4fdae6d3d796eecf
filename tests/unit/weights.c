/* lib/ir: elements of constants, safetensors and .npy files; lib/op: nets. */
#include "shape.h"

#include <math.h>

#include "base/file.h"
#include "base/str.h"
#include "ir/npy.h"
#include "ir/weights.h"
#include "op/net.h"

static const char *
in_dir(const char *name)
{
	return arena_printf(&test_arena, "%s/%s", test_dir(), name);
}

/* The generator is documented in tamp-graph(5): the first output of
 * SplitMix64 from 0 is 0xe220a8397b1dcdaf, the second 0x6e789e6aa1b965f4. */
static void
test_random(void)
{
	double low = 1, high = -1, sum = 0;

	CHECK_FLOAT(random_element(0, 0), (2.0 * 0xe220a8 + 1 - 0x1p24) / 0x1p24);
	CHECK_FLOAT(random_element(0, 1), (2.0 * 0x6e789e + 1 - 0x1p24) / 0x1p24);
	for (int i = 0; i < 100000; i++) {
		double x = random_element(42, i);

		low = fmin(low, x), high = fmax(high, x), sum += x;
		CHECK((double)(float)x == x);
	}
	CHECK(low > -1 && low < -0.999 && high < 1 && high > 0.999);
	CHECK(fabs(sum) / 100000 < 0.01);
}

static void
test_stated_elements(void)
{
	struct random r = {.seed = 3, .scale = 0.5};
	struct tensor fill = {.name = "f", .type = DTYPE_I8, .shape = shape(1, 3)};
	struct tensor rand = {.name = "r", .type = DTYPE_F32, .shape = shape(1, 2),
	                      .random = &r};
	struct tensor one = {.name = "v", .type = DTYPE_BOOL, .shape = shape(0)};
	const int8_t *p;
	const float *q;

	vec_push(&test_arena, &fill.fill, -128.0);
	p = tensor_elements(&test_arena, &fill, NULL, test_diag());
	CHECK(p && p[0] == -128 && p[2] == -128);
	fill.fill.v[0] = 128;
	CHECK(!tensor_elements(&test_arena, &fill, NULL, test_diag()));
	CHECK_HAS(test_said(), "128 is no value of type i8");
	fill.fill.v[0] = NAN;
	CHECK(!tensor_elements(&test_arena, &fill, NULL, test_diag()));
	test_said();
	q = tensor_elements(&test_arena, &rand, NULL, test_diag());
	CHECK(q && q[1] == (float)(0.5 * random_element(3, 1)));
	vec_push(&test_arena, &one.ivalue, (int64_t)2);
	CHECK(!tensor_elements(&test_arena, &one, NULL, test_diag()));
	CHECK_HAS(test_said(), "2 is no value of type bool");
	one.ivalue.v[0] = 1;
	CHECK(tensor_elements(&test_arena, &one, NULL, test_diag()));
	one.data = "v";
	CHECK(!tensor_elements(&test_arena, &one, NULL, test_diag()));
	CHECK_HAS(test_said(), "lies in a weights file");
}

/* --- safetensors --------------------------------------------------------------- */

static void
test_weights_round_trip(void)
{
	static const uint8_t bytes[3] = {1, 2, 3};
	static const double wide[2] = {0.5, -1};
	static const float f[4] = {1, 2, 3, 4};
	const struct weights_entry e[] = {
		{"a\xff\"\n", DTYPE_U8, shape(1, 3), bytes, 3},
		{"\xee\xbe\x80", DTYPE_F32, shape(2, 2, 2), f, 16},
		{"d", DTYPE_F64, shape(1, 2), wide, 16},
		{"none", DTYPE_I64, shape(2, 0, 4), NULL, 0},
	};
	const char *path = in_dir("w.safetensors");
	struct weights *w;

	CHECK_INT(weights_write(path, e, 4, test_diag()), 0);
	w = weights_open(&test_arena, path, test_diag());
	CHECK(w);
	for (int i = 0; i < 4; i++) {
		struct tensor t = {.name = "t", .type = e[i].type,
		                   .shape = e[i].shape, .data = e[i].key};
		const void *p = weights_find(w, &t, test_diag());

		CHECK(p && (!e[i].bytes || !memcmp(p, e[i].data, e[i].bytes)));
		CHECK((uintptr_t)p % dtype_bytes(e[i].type) == 0);
		t.shape = shape(1, 7);
		CHECK(!weights_find(w, &t, test_diag()));
		CHECK_HAS(test_said(), "'t' is");
		t.data = "other";
		CHECK(!weights_find(w, &t, test_diag()));
		CHECK_HAS(test_said(), "'other' is not in the weights file");
	}
	weights_close(w);
}

#define GOOD "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"

/* Headers, each before 16 bytes of data, and what is said of them. */
static const struct {
	const char *header, *said;
} headers[] = {
	{"{" GOOD "}  ", NULL},
	{"{}", NULL},
	{"{\"__metadata__\":{\"format\":\"pt\"}," GOOD "}", NULL},
	{"{\"b\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[8,16]}}", NULL},
	{"", "expected '{'"},
	{"[]", "expected '{'"},
	{"{" GOOD "} x", "after the header's end"},
	{"{" GOOD "," GOOD "}", "stands twice"},
	{"{" GOOD ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
	 "'a' and 'b' overlap"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
	 "does not take 4 bytes"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}",
	 "do not lie in the file's 16 bytes"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
	 "do not lie in"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
	 "\"data_offsets\":[0,0]}}", "does not take 0 bytes"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],"
	 "\"data_offsets\":[0,0]}}", "too large"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}}",
	 "expected a number"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "needs dtype"},
	{"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "unexpected key"},
	{"{\"a\":{\"color\":\"red\"}}", "unexpected key"},
	{"{\"a", "a string without end"},
	{"{\"a\\", "a string without end"},
	{"{\"\\q\":{}}", "unknown escape"},
	{"{\"\\u12g4\":{}}", "four hexadecimal digits"},
	{"{\"\\u0000\":{}}", "a NUL"},
	{"{\"\\ud800\":{}}", "half a surrogate pair"},
	{"{\"\\udc80\":{}}", "half a surrogate pair"},
	{"{\"a\":[[[[[[[[[[", "expected '{'"},
};

static int
write_raw(const char *path, uint64_t len, const char *header)
{
	struct file_out o;

	if (file_create(&o, path, test_diag()) < 0)
		return -1;
	for (int i = 0; i < 8; i++)
		fputc((int)(len >> 8 * i & 255), o.f);
	fputs(header, o.f);
	fwrite("0123456789abcdef", 1, 16, o.f);
	return file_commit(&o);
}

static void
test_bad_headers(void)
{
	const char *path = in_dir("bad.safetensors");

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct weights *w;

		CHECK_INT(write_raw(path, strlen(headers[i].header),
		                    headers[i].header), 0);
		w = weights_open(&test_arena, path, test_diag());
		if (headers[i].said) {
			CHECK(!w);
			CHECK_HAS(test_said(), headers[i].said);
		} else {
			CHECK_STR(test_said(), "");
			CHECK(w);
		}
		weights_close(w);
	}
	CHECK_INT(write_raw(path, UINT64_MAX, "{}"), 0);
	CHECK(!weights_open(&test_arena, path, test_diag()));
	CHECK_HAS(test_said(), "not a safetensors file");
	CHECK(!weights_open(&test_arena, test_dir(), test_diag()));
	test_said();
}

/* --- .npy ------------------------------------------------------------------------ */

static void
test_npy_round_trip(void)
{
	static const float f[6] = {1, -2, 3.5f, NAN, INFINITY, 0};
	struct array v = {DTYPE_F32, shape(2, 2, 3), f, 24}, got;
	const char *path = in_dir("a.npy");
	struct source src;

	for (size_t rank = 0; rank < 3; rank++) {
		v.shape = rank == 0 ? shape(0) : rank == 1 ? shape(1, 6) : shape(2, 2, 3);
		v.bytes = rank ? 24 : 4;
		CHECK_INT(npy_write(path, &v, test_diag()), 0);
		CHECK_INT(file_read(&test_arena, path, &src, test_diag()), 0);
		CHECK(src.len == 128 + v.bytes && npy_probe(&src));
		CHECK_INT(npy_parse(&test_arena, &src, &got, test_diag()), 0);
		CHECK(got.type == v.type && shape_eq(&got.shape, &v.shape));
		CHECK(memcmp(got.data, f, v.bytes) == 0);
	}
}

static const struct {
	const char *header, *said;
} npys[] = {
	{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", NULL},
	{"{'shape':(2,1),'fortran_order':False,'descr':'<f4'}", NULL},
	{"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "'>f4' is not"},
	{"{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }", "'<f2' is not"},
	{"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "'|O' is not"},
	{"{'descr': [('a', '<f4')], 'shape': (2,), }", "records"},
	{"{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", "Fortran order"},
	{"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "takes 12"},
	{"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "tuple of integers"},
	{"{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 1048576), }", "too many"},
	{"{'descr': '<f4', 'fortran_order': False, 'shape': (2", "tuple of integers"},
	{"{'descr': '<f4', 'fortran_order': False, }", "a key is missing"},
	{"{'descr': '<f4", "a string without end"},
	{"", "not a dict"},
};

static void
test_bad_npy(void)
{
	for (size_t i = 0; i < sizeof npys / sizeof *npys; i++) {
		size_t n = strlen(npys[i].header);
		char *text = arena_alloc(&test_arena, n + 18);
		struct source src = {"t.npy", text, n + 18};
		struct array got;
		int r;

		memcpy(text, "\x93NUMPY\1\0", 8);
		text[8] = (char)n;
		memcpy(text + 10, npys[i].header, n);
		r = npy_parse(&test_arena, &src, &got, test_diag());
		CHECK_INT(r, npys[i].said ? -1 : 0);
		CHECK_HAS(test_said(), npys[i].said ? npys[i].said : "");
	}
}

/* --- nets ------------------------------------------------------------------------ */

static struct onode *
node(struct net *n, const char *op, const char *in, const char *out)
{
	struct onode *o = net_node(n, op);

	vec_push(n->a, &o->in, net_value(n, in));
	vec_push(n->a, &o->out, net_value(n, out));
	return o;
}

static void
test_sort(void)
{
	struct net n;

	net_init(&n, &test_arena);
	node(&n, "Relu", "b", "c");
	node(&n, "Neg", "a", "b");
	node(&n, "Exp", "x", "y");
	node(&n, "Abs", "x", "z")->dead = true;
	CHECK_INT(net_sort(&n, test_diag()), 0);
	CHECK_INT((int64_t)n.nodes.n, 3);
	CHECK_STR(n.nodes.v[0].op, "Neg");
	CHECK_STR(n.nodes.v[1].op, "Relu");
	CHECK_STR(n.nodes.v[2].op, "Exp");
	CHECK_INT(n.values.v[net_value(&n, "c")].maker, 1);
	CHECK_INT(n.values.v[net_value(&n, "z")].maker, -1);
	node(&n, "Sin", "c", "a");
	CHECK_INT(net_sort(&n, test_diag()), -1);
	CHECK_HAS(test_said(), "the graph has a cycle");
}

/* A chain as long as a stack is deep. */
static void
test_long_chain(void)
{
	struct net n;

	net_init(&n, &test_arena);
	for (int i = 200000; i-- > 0; )
		node(&n, "Relu", arena_printf(&test_arena, "v%d", i),
		     arena_printf(&test_arena, "v%d", i + 1));
	CHECK_INT(net_sort(&n, test_diag()), 0);
	CHECK_STR(n.values.v[n.nodes.v[0].in.v[0]].name, "v0");
}

static void
test_constants_to_graph(void)
{
	static const float eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	float nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
	const uint64_t top = UINT64_MAX;
	const int64_t d8 = 8, d9 = 9;
	struct weights_entry *e;
	struct onode *o;
	struct graph g = {0};
	struct net n;
	size_t ne;

	net_init(&n, &test_arena);
	o = net_node(&n, "Concat");
	vec_push(n.a, &o->in, net_const(&n, "c", DTYPE_F32, &d8, 1, eight));
	vec_push(n.a, &o->in, net_const(&n, "c", DTYPE_F32, &d9, 1, nine));
	nine[8] = -1;
	vec_push(n.a, &o->in, net_const(&n, "__metadata__", DTYPE_F32, &d9, 1, nine));
	vec_push(n.a, &o->in, net_const(&n, "top", DTYPE_U64, NULL, 0, &top));
	vec_push(n.a, &o->in, -1);
	CHECK_INT(net_to_graph(&n, &g, &e, &ne), 0);
	CHECK_INT((int64_t)g.tensors.n, 4);
	CHECK(g.tensors.v[0].value.n == 8 && g.tensors.v[0].value.v[7] == 8);
	CHECK_STR(g.tensors.v[1].name, "c_1");
	CHECK(g.tensors.v[1].fill.n == 1 && g.tensors.v[1].fill.v[0] == 1);
	CHECK_STR(g.tensors.v[2].data, "__metadata___");
	CHECK_STR(g.tensors.v[3].data, "top");
	CHECK_INT((int64_t)ne, 2);
	CHECK_STR(g.nodes.v[0].in.v[4], "");
}

int
main(void)
{
	RUN(test_random);
	RUN(test_stated_elements);
	RUN(test_weights_round_trip);
	RUN(test_bad_headers);
	RUN(test_npy_round_trip);
	RUN(test_bad_npy);
	RUN(test_sort);
	RUN(test_long_chain);
	RUN(test_constants_to_graph);
	return test_done();
}
