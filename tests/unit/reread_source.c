/* lib/emit/reread_source, reread_text: functions of rTasks as they may be
 * written.  Two instances, of 64 and of 32 threads, are run by one launch of
 * 64; each case is their functions, and what is said of them. */
#include "test.h"

#include "emit/reread.h"

#define PARAMS "(uint32_t tamp_task, void *const *tamp_args)\n"
#define ARGS "(tamp_task, tamp_args);\n"
#define INST(n, what) "static __device__ __noinline__ void\ninst_" #n PARAMS \
	"{\n" what "}\n"
#define PLAIN(n, what) "static __device__ __forceinline__ void\nbody_" #n PARAMS \
	"{\n" what "}\n"
#define BODY(n, what) "template <typename T, int N = 4 * 2>\n" PLAIN(n, what)
#define ZERO INST(0, "__syncthreads();\n")
#define ONE INST(1, "if (threadIdx.x >= 32u)\nreturn;\n")
#define IDLE(call) INST(1, "if (threadIdx.x < 32u)\n" call ARGS "tamp_idle();\n")

static const char launch[] =
	"static __device__ void\ncall_0(uint32_t instance, uint32_t tamp_task, "
	"void *const *tamp_args)\n{ switch (instance) {\n"
	"case 0: TAMP_CALL(0); break;\ncase 1: TAMP_CALL(1); break;\n} }\n"
	"extern \"C\" __global__ void __launch_bounds__(64, 1)\n"
	"launch_0(struct tamp_launch_args a)\n{ tamp_veu_main(a, call_0); }\n"
	"const struct tamp_code tamp_codes[] = { {launch_0, \"launch_0\", 64}, };\n"
	"const uint32_t tamp_ninstances = 2;\n"
	"const uint64_t tamp_instances_hash = 7;\n";

