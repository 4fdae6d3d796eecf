/* Importers: a model file to a net.  One file a format, told apart by
 * content; registered by being in lib/import (mk/registry.sh). */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "op/net.h"

struct import_bind {		/* --bind batch=1, --bind x=1,3,224,224 */
	const char *name;	/* a symbolic dimension or an input */
	struct ints dims;
	bool used;
};

struct import_const {		/* --const NAME=FILE (.npy or .pb) */
	const char *name, *file;
	bool used;
};

struct import_options {
	const char *path;		/* of the model; "-" for standard input */
	VEC(struct import_bind) binds;
	VEC(struct import_const) consts;
	bool list;			/* only what --list prints is needed */
};

struct importer {
	const char *name;
	/* Whether the file's first bytes look like this format. */
	bool (*probe)(const struct source *file);
	/* Fills the net: nodes as in the file, opset of each noted, constants'
	 * data pointing into the file where possible.  -1 after diagnostics. */
	int (*read)(struct net *n, const struct source *file,
	            const struct import_options *o, struct diag *d);
};

extern const struct importer *const importer_list[];

/* The whole of import: read, upgrade, infer, fold, simplify (pass_*).  */
int import_model(struct net *n, const struct import_options *o,
                 struct diag *d);

/* What --list prints: a line an operator that is not supported (with count
 * and first node), a line a dimension that is not bound; then totals.
 * Returns the number of obstacles, or -1 after diagnostics. */
int import_list(const struct import_options *o, FILE *to, struct diag *d);

/* The passes, each of which may run alone (import -v names them). */
int pass_infer(struct net *n, struct diag *d);	/* upgrade, infer, fold */
void pass_dead(struct net *n);			/* nodes nobody reads */
void pass_identity(struct net *n);		/* Identity, Dropout, no-op casts */
void pass_batchnorm(struct net *n);		/* into Conv, Gemm, MatMul */
void pass_cse(struct net *n);			/* equal nodes once */

#endif
