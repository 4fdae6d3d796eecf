/* lib/runtime/host_clock.h: the clock of traces against the system's. */
#include "test.h"

#include "runtime/host_clock.h"

/* Some 20 ms by ticks are as long as by the system's clock, which is read on both
 * sides of each: wherever this thread is held up. */
static void
compare(struct host_clock *c)
{
	uint64_t before0 = host_clock_ns(), t0 = host_clock_read(c);
	uint64_t after0 = host_clock_ns(), before1, t1, after1;
	double ns;

	do
		before1 = host_clock_ns();
	while (before1 - before0 < 20000000);
	t1 = host_clock_read(c);
	after1 = host_clock_ns();
	ns = (double)(t1 - t0) * host_clock_tick_ns(c);
	CHECK(ns > 0.98 * (double)(before1 - after0));
	CHECK(ns < 1.02 * (double)(after1 - before0));
}

static void
test_ticks(void)
{
	struct host_clock c;

	host_clock_start(&c);
	compare(&c);
}

/* Where the processor has no ticks that go on evenly. */
static void
test_system(void)
{
	struct host_clock c;

	host_clock_start(&c);
	c.ticks = false;
	CHECK_FLOAT(host_clock_tick_ns(&c), 1);
	compare(&c);
}

int
main(void)
{
	RUN(test_ticks);
	RUN(test_system);
	return test_done();
}
