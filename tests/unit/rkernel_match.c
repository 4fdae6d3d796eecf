/* lib/rkernel: which classes a kernel fits; candidates, instances. */
#include "kernels.h"

/* Why kernel does not fit class; "" if it does. */
static const char *
why(const struct kernel *k, const struct class *c)
{
	struct binding b;
	const char *s = "?";

	return kernel_match(k, c, gpu(), &test_arena, &b, &s) ? "" : s;
}

static void
test_match(void)
{
	struct kernel *k = host(HEAD REST, BODY);
	struct class *c = matmul(2, 8, 16, DTYPE_F64);
	struct binding b;
	const char *s;

	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK_INT(*env_get(&b.env, "M"), 2);
	CHECK_INT(*env_get(&b.env, "K"), 8);
	CHECK_INT(*env_get(&b.env, "N"), 16);
	CHECK_INT(*env_get(&b.env, "Y_elems"), 32);
	CHECK_INT(*env_get(&b.env, "trans_b"), 1);
	CHECK_INT(*env_get(&b.env, "VLEN"), 8);
	CHECK_STR(b.types.v[0].key, "T");
	CHECK_STR(b.types.v[0].value, "f64");
}

static void
test_refusals(void)
{
	struct kernel *k = host(HEAD REST, BODY);
	struct class *c = matmul(2, 8, 16, DTYPE_F32);

	CHECK(k);
	CHECK_STR(why(k, c), "");
	c->args.v[2].type = DTYPE_I32;
	CHECK_HAS(why(k, c), "Y is i32, but type T is f32 already");
	c->args.v[0].type = DTYPE_F64;
	CHECK_HAS(why(k, c), "A is f64, not f32");
	c = matmul(2, 8, 16, DTYPE_F32);
	c->args.v[1].shape.v[1] = 9;
	CHECK_HAS(why(k, c), "K = 9 by the shape of B, but is 8 already");
	c->args.v[0].shape.v[0] = 5;
	CHECK_HAS(why(k, c), "A has a dimension of 5, not 1");
	c->args.v[0].shape.n = 2;
	CHECK_HAS(why(k, c), "of another rank");
	c = matmul(2, 8, 16, DTYPE_F32);
	c->args.v[0].layout = "ABC8c";
	CHECK_HAS(why(k, c), "A is stored as ABC8c, not row-major");
	c = matmul(2, 8, 16, DTYPE_F32);
	vec_push(&test_arena, &c->args.v[0].map, "v + 1.0f");
	CHECK_STR(why(k, c), "");
	vec_push(&test_arena, &c->args.v[1].map, "v + 1.0f");
	CHECK_HAS(why(k, c), "B has a fused map, but is not accessed through "
	          "LOAD alone");
	c = matmul(2, 8, 16, DTYPE_F32);
	c->form = "Conv";
	CHECK_HAS(why(k, c), "form MatMul, not Conv");
}

/* A mapped output is computed in the type before the map. */
static void
test_type_before_map(void)
{
	struct kernel *k = host(HEAD REST, BODY);
	struct class *c = matmul(2, 8, 16, DTYPE_F32);

	CHECK(k);
	vec_push(&test_arena, &c->args.v[2].map, "v > 0.0f");
	c->args.v[2].type = DTYPE_BOOL;
	c->args.v[2].from = DTYPE_F32;
	CHECK_STR(why(k, c), "");
	c->args.v[2].from = DTYPE_I64;
	CHECK_HAS(why(k, c), "Y is i64");
}

static void
test_attrs(void)
{
	struct kernel *k = host(HEAD REST "attrs: {trans_a: 0, trans_b: \"1 | 2\"}\n",
	                        BODY);
	struct class *c = matmul(2, 8, 16, DTYPE_F32);

	CHECK(k);
	CHECK_STR(why(k, c), "");
	attrs_set_int(&test_arena, &c->attrs, "trans_b", 2);
	CHECK_STR(why(k, c), "");
	attrs_set_int(&test_arena, &c->attrs, "trans_b", 12);
	CHECK_HAS(why(k, c), "attribute trans_b is 12, not 1 | 2");
	attrs_remove(&c->attrs, "trans_a");
	CHECK_HAS(why(k, c), "attribute trans_a is absent, not 0");
}

