/* The verifier on what is read and nobody writes. */
#include "judge.h"

/* A writer that leaves a hole: in its region, or by a grid that is short. */
static void
test_hole(void)
{
	static const char hole[] =
		"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
		"- {run: a, use: map/2}\n- {run: b, use: map/2}\n"
		"- {run: c, use: map/2}\n- {run: s, use: softmax/hole}\n"
		"- {run: \"y\", use: map/2}\nsteps:\n";

	CHECK(load(host, hole, L A B C S Y, ""));
	CHECK_INT(verify(&plan, stack_schedule(&stack), NULL, test_diag()),
	          FAULT_COVERAGE);
	CHECK_HAS(test_said(), ": error: no rTask of 's' writes element "
	          "[0, 3, 0] of 's' by rKernel 'softmax/hole', grid [1]\n");
	CHECK_INT(verify(&plan, stack_schedule(&stack), NULL, test_diag()),
	          FAULT_COVERAGE);
	CHECK_HAS(test_said(), ": note: rTask 1 of 'y' reads it\n");
	model = changed(below, "use: map/2, grid: [4]", "use: map/2, grid: [3]");
	CHECK_INT(judge(L "- {run: a, tasks: 0..2, veus: 0..1}\n"
		"- {run: b, tasks: 0..2, veus: 0..1}\n"
		"- {run: c, tasks: 0..2, veus: 0..1}\n" S Y), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "no rTask of 'b' writes element [6] of 'b' by "
	          "rKernel 'map/2', grid [3]\n");
	model = below;
}

/* Two parts of one storage: as views, and as rTasks that write into it. */
static const char parts_model[] =
	"---\nformat: graph/1\nmade: {by: test}\nopset: 22\ninputs: [x]\n"
	"outputs: [\"y\"]\ntensors:\n"
	"- {name: x, type: f32, shape: [8]}\n"
	"- {name: c, type: f32, shape: [16]}\n"
	"- {name: \"y\", type: f32, shape: [16]}\n"
	"nodes:\n- {op: Concat, in: [x, x], out: [c], attrs: {axis: 0}}\n"
	"- {op: Neg, in: [c], out: [\"y\"]}\n...\n"
	"---\nformat: tasks/1\nmade: {by: test}\n"
	"buffers:\n- {name: p, type: f32, shape: [8]}\n"
	"views:\n- {name: p, of: c}\nclasses:\n"
	"- class: one\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0]}\n"
	"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: k, grid: [1], us: 1.0}\n"
	"- class: part\n  form: Concat\n  args:\n"
	"  - {arg: X, type: f32, shape: [8]}\n"
	"  - {arg: \"Y\", type: f32, shape: [16], out: true}\n"
	"  kernels:\n  - {use: k, grid: [4], us: 1.0,"
	" writes: {\"Y\": \"[8 + 2*x..8 + 2*(x+1)]\"}}\n"
	"- class: whole\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [16], out: true, map: [E0]}\n"
	"  - {arg: E0, type: f32, shape: [16], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: k, grid: [8], us: 1.0,"
	" writes: {\"Y\": \"[2*x..2*(x+1)]\"}}\n"
	"rops:\n- {run: p, class: one, args: [p, x]}\n"
	"- {run: c, class: part, args: [x, c]}\n"
	"- {run: \"y\", class: whole, args: [\"y\", c]}\n...\n";

static enum fault
judge_parts(const char *text, const char *last)
{
	static const char head[] =
		"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
		"- {run: p, use: k}\n- {run: c, use: k}\n"
		"- {run: \"y\", use: k}\nsteps:\n";
	enum fault f;

	model = text;
	f = load(host, head, arena_printf(&test_arena,
		"- launch: {width: 1}\n- {run: p, tasks: 0..0, veus: 0..0}\n"
		"- {run: c, tasks: 0..3, veus: 0..0}\n"
		"- {run: \"y\", tasks: 0..%s, veus: 0..0}\n", last), "")
		? verify(&plan, stack_schedule(&stack), NULL, test_diag())
		: (enum fault)-1;
	model = below;
	return f;
}

static void
test_hole_in_parts(void)
{
	CHECK_INT(judge_parts(parts_model, "7"), FAULT_NONE);
	CHECK_STR(test_said(), "");
	/* between the part that is a view and the one that is written */
	CHECK_INT(judge_parts(changed(parts_model, "[8 + 2*x..8 + 2*(x+1)]",
	          "[9 + 2*x..9 + 2*(x+1)]"), "7"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "no rTask of 'c' writes element [8] of 'c' by "
	          "rKernel 'k', grid [4]\n");
	/* nobody reads the hole: the last rTask is left out of y, and then
	 * the output has one */
	CHECK_INT(judge_parts(changed(parts_model, "grid: [8]", "grid: [7]"),
	          "6"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "no rTask of 'y' writes element [14] of 'y'");
	CHECK_INT(judge_parts(changed(parts_model, "grid: [8]", "grid: [7]"),
	          "6"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "note: 'y' is an output of the graph\n");
	/* all of p is the first half */
	CHECK_INT(judge_parts(changed(parts_model, "of: c}", "of: c, offset: 4}"),
	          "7"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "writes element [0] of 'c'");
}

int
main(void)
{
	RUN(test_hole);
	RUN(test_hole_in_parts);
	return test_done();
}
