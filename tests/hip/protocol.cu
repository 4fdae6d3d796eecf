/* The two halves of a signal, alone, so that compile.tap can read what hipcc
 * makes of them. */
#include "cuda.h"

/* Every thread stores; when all have met, one says so. */
extern "C" __global__ void
signals(float *to, uint32_t *counter)
{
	to[threadIdx.x] = 1.0f;
	tamp_meet();
	if (tamp_lane() == 0)
		tamp_red_release(counter);
}

/* One thread sees the counter; when all have met, every one loads. */
extern "C" __global__ void
waits(const float *from, float *to, const uint32_t *counter)
{
	if (tamp_lane() == 0)
		while (tamp_ld_acquire(counter) == 0)
			;
	tamp_meet_or(0);
	to[threadIdx.x] = from[threadIdx.x];
}
