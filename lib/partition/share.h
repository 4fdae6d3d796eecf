/* What share.c and share_left.c have in common. */
#ifndef PARTITION_SHARE_H
#define PARTITION_SHARE_H

#include "partition/work.h"

/* A product, or the part of it that one part of its left operand gives. */
struct term {
	int op;			/* the MatMul */
	int a;			/* left: [rows, depth] */
	int b;			/* right: the whole constant, [all, cols] */
	int64_t from, depth;	/* its rows that this term takes */
	int64_t rows, cols;
	int other;		/* the rest of the left operand, or -1 */
	int64_t other_from, other_depth;
};

struct share {
	struct work *w;
	VEC(struct term) terms;
	bool *reached;		/* [op], of the group at hand */
	struct map groups;	/* key -> index in members */
	VEC(struct ints) members; /* indices of terms */
	struct map piles;	/* list of values -> the value that holds them */
	struct map rows;	/* rows of a constant -> the value that they are */
};

/* A plain product of a matrix and a constant one, f32. */
bool share_plain(const struct work *w, struct lop *o);

/* A value [rows, cols] of f32, named after another; and one that lies in another,
 * so many elements in. */
int share_temp(struct work *w, int like, const char *suffix, int64_t rows,
               int64_t cols);
void share_view(struct work *w, int value, int of, int64_t offset);

/* Values of size elements each, one behind the other: a view where they lie so
 * already, else parts of a concatenation.  Equal lists are one value, of
 * constants under whatever conditions they are read. */
int share_pile(struct share *s, const struct ints *values, int64_t size,
               int64_t cols);

/* o: y [batch, m, n] = a [m, k] times b [batch, k, n]. */
void share_product(struct work *w, struct lop *o, int a, int b, int y,
                   int64_t batch, int64_t m, int64_t k, int64_t n);

/* share_left.c: products of the same left operand become one. */
void share_left(struct share *s);

#endif
