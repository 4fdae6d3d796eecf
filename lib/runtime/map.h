/* The names that expressions of fused maps use: EXP, SELECT, CAST_I32 ...
 *
 * Included by every emitted source: host C (gcc, clang), CUDA and HIP C++,
 * and the same C++ under emulation, where they must mean the same.  Each
 * evaluates its arguments once and gives the type of its first argument,
 * except the CAST_*, ISNAN and ISINF.  MIN and MAX give NaN if either argument
 * is NaN; MIN of -0 and 0 may give either.  On the host EXP, TANH, SIGMOID and
 * ERF of a float are straight-line code without calls or branches, which the
 * compiler vectorises; errors against libm are below 3 ulp (SIGMOID: 4, and 0
 * below -88; ERF: 8).
 * Functions of an integer go through double and give a double. */
#ifndef TAMP_MAP_H
#define TAMP_MAP_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __CUDACC__ || defined __HIPCC__
#define MAP_FN static __device__ __forceinline__
#else
#define MAP_FN static inline __attribute__((unused, always_inline))
#endif

#define SELECT(c, a, b) ((c) ? (a) : (b))

/* --- float functions -------------------------------------------------------- */

#if defined __CUDACC__ || defined __HIPCC__

MAP_FN float map_expf(float x) { return expf(x); }
MAP_FN float map_tanhf(float x) { return tanhf(x); }
MAP_FN float map_erff(float x) { return erff(x); }

#else

MAP_FN uint32_t
map_bits(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	return u;
}

MAP_FN float
map_from_bits(uint32_t u)
{
	float x;

	memcpy(&x, &u, sizeof x);
	return x;
}

/* x = n ln 2 + r, |r| <= 0.35; exp r by a polynomial (Cephes expf); 2^n as two
 * factors, so that results in the denormal range and infinity come out. */
MAP_FN float
map_expf(float x)
{
	const float magic = 12582912.0f;	/* 1.5 * 2^23: rounds to an integer */
	float c = x < -104.0f ? -104.0f : x, t, n, r, p;
	uint32_t i, half;

	c = c > 89.0f ? 89.0f : c;
	t = c * 1.44269504f + magic;
	n = t - magic;
	r = c - n * 0.693359375f;
	r = r + n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	i = map_bits(t) - 0x4b400000u;		/* n in two's complement */
	half = (i + 256u) / 2u - 128u;
	return p * map_from_bits((half + 127u) << 23) *
	       map_from_bits((i - half + 127u) << 23);
}

/* A polynomial near 0 (Cephes tanhf), else 1 - 2 / (exp(2|x|) + 1). */
MAP_FN float
map_tanhf(float x)
{
	float a = fabsf(x), z = x * x;
	float big = 1.0f - 2.0f / (map_expf(a + a) + 1.0f);
	float p = -5.70498872745e-3f;

	p = p * z + 2.06390887954e-2f;
	p = p * z - 5.37397155531e-2f;
	p = p * z + 1.33314422036e-1f;
	p = p * z - 3.33332819422e-1f;
	p = p * z * x + x;
	big = copysignf(big, x);
	return a < 0.625f ? p : big;
}

/* A rational approximation on [-4, 4], as in Eigen and XLA. */
MAP_FN float
map_erff(float x)
{
	float c = x < -4.0f ? -4.0f : x, z, p, q;

	c = c > 4.0f ? 4.0f : c;
	z = c * c;
	p = -2.72614225801306e-10f;
	p = p * z + 2.77068142495902e-08f;
	p = p * z - 2.10102402082508e-06f;
	p = p * z - 5.69250639462346e-05f;
	p = p * z - 7.34990630326855e-04f;
	p = p * z - 2.95459980854025e-03f;
	p = p * z - 1.60960333262415e-02f;
	q = -1.45660718464996e-05f;
	q = q * z - 2.13374055278905e-04f;
	q = q * z - 1.68282697438203e-03f;
	q = q * z - 7.37332916720468e-03f;
	q = q * z - 1.42647390514189e-02f;
	return c * p / q;
}

#endif

MAP_FN float map_sigmoidf(float x) { return 1.0f / (1.0f + map_expf(-x)); }
MAP_FN double map_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
MAP_FN float map_rsqrtf(float x) { return 1.0f / sqrtf(x); }
MAP_FN double map_rsqrt(double x) { return 1.0 / sqrt(x); }
/* Softmax has an attribute "log", a macro while its kernels are compiled. */
MAP_FN double map_log(double x) { return log(x); }

/* --- integer functions ------------------------------------------------------ */

MAP_FN int64_t
map_ipow(int64_t a, int64_t n)
{
	uint64_t r = 1, x = (uint64_t)a;

	if (n < 0)
		return a == 1 ? 1 : a == -1 ? (n % 2 ? -1 : 1) : 0;
	for (; n; n >>= 1, x *= x)
		if (n & 1)
			r *= x;
	return (int64_t)r;
}

