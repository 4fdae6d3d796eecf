/* The roofline: what a device computes and moves at most. */
#ifndef RKERNEL_ROOFLINE_H
#define RKERNEL_ROOFLINE_H

#include "ir/ir.h"

/* Where bytes lie, nearest first: in the l1 of a host's core, in a unit's own
 * cache (of a host: the l2 of a core), in the one that units share (a GPU's l2, a
 * host's l3), in memory. */
enum near { NEAR_L1, NEAR_UNIT, NEAR_SHARED, NEAR_MEMORY, NEAR_NUM };

/* Bytes that it holds; 0: there is none.  (Memory holds all.) */
double roofline_bytes(const struct device *v, enum near n);

/* GB/s that one unit draws of it, and all of them together. */
double roofline_unit_gbps(const struct device *v, enum near n);
double roofline_all_gbps(const struct device *v, enum near n);

/* us to compute one rTask alone on a unit, and the part of the unit's time that
 * it then uses: the rest is left to others there. */
double roofline_compute_us(const struct device *v, double flops,
                           int64_t threads);
double roofline_busy_us(const struct device *v, double flops);

#endif
