/* TensorProto: shape, type, and elements in one of six fields or a file.
 *
 * Read from the wire directly: unpacking would copy all elements twice. */
#include "import/tensorpb.h"

#include "base/file.h"
#include "base/str.h"
#include "import/wire.h"

enum {	/* field numbers of TensorProto */
	F_DIMS = 1, F_TYPE = 2, F_FLOAT = 4, F_INT32 = 5, F_INT64 = 7, F_NAME = 8,
	F_RAW = 9, F_DOUBLE = 10, F_UINT64 = 11, F_EXTERNAL = 13, F_LOCATION = 14
};

static const char *const type_words[] = {
	"undefined", "float", "uint8", "int8", "uint16", "int16", "int32",
	"int64", "string", "bool", "float16", "double", "uint32", "uint64",
	"complex64", "complex128", "bfloat16", "float8e4m3fn",
	"float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4",
	"float4e2m1", "float8e8m0", "uint2", "int2",
};

/* Where elements of each type stand if not in raw_data, and how. */
static const struct {
	unsigned field, kind;
} typed[NDTYPES] = {
	[DTYPE_F32] = {F_FLOAT, WIRE_I32}, [DTYPE_F64] = {F_DOUBLE, WIRE_I64},
	[DTYPE_I64] = {F_INT64, WIRE_VARINT}, [DTYPE_I32] = {F_INT32, WIRE_VARINT},
	[DTYPE_I16] = {F_INT32, WIRE_VARINT}, [DTYPE_I8] = {F_INT32, WIRE_VARINT},
	[DTYPE_U64] = {F_UINT64, WIRE_VARINT}, [DTYPE_U32] = {F_UINT64, WIRE_VARINT},
	[DTYPE_U16] = {F_INT32, WIRE_VARINT}, [DTYPE_U8] = {F_INT32, WIRE_VARINT},
	[DTYPE_BOOL] = {F_INT32, WIRE_VARINT},
};

struct stretch {			/* of elements in an external file */
	const char *location;
	int64_t offset, length;	/* -1: not stated */
};

struct parser {
	struct arena *a;
	struct diag *d;
	struct wire msg;	/* the whole message */
	const char *name;
	struct array *out;
	int64_t type;		/* ONNX's number */
	int64_t elems;
	bool raw, external;
	struct wire raw_data;
	struct stretch ext;
};

static struct pos
at(const struct parser *p)
{
	return (struct pos){.src = p->msg.src};
}

const char *
onnx_type_word(struct arena *a, int64_t type)
{
	if (type >= 0 && (size_t)type < sizeof type_words / sizeof *type_words)
		return type_words[type];
	return arena_printf(a, "%lld", (long long)type);
}

/* --- what the message states ------------------------------------------------------ */

static int
add_dims(struct parser *p, struct wire *w, unsigned type)
{
	struct wire sub = *w;
	uint64_t x;

	if (type == WIRE_LEN && wire_sub(w, &sub) < 0)
		return -1;
	if (type != WIRE_LEN && type != WIRE_VARINT)
		return wire_bad(w, w->i, "'dims' are not integers");
	do {
		if (type == WIRE_LEN && sub.i == sub.end)
			return 0;
		if (wire_varint(type == WIRE_LEN ? &sub : w, &x) < 0)
			return -1;
		if (p->out->shape.n == 64)
			return wire_bad(w, w->i, "more than 64 dimensions");
		vec_push(p->a, &p->out->shape, (int64_t)x);
	} while (type == WIRE_LEN);
	return 0;
}

static int
decimal(struct parser *p, const char *key, const char *text, int64_t *out)
{
	*out = 0;
	for (const char *s = text; *s || s == text; s++) {
		if (*s < '0' || *s > '9' || *out > (INT64_MAX - 9) / 10)
			return diag_error(p->d, at(p), "tensor '%s': external data's "
			                  "%s '%s' is not a number of bytes",
			                  p->name, key, text);
		*out = *out * 10 + (*s - '0');
	}
	return 0;
}

/* One key and value about the external file; checksum and others are not
 * needed. */
static int
external_entry(struct parser *p, struct wire *w)
{
	const char *key = "", *value = "";

	while (w->i < w->end) {
		unsigned field, type;

		if (wire_tag(w, &field, &type) < 0)
			return -1;
		if ((field == 1 || field == 2) && type == WIRE_LEN) {
			if (wire_string(w, p->a, field == 1 ? &key : &value) < 0)
				return -1;
		} else if (wire_skip(w, type) < 0) {
			return -1;
		}
	}
	if (str_eq(key, "location"))
		p->ext.location = value;
	else if (str_eq(key, "offset"))
		return decimal(p, key, value, &p->ext.offset);
	else if (str_eq(key, "length"))
		return decimal(p, key, value, &p->ext.length);
	return 0;
}