/* Inline assembly is NVIDIA's. */
static void
test_assembly(void)
{
	const char *text = "/*---\n" HEAD "grid: [1]\nthreads: 32\n---*/\n"
		"__global__ void f(const float *A, const float *B, float *Y)\n"
		"{ __asm__ volatile (\"\"); Y[0] = A[0] + B[0]; }\n";
	struct kernel *cuda = read_as(text, TARGET_CUDA);
	struct kernel *hip = read_as(text, TARGET_HIP);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);

	CHECK(cuda && hip);
	CHECK_STR(why(cuda, c), "");
	CHECK_STR(why(hip, c), "inline assembly, which is NVIDIA's");
}

static void
test_rest_of_shape(void)
{
	struct kernel *k = host("kernel: f\nform: Copy\ntypes: {X: T, Y: T}\n"
		"shapes: {X: [E], Y: [\"*D\", L]}\ngrid: [D_rank + D_0]\n",
		"void f(X_t *X, Y_t *Y) { STORE(Y, 0, LOAD(X, 0)); }");
	struct class c = {.class = "c", .form = "Copy"};
	struct binding b;
	const char *s;

	CHECK(k);
	add_arg(&c, "X", DTYPE_I64, false, 1, 24);
	add_arg(&c, "Y", DTYPE_I64, true, 3, 2, 3, 4);
	CHECK(kernel_match(k, &c, gpu(), &test_arena, &b, &s));
	CHECK_INT(*env_get(&b.env, "D_rank"), 2);
	CHECK_INT(*env_get(&b.env, "D_1"), 3);
	CHECK_INT(*env_get(&b.env, "L"), 4);
	CHECK_INT(candidates(k, &c, &s), 1);
	CHECK_INT(c.kernels.v[0].grid.v[0], 4);
}

/* --- candidates ------------------------------------------------------------------- */

#define CUDA_BODY "__global__ void f(const float *A, const float *B, float *Y)\n" \
	"{ __shared__ float s[TN][K + 1]; __shared__ int n;\n" \
	"extern __shared__ float d[]; STORE(Y, 0, s[0][0] + d[0] + n + A[0] + B[0]); }\n"

