/* Element types and shapes: rows of dtype.def, and products that cannot
 * overflow. */
#include "base/str.h"
#include "ir/ir.h"

struct row {
	const char *word;
	size_t bytes;
	const char *ctype;
	int onnx;
	const char *safetensors;
};

static const struct row rows[NDTYPES] = {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
	[DTYPE_##id] = {word, bytes, #ctype, onnx, st},
#include "ir/dtype.def"
#undef DTYPE
};

static const struct row *
row_of(enum dtype t)
{
	if ((unsigned)t >= NDTYPES)
		BUG("element type %d", (int)t);
	return &rows[t];
}

size_t
dtype_bytes(enum dtype t)
{
	return row_of(t)->bytes;
}

const char *
dtype_word(enum dtype t)
{
	return row_of(t)->word;
}

const char *
dtype_ctype(enum dtype t)
{
	return row_of(t)->ctype;
}

const char *
dtype_safetensors(enum dtype t)
{
	return row_of(t)->safetensors;
}

bool
dtype_is_float(enum dtype t)
{
	return t == DTYPE_F32 || t == DTYPE_F64;
}

bool
dtype_is_int(enum dtype t)
{
	return !dtype_is_float(t) && t != DTYPE_BOOL;
}

int
dtype_from_onnx(int onnx_type)
{
	for (int i = 0; i < NDTYPES; i++)
		if (rows[i].onnx == onnx_type)
			return i;
	return -1;
}

int
dtype_from_word(const char *word)
{
	for (int i = 0; i < NDTYPES; i++)
		if (str_eq(rows[i].word, word))
			return i;
	return -1;
}

/* A dim of 0 makes the product 0, but the others still have to be sane. */
int64_t
shape_elems(const int64_t *dims, size_t n, size_t elem_bytes)
{
	int64_t most = TENSOR_MAX_BYTES / (int64_t)(elem_bytes ? elem_bytes : 1);
	int64_t product = 1;
	bool empty = false;

	for (size_t i = 0; i < n; i++) {
		if (dims[i] < 0 || dims[i] > most)
			return -1;
		if (dims[i] == 0)
			empty = true;
		else if (product > most / dims[i])
			return -1;
		else
			product *= dims[i];
	}
	return empty ? 0 : product;
}

bool
shape_eq(const struct ints *a, const struct ints *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i] != b->v[i])
			return false;
	return true;
}

const char *
shape_text(struct arena *a, const struct ints *s)
{
	struct str text;
	char *result;

	str_init(&text);
	str_addc(&text, '[');
	for (size_t i = 0; i < s->n; i++)
		str_addf(&text, "%s%lld", i ? ", " : "", (long long)s->v[i]);
	str_addc(&text, ']');
	result = arena_strndup(a, text.s, text.len);
	str_release(&text);
	return result;
}

bool
tensor_is_const(const struct tensor *t)
{
	return t->data || t->value.n || t->ivalue.n || t->fill.n || t->random;
}
