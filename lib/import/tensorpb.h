/* ONNX's TensorProto to arrays: constants in a model, .pb files beside it. */
#ifndef IMPORT_TENSORPB_H
#define IMPORT_TENSORPB_H

#include "import/external.h"
#include "ir/npy.h"

/* "float16" for 10, or "type 99": what a message calls an element type. */
const char *onnx_type_word(struct arena *a, int64_t type);

/* Reads the TensorProto in bytes [from, from + bytes) of src.  Elements point
 * into src or x's files where they lie aligned there.  name: for messages
 * and, where it is NULL, the tensor's own.  x may be NULL: external data is
 * refused then.  -1 after a diagnostic. */
int tensorpb_parse(struct arena *a, const struct source *src, size_t from,
                   size_t bytes, const char *name, struct external *x,
                   struct array *out, struct diag *d);

/* Reads a .npy or .pb (one TensorProto) file, told apart by content. */
int array_read(struct arena *a, const char *path, struct array *out,
               struct diag *d);

#endif
