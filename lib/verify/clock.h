/* Vector clocks: of each vEU, how many of its rTasks are known to be done.
 *
 * A clock is kept in whole lanes, its tail zero, so that the compiler makes
 * vector code of the loops over it. */
#ifndef VERIFY_CLOCK_H
#define VERIFY_CLOCK_H

#include <stdint.h>

#define CLOCK_LANES 8

/* Entries of a clock for so many vEUs. */
static inline int64_t
clock_wide(int64_t width)
{
	return (width + CLOCK_LANES) / CLOCK_LANES * CLOCK_LANES;
}

/* to learns all that from knows; both are wide. */
static inline void
clock_join(int32_t *restrict to, const int32_t *restrict from, int64_t wide)
{
	for (; wide > 0; wide -= CLOCK_LANES, to += CLOCK_LANES,
	     from += CLOCK_LANES)
		for (int i = 0; i < CLOCK_LANES; i++)
			to[i] = to[i] > from[i] ? to[i] : from[i];
}

#endif
