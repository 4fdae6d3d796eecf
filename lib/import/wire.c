/* The wire format of protocol buffers: bounded reading and stripping.
 *
 * protobuf-c's unpacking recurses without limit and copies everything.  The
 * walk here goes first and leaves it a message that is small (no elements of
 * tensors), not deep, and well-formed as far as lengths and kinds go. */
#include "import/wire.h"

/* What unpacking may cost: a part (message or string) takes about 150 bytes,
 * a packed number eight times its bytes.  Models stay far below: the unrolled
 * LSTM of 26,000 nodes has 0.3 million parts in 4 MB. */
#define PARTS_MAX 8000000u
#define STRIPPED_MAX ((size_t)128 << 20)
#define OURS_FROM 1000			/* first field number that is not ONNX's */

int
wire_bad(struct wire *w, size_t at, const char *fmt, ...)
{
	struct str s;
	va_list ap;

	str_init(&s);
	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	diag_error(w->d, (struct pos){.src = w->src}, "%s at byte %zu: %s",
	           at >= w->src->len ? "truncated" : "malformed", at, s.s);
	str_release(&s);
	return -1;
}

int
wire_varint(struct wire *w, uint64_t *out)
{
	size_t from = w->i;

	*out = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		unsigned char c;

		if (w->i >= w->end)
			return wire_bad(w, w->i, "the number that begins at byte %zu "
			                "has no end", from);
		c = (unsigned char)w->src->text[w->i++];
		if (shift < 64)
			*out |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return 0;
	}
	return wire_bad(w, from, "a number of more than ten bytes");
}

int
wire_tag(struct wire *w, unsigned *field, unsigned *type)
{
	size_t from = w->i;
	uint64_t tag;

	if (wire_varint(w, &tag) < 0)
		return -1;
	*type = tag & 7;
	if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
		return wire_bad(w, from, "no field has the number %llu",
		                (unsigned long long)(tag >> 3));
	if (*type != WIRE_VARINT && *type != WIRE_I64 && *type != WIRE_LEN &&
	    *type != WIRE_I32)
		return wire_bad(w, from, "field %u is of unknown kind %u",
		                (unsigned)(tag >> 3), *type);
	*field = (unsigned)(tag >> 3);
	return 0;
}

int
wire_fixed(struct wire *w, unsigned type, uint64_t *out)
{
	size_t n = type == WIRE_I64 ? 8 : 4;

	if (w->end - w->i < n)
		return wire_bad(w, w->end, "a number of %zu bytes begins at byte "
		                "%zu", n, w->i);
	*out = 0;
	for (size_t k = n; k-- > 0; )
		*out = *out << 8 | (unsigned char)w->src->text[w->i + k];
	w->i += n;
	return 0;
}

int
wire_sub(struct wire *w, struct wire *sub)
{
	size_t from = w->i;
	uint64_t n;

	if (wire_varint(w, &n) < 0)
		return -1;
	if (n > w->end - w->i)
		return wire_bad(w, w->end == w->src->len ? w->end : from,
		                "a field of %llu bytes begins at byte %zu, and %zu "
		                "bytes follow", (unsigned long long)n, w->i,
		                w->end - w->i);
	*sub = *w;
	sub->end = w->i + (size_t)n;
	w->i = sub->end;
	return 0;
}

int
wire_skip(struct wire *w, unsigned type)
{
	struct wire sub;
	uint64_t x;

	if (type == WIRE_LEN)
		return wire_sub(w, &sub);
	return type == WIRE_VARINT ? wire_varint(w, &x) : wire_fixed(w, type, &x);
}

int
wire_string(struct wire *w, struct arena *a, const char **out)
{
	struct wire sub;

	if (wire_sub(w, &sub) < 0)
		return -1;
	if (memchr(sub.src->text + sub.i, '\0', sub.end - sub.i))
		return wire_bad(w, sub.i, "a NUL byte in a string");
	*out = arena_strndup(a, sub.src->text + sub.i, sub.end - sub.i);
	return 0;
}

/* --- stripping ------------------------------------------------------------------ */

struct strip {
	struct str *out;
	unsigned parts;
};

static void
add_varint(struct str *out, uint64_t x)
{
	for (; x >= 0x80; x >>= 7)
		str_addc(out, (char)(x | 0x80));
	str_addc(out, (char)x);
}

/* The kind on the wire of a field that is not packed. */
static unsigned
kind_of(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return WIRE_VARINT;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return WIRE_I64;
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return WIRE_I32;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_LEN;
	}
	BUG("field type %d", (int)f->type);
}

