/* lib/rkernel: kernel files and their heads, good and bad. */
#include "kernels.h"

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

/* A macro of the file may reach for an argument too. */
static void
test_fusable_past_macros(void)
{
	static const struct { const char *lines; bool a; } rows[] = {
		{"#define X A[0]\n", false},
		{"#define X GET(0)\n#define GET(i) A[i]\n", false},
		{"#define X B[0]\n#define UNUSED A[0]\n", true},
		{"#define X TWICE(B[0])\n#define TWICE(A) ((A) + (A))\n", true},
		{"#define X LOAD(A, 1)\n", true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kernel *k = host(HEAD REST, arena_printf(&test_arena,
			"%svoid f(float *A, float *B, float *Y)\n"
			"{ STORE(Y, 0, LOAD(A, 0) + X); }\n", rows[i].lines));

		CHECK(k);
		CHECK_INT(k->params.v[0].fusable, rows[i].a);
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

int
main(void)
{
	RUN(test_good);
	RUN(test_fusable_needs_every_access);
	RUN(test_fusable_past_macros);
	RUN(test_bad_heads);
	RUN(test_bad_files);
	RUN(test_cuda_needs_threads);
	RUN(test_custom_form);
	return test_done();
}
