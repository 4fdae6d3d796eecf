/* The predictor, on the plan of five.h. */
#include "judge.h"

static void
test_predict(void)
{
	struct timeline t;

	CHECK(load(host, kernels, L A B C S Y, ""));
	CHECK(plan_choose(&plan, stack_schedule(&stack), test_diag()) == 0);
	CHECK(predict(&plan, stack_schedule(&stack), NULL, &test_arena, &t,
	              test_diag()) == 0);
	CHECK_INT(t.width, 2);
	CHECK_INT(t.bars.n, 17);
	/* launch 10; six rTasks of 1.25 on each vEU; then s on vEU 0, which
	 * takes half of 0.5 to see that b of vEU 1 was done long ago: 0.25 + 2.25;
	 * y two of 1.25; vEU 1 waits for s: 0.5 more */
	CHECK_FLOAT(t.total_us, 10 + 6 * 1.25 + 2.5 + 0.5 + 2 * 1.25);
	CHECK(load(host, kernels, L A BARRIER B C S Y, ""));
	CHECK(plan_choose(&plan, stack_schedule(&stack), test_diag()) == 0);
	CHECK(predict(&plan, stack_schedule(&stack), NULL, &test_arena, &t,
	              test_diag()) == 0);
	CHECK_FLOAT(t.total_us, 15 + 6 * 1.25 + 2.5 + 0.5 + 2 * 1.25);
}

/* Of a wait for one rTask each, a vEU begins as soon as its own is done. */
static void
test_each_sooner(void)
{
	static const char *const tasks[] = {"0..3", "i..i"};
	double us[2];

	for (int k = 0; k < 2; k++) {
		struct timeline t;

		CHECK(load(host, kernels, arena_printf(&test_arena,
			"- launch: {width: 2}\n"
			"- {run: a, tasks: 0..3, veus: 0..0}\n"
			"- {run: b, tasks: 0..3, veus: 1..1, "
			"after: [{run: a, tasks: %s}]}\n"
			"- {run: c, tasks: 0..3, veus: 0..0}\n" S Y, tasks[k]),
			""));
		CHECK(plan_choose(&plan, stack_schedule(&stack), test_diag())
		      == 0);
		CHECK(predict(&plan, stack_schedule(&stack), NULL, plan.a, &t,
		              test_diag()) == 0);
		us[k] = 0;
		for (size_t i = 0; i < t.bars.n; i++)
			if (t.bars.v[i].rop == 1 && t.bars.v[i].end_us > us[k])
				us[k] = t.bars.v[i].end_us;
	}
	/* 10 + 4 x 1.25 + 0.5 + 4 x 1.25, the first waits for all;
	 * 10 + 1.25 + 0.5 + 1.25 + 3 x (0.25 + 1.25): each looks, all but the
	 * first at what is there already */
	CHECK_FLOAT(us[0], 20.5);
	CHECK_FLOAT(us[1], 17.5);
}

int
main(void)
{
	RUN(test_predict);
	RUN(test_each_sooner);
	return test_done();
}
