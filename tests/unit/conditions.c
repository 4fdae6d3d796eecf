/* Conditions in a plan: who is told by what whether to run, and that nobody is
 * told too early, or by bytes that hold something else by then. */
#include "judge.h"
#include "emit/memory.h"
#include "policy/policy.h"
#include "verify/ways.h"

enum { P, A_, Q, B_, C_, M, R, D, E, YY, NROPS };

/* y = p ? (q ? b : c) : e; p, q and r decide, and r decides over d alone. */
static const char branches[] =
	"---\nformat: graph/1\nmade: {by: test}\nopset: 22\ninputs: [x, go]\n"
	"outputs: [\"y\"]\ntensors:\n"
	"- {name: x, type: f32, shape: [8]}\n- {name: go, type: bool, shape: []}\n"
	"- {name: p, type: bool, shape: []}\n- {name: q, type: bool, shape: [1]}\n"
	"- {name: r, type: bool, shape: [1]}\n- {name: a, type: f32, shape: [8]}\n"
	"- {name: b, type: f32, shape: [8]}\n- {name: c, type: f32, shape: [8]}\n"
	"- {name: d, type: f32, shape: [8]}\n- {name: e, type: f32, shape: [8]}\n"
	"- {name: m, type: f32, shape: [8]}\n"
	"- {name: \"y\", type: f32, shape: [8]}\nnodes: []\n...\n"
	"---\nformat: tasks/1\nmade: {by: test}\n"
	"conditions:\n- {name: then, tensor: p, is: true}\n"
	"- {name: in, tensor: q, is: true, within: then}\n"
	"- {name: out, tensor: q, is: false, within: then}\n"
	"- {name: deep, tensor: r, is: false, within: in}\n"
	"- {name: else, tensor: p, is: false}\n"
	"classes:\n- class: one\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0]}\n"
	"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: map/2, " MAP2 ", threads: 64, us: 1.0}\n"
	"- class: flag\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: bool, shape: [1], out: true, map: [E0]}\n"
	"  - {arg: E0, type: bool, shape: [1], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: map/1, grid: [1], threads: 64, us: 1.0}\n"
	"- class: pick\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true,"
	" map: [\"SELECT(E0, E1, E2)\"]}\n"
	"  - {arg: E0, type: bool, shape: [1], \"on\": \"Y\"}\n"
	"  - {arg: E1, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  - {arg: E2, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: map/2, " MAP2 ", threads: 64, us: 1.0}\n"
	"rops:\n- {run: p, class: flag, args: [p, go]}\n"
	"- {run: a, class: one, args: [a, x], if: then}\n"
	"- {run: q, class: flag, args: [q, p], if: then}\n"
	"- {run: b, class: one, args: [b, a], if: in}\n"
	"- {run: c, class: one, args: [c, a], if: out}\n"
	"- {run: m, class: pick, args: [m, q, b, c], if: then}\n"
	"- {run: r, class: flag, args: [r, q], if: in}\n"
	"- {run: d, class: one, args: [d, b], if: deep}\n"
	"- {run: e, class: one, args: [e, x], if: else}\n"
	"- {run: \"y\", class: pick, args: [\"y\", p, m, e]}\n...\n";

static const char uses[] =
	"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
	"- {run: p, use: map/1}\n- {run: a, use: map/2}\n- {run: q, use: map/1}\n"
	"- {run: b, use: map/2}\n- {run: c, use: map/2}\n- {run: m, use: map/2}\n"
	"- {run: r, use: map/1}\n- {run: d, use: map/2}\n- {run: e, use: map/2}\n"
	"- {run: \"y\", use: map/2}\nsteps:\n";

/* All of it on vEU 0, but for e. */
#define ON0(run, more) "- {run: " run ", tasks: 0..3, veus: 0..0" more "}\n"
#define ONE(run, more) "- {run: " run ", tasks: 0..0, veus: 0..0" more "}\n"
#define THEN ONE("p", "") ON0("a", ", if: then") ONE("q", ", if: then") \
	ON0("b", ", if: in") ON0("c", ", if: out") ON0("m", ", if: then")
#define DEEP ONE("r", ", if: in") ON0("d", ", if: deep")
#define ELSE(more) "- {run: e, tasks: 0..3, veus: 1..1, if: else" more "}\n"
#define WAITS ", after: [{run: p}]"
#define LAST ON0("\"y\"", ", after: [{run: e}]")

