/* lib/rkernel: plans: names resolved, checked against each other, ordered. */
#include "test.h"

#include "base/str.h"
#include "rkernel/plan.h"

/* a = relu(x w); y = a + a, y's rTask i reads what two of a's made. */
#define GRAPH \
	"---\nformat: graph/1\nmade: {by: t}\nopset: 22\ninputs: [x]\noutputs: [y]\n" \
	"tensors:\n- {name: x, type: f32, shape: [1, 8]}\n" \
	"- {name: w, type: f32, shape: [8, 8], fill: [1.0]}\n" \
	"- {name: a, type: f32, shape: [1, 8]}\n" \
	"- {name: y, type: f32, shape: [1, 8]}\n" \
	"- {name: v, type: f32, shape: [4]}\n" \
	"nodes:\n- {op: MatMul, in: [x, w], out: [a]}\n" \
	"- {op: Add, in: [a, a], out: [y]}\n...\n"
#define DEVICE \
	"---\nformat: device/1\nname: host\ntarget: host\nunits: 2\nveus: 2\n" \
	"memory_gbps: 1.0\nunit_gbps: 1.0\nl2_gbps: 1.0\nunit_gflops: 1.0\n" \
	"launch_us: 1.0\nbarrier_us: 1.0\ncounter_us: 1.0\ntask_us: 1.0\n...\n"
#define MATMUL(reads, writes) \
	"- class: MatMul.1\n  form: MatMul\n  args:\n" \
	"  - {arg: A, type: f32, shape: [1, 1, 8]}\n" \
	"  - {arg: B, type: f32, shape: [1, 8, 8]}\n" \
	"  - {arg: \"Y\", type: f32, shape: [1, 1, 8], out: true}\n" \
	"  kernels:\n" \
	"  - {use: g/2, grid: [4], reads: {B: \"" reads "\"}, writes: {\"Y\": \"" \
	writes "\"}}\n  - {use: g/8, grid: [1]}\n"
#define MAP \
	"- class: Map.1\n  form: Map\n  args:\n" \
	"  - {arg: \"Y\", type: f32, shape: [2, 4], out: true, map: [\"E0 + E1\"]}\n" \
	"  - {arg: E0, type: f32, shape: [2, 4], \"on\": \"Y\"}\n" \
	"  - {arg: E1, type: f32, shape: [1, 4], \"on\": \"Y\"}\n" \
	"  kernels:\n" \
	"  - {use: m/4, grid: [2], writes: {\"Y\": \"[4*x..4*(x+1)]\"}}\n"
#define CLASSES "classes:\n" \
	MATMUL("[0, 0..8, 2*x..2*(x+1)]", "[0, 0, 2*x..2*(x+1)]") MAP
#define TASKS "format: tasks/1\nmade: {by: t}\n"
#define VIEW "views:\n- {name: v, of: a, offset: 4}\n"
#define ROPS "rops:\n- {run: a, class: MatMul.1, args: [x, w, a]}\n" \
	"- {run: y, class: Map.1, args: [y, a, v]}\n...\n"

static struct plan plan;
static struct stack stack;

/* 0 if the plan of these documents is good. */
static int
init(const char *tasks)
{
	stack_init(&stack, &test_arena, formats);
	if (stack_read_source(&stack, test_source(arena_printf(&test_arena,
	    "%s" DEVICE GRAPH, tasks)), test_diag()) < 0)
		return -2;
	return plan_init(&plan, &test_arena, &stack, test_diag());
}

static const char *
fault(const char *tasks)
{
	int r = init(tasks);
	const char *s = test_said();

	return r == -1 ? s : arena_printf(&test_arena, "returned %d: %s", r, s);
}

