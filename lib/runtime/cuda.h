/* The device side of an emitted CUDA program: what a vEU is.
 *
 * A launch is a persistent kernel of "width" thread blocks, all resident at
 * once.  Each block is a vEU: it walks its rows; a row is an rTask with the
 * counters it waits for and the one it signals, or a barrier of all vEUs.
 *
 *	signal	all threads have stored, block barrier, one red.release
 *	wait	one thread a counter spins on ld.acquire, block barrier
 *
 * Counters only grow: a wait is over when its counter has reached epoch *
 * count, by signed difference.  No wait lasts for ever: the first to give up
 * writes down what it waited for, and all vEUs leave.
 *
 * The same text is compiled by hipcc against hip.h, and by g++ against emu.h,
 * where blocks and threads are fibers; what differs is fenced below. */
#ifndef TAMP_CUDA_H
#define TAMP_CUDA_H

#if defined TAMP_EMULATE
#include "emu.h"
#elif defined __HIP__
#include "hip.h"
#else
#include <cuda_runtime.h>
#endif

#include <stddef.h>
#include <stdint.h>

#include "cuda_host.h"
#include "map.h"

#define TAMP_UINT3(x, y, z) make_uint3(x, y, z)
/* The index of an element that a map loads or stores, less than 2^31: one
 * register. */
#define TAMP_INDEX uint32_t
#define rtask_wait() ((void)0)	/* waits come before the rTask as a whole */

/* The next multiple of align, a power of two. */
__host__ __device__ constexpr size_t
tamp_up(size_t n, size_t align)
{
	return (n + align - 1) / align * align;
}

/* A plain load in the place of one through the non-coherent path. */
template <class T>
static __device__ __forceinline__ T
tamp_load(const T *p)
{
	return *p;
}

/* --- primitives: PTX here; emu.h and hip.h have their own -------------------- */

#if !defined TAMP_EMULATE && !defined __HIP__

static __device__ __forceinline__ uint32_t
tamp_ld_acquire(const uint32_t *p)
{
	uint32_t v;

	asm volatile("ld.acquire.gpu.global.u32 %0, [%1];"
	             : "=r"(v) : "l"(__cvta_generic_to_global(p)) : "memory");
	return v;
}

static __device__ __forceinline__ uint32_t
tamp_ld_relaxed(const uint32_t *p)
{
	uint32_t v;

	asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];"
	             : "=r"(v) : "l"(__cvta_generic_to_global(p)) : "memory");
	return v;
}

static __device__ __forceinline__ void
tamp_red_release(uint32_t *p)
{
	asm volatile("red.release.gpu.global.add.u32 [%0], 1;"
	             : : "l"(__cvta_generic_to_global(p)) : "memory");
}

/* Nanoseconds. */
static __device__ __forceinline__ uint64_t
tamp_now(void)
{
	uint64_t t;

	asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
	return t;
}

/* __syncthreads_or for threads of one warp that come from different places:
 * the form without ".aligned". */
static __device__ __forceinline__ int
tamp_sync_or(int pred)
{
	int any;

	asm volatile("{\n\t.reg .pred p, q;\n\t"
	             "setp.ne.s32 p, %1, 0;\n\t"
	             "barrier.red.or.pred q, 0, p;\n\t"
	             "selp.s32 %0, 1, 0, q;\n\t}"
	             : "=r"(any) : "r"(pred) : "memory");
	return any;
}

/* All threads of the vEU meet, whatever paths they took before. */
static __device__ __forceinline__ void
tamp_meet(void)
{
	__syncwarp();
	__syncthreads();
}

static __device__ __forceinline__ int
tamp_meet_or(int pred)
{
	__syncwarp();
	return __syncthreads_or(pred);
}

#endif

#ifndef TAMP_EMULATE

extern __shared__ __align__(1024) unsigned char tamp_shared[];

