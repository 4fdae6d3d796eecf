/* Three rOperators of which two read what the first writes, in the same shape and
 * in another, each by rKernels that cut it in several ways. */
#ifndef THREE_H
#define THREE_H

#include "five.h"
#include "verify/needs.h"

#define K(use, grid, what, region) \
	"  - {use: " use ", grid: " grid ", " what ": {" region "}, us: 1.0}\n"
#define ARGS(shape) "  form: Softmax\n  args:\n" \
	"  - {arg: X, type: f32, shape: " shape "}\n" \
	"  - {arg: \"Y\", type: f32, shape: " shape ", out: true}\n  kernels:\n"

/* w writes a; r reads it in the same shape, v in another. */
__attribute__((unused))
static const char shapes[] =
	"---\nformat: graph/1\nmade: {by: test}\nopset: 22\ninputs: [x]\n"
	"outputs: [b, c]\ntensors:\n"
	"- {name: x, type: f32, shape: [12, 10]}\n"
	"- {name: a, type: f32, shape: [12, 10]}\n"
	"- {name: b, type: f32, shape: [12, 10]}\n"
	"- {name: c, type: f32, shape: [10, 12]}\n"
	"nodes:\n- {op: Softmax, in: [x], out: [a]}\n"
	"- {op: Softmax, in: [a], out: [b]}\n"
	"- {op: Softmax, in: [a], out: [c]}\n...\n"
	"---\nformat: tasks/1\nmade: {by: test}\nclasses:\n"
	"- class: w\n" ARGS("[12, 10, 1]")
	K("w/rows", "[12]", "writes", "\"Y\": \"[x, 0..10, 0]\"")
	K("w/columns", "[10]", "writes", "\"Y\": \"[0..12, x, 0]\"")
	K("w/tiles", "[4, 2]", "writes", "\"Y\": \"[3*x..3*x+3, 5*y..5*y+5, 0]\"")
	K("w/flat", "[18]", "writes", "\"Y\": \"[7*x..7*x+7]\"")
	K("w/two", "[12]", "writes",
	  "\"Y\": \"[x, 0..4, 0] + [11-x, 4..10, 0]\"")
	K("w/some", "[7]", "writes", "\"Y\": \"[3*x..3*x+2, 0..10, 0]\"")
	"  - {use: w/all, grid: [3], us: 1.0}\n"
	"- class: r\n" ARGS("[12, 10, 1]")
	K("r/rows", "[12]", "reads", "X: \"[x, 0..10, 0]\"")
	K("r/halo", "[12]", "reads", "X: \"[x-1..x+2, 0..10, 0]\"")
	K("r/tiles", "[3, 5]", "reads", "X: \"[4*x..4*x+4, 2*y..2*y+2, 0]\"")
	K("r/flat", "[11]", "reads", "X: \"[11*x..11*x+11]\"")
	"  - {use: r/all, grid: [3], us: 1.0}\n"
	"- class: v\n" ARGS("[10, 12, 1]")
	K("v/rows", "[10]", "reads", "X: \"[x, 0..12, 0]\"")
	K("v/columns", "[12]", "reads", "X: \"[0..10, x, 0]\"")
	K("v/flat", "[11]", "reads", "X: \"[11*x..11*x+11]\"")
	"rops:\n- {run: w, class: w, args: [x, a]}\n"
	"- {run: r, class: r, args: [a, b]}\n"
	"- {run: v, class: v, args: [a, c]}\n...\n";

__attribute__((unused))
static const char head[] =
	"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
	"- {run: w, use: w/rows}\n- {run: r, use: r/rows}\n"
	"- {run: v, use: v/rows}\nsteps:\n";

/* Calls fn with what each choice of rKernels needs. */
__attribute__((unused)) static void
for_choices(void (*fn)(struct needs *n, void *ctx), void *ctx)
{
	const struct class *w, *q;

	model = shapes;
	CHECK(load(gpu, head, "- launch: {width: 1}\n", ""));
	w = plan.rops.v[0].cls;
	for (size_t i = 0; i < w->kernels.n; i++)
		for (size_t k = 0; k < 5; k++) {
			struct needs n;

			plan_use(&plan, 0, &w->kernels.v[i]);
			for (int r = 1; r <= 2; r++) {
				q = plan.rops.v[r].cls;
				plan_use(&plan, r,
				         &q->kernels.v[k % q->kernels.n]);
			}
			needs_make(&n, &plan, &test_arena);
			CHECK_INT(n.v.n, 2);
			fn(&n, ctx);
		}
}

#endif