static void
test_resolves(void)
{
	const struct ptensor *v;

	CHECK_INT(init(TASKS VIEW CLASSES ROPS), 0);
	CHECK_INT((int64_t)plan.rops.n, 2);
	CHECK_INT((int64_t)plan.rops.v[1].preds.n, 1);
	CHECK_INT(plan.rops.v[1].preds.v[0], 0);
	CHECK_INT(plan.rops.v[0].succs.v[0], 1);
	v = &plan.tensors.v[map_get(&plan.tensor_by_name, "v")];
	CHECK_INT(v->root, map_get(&plan.tensor_by_name, "a"));
	CHECK_INT(v->offset, 16);
	CHECK_INT(v->kind, PT_TEMP);
	CHECK_INT(plan.tensors.v[map_get(&plan.tensor_by_name, "w")].kind,
	          PT_CONST);
	CHECK_INT(plan.tensors.v[map_get(&plan.tensor_by_name, "y")].kind,
	          PT_OUTPUT);
	CHECK_INT(plan.rops.v[1].args.v[1].host, 0);
}

/* The boxes of an argument as "lo-hi lo-hi". */
static const char *
boxes(int rop, size_t arg, int64_t task)
{
	struct boxes b = {0};
	const char *s = "";

	plan_boxes(&plan, rop, arg, task, &test_arena, &b);
	for (size_t i = 0; i < b.n; i++)
		for (int k = 0; k < b.v[i].nd; k++)
			s = arena_printf(&test_arena, "%s%lld-%lld ", s,
			                 (long long)b.v[i].lo[k],
			                 (long long)b.v[i].hi[k]);
	return s;
}

static void
test_boxes(void)
{
	CHECK_INT(init(TASKS VIEW CLASSES ROPS), 0);
	plan_use(&plan, 0, &plan.rops.v[0].cls->kernels.v[0]);
	plan_use(&plan, 1, &plan.rops.v[1].cls->kernels.v[0]);
	CHECK_INT(plan.rops.v[0].ntasks, 4);
	CHECK_STR(boxes(0, 1, 2), "0-1 0-8 4-6 ");
	CHECK_STR(boxes(0, 2, 3), "0-1 0-1 6-8 ");
	CHECK_STR(boxes(0, 0, 3), "0-1 0-1 0-8 ");	/* read whole */
	CHECK_STR(boxes(1, 0, 1), "1-2 0-4 ");
	CHECK_STR(boxes(1, 1, 1), "1-2 0-4 ");		/* follows Y */
	CHECK_STR(boxes(1, 2, 1), "0-1 0-4 ");		/* broadcast */
	plan_use(&plan, 0, &plan.rops.v[0].cls->kernels.v[1]);
	CHECK_STR(boxes(0, 2, 0), "0-1 0-1 0-8 ");
}

static void
test_bad_regions(void)
{
	CHECK_HAS(fault(TASKS VIEW "classes:\n" MATMUL("[0, 0..8]",
	          "[0, 0, 0..8]") MAP ROPS), "another rank than argument B");
	CHECK_HAS(fault(TASKS VIEW "classes:\n" MATMUL("[K]", "[0]") MAP ROPS),
	          "unknown name 'K'");
	CHECK_HAS(fault(TASKS VIEW "classes:\n" MATMUL("[0..x", "[0]") MAP ROPS),
	          "t.yaml:13:44: error: expected");
	CHECK_HAS(fault(TASKS VIEW "classes:\n" MATMUL("[8/(3-x)]", "[0]") MAP
	          ROPS), "has no value for the first or the last rTask");
}

/* A region that fails for an rTask in the middle is found when chosen. */
static void
test_region_of_every_task(void)
{
	struct schedule s = {.at = NULL};

	CHECK_INT(init(TASKS VIEW "classes:\n" MATMUL("[x*x/(2-x)]", "[0]") MAP
	               ROPS), 0);
	vec_push(&test_arena, &s.kernels, ((struct choice){NULL, "a", "g/2"}));
	vec_push(&test_arena, &s.kernels, ((struct choice){NULL, "y", "m/4"}));
	CHECK_INT(plan_choose(&plan, &s, test_diag()), -1);
	CHECK_HAS(test_said(), "has no value for rTask 2");
	s.kernels.v[0].use = "g/8";
	CHECK_INT(plan_choose(&plan, &s, test_diag()), 0);
}

