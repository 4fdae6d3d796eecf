/* A plan for tests of policies and of the verifier: five rOperators,
 * a = x', b = a', c = a', s = softmax(b), y = s + c, on a host or a GPU; and one
 * of two with a state. */
#ifndef FIVE_H
#define FIVE_H

#include <string.h>

#include "base/str.h"
#include "rkernel/plan.h"
#include "test.h"
#include "verify/verify.h"

#define MAP2 "grid: [4], writes: {\"Y\": \"[2*x..2*(x+1)]\"}"

__attribute__((unused))
static const char below[] =
	"---\nformat: graph/1\n"
	"made: {by: test}\n"
	"opset: 22\n"
	"inputs: [x]\n"
	"outputs: [\"y\"]\n"
	"tensors:\n"
	"- {name: x, type: f32, shape: [8]}\n"
	"- {name: a, type: f32, shape: [8]}\n"
	"- {name: b, type: f32, shape: [8]}\n"
	"- {name: c, type: f32, shape: [8]}\n"
	"- {name: s, type: f32, shape: [8]}\n"
	"- {name: \"y\", type: f32, shape: [8]}\n"
	"nodes:\n"
	"- {op: Neg, in: [x], out: [a]}\n"
	"- {op: Abs, in: [a], out: [b]}\n"
	"- {op: Exp, in: [a], out: [c]}\n"
	"- {op: Softmax, in: [b], out: [s]}\n"
	"- {op: Add, in: [s, c], out: [\"y\"]}\n"
	"...\n"
	"---\nformat: tasks/1\n"
	"made: {by: test}\n"
	"classes:\n"
	"- class: one\n"
	"  form: Map\n"
	"  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0]}\n"
	"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n"
	"  - {use: map/2, " MAP2 ", threads: 64, us: 1.0}\n"
	"  - {use: map/8, grid: [1], threads: 64, us: 3.0}\n"
	"  - {use: map/bad, grid: [4], threads: 64, us: 9.0,"
	" writes: {\"Y\": \"[2*x..2*x+3]\"}}\n"
	"- class: two\n"
	"  form: Map\n"
	"  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0 + E1]}\n"
	"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  - {arg: E1, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n"
	"  - {use: map/2, " MAP2 ", threads: 128, shared: 1024,"
	" registers: 40, us: 1.0}\n"
	"- class: all\n"
	"  form: Softmax\n"
	"  args:\n"
	"  - {arg: X, type: f32, shape: [1, 8, 1]}\n"
	"  - {arg: \"Y\", type: f32, shape: [1, 8, 1], out: true}\n"
	"  kernels:\n"
	"  - {use: softmax/1, grid: [1], threads: 32, us: 2.0}\n"
	"  - {use: softmax/hole, grid: [1], threads: 32, us: 9.0,"
	" writes: {\"Y\": \"[0, 0..3, 0]\"}}\n"
	"rops:\n"
	"- {run: a, class: one, args: [a, x]}\n"
	"- {run: b, class: one, args: [b, a]}\n"
	"- {run: c, class: one, args: [c, a]}\n"
	"- {run: s, class: all, args: [b, s]}\n"
	"- {run: \"y\", class: two, args: [\"y\", s, c]}\n"
	"...\n";

__attribute__((unused))
static const char host[] =
	"---\nformat: device/1\nname: h\ntarget: host\nunits: 2\nveus: 2\n"
	"memory_gbps: 1.0\nunit_gbps: 1.0\nl2_gbps: 1.0\nunit_gflops: 1.0\n"
	"launch_us: 10.0\nbarrier_us: 5.0\ncounter_us: 0.5\ntask_us: 0.25\n...\n";

__attribute__((unused))
static const char gpu[] =
	"---\nformat: device/1\nname: g\ntarget: cuda\nunits: 2\nveus: 4\n"
	"blocks: 8\nthreads: 512\nblock_threads: 256\nwarp: 32\n"
	"registers: 16384\nthread_registers: 128\nshared: 8192\n"
	"block_shared: 4096\nblock_reserved: 1024\n"
	"memory_gbps: 1.0\nunit_gbps: 1.0\nl2_gbps: 1.0\nunit_gflops: 1.0\n"
	"launch_us: 10.0\nbarrier_us: 5.0\ncounter_us: 0.5\ntask_us: 0.25\n...\n";

__attribute__((unused))
static const char kernels[] =
	"---\nformat: schedule/1\n"
	"made: {by: test}\n"
	"kernels:\n"
	"- {run: a, use: map/2}\n"
	"- {run: b, use: map/2}\n"
	"- {run: c, use: map/2}\n"
	"- {run: s, use: softmax/1}\n"
	"- {run: \"y\", use: map/2}\n"
	"steps:\n";

/* A state updated in place: y reads what was, n makes what will be. */
__attribute__((unused))
static const char state_model[] =
	"---\nformat: graph/1\nmade: {by: test}\nopset: 22\ninputs: []\n"
	"outputs: [\"y\"]\nstates:\n- {past: h, present: n}\ntensors:\n"
	"- {name: h, type: f32, shape: [8]}\n"
	"- {name: n, type: f32, shape: [8]}\n"
	"- {name: \"y\", type: f32, shape: [8]}\n"
	"nodes:\n- {op: Neg, in: [h], out: [\"y\"]}\n"
	"- {op: Abs, in: [h], out: [n]}\n...\n"
	"---\nformat: tasks/1\nmade: {by: test}\nclasses:\n- class: one\n"
	"  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [8], out: true, map: [E0]}\n"
	"  - {arg: E0, type: f32, shape: [8], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: map/2, " MAP2 ", us: 1.0}\n"
	"rops:\n- {run: \"y\", class: one, args: [\"y\", h]}\n"
	"- {run: n, class: one, args: [n, h]}\n...\n";

__attribute__((unused))
static const char state_kernels[] =
	"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
	"- {run: \"y\", use: map/2}\n- {run: n, use: map/2}\nsteps:\n";

static struct plan plan;
static struct stack stack;
static const char *model = below;	/* the documents under the schedule */

/* Reads schedule steps (and memory/1, or "") over the model. */
__attribute__((unused)) static bool
load(const char *device, const char *head, const char *steps,
     const char *memory)
{
	char path[4096];
	FILE *f;
	bool ok;

	snprintf(path, sizeof path, "%s/plan.yaml", test_dir());
	f = fopen(path, "w");
	fprintf(f, "%s%s...\n%s%s%s", head, steps, memory, device, model);
	fclose(f);
	memset(&plan, 0, sizeof plan);
	stack_init(&stack, &test_arena, formats);
	ok = stack_read(&stack, path, test_diag()) == 0 &&
		plan_init(&plan, &test_arena, &stack, test_diag()) == 0;
	if (!ok)
		printf("# %s\n", test_said());
	return ok;
}

/* Whether the verifier takes a schedule of the plan, in silence. */
__attribute__((unused)) static bool
legal(struct schedule *s)
{
	struct diag *d = test_diag();
	bool ok;

	d->suppressed++;
	ok = verify(&plan, s, NULL, d) == FAULT_NONE;
	d->suppressed--;
	return ok;
}

#endif
