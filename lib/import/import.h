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
	struct strs read;		/* the files that were read; "-": stdin */
};

/* A dimension that neither the model nor an option gives a value to. */
struct import_unbound {
	const char *bind;	/* "batch=N": what --bind would fix it with */
	const char *where;	/* "input 'x' [batch, 3, 224, 224]" */
};

/* What reading found besides the net. */
struct import_found {
	VEC(struct import_unbound) unbound;
};

struct importer {
	const char *name;
	/* Whether the file's first bytes look like this format. */
	bool (*probe)(const struct source *file);
	/* Fills the net: nodes as in the file, opset of each noted, constants'
	 * data pointing into the file where possible (so the file's text must
	 * stay).  Unbound dimensions are noted in found and leave their inputs
	 * without a shape.  -1 after diagnostics. */
	int (*read)(struct net *n, const struct source *file,
	            struct import_options *o, struct import_found *found,
	            struct diag *d);
};

extern const struct importer *const importer_list[];

/* "batch=1" or "x=1,3,224,224" to a bind; "x=w.npy" to a const.  The text is
 * kept.  -1 after a diagnostic. */
int import_add_bind(struct import_options *o, struct arena *a, char *text,
                    struct diag *d);
int import_add_const(struct import_options *o, struct arena *a, char *text,
                     struct diag *d);

/* The whole of import: read, upgrade, infer, fold, simplify (pass_*).  */
int import_model(struct net *n, struct import_options *o, struct diag *d);

/* The same of a file that is in memory and stays there. */
int import_source(struct net *n, const struct source *file,
                  struct import_options *o, struct diag *d);

/* What --list prints: a line an operator that is not supported (with count
 * and first node), a line a dimension that is not bound; then totals.
 * Returns the number of obstacles, or -1 after diagnostics. */
int import_list(struct import_options *o, FILE *to, struct diag *d);

/* The passes, in the order in which import_model runs them.  Each leaves a net
 * that is valid (net_sort drops the nodes it marked dead); -v names them,
 * --explain says what they did. */
int pass_infer(struct net *n, struct diag *d);	/* upgrade, infer, fold */
int pass_outputs(struct net *n, struct diag *d); /* each is made by a node */
void pass_identity(struct net *n, struct diag *d); /* nodes that only rename */
void pass_batchnorm(struct net *n, struct diag *d); /* into Conv, Gemm, MatMul */
void pass_cse(struct net *n, struct diag *d);	/* equal nodes once */
bool pass_if(struct net *n, struct diag *d);	/* conditions that are known, equal
						 * ones once; whether any was */
void pass_dead(struct net *n, struct diag *d);	/* nodes nobody reads */

#endif
