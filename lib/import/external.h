/* Files beside a model that hold elements of its tensors. */
#ifndef IMPORT_EXTERNAL_H
#define IMPORT_EXTERNAL_H

#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"

struct external {
	struct arena *a;
	const char *dir;		/* of the model; NULL: standard input */
	struct map by_location;		/* to index into files */
	VEC(struct source) files;	/* mapped; stay so, nets point into them */
};

void external_init(struct external *x, struct arena *a, const char *model);

/* The file at location (relative to the model's directory), or NULL after a
 * diagnostic at "at": it is missing, or lies outside of that directory. */
const struct source *external_open(struct external *x, const char *location,
                                   struct pos at, struct diag *d);

/* Maps a regular file into memory, reads anything else ("-" included). */
int external_map(struct arena *a, const char *path, struct source *out,
                 struct diag *d);

#endif
