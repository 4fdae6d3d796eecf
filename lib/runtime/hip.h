/* The device side of CUDA for AMD GPUs: what cuda.h and kernels need that
 * hipcc does not have, or has with another meaning.
 *
 * A wavefront runs 64 threads in step (32 on later devices); a kernel's warp
 * of 32 is a half of it (warp.h).  Threads that wait at different places of
 * the program cannot meet within a wavefront: those that are done stand idle
 * until the others come to the same place, and the wavefront arrives at a
 * barrier as a whole.  So votes count wavefronts, whichever of their threads
 * are still there; hipcc's own __syncthreads_or loses the vote of a wavefront
 * whose first thread has left. */
#ifndef TAMP_HIP_H
#define TAMP_HIP_H

#include <hip/hip_runtime.h>

#include <stdint.h>

enum { TAMP_WAVE = __AMDGCN_WAVEFRONT_SIZE };

/* --- wavefronts ------------------------------------------------------------------- */

static __device__ __forceinline__ unsigned
tamp_wave_lane(void)
{
	return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0u));
}

static __device__ __forceinline__ uint32_t
tamp_wave_get(uint64_t, uint32_t v, int lane)
{
	return (uint32_t)__builtin_amdgcn_ds_bpermute(lane * 4, (int)v);
}

static __device__ __forceinline__ uint64_t
tamp_wave_get(uint64_t who, uint64_t v, int lane)
{
	const uint32_t low = tamp_wave_get(who, (uint32_t)v, lane);

	return (uint64_t)tamp_wave_get(who, (uint32_t)(v >> 32), lane) << 32 | low;
}

static __device__ __forceinline__ uint64_t
tamp_wave_ballot(uint64_t, int p)
{
	return __ballot(p);
}

/* They run in step; what one has stored the others shall see. */
static __device__ __forceinline__ void
tamp_wave_sync(uint64_t)
{
	__builtin_amdgcn_fence(__ATOMIC_RELEASE, "wavefront");
	__builtin_amdgcn_wave_barrier();
	__builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "wavefront");
}

#include "warp.h"

/* --- votes of a block ---------------------------------------------------------------- */

/* The sum of what each wavefront of the block gives. */
static __device__ __forceinline__ uint32_t
tamp_wave_sum(uint32_t mine)
{
	__shared__ uint32_t sums[1024 / TAMP_WAVE];
	const uint32_t n = (blockDim.x + TAMP_WAVE - 1) / TAMP_WAVE;
	uint32_t sum = 0;

	sums[threadIdx.x / TAMP_WAVE] = mine;	/* of all its threads the same */
	__syncthreads();
	for (uint32_t i = 0; i < n; i++)
		sum += sums[i];
	__syncthreads();
	return sum;
}

static __device__ __forceinline__ int
tamp_sync_count(int p)
{
	return (int)tamp_wave_sum((uint32_t)__popcll(__ballot(p)));
}

static __device__ __forceinline__ int
tamp_sync_or(int p)
{
	return tamp_wave_sum(__ballot(p) != 0) != 0;
}

static __device__ __forceinline__ int
tamp_sync_and(int p)
{
	return tamp_wave_sum(__ballot(!p) != 0) == 0;
}

#define __syncthreads_count tamp_sync_count
#define __syncthreads_or tamp_sync_or
#define __syncthreads_and tamp_sync_and

/* All threads of the vEU meet.  What each has stored is where other compute
 * units see it: one thread's signal speaks for all. */
static __device__ __forceinline__ void
tamp_meet(void)
{
	__builtin_amdgcn_fence(__ATOMIC_RELEASE, "agent");
	__syncthreads();
}

static __device__ __forceinline__ int
tamp_meet_or(int p)
{
	return tamp_sync_or(p);
}

/* --- counters and time ----------------------------------------------------------------- */

static __device__ __forceinline__ uint32_t
tamp_ld_acquire(const uint32_t *p)
{
	return __hip_atomic_load(p, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT);
}

static __device__ __forceinline__ uint32_t
tamp_ld_relaxed(const uint32_t *p)
{
	return __hip_atomic_load(p, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}

static __device__ __forceinline__ void
tamp_red_release(uint32_t *p)
{
	(void)__hip_atomic_fetch_add(p, 1u, __ATOMIC_RELEASE,
	                             __HIP_MEMORY_SCOPE_AGENT);
}

/* A clock of constant rate, the same on all compute units; see hip_clock.cpp. */
static __device__ __forceinline__ uint64_t
tamp_now(void)
{
	return __builtin_amdgcn_s_memrealtime();
}

/* --- what hipcc lacks -------------------------------------------------------------------- */

/* Its own counts wavefronts of a SIMD, of which a compute unit has four. */
#undef __launch_bounds__
#define TAMP_BOUNDS_1(threads) \
	__attribute__((amdgpu_flat_work_group_size(1, threads)))
#define TAMP_BOUNDS_2(threads, blocks) \
	__attribute__((amdgpu_flat_work_group_size(1, threads), \
	amdgpu_waves_per_eu(((threads) * (blocks) + 4 * TAMP_WAVE - 1) / \
	                    (4 * TAMP_WAVE))))
#define TAMP_BOUNDS(a, b, name, ...) name
#define __launch_bounds__(...) \
	TAMP_BOUNDS(__VA_ARGS__, TAMP_BOUNDS_2, TAMP_BOUNDS_1, )(__VA_ARGS__)

/* In naps of 64 cycles, some 40 ns. */
static __device__ __forceinline__ void
tamp_nanosleep(unsigned ns)
{
	for (unsigned i = 0; i < ns; i += 40)
		__builtin_amdgcn_s_sleep(1);
}

#define __nanosleep tamp_nanosleep
#define __activemask() tamp_ballot_sync(~0u, 1)
#define __ldcg(p) (*(p))
#define __ldca(p) (*(p))
#define __ldcs(p) (*(p))
#define __ldlu(p) (*(p))
#define __ldcv(p) (*(p))
#define __stwb(p, v) ((void)(*(p) = (v)))
#define __stcg(p, v) ((void)(*(p) = (v)))
#define __stcs(p, v) ((void)(*(p) = (v)))
#define __stwt(p, v) ((void)(*(p) = (v)))

#endif
