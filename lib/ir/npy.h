/* Arrays in NumPy's .npy format (versions 1 and 2), C order, little-endian:
 * the inputs and outputs of runs, and constants given by hand. */
#ifndef IR_NPY_H
#define IR_NPY_H

#include "ir/ir.h"

struct array {
	enum dtype type;
	struct ints shape;
	const void *data;	/* elements, row-major, aligned for the type */
	size_t bytes;
};

/* Whether the file begins as a .npy file does. */
bool npy_probe(const struct source *file);

/* Parses a file that was read whole; data may point into it.  -1 after a
 * diagnostic: another format, byte order or type, a wrong length. */
int npy_parse(struct arena *a, const struct source *file, struct array *out,
              struct diag *d);

/* Writes aside, then renames; "-" is standard output.  -1 after a diagnostic. */
int npy_write(const char *path, const struct array *v, struct diag *d);

#endif
