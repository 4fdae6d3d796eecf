/* LSTM, GRU and RNN while they are unrolled: what recurrent.c, which does it,
 * and recurrent_read.c, which reads the node, share. */
#ifndef OP_RECURRENT_H
#define OP_RECURRENT_H

#include "op/util.h"

#define FUNCS_MAX 3

/* Inputs, in ONNX's order. */
enum { IN_X, IN_W, IN_R, IN_B, IN_LENS, IN_H, IN_C, IN_P };

struct unroll;

struct kind {
	const char *op;
	int gates, funcs;
	const char *defaults[FUNCS_MAX];
	/* The step: from x [N, I] and the state to the new state. */
	void (*step)(struct unroll *u, int x);
};

struct funcinfo {		/* what an activation is */
	const char *name, *op;
	bool alpha, beta;	/* takes them */
	bool given;		/* there is no default: they must be given */
	double alpha0, beta0;
};

struct func {			/* an activation and its parameters */
	const struct funcinfo *info;
	double alpha, beta;
};

/* A node being unrolled, and the direction at hand. */
struct unroll {
	struct net *n;
	const struct kind *kind;
	struct onode node;	/* the node as it was */
	const char *name;	/* of its first output: new names begin so */
	int made;		/* names so far */
	enum dtype type;
	int64_t steps, batch, inputs, hidden;
	int dirs;
	int64_t layout;		/* 1: the batch is the first dimension */
	bool clipped;
	int low, high;		/* constants -clip and clip */
	int one;		/* constant 1 */
	bool input_forget, linear_before_reset;
	int mask;		/* of the step at hand, [N, 1]; -1: all rows run */

	/* Of the direction: products' right operands, biases, state. */
	struct func f[FUNCS_MAX];
	int w, r, bias;		/* [I, G H], [H, G H], [G H] or -1 */
	int r_gates, r_new;	/* GRU: r and the recurrent bias in two parts */
	int rb_gates, rb_new;
	int peep[3];		/* [H] for i, o, f; -1: none */
	int h, c;		/* [N, H]; -1: zero */
};

/* Fills u from the node (its kind is set), and the functions of all directions
 * into f[dirs * funcs].  -1 after a diagnostic. */
int recurrent_read(struct op_ctx *c, struct unroll *u, struct func *f);

#endif
