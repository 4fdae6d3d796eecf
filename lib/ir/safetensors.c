/* Safetensors files: 8 bytes with the length of a JSON header (little-endian),
 * the header {"KEY": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0,
 * 24]}, ...}, then the elements.  https://github.com/huggingface/safetensors
 *
 * The reader trusts nothing: the header is parsed by a reader of just that
 * grammar (no recursion), every offset, size and overlap is checked before
 * the first use.  Keys that are not UTF-8 are escaped as in YAML (scalar.h). */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "ir/weights.h"
#include "yaml/scalar.h"

#define HEADER_MAX ((uint64_t)100 << 20)	/* the format's own limit */

/* How the headers that we write begin; the format has a place for such. */
#define MARK "{\"__metadata__\":{\"made_by\":\"tamp\"}"

struct held {
	const char *key;
	int type;			/* enum dtype; -1: none of ours */
	struct ints shape;
	uint64_t from, to;		/* bytes into the data */
	const void *data;		/* aligned for the type */
};

struct weights {
	struct arena *a;
	struct source *src;		/* the path, for diagnostics */
	const unsigned char *map;
	size_t len;
	VEC(struct held) entries;
	struct map by_key;
};

static struct pos
at(const struct weights *w)
{
	return (struct pos){.src = w->src};
}

/* --- header -------------------------------------------------------------------- */

struct json {
	struct arena *a;
	struct weights *w;
	struct diag *d;
	const unsigned char *s;		/* the header */
	size_t i, n;
};

static int
bad(struct json *j, const char *what)
{
	return diag_error(j->d, at(j->w), "bad safetensors header at byte %zu: %s",
	                  j->i + 8, what);
}

static void
blanks(struct json *j)
{
	while (j->i < j->n && strchr(" \t\r\n", j->s[j->i]) && j->s[j->i])
		j->i++;
}

static bool
accept(struct json *j, char c)
{
	blanks(j);
	if (j->i >= j->n || j->s[j->i] != (unsigned char)c)
		return false;
	j->i++;
	return true;
}

static int
expect(struct json *j, char c)
{
	char what[] = "expected ' '";

	what[10] = c;
	return accept(j, c) ? 0 : bad(j, what);
}

static int
hex4(struct json *j, unsigned *out)
{
	*out = 0;
	for (int k = 0; k < 4; k++, j->i++) {
		unsigned c = j->i < j->n ? j->s[j->i] : 0, v;

		if (c >= '0' && c <= '9')
			v = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = (c | 32) - 'a' + 10;
		else
			return bad(j, "expected four hexadecimal digits");
		*out = *out << 4 | v;
	}
	return 0;
}

static void
add_utf8(struct str *out, unsigned c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
	} else if (c < 0x800) {
		str_addc(out, (char)(0xc0 | c >> 6));
		str_addc(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		str_addc(out, (char)(0xe0 | c >> 12));
		str_addc(out, (char)(0x80 | (c >> 6 & 63)));
		str_addc(out, (char)(0x80 | (c & 63)));
	} else {
		str_addc(out, (char)(0xf0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 63)));
		str_addc(out, (char)(0x80 | (c >> 6 & 63)));
		str_addc(out, (char)(0x80 | (c & 63)));
	}
}

/* After "\u". */
static int
unicode(struct json *j, struct str *out)
{
	unsigned c, low;

	if (hex4(j, &c) < 0)
		return -1;
	if (c == 0)
		return bad(j, "a NUL in a string");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (j->n - j->i < 2 || j->s[j->i] != '\\' || j->s[j->i + 1] != 'u')
			return bad(j, "half a surrogate pair");
		j->i += 2;
		if (hex4(j, &low) < 0)
			return -1;
		if (low < 0xdc00 || low > 0xdfff)
			return bad(j, "half a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return bad(j, "half a surrogate pair");
	}
	add_utf8(out, c);
	return 0;
}

static int
escape(struct json *j, struct str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p;

	if (j->i >= j->n)
		return bad(j, "a string without end");
	if (j->s[j->i] == 'u') {
		j->i++;
		return unicode(j, out);
	}
	p = j->s[j->i] ? strchr(from, j->s[j->i]) : NULL;
	if (!p)
		return bad(j, "unknown escape in a string");
	j->i++;
	str_addc(out, to[p - from]);
	return 0;
}

