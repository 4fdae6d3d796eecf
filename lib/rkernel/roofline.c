/* The roofline of a device (Williams et al., "Roofline: an insightful visual
 * performance model", 2009), from its file. */
#include "rkernel/roofline.h"

#include "base/diag.h"

/* Share of a unit's peak that plain code reaches: an estimate, half way between
 * vendors' libraries on large matrices and loops held up by loads.  It scales
 * computing against moving data; candidates that both compute keep their order
 * whatever it is. */
#define REACH 0.5

/* Threads with which a block keeps an SM's lanes busy: from sm_70 on, four
 * schedulers, and 4 cycles until a result may be used (Jia et al., "Dissecting
 * the NVIDIA Volta GPU Architecture via Microbenchmarking", 2018); with two
 * independent operations in a thread, two warps a scheduler. */
#define FULL_THREADS 256.0

/* Of a cache, how much stays of what was touched last, about: others pass through
 * it, and not every address fits every set.  (lib/verify/cache.c knows better.)
 * Through an l1 nothing passes but what the rTask at hand touches. */
#define KEPT 0.8

double
roofline_bytes(const struct device *v, enum near n)
{
	bool host = v->target == TARGET_HOST;

	switch (n) {
	case NEAR_L1:
		return host && v->l1_gbps > 0 ? (double)v->l1 : 0;
	case NEAR_UNIT:
		return host ? KEPT * (double)v->l2 : 0;
	case NEAR_SHARED:
		return KEPT * (double)(host ? v->l3 : v->l2);
	case NEAR_MEMORY:
		return 0;
	case NEAR_NUM:
		break;
	}
	BUG("no such place");
}

double
roofline_all_gbps(const struct device *v, enum near n)
{
	bool host = v->target == TARGET_HOST;

	switch (n) {
	case NEAR_L1:
		if (v->l1_gbps > 0)
			return v->l1_gbps;
		/* fall through */
	case NEAR_UNIT:
		return v->l2_gbps;
	case NEAR_SHARED:
		if (!host || v->l3_gbps > 0)
			return host ? v->l3_gbps : v->l2_gbps;
		/* fall through */
	case NEAR_MEMORY:
		return v->memory_gbps;
	case NEAR_NUM:
		break;
	}
	BUG("no such place");
}

double
roofline_unit_gbps(const struct device *v, enum near n)
{
	double share = roofline_all_gbps(v, n) / (double)v->units;

	return share > v->unit_gbps ? share : v->unit_gbps;
}

double
roofline_compute_us(const struct device *v, double flops, int64_t threads)
{
	double us = roofline_busy_us(v, flops);

	if (v->target != TARGET_HOST && (double)threads < FULL_THREADS)
		us *= FULL_THREADS / (double)threads;
	return us;
}

double
roofline_busy_us(const struct device *v, double flops)
{
	return flops / (v->unit_gflops * REACH * 1e3);
}