static void
test_choose(void)
{
	struct schedule s = {.at = NULL};

	CHECK_INT(init(TASKS VIEW CLASSES ROPS), 0);
	CHECK_INT(plan_choose(&plan, &s, test_diag()), -1);
	CHECK_HAS(test_said(), "no rKernel is chosen for rOperator 'a'");
	vec_push(&test_arena, &s.kernels, ((struct choice){NULL, "a", "g/2"}));
	vec_push(&test_arena, &s.kernels, ((struct choice){NULL, "a", "g/8"}));
	CHECK_INT(plan_choose(&plan, &s, test_diag()), -1);
	CHECK_HAS(test_said(), "a second rKernel for rOperator 'a'");
	s.kernels.v[1] = (struct choice){NULL, "y", "m/44"};
	CHECK_INT(plan_choose(&plan, &s, test_diag()), -1);
	CHECK_HAS(test_said(), "has no rKernel 'm/44' (did you mean 'm/4'?)");
	s.kernels.v[1].run = "z";
	CHECK_INT(plan_choose(&plan, &s, test_diag()), -1);
	CHECK_HAS(test_said(), "unknown rOperator 'z'");
}

static void
test_bad_plans(void)
{
	CHECK_HAS(fault(TASKS CLASSES ROPS), "reads 'v', which nothing makes");
	CHECK_HAS(fault(TASKS "views:\n- {name: v, of: a, offset: 5}\n" CLASSES
	          ROPS), "does not lie within 'a'");
	CHECK_HAS(fault(TASKS "views:\n- {name: y, of: a}\n" CLASSES ROPS),
	          "'y' has storage of its own");
	CHECK_HAS(fault(TASKS "views:\n- {name: v, of: v}\n" CLASSES ROPS),
	          "itself");
	CHECK_HAS(fault(TASKS VIEW CLASSES
	          "rops:\n- {run: y, class: Map.1, args: [y, a, v]}\n"
	          "- {run: a, class: MatMul.1, args: [x, w, a]}\n...\n"),
	          "'y' stands before 'a', which it must follow");
	CHECK_HAS(fault(TASKS VIEW CLASSES
	          "rops:\n- {run: a, class: MatMul.1, args: [x, w, x]}\n...\n"),
	          "writes 'x', which is an input");
	CHECK_HAS(fault(TASKS VIEW CLASSES
	          "rops:\n- {run: a, class: MatMul.1, args: [x, w, a]}\n...\n"),
	          "output 'y' is made by no rOperator");
	CHECK_HAS(fault(TASKS VIEW CLASSES
	          "rops:\n- {run: a, class: MatMul.1, args: [x, x, a]}\n...\n"),
	          "'x' of shape [1, 8] cannot be argument B");
	CHECK_HAS(fault(TASKS VIEW CLASSES
	          "rops:\n- {run: a, class: Conv.9, args: [x, w, a]}\n...\n"),
	          "unknown class 'Conv.9'");
	CHECK_HAS(fault(TASKS VIEW CLASSES "rops:\n"
	          "- {run: a, class: MatMul.1, args: [x, w, a], init: true}\n"
	          "- {run: y, class: Map.1, args: [y, a, v]}\n...\n"),
	          "runs once but 'x' is no constant");
	CHECK_HAS(fault(TASKS VIEW
	          "layouts:\n- {name: a, layout: NC16c}\n" CLASSES ROPS),
	          "layout 'NC16c' does not fit shape [1, 8]");
}