/* A string in the arena, or NULL after a diagnostic. */
static const char *
string(struct json *j)
{
	const char *got = NULL;
	struct str s;
	size_t len;

	if (expect(j, '"') < 0)
		return NULL;
	str_init(&s);
	while (j->i < j->n && j->s[j->i] >= ' ' && j->s[j->i] != '"') {
		unsigned char c = j->s[j->i++];

		if (c != '\\')
			str_addc(&s, (char)c);
		else if (escape(j, &s) < 0)
			goto out;
	}
	if (j->i >= j->n || j->s[j->i] != '"') {
		bad(j, "a string without end");
		goto out;
	}
	j->i++;
	got = scalar_unescape(j->a, s.s, s.len, &len);
out:
	str_release(&s);
	return got;
}

static int
number(struct json *j, int64_t *out)
{
	size_t from;

	blanks(j);
	*out = 0;
	for (from = j->i; j->i < j->n && j->s[j->i] >= '0' && j->s[j->i] <= '9';
	     j->i++) {
		if (*out > (INT64_MAX - 9) / 10)
			return bad(j, "a number that is too large");
		*out = *out * 10 + (j->s[j->i] - '0');
	}
	return j->i > from ? 0 : bad(j, "expected a number");
}

static int
numbers(struct json *j, struct ints *out, size_t max)
{
	int64_t x;

	if (expect(j, '[') < 0)
		return -1;
	if (accept(j, ']'))
		return 0;
	do {
		if (out->n == max)
			return bad(j, "too many numbers");
		if (number(j, &x) < 0)
			return -1;
		vec_push(j->a, out, x);
	} while (accept(j, ','));
	return expect(j, ']');
}

/* {"k": "v", ...}: read and forgotten. */
static int
metadata(struct json *j)
{
	if (expect(j, '{') < 0)
		return -1;
	if (accept(j, '}'))
		return 0;
	do {
		if (!string(j) || expect(j, ':') < 0 || !string(j))
			return -1;
	} while (accept(j, ','));
	return expect(j, '}');
}

static int
type_from(const char *word)
{
	for (int t = 0; t < NDTYPES; t++)
		if (str_eq(word, dtype_safetensors((enum dtype)t)))
			return t;
	return -1;
}

/* {"dtype": ..., "shape": ..., "data_offsets": ...}, each once. */
static int
entry(struct json *j, struct held *e)
{
	struct ints offsets = {0};
	const char *key, *type = NULL;
	bool shape = false;

	if (expect(j, '{') < 0)
		return -1;
	do {
		if (!(key = string(j)) || expect(j, ':') < 0)
			return -1;
		if (str_eq(key, "dtype") && !type) {
			if (!(type = string(j)))
				return -1;
		} else if (str_eq(key, "shape") && !shape) {
			shape = true;
			if (numbers(j, &e->shape, 64) < 0)
				return -1;
		} else if (str_eq(key, "data_offsets") && !offsets.n) {
			if (numbers(j, &offsets, 2) < 0)
				return -1;
		} else {
			return bad(j, "unexpected key in an entry");
		}
	} while (accept(j, ','));
	if (expect(j, '}') < 0)
		return -1;
	if (!type || !shape || offsets.n != 2)
		return bad(j, "an entry needs dtype, shape and data_offsets");
	e->type = type_from(type);
	e->from = (uint64_t)offsets.v[0];
	e->to = (uint64_t)offsets.v[1];
	return 0;
}

static int
header(struct json *j)
{
	struct weights *w = j->w;

	if (expect(j, '{') < 0)
		return -1;
	if (accept(j, '}'))
		return 0;
	do {
		struct held e = {.key = string(j)};

		if (!e.key || expect(j, ':') < 0)
			return -1;
		if (str_eq(e.key, "__metadata__")) {
			if (metadata(j) < 0)
				return -1;
			continue;
		}
		if (entry(j, &e) < 0)
			return -1;
		if (map_add(&w->by_key, e.key, (int)w->entries.n) >= 0)
			return diag_error(j->d, at(w), "'%s' stands twice in the "
			                  "safetensors header", e.key);
		vec_push(w->a, &w->entries, e);
	} while (accept(j, ','));
	if (expect(j, '}') < 0)
		return -1;
	blanks(j);
	return j->i == j->n ? 0 : bad(j, "something after the header's end");
}