static int strip(struct strip *s, struct wire *w,
                 const ProtobufCMessageDescriptor *desc, int depth);

/* A message's length is not known before its contents are written: five
 * bytes are kept for it, which is a longer way to write the same number. */
static int
strip_sub(struct strip *s, struct wire *sub, const ProtobufCFieldDescriptor *f,
          int depth)
{
	size_t at, n;

	if (depth >= WIRE_DEPTH_MAX)
		return wire_bad(sub, sub->i, "nested more than %d levels deep",
		                WIRE_DEPTH_MAX);
	add_varint(s->out, (uint64_t)f->id << 3 | WIRE_LEN);
	at = s->out->len;
	str_addn(s->out, "\0\0\0\0", 5);
	if (strip(s, sub, f->descriptor, depth + 1) < 0)
		return -1;
	n = s->out->len - at - 5;
	for (int k = 0; k < 5; k++)
		s->out->s[at + (size_t)k] =
			(char)((n >> 7 * k & 0x7f) | (k < 4 ? 0x80 : 0));
	return 0;
}

/* Numbers written one after another in one field. */
static int
check_packed(struct wire *sub, unsigned kind)
{
	struct wire w = *sub;

	while (w.i < w.end)
		if (wire_skip(&w, kind) < 0)
			return -1;
	return 0;
}

static int
strip_field(struct strip *s, struct wire *w, const ProtobufCFieldDescriptor *f,
            unsigned type, int depth)
{
	unsigned kind = kind_of(f);
	bool packed = type == WIRE_LEN && kind != WIRE_LEN &&
	              f->label == PROTOBUF_C_LABEL_REPEATED;
	size_t from = w->i;
	struct wire sub;

	if (type != kind && !packed)
		return wire_bad(w, from, "'%s' is of kind %u instead of %u", f->name,
		                type, kind);
	if (type == WIRE_LEN) {
		if (wire_sub(w, &sub) < 0)
			return -1;
		s->parts += !packed;
		if (f->type == PROTOBUF_C_TYPE_MESSAGE)
			return strip_sub(s, &sub, f, depth);
		if (packed && check_packed(&sub, kind) < 0)
			return -1;
		if (f->type == PROTOBUF_C_TYPE_STRING &&
		    memchr(sub.src->text + sub.i, '\0', sub.end - sub.i))
			return wire_bad(w, sub.i, "a NUL byte in '%s'", f->name);
	} else if (wire_skip(w, type) < 0) {
		return -1;
	}
	add_varint(s->out, (uint64_t)f->id << 3 | type);
	str_addn(s->out, w->src->text + from, w->i - from);
	return 0;
}

/* Notes where the message lies, if it has fields for that. */
static void
add_place(struct strip *s, const ProtobufCMessageDescriptor *desc, size_t from,
          size_t bytes)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(desc, OURS_FROM);

	if (!f)
		return;
	add_varint(s->out, (uint64_t)f->id << 3 | WIRE_VARINT);
	add_varint(s->out, from);
	add_varint(s->out, ((uint64_t)f->id + 1) << 3 | WIRE_VARINT);
	add_varint(s->out, bytes);
}

static int
strip(struct strip *s, struct wire *w, const ProtobufCMessageDescriptor *desc,
      int depth)
{
	size_t from = w->i;
	uint64_t seen = 0;

	while (w->i < w->end) {
		const ProtobufCFieldDescriptor *f;
		unsigned field, type;
		size_t at = w->i;
		uint64_t bit;

		if (wire_tag(w, &field, &type) < 0)
			return -1;
		if (s->parts > PARTS_MAX || s->out->len > STRIPPED_MAX)
			return wire_bad(w, at, "the model has too many parts to "
			                "unpack");
		f = field < OURS_FROM ?
		    protobuf_c_message_descriptor_get_field(desc, field) : NULL;
		if (!f) {
			if (wire_skip(w, type) < 0)
				return -1;
			continue;
		}
		bit = (uint64_t)1 << (f - desc->fields);
		if (f->type == PROTOBUF_C_TYPE_MESSAGE && seen & bit &&
		    f->label != PROTOBUF_C_LABEL_REPEATED)
			return wire_bad(w, at, "'%s' stands twice", f->name);
		seen |= bit;
		if (strip_field(s, w, f, type, depth) < 0)
			return -1;
	}
	add_place(s, desc, from, w->end - from);
	return 0;
}

int
wire_strip(struct wire *w, const ProtobufCMessageDescriptor *desc,
           struct str *out)
{
	struct strip s = {.out = out};

	return strip(&s, w, desc, 1);
}