/* Thousands of parts written and read one by one take no quadratic time. */
static void
test_many_parts(void)
{
	enum { N = 20000 };
	struct str s;
	struct source *src;

	str_init(&s);
	str_add(&s, "format: tasks/1\nmade: {by: t}\nviews:\n");
	for (int i = 0; i < N; i++)
		str_addf(&s, "- {name: p%d, of: y, offset: %d}\n", i, i);
	str_add(&s, "classes:\n- class: C\n  form: Map\n  args:\n"
	        "  - {arg: \"Y\", type: f32, shape: [1], out: true, map: [E0]}\n"
	        "  - {arg: E0, type: f32, shape: [1], \"on\": \"Y\"}\n"
	        "  kernels: [{use: m, grid: [1]}]\nrops:\n");
	for (int i = 0; i < N; i++)
		str_addf(&s, "- {run: p%d, class: C, args: [p%d, %s%d]}\n", i, i,
		         i ? "p" : "x", i ? i - 1 : 0);
	str_add(&s, "...\n" DEVICE "---\nformat: graph/1\nmade: {by: t}\nopset: 22\n"
	        "inputs: [x0]\noutputs: [y]\ntensors:\n");
	str_addf(&s, "- {name: x0, type: f32, shape: [1]}\n"
	         "- {name: y, type: f32, shape: [%d]}\n", N);
	for (int i = 0; i < N; i++)
		str_addf(&s, "- {name: p%d, type: f32, shape: [1]}\n", i);
	str_add(&s, "nodes: []\n...\n");
	src = test_source(arena_strdup(&test_arena, s.s));
	str_release(&s);
	stack_init(&stack, &test_arena, formats);
	CHECK_INT(stack_read_source(&stack, src, test_diag()), 0);
	CHECK_INT(plan_init(&plan, &test_arena, &stack, test_diag()), 0);
	CHECK_INT((int64_t)plan.rops.v[N - 1].preds.n, 1);
	CHECK_INT(plan.rops.v[N - 1].preds.v[0], N - 2);
}

/* Products of vectors by W, V, U and P (packed from W by P), and n of none. */
#define BELOW "classes:\n" \
	"- class: M\n  form: MatMul\n  args:\n" \
	"  - {arg: A, type: f32, shape: [1, 1, 8]}\n" \
	"  - {arg: B, type: f32, shape: [1, 8, 8]}\n" \
	"  - {arg: \"Y\", type: f32, shape: [1, 1, 8], out: true}\n" \
	"  kernels: [{use: m, grid: [1]}, {use: m4, grid: [4]}]\n" \
	"- class: K\n  form: Copy\n  args:\n" \
	"  - {arg: X, type: f32, shape: [8, 8]}\n" \
	"  - {arg: \"Y\", type: f32, shape: [8, 8], out: true}\n" \
	"  kernels: [{use: k, grid: [1]}]\n" \
	"- class: V\n  form: Copy\n  args:\n" \
	"  - {arg: X, type: f32, shape: [8]}\n" \
	"  - {arg: \"Y\", type: f32, shape: [8], out: true}\n" \
	"  kernels: [{use: v, grid: [1]}]\nrops:\n"

/* The plan of these rOperators. */
static void
products(const char *rops)
{
	static const char *const constants[] = {"W", "V", "U"};
	struct str s;

	str_init(&s);
	str_addf(&s, "---\n" TASKS BELOW "%s...\n" DEVICE
	         "---\nformat: graph/1\nmade: {by: t}\nopset: 22\ninputs: [x]\n"
	         "outputs: []\ntensors:\n- {name: x, type: f32, shape: [1, 8]}\n"
	         "- {name: P, type: f32, shape: [8, 8]}\n", rops);
	for (int i = 0; i < 6; i++)
		str_addf(&s, "- {name: a%d, type: f32, shape: [1, 8]}\n"
		         "- {name: b%d, type: f32, shape: [1, 8]}\n", i, i);
	for (const char *v = "un"; *v; v++)
		str_addf(&s, "- {name: %c, type: f32, shape: [1, 8]}\n", *v);
	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
		str_addf(&s, "- {name: %s, type: f32, shape: [8, 8], fill: [1.0]}\n",
		         constants[i]);
	str_add(&s, "nodes: []\n...\n");
	stack_init(&stack, &test_arena, formats);
	CHECK_INT(stack_read_source(&stack, test_source(arena_strdup(&test_arena,
	          s.s)), test_diag()), 0);
	str_release(&s);
	CHECK_INT(plan_init(&plan, &test_arena, &stack, test_diag()), 0);
	CHECK_STR(test_said(), "");
}

static const char *
runs_of(const int *order)
{
	const char *out = "";

	for (size_t i = 0; i < plan.rops.n; i++)
		out = arena_printf(&test_arena, "%s%s ", out,
		                   plan.rops.v[order[i]].rop->run);
	return out;
}

/* These rOperators have that order of reuse. */
static void
reuse(const char *rops, const char *want)
{
	products(rops);
	CHECK_STR(runs_of(plan_reuse_order(&plan, &test_arena)), want);
}