static int
field(struct parser *p, struct wire *w, unsigned number, unsigned type)
{
	struct wire sub;
	uint64_t x;

	if (number == F_DIMS)
		return add_dims(p, w, type);
	if ((number == F_TYPE || number == F_LOCATION) && type == WIRE_VARINT) {
		if (wire_varint(w, &x) < 0)
			return -1;
		if (number == F_TYPE)
			p->type = (int32_t)x;
		else
			p->external = x == 1;
		return 0;
	}
	if (number == F_NAME && type == WIRE_LEN && !p->name)
		return wire_string(w, p->a, &p->name);
	if (number == F_RAW && type == WIRE_LEN) {
		p->raw = true;
		return wire_sub(w, &p->raw_data);
	}
	if (number == F_EXTERNAL && type == WIRE_LEN)
		return wire_sub(w, &sub) < 0 ? -1 : external_entry(p, &sub);
	return wire_skip(w, type);
}

static int
read_head(struct parser *p)
{
	struct wire w = p->msg;

	while (w.i < w.end) {
		unsigned number, type;

		if (wire_tag(&w, &number, &type) < 0 ||
		    field(p, &w, number, type) < 0)
			return -1;
	}
	if (!p->name)
		p->name = "";
	return 0;
}

static int
check_head(struct parser *p)
{
	struct array *out = p->out;
	int t = p->type >= 0 && p->type < 1000 ? dtype_from_onnx((int)p->type) : -1;

	if (t < 0)
		return diag_error(p->d, at(p), "tensor '%s': elements of type %s are "
		                  "not supported", p->name,
		                  onnx_type_word(p->a, p->type));
	out->type = (enum dtype)t;
	if (out->shape.n > TENSOR_MAX_DIMS)
		return diag_error(p->d, at(p), "tensor '%s' has %zu dimensions, more "
		                  "than %d", p->name, out->shape.n, TENSOR_MAX_DIMS);
	p->elems = shape_elems(out->shape.v, out->shape.n, dtype_bytes(out->type));
	if (p->elems < 0)
		return diag_error(p->d, at(p), "tensor '%s' of shape %s is too large "
		                  "or has a negative dimension", p->name,
		                  shape_text(p->a, &out->shape));
	out->bytes = (size_t)p->elems * dtype_bytes(out->type);
	return 0;
}

/* --- elements ------------------------------------------------------------------------ */

/* Bytes as they lie in a file: used in place where aligned.  Bools are made 0
 * or 1, which is what every kernel relies on. */
static void
take_raw(struct parser *p, const char *bytes)
{
	struct array *out = p->out;
	unsigned char *copy;

	out->data = bytes;
	if ((uintptr_t)bytes % dtype_bytes(out->type) == 0 &&
	    out->type != DTYPE_BOOL && bytes)
		return;
	copy = arena_alloc(p->a, out->bytes);
	if (out->bytes)
		memcpy(copy, bytes, out->bytes);
	for (size_t i = 0; out->type == DTYPE_BOOL && i < out->bytes; i++)
		copy[i] = copy[i] != 0;
	out->data = copy;
}

static int
wrong_size(struct parser *p, const char *what, uint64_t n, const char *unit)
{
	return diag_error(p->d, at(p), "tensor '%s': %s %llu %s, but %s of shape "
	                  "%s takes %zu bytes", p->name, what,
	                  (unsigned long long)n, unit, dtype_word(p->out->type),
	                  shape_text(p->a, &p->out->shape), p->out->bytes);
}

static int
read_external(struct parser *p, struct external *x)
{
	const struct source *file;
	uint64_t offset = p->ext.offset < 0 ? 0 : (uint64_t)p->ext.offset;

	if (!x || !p->ext.location)
		return diag_error(p->d, at(p), "tensor '%s': external data %s", p->name,
		                  x ? "has no location" : "cannot be used here");
	if (p->ext.length >= 0 && (uint64_t)p->ext.length != p->out->bytes)
		return wrong_size(p, "external data has", (uint64_t)p->ext.length,
		                  "bytes");
	file = external_open(x, p->ext.location, at(p), p->d);
	if (!file) {
		diag_note(p->d, at(p), "for the elements of tensor '%s'", p->name);
		return -1;
	}
	if (offset > file->len || p->out->bytes > file->len - offset)
		return diag_error(p->d, (struct pos){.src = file}, "tensor '%s' takes "
		                  "%zu bytes from byte %llu on, but the file has %zu",
		                  p->name, p->out->bytes,
		                  (unsigned long long)offset, file->len);
	take_raw(p, file->text + offset);
	return 0;
}

