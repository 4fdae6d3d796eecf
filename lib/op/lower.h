/* Lowered operators: forms with arguments, before fusion and classes.
 *
 * lib/op's rows append to a struct lower; partition then fuses, gives
 * layouts, groups equal ones into classes and writes tasks/1. */
#ifndef OP_LOWER_H
#define OP_LOWER_H

#include "op/net.h"

struct larg {
	const char *arg;	/* "A", "Y", "E0" */
	int value;		/* index into net->values */
	struct ints shape;	/* as the form sees it: same number of elements */
	bool out;
	const char *on;		/* extra operand: the argument whose map reads it;
				 * shape has that argument's rank, dims equal or 1 */
	struct strs map;	/* fused steps; the last is the value */
	int from;		/* dtype of v before an output's map; -1: as stored */
	const char *layout;	/* NULL: row-major (set by partition) */
};

struct lop {
	const char *form;
	struct attrs attrs;
	VEC(struct larg) args;	/* inputs, outputs, extras */
	int nextra;		/* E0 ... E(nextra-1) */
	struct strs nodes;	/* first outputs of the graph's nodes it computes */
	int cond;		/* of net->conditions: under which it runs; -1 */
	bool dead;
};

struct lview {
	int value, of;
	int64_t offset;		/* elements */
};

struct lower {
	struct arena *a;
	struct net *net;
	struct diag *d;
	const char *node;		/* first output of the node being lowered */
	int under;			/* the condition that lower_op gives; -1 */
	VEC(struct lop) ops;
	VEC(struct lview) views;
};

/* Appends an empty operator of that form, under the condition l->under, to be
 * filled by the lop_* below. */
struct lop *lower_op(struct lower *l, const char *form);
void lop_in(struct lower *l, struct lop *o, const char *arg, int value,
            const int64_t *dims, size_t n);
void lop_out(struct lower *l, struct lop *o, const char *arg, int value,
             const int64_t *dims, size_t n);

/* Adds an operand to the map of argument "on" and returns its name ("E2").
 * dims: of the rank of on's shape, each equal to it or 1. */
const char *lop_extra(struct lower *l, struct lop *o, const char *on,
                      int value, const int64_t *dims, size_t n);

/* Appends a step ("t0 = v + E0", or an expression as the last) to on's map. */
void lop_step(struct lower *l, struct lop *o, const char *on,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* value lies in of's storage, offset elements in; row-major both. */
void lower_view(struct lower *l, int value, int of, int64_t offset);

/* A temporary of that type and shape, named after the node being lowered. */
int lower_temp(struct lower *l, const char *suffix, enum dtype t,
               const int64_t *dims, size_t n);

/* Lowers every node of the net.  -1 after diagnostics (all nodes tried). */
int lower_net(struct lower *l, struct net *n, struct diag *d);

/*
 * Expressions of maps.  C expressions over v (the value loaded or stored),
 * E0 ... (operands, in their own types), earlier steps' names, coordinates
 * c0, c1 ... of the element in its argument's logical shape, numbers, the
 * operators + - * / % < <= > >= == != && || ! ?: ( ) and the functions that
 * every target defines in runtime/map.h:
 *
 *	SELECT(c, a, b)  MIN MAX ABS SIGN FLOOR CEIL ROUND(half to even) TRUNC
 *	EXP LOG SQRT RSQRT SIN COS TAN ASIN ACOS ATAN SINH COSH TANH ASINH
 *	ACOSH ATANH ERF POW(a, b) FMOD(a, b) IDIV(a, b) IMOD(a, b)
 *	SIGMOID(a) ISNAN ISINF
 *	CAST_F32 CAST_F64 CAST_I64 CAST_I32 CAST_I16 CAST_I8 CAST_U64 CAST_U32
 *	CAST_U16 CAST_U8 CAST_BOOL
 *	BITAND BITOR BITXOR BITNOT SHL SHR
 *
 * Functions keep the type of their first argument (f32 stays f32).  Literals
 * of f32 carry an f ("0.5f").  IDIV truncates, IMOD has the sign of b; both are
 * 0 where b is 0.  MIN and MAX are NaN if either argument is. */

#endif