static enum fault
judged(const char *tasks, const char *steps, const char *memory)
{
	model = tasks;
	if (!load(host, uses, steps, memory))
		return (enum fault)-1;
	return verify(&plan, stack_schedule(&stack), stack_memory(&stack),
	              test_diag());
}

static bool
follows(int rop, int pred)
{
	const struct prop *r = &plan.rops.v[rop];

	for (size_t i = 0; i < r->preds.n; i++)
		if (r->preds.v[i] == pred)
			return true;
	return false;
}

static void
test_binding(void)
{
	const struct prop *b, *d;

	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS) LAST, ""), FAULT_NONE);
	CHECK_STR(test_said(), "");
	b = &plan.rops.v[B_];
	d = &plan.rops.v[D];
	CHECK_INT(plan.rops.v[P].condition, -1);
	CHECK_INT(plan.rops.v[P].args.n, 2);
	CHECK_STR(plan.conditions.v[b->condition].name, "in");
	CHECK_INT(b->args.n, 4);
	CHECK(!parg_guards(b, 1) && parg_guards(b, 2) && parg_guards(b, 3));
	CHECK(!parg_written(b, 2));
	CHECK_STR(plan.tensors.v[b->args.v[2].tensor].name, "q");
	CHECK_STR(plan.tensors.v[b->args.v[3].tensor].name, "p");
	CHECK_INT(d->args.n, 5);
	CHECK(follows(B_, A_) && follows(B_, Q) && follows(B_, P));
	CHECK(follows(D, R) && follows(D, P) && follows(E, P) && !follows(E, Q));
}

/* The documents with one text in them for another are refused, and says said. */
static void
refused(const char *from, const char *to, const char *says)
{
	const char *text = arena_printf(&test_arena, "%s%s", host,
	                                changed(branches, from, to));

	stack_init(&stack, &test_arena, formats);
	CHECK(stack_read_source(&stack, test_source(text), test_diag()) == 0);
	CHECK(plan_init(&plan, &test_arena, &stack, test_diag()) < 0);
	CHECK_HAS(test_said(), says);
}

static void
test_what_cannot_be_bound(void)
{
	refused("if: else", "if: elsewhere", "error: no condition 'elsewhere'");
	refused("tensor: r,", "tensor: z,", "error: unknown tensor 'z'");
	refused("tensor: r,", "tensor: b,", "error: 'b' is f32 of shape [8], "
	        "expected one element of type bool");
	refused("[e, x],", "[e, x], init: true,", "error: rOperator 'e' runs "
	        "once, when the model is opened, and under no condition");
}

/* Whether something runs has to be known by then. */
static void
test_order(void)
{
	CHECK_INT(judged(branches, L THEN DEEP ELSE("") LAST, ""), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'e' is told whether to run by what "
	          "rTask 0 of 'p' writes, and nothing orders them");
	CHECK_INT(judged(branches, L THEN DEEP ELSE(", after: [{run: q}]") LAST,
	          ""), FAULT_NONE);
	/* the chain, from within: d before r */
	CHECK_INT(judged(branches, L THEN ON0("d", ", if: deep")
	          ONE("r", ", if: in") ELSE(WAITS) LAST, ""), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'd' is told whether to run by what "
	          "rTask 0 of 'r' writes, but comes before it");
	/* and from without: all that q waits for is there, but not p's word */
	CHECK_INT(judged(changed(changed(branches, "[q, p]", "[q, go]"),
	          "args: [q, go], if: then", "args: [q, go]"),
	          L "- {run: q, tasks: 0..0, veus: 1..1}\n"
	          "- {run: p, tasks: 0..0, veus: 1..1}\n"
	          ON0("a", ", if: then, after: [{run: q}]")
	          ON0("b", ", if: in") ON0("c", ", if: out")
	          ON0("m", ", if: then") DEEP ELSE("") LAST, ""), FAULT_ORDER);
	CHECK_HAS(test_said(), "is told whether to run by what rTask 0 of 'p'");
}

/* A line says under which condition its rTasks run, and no other one. */
static void
test_lines(void)
{
	CHECK_INT(judged(branches, L THEN DEEP
	          "- {run: e, tasks: 0..3, veus: 1..1, after: [{run: p}]}\n" LAST,
	          ""), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "error: 'e' runs under a condition, expected 'if: "
	          "else'\n");
	CHECK_INT(judged(branches, L THEN DEEP
	          "- {run: e, tasks: 0..3, veus: 1..1, if: then, "
	          "after: [{run: p}]}\n" LAST, ""), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "error: 'e' runs under 'else', not 'then'\n");
	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS)
	          ON0("\"y\"", ", if: then, after: [{run: e}]"), ""),
	          FAULT_COVERAGE);
	CHECK_HAS(test_said(), "error: 'y' always runs, expected no 'if'\n");
}