#define PRODUCT(y, a, b) "- {run: " y ", class: M, args: [" a ", " b ", " y "]}\n"

static void
test_reuse(void)
{
	/* What reads the same constant comes together; U is read once. */
	reuse(PRODUCT("a0", "x", "W") PRODUCT("b0", "x", "V")
	      PRODUCT("a1", "a0", "W") PRODUCT("b1", "b0", "V")
	      PRODUCT("u", "b1", "U"), "a0 a1 b0 b1 u ");
	/* Of two that were read, the one that was read last. */
	reuse(PRODUCT("a0", "x", "W") PRODUCT("b0", "a0", "V")
	      PRODUCT("a1", "b0", "W") PRODUCT("b1", "b0", "V"), "a0 b0 b1 a1 ");
	/* What is about no constant comes before one that is new. */
	reuse(PRODUCT("a0", "x", "W") PRODUCT("b0", "x", "V")
	      "- {run: n, class: V, args: [a0, n]}\n"
	      PRODUCT("a1", "a0", "W") PRODUCT("b1", "n", "V"), "a0 a1 n b0 b1 ");
	/* Packed constants too; what packs them is about none. */
	reuse("- {run: P, class: K, args: [W, P], init: true}\n"
	      PRODUCT("a0", "x", "P") PRODUCT("b0", "x", "V")
	      PRODUCT("a1", "a0", "P") PRODUCT("b1", "b0", "V"), "P a0 a1 b0 b1 ");
	/* No order but the model's where nothing is read again. */
	reuse(PRODUCT("a0", "x", "W") PRODUCT("b0", "x", "V")
	      PRODUCT("u", "a0", "U"), "a0 b0 u ");
}

/* rOperators of four rTasks each, in the model's order on so many vEUs, go in these
 * runs; a core's cache holds so many bytes. */
static void
rounds(const char *rops, int64_t veus, int64_t l2, const char *want)
{
	struct device v;
	struct rounds r;
	const char *out = "";
	int order[8];

	products(rops);
	v = *plan.device;
	v.l2 = l2;
	plan.device = &v;
	for (int i = 0; i < (int)plan.rops.n; i++) {
		order[i] = i;
		if (!plan.rops.v[i].rop->init && plan.rops.v[i].cls->kernels.n > 1)
			plan_use(&plan, i, &plan.rops.v[i].cls->kernels.v[1]);
	}
	rounds_init(&r, &plan, &test_arena);
	rounds_add(&r, order, plan.rops.n, veus);
	for (size_t i = 0; i < r.runs.n; i++)
		out = arena_printf(&test_arena, "%s%s:%lld-%lld ", out,
			plan.rops.v[r.runs.v[i].rop].rop->run,
			(long long)r.runs.v[i].from,
			(long long)r.runs.v[i].to - 1);
	CHECK_STR(out, want);
	for (size_t i = 0; i < r.runs.n; i++)
		CHECK_INT(r.parted[r.runs.v[i].rop],
		          r.runs.v[i].to - r.runs.v[i].from <
		          plan.rops.v[r.runs.v[i].rop].ntasks);
}

/* W is 256 bytes. */
static void
test_rounds(void)
{
	const char *two = PRODUCT("a0", "x", "W") PRODUCT("a1", "x", "W");

	rounds(two, 2, 84, "a0:0-1 a1:0-1 a0:2-3 a1:2-3 ");
	rounds(two, 3, 84, "a0:0-2 a1:0-2 a0:3-3 a1:3-3 ");
	rounds(two, 1, 84, "a0:0-0 a1:0-0 a0:1-1 a1:1-1 a0:2-2 a1:2-2 a0:3-3 "
	       "a1:3-3 ");
	/* As many vEUs as rTasks; what a vEU reads stays near anyway; no cache; one
	 * that does not hold what an rTask reads. */
	rounds(two, 4, 84, "a0:0-3 a1:0-3 ");
	rounds(two, 2, 320, "a0:0-3 a1:0-3 ");
	rounds(two, 2, 0, "a0:0-3 a1:0-3 ");
	rounds(two, 2, 76, "a0:0-3 a1:0-3 ");
	/* One follows from another; two that do not come after. */
	rounds(PRODUCT("a0", "x", "W") PRODUCT("a1", "a0", "W")
	       PRODUCT("a2", "x", "W"), 2, 84,
	       "a0:0-3 a1:0-1 a2:0-1 a1:2-3 a2:2-3 ");
	/* Other constants, and what is made when the program is opened. */
	rounds("- {run: P, class: K, args: [W, P], init: true}\n"
	       PRODUCT("a0", "x", "P") PRODUCT("b0", "x", "V")
	       PRODUCT("b1", "x", "V") PRODUCT("a1", "x", "P"), 2, 84,
	       "a0:0-3 b0:0-1 b1:0-1 b0:2-3 b1:2-3 a1:0-3 ");
}