/* Division by zero gives 0 and INT64_MIN / -1 wraps: no trap in a program
 * that may compute lanes whose result a SELECT drops. */
MAP_FN int64_t
map_idiv(int64_t a, int64_t b)
{
	return b == 0 ? 0 : b == -1 ? (int64_t)(0u - (uint64_t)a) : a / b;
}

MAP_FN int64_t
map_irem(int64_t a, int64_t b)
{
	return b == 0 || b == -1 ? 0 : a % b;
}

/* The remainder with the sign of b, as in Python. */
MAP_FN int64_t
map_imod(int64_t a, int64_t b)
{
	int64_t r = map_irem(a, b);

	return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

MAP_FN uint64_t map_udiv(uint64_t a, uint64_t b) { return b ? a / b : 0; }
MAP_FN uint64_t map_urem(uint64_t a, uint64_t b) { return b ? a % b : 0; }

MAP_FN float
map_modf(float a, float b)
{
	float r = fmodf(a, b);

	return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

MAP_FN double
map_mod(double a, double b)
{
	double r = fmod(a, b);

	return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

MAP_FN int64_t
map_iabs(int64_t a)
{
	return a < 0 ? (int64_t)(0u - (uint64_t)a) : a;
}

/* --- by type ------------------------------------------------------------------ */

#ifdef __cplusplus

#define MAP_1(name, f32, f64) \
	MAP_FN float name(float a) { return f32(a); } \
	MAP_FN double name(double a) { return f64(a); } \
	template <class T> MAP_FN double name(T a) { return f64((double)a); }
/* For functions under which integers stay what they are. */
#define MAP_1I(name, f32, f64) \
	MAP_FN float name(float a) { return f32(a); } \
	MAP_FN double name(double a) { return f64(a); } \
	template <class T> MAP_FN T name(T a) { return a; }
#define MAP_2(name, f32, f64, isigned, iunsigned) \
	template <class B> MAP_FN float name(float a, B b) \
	{ return f32(a, (float)b); } \
	template <class B> MAP_FN double name(double a, B b) \
	{ return f64(a, (double)b); } \
	template <class T, class B> MAP_FN T name(T a, B b) \
	{ \
		return (T)-1 < (T)1 ? (T)isigned((int64_t)a, (int64_t)b) \
		                    : (T)iunsigned((uint64_t)a, (uint64_t)b); \
	}

MAP_FN float map_quotf(float a, float b) { return a / b; }
MAP_FN double map_quot(double a, double b) { return a / b; }
MAP_FN uint64_t
map_upow(uint64_t a, uint64_t n)
{
	return (uint64_t)map_ipow((int64_t)a, (int64_t)n);
}

MAP_1(map_any_exp, map_expf, exp)
MAP_1(map_any_log, logf, map_log)
MAP_1(map_any_sqrt, sqrtf, sqrt)
MAP_1(map_any_rsqrt, map_rsqrtf, map_rsqrt)
MAP_1(map_any_sin, sinf, sin)
MAP_1(map_any_cos, cosf, cos)
MAP_1(map_any_tan, tanf, tan)
MAP_1(map_any_asin, asinf, asin)
MAP_1(map_any_acos, acosf, acos)
MAP_1(map_any_atan, atanf, atan)
MAP_1(map_any_sinh, sinhf, sinh)
MAP_1(map_any_cosh, coshf, cosh)
MAP_1(map_any_tanh, map_tanhf, tanh)
MAP_1(map_any_asinh, asinhf, asinh)
MAP_1(map_any_acosh, acoshf, acosh)
MAP_1(map_any_atanh, atanhf, atanh)
MAP_1(map_any_erf, map_erff, erf)
MAP_1(map_any_sigmoid, map_sigmoidf, map_sigmoid)
MAP_1I(map_any_floor, floorf, floor)
MAP_1I(map_any_ceil, ceilf, ceil)
MAP_1I(map_any_trunc, truncf, trunc)
MAP_1I(map_any_rint, rintf, rint)
MAP_2(map_any_fmod, fmodf, fmod, map_irem, map_urem)
MAP_2(map_any_idiv, map_quotf, map_quot, map_idiv, map_udiv)
MAP_2(map_any_imod, map_modf, map_mod, map_imod, map_urem)
MAP_2(map_any_ipow, powf, pow, map_ipow, map_upow)

/* An integer to the power of a floating-point number is computed in double. */
template <class T, class B> MAP_FN T
map_any_pow(T a, B b)
{
	return map_any_ipow(a, b);
}
template <class T> MAP_FN T
map_any_pow(T a, float b)
{
	return (T)((T)1 / (T)2 == 0 ? (T)pow((double)a, (double)b)
	                            : (T)map_any_ipow(a, b));
}
template <class T> MAP_FN T
map_any_pow(T a, double b)
{
	return (T)((T)1 / (T)2 == 0 ? (T)pow((double)a, b)
	                            : (T)map_any_ipow(a, b));
}

MAP_FN float map_any_abs(float a) { return fabsf(a); }
MAP_FN double map_any_abs(double a) { return fabs(a); }
template <class T> MAP_FN T
map_any_abs(T a)
{
	return (T)-1 < (T)1 ? (T)map_iabs((int64_t)a) : a;
}
template <class T> MAP_FN T
map_any_sign(T a)
{
	return a != a ? a : (T)((a > (T)0) - (a < (T)0));
}
template <class A, class B> MAP_FN A
map_any_min(A a, B b)
{
	A c = (A)b;

	return a < c || a != a ? a : c;
}
template <class A, class B> MAP_FN A
map_any_max(A a, B b)
{
	A c = (A)b;

	return a > c || a != a ? a : c;
}
template <class T> MAP_FN int map_any_isnan(T a) { return a != a; }
template <class T> MAP_FN int
map_any_isinf(T a)
{
	return a == a && a - a != a - a;
}
template <class A, class B> MAP_FN A
map_any_shl(A a, B b)
{
	return (uint64_t)b >= 8 * sizeof a ? (A)0 : (A)((uint64_t)a << b);
}
template <class A, class B> MAP_FN A
map_any_shr(A a, B b)
{
	return (uint64_t)b >= 8 * sizeof a ? (A)0 : (A)(a >> b);
}

#define EXP(a) map_any_exp(a)
#define LOG(a) map_any_log(a)
#define SQRT(a) map_any_sqrt(a)
#define RSQRT(a) map_any_rsqrt(a)
#define SIN(a) map_any_sin(a)
#define COS(a) map_any_cos(a)
#define TAN(a) map_any_tan(a)
#define ASIN(a) map_any_asin(a)
#define ACOS(a) map_any_acos(a)
#define ATAN(a) map_any_atan(a)
#define SINH(a) map_any_sinh(a)
#define COSH(a) map_any_cosh(a)
#define TANH(a) map_any_tanh(a)
#define ASINH(a) map_any_asinh(a)
#define ACOSH(a) map_any_acosh(a)
#define ATANH(a) map_any_atanh(a)
#define ERF(a) map_any_erf(a)
#define SIGMOID(a) map_any_sigmoid(a)
#define FLOOR(a) map_any_floor(a)
#define CEIL(a) map_any_ceil(a)
#define TRUNC(a) map_any_trunc(a)
#define ROUND(a) map_any_rint(a)
#define ABS(a) map_any_abs(a)
#define SIGN(a) map_any_sign(a)
#define MIN(a, b) map_any_min(a, b)
#define MAX(a, b) map_any_max(a, b)
#define POW(a, b) map_any_pow(a, b)
#define FMOD(a, b) map_any_fmod(a, b)
#define IDIV(a, b) map_any_idiv(a, b)
#define IMOD(a, b) map_any_imod(a, b)
#define ISNAN(a) map_any_isnan(a)
#define ISINF(a) map_any_isinf(a)
#define SHL(a, b) map_any_shl(a, b)
#define SHR(a, b) map_any_shr(a, b)

#else /* C */

/* Both branches of a _Generic are type-checked, so each converts. */
#define MAP_1(f32, f64, a) __extension__ ({ \
	__auto_type m_a = (a); \
	_Generic(m_a, float: f32, default: f64)(m_a); })
#define MAP_1I(f32, f64, a) __extension__ ({ \
	__auto_type m_a = (a); \
	_Generic(m_a, float: f32((float)m_a), double: f64((double)m_a), \
	         default: m_a); })
