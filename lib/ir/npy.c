/* NumPy's .npy format: "\x93NUMPY", version, length of the header, the header
 * (a Python dict that is always written the same way), the elements.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include "ir/npy.h"

#include <ctype.h>

#include "base/file.h"
#include "base/str.h"

static const char magic[] = "\x93NUMPY";

/* NumPy's word for each type, without the byte order. */
static const char *const words[NDTYPES] = {
	[DTYPE_F32] = "f4", [DTYPE_F64] = "f8",
	[DTYPE_I64] = "i8", [DTYPE_I32] = "i4", [DTYPE_I16] = "i2", [DTYPE_I8] = "i1",
	[DTYPE_U64] = "u8", [DTYPE_U32] = "u4", [DTYPE_U16] = "u2", [DTYPE_U8] = "u1",
	[DTYPE_BOOL] = "b1",
};

struct reader {
	struct arena *a;
	const struct source *src;
	struct diag *d;
	const char *s, *end;	/* what is left of the header */
};

static int
bad(struct reader *r, const char *what)
{
	return diag_error(r->d, (struct pos){.src = r->src}, "bad .npy header: %s",
	                  what);
}

static bool
accept(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	while (r->s < r->end && isspace((unsigned char)*r->s))
		r->s++;
	if ((size_t)(r->end - r->s) < n || memcmp(r->s, word, n) != 0)
		return false;
	r->s += n;
	return true;
}

static int
read_type(struct reader *r, struct array *out)
{
	const char *q;
	size_t n;

	if (!accept(r, "'"))
		return bad(r, "records are not supported");
	q = memchr(r->s, '\'', (size_t)(r->end - r->s));
	if (!q)
		return bad(r, "a string without end");
	n = (size_t)(q - r->s);
	for (int t = 0; t < NDTYPES; t++)
		if (n == 3 && memcmp(r->s + 1, words[t], 2) == 0 &&
		    strchr(dtype_bytes((enum dtype)t) == 1 ? "|<>=" : "<=", *r->s)) {
			out->type = (enum dtype)t;
			r->s = q + 1;
			return 0;
		}
	return diag_error(r->d, (struct pos){.src = r->src}, ".npy type '%s' is "
	                  "not supported (little-endian f4, f8, i1 to i8, u1 to "
	                  "u8 and b1 are)", arena_strndup(r->a, r->s, n));
}

static int
read_shape(struct reader *r, struct array *out)
{
	if (!accept(r, "("))
		return bad(r, "'shape' is not a tuple");
	while (!accept(r, ")")) {
		int64_t x = 0;
		const char *from;

		accept(r, "");	/* blanks */
		for (from = r->s; r->s < r->end && isdigit((unsigned char)*r->s); r->s++) {
			if (x > TENSOR_MAX_BYTES)
				return bad(r, "a dimension that is too large");
			x = x * 10 + (*r->s - '0');
		}
		if (r->s == from || out->shape.n == 64)
			return bad(r, "'shape' is not a tuple of integers");
		vec_push(r->a, &out->shape, x);
		if (!accept(r, ",") && (r->s >= r->end || *r->s != ')'))
			return bad(r, "'shape' is not a tuple of integers");
	}
	return 0;
}

static int
read_order(struct reader *r)
{
	if (accept(r, "True"))
		return diag_error(r->d, (struct pos){.src = r->src}, "elements in "
		                  "Fortran order are not supported (numpy.save("
		                  "file, numpy.ascontiguousarray(x)))");
	return accept(r, "False") ? 0 : bad(r, "'fortran_order' is not a bool");
}

static int
read_header(struct reader *r, struct array *out)
{
	unsigned seen = 0;
	int err = 0;

	if (!accept(r, "{"))
		return bad(r, "not a dict");
	while (!err && !accept(r, "}")) {
		unsigned bit = 0;

		if (accept(r, "'descr'") && accept(r, ":"))
			bit = 1, err = read_type(r, out);
		else if (accept(r, "'fortran_order'") && accept(r, ":"))
			bit = 2, err = read_order(r);
		else if (accept(r, "'shape'") && accept(r, ":"))
			bit = 4, err = read_shape(r, out);
		if (!bit || seen & bit)
			return bad(r, "unexpected key");
		seen |= bit;
		accept(r, ",");
	}
	return err ? -1 : seen == 7 ? 0 : bad(r, "a key is missing");
}

bool
npy_probe(const struct source *file)
{
	return file->len >= 6 && memcmp(file->text, magic, 6) == 0;
}

/* Offset and length of the header from the fixed part; -1 if cut off. */
static int
find_header(struct reader *r, size_t *from, size_t *len)
{
	const unsigned char *p = (const unsigned char *)r->src->text;
	size_t size = r->src->len;

	if (!npy_probe(r->src) || size < 12)
		return bad(r, "not a .npy file");
	if (p[6] < 1 || p[6] > 3)
		return bad(r, "unknown version");
	*from = p[6] == 1 ? 10 : 12;
	*len = p[8] | (size_t)p[9] << 8;
	if (p[6] > 1)
		*len |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
	return *len <= size - *from ? 0 : bad(r, "cut off");
}

int
npy_parse(struct arena *a, const struct source *file, struct array *out,
          struct diag *d)
{
	struct reader r = {.a = a, .src = file, .d = d};
	size_t from = 0, len = 0, size;
	int64_t elems;

	*out = (struct array){0};
	if (find_header(&r, &from, &len) < 0)
		return -1;
	r.s = file->text + from;
	r.end = r.s + len;
	if (read_header(&r, out) < 0)
		return -1;
	size = dtype_bytes(out->type);
	elems = shape_elems(out->shape.v, out->shape.n, size);
	out->bytes = elems < 0 ? 0 : (size_t)elems * size;
	if (elems < 0 || file->len - from - len != out->bytes)
		return diag_error(d, (struct pos){.src = file}, "%zu bytes of data, "
		                  "but %s of shape %s takes %s",
		                  file->len - from - len, dtype_word(out->type),
		                  shape_text(a, &out->shape), elems < 0 ? "too many"
		                  : arena_printf(a, "%zu", out->bytes));
	out->data = r.end;
	if ((uintptr_t)out->data % size) {
		void *copy = arena_alloc(a, out->bytes);

		if (out->bytes)
			memcpy(copy, out->data, out->bytes);
		out->data = copy;
	}
	return 0;
}

int
npy_write(const char *path, const struct array *v, struct diag *d)
{
	struct file_out o;
	struct str s;

	if (file_create(&o, path, d) < 0)
		return -1;
	str_init(&s);
	str_addf(&s, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
	         dtype_bytes(v->type) == 1 ? '|' : '<', words[v->type]);
	for (size_t i = 0; i < v->shape.n; i++)
		str_addf(&s, "%s%lld%s", i ? " " : "", (long long)v->shape.v[i],
		         i + 1 < v->shape.n || i == 0 ? "," : "");
	str_add(&s, "), }");
	while ((10 + s.len + 1) % 64)
		str_addc(&s, ' ');
	str_addc(&s, '\n');
	fprintf(o.f, "%s%c%c%c%c", magic, 1, 0, (int)(s.len & 255),
	        (int)(s.len >> 8));
	fwrite(s.s, 1, s.len, o.f);
	if (v->bytes)
		fwrite(v->data, 1, v->bytes, o.f);
	str_release(&s);
	return file_commit(&o);
}
