/* lib/rkernel: heads of kernel files, matching, candidates, instances. */
#include "test.h"

#include "base/str.h"
#include "rkernel/kernel.h"

#define HEAD \
	"kernel: f\nform: MatMul\ntypes: {A: f32, B: T, Y: T}\n" \
	"shapes: {A: [1, M, K], B: [1, K, N], Y: [1, M, N]}\n"
#define REST "grid: [N / 4]\n"
#define BODY "void f(const float *A, const float *B, float *Y)\n" \
	"{ STORE(Y, 0, LOAD(A, 0) + B[0]); }\n"

static struct kernel *
read_as(const char *text, enum target_kind t)
{
	struct kernel *k = arena_new(&test_arena, struct kernel);

	return kernel_read(k, &test_arena, test_source(text), t,
	                   test_diag()) < 0 ? NULL : k;
}

/* What is said of a kernel file with this head and body. */
static const char *
said(const char *head, const char *body)
{
	read_as(arena_printf(&test_arena, "/*---\n%s---*/\n%s", head, body),
	        TARGET_HOST);
	return test_said();
}

static struct kernel *
host(const char *head, const char *body)
{
	return read_as(arena_printf(&test_arena, "/*---\n%s---*/\n%s", head,
	                            body), TARGET_HOST);
}

static void
test_good(void)
{
	struct kernel *k = host(HEAD
		"tune: {TN: [8, 16], U: 2}\nwhen: \"N % TN == 0 && min(K, U) > 1\"\n"
		"grid: [N / TN, cdiv(M, 4)]\nflops: 2 * K * TN\n"
		"reads: {B: [0, 0..K, TN*x..TN*(x+1)]}\n"
		"writes: {Y: \"[0, y, 0..1] + [0, y, 1..2]\"}\n", BODY);

	CHECK(k);
	CHECK_STR(k->form->name, "MatMul");
	CHECK_INT((int64_t)k->args.n, 3);
	CHECK_INT((int64_t)k->grid.n, 2);
	CHECK_INT((int64_t)k->tune.n, 2);
	CHECK(k->params.v[0].fusable);		/* A: through LOAD alone */
	CHECK(!k->params.v[1].fusable);		/* B: read as it is */
	CHECK(k->params.v[2].fusable);
}

