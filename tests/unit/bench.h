/* A bench for tests of lib/op: one operator in a small notation.
 *
 *	OP@OPSET [ATTR=VALUE ...] INPUT ... [/OUTPUTS]
 *
 * INPUT: f32[2,3] is given at run time, i64{1,2} a constant list, f32:0.5 a
 * constant scalar, f32{2,2|1,2,3,4} a constant with a shape, _ is omitted.
 * VALUE: 1, 0.5, [1,2], [0.5,1.5] or a word.  The result is what comes out:
 * types and shapes, with the elements of what was folded; or, after !, a part
 * of the message. */
#ifndef BENCH_H
#define BENCH_H

#include "test.h"

#include "base/str.h"
#include "op/op.h"

struct bench {
	struct net net;
	struct diag *d;
	size_t node;
	bool is_output;		/* the first output is one of the graph */
};

struct example {
	const char *text, *is;
};

/* Fills b, but for is_output, with the operator that text tells of. */
void bench_build(struct bench *b, const char *text);

/* upgrade, infer, fold; added nodes are left alone.  -1: refused. */
int bench_process(struct bench *b);

/* A check that text comes out as stated. */
void example_check(const struct example *e);

#define CHECK_ALL(table) \
	for (size_t i_ = 0; i_ < sizeof table / sizeof *table; i_++) \
		example_check(&table[i_])

/* The string in test_arena; s is released. */
const char *bench_taken(struct str *s);

#endif