/* Batches as "NUMBER[f] ..." of rOperators, f: flat; and the order. */
static void
batches(const char *rops, int64_t width, const char *want, const char *order)
{
	struct batches b;
	const char *out = "";

	products(rops);
	for (size_t i = 0; i < plan.rops.n; i++)
		plan_use(&plan, (int)i, &plan.rops.v[i].cls->kernels.v[0]);
	plan_batches(&b, &plan, width, &test_arena);
	for (size_t i = 0; i < plan.rops.n; i++) {
		int k = b.of[i];

		out = arena_printf(&test_arena, "%s%s%d%s", out, i ? " " : "", k,
		                   b.flat[k] ? "f" : b.several[k] ? "s" : "");
	}
	CHECK_STR(out, want);
	CHECK_STR(runs_of(b.order), order);
}

#define SIX(r, from) PRODUCT(r "0", from(0), "W") PRODUCT(r "1", from(1), "W") \
	PRODUCT(r "2", from(2), "W") PRODUCT(r "3", from(3), "W") \
	PRODUCT(r "4", from(4), "W") PRODUCT(r "5", from(5), "W")
#define ALL_X(i) "x"
#define CHAIN PRODUCT("b0", "a0", "V") PRODUCT("b1", "b0", "V") \
	PRODUCT("b2", "b1", "V") PRODUCT("b3", "b2", "V") \
	PRODUCT("b4", "b3", "V") PRODUCT("b5", "b4", "V")

static void
test_batches(void)
{
	/* Four batches for each vEU: of six, two each. */
	batches(SIX("a", ALL_X), 1, "0f 0f 1f 1f 2f 2f",
	        "a0 a1 a2 a3 a4 a5 ");
	batches(SIX("a", ALL_X), 2, "0 1 2 3 4 5", "a0 a1 a2 a3 a4 a5 ");
	/* A chain goes in batches that are not flat, each a level behind. */
	batches(SIX("a", ALL_X) CHAIN, 1, "0f 0f 1f 1f 2f 2f 3s 3s 4s 4s 5s 5s",
	        "a0 a1 a2 a3 a4 a5 b0 b1 b2 b3 b4 b5 ");
	/* What is small joins the batch that it waits for. */
	batches(SIX("a", ALL_X) "- {run: n, class: V, args: [a5, n]}\n", 1,
	        "0f 0f 1f 1f 2s 2s 2s", "a0 a1 a2 a3 a4 a5 n ");
	/* Batches that would wait for each other are none. */
	batches(PRODUCT("a0", "x", "W") PRODUCT("b0", "a0", "V")
	        PRODUCT("a1", "b0", "W") PRODUCT("b1", "a1", "V")
	        PRODUCT("a2", "b1", "W") PRODUCT("b2", "a2", "V")
	        PRODUCT("a3", "b2", "W") PRODUCT("b3", "a3", "V")
	        PRODUCT("a4", "b3", "W") PRODUCT("b4", "a4", "V"), 1,
	        "0 1 6 7 2 3 8 9 4f 5f",
	        "a0 b0 a1 b1 a2 b2 a3 b3 a4 b4 ");
}

int
main(void)
{
	RUN(test_resolves);
	RUN(test_boxes);
	RUN(test_bad_regions);
	RUN(test_region_of_every_task);
	RUN(test_choose);
	RUN(test_bad_plans);
	RUN(test_many_parts);
	RUN(test_reuse);
	RUN(test_rounds);
	RUN(test_batches);
	return test_done();
}
