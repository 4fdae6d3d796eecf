/* Kernel files as text, and what they are matched with: a MatMul, a small GPU. */
#ifndef KERNELS_H
#define KERNELS_H

#include "test.h"

#include "base/str.h"
#include "rkernel/kernel.h"

#define HEAD \
	"kernel: f\nform: MatMul\ntypes: {A: f32, B: T, Y: T}\n" \
	"shapes: {A: [1, M, K], B: [1, K, N], Y: [1, M, N]}\n"
#define REST "grid: [N / 4]\n"
#define BODY "void f(const float *A, const float *B, float *Y)\n" \
	"{ STORE(Y, 0, LOAD(A, 0) + B[0]); }\n"

/* The kernel of a file, or of a head and what stands below it; NULL if it is
 * refused.  said: what is said of it. */
struct kernel *read_as(const char *text, enum target_kind t);
struct kernel *host(const char *head, const char *body);
const char *said(const char *head, const char *body);

/* MatMul [1, m, k] by [1, k, n], B and Y of type t. */
struct class *matmul(int m, int k, int n, enum dtype t);
struct arg *add_arg(struct class *c, const char *name, enum dtype t, bool out,
                    size_t n, ...);

const struct device *gpu(void);

/* Appends the kernel's candidates to c; how many, -1: it does not match. */
int candidates(const struct kernel *k, struct class *c, const char **why);

/* Of c's candidate n, with no other kernel there. */
struct kinstance *instance(const struct kernel *k, const struct class *c,
                           size_t n);

/* The value under that key, or "none". */
const char *pair_value(const struct pair *v, size_t n, const char *key);

#endif
