/* ONNX operators as rows of tables, one file a family.
 *
 * A family file ends with
 *	const struct op_family op_family_conv = {"conv", rows, n};
 * and is registered by being in lib/op (mk/registry.sh).  Elementwise
 * operators are rows of map.def: nothing else names them. */
#ifndef OP_OP_H
#define OP_OP_H

#include "op/lower.h"
#include "op/net.h"

/* What the functions of a row work on. */
struct op_ctx {
	struct net *net;
	struct onode *node;
	struct diag *d;
	struct arena *a;
};

struct op {
	const char *name;
	int since;			/* first opset that has it */
	int min_in, max_in;		/* max_in -1: any number */
	int min_out, max_out;

	/* Accepted attributes as "name:kind", space-separated; kind: i, f, s
	 * or I, F, S for lists.  Others are refused ("attribute 'x' is not
	 * supported").  NULL: none; "*": all.  An attribute that is a tensor (value of
	 * Constant and ConstantOfShape) is no attribute here: import makes it a
	 * constant and appends it to the node's inputs. */
	const char *attrs;

	/* Inputs whose values must be constant (bit set): axes, sizes ... */
	unsigned const_in;

	/* Brings the node from its opset to NET_OPSET: attributes that became
	 * inputs, meanings that changed.  Its inputs' types and shapes are
	 * known; it may add nodes (net_node), after which c->node is stale.
	 * NULL: nothing to do. */
	int (*upgrade)(struct op_ctx *c);

	/* Types and shapes of the outputs from those of the inputs, which are
	 * all known; checks the inputs.  Reports a mismatch with both shapes. */
	int (*infer)(struct op_ctx *c);

	/* Computes the outputs (op_set_const) from constant inputs, small ones
	 * as in shape arithmetic.  Called only where every input is constant
	 * (or fold_shapes: it reads no more than their shapes).
	 * 1: done, 0: not folded (left for model_open).  NULL: never. */
	int (*fold)(struct op_ctx *c);

	/* Lowers to forms; no constants can be made any more.  NULL only for
	 * what import always removes. */
	int (*lower)(struct lower *l, struct op_ctx *c);

	bool fold_shapes;
	bool fold_large;	/* fold costs nothing: no limit on size */
	bool rewrites;		/* upgrade is needed at NET_OPSET, too */
};

struct op_family {
	const char *name;
	const struct op *ops;
	size_t nops;
};

extern const struct op_family *const op_family_list[];

/* The row of an operator; of any with "::" in its name, op_custom (custom.c). */
const struct op *op_find(const char *name);
bool op_is_custom(const char *name);
extern const struct op op_custom;

/* On one node, in this order.  op_infer also checks arity, attributes and
 * constant inputs; a shape that an output already has must come out again.
 * op_fold returns 1 if it computed the node: it is dead then and its outputs
 * are constants, or, of a graph output, it became an Identity of one. */
int op_upgrade(struct net *n, struct onode *o, struct diag *d);
int op_infer(struct net *n, struct onode *o, struct diag *d);
int op_fold(struct net *n, struct onode *o, struct diag *d);

/* For the rows' functions.  op_check: arity, attributes, types and shapes of the
 * inputs, as op_infer begins; for upgrades that leave nothing to infer. */
int op_check(struct op_ctx *c);
struct value *op_in(struct op_ctx *c, size_t i);	/* NULL: omitted */
struct value *op_out(struct op_ctx *c, size_t i);
size_t op_nin(const struct op_ctx *c);
size_t op_nout(const struct op_ctx *c);
int op_set(struct op_ctx *c, size_t out, enum dtype t, const int64_t *dims,
           size_t n);
int op_set_const(struct op_ctx *c, size_t out, enum dtype t,
                 const int64_t *dims, size_t n, const void *data);
int op_fail(struct op_ctx *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));	/* error with the node's label */
int op_broadcast(struct op_ctx *c, const struct ints *a, const struct ints *b,
                 struct ints *out);		/* numpy rules */
int op_axis(struct op_ctx *c, int64_t axis, size_t rank, int64_t *out);
int op_const_ints(struct op_ctx *c, size_t in, struct ints *out);

#endif