static const struct sourced {
	const char *text;
	const char *says;		/* NULL: nothing */
} cases[] = {
	{ZERO ONE, NULL},

	/* a template's body */
	{BODY(0, "__syncthreads();\n") INST(0, "body_0<float, (4 > 3)>" ARGS) ONE,
	 NULL},
	{ZERO BODY(1, "if (threadIdx.x >= 32u)\nreturn;\n")
	 INST(1, "body_1<pair<pair<int>>>" ARGS), NULL},
	{ZERO BODY(1, "tamp_sync_idle();\n") IDLE("body_1<float, 16>"), NULL},
	{ZERO PLAIN(1, "tamp_sync_idle();\n") IDLE("body_1"), NULL},
	{BODY(0, "") BODY(1, "") INST(0, "body_1<float>" ARGS) ONE,
	 "does not call its own body_0"},
	{INST(0, "body_0<float>" ARGS) ONE,
	 "has 'body_0', which is not its own"},
	{INST(0, "body_1<float>" ARGS) BODY(1, "tamp_sync_idle();\n")
	 IDLE("body_1<float, 16>"), "has 'body_1', which is not its own"},
	{BODY(0, "") INST(0, "") ONE, "does not call its own body_0"},
	{BODY(0, "") INST(0, "body_0" ARGS) ONE, "does not call its own body_0"},
	{BODY(0, "") INST(0, "body_0<float>(tamp_task, 0);\n") ONE,
	 "does not call its own body_0"},
	{BODY(0, "") INST(0, "body_0<float>(1); f<int>" ARGS) ONE,
	 "does not call its own body_0"},
	{BODY(0, "") INST(0, "body_0<f; int>" ARGS) ONE,
	 "does not call its own body_0"},
	{BODY(0, "") INST(0, "if (tamp_task)\nbody_0<float>" ARGS) ONE,
	 "does not call its own body_0"},
	{BODY(0, "") INST(0, "body_0<float>" ARGS "body_0<float>" ARGS) ONE,
	 "does not let its 64 threads"},
	/* "less than" and "greater than", which call nothing */
	{PLAIN(0, "") INST(0, "body_0<float>" ARGS) ONE,
	 "does not call its own body_0"},
	{ZERO PLAIN(1, "") IDLE("body_1<float>"),
	 "does not call its own body_1"},
	{ZERO BODY(1, "") INST(1, "body_1<float>" ARGS),
	 "is run by more than its 32 threads"},
	{ZERO BODY(1, "if (threadIdx.x >= 32u)\nreturn;\n__syncthreads();\n")
	 INST(1, "body_1<float>" ARGS), "has a barrier that not all threads"},
	{BODY(0, "if (T())\nreturn;\n__syncthreads();\n")
	 INST(0, "body_0<float>" ARGS) ONE, "leaves before a barrier"},
	{BODY(0, "tamp_sync_idle();\n") INST(0, "body_0<float>" ARGS) ONE,
	 "come to tamp_idle()"},
	{ZERO BODY(1, "tamp_sync_idle();\n")
	 INST(1, "body_1<float>" ARGS "tamp_idle();\n"), "come to tamp_idle()"},

	/* functions of one name */
	{"inline float g_i0(float x) { return x; }\n"
	 "inline float4 g_i0(float4 v) { return v; }\n"
	 "inline float g_i0(float x, float y = 1.0f) { return y; }\n" ZERO ONE,
	 NULL},
	{"template <class T> T g_i1(T v) { return v; }\n"
	 "template <> float g_i1<float>(float v) { return v; }\n"
	 "template <int N> float g_i1(float v) { return v; }\n" ZERO ONE, NULL},
	{"inline float g_i0(const float *x) { return *x; }\n"
	 "inline float g_i0(const float *y) { return *y; }\n" ZERO ONE,
	 "'g_i0' is defined twice"},
	{"inline float g_i0(float x, int n) { return x; }\n"
	 "inline float g_i0(float, int m = f(1, 2)) { return 1; }\n" ZERO ONE,
	 "'g_i0' is defined twice"},
	{"template <class T> T g_i0(T v) { return v; }\n"
	 "template <class T> T g_i0(T w) { return w; }\n" ZERO ONE,
	 "'g_i0' is defined twice"},
	{"inline float g(float x) { return x; }\n"
	 "inline float4 g(float4 v) { return v; }\n" ZERO ONE,
	 "'g' is defined twice"},
	{"inline float g_i2(float x) { return x; }\n"
	 "inline float4 g_i2(float4 v) { return v; }\n" ZERO ONE,
	 "'g_i2' is defined twice"},
	{ZERO ONE "static void inst_1(int tamp_task) { }\n",
	 "'inst_1' is defined twice"},
	{BODY(0, "") "static void body_0(int tamp_task) { }\n"
	 INST(0, "body_0<float>" ARGS) ONE, "'body_0' is defined twice"},

	/* barriers of what is called */
	{ZERO "template <class T> T g_i1(T v) { tamp_sync_idle(); return v; }\n"
	 BODY(1, "if (threadIdx.x >= 32u)\nreturn;\ng_i1<float>(1);\n")
	 INST(1, "body_1<float>" ARGS), "come to tamp_idle()"},
	{ZERO "template <class T> T g_i1(T v) { __syncthreads(); return v; }\n"
	 INST(1, "if (threadIdx.x >= 32u)\nreturn;\ng_i1<float>(1);\n"),
	 "has a barrier that not all threads"},
	{ZERO "inline int g_i1(int x) { return x; }\n"
	 "inline float g_i1(float v) { __syncthreads(); return v; }\n"
	 BODY(1, "g_i1(1.0f);\n") IDLE("body_1<float>"),
	 "does not count threads that are done"},
	{"inline float g_i0(float v) { __syncthreads(); return v; }\n"
	 "inline int g_i0(int x) { return x; }\n"
	 INST(0, "if (tamp_task)\nreturn;\ng_i0(1.0f);\n") ONE,
	 "leaves before a barrier"},
	{"inline auto g_i0(float v) -> float { tamp_sync_idle(); return v; }\n"
	 INST(0, "g_i0(1.0f);\n") ONE, "and no tamp_idle()"},
	{"struct s_i0 { void f() { __syncthreads(); } };\n" ZERO ONE,
	 "'__syncthreads' stands outside of the functions"},
	{"struct s_i0 { void f() { tamp_meet(); } };\n" ZERO ONE,
	 "'tamp_meet' stands outside of the functions"},
	/* what macros come to */
	{"#define SYNC() __syncthreads()\n" INST(0, "SYNC();\n") ONE, NULL},
	{"#define SYNC() __syncthreads()\n"
	 ZERO INST(1, "if (threadIdx.x >= 32u)\nreturn;\nSYNC();\n"),
	 "has a barrier that not all threads"},
	{"#define ALL(x) do { x; __syncthreads(); } while (0)\n"
	 "# define SYNC ALL(0)\n"
	 "inline void g_i1() { SYNC; }\n"
	 ZERO INST(1, "if (threadIdx.x >= 32u)\nreturn;\ng_i1();\n"),
	 "has a barrier that not all threads"},
	{"#define LEAVE(x) if (x) return\n"
	 INST(0, "LEAVE(tamp_task);\n__syncthreads();\n") ONE,
	 "leaves before a barrier"},
	{"#define SYNC() __syncthreads()\n" INST(0, "SYNC();\n")
	 "#undef SYNC\n#define SYNC() ((void)0)\n"
	 INST(1, "if (threadIdx.x >= 32u)\nreturn;\nSYNC();\n"), NULL},
	{"#define SYNC() __syncthreads()\n" INST(0, "SYNC();\n")
	 "#undef SYNC\ninline void SYNC() { }\n"
	 INST(1, "if (threadIdx.x >= 32u)\nreturn;\nSYNC();\n"), NULL},
	/* macros under names of the protocol */
	{"#define tamp_met() ((void)0)\n" ZERO ONE, NULL},
	{"#define tamp_meet() ((void)0)\n" ZERO ONE,
	 "'tamp_meet' is the runtime's own"},
	{"#ifdef NOT_HERE\n#error it's not\n#endif\n" ZERO ONE, NULL},
	{"# /* a */ undef/* b */__syncthreads\n" ZERO ONE,
	 "'__syncthreads' is the runtime's own"},
	{"#define \\\n\ttamp_meet() ((void)0)\n" ZERO ONE,
	 "'tamp_meet' is the runtime's own"},
	{"template <> float g_i0<float>(float v) { tamp_meet(); return v; }\n"
	 ZERO ONE, "'g_i0' uses 'tamp_meet'"},
};

