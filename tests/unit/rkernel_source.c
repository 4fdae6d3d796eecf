/* lib/rkernel: a kernel's source: parameters, templates, constants of the file,
 * shared arrays. */
#include "kernels.h"

static const char *
value(const struct kinstance *i, const char *name)
{
	return pair_value(i->values.v, i->values.n, name);
}

/* An ordinary kernel: what its parameters are is said in the head, or by their
 * names. */
static void
test_params(void)
{
	struct kernel *k = read_as("/*---\n" HEAD
		"tune: {TN: [4, 8]}\n"
		"params: {a: A, out: Y, ld: N + 1, eps: 1.0e-5, flag: true}\n"
		"template: {T: float, TILE: 2 * TN, Op: sum}\n"
		"grid: [N / TN]\nthreads: [TN, HALF]\nshared: 4 * HALF\n---*/\n"
		"#define FULL 32u\nconst int HALF = FULL / 3 + (1 << 2);\n"
		"enum { ONE = 1, TWO };\nstruct sum {};\n"
		"template <class T, int TILE, typename Op, int K2 = TWO * 4>\n"
		"__global__ void f(const T *__restrict__ a, const float B[],\n"
		"T *out, int ld, float eps, bool flag, int M)\n"
		"{ extern __shared__ float d[]; __shared__ T s[TILE][K2], x;\n"
		"out[0] = a[ld] + B[0]; }\n", TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	struct kinstance *i;
	const char *s;

	if (!k)
		CHECK_STR(test_said(), "");
	CHECK_INT(candidates(k, c, &s), 2);
	/* s: 8 * 8 + 1 floats to 272, then d: 4 * 14 */
	CHECK_INT(c->kernels.v[0].threads, 4 * 14);
	CHECK_INT(c->kernels.v[0].shared, 272 + 56);
	CHECK_INT(c->kernels.v[1].shared, 528 + 56);
	i = instance(k, c, 1);
	CHECK(i);
	CHECK_STR(value(i, "ld"), "17");
	CHECK_STR(value(i, "eps"), "1.0e-5");
	CHECK_STR(value(i, "flag"), "true");
	CHECK_STR(value(i, "M"), "1");
	CHECK_STR(value(i, "T"), "float");
	CHECK_STR(value(i, "TILE"), "16");
	CHECK_STR(value(i, "Op"), "sum");
	CHECK_STR(value(i, "K2"), "8");
	CHECK_INT(i->block[0], 8);
	CHECK_INT(i->block[1], 14);
	CHECK_INT(i->shared.v[0].at, 528);	/* d, behind s */
	CHECK_INT(i->shared.v[1].at, 0);
}

/* A constant of the file gives no parameter its value. */
static void
test_params_of_the_head(void)
{
	read_as("/*---\n" HEAD "grid: [1]\nthreads: 32\n---*/\n"
		"const int n = 4;\n"
		"__global__ void f(const float *A, const float *B, float *Y, int n)\n"
		"{ Y[n] = A[0] + B[0]; }\n", TARGET_CUDA);
	CHECK_HAS(test_said(), "t.yaml:10:65: error: parameter 'n' is no "
	          "pointer, and has no value");
	read_as("/*---\n" HEAD "grid: [1]\nthreads: 32\ntemplate: {N: 3}\n---*/\n"
		"template <int N> __global__ void f(const float *A, const float *B,"
		" float *Y) { Y[N] = A[0] + B[0]; }\n", TARGET_CUDA);
	CHECK_HAS(test_said(), "'N' is a name of the head already");
	read_as("/*---\n" HEAD "grid: [1]\nthreads: 32\n"
		"template: {T: \"float) {\"}\n---*/\n"
		"template <class T> __global__ void f(const T *A, const T *B,"
		" T *Y) { Y[0] = A[0] + B[0]; }\n", TARGET_CUDA);
	CHECK_HAS(test_said(), "'float) {' is no type");
}

/* Which of two is meant, only the compiler knows. */
static void
test_constants_twice(void)
{
	static const char *const rows[] = {
		"#if 1\nconst int W = 1;\n#else\nconst int W = 2;\n#endif\n",
		"#if 1\n#define W 1\n#else\n#define W 2\n#endif\n",
		"#if 1\nenum { W };\n#else\nenum { V, W };\n#endif\n",
		"#if 1\nenum { W = 1 };\n#else\nenum { V, W };\n#endif\n",
		"#if 1\nenum { V, W };\n#else\nconst int W = 3;\n#endif\n",
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CHECK(!read_as(arena_printf(&test_arena, "/*---\n" HEAD
			"grid: [1]\nthreads: 32 * W\n---*/\n%s"
			"__global__ void f(const float *A, const float *B,"
			" float *Y) { Y[0] = A[0] + B[0]; }\n", rows[i]),
			TARGET_CUDA));
		CHECK_HAS(test_said(), "unknown name 'W'");
	}
}

/* What the kernel does not come to counts for nothing. */
static void
test_reached(void)
{
	struct kernel *k = read_as("/*---\n" HEAD "grid: [1]\nthreads: 32\n---*/\n"
		"#define CALL(x) g(x)\n#define UNUSED other()\n"
		"float h(float x) { __shared__ float a[4]; return x + a[0]; }\n"
		"float g(float x) { return h(x); }\n"
		"float other(void) { __shared__ float b[100]; return b[0]; }\n"
		"__global__ void f(const float *A, const float *B, float *Y)\n"
		"{ Y[0] = CALL(A[0]) + B[0]; }\n"
		"int main(void) { f<<<1, 1>>>(0, 0, 0); return other(); }\n",
		TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	const char *s;

	CHECK(k && kernel_reaches(k, "h") && !kernel_reaches(k, "other") &&
	      !kernel_reaches(k, "UNUSED") && !kernel_reaches(k, "main"));
	CHECK_INT(candidates(k, c, &s), 1);
	CHECK_INT(c->kernels.v[0].shared, 16);
}

/* An extern array lies behind the others, on what it asks for. */
static void
test_shared_align(void)
{
	struct kernel *k = read_as("/*---\n" HEAD "grid: [1]\nthreads: 32\n"
		"shared: 400\n---*/\n"
		"__global__ void f(const float *A, const float *B, float *Y)\n"
		"{ volatile __shared__ float s[5]; alignas(32) __shared__ int n;\n"
		"extern __shared__ __align__(128) float d[];\n"
		"Y[0] = s[0] + d[0] + n + A[0] + B[0]; }\n", TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	const char *s;

	CHECK_INT(candidates(k, c, &s), 1);
	/* s: 20 bytes to 32, n: 4 to 64, d: from 128 */
	CHECK_INT(c->kernels.v[0].shared, 128 + 400);
}

/* Types whose size the reader must know. */
static void
test_shared_types(void)
{
	static const struct { const char *what; int64_t bytes; } rows[] = {
		{"__shared__ struct pair s[3];", 80},	/* 3 * 24 */
		{"__shared__ named s[2];", 16},
		{"__shared__ T s;", 16},
		{"__shared__ unsigned long long s[3];", 32},
		{"__shared__ const char *s[3];", 32},
		{"__shared__ half s[9], t[9];", 48},
		{"__shared__ half s[9]; __shared__ half t[9];", 64},
		{"__shared__ unknown s[3];", -1},
		{"__shared__ loop s[3];", -1},
		{"__shared__ float s[MANY];", 64},
		{"const int n = MANY / 2; __shared__ float s[n][n];", 256},
		{"if (A) { static const int m = 3; __shared__ char s[m]; }", 16},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct class *c = matmul(1, 8, 16, DTYPE_F32);
		struct kernel *k = read_as(arena_printf(&test_arena, "/*---\n"
			HEAD "template: {T: A_t}\ngrid: [1]\nthreads: 32\n---*/\n"
			"#define MANY 0x10\n"
			"struct pair { char a; double b; int get() { return 1; }\n"
			"short c[3], d; };\n"
			"typedef struct { float x; char y; } named;\n"
			"typedef loop loop;\n"
			"template <class T> __global__ void f(const float *A,\n"
			"const float *B, float *Y) { %s Y[0] = A[0] + B[0]; }\n",
			rows[i].what), TARGET_CUDA);
		const char *s;

		CHECK_INT(candidates(k, c, &s), rows[i].bytes >= 0);
		if (rows[i].bytes >= 0)
			CHECK_INT(c->kernels.v[0].shared, rows[i].bytes);
		else
			CHECK_HAS(s, "of unknown type");
	}
}

int
main(void)
{
	RUN(test_params);
	RUN(test_params_of_the_head);
	RUN(test_constants_twice);
	RUN(test_reached);
	RUN(test_shared_align);
	RUN(test_shared_types);
	return test_done();
}
