/* What kernels use of CUDA's own headers, for emulation: math_constants.h and
 * the scalar part of cuda_fp16.h.  A half is kept as its 16 bits; arithmetic is
 * that of floats, rounded once, which for + - * / and sqrt is what a half gets
 * (11 bits and 24: double rounding does no harm). */
#ifndef TAMP_EMU_HEADERS_H
#define TAMP_EMU_HEADERS_H

#include "emu.h"

/* --- math_constants.h ----------------------------------------------------------- */

#define CUDART_INF_F INFINITY
#define CUDART_NAN_F NAN
#define CUDART_MIN_DENORM_F 1.401298464e-45f
#define CUDART_MAX_NORMAL_F 3.402823466e38f
#define CUDART_NEG_ZERO_F (-0.0f)
#define CUDART_ZERO_F 0.0f
#define CUDART_ONE_F 1.0f
#define CUDART_SQRT_HALF_F 0.707106781f
#define CUDART_SQRT_TWO_F 1.414213562f
#define CUDART_THIRD_F 0.333333333f
#define CUDART_PIO4_F 0.785398163f
#define CUDART_PIO2_F 1.570796327f
#define CUDART_3PIO4_F 2.356194490f
#define CUDART_2_OVER_PI_F 0.636619772f
#define CUDART_SQRT_2_OVER_PI_F 0.797884561f
#define CUDART_PI_F 3.141592654f
#define CUDART_L2E_F 1.442695041f
#define CUDART_L2T_F 3.321928094f
#define CUDART_LG2_F 0.301029996f
#define CUDART_LGE_F 0.434294482f
#define CUDART_LN2_F 0.693147181f
#define CUDART_LNT_F 2.302585093f
#define CUDART_INF ((double)INFINITY)
#define CUDART_NAN ((double)NAN)
#define CUDART_NEG_ZERO (-0.0)
#define CUDART_ZERO 0.0
#define CUDART_ONE 1.0
#define CUDART_SQRT_TWO 1.4142135623730951
#define CUDART_PI 3.1415926535897931
#define CUDART_LN2 0.69314718055994529
#define CUDART_L2E 1.4426950408889634

/* --- cuda_fp16.h ------------------------------------------------------------------ */

/* The nearest half, ties to even; what is too large becomes infinite. */
static inline uint16_t
tamp_emu_half_bits(float x)
{
	uint32_t u = tamp_emu_as<uint32_t>(x), sign = u >> 16 & 0x8000u;
	uint32_t m = u & 0x7fffffffu, drop = 13, half, rest;

	if (m > 0x7f800000u)
		return (uint16_t)(sign | 0x7e00u | (m >> 13 & 0x1ffu));
	if (m >= 0x477ff000u)			/* 65520 and more */
		return (uint16_t)(sign | 0x7c00u);
	if (m < 0x38800000u) {			/* less than 2^-14 */
		if (m < 0x33000000u)		/* less than 2^-25 */
			return (uint16_t)sign;
		drop = 126 - (m >> 23);
		m = (m & 0x7fffffu) | 0x800000u;
	} else {
		m -= 0x38000000u;
	}
	half = m >> drop;
	rest = m & ((1u << drop) - 1);
	if (rest > 1u << (drop - 1) || (rest == 1u << (drop - 1) && (half & 1)))
		half++;
	return (uint16_t)(sign | half);
}

static inline float
tamp_emu_half_value(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000u) << 16, e = h >> 10 & 31u;
	uint32_t m = h & 0x3ffu;

	if (e == 31)
		return tamp_emu_as<float>(sign | 0x7f800000u | m << 13);
	if (e == 0)
		return (sign ? -1.0f : 1.0f) * ldexpf((float)m, -24);
	return tamp_emu_as<float>(sign | (e + 112) << 23 | m << 13);
}

struct __half {
	uint16_t bits;

	__half() = default;
	__half(float x) : bits(tamp_emu_half_bits(x)) {}
	__half(double x) : bits(tamp_emu_half_bits((float)x)) {}
	__half(int x) : bits(tamp_emu_half_bits((float)x)) {}
	operator float() const { return tamp_emu_half_value(bits); }
};
typedef __half half;

static inline __half __float2half(float x) { return __half(x); }
static inline __half __float2half_rn(float x) { return __half(x); }
static inline float __half2float(__half x) { return (float)x; }
static inline unsigned short __half_as_ushort(__half x) { return x.bits; }
static inline __half
__ushort_as_half(unsigned short x)
{
	__half h;

	h.bits = x;
	return h;
}

#define TAMP_HALF(name, op) \
	static inline __half \
	name(__half a, __half b) \
	{ return __half((float)a op (float)b); }
#define TAMP_HALF_IS(name, op) \
	static inline bool \
	name(__half a, __half b) \
	{ return (float)a op (float)b; }
TAMP_HALF(__hadd, +)
TAMP_HALF(__hsub, -)
TAMP_HALF(__hmul, *)
TAMP_HALF(__hdiv, /)
TAMP_HALF(operator+, +)
TAMP_HALF(operator-, -)
TAMP_HALF(operator*, *)
TAMP_HALF(operator/, /)
TAMP_HALF_IS(__hlt, <)
TAMP_HALF_IS(__hle, <=)
TAMP_HALF_IS(__hgt, >)
TAMP_HALF_IS(__hge, >=)
TAMP_HALF_IS(__heq, ==)
#undef TAMP_HALF
#undef TAMP_HALF_IS

static inline __half hsqrt(__half x) { return __half(sqrtf((float)x)); }

#endif
