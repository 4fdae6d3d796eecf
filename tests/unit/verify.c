/* The verifier, on the plan of five.h: order, coverage, deadlocks, resources. */
#include "judge.h"

static void
test_legal(void)
{
	CHECK_INT(judge(L A B C S Y), FAULT_NONE);
	CHECK_STR(test_said(), "");
	CHECK_INT(judge(L A B BARRIER
		"- {run: s, tasks: 0..0, veus: 0..0}\n" C BARRIER
		"- {run: \"y\", tasks: 0..3, veus: 0..1}\n"), FAULT_NONE);
	CHECK_INT(judge(L A B "- launch: {width: 1}\n"
		"- {run: s, tasks: 0..0, veus: 0..0}\n"
		"- {run: c, tasks: 0..3, veus: 0..0}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..0}\n"), FAULT_NONE);
	/* lines in any order, as long as waits can be met */
	CHECK_INT(judge(L A B S
		"- {run: \"y\", tasks: 1..1, veus: 0..0,"
		" after: [{run: c}]}\n" C
		"- {run: \"y\", tasks: 0..0, veus: 0..0, after: [{run: s}]}\n"
		"- {run: \"y\", tasks: 2..3, veus: 1..1,"
		" after: [{run: s}, {run: c, tasks: 2..2}]}\n"), FAULT_DEADLOCK);
	test_said();
}