static void
test_fusable_needs_every_access(void)
{
	static const struct { const char *body; bool a, y; } rows[] = {
		{"STORE(Y, 0, LOAD(A, 1)); /* A[0] */ \"A\";", true, true},
		{"STORE(Y, 0, LOAD(A, 1) + A[1]);", false, true},
		{"STORE(Y, 0, g(A));", false, true},
		{"STORE(Y, 0, 1); LOAD(Y, 0); LOAD(A, 0);", true, false},
		{"LOAD((A), 0); STORE(Y + 1, 0, 1);", false, false},
		{"\n#define X A[0]\n STORE(Y, 0, X);", false, true},
		{"\n#define XA 0\n STORE(Y, XA, LOAD (A, 0));", true, true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kernel *k = host(HEAD REST, arena_printf(&test_arena,
			"int A;\nvoid f(float *A, float *B, float *Y)\n{ %s }\n",
			rows[i].body));

		CHECK(k);
		CHECK_INT(k->params.v[0].fusable, rows[i].a);
		CHECK_INT(k->params.v[2].fusable, rows[i].y);
	}
}

/* Each fault has its line and column in the kernel file. */
static void
test_bad_heads(void)
{
	CHECK_HAS(said("kernel: f\n", BODY), "t.yaml:2:1: error:");
	CHECK_HAS(said(HEAD, BODY), "'grid'");
	CHECK_HAS(said("form: Foo\nkernel: f\ntypes: {A: f32}\nshapes: {A: []}\n"
	               REST, BODY), "t.yaml:2:7: error: unknown form 'Foo'");
	CHECK_HAS(said("form: MatMull\nkernel: f\ntypes: {A: f32}\n"
	               "shapes: {A: []}\n" REST, BODY), "did you mean 'MatMul'");
	CHECK_HAS(said(HEAD "color: red\n" REST, BODY), "t.yaml:6:1: error: "
	          "unknown key 'color'");
	CHECK_HAS(said(HEAD "grid: [N /]\n", BODY), "t.yaml:6:10: error: expected");
	CHECK_HAS(said(HEAD "grid: [Q]\n", BODY), "unknown name 'Q'");
	CHECK_HAS(said(HEAD "grid: [1, 1, 1, 1]\n", BODY), "more than 3");
	CHECK_HAS(said(HEAD "grid: []\n", BODY), "one to three");
	CHECK_HAS(said(HEAD REST "when: N ==\n", BODY), "t.yaml:7:");
	CHECK_HAS(said(HEAD REST "tune: {N: [1]}\n", BODY),
	          "'N' cannot be the name of a tunable");
	CHECK_HAS(said(HEAD REST "tune: {T: [a]}\n", BODY), "no list of integers");
	CHECK_HAS(said(HEAD REST "reads: {Z: [0]}\n", BODY),
	          "t.yaml:7:12: error: form MatMul has no argument 'Z'");
	CHECK_HAS(said(HEAD REST "reads: {Y: [0, 0, 0]}\n", BODY),
	          "argument Y is written, not read");
	CHECK_HAS(said(HEAD REST "reads: {B: [0, 0]}\n", BODY),
	          "another rank than B as stored, 3");
	CHECK_HAS(said(HEAD REST "reads: {B: [0..W]}\n", BODY),
	          "unknown name 'W'");
	CHECK_HAS(said(HEAD REST "attrs: {group: 1}\n", BODY),
	          "form MatMul has no attribute 'group'");
	CHECK_HAS(said(HEAD REST "layout: {A: NCHW16c}\n", BODY),
	          "no layout of 3 dimensions");
	CHECK_HAS(said("kernel: 2f\nform: MatMul\ntypes: {}\nshapes: {}\n" REST,
	               BODY), "'2f' cannot be the name of a function");
	CHECK_HAS(said("kernel: f\nform: MatMul\ntypes: {A: f99, B: f32, Y: f32}\n"
	               "shapes: {A: [M], B: [M], Y: [M]}\n" REST, BODY),
	          "t.yaml:4:12: error: unknown type 'f99'");
	CHECK_HAS(said("kernel: f\nform: MatMul\ntypes: {A: f32, B: f32}\n"
	               "shapes: {A: [M], B: [M], Y: [M]}\n" REST, BODY),
	          "no type for argument Y");
	CHECK_HAS(said("kernel: f\nform: MatMul\ntypes: {A: f32, B: f32, Y: f32}\n"
	               "shapes: {A: [x], B: [M], Y: [\"*D\", \"*E\"]}\n" REST, BODY),
	          "'x' cannot be the name of a dimension");
	CHECK_HAS(said("kernel: f\nform: MatMul\ntypes: {A: f32, B: f32, Y: f32}\n"
	               "shapes: {A: [M], B: [M], Y: [\"*D\", \"*E\"]}\n" REST, BODY),
	          "a second *NAME");
}

static void
test_bad_files(void)
{
	CHECK(!read_as("void f(void) {}\n", TARGET_HOST));
	CHECK_HAS(test_said(), "t.yaml:1:1: error: expected a head");
	CHECK(!read_as("/*---\nkernel: f\n", TARGET_HOST));
	CHECK_HAS(test_said(), "not ended");
	CHECK(!read_as("/*---*/\n", TARGET_HOST));
	CHECK_HAS(test_said(), "not ended");
	CHECK(!read_as("/*---\nkernel: f */ x\n---*/\n", TARGET_HOST));
	CHECK_HAS(test_said(), "not ended");
	CHECK(!read_as("/*---\n- a\n---*/\n", TARGET_HOST));
	CHECK_HAS(test_said(), "error");
	CHECK(!read_as("/*---\na: &x 1\n---*/\n", TARGET_HOST));
	CHECK_HAS(test_said(), "t.yaml:2:");
	CHECK_HAS(said(HEAD REST, "void g(void) {}\n"), "no function 'f'");
	CHECK_HAS(said(HEAD REST, "void f(float *A, float *B, float *Y);\n"),
	          "no function 'f'");
	CHECK_HAS(said(HEAD REST, "void f(float *A, float *B) {}\n"),
	          "no parameter for argument Y");
	CHECK_HAS(said(HEAD REST, "void f(int n, float *A, float *B, float *Y) {}"),
	          "parameter 'n' is no pointer, and has no value");
	CHECK_HAS(said(HEAD REST, "void f(float *A, float *B, float *Y) { {\n"),
	          "has no end");
	CHECK_HAS(said(HEAD REST, "/* open\n"), "error");
}

static void
test_cuda_needs_threads(void)
{
	CHECK(!read_as("/*---\n" HEAD REST "---*/\n" BODY, TARGET_CUDA));
	CHECK_HAS(test_said(), "no 'threads'");
}

/* --- matching ------------------------------------------------------------------ */

static struct arg *
add_arg(struct class *c, const char *name, enum dtype t, bool out, size_t n,
        ...)
{
	struct arg *g = vec_add(&test_arena, &c->args);
	va_list ap;

	g->arg = name;
	g->type = (int)t;
	g->out = out;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		vec_push(&test_arena, &g->shape, va_arg(ap, int));
	va_end(ap);
	return g;
}

/* MatMul [1, m, k] by [1, k, n]. */
static struct class *
matmul(int m, int k, int n, enum dtype t)
{
	struct class *c = arena_new(&test_arena, struct class);

	c->class = "MatMul.1";
	c->form = "MatMul";
	add_arg(c, "A", DTYPE_F32, false, 3, 1, m, k);
	add_arg(c, "B", t, false, 3, 1, k, n);
	add_arg(c, "Y", t, true, 3, 1, m, n);
	attrs_set_int(&test_arena, &c->attrs, "trans_a", 0);
	attrs_set_int(&test_arena, &c->attrs, "trans_b", 1);
	return c;
}

static const struct device *
gpu(void)
{
	static const struct device v = {.name = "t", .target = TARGET_CUDA,
		.units = 4, .veus = 8, .blocks = 8, .threads = 1024,
		.block_threads = 256, .warp = 32, .registers = 65536,
		.thread_registers = 255, .shared = 65536, .block_shared = 49152,
		.block_reserved = 1024, .simd = 32};

	return &v;
}

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

static void
test_rest_of_shape(void)
{
	struct kernel *k = host("kernel: f\nform: Copy\ntypes: {X: T, Y: T}\n"
		"shapes: {X: [E], Y: [\"*D\", L]}\ngrid: [D_rank + D_0]\n",
		"void f(X_t *X, Y_t *Y) { STORE(Y, 0, LOAD(X, 0)); }");
	struct class c = {.class = "c", .form = "Copy"};
	struct class out = c;
	struct binding b;
	const char *s;

	CHECK(k);
	add_arg(&c, "X", DTYPE_I64, false, 1, 24);
	add_arg(&c, "Y", DTYPE_I64, true, 3, 2, 3, 4);
	CHECK(kernel_match(k, &c, gpu(), &test_arena, &b, &s));
	CHECK_INT(*env_get(&b.env, "D_rank"), 2);
	CHECK_INT(*env_get(&b.env, "D_1"), 3);
	CHECK_INT(*env_get(&b.env, "L"), 4);
	CHECK_INT(kernel_candidates(k, &c, gpu(), &b, &test_arena, &out, &s), 1);
	CHECK_INT(out.kernels.v[0].grid.v[0], 4);
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
	struct class *c = matmul(1, 8, 16, DTYPE_F32), out = *c;
	struct binding b;
	const char *s;

	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	/* 16 * 8 * 2 = 256 fits; TN = 64 does not divide */
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 6);
	CHECK_STR(out.kernels.v[0].use, "f/4/1");
	CHECK_STR(out.kernels.v[5].use, "f/16/2");
	CHECK_INT(out.kernels.v[5].threads, 256);
	CHECK_INT(out.kernels.v[0].grid.v[0], 4);
	/* s: 4 * 9 floats = 144 bytes, n: 4 (16), d: 400 */
	CHECK_INT(out.kernels.v[0].shared, 144 + 16 + 400);
	CHECK_STR(out.kernels.v[0].reads.v[0].value, "[0, 0..8, 4*x..4*(x+1)]");
	CHECK_STR(s, "not so: N % TN == 0");
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
	struct class *c = matmul(1, 8, 16, DTYPE_F32), out = *c;
	struct binding b;
	const char *s;

	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 1);
	/* s: 20 bytes to 32, n: 4 to 64, d: from 128 */
	CHECK_INT(out.kernels.v[0].shared, 128 + 400);
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
test_limits(void)
{
	struct kernel *k = read_as("/*---\n" HEAD "tune: {TN: [16]}\n"
		"grid: [N / TN]\nthreads: 512\n---*/\n" CUDA_BODY, TARGET_CUDA);
	struct kernel *m = read_as("/*---\n" HEAD "tune: {TN: [16]}\n"
		"grid: [N / TN]\nthreads: 64\nshared: 49152\n---*/\n" CUDA_BODY,
		TARGET_CUDA);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	struct class out = *c;
	struct binding b;
	const char *s;

	CHECK(k && m);
	CHECK(kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 0);
	CHECK_HAS(s, "512 threads");
	CHECK_INT(kernel_candidates(m, c, gpu(), &b, &test_arena, &out, &s), 0);
	CHECK_HAS(s, "bytes of shared memory");
}

