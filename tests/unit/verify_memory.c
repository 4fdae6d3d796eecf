/* The verifier on places in memory, and the order of tensors that it rests on. */
#include "judge.h"

static void
test_memory(void)
{
	static const char steps[] = L A B C S Y;

	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "96")),
	          FAULT_NONE);
	/* b in a's place: c still reads a */
	CHECK_INT(judge_on(host, steps, PLACES("0", "0", "64", "96")),
	          FAULT_MEMORY);
	CHECK_HAS(test_said(), "error: 'b' takes bytes of 'a', but rTask 0 of "
	          "'b' uses both");
	/* c in a's place: each rTask reads its own two elements, then writes
	 * them; the rTask itself is not ordered */
	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "0", "96")),
	          FAULT_MEMORY);
	test_said();
	/* s in a's place, by whole tensors ordered?  c's rTask 1 on vEU 1 may
	 * still read a */
	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "0")),
	          FAULT_MEMORY);
	CHECK_HAS(test_said(), "which writes 's', is not ordered after rTask 1 of "
	          "'c', which reads 'a'");
	/* half of s over the last element of a */
	CHECK_INT(judge_on(host, steps, PLACES("68", "32", "0", "96")),
	          FAULT_MEMORY);
	test_said();
	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "100")),
	          FAULT_MEMORY);
	CHECK_HAS(test_said(), "does not lie within the 128 bytes of its base");
	CHECK_INT(judge_on(host, steps, PLACES("0", "34", "66", "96")),
	          FAULT_MEMORY);
	CHECK_HAS(test_said(), "'b' at 34: expected a multiple of 4");
}

/* With a barrier behind c, a is over when s is made. */
static void
test_memory_reuse(void)
{
	static const char steps[] = L A B C BARRIER
		"- {run: s, tasks: 0..0, veus: 0..0}\n" Y;

	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "0")),
	          FAULT_NONE);
	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "32")),
	          FAULT_MEMORY);
	test_said();
	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "16")),
	          FAULT_MEMORY);
	test_said();
}

/* Not ordered as wholes, but where the bytes meet: vEU 0 makes elements 0, 1,
 * 4, 5 of c after those of a were read for b; b is kept apart. */
static void
test_memory_exact(void)
{
	static const char steps[] = L A B
		"- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}, {run: c}]}\n"
		C Y;

	CHECK_INT(judge_on(host, steps, PLACES("0", "32", "64", "96")),
	          FAULT_DEADLOCK);
	test_said();
	/* a's last two elements and c's first two: written by c's rTask 0 on
	 * vEU 0, last read by c's rTask 3 on vEU 1 */
	CHECK_INT(judge_on(host, L A B C S Y, PLACES("0", "56", "24", "88")),
	          FAULT_MEMORY);
	test_said();
	/* a's first two and b's last two: b's rTask 3 follows rTask 1 on vEU
	 * 1; a's elements 0, 1 are read by vEU 0 */
	CHECK_INT(judge_on(host, L A B C S Y, PLACES("24", "0", "56", "88")),
	          FAULT_MEMORY);
	test_said();
	/* a's elements 6, 7 lie where c's 0, 1 do, which vEU 0 makes: in order
	 * only if it has waited for what vEU 1 reads there */
	CHECK_INT(judge_on(host, L A B
		"- {run: c, tasks: 3..3, veus: 1..1}\n"
		"- {run: c, tasks: 0..2, veus: 0..1}\n"
		S Y, PLACES("0", "64", "24", "96")), FAULT_MEMORY);
	test_said();
	CHECK_INT(judge_on(host, L A B
		"- {run: c, tasks: 3..3, veus: 0..0, after: [{run: b}]}\n"
		"- {run: c, tasks: 0..2, veus: 0..1}\n"
		S Y, PLACES("0", "64", "24", "96")), FAULT_NONE);
	CHECK_STR(test_said(), "");
}

static void
test_tensor_order(void)
{
	struct order *o;
	int a, b, c, s, y;

	CHECK(load(host, kernels, L A B C S Y, ""));
	CHECK(plan_choose(&plan, stack_schedule(&stack), test_diag()) == 0);
	o = order_make(&plan, stack_schedule(&stack), &test_arena, test_diag());
	CHECK(o != NULL);
	a = map_get(&plan.tensor_by_name, "a");
	b = map_get(&plan.tensor_by_name, "b");
	c = map_get(&plan.tensor_by_name, "c");
	s = map_get(&plan.tensor_by_name, "s");
	y = map_get(&plan.tensor_by_name, "y");
	CHECK(!order_tensors(o, a, b));		/* b's rTasks read a */
	CHECK(!order_tensors(o, a, s));		/* c's on vEU 1 may come late */
	CHECK(order_tensors(o, b, y));
	CHECK(!order_tensors(o, y, b));
	CHECK(!order_tensors(o, c, y));
	CHECK(!order_tensors(o, a, y));		/* likewise: vEU 1's c */
	CHECK(order_first(o, a) < order_first(o, b));

	CHECK(load(host, kernels, L A B C BARRIER
	      "- {run: s, tasks: 0..0, veus: 0..0}\n" Y, ""));
	CHECK(plan_choose(&plan, stack_schedule(&stack), test_diag()) == 0);
	o = order_make(&plan, stack_schedule(&stack), &test_arena, test_diag());
	CHECK(order_tensors(o, a, s));
	CHECK(order_tensors(o, a, y));
	CHECK(!order_tensors(o, s, a));
}

int
main(void)
{
	RUN(test_memory);
	RUN(test_memory_reuse);
	RUN(test_memory_exact);
	RUN(test_tensor_order);
	return test_done();
}
