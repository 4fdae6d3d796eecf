/* CUDA for g++: what lets model.cu run without a GPU.
 *
 * One thread of the operating system runs everything.  Each vEU is a fiber; an
 * order drawn from a seed says which of those that could go on does.  The
 * threads of an rTask run one after another, or, where they meet at barriers
 * or warp operations, as fibers too.  A barrier that some threads of a vEU
 * never reach, and vEUs that wait for each other, are found and reported
 * instead of hanging. */
#ifndef TAMP_EMU_H
#define TAMP_EMU_H

/* These before the macros below: they use the same words as attributes. */
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <math.h>
#include <string.h>

#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_assume(x) ((void)0)

/* --- vectors ------------------------------------------------------------------ */

#define TAMP_VECTORS(T, name) \
	struct name##2 { T x, y; }; \
	struct name##3 { T x, y, z; }; \
	struct __align__(sizeof(T) * 4 > 16 ? 16 : sizeof(T) * 4) name##4 \
	{ T x, y, z, w; }; \
	static inline name##2 make_##name##2(T x, T y) { return {x, y}; } \
	static inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; } \
	static inline name##4 make_##name##4(T x, T y, T z, T w) \
	{ return {x, y, z, w}; }
TAMP_VECTORS(signed char, char)
TAMP_VECTORS(unsigned char, uchar)
TAMP_VECTORS(short, short)
TAMP_VECTORS(unsigned short, ushort)
TAMP_VECTORS(int, int)
TAMP_VECTORS(unsigned, uint)
TAMP_VECTORS(long long, longlong)
TAMP_VECTORS(unsigned long long, ulonglong)
TAMP_VECTORS(float, float)
TAMP_VECTORS(double, double)
#undef TAMP_VECTORS

struct dim3 {
	unsigned x, y, z;
	constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1)
		: x(a), y(b), z(c) {}
};

#ifndef TAMP_EMU_WARP
#define TAMP_EMU_WARP 32		/* threads in step: 32, or 64 as on AMD */
#endif

/* --- where a thread is ---------------------------------------------------------- */

struct tamp_emu_place {
	uint3 thread, block;
	dim3 block_dim, grid_dim;
	unsigned char *shared;
};
extern struct tamp_emu_place tamp_emu;

#define threadIdx tamp_emu.thread
#define blockIdx tamp_emu.block
#define blockDim tamp_emu.block_dim
#define gridDim tamp_emu.grid_dim
#define tamp_shared tamp_emu.shared

/* --- emu.cpp -------------------------------------------------------------------- */

enum tamp_emu_op {
	EMU_BARRIER, EMU_SYNCWARP, EMU_GET, EMU_BALLOT
};

struct tamp_emu_votes {
	int some, count, all;
};

/* The thread meets all others of its vEU. */
struct tamp_emu_votes tamp_emu_barrier(int pred);

/* It meets those of its wavefront that who names; returns what the operation
 * gives this one: the value of lane from, or a bit a lane. */
uint64_t tamp_emu_wave(enum tamp_emu_op op, uint64_t who, uint64_t value,
                       int from);

/* Runs an rTask with all threads of the vEU. */
typedef void tamp_emu_inst(uint32_t task, void *const *args);
void tamp_emu_call(tamp_emu_inst *inst, bool meets, uint32_t task,
                   void *const *args);

/* The vEU waits until *counter has reached want; returns at once when nobody
 * can go on any more. */
void tamp_emu_wait(const uint32_t *counter, uint32_t want);
uint64_t tamp_emu_now(void);

/* --- the runtime's primitives: see cuda.h ------------------------------------------ */

static inline uint32_t tamp_ld_acquire(const uint32_t *p) { return *p; }
static inline uint32_t tamp_ld_relaxed(const uint32_t *p) { return *p; }
static inline void tamp_red_release(uint32_t *p) { ++*p; }
static inline uint64_t tamp_now(void) { return tamp_emu_now(); }
static inline int tamp_sync_or(int p) { return tamp_emu_barrier(p).some; }
static inline void tamp_meet(void) {}
static inline int tamp_meet_or(int p) { return p; }
static inline void
tamp_nap(uint32_t, const uint32_t *counter, uint32_t want)
{
	tamp_emu_wait(counter, want);
}
static inline uint32_t tamp_lanes(void) { return 1; }
static inline uint32_t tamp_lane(void) { return 0; }
#define TAMP_CALL(n) tamp_emu_call(inst_##n, meets_##n, task, args)

/* --- threads that meet --------------------------------------------------------------- */

static inline void __syncthreads(void) { tamp_emu_barrier(0); }
static inline int __syncthreads_or(int p) { return tamp_emu_barrier(p).some; }
static inline int __syncthreads_and(int p) { return tamp_emu_barrier(p).all; }
static inline int
__syncthreads_count(int p)
{
	return tamp_emu_barrier(p).count;
}