static void
test_division_in_grid(void)
{
	struct kernel *k = host(HEAD "grid: [N / 7]\n", BODY);
	struct class *c = matmul(1, 8, 16, DTYPE_F32), out = *c;
	struct binding b;
	const char *s;

	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 0);
	CHECK_STR(s, "16 / 7 leaves a remainder");
}

/* --- parameters, templates, constants of the file ----------------------------------- */

static const char *
value(const struct kinstance *i, const char *name)
{
	for (size_t k = 0; k < i->values.n; k++)
		if (str_eq(i->values.v[k].key, name))
			return i->values.v[k].value;
	return "none";
}

static struct kernels *
only(struct kernel *k)
{
	struct kernels *all = arena_new(&test_arena, struct kernels);

	vec_push(&test_arena, &all->v, *k);
	map_init(&all->by_name, &test_arena);
	map_set(&all->by_name, k->head.kernel, 0);
	return all;
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
	struct class *c = matmul(1, 8, 16, DTYPE_F32), out = *c;
	struct kinstance *i;
	struct binding b;
	const char *s;

	if (!k)
		CHECK_STR(test_said(), "");
	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 2);
	/* s: 8 * 8 + 1 floats to 272, then d: 4 * 14 */
	CHECK_INT(out.kernels.v[0].threads, 4 * 14);
	CHECK_INT(out.kernels.v[0].shared, 272 + 56);
	CHECK_INT(out.kernels.v[1].shared, 528 + 56);
	i = kernel_instance(only(k), c, &out.kernels.v[1], gpu(), &test_arena,
	                    test_diag());
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
	struct class *c = matmul(1, 8, 16, DTYPE_F32), out = *c;
	struct binding b;
	const char *s;

	CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
	CHECK(kernel_reaches(k, "h") && !kernel_reaches(k, "other") &&
	      !kernel_reaches(k, "UNUSED") && !kernel_reaches(k, "main"));
	CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out, &s), 1);
	CHECK_INT(out.kernels.v[0].shared, 16);
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
	struct class *c = matmul(1, 8, 16, DTYPE_F32);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
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
		struct class out = *c;
		struct binding b;
		const char *s = NULL;

		CHECK(k && kernel_match(k, c, gpu(), &test_arena, &b, &s));
		CHECK_INT(kernel_candidates(k, c, gpu(), &b, &test_arena, &out,
		                            &s), rows[i].bytes >= 0);
		if (rows[i].bytes >= 0)
			CHECK_INT(out.kernels.v[0].shared, rows[i].bytes);
		else
			CHECK_HAS(s, "of unknown type");
	}
}