#define LAID(r_, e_) \
	"---\nformat: memory/1\nmade: {by: test}\narena: 512\nweights: 0\n" \
	"packed: 0\nplaces:\n- {name: x, base: input, offset: 0, bytes: 32}\n" \
	"- {name: go, base: input, offset: 0, bytes: 1}\n" \
	"- {name: p, base: arena, offset: 0, bytes: 1}\n" \
	"- {name: q, base: arena, offset: 1, bytes: 1}\n" \
	"- {name: r, base: arena, offset: " r_ ", bytes: 1}\n" \
	"- {name: a, base: arena, offset: 64, bytes: 32}\n" \
	"- {name: b, base: arena, offset: 96, bytes: 32}\n" \
	"- {name: c, base: arena, offset: 128, bytes: 32}\n" \
	"- {name: d, base: arena, offset: 160, bytes: 32}\n" \
	"- {name: e, base: arena, offset: " e_ ", bytes: 32}\n" \
	"- {name: m, base: arena, offset: 256, bytes: 32}\n" \
	"- {name: \"y\", base: output, offset: 0, bytes: 32}\n...\n"

/* The bytes that decide stay what they are until all have been told. */
static void
test_memory(void)
{
	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS) LAST,
	          LAID("2", "192")), FAULT_NONE);
	CHECK_STR(test_said(), "");
	/* e may be written before d looks at r */
	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS) LAST,
	          LAID("192", "192")), FAULT_MEMORY);
	CHECK_HAS(test_said(), "'e' takes bytes of 'r'");
	CHECK_INT(judged(branches, L THEN DEEP ELSE(", after: [{run: r}]") LAST,
	          LAID("192", "192")), FAULT_MEMORY);
	CHECK_HAS(test_said(), "is not ordered after rTask 0 of 'd', which reads "
	          "'r'");
	CHECK_INT(judged(branches, L THEN DEEP ELSE(", after: [{run: d}]") LAST,
	          LAID("192", "192")), FAULT_NONE);
	CHECK_STR(test_said(), "");
	/* d tells itself */
	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS) LAST,
	          LAID("160", "192")), FAULT_MEMORY);
	CHECK_HAS(test_said(), "'d' takes bytes of 'r'");
}

/* Every line has its condition, and what it needs is waited for. */
static void
test_policies(void)
{
	struct policy_options o = {.select = SELECT_FASTEST};
	struct diag *d = test_diag();
	int planned = 0;

	model = branches;
	for (int p = 0; policy_list[p]; p++)
		for (int k = SYNC_BARRIER; k <= SYNC_COUNTER; k++) {
			struct schedule s = {0};
			struct verified *v;
			const struct memory *m;

			CHECK(load(gpu, uses, "- launch: {width: 1}\n", ""));
			o.sync = (enum sync_kind)k;
			d->suppressed++;
			if (policy_plan(policy_list[p], &plan, &o, &s, d) < 0) {
				d->suppressed--;
				continue;
			}
			d->suppressed--;
			planned++;
			CHECK_INT(verify_schedule(&plan, &s, &test_arena, &v, d),
			          FAULT_NONE);
			m = memory_make(&plan, &s, verified_order(v, d), 1, false,
			                d);
			CHECK_INT(verify_memory(v, m, d), FAULT_NONE);
			CHECK_STR(test_said(), "");
		}
	CHECK(planned >= 8);
}

/* Whether some way skips those rOperators and no others. */
static bool
has_way(const struct ways *w, unsigned skipped)
{
	for (size_t i = 0; i < w->v.n; i++) {
		unsigned s = 0;

		for (size_t r = 0; r < plan.rops.n; r++)
			s |= (unsigned)w->v.v[i][r] << r;
		if (s == skipped)
			return true;
	}
	return false;
}

static void
test_ways(void)
{
	struct ways w;

	CHECK_INT(judged(branches, L THEN DEEP ELSE(WAITS) LAST, ""), FAULT_NONE);
	ways_find(&w, &plan, &test_arena);
	CHECK_INT(w.v.n, 4);
	CHECK(has_way(&w, 1 << A_ | 1 << Q | 1 << B_ | 1 << C_ | 1 << M | 1 << R |
	      1 << D));
	CHECK(has_way(&w, 1 << B_ | 1 << R | 1 << D | 1 << E));
	CHECK(has_way(&w, 1 << C_ | 1 << E));
	CHECK(has_way(&w, 1 << C_ | 1 << D | 1 << E));
	model = below;
	CHECK(load(host, kernels, L, ""));
	ways_find(&w, &plan, &test_arena);
	CHECK_INT(w.v.n, 1);
	CHECK(has_way(&w, 0));
}

