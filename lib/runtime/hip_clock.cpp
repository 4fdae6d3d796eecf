/* How long a tick of an AMD GPU's clock is.  The clock that all compute units
 * share (tamp_now of hip.h) has a rate of its own, which this version of HIP
 * does not tell: it is measured against the host's, once, at open. */
#include "cuda_model.h"

#include <chrono>
#include <thread>

static __global__ void
read_clock(uint64_t *to)
{
	*to = __builtin_amdgcn_s_memrealtime();
}

static int
read_at(struct cuda *c, uint64_t *device, uint64_t *ticks)
{
	void *params[] = {&device};

	TRY(NULL, hipLaunchKernel((const void *)read_clock, dim3(1), dim3(1),
	                          params, 0, c->stream));
	TRY(NULL, hipMemcpyAsync(ticks, device, sizeof *ticks, hipMemcpyDefault,
	                         c->stream));
	TRY(NULL, hipStreamSynchronize(c->stream));
	return 0;
}

/* Two readings, PAUSE apart; the first of all also loads the code. */
static int
measure(struct cuda *c, uint64_t *device)
{
	typedef std::chrono::steady_clock clock;
	const std::chrono::milliseconds pause(10);
	uint64_t from = 0, to = 0;
	clock::time_point t0, t1;

	if (read_at(c, device, &from) < 0 || read_at(c, device, &from) < 0)
		return -1;
	t0 = clock::now();
	std::this_thread::sleep_for(pause);
	if (read_at(c, device, &to) < 0)
		return -1;
	t1 = clock::now();
	if (to <= from)
		return tamp_fail(NULL, "the clock of %s stands still", c->name);
	c->tick_ns = std::chrono::duration<double, std::nano>(t1 - t0).count() /
		(double)(to - from);
	return 0;
}

int
cuda_open_clock(struct cuda *c)
{
	uint64_t *device = NULL;
	int rc;

	TRY(NULL, hipMalloc((void **)&device, sizeof *device));
	rc = measure(c, device);
	(void)hipFree(device);
	return rc;
}
