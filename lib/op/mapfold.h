/* The scalar functions of lower.h for folding, as macros: T is double or a
 * 128-bit integer, in which no sum or product of 64-bit elements overflows.
 * Included by map.c alone. */
#ifndef OP_MAPFOLD_H
#define OP_MAPFOLD_H

#include <math.h>

#define SELECT(c, x, y) ((c) ? (x) : (y))
#define MIN(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
#define MAX(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
#define ABS(x) ((x) < 0 ? -(x) : (x))
#define SIGN(x) (((x) > 0) - ((x) < 0))
#define FLOOR(x) floor((double)(x))
#define CEIL(x) ceil((double)(x))
#define ROUND(x) nearbyint((double)(x))
#define EXP(x) exp((double)(x))
#define LOG(x) log((double)(x))
#define SQRT(x) sqrt((double)(x))
#define SIN(x) sin((double)(x))
#define COS(x) cos((double)(x))
#define TAN(x) tan((double)(x))
#define ASIN(x) asin((double)(x))
#define ACOS(x) acos((double)(x))
#define ATAN(x) atan((double)(x))
#define SINH(x) sinh((double)(x))
#define COSH(x) cosh((double)(x))
#define TANH(x) tanh((double)(x))
#define ASINH(x) asinh((double)(x))
#define ACOSH(x) acosh((double)(x))
#define ATANH(x) atanh((double)(x))
#define ERF(x) erf((double)(x))
#define POW(x, y) pow((double)(x), (double)(y))
#define FMOD(x, y) fmod((double)(x), (double)(y))
#define SIGMOID(x) (1 / (1 + exp(-(double)(x))))
#define ISNAN(x) isnan((double)(x))
#define ISINF(x) isinf((double)(x))
#define CAST(x) (x)
#define CAST_F64(x) ((double)(x))

#endif