#define MAP_2(f32, f64, isigned, iunsigned, a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__auto_type m_b = (b); \
	_Generic(m_a, float: f32((float)m_a, (float)m_b), \
	         double: f64((double)m_a, (double)m_b), \
	         uint64_t: iunsigned((uint64_t)m_a, (uint64_t)m_b), \
	         default: (__typeof__(m_a + 0))isigned((int64_t)m_a, \
	                                               (int64_t)m_b)); })

MAP_FN float map_quotf(float a, float b) { return a / b; }
MAP_FN double map_quot(double a, double b) { return a / b; }
MAP_FN uint64_t
map_upow(uint64_t a, uint64_t n)
{
	return (uint64_t)map_ipow((int64_t)a, (int64_t)n);
}

#define EXP(a) MAP_1(map_expf, exp, a)
#define LOG(a) MAP_1(logf, map_log, a)
#define SQRT(a) MAP_1(sqrtf, sqrt, a)
#define RSQRT(a) MAP_1(map_rsqrtf, map_rsqrt, a)
#define SIN(a) MAP_1(sinf, sin, a)
#define COS(a) MAP_1(cosf, cos, a)
#define TAN(a) MAP_1(tanf, tan, a)
#define ASIN(a) MAP_1(asinf, asin, a)
#define ACOS(a) MAP_1(acosf, acos, a)
#define ATAN(a) MAP_1(atanf, atan, a)
#define SINH(a) MAP_1(sinhf, sinh, a)
#define COSH(a) MAP_1(coshf, cosh, a)
#define TANH(a) MAP_1(map_tanhf, tanh, a)
#define ASINH(a) MAP_1(asinhf, asinh, a)
#define ACOSH(a) MAP_1(acoshf, acosh, a)
#define ATANH(a) MAP_1(atanhf, atanh, a)
#define ERF(a) MAP_1(map_erff, erf, a)
#define SIGMOID(a) MAP_1(map_sigmoidf, map_sigmoid, a)
#define FLOOR(a) MAP_1I(floorf, floor, a)
#define CEIL(a) MAP_1I(ceilf, ceil, a)
#define TRUNC(a) MAP_1I(truncf, trunc, a)
#define ROUND(a) MAP_1I(rintf, rint, a)
#define ABS(a) __extension__ ({ \
	__auto_type m_a = (a); \
	_Generic(m_a, float: fabsf((float)m_a), double: fabs((double)m_a), \
	         uint64_t: m_a, \
	         default: (__typeof__(m_a + 0))map_iabs((int64_t)m_a)); })