static inline unsigned
tamp_wave_lane(void)
{
	return tamp_emu.thread.x % TAMP_EMU_WARP;
}
static inline uint64_t
tamp_wave_get(uint64_t who, uint64_t v, int lane)
{
	return tamp_emu_wave(EMU_GET, who, v, lane);
}
static inline uint64_t
tamp_wave_ballot(uint64_t who, int p)
{
	return tamp_emu_wave(EMU_BALLOT, who, p != 0, 0);
}
static inline void
tamp_wave_sync(uint64_t who)
{
	tamp_emu_wave(EMU_SYNCWARP, who, 0, 0);
}

#include "warp.h"

/* Who else is there is not said: CUDA promises no more than the thread itself,
 * and threads run one after another. */
static inline unsigned
__activemask(void)
{
	return 1u << tamp_emu.thread.x % TAMP_WARP;
}

/* --- memory ----------------------------------------------------------------------------- */

static inline void __threadfence(void) {}
static inline void __threadfence_block(void) {}
static inline void __threadfence_system(void) {}
static inline void __nanosleep(unsigned) {}

template <class T> static inline T __ldg(const T *p) { return *p; }
template <class T> static inline T __ldcg(const T *p) { return *p; }
template <class T> static inline T __ldca(const T *p) { return *p; }
template <class T> static inline T __ldcs(const T *p) { return *p; }
template <class T> static inline T __ldlu(const T *p) { return *p; }
template <class T> static inline T __ldcv(const T *p) { return *p; }
template <class T> static inline void __stwb(T *p, T v) { *p = v; }
template <class T> static inline void __stcg(T *p, T v) { *p = v; }
template <class T> static inline void __stcs(T *p, T v) { *p = v; }
template <class T> static inline void __stwt(T *p, T v) { *p = v; }

#define TAMP_ATOMIC(name, next) \
	template <class T, class U> static inline T \
	name(T *p, U u) \
	{ \
		T old = *p, v = (T)u; \
		*p = (next); \
		return old; \
	}
TAMP_ATOMIC(atomicAdd, (T)(old + v))
TAMP_ATOMIC(atomicSub, (T)(old - v))
TAMP_ATOMIC(atomicExch, v)
TAMP_ATOMIC(atomicMin, v < old ? v : old)
TAMP_ATOMIC(atomicMax, v > old ? v : old)
TAMP_ATOMIC(atomicAnd, (T)(old & v))
TAMP_ATOMIC(atomicOr, (T)(old | v))
TAMP_ATOMIC(atomicXor, (T)(old ^ v))
TAMP_ATOMIC(atomicInc, old >= v ? (T)0 : (T)(old + 1))
TAMP_ATOMIC(atomicDec, old == 0 || old > v ? v : (T)(old - 1))
#undef TAMP_ATOMIC

template <class T> static inline T
atomicCAS(T *p, T expected, T v)
{
	T old = *p;

	if (old == expected)
		*p = v;
	return old;
}

/* --- arithmetic --------------------------------------------------------------------------- */

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
/* Macros: the C library has functions of these names. */
#define __expf(x) expf(x)
#define __exp10f(x) powf(10.0f, x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __powf(x, y) powf(x, y)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __frsqrt_rn(float x) { return 1.0f / sqrtf(x); }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fsub_rn(float x, float y) { return x - y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float
__saturatef(float x)
{
	return x > 0.0f ? x < 1.0f ? x : 1.0f : 0.0f;
}

template <class T, class F> static inline T
tamp_emu_as(F v)
{
	T out;

	static_assert(sizeof(T) == sizeof(F), "equal sizes");
	memcpy(&out, &v, sizeof v);
	return out;
}
static inline float __int_as_float(int v) { return tamp_emu_as<float>(v); }
static inline float __uint_as_float(unsigned v) { return tamp_emu_as<float>(v); }
static inline int __float_as_int(float v) { return tamp_emu_as<int>(v); }
static inline unsigned __float_as_uint(float v) { return tamp_emu_as<unsigned>(v); }
static inline int __popc(unsigned v) { return __builtin_popcount(v); }
static inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
static inline int __clz(int v) { return v ? __builtin_clz((unsigned)v) : 32; }
static inline int __ffs(int v) { return __builtin_ffs(v); }
static inline int
__mulhi(int a, int b)
{
	return (int)(((long long)a * b) >> 32);
}
static inline unsigned
__umulhi(unsigned a, unsigned b)
{
	return (unsigned)(((unsigned long long)a * b) >> 32);
}

#define TAMP_MINMAX(T) \
	static inline T min(T a, T b) { return b < a ? b : a; } \
	static inline T max(T a, T b) { return a < b ? b : a; }
TAMP_MINMAX(int)
TAMP_MINMAX(unsigned)
TAMP_MINMAX(long)
TAMP_MINMAX(unsigned long)
TAMP_MINMAX(long long)
TAMP_MINMAX(unsigned long long)
#undef TAMP_MINMAX
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }

#endif
