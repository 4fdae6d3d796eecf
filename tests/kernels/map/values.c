/* Values of runtime/map.h's names against libm: compiled as C by gcc, as C++
 * by g++, where they must mean the same.  Prints one line a fault; the exit
 * status is 1 if there is one. */
#include <stdio.h>
#include <stdlib.h>

#include "map.h"

static int faults;

static void
near(const char *what, double x, double is, double want, double ulps)
{
	double ulp = fabs(want) * 1.2e-7 + 1.5e-45;

	if (isnan(want) ? isnan(is) : is == want)
		return;
	if (fabs(is - want) <= ulps * ulp)
		return;
	printf("%s(%.9g) is %.9g, expected %.9g\n", what, x, is, want);
	faults++;
}

#define NEAR(f, x, want, ulps) near(#f, (double)(x), (double)f(x), want, ulps)

static void
floats(float x)
{
	double d = x;

	NEAR(EXP, x, (double)(float)exp(d), 3);
	NEAR(TANH, x, tanh(d), 3);
	if (!(x < -88.0f))
		NEAR(SIGMOID, x, 1 / (1 + exp(-d)), 4);
	NEAR(ERF, x, erf(d), 8);
	NEAR(SQRT, x, sqrt(d), 1);
	NEAR(LOG, x, log(d), 2);
	NEAR(FLOOR, x, floor(d), 0);
	NEAR(CEIL, x, ceil(d), 0);
	NEAR(TRUNC, x, trunc(d), 0);
	NEAR(ROUND, x, rint(d), 0);
	NEAR(ABS, x, fabs(d), 0);
	NEAR(SIGN, x, isnan(d) ? d : (double)((d > 0) - (d < 0)), 0);
}

/* EXP of what gives the least, denormal and infinite results, and a sweep. */
static void
sweep(void)
{
	static const float edge[] = {0.0f, -0.0f, 88.72283f, 88.72284f, 89.0f,
		-87.33f, -87.4f, -103.9f, -104.0f, -1e30f, 1e30f, 0.625f,
		-0.625f, 4.0f, -4.0f, 1e-38f, 1e-30f, 0.5f, 1.5f, 2.5f, -2.5f};

	for (size_t i = 0; i < sizeof edge / sizeof *edge; i++)
		floats(edge[i]);
	floats(INFINITY);
	floats(-INFINITY);
	floats(NAN);
	for (int i = -200000; i <= 200000; i++)
		floats((float)i * 0.00053f);
}

#define IS(expr, want) \
	((expr) == (want) ? (void)0 : \
	 (void)(printf("%s is not %s\n", #expr, #want), faults++))

static void
integers(void)
{
	int64_t big = (int64_t)1 << 60, least = INT64_MIN;
	uint8_t u = 200;
	int32_t m = -7, n = 3;

	IS(IDIV(m, n), -2);
	IS(IDIV(m, 0), 0);
	IS(IDIV(least, -1), least);
	IS(IMOD(m, n), 2);
	IS(IMOD(n, m), -4);
	IS(FMOD(m, n), -1);
	IS(IMOD(m, 0), 0);
	IS(POW(n, 4), 81);
	IS(POW(n, 2.0f), 9);
	IS(POW(2, -1), 0);
	IS(POW(2.0f, 3), 8.0f);
	IS(ABS(m), 7);
	IS(ABS(least), least);
	IS(SIGN(m), -1);
	IS(MIN(m, n), -7);
	IS(MAX(m, n), 3);
	IS(MAX(u, 100), 200);
	IS(MAX(MAX(m, n), MIN(m, 9)), 3);
	IS(FLOOR(big + 1), big + 1);
	IS(SHL(u, 1), 144);
	IS(SHR(u, 3), 25);
	IS(SHL(u, 8), 0);
	IS(SHR(u, 64), 0);
	IS(BITXOR(5, 3), 6);
	IS(CAST_U8(-1.0f), 255);
	IS(CAST_I8(200), -56);
	IS(CAST_I32(3.9f), 3);
	IS(CAST_BOOL(0.5f), 1);
	IS(CAST_BOOL(NAN), 1);
	IS(SELECT(n > 2, 1, 2), 1);
}

static void
specials(void)
{
	float nan = NAN, one = 1.0f;

	IS(!ISNAN(MAX(nan, one)), 0);
	IS(!ISNAN(MAX(one, nan)), 0);
	IS(!ISNAN(MIN(nan, one)), 0);
	IS(!ISNAN(MIN(one, nan)), 0);
	IS(!ISNAN(SIGN(nan)), 0);
	IS(!ISINF(-INFINITY), 0);
	IS(!ISINF(nan), 1);
	IS(!ISNAN(one), 1);
	IS(IMOD(-7.5f, 2.0f), 0.5f);
	IS(FMOD(-7.5f, 2.0f), -1.5f);
	IS(sizeof(EXP(one)), sizeof(float));
	IS(sizeof(EXP(1.0)), sizeof(double));
	IS(sizeof(MAX(one, 0.0)), sizeof(float));
	IS(sizeof(ABS((int64_t)1)), 8);
}

int
main(void)
{
	sweep();
	integers();
	specials();
	return faults != 0;
}