/* One turn of a spin: awake for some microseconds, then with short naps. */
static __device__ __forceinline__ void
tamp_nap(uint32_t turn, const uint32_t *counter, uint32_t want)
{
	(void)counter;
	(void)want;
	if (turn > 64)
		__nanosleep(turn > 1024 ? 256 : 32);
}

/* Threads of a vEU that take part in the loop below, and this one's number. */
static __device__ __forceinline__ uint32_t tamp_lanes(void) { return blockDim.x; }
static __device__ __forceinline__ uint32_t tamp_lane(void) { return threadIdx.x; }

/* What the dispatch of a launch does for instance n. */
#define TAMP_CALL(n) inst_##n(task, args)

/* An entry point that runs instance n alone. */
#define TAMP_ENTRY(n) \
	extern "C" __global__ void \
	entry_##n(uint32_t task, void *const *args) { inst_##n(task, args); }

#endif

/* A barrier of a kernel whose threads may be idle: see source.c. */
static __device__ __forceinline__ void
tamp_sync_idle(void)
{
	tamp_sync_or(1);
}

/* Where threads go that are done: they meet the others' barriers until
 * everybody is here. */
static __device__ __forceinline__ void
tamp_idle(void)
{
	while (tamp_sync_or(0))
		;
}

/* --- waiting ------------------------------------------------------------------ */

/* The first to give up says why. */
static __device__ void
tamp_give_up(struct tamp_control *c, uint32_t veu, uint32_t row,
             uint32_t counter, uint32_t expected, uint32_t seen)
{
	if (atomicCAS(&c->abort, 0u, 1u) != 0u)
		return;
	c->veu = veu;
	c->row = row;
	c->counter = counter;
	c->expected = expected;
	c->seen = seen;
}

/* Waits until *p has reached want; base: its value when the run began. */
static __device__ bool
tamp_await(const struct tamp_launch_args *a, const uint32_t *p, uint32_t want,
           uint32_t base, uint32_t row, uint32_t counter)
{
	struct tamp_control *c = a->control;
	uint64_t began = 0, now;
	uint32_t seen;

	for (uint32_t turn = 0;; turn++) {
		seen = tamp_ld_acquire(p);
		if ((int32_t)(seen - want) >= 0)
			return true;
		tamp_nap(turn, p, want);
		if (turn % 128 != 127)
			continue;
		if (tamp_ld_relaxed(&c->abort))
			return false;
		now = tamp_now();
		if (began == 0)
			began = now;
		if (now - began > c->limit) {
			tamp_give_up(c, blockIdx.x, row, counter, want - base,
			             seen - base);
			return false;
		}
	}
}

/* All counters of a row; true if the run has been given up. */
static __device__ __forceinline__ bool
tamp_wait_all(const struct tamp_launch_args *a, const struct tamp_task *t,
              uint32_t row, uint32_t epoch)
{
	bool ok = true;

	for (uint32_t i = tamp_lane(); i < t->nwaits; i += tamp_lanes()) {
		const struct tamp_wait w = a->waits[t->wait + i];

		ok = tamp_await(a, a->counters + TAMP_LINE * w.counter,
		                epoch * w.count, (epoch - 1) * w.count, row,
		                w.counter) && ok;
	}
	return tamp_meet_or(!ok);
}

/* All vEUs of the launch meet.  Barrier k of a run is over when its counter
 * has seen all arrivals of the runs before, and of the first k barriers. */
static __device__ __forceinline__ bool
tamp_barrier(const struct tamp_launch_args *a, uint32_t k, uint32_t row,
             uint32_t epoch)
{
	uint32_t base = (epoch - 1) * a->nbarriers * a->width;
	bool ok = true;

	/* tamp_meet came after the rTask before. */
	if (tamp_lane() == 0) {
		tamp_red_release(a->barrier);
		ok = tamp_await(a, a->barrier, base + k * a->width,
		                base + (k - 1) * a->width, row, TAMP_NONE);
	}
	return tamp_meet_or(!ok);
}

