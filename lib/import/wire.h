/* Protocol buffers as bytes: a reader that checks every length and names the
 * offset of every fault, and a walk that makes a model fit for unpacking. */
#ifndef IMPORT_WIRE_H
#define IMPORT_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

enum wire_type { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_LEN = 2, WIRE_I32 = 5 };

/* A message being read: bytes i to end of src. */
struct wire {
	const struct source *src;
	struct diag *d;
	size_t i, end;
};

/* Each reads one thing at i and moves on; -1 after a diagnostic. */
int wire_tag(struct wire *w, unsigned *field, unsigned *type);
int wire_varint(struct wire *w, uint64_t *out);
int wire_fixed(struct wire *w, unsigned type, uint64_t *out); /* I32, I64 */
int wire_sub(struct wire *w, struct wire *sub);		/* a LEN's contents */
int wire_skip(struct wire *w, unsigned type);

/* A string in the arena; one that holds a NUL is refused. */
int wire_string(struct wire *w, struct arena *a, const char **out);

/* "model.onnx: error: malformed at byte 17: ..."; returns -1. */
int wire_bad(struct wire *w, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Deepest nesting of messages that is read; the innermost sensible model has
 * about ten levels, a loop in a loop in a loop twenty. */
#define WIRE_DEPTH_MAX 100

/* Appends the message as desc declares it: fields that desc lacks are left
 * out, and a message with the field tamp_from gets its offset and length
 * instead of its elements.  Bounds depth, number of messages and bytes, so
 * that unpacking the result takes bounded stack and memory. */
int wire_strip(struct wire *w, const ProtobufCMessageDescriptor *desc,
               struct str *out);

#endif