#define SIGN(a) __extension__ ({ \
	__auto_type m_a = (a); \
	m_a != m_a ? m_a : (__typeof__(m_a))((m_a > 0) - (m_a < 0)); })
#define MIN(a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__typeof__(m_a) m_b = (__typeof__(m_a))(b); \
	m_a < m_b || m_a != m_a ? m_a : m_b; })
#define MAX(a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__typeof__(m_a) m_b = (__typeof__(m_a))(b); \
	m_a > m_b || m_a != m_a ? m_a : m_b; })
#define FMOD(a, b) MAP_2(fmodf, fmod, map_irem, map_urem, a, b)
#define IDIV(a, b) MAP_2(map_quotf, map_quot, map_idiv, map_udiv, a, b)
#define IMOD(a, b) MAP_2(map_modf, map_mod, map_imod, map_urem, a, b)
/* An integer to the power of a floating-point number is computed in double. */
#define POW(a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__auto_type m_b = (b); \
	_Generic(m_a, float: powf((float)m_a, (float)m_b), \
	         double: pow((double)m_a, (double)m_b), \
	         default: _Generic(m_b, \
	                  float: (__typeof__(m_a + 0))pow((double)m_a, (double)m_b), \
	                  double: (__typeof__(m_a + 0))pow((double)m_a, (double)m_b), \
	                  default: (__typeof__(m_a + 0))map_ipow((int64_t)m_a, \
	                                                         (int64_t)m_b))); })
#define ISNAN(a) __extension__ ({ __auto_type m_a = (a); m_a != m_a; })
#define ISINF(a) __extension__ ({ \
	__auto_type m_a = (a); \
	m_a == m_a && m_a - m_a != m_a - m_a; })
#define SHL(a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__auto_type m_b = (b); \
	(uint64_t)m_b >= 8 * sizeof m_a ? (__typeof__(m_a))0 \
		: (__typeof__(m_a))((uint64_t)m_a << m_b); })
#define SHR(a, b) __extension__ ({ \
	__auto_type m_a = (a); \
	__auto_type m_b = (b); \
	(uint64_t)m_b >= 8 * sizeof m_a ? (__typeof__(m_a))0 \
		: (__typeof__(m_a))(m_a >> m_b); })

#endif

/* --- casts and bits ---------------------------------------------------------- */

/* To an unsigned or a narrow type a negative or large number goes through
 * int64_t and wraps, floating-point numbers included. */
#define CAST_F32(a) ((float)(a))
#define CAST_F64(a) ((double)(a))
#define CAST_I64(a) ((int64_t)(a))
#define CAST_I32(a) ((int32_t)(int64_t)(a))
#define CAST_I16(a) ((int16_t)(int64_t)(a))
#define CAST_I8(a) ((int8_t)(int64_t)(a))
#define CAST_U64(a) ((uint64_t)(a))
#define CAST_U32(a) ((uint32_t)(int64_t)(a))
#define CAST_U16(a) ((uint16_t)(int64_t)(a))
#define CAST_U8(a) ((uint8_t)(int64_t)(a))
#define CAST_BOOL(a) ((uint8_t)((a) != 0))

#define BITAND(a, b) ((a) & (b))
#define BITOR(a, b) ((a) | (b))
#define BITXOR(a, b) ((a) ^ (b))
#define BITNOT(a) (~(a))

#endif