/* --- checks ---------------------------------------------------------------------- */

static int
check_entry(struct weights *w, struct held *e, const unsigned char *data,
            uint64_t bytes, struct diag *d)
{
	size_t size = e->type < 0 ? 1 : dtype_bytes((enum dtype)e->type);
	int64_t elems = shape_elems(e->shape.v, e->shape.n, size);

	if (e->from > e->to || e->to > bytes)
		return diag_error(d, at(w), "'%s': bytes %llu to %llu do not lie in "
		                  "the file's %llu bytes of data", e->key,
		                  (unsigned long long)e->from,
		                  (unsigned long long)e->to,
		                  (unsigned long long)bytes);
	if (e->type < 0)
		return 0;	/* of no use to us, and refused when asked for */
	if (elems < 0 || (uint64_t)elems * size != e->to - e->from)
		return diag_error(d, at(w), "'%s': %s of shape %s does not take %llu "
		                  "bytes", e->key, dtype_word((enum dtype)e->type),
		                  shape_text(w->a, &e->shape),
		                  (unsigned long long)(e->to - e->from));
	e->data = data + e->from;
	if ((uintptr_t)e->data % size) {
		void *copy = arena_alloc(w->a, (size_t)(e->to - e->from));

		memcpy(copy, e->data, (size_t)(e->to - e->from));
		e->data = copy;
	}
	return 0;
}

