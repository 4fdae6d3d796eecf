/* Within base/expr*.c: an expression as a tree, and the operators and functions
 * there are. */
#ifndef BASE_EXPR_TREE_H
#define BASE_EXPR_TREE_H

#include "base/expr.h"

enum kind { NUM, NAME, NEG, NOT, MUL, DIV, MOD, ADD, SUB, LT, LE, GT, GE, EQ,
            NE, AND, OR, COND, MIN, MAX, CDIV, QUOT, SHL, SHR };

struct expr {
	enum kind kind;
	int64_t num;
	const char *name;
	const struct expr *k[3];
};

struct binop {
	const char *text;
	enum kind kind;
	int prec;		/* higher binds tighter */
	bool c;			/* only as C writes it */
};

struct func {
	const char *name;
	enum kind kind;
};

/* A longer spelling stands before its prefix; each ends with a NULL. */
extern const struct binop expr_binops[];
extern const struct func expr_funcs[];

#define PREC_COND 0		/* binds less than any operator */
#define PREC_UNARY 8		/* and more */

#endif