/* An operator of another domain: what there is is what the head says. */
static void
test_custom_form(void)
{
	const char *body = "void f(const float *A0, float *Y0) { Y0[0] = A0[0]; }";

	CHECK(host("kernel: f\nform: x::F\ntypes: {A0: f32, Y0: f32}\n"
	           "attrs: {n: any}\nshapes: {A0: [N], Y0: [M]}\n"
	           "when: M == n\ngrid: [1]\n", body));
	CHECK_HAS(said("kernel: f\nform: x::F\ntypes: {X: f32, Y0: f32}\n"
	               "shapes: {X: [N], Y0: [M]}\ngrid: [1]\n", body),
	          "t.yaml:4:12: error: form x::F has arguments A0, A1 ... and "
	          "Y0, Y1 ..., not 'X'");
	CHECK_HAS(said("kernel: f\nform: x::F\ntypes: {A0: f32, Y0: f32}\n"
	               "shapes: {A0: [N], Y0: [M]}\nwhen: M == n\ngrid: [1]\n",
	               body), "unknown name 'n'");
}

/* --- instances ---------------------------------------------------------------------- */

static const char *
defined(const struct kinstance *i, const char *name)
{
	for (size_t k = 0; k < i->defines.n; k++)
		if (str_eq(i->defines.v[k].key, name))
			return i->defines.v[k].value;
	return "";
}