static int
by_offset(const void *x, const void *y)
{
	const struct held *a = *(const struct held *const *)x;
	const struct held *b = *(const struct held *const *)y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static int
check_overlap(struct weights *w, struct diag *d)
{
	const struct held **sorted = arena_array(w->a, w->entries.n + 1,
	                                           sizeof *sorted);

	for (size_t i = 0; i < w->entries.n; i++)
		sorted[i] = &w->entries.v[i];
	qsort(sorted, w->entries.n, sizeof *sorted, by_offset);
	for (size_t i = 1; i < w->entries.n; i++)
		if (sorted[i]->from < sorted[i - 1]->to)
			return diag_error(d, at(w), "'%s' and '%s' overlap",
			                  sorted[i - 1]->key, sorted[i]->key);
	return 0;
}

static int
read_header(struct weights *w, struct diag *d)
{
	struct json j = {.a = w->a, .w = w, .d = d};
	uint64_t n = 0;

	for (int i = 7; i >= 0 && w->len >= 8; i--)
		n = n << 8 | w->map[i];
	if (w->len < 8 || n > w->len - 8 || n > HEADER_MAX)
		return diag_error(d, at(w), "not a safetensors file: a header of %llu "
		                  "bytes in a file of %zu", (unsigned long long)n,
		                  w->len);
	j.s = w->map + 8;
	j.n = (size_t)n;
	if (header(&j) < 0)
		return -1;
	for (size_t i = 0; i < w->entries.n; i++)
		if (check_entry(w, &w->entries.v[i], j.s + n, w->len - 8 - n, d) < 0)
			return -1;
	return check_overlap(w, d);
}

/* --- reading ---------------------------------------------------------------------- */

static int
map_file(struct weights *w, const char *path, struct diag *d)
{
	struct stat st;
	void *p;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && (errno = EINVAL))) {
		diag_error(d, at(w), "cannot open the weights: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	w->len = (size_t)st.st_size;
	p = w->len ? mmap(NULL, w->len, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (p == MAP_FAILED)
		return diag_error(d, at(w), "cannot map the weights: %s",
		                  strerror(errno));
	w->map = p;
	return 0;
}

struct weights *
weights_open(struct arena *a, const char *path, struct diag *d)
{
	struct weights *w = arena_new(a, struct weights);

	w->a = a;
	w->src = arena_new(a, struct source);
	w->src->name = arena_strdup(a, path);
	map_init(&w->by_key, a);
	if (map_file(w, path, d) < 0)
		return NULL;
	if (read_header(w, d) < 0) {
		weights_close(w);
		return NULL;
	}
	return w;
}

void
weights_close(struct weights *w)
{
	if (w && w->map)
		munmap((void *)w->map, w->len);
	if (w)
		w->map = NULL;
}

const void *
weights_find(const struct weights *w, const struct tensor *t, struct diag *d)
{
	int i = map_get(&w->by_key, t->data);
	const struct held *e;

	if (i < 0) {
		diag_error(d, record_pos(t, "data"), "'%s' is not in the weights "
		           "file '%s'", t->data, w->src->name);
		return NULL;
	}
	e = &w->entries.v[i];
	if (e->type != t->type || !shape_eq(&e->shape, &t->shape)) {
		diag_error(d, record_pos(t, "data"), "'%s' is %s %s, but '%s' in "
		           "the weights file '%s' is %s %s", t->name,
		           dtype_word((enum dtype)t->type),
		           shape_text(w->a, &t->shape), t->data, w->src->name,
		           e->type < 0 ? "of another type, with shape"
		                       : dtype_word((enum dtype)e->type),
		           shape_text(w->a, &e->shape));
		return NULL;
	}
	return e->data;
}

bool
weights_is_ours(const char *path)
{
	char head[8 + sizeof MARK - 1];
	FILE *f = fopen(path, "rb");
	bool ours = f && fread(head, sizeof head, 1, f) == 1 &&
	            memcmp(head + 8, MARK, sizeof MARK - 1) == 0;

	if (f)
		fclose(f);
	return ours;
}

/* --- writing ---------------------------------------------------------------------- */

static void
add_string(struct str *out, const char *s)
{
	size_t n = strlen(s), len;
	unsigned c;

	str_addc(out, '"');
	for (size_t i = 0; i < n; i += len ? len : 1) {
		len = scalar_char(s + i, n - i, &c);
		if (len && scalar_raw_byte(c) >= 0)
			len = 0;
		if (len == 0)
			str_addf(out, "\\u%04x",
			         scalar_raw_char((unsigned char)s[i]));
		else if (c < ' ')
			str_addf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			str_addf(out, "\\%c", (int)c);
		else
			str_addn(out, s + i, len);
	}
	str_addc(out, '"');
}

/* The entries from the widest type to the narrowest, so that each lies at a
 * multiple of its elements' size; entries of one width keep their order. */
static const struct weights_entry **
in_order(const struct weights_entry *e, size_t n)
{
	const struct weights_entry **v = xrealloc(NULL, n * sizeof *v);
	size_t k = 0;

	for (size_t size = 8; size; size /= 2)
		for (size_t i = 0; i < n; i++)
			if (dtype_bytes(e[i].type) == size)
				v[k++] = &e[i];
	return v;
}

static void
add_header(struct str *out, const struct weights_entry *const *v, size_t n)
{
	size_t offset = 0;

	str_add(out, MARK);
	for (size_t i = 0; i < n; i++) {
		str_addc(out, ',');
		add_string(out, v[i]->key);
		str_addf(out, ":{\"dtype\":\"%s\",\"shape\":[",
		         dtype_safetensors(v[i]->type));
		for (size_t k = 0; k < v[i]->shape.n; k++)
			str_addf(out, "%s%lld", k ? "," : "",
			         (long long)v[i]->shape.v[k]);
		str_addf(out, "],\"data_offsets\":[%zu,%zu]}", offset,
		         offset + v[i]->bytes);
		offset += v[i]->bytes;
	}
	str_addc(out, '}');
	while (out->len % 8)
		str_addc(out, ' ');
}

int
weights_write(const char *path, const struct weights_entry *e, size_t n,
              struct diag *d)
{
	const struct weights_entry **v;
	unsigned char len[8];
	struct file_out o;
	struct str head;

	if (file_create(&o, path, d) < 0)
		return -1;
	v = in_order(e, n);
	str_init(&head);
	add_header(&head, v, n);
	for (int i = 0; i < 8; i++)
		len[i] = (unsigned char)((uint64_t)head.len >> 8 * i);
	fwrite(len, 1, sizeof len, o.f);
	fwrite(head.s, 1, head.len, o.f);
	for (size_t i = 0; i < n && !ferror(o.f); i++)
		if (v[i]->bytes)
			fwrite(v[i]->data, 1, v[i]->bytes, o.f);
	str_release(&head);
	free(v);
	return file_commit(&o);
}