/* One element from its field; int32_data holds the small integer types. */
static int
put(struct parser *p, void *to, int64_t i, uint64_t x)
{
	int64_t s = (int64_t)x;
	uint32_t bits = (uint32_t)x;
	bool fits = true;

	switch (p->out->type) {
	case DTYPE_F32: memcpy((float *)to + i, &bits, 4); break;
	case DTYPE_F64: memcpy((double *)to + i, &x, 8); break;
	case DTYPE_I64: ((int64_t *)to)[i] = s; break;
	case DTYPE_U64: ((uint64_t *)to)[i] = x; break;
	case DTYPE_BOOL: ((uint8_t *)to)[i] = x != 0; break;
#define SMALL(id, type) \
	case DTYPE_##id: \
		fits = (type)s == s; \
		((type *)to)[i] = (type)s; \
		break;
	SMALL(I32, int32_t)
	SMALL(I16, int16_t)
	SMALL(I8, int8_t)
	SMALL(U32, uint32_t)
	SMALL(U16, uint16_t)
	SMALL(U8, uint8_t)
#undef SMALL
	case NDTYPES: BUG("type");
	}
	if (!fits)
		return diag_error(p->d, at(p), "tensor '%s': element %lld, %lld, is no "
		                  "value of type %s", p->name, (long long)i,
		                  (long long)s, dtype_word(p->out->type));
	return 0;
}

/* The numbers of one field: one, or several packed.  *i counts elements. */
static int
read_some(struct parser *p, struct wire *w, unsigned type, unsigned kind,
          void *to, int64_t *i)
{
	struct wire sub = *w;
	struct wire *from = type == WIRE_LEN ? &sub : w;
	uint64_t x;

	if (type == WIRE_LEN && wire_sub(w, &sub) < 0)
		return -1;
	if (type != WIRE_LEN && type != kind)
		return wire_bad(w, w->i, "an element is of kind %u instead of %u",
		                type, kind);
	do {
		if (type == WIRE_LEN && sub.i == sub.end)
			return 0;
		if ((kind == WIRE_VARINT ? wire_varint(from, &x)
		                         : wire_fixed(from, kind, &x)) < 0)
			return -1;
		if (*i < p->elems && put(p, to, *i, x) < 0)
			return -1;
		++*i;
	} while (type == WIRE_LEN);
	return 0;
}

static int
read_typed(struct parser *p)
{
	struct wire w = p->msg;
	unsigned want = typed[p->out->type].field, kind = typed[p->out->type].kind;
	void *to;
	int64_t n = 0;

	/* No element takes less than a byte: a shape that promises more than
	 * the message holds is not worth the memory. */
	if ((uint64_t)p->elems > p->msg.end - p->msg.i)
		return wrong_size(p, "at most", p->msg.end - p->msg.i,
		                  "elements are there");
	to = arena_alloc(p->a, p->out->bytes);
	while (w.i < w.end) {
		unsigned number, type;

		if (wire_tag(&w, &number, &type) < 0)
			return -1;
		if (number == want) {
			if (read_some(p, &w, type, kind, to, &n) < 0)
				return -1;
		} else if (wire_skip(&w, type) < 0) {
			return -1;
		}
	}
	if (n != p->elems)
		return wrong_size(p, "holds", (uint64_t)n, "elements");
	p->out->data = to;
	return 0;
}

int
tensorpb_parse(struct arena *a, const struct source *src, size_t from,
               size_t bytes, const char *name, struct external *x,
               struct array *out, struct diag *d)
{
	struct parser p = {.a = a, .d = d, .name = name, .out = out,
	                   .msg = {src, d, from, from + bytes},
	                   .ext = {NULL, -1, -1}};

	*out = (struct array){0};
	if (read_head(&p) < 0 || check_head(&p) < 0)
		return -1;
	if (p.external)
		return read_external(&p, x);
	if (!p.raw)
		return read_typed(&p);
	if (p.raw_data.end - p.raw_data.i != out->bytes)
		return wrong_size(&p, "holds", p.raw_data.end - p.raw_data.i, "bytes");
	take_raw(&p, src->text + p.raw_data.i);
	return 0;
}

int
array_read(struct arena *a, const char *path, struct array *out, struct diag *d)
{
	struct source *file = arena_new(a, struct source);

	if (external_map(a, path, file, d) < 0)
		return -1;
	if (npy_probe(file))
		return npy_parse(a, file, out, d);
	if (file->len == 0)
		return diag_error(d, (struct pos){.src = file}, "the file is empty");
	return tensorpb_parse(a, file, 0, file->len, NULL, NULL, out, d);
}