/* Whether the source is one of these instances. */
static bool
accepted(const char *functions, struct diag *d)
{
	struct device device = {.units = 1};
	struct plan plan = {.device = &device};
	struct reread r = {.a = &test_arena, .d = d, .plan = &plan};
	struct tamp_launch one = {.code = 0, .threads = 64, .width = 1};
	struct class class = {.class = "m"};
	struct candidate cand[2] = {{.use = "a", .threads = 64},
	                            {.use = "b", .threads = 32}};
	bool codes[1] = {true};
	struct tables t = {.r = &r, .launches = &one};

	t.h.launches.count = 1;
	t.h.ninstances = 2;
	t.h.instances_hash = 7;
	for (int i = 0; i < 2; i++) {
		struct used u = {&class, &cand[i], codes};

		vec_push(&test_arena, &t.instances, u);
	}
	return reread_source(&t, TARGET_CUDA, test_source(arena_printf(
	                     &test_arena, "%s%s", functions, launch))) == 0;
}

/* Two launch kernels, with "<true>" or without: one that runs when the model is
 * opened, and one of a run. */
static bool
guarded(const char *open, const char *run, uint64_t conditions)
{
	struct device device = {.units = 1};
	struct plan plan = {.device = &device};
	struct reread r = {.a = &test_arena, .d = test_diag(), .plan = &plan};
	struct tamp_launch l[2] = {{.code = 0, .threads = 64, .width = 1},
	                           {.code = 1, .threads = 64, .width = 1}};
	struct tables t = {.r = &r, .launches = l};
	const char *text = "";

	t.h.launches.count = 2;
	t.h.init_launches = 1;
	t.h.conditions.count = conditions;
	for (int i = 0; i < 2; i++)
		text = arena_printf(&test_arena, "%sstatic __device__ void\ncall_%d"
			"(uint32_t instance, uint32_t tamp_task, void *const "
			"*tamp_args)\n{ switch (instance) {\n} }\nextern \"C\" "
			"__global__ void __launch_bounds__(64, 1)\nlaunch_%d(struct "
			"tamp_launch_args a)\n{ tamp_veu_main%s(a, call_%d); }\n",
			text, i, i, i ? run : open, i);
	text = arena_printf(&test_arena, "%sconst struct tamp_code tamp_codes[] = "
		"{ {launch_0, \"launch_0\", 64}, {launch_1, \"launch_1\", 64}, };\n"
		"const uint32_t tamp_ninstances = 0;\n"
		"const uint64_t tamp_instances_hash = 0;\n", text);
	return reread_source(&t, TARGET_CUDA, test_source(text)) == 0;
}

static void
test_launches_that_look_at_conditions(void)
{
	CHECK(guarded("", "", 0));
	CHECK(guarded("", "<true>", 2));
	CHECK_STR(test_said(), "");
	CHECK(!guarded("", "", 2));
	CHECK_HAS(test_said(), "the kernel of launch shape 1 is not the vEU's "
	          "loop alone");
	CHECK(!guarded("", "<false>", 2));
	CHECK(!guarded("", "<true>", 0));
	test_said();
	CHECK(!guarded("<true>", "<true>", 2));
	CHECK_HAS(test_said(), "launch shape 0");
}

static void
test_functions_of_rtasks(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool ok = accepted(cases[i].text, test_diag());

		if (ok && cases[i].says)
			CHECK_STR(cases[i].text, "refused");
		if (!cases[i].says)
			CHECK_STR(test_said(), "");
		else
			CHECK_HAS(test_said(), cases[i].says);
	}
}

int
main(void)
{
	RUN(test_functions_of_rtasks);
	RUN(test_launches_that_look_at_conditions);
	return test_done();
}
