/* CUDA's operations of a warp, as kernels are written: 32 threads, masks of 32
 * bits.  Where hardware runs more threads in step, 64 on AMD, each half of
 * such a wavefront is a warp of its own, so that a kernel means the same
 * everywhere.
 *
 * hip.h and emu.h include this after what it is made of, a lane being a
 * thread's place in its wavefront and who the lanes that take part, a bit
 * each:
 *
 *	tamp_wave_lane()		this thread's lane
 *	tamp_wave_get(who, v, lane)	v, a uint32_t or uint64_t, of that lane
 *	tamp_wave_ballot(who, p)	the lanes where p is not 0, a bit each
 *	tamp_wave_sync(who)		the lanes meet
 *
 * The names are macros, since a compiler's headers may have their own. */
#ifndef TAMP_WARP_H
#define TAMP_WARP_H

#include <stdint.h>
#include <string.h>

#define TAMP_WARP 32

/* The lane where this thread's warp begins; a mask's lanes. */
static __device__ __forceinline__ int
tamp_warp_base(void)
{
	return (int)tamp_wave_lane() / TAMP_WARP * TAMP_WARP;
}

static __device__ __forceinline__ uint64_t
tamp_warp_who(unsigned mask)
{
	return (uint64_t)mask << tamp_warp_base();
}

template <bool wide> struct tamp_bits { typedef uint32_t type; };
template <> struct tamp_bits<true> { typedef uint64_t type; };

template <class T>
static __device__ __forceinline__ typename tamp_bits<(sizeof(T) > 4)>::type
tamp_warp_bits(T v)
{
	typename tamp_bits<(sizeof(T) > 4)>::type bits = 0;

	static_assert(sizeof(T) <= 8, "a shuffled value has at most 8 bytes");
	memcpy(&bits, &v, sizeof v);
	return bits;
}

/* v of a thread of the warp, by its number there. */
template <class T>
static __device__ __forceinline__ T
tamp_warp_get(unsigned mask, T v, int from)
{
	const auto bits = tamp_wave_get(tamp_warp_who(mask), tamp_warp_bits(v),
	                                tamp_warp_base() + from);

	memcpy(&v, &bits, sizeof v);
	return v;
}

/* --- shuffles: within groups of "width" threads -------------------------------- */

template <class T>
static __device__ __forceinline__ T
tamp_shfl_sync(unsigned mask, T v, int from, int width = TAMP_WARP)
{
	const int l = (int)tamp_wave_lane() % TAMP_WARP, first = l - l % width;

	return tamp_warp_get(mask, v, first + (from & (width - 1)));
}

template <class T>
static __device__ __forceinline__ T
tamp_shfl_up_sync(unsigned mask, T v, unsigned by, int width = TAMP_WARP)
{
	const int l = (int)tamp_wave_lane() % TAMP_WARP, first = l - l % width;

	return tamp_warp_get(mask, v, l - (int)by >= first ? l - (int)by : l);
}

template <class T>
static __device__ __forceinline__ T
tamp_shfl_down_sync(unsigned mask, T v, unsigned by, int width = TAMP_WARP)
{
	const int l = (int)tamp_wave_lane() % TAMP_WARP, first = l - l % width;

	return tamp_warp_get(mask, v,
	                     l + (int)by < first + width ? l + (int)by : l);
}

template <class T>
static __device__ __forceinline__ T
tamp_shfl_xor_sync(unsigned mask, T v, int by, int width = TAMP_WARP)
{
	const int l = (int)tamp_wave_lane() % TAMP_WARP, first = l - l % width;

	return tamp_warp_get(mask, v, (l ^ by) < first + width ? l ^ by : l);
}

/* --- votes ----------------------------------------------------------------------- */

static __device__ __forceinline__ unsigned
tamp_ballot_sync(unsigned mask, int p)
{
	return (unsigned)(tamp_wave_ballot(tamp_warp_who(mask), p) >>
	                  tamp_warp_base()) & mask;
}

static __device__ __forceinline__ int
tamp_any_sync(unsigned mask, int p)
{
	return tamp_ballot_sync(mask, p) != 0;
}

static __device__ __forceinline__ int
tamp_all_sync(unsigned mask, int p)
{
	return tamp_ballot_sync(mask, !p) == 0;
}

/* Bits are compared.  Over the threads of the mask that there are: a block's last
 * warp may be short. */
template <class T>
static __device__ __forceinline__ unsigned
tamp_match_any_sync(unsigned mask, T v)
{
	const unsigned here = tamp_ballot_sync(mask, 1);
	const auto mine = tamp_warp_bits(v);
	unsigned same = 0;

	for (int l = 0; l < TAMP_WARP; l++)
		if (here >> l & 1)
			same |= (unsigned)(tamp_warp_get(mask, mine, l) == mine) << l;
	return same;
}

/* --- reductions, in the order of the threads -------------------------------------- */

#define TAMP_REDUCE(name, next) \
	template <class T> static __device__ __forceinline__ T \
	name(unsigned mask, T v) \
	{ \
		const unsigned here = tamp_ballot_sync(mask, 1); \
		T all = v, from; \
		bool first = true; \
		for (int l = 0; l < TAMP_WARP; l++) { \
			if (!(here >> l & 1)) \
				continue; \
			from = tamp_warp_get(mask, v, l); \
			all = first ? from : (T)(next); \
			first = false; \
		} \
		return all; \
	}
TAMP_REDUCE(tamp_reduce_add_sync, all + from)
TAMP_REDUCE(tamp_reduce_min_sync, from < all ? from : all)
TAMP_REDUCE(tamp_reduce_max_sync, from > all ? from : all)
TAMP_REDUCE(tamp_reduce_and_sync, all & from)
TAMP_REDUCE(tamp_reduce_or_sync, all | from)
TAMP_REDUCE(tamp_reduce_xor_sync, all ^ from)
#undef TAMP_REDUCE

static __device__ __forceinline__ void
tamp_syncwarp(unsigned mask = ~0u)
{
	tamp_wave_sync(tamp_warp_who(mask));
}

/* --- CUDA's names ------------------------------------------------------------------ */

#define warpSize TAMP_WARP
#define __shfl_sync tamp_shfl_sync
#define __shfl_up_sync tamp_shfl_up_sync
#define __shfl_down_sync tamp_shfl_down_sync
#define __shfl_xor_sync tamp_shfl_xor_sync
#define __ballot_sync tamp_ballot_sync
#define __any_sync tamp_any_sync
#define __all_sync tamp_all_sync
#define __match_any_sync tamp_match_any_sync
#define __reduce_add_sync tamp_reduce_add_sync
#define __reduce_min_sync tamp_reduce_min_sync
#define __reduce_max_sync tamp_reduce_max_sync
#define __reduce_and_sync tamp_reduce_and_sync
#define __reduce_or_sync tamp_reduce_or_sync
#define __reduce_xor_sync tamp_reduce_xor_sync
#define __syncwarp tamp_syncwarp

#endif