static void
test_order(void)
{
	/* no wait of s for b */
	CHECK_INT(judge(L A B C "- {run: s, tasks: 0..0, veus: 0..0}\n" Y),
	          FAULT_ORDER);
	CHECK_HAS(test_said(), "plan.yaml:15:9: error: rTask 0 of 's' reads what "
	          "rTask 1 of 'b' writes, and nothing orders them\n");
	/* a weaker range: b's rTasks 0 and 2 are on vEU 0 already */
	CHECK_INT(judge(L A B C "- {run: s, tasks: 0..0, veus: 0..0, "
		"after: [{run: b, tasks: 0..1}]}\n" Y), FAULT_ORDER);
	CHECK_HAS(test_said(), "reads what rTask 3 of 'b' writes");
	/* b moved by one vEU: reads a's of the other */
	CHECK_INT(judge(L A "- {run: b, tasks: 0..0, veus: 1..1}\n"
		"- {run: b, tasks: 1..3, veus: 0..1}\n" C S Y), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'b' reads what rTask 0 of 'a' "
	          "writes, and nothing orders them");
	/* swapped: b before a on each vEU */
	CHECK_INT(judge(L B A C S Y), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'b' reads what rTask 0 of 'a' "
	          "writes, but comes before it");
	CHECK_INT(judge(L B A C S Y), FAULT_ORDER);
	CHECK_HAS(test_said(), "note: rTask 0 of 'a' is on vEU 0, the other on "
	          "vEU 0; what they share is [0..2] of 'a'");
	/* a wait that says nothing of rTask 3 */
	CHECK_INT(judge(L A B C S "- {run: \"y\", tasks: 0..2, veus: 0..1, "
		"after: [{run: s}]}\n- {run: \"y\", tasks: 3..3, veus: 1..1}\n"),
		FAULT_NONE);
	CHECK_INT(judge(L A B C S "- {run: \"y\", tasks: 3..3, veus: 1..1}\n"
		"- {run: \"y\", tasks: 0..2, veus: 0..1, "
		"after: [{run: s}]}\n"), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 3 of 'y' reads what rTask 0 of 's' writes");
}

/* What one vEU waited for, another that waits for it knows too. */
static void
test_transitive(void)
{
	CHECK_INT(judge("- launch: {width: 3}\n"
		"- {run: a, tasks: 0..3, veus: 0..0}\n"
		"- {run: b, tasks: 0..3, veus: 1..1, after: [{run: a}]}\n"
		"- {run: s, tasks: 0..0, veus: 2..2, after: [{run: b}]}\n"
		"- {run: c, tasks: 0..3, veus: 2..2}\n"
		"- {run: \"y\", tasks: 0..3, veus: 2..2}\n"), FAULT_NONE);
	CHECK_INT(judge("- launch: {width: 3}\n"
		"- {run: a, tasks: 0..3, veus: 0..0}\n"
		"- {run: b, tasks: 0..3, veus: 1..1, after: [{run: a}]}\n"
		"- {run: c, tasks: 0..3, veus: 2..2}\n"
		"- {run: s, tasks: 0..0, veus: 2..2, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 2..2}\n"), FAULT_ORDER);
	test_said();
	/* in the middle of a step, by an rTask that is a piece of its own */
	CHECK_INT(judge("- launch: {width: 3}\n"
		"- {run: a, tasks: 0..3, veus: 0..0}\n"
		"- {run: b, tasks: 0..3, veus: 1..1, after: [{run: a}]}\n"
		"- {run: c, tasks: 0..3, veus: 2..2, "
		"after: [{run: b, tasks: 3..3}]}\n"
		"- {run: s, tasks: 0..0, veus: 2..2, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 2..2}\n"), FAULT_NONE);
	CHECK_STR(test_said(), "");
}

/* b and c on vEUs 2 and 3, behind a on 0 and 1: each rTask of b waits as told. */
static enum fault
each(const char *tasks)
{
	return judge(arena_printf(&test_arena, "- launch: {width: 4}\n"
		"- {run: a, tasks: 0..3, veus: 0..1}\n"
		"- {run: b, tasks: 0..3, veus: 2..3, "
		"after: [{run: a, tasks: %s}]}\n"
		"- {run: c, tasks: 0..3, veus: 2..3}\n"
		"- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: s}, {run: c}]}\n", tasks));
}

/* Waits that differ from rTask to rTask. */
static void
test_each(void)
{
	const char *said;

	CHECK_INT(each("i..i"), FAULT_NONE);
	CHECK_INT(each("x..x+y"), FAULT_NONE);
	CHECK_INT(each("\"max(0, i-1)..i\""), FAULT_NONE);
	CHECK_INT(each("\"i-i%2..i-i%2+1\""), FAULT_NONE);
	CHECK_STR(test_said(), "");
	/* rTask 1 of a stands on the other vEU */
	CHECK_INT(each("\"min(3, i+1)..min(3, i+1)\""), FAULT_ORDER);
	said = test_said();
	CHECK_HAS(said, "rTask 0 of 'b' reads what rTask 0 of 'a' writes");
	CHECK_HAS(said, "plan.yaml:13:61: note: by this wait it comes after "
	          "rTasks 1..1 of 'a'");
	/* what rTask 3 waits for by the one of its waits that is for 'c' */
	CHECK_INT(judge("- launch: {width: 4}\n"
		"- {run: a, tasks: 0..3, veus: 0..1}\n"
		"- {run: c, tasks: 0..3, veus: 2..3, after: [{run: a}]}\n"
		"- {run: b, tasks: 0..3, veus: 0..1}\n"
		"- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: s}, {run: c, tasks: \"0..min(i, 2)\"}]}\n"),
		FAULT_ORDER);
	said = test_said();
	CHECK_HAS(said, "rTask 3 of 'y' reads what rTask 3 of 'c' writes");
	CHECK_HAS(said, "by this wait it comes after rTasks 0..2 of 'c'");
	CHECK(!strstr(said, "by this wait it comes after rTasks 0..0 of 's'"));
	/* rTask 3 waited for 2 alone; 2 for itself, through rTask 0 too */
	CHECK_INT(each("2..2"), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 1 of 'b' reads what rTask 1 of 'a' writes");
	CHECK_INT(each("i..i+1"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "plan.yaml:13:61: error: rTask 3 of 'b' waits for "
	          "rTasks i..i+1 of 'a': 3..4 is not within 0..3");
	CHECK_INT(each("i-1..3"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "rTask 0 of 'b' waits for rTasks i-1..3 of 'a': "
	          "-1..3 is not within 0..3");
	CHECK_INT(each("i..2"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "i..2 of 'a': the range 3..2 is empty");
	CHECK_INT(each("i/2..3"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "i/2..3 of 'a': 1 / 2 leaves a remainder");
}

/* Of several waits, the one that is in a ring is shown. */
static void
test_each_ring(void)
{
	CHECK_INT(judge("- launch: {width: 4}\n"
		"- {run: a, tasks: 0..3, veus: 0..1}\n"
		"- {run: c, tasks: 0..3, veus: 2..3, after: [{run: a, "
		"tasks: i..i}, {run: \"y\", tasks: 3..3}]}\n"
		"- {run: b, tasks: 0..3, veus: 0..1}\n"
		"- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: s}, {run: c, tasks: i..i}]}\n"), FAULT_DEADLOCK);
	CHECK_HAS(test_said(), "plan.yaml:16:63: error: rTask 1 of 'y' waits for "
	          "ever for rTask 1 of 'c'");
	/* of several pieces it waits for, the last is in it */
	CHECK_INT(judge("- launch: {width: 4}\n"
		"- {run: a, tasks: 0..3, veus: 0..1}\n"
		"- {run: c, tasks: 0..2, veus: 2..3, after: [{run: a}]}\n"
		"- {run: c, tasks: 3..3, veus: 3..3, after: [{run: a}, "
		"{run: \"y\", tasks: 3..3}]}\n"
		"- {run: b, tasks: 0..3, veus: 0..1}\n"
		"- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: s}, {run: c, tasks: 0..i}]}\n"), FAULT_DEADLOCK);
	CHECK_HAS(test_said(), "plan.yaml:17:63: error: rTask 3 of 'y' waits for "
	          "ever for rTask 3 of 'c'");
}

static void
test_coverage(void)
{
	CHECK_INT(judge(L A B C S "- {run: \"y\", tasks: 0..2, veus: 0..1, "
		"after: [{run: s}]}\n"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "plan.yaml:16:21: error: rTask 3 of 'y' never "
	          "runs (it has 4)");
	CHECK_INT(judge(L A B S Y), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "no step runs 'c' (rTasks 0..3)");
	CHECK_INT(judge(L A A B C S Y), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "rTask 0 of 'a' runs twice");
	CHECK_INT(judge(L A B C S Y "- {run: \"y\", tasks: 2..4, veus: 0..1}\n"),
	          FAULT_COVERAGE);
	CHECK_HAS(test_said(), "'y' has 4, numbered from 0");
	CHECK_INT(judge(L A B C S "- {run: \"y\", tasks: 0..3, veus: 0..2, "
		"after: [{run: s}]}\n"), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "vEU 2 does not exist: the launch has 2");
	CHECK_INT(judge(L A B C S Y "- {run: z, tasks: 0..0, veus: 0..0}\n"),
	          FAULT_COVERAGE);
	CHECK_HAS(test_said(), "unknown rOperator 'z'");
	CHECK_INT(judge(A B C S Y), FAULT_COVERAGE);
	CHECK_HAS(test_said(), "a schedule begins with a launch");
}

static void
test_deadlock(void)
{
	/* b waits for s, which waits for b */
	CHECK_INT(judge(L A "- {run: b, tasks: 0..3, veus: 0..1, "
		"after: [{run: s}]}\n" C S Y), FAULT_DEADLOCK);
	CHECK_HAS(test_said(), "rTask 0 of 'b' waits for ever for rTask 0 of 's'");
	/* across a barrier */
	CHECK_INT(judge(L A "- {run: b, tasks: 0..3, veus: 0..1, "
		"after: [{run: c}]}\n" BARRIER C S Y), FAULT_DEADLOCK);
	CHECK_HAS(test_said(), "comes after a barrier or launch that vEU 0 must "
	          "reach first");
	/* two vEUs, each behind the other */
	CHECK_INT(judge(L A
		"- {run: c, tasks: 0..1, veus: 0..0, after: [{run: b, "
		"tasks: 2..3}]}\n"
		"- {run: b, tasks: 0..1, veus: 0..0, after: [{run: a}]}\n"
		"- {run: c, tasks: 2..3, veus: 1..1, after: [{run: b, "
		"tasks: 0..1}]}\n"
		"- {run: b, tasks: 2..3, veus: 1..1, after: [{run: a}]}\n"
		S Y), FAULT_DEADLOCK);
	CHECK_INT(judge(L A
		"- {run: c, tasks: 0..1, veus: 0..0, after: [{run: b, "
		"tasks: 2..3}]}\n"
		"- {run: b, tasks: 0..1, veus: 0..0, after: [{run: a}]}\n"
		"- {run: c, tasks: 2..3, veus: 1..1, after: [{run: b, "
		"tasks: 0..1}]}\n"
		"- {run: b, tasks: 2..3, veus: 1..1, after: [{run: a}]}\n"
		S Y), FAULT_DEADLOCK);
	CHECK_HAS(test_said(), "rTask 2 of 'b' stands on vEU 1 behind rTask 2 of "
	          "'c'");
	/* for itself */
	CHECK_INT(judge(L A B C S "- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: s}, {run: \"y\", tasks: 3..3}]}\n"),
		FAULT_DEADLOCK);
	test_said();
}

static void
test_resources(void)
{
	static const char run[] = A B C S Y;
	char steps[1024];
	static const struct { const char *launch, *says; } t[] = {
		{"width: 4, threads: 128, shared: 1024, registers: 64", ""},
		{"width: 4, threads: 64, shared: 1024, registers: 64",
		 "needs 128 threads, its launch gives 64"},
		{"width: 4, threads: 128, shared: 1023, registers: 64",
		 "needs 1024 bytes of shared memory, its launch gives 1023"},
		{"width: 4, threads: 128, shared: 1024, registers: 32",
		 "needs 40 registers a thread, its launch gives 32"},
		{"width: 4, threads: 512, shared: 1024, registers: 16",
		 "a vEU of 512 threads: the device allows 256"},
		{"width: 6, threads: 128, shared: 1024, registers: 64",
		 "6 vEUs do not fit 'g' at once: 4 do, by registers"},
		{"width: 6, threads: 256, shared: 1024, registers: 40",
		 "6 vEUs do not fit 'g' at once: 2 do, by registers"},
		{"width: 6, threads: 128, shared: 4096, registers: 40",
		 "6 vEUs do not fit 'g' at once: 2 do, by shared memory"},
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		snprintf(steps, sizeof steps, "- launch: {%s}\n%s", t[i].launch,
		         run);
		CHECK_INT(judge_on(gpu, steps, ""),
		          *t[i].says ? FAULT_RESOURCE : FAULT_NONE);
		CHECK_HAS(test_said(), t[i].says);
	}
}

/* Registers are given to warps in the device's units; threads of a host are
 * counted by its cores. */
static void
test_device_figures(void)
{
	const char *coarse = changed(gpu, "thread_registers",
		"register_unit: 4096\nthread_registers");
	static const char steps[] = "- launch: {width: 4, threads: 128, "
		"shared: 1024, registers: 65}\n" A B C S Y;
	static const char wide[] = "- launch: {width: 17}\n" A B C S Y;

	/* 4 warps of 65 x 32, rounded to 2304 by 256: one block a unit */
	CHECK_INT(judge_on(gpu, steps, ""), FAULT_RESOURCE);
	CHECK_HAS(test_said(), "4 vEUs do not fit 'g' at once: 2 do, by registers");
	CHECK_INT(judge_on(coarse, "- launch: {width: 4, threads: 128, "
		"shared: 1024, registers: 64}\n" A B C S Y, ""), FAULT_RESOURCE);
	CHECK_HAS(test_said(), "4 vEUs do not fit 'g' at once: 2 do, by registers");
	CHECK_INT(judge_on(host, "- launch: {width: 16}\n" A B C S Y, ""),
	          FAULT_NONE);
	CHECK_INT(judge_on(host, wide, ""), FAULT_RESOURCE);
	CHECK_HAS(test_said(), "17 vEUs: 'h' of 2 cores has at most 16");
}

static void
test_kernels(void)
{
	static const char bad[] =
		"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
		"- {run: a, use: map/bad}\n- {run: b, use: map/2}\n"
		"- {run: c, use: map/2}\n- {run: s, use: softmax/1}\n"
		"- {run: \"y\", use: map/2}\nsteps:\n";

	CHECK(load(host, bad, L A BARRIER B C S Y, ""));
	CHECK_INT(verify(&plan, stack_schedule(&stack), NULL, test_diag()),
	          FAULT_KERNEL);
	CHECK_HAS(test_said(), "rTasks 0 and 1 of 'a' write the same elements");
}

static enum fault
judge_state(const char *steps)
{
	enum fault f;

	model = state_model;
	f = load(host, state_kernels, steps, "")
		? verify(&plan, stack_schedule(&stack), NULL, test_diag())
		: (enum fault)-1;
	model = below;
	return f;
}

#define SY "- {run: \"y\", tasks: 0..3, veus: 0..1}\n"

static void
test_state(void)
{
	CHECK_INT(judge_state(L SY "- {run: n, tasks: 0..3, veus: 0..1}\n"),
	          FAULT_NONE);
	CHECK_STR(test_said(), "");
	CHECK_INT(judge_state(L "- {run: n, tasks: 0..3, veus: 0..1}\n" SY),
	          FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'n' overwrites what rTask 0 of 'y' "
	          "reads, but comes before it");
	CHECK_INT(judge_state(L SY "- {run: n, tasks: 0..3, veus: 0..0}\n"),
	          FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 1 of 'n' overwrites what rTask 1 of 'y' "
	          "reads, and nothing orders them");
	/* the writer on other vEUs: each behind the reader of its elements */
	CHECK_INT(judge_state("- launch: {width: 4}\n" SY
		"- {run: n, tasks: 0..3, veus: 2..3, "
		"after: [{run: \"y\", tasks: i..i}]}\n"), FAULT_NONE);
	CHECK_STR(test_said(), "");
	CHECK_INT(judge_state("- launch: {width: 4}\n" SY
		"- {run: n, tasks: 0..3, veus: 2..3, "
		"after: [{run: \"y\", tasks: 3-i..3-i}]}\n"), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'n' overwrites what rTask 0 of 'y' "
	          "reads, and nothing orders them");
	CHECK_INT(judge_state("- launch: {width: 4}\n"
		"- {run: \"y\", tasks: 0..3, veus: 0..1, "
		"after: [{run: n, tasks: i..i}]}\n"
		"- {run: n, tasks: 0..3, veus: 2..3}\n"), FAULT_ORDER);
	CHECK_HAS(test_said(), "rTask 0 of 'n' overwrites what rTask 0 of 'y' "
	          "reads, but comes before it");
}

/* Numbers that no machine holds are refused, not tried. */
static void
test_too_many(void)
{
	static const char head[] =
		"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
		"- {run: \"y\", use: map/1}\n- {run: n, use: map/1}\nsteps:\n";

	model = changed(changed(state_model, "grid: [4]", "grid: [2000000000]"),
	                "use: map/2", "use: map/1");
	CHECK(load(host, head, L "- {run: n, tasks: 0..1, veus: 0..0}\n", ""));
	model = below;
	CHECK_INT(verify(&plan, stack_schedule(&stack), NULL, test_diag()),
	          FAULT_KERNEL);
	CHECK_HAS(test_said(), "plan.yaml:5:19: error: 4000000000 rTasks are too "
	          "many: at most 2147483647 (2000000000 are of 'y')");
}

/* What would not be shown is not looked for. */
static void
test_many_faults(void)
{
	char *steps = arena_strdup(&test_arena, "- launch: {width: 1}\n");
	struct diag *d = test_diag();

	for (int i = 0; i < 300; i++)
		steps = arena_printf(&test_arena, "%s- {run: q, tasks: 0..0, "
		                     "veus: 0..0}\n", steps);
	CHECK(load(host, kernels, steps, ""));
	d->nerrors = 0;
	CHECK(stack_check(&stack, d) < 0);
	CHECK_INT(d->nerrors, d->limit + 1);
	CHECK_HAS(test_said(), "no rOperator 'q'");
}

/* What a refusal rests on, as "a1 b0 [8, 16) of a": rTasks and bytes. */
static const char *
witness(const char *device, const char *steps, const char *memory)
{
	struct verified *v;
	struct str s;
	const char *out;

	if (!load(device, kernels, steps, memory))
		return "not loaded";
	if (verify_schedule(&plan, stack_schedule(&stack), &test_arena, &v,
	                    test_diag()) == FAULT_NONE && *memory)
		verify_memory(v, stack_memory(&stack), test_diag());
	test_said();
	str_init(&s);
	for (size_t i = 0; i < verified_witness(v)->pairs.n; i++) {
		const struct witness_pair *w = &verified_witness(v)->pairs.v[i];

		str_addf(&s, "%s%s%d", i ? ", " : "",
		         plan.rops.v[w->p].rop->run, (int)w->t);
		if (w->q >= 0)
			str_addf(&s, " %s%d", plan.rops.v[w->q].rop->run,
			         (int)w->u);
		else
			str_addf(&s, " x%d", (int)w->u);
		if (w->root >= 0)
			str_addf(&s, " [%d, %d) of %s", (int)w->lo, (int)w->hi,
			         plan.tensors.v[w->root].name);
	}
	out = arena_strdup(&test_arena, s.s);
	str_release(&s);
	return out;
}

static void
test_witness(void)
{
	CHECK_STR(witness(host, L A B C S Y, ""), "");
	/* the reader may run before the writer */
	CHECK_STR(witness(host, L A B C "- {run: s, tasks: 0..0, veus: 0..0}\n" Y,
	                  ""), "b1 s0");
	CHECK_STR(witness(host, L B A C S Y, ""), "a0 b0 [0, 8) of a");
	/* b stands behind what waits for s, and s waits for b */
	CHECK_STR(witness(host, L A "- {run: b, tasks: 0..3, veus: 0..1, "
		"after: [{run: s}]}\n" C S Y, ""), "b0 s0");
	CHECK_STR(witness(host, L A B C "- {run: s, tasks: 0..0, veus: 0..0, "
		"after: [{run: \"y\", tasks: 1..1}]}\n" Y, ""),
		"s0 y1, y1 s0");
	/* the number of times that it runs */
	CHECK_STR(witness(host, L A B C S "- {run: \"y\", tasks: 0..2, "
		"veus: 0..1, after: [{run: s}]}\n", ""), "y3 x0");
	CHECK_STR(witness(host, L A A B C S Y, ""), "a0 x2");
	/* c in a's place: b reads a's last before or after c writes there, and
	 * c's own rTasks read a and write c */
	CHECK_STR(witness(host, L A B C S Y, PLACES("0", "32", "0", "64")),
	          "c0 c0 [0, 8) of a");
	CHECK_STR(witness(host, L A B C S Y, PLACES("0", "56", "24", "88")),
	          "a3 c0 [24, 32) of a, a3 c0 [24, 32) of a");
	/* nothing that rTasks show */
	CHECK_STR(witness(host, L A B C S Y, PLACES("1", "32", "64", "96")), "");
	CHECK_STR(witness(host, L A B C S Y
		"- {run: \"y\", tasks: 2..4, veus: 0..1}\n", ""), "");
}

int
main(void)
{
	RUN(test_legal);
	RUN(test_order);
	RUN(test_transitive);
	RUN(test_each);
	RUN(test_each_ring);
	RUN(test_coverage);
	RUN(test_deadlock);
	RUN(test_resources);
	RUN(test_device_figures);
	RUN(test_kernels);
	RUN(test_state);
	RUN(test_too_many);
	RUN(test_many_faults);
	RUN(test_witness);
	return test_done();
}
