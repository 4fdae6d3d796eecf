/* The model's constants, from wherever the plan says or they can be had. */
#ifndef EMIT_CONSTANTS_H
#define EMIT_CONSTANTS_H

#include "ir/weights.h"

struct constants {
	struct arena *a;
	struct weights *weights;	/* the graph's file, or NULL */
	/* A plan.yaml read from an emitted directory: the graph's file is not
	 * beside it, but weights.bin is. */
	const char *file;		/* the one that was looked for */
	struct source plan, bin;
	struct map by_name;		/* tensors of that plan.bin */
};

/* -1 after a diagnostic. */
int constants_open(struct constants *c, struct arena *a,
                   const struct graph *g, struct diag *d);

/* The elements of t, row-major, in tmp or the file; NULL after a diagnostic. */
const void *constants_get(const struct constants *c, struct arena *tmp,
                          const struct tensor *t, struct diag *d);
void constants_close(struct constants *c);

#endif