static void
test_instance(void)
{
	struct kernels all = {0};
	struct kernel *k = host(HEAD "tune: {TN: [4, 8]}\ngrid: [N / TN]\n", BODY);
	struct class *c = matmul(1, 8, 16, DTYPE_F32);
	struct kinstance *i;
	struct binding b;
	const char *s;

	CHECK(k);
	vec_push(&test_arena, &all.v, *k);
	map_init(&all.by_name, &test_arena);
	map_set(&all.by_name, "f", 0);
	CHECK(kernel_match(k, c, gpu(), &test_arena, &b, &s));
	kernel_candidates(k, c, gpu(), &b, &test_arena, c, &s);
	i = kernel_instance(&all, c, &c->kernels.v[1], gpu(), &test_arena,
	                    test_diag());
	CHECK(i);
	CHECK_STR(defined(i, "TN"), "8");
	CHECK_STR(defined(i, "N"), "16");
	CHECK_STR(defined(i, "Y_t"), "float");
	CHECK_STR(defined(i, "A_elems"), "8");
	CHECK_INT(i->block[0], 1);

	c->kernels.v[1].grid.v[0] = 3;	/* the plan says something else */
	CHECK(!kernel_instance(&all, c, &c->kernels.v[1], gpu(), &test_arena,
	                       test_diag()));
	CHECK_HAS(test_said(), "differ in grid");
	c->kernels.v[1].use = "f/8/9";
	CHECK(!kernel_instance(&all, c, &c->kernels.v[1], gpu(), &test_arena,
	                       test_diag()));
	CHECK_HAS(test_said(), "more than the 1 tunables");
	c->kernels.v[1].use = "f/";
	CHECK(!kernel_instance(&all, c, &c->kernels.v[1], gpu(), &test_arena,
	                       test_diag()));
	CHECK_HAS(test_said(), "gives no value for tunable TN");
	c->kernels.v[1].use = "g/8";
	CHECK(!kernel_instance(&all, c, &c->kernels.v[1], gpu(), &test_arena,
	                       test_diag()));
	CHECK_HAS(test_said(), "no kernel file for 'g'");
}

static void
test_defines_as_c(void)
{
	struct kernels all = {0};
	struct kernel *k = host("kernel: f\nform: Pad\ntypes: {X: f32, Y: f32}\n"
		"shapes: {X: [\"*I\"], Y: [\"*D\"]}\ngrid: [1]\n",
		"void f(X_t *X, Y_t *Y) { STORE(Y, 0, LOAD(X, 0)); }");
	struct class c = {.class = "c", .form = "Pad"};
	struct kinstance *i;
	struct binding b;
	const char *s;

	CHECK(k);
	vec_push(&test_arena, &all.v, *k);
	map_init(&all.by_name, &test_arena);
	map_set(&all.by_name, "f", 0);
	add_arg(&c, "X", DTYPE_F32, false, 0);
	add_arg(&c, "Y", DTYPE_F32, true, 2, 3, 4);
	attrs_set_float(&test_arena, &c.attrs, "value", -0.5);
	attrs_set_float(&test_arena, &c.attrs, "third", 1.0 / 3);
	attrs_set_float(&test_arena, &c.attrs, "two", 2);
	attrs_set_ints(&test_arena, &c.attrs, "begin", (int64_t[]){-1, 5}, 2);
	attrs_set_int(&test_arena, &c.attrs, "big", (int64_t)1 << 40);
	CHECK(kernel_match(k, &c, gpu(), &test_arena, &b, &s));
	CHECK_INT(kernel_candidates(k, &c, gpu(), &b, &test_arena, &c, &s), 1);
	i = kernel_instance(&all, &c, &c.kernels.v[0], gpu(), &test_arena,
	                    test_diag());
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
	RUN(test_good);
	RUN(test_fusable_needs_every_access);
	RUN(test_bad_heads);
	RUN(test_bad_files);
	RUN(test_cuda_needs_threads);
	RUN(test_match);
	RUN(test_refusals);
	RUN(test_type_before_map);
	RUN(test_attrs);
	RUN(test_rest_of_shape);
	RUN(test_candidates);
	RUN(test_shared_align);
	RUN(test_assembly);
	RUN(test_params);
	RUN(test_params_of_the_head);
	RUN(test_constants_twice);
	RUN(test_reached);
	RUN(test_shared_types);
	RUN(test_custom_form);
	RUN(test_limits);
	RUN(test_division_in_grid);
	RUN(test_instance);
	RUN(test_defines_as_c);
	return test_done();
}