/* n rOperators, each under a condition that an input of its own decides. */
static bool
decide(int n)
{
	const char *t = "", *ins = "", *c = "", *r = "";
	struct arena *a = &test_arena;

	for (int i = 0; i < n; i++) {
		t = arena_printf(a, "%s- {name: i%d, type: bool, shape: []}\n"
		                 "- {name: o%d, type: f32, shape: [8]}\n", t, i, i);
		ins = arena_printf(a, "%s, i%d", ins, i);
		c = arena_printf(a, "%s- {name: c%d, tensor: i%d, is: true}\n", c,
		                 i, i);
		r = arena_printf(a, "%s- {run: o%d, class: one, args: [o%d, x], "
		                 "if: c%d}\n", r, i, i, i);
	}
	t = arena_printf(a, "%s---\nformat: graph/1\nmade: {by: test}\nopset: 22\n"
		"inputs: [x%s]\noutputs: []\ntensors:\n"
		"- {name: x, type: f32, shape: [8]}\n%snodes: []\n...\n"
		"---\nformat: tasks/1\nmade: {by: test}\nconditions:\n%s"
		"classes:\n- class: one\n  form: Map\n  args:\n"
		"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0]}\n"
		"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
		"  kernels:\n  - {use: map/2, " MAP2 ", us: 1.0}\n"
		"rops:\n%s...\n", host, ins, t, c, r);
	stack_init(&stack, a, formats);
	memset(&plan, 0, sizeof plan);
	return stack_read_source(&stack, test_source(t), test_diag()) == 0 &&
		plan_init(&plan, a, &stack, test_diag()) == 0;
}

/* Of too many ways there is one, on which all run. */
static void
test_too_many_ways(void)
{
	static const int n[] = {4, 5, 11}, ways[] = {16, 1, 1};
	struct ways w;

	for (int i = 0; i < 3; i++) {
		CHECK(decide(n[i]));
		ways_find(&w, &plan, &test_arena);
		CHECK_INT(w.v.n, ways[i]);
		CHECK(!w.v.v[w.v.n - 1][0]);
	}
	CHECK(!memchr(w.v.v[0], true, (size_t)n[2]));
}

/* The longest way is what is told, and what is skipped on it is marked. */
static void
test_prediction(void)
{
	const char *steps = L THEN DEEP ELSE(WAITS) LAST;
	struct timeline all, way;
	struct ways w;
	double most = 0, end;
	int64_t work = 0;
	size_t skipped = 0;
	const struct schedule *s;

	CHECK_INT(judged(branches, steps, ""), FAULT_NONE);
	s = stack_schedule(&stack);
	ways_find(&w, &plan, &test_arena);
	for (size_t i = 0; i < w.v.n; i++) {
		CHECK(predict_way(&plan, s, NULL, w.v.v[i], &test_arena, &way,
		                  test_diag()) == 0);
		if (way.total_us > most)
			most = way.total_us;
	}
	CHECK(predict(&plan, s, NULL, &test_arena, &all, test_diag()) == 0);
	CHECK(all.total_us == most);
	CHECK(predict_end(&plan, s, NULL, &test_arena, &end, &work,
	                  test_diag()) == 0);
	CHECK(end == most);
	CHECK(predict_way(&plan, s, NULL, arena_array(&test_arena, NROPS,
	                  sizeof(bool)), &test_arena, &way, test_diag()) == 0);
	CHECK(way.total_us > most + 3);
	CHECK_INT(all.bars.n, way.bars.n);
	for (size_t i = 0; i < all.bars.n; i++) {
		const struct bar *b = &all.bars.v[i];

		skipped += b->skipped;
		if (b->skipped)
			CHECK(b->rop == C_ || b->rop == E);
	}
	CHECK_INT(skipped, 8);
}

int
main(void)
{
	RUN(test_binding);
	RUN(test_what_cannot_be_bound);
	RUN(test_order);
	RUN(test_lines);
	RUN(test_memory);
	RUN(test_policies);
	RUN(test_ways);
	RUN(test_too_many_ways);
	RUN(test_prediction);
	return test_done();
}
