/* lib/verify/dilate.c: what rTasks ask for together. */
#include "test.h"
#include "verify/dilate.h"

static double
end_of(const struct demand *v, size_t n, double total, double units)
{
	struct dilation d;

	dilation_make(&d, v, n, total, units, &test_arena);
	return dilated(&d, total);
}

static bool
about(double a, double b)
{
	return a > 0.999 * b && a < 1.001 * b;
}

static void
test_units(void)
{
	struct demand v[] = {{0, 8, 8, 0, 0}, {0, 8, 8, 0, 0}};

	CHECK(about(end_of(v, 2, 8, 2), 8));
	CHECK(about(end_of(v, 2, 8, 1), 16));	/* two on one unit */
	v[0].unit_us = v[1].unit_us = 4;	/* each uses half of it */
	CHECK(about(end_of(v, 2, 8, 1), 8));
}

/* What is short most counts, and only while it is. */
static void
test_memory(void)
{
	struct demand v[] = {{0, 8, 1, 2, 6}, {0, 4, 1, 1, 6}, {8, 16, 0, 0, 0}};
	struct dilation d;

	dilation_make(&d, v, 3, 16, 2, &test_arena);
	/* 0 .. 4: 3 + 6 of memory asked for; 4 .. 8: 3; then nothing */
	CHECK(about(dilated(&d, 4), 9));
	CHECK(about(dilated(&d, 8), 13));
	CHECK(about(dilated(&d, 16), 21));
	CHECK(about(dilated(&d, 2), 4.5));
}

static void
test_nothing(void)
{
	struct demand at = {3, 3, 1, 1, 1};

	CHECK(about(end_of(NULL, 0, 5, 1), 5));
	CHECK(about(end_of(&at, 1, 5, 1), 5));
	CHECK(end_of(NULL, 0, 0, 1) == 0);
}

int
main(void)
{
	RUN(test_units);
	RUN(test_memory);
	RUN(test_nothing);
	return test_done();
}