/* --- the vEU ------------------------------------------------------------------- */

/* The epoch of this launch.  Where a run is several launches, each advances
 * the epoch of the one before it, which has ended: nothing is reset between
 * runs, and a CUDA graph of them needs no parameter changed. */
static __device__ __forceinline__ uint32_t
tamp_epoch(const struct tamp_launch_args *a)
{
	if (!a->epoch_at)
		return a->epoch;
	if (blockIdx.x == 0 && tamp_lane() == 0)
		++*a->advance;
	return *a->epoch_at;
}

/* Whether a launch before this one was given up: nobody then waits for what
 * it did not do.  The threads of a vEU agree. */
static __device__ __forceinline__ bool
tamp_given_up(const struct tamp_launch_args *a)
{
	return tamp_meet_or(tamp_lane() == 0 &&
	                    tamp_ld_relaxed(&a->control->abort) != 0);
}

/* The condition that a vEU looked at last: until its rTasks are done it stays
 * what it was found to be. */
struct tamp_known {
	uint32_t condition;
	bool holds;
};

/* Whether all of an rTask's condition holds: each thread looks, after the block
 * barrier that ended the waits, and the one behind the rTask comes before
 * anything that may overwrite what they look at; so they agree.  Volatile: a
 * launch reads what its own vEUs wrote.  Programs without conditions ask
 * nothing. */
template <bool Conditions>
static __device__ __forceinline__ bool
tamp_holds(const struct tamp_launch_args &a, uint32_t condition,
           struct tamp_known *k)
{
	uint32_t at = Conditions ? condition : TAMP_NONE;

	if (at == k->condition)
		return k->holds;
	k->condition = at;
	k->holds = true;
	while (at != TAMP_NONE && k->holds) {
		const struct tamp_guard g = a.guards[at];

		k->holds = (*(const volatile uint8_t *)g.at != 0) == (g.is != 0);
		at = g.within;
	}
	return k->holds;
}

/* Notes the time, by one thread of the vEU, where the run is traced. */
#define TAMP_NOTE(a, row, when) \
	do { \
		if ((a).stamps && tamp_lane() == 0) \
			(a).stamps[row].when = tamp_now(); \
	} while (0)

/* What each block of a launch does: call(instance, task, args) runs an rTask
 * with all its threads.  Conditions: whether the program has any. */
template <bool Conditions = false, class Call>
static __device__ __forceinline__ void
tamp_veu_main(const struct tamp_launch_args &a, Call call)
{
	const struct tamp_veu v = a.veus[blockIdx.x];
	const uint32_t epoch = tamp_epoch(&a);
	struct tamp_known known = {TAMP_NONE, true};
	uint32_t barriers = 0;
	struct tamp_task t, next = a.tasks[v.row];

	if (tamp_given_up(&a))
		return;
	for (uint32_t row = v.row; row < v.row + v.nrows; row++) {
		t = next;
		next = a.tasks[row + 1];	/* one row too many is there */
		TAMP_NOTE(a, row, arrived);
		if (t.instance == TAMP_NONE) {
			if (tamp_barrier(&a, ++barriers, row, epoch))
				return;
			TAMP_NOTE(a, row, begun);
			TAMP_NOTE(a, row, ended);
			continue;
		}
		if (t.nwaits && tamp_wait_all(&a, &t, row, epoch))
			return;
		TAMP_NOTE(a, row, begun);
		if (tamp_holds<Conditions>(a, t.condition, &known))
			call(t.instance, t.task, a.args + t.args);
		else
			TAMP_NOTE(a, row, skipped);
		/* Others may read what this rTask stored; the next one may
		 * use the same shared memory. */
		tamp_meet();
		TAMP_NOTE(a, row, ended);
		if (t.signal != TAMP_NONE && tamp_lane() == 0)
			tamp_red_release(a.counters + TAMP_LINE * t.signal);
	}
}

#endif