static void
test_candidates(void)
{
	struct kernel *k = read_as("/*---\n" HEAD
		"tune: {TN: [4, 8, 16, 64], U: [1, 2]}\nwhen: N % TN == 0\n"
		"grid: [N / TN]\nthreads: \"TN * 8, U\"\nshared: 4 * 100\n"
		"reads: {B: [0, 0..K, TN*x..TN*(x+1)]}\n---*/\n" CUDA_BODY,
		TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	const char *s;

	/* 16 * 8 * 2 = 256 fits; TN = 64 does not divide */
	CHECK_INT(candidates(k, c, &s), 6);
	CHECK_STR(c->kernels.v[0].use, "f/4/1");
	CHECK_STR(c->kernels.v[5].use, "f/16/2");
	CHECK_INT(c->kernels.v[5].threads, 256);
	CHECK_INT(c->kernels.v[0].grid.v[0], 4);
	/* s: 4 * 9 floats = 144 bytes, n: 4 (16), d: 400 */
	CHECK_INT(c->kernels.v[0].shared, 144 + 16 + 400);
	CHECK_STR(c->kernels.v[0].reads.v[0].value, "[0, 0..8, 4*x..4*(x+1)]");
	CHECK_STR(s, "not so: N % TN == 0");
}

static void
test_limits(void)
{
	struct kernel *k = read_as("/*---\n" HEAD "tune: {TN: [16]}\n"
		"grid: [N / TN]\nthreads: 512\n---*/\n" CUDA_BODY, TARGET_CUDA);
	struct kernel *m = read_as("/*---\n" HEAD "tune: {TN: [16]}\n"
		"grid: [N / TN]\nthreads: 64\nshared: 49152\n---*/\n" CUDA_BODY,
		TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	const char *s;

	CHECK_INT(candidates(k, c, &s), 0);
	CHECK_HAS(s, "512 threads");
	CHECK_INT(candidates(m, c, &s), 0);
	CHECK_HAS(s, "bytes of shared memory");
}

static void
test_division_in_grid(void)
{
	struct kernel *k = host(HEAD "grid: [N / 7]\n", BODY);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	const char *s;

	CHECK_INT(candidates(k, c, &s), 0);
	CHECK_STR(s, "16 / 7 leaves a remainder");
}

/* --- instances ---------------------------------------------------------------------- */

static const char *
defined(const struct kinstance *i, const char *name)
{
	return pair_value(i->defines.v, i->defines.n, name);
}

static void
test_instance(void)
{
	struct kernel *k = host(HEAD "tune: {TN: [4, 8]}\ngrid: [N / TN]\n", BODY);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	struct kinstance *i;
	const char *s;

	CHECK_INT(candidates(k, c, &s), 2);
	i = instance(k, c, 1);
	CHECK(i);
	CHECK_STR(defined(i, "TN"), "8");
	CHECK_STR(defined(i, "N"), "16");
	CHECK_STR(defined(i, "Y_t"), "float");
	CHECK_STR(defined(i, "A_elems"), "8");
	CHECK_INT(i->block[0], 1);

	c->kernels.v[1].grid.v[0] = 3;	/* the plan says something else */
	CHECK(!instance(k, c, 1));
	CHECK_HAS(test_said(), "differ in grid");
	c->kernels.v[1].use = "f/8/9";
	CHECK(!instance(k, c, 1));
	CHECK_HAS(test_said(), "more than the 1 tunables");
	c->kernels.v[1].use = "f/";
	CHECK(!instance(k, c, 1));
	CHECK_HAS(test_said(), "gives no value for tunable TN");
	c->kernels.v[1].use = "g/8";
	CHECK(!instance(k, c, 1));
	CHECK_HAS(test_said(), "no kernel file for 'g'");
}

static void
test_defines_as_c(void)
{
	struct kernel *k = host("kernel: f\nform: Pad\ntypes: {X: f32, Y: f32}\n"
		"shapes: {X: [\"*I\"], Y: [\"*D\"]}\ngrid: [1]\n",
		"void f(X_t *X, Y_t *Y) { STORE(Y, 0, LOAD(X, 0)); }");
	struct class c = {.class = "c", .form = "Pad"};
	struct kinstance *i;
	const char *s;

	add_arg(&c, "X", DTYPE_F32, false, 0);
	add_arg(&c, "Y", DTYPE_F32, true, 2, 3, 4);
	attrs_set_float(&test_arena, &c.attrs, "value", -0.5);
	attrs_set_float(&test_arena, &c.attrs, "third", 1.0 / 3);
	attrs_set_float(&test_arena, &c.attrs, "two", 2);
	attrs_set_ints(&test_arena, &c.attrs, "begin", (int64_t[]){-1, 5}, 2);
	attrs_set_int(&test_arena, &c.attrs, "big", (int64_t)1 << 40);
	CHECK_INT(candidates(k, &c, &s), 1);
	i = instance(k, &c, 0);
	CHECK(i);
	CHECK_STR(defined(i, "value"), "(-0.5f)");
	CHECK_STR(defined(i, "two"), "2.0f");
	CHECK_STR(defined(i, "third"), "0.33333333333333331");
	CHECK_STR(defined(i, "begin_list"), "{-1, 5}");
	CHECK_STR(defined(i, "begin_0"), "(-1)");
	CHECK_STR(defined(i, "big"), "1099511627776LL");
	CHECK_STR(defined(i, "I_list"), "{0}");
	CHECK_STR(defined(i, "I_rank"), "0");
}

int
main(void)
{
	RUN(test_match);
	RUN(test_refusals);
	RUN(test_type_before_map);
	RUN(test_attrs);
	RUN(test_assembly);
	RUN(test_rest_of_shape);
	RUN(test_candidates);
	RUN(test_limits);
	RUN(test_division_in_grid);
	RUN(test_instance);
	RUN(test_defines_as_c);
	return test_done();
}
