/* What the operators' files share: shapes as small arrays, checked access to
 * attributes and constants, strided copies, and maps being built. */
#ifndef OP_UTIL_H
#define OP_UTIL_H

#include "op/op.h"

/* A shape on the stack.  Values have at most TENSOR_MAX_DIMS dimensions;
 * the room beyond is for those that a lowering splits. */
#define DIMS_MAX 24

struct dims {
	size_t n;
	int64_t v[DIMS_MAX];
};

struct dims dims_of(const struct value *v);
struct dims dims_from(const int64_t *v, size_t n);
#define DIMS(...) \
	dims_from((int64_t[]){__VA_ARGS__}, \
	          sizeof (int64_t[]){__VA_ARGS__} / sizeof(int64_t))
int64_t dims_elems(const struct dims *d);
int64_t dims_product(const struct dims *d, size_t from, size_t to);
void dims_add(struct dims *d, int64_t x);
bool dims_same(const struct dims *a, const struct dims *b);

/* d with ones put before it until its rank is n. */
struct dims dims_align(const struct dims *d, size_t n);

/* The product of the dimensions outside, at, and inside [from, to). */
struct dims dims_ori(const struct dims *d, size_t from, size_t to);

/* --- types that an input may have --------------------------------------- */

enum { TYPES_FLOATS = 1, TYPES_INTS = 2, TYPES_BOOLS = 4,
       TYPES_NUMBERS = TYPES_FLOATS | TYPES_INTS,
       TYPES_ANY = TYPES_NUMBERS | TYPES_BOOLS };

bool types_has(int types, enum dtype t);
int op_want(struct op_ctx *c, size_t in, int types);
int op_want_same(struct op_ctx *c, size_t in, size_t as);

/* --- attributes (their kinds are checked before infer) ------------------ */

int64_t op_int(struct op_ctx *c, const char *name, int64_t def);
double op_float(struct op_ctx *c, const char *name, double def);
const char *op_str(struct op_ctx *c, const char *name, const char *def);
const struct ints *op_ints(struct op_ctx *c, const char *name);

/* --- inputs and outputs ------------------------------------------------- */

bool op_has(struct op_ctx *c, size_t in);
bool op_wants_out(struct op_ctx *c, size_t out);
int op_in_id(struct op_ctx *c, size_t in);	/* index of the value, or -1 */
int op_out_id(struct op_ctx *c, size_t out);
struct dims op_dims(struct op_ctx *c, size_t in);
struct dims op_out_dims(struct op_ctx *c, size_t out);
const char *op_shape(struct op_ctx *c, size_t in);	/* for messages */
int op_set_dims(struct op_ctx *c, size_t out, enum dtype t,
                const struct dims *d);
int op_set_fold(struct op_ctx *c, size_t out, const void *data);

/* One element of a constant, checked to be one; -1 after a diagnostic. */
int op_const_int(struct op_ctx *c, size_t in, int64_t *out);
int op_const_float(struct op_ctx *c, size_t in, double *out);

/* Axes from input in, or all of them (none if the input is omitted or empty
 * and noop): normalised, checked to differ, marked in on[rank]. */
int op_axes(struct op_ctx *c, size_t in, size_t rank, bool noop, bool *on);

/* Upgrades: attribute name becomes constant input in; append an input. */
int op_attr_to_input(struct op_ctx *c, const char *name, size_t in);
void op_set_in(struct op_ctx *c, size_t in, int value);

/* Elements as numbers, into an array of type t; conversions as ONNX's Cast. */
void elem_set_int(enum dtype t, void *data, int64_t i, int64_t v);
void elem_set_float(enum dtype t, void *data, int64_t i, double v);

/* --- lowering ----------------------------------------------------------- */

/* Number x as type t reads it in an expression: "0.5f", "CAST_I64(3)". */
const char *map_number(struct arena *a, enum dtype t, double x);

/* A strided copy: Y[i] = X[offset + sum of i * src], over dims. */
struct strided {
	struct dims dims, src;
	int64_t offset;
};

/* Row-major steps of a shape. */
struct dims dims_steps(const struct dims *d);
/* Drops dims of 1 and joins neighbours that run on in X. */
void strided_merge(struct strided *s);
bool strided_is_view(const struct strided *s);

/* Makes y from x: nothing, a view, or a Copy. */
void lower_strided(struct lower *l, int y, int x, struct strided s);
int fold_strided(struct op_ctx *c, size_t out, size_t in,
                 const struct strided *s);

/* y has x's elements from offset on: a view where that is allowed. */
void lower_alias(struct lower *l, int y, int x, int64_t offset);

/* x with its axes in the order of perm, as a temporary (or x itself where
 * only dimensions of 1 move). */
int lower_transposed(struct lower *l, int x, const struct dims *dims,
                     const size_t *perm);

/* An operand of a map that is being built. */
struct mapin {
	int value;
	struct dims dims;	/* of the output's rank, equal or 1 */
	const char *ref;	/* set: what the expression calls it */
};

/* A Map operator over dims; neighbouring dims that all operands treat alike
 * are merged if merge is set (no coordinates may be used then).  Constants of
 * one element are read by value. */
struct lop *lower_map(struct lower *l, int y, const struct dims *dims,
                      struct mapin *in, size_t nin, bool merge);

/* y = one number everywhere. */
void lower_fill(struct lower *l, int y, double number);

/* A temporary of the type and shape given. */
int lower_tmp(struct lower *l, const char *suffix, enum dtype t,
              const struct dims *d);

struct value *lower_value(struct lower *l, int value);
void lop_in_dims(struct lower *l, struct lop *o, const char *arg, int value,
                 const struct dims *d);
void lop_out_dims(struct lower *l, struct lop *o, const char *arg, int value,
                  const struct dims *d);
const char *lop_extra_dims(struct lower *l, struct lop *o, const char *on,
                           int value, const struct dims *d);

/* y = op over the axes of x (dims) that are on.  load and store: maps on what
 * is loaded and stored, or NULL; both may name E0, which is extra (of y's
 * elements, or -1). */
void lower_reduce(struct lower *l, int y, int x, const struct dims *dims,
                  const bool *on, const char *op, const char *load,
                  const char *store, int extra);

/* x as [O, R, I] where R are the axes that are on, in order: x itself, or a
 * transposed temporary where they are not neighbours (then I is 1). */
int lower_adjoin(struct lower *l, int x, const struct dims *dims,
                 const bool *on, struct dims *ori);

/* Y[b,m,n] = A B, all of rank 3 (see the form); the caller may add steps to
 * Y's map.  Where there is nothing to sum up, a Map of zeros. */
struct lop *lower_matmul(struct lower *l, int y, int a, const struct dims *ad,
                         int b, const struct dims *bd, bool trans_a,
                         bool trans_b);

#endif
