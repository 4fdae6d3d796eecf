/* Putting a fused operator together from two (fuse.c). */
#ifndef PARTITION_FUSE_BUILD_H
#define PARTITION_FUSE_BUILD_H

#include "partition/work.h"

/* An operator under construction. */
struct build {
	struct work *w;
	struct lop o;
	VEC(struct rename) names;	/* for the map being added */
	int steps;			/* names given to steps so far */
};

/* Begins with o's form and attributes, and no arguments. */
void build_begin(struct build *b, struct work *w, const struct lop *o);

/* Adds the graph's nodes that o computes. */
void build_nodes(struct build *b, const struct lop *o);

/* In the map that is added next, "from" is called "to". */
void build_alias(struct build *b, const char *from, const char *to);

/* The name under which the map of "on" reads a value; equal ones share it. */
const char *build_extra(struct build *b, const char *on, const struct larg *x,
                        const struct ints *shape);

/* The value of an expression as it would have been stored in type t.
 * f32: all that it reads is f32. */
const char *build_stored(struct build *b, const char *expr, enum dtype t,
                         bool f32);

/* Whether v and all operands of a map are f32. */
bool map_all_f32(const struct work *w, const struct lop *o,
                 const struct larg *on);

/* Appends the steps of a map, renamed, to list; returns the name that the
 * value has afterwards.  last: it stays the value (an expression alone). */
const char *build_steps(struct build *b, struct strs *list,
                        const struct strs *map, enum dtype stored, bool f32,
                        bool last);

/* Adds the operands of map "from" (of o) to the map of argument "on", which
 * has the shape "to"; all but those that lie in value "but" (-1: all).  false
 * if one does not broadcast to that shape. */
bool build_operands(struct build *b, const struct lop *o,
                    const struct larg *from, const char *on,
                    const struct ints *to, int but);

#endif
