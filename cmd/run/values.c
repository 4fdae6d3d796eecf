/* Tensors between files and the program: it reads and writes raw elements,
 * people give and get .npy (or .pb).
 *
 * Random inputs come from the generator of tamp-graph(5), uniform in (-1, 1);
 * integers are those times 8, rounded down; truth values say whether it is
 * positive. */
#include <errno.h>
#include <math.h>

#include "base/file.h"
#include "base/str.h"
#include "import/tensorpb.h"
#include "ir/weights.h"
#include "rkernel/layout.h"
#include "run.h"

const char *
values_tmp(struct run *r, const char *kind, size_t i)
{
	const char *path = arena_printf(&r->a, "%s/%s%zu.bin", r->tmp, kind, i);

	vec_push(&r->a, &r->tmp_files, path);
	return path;
}

/* --- inputs ------------------------------------------------------------------- */

/* One element from a number in (-1, 1). */
static void
put_random(enum dtype t, void *p, int64_t i, double x)
{
	int64_t n = (int64_t)floor(x * 8);

	switch (t) {
	case DTYPE_F32: ((float *)p)[i] = (float)x; break;
	case DTYPE_F64: ((double *)p)[i] = x; break;
	case DTYPE_I64: ((int64_t *)p)[i] = n; break;
	case DTYPE_I32: ((int32_t *)p)[i] = (int32_t)n; break;
	case DTYPE_I16: ((int16_t *)p)[i] = (int16_t)n; break;
	case DTYPE_I8: ((int8_t *)p)[i] = (int8_t)n; break;
	case DTYPE_U64: ((uint64_t *)p)[i] = (uint64_t)(n + 8); break;
	case DTYPE_U32: ((uint32_t *)p)[i] = (uint32_t)(n + 8); break;
	case DTYPE_U16: ((uint16_t *)p)[i] = (uint16_t)(n + 8); break;
	case DTYPE_U8: ((uint8_t *)p)[i] = (uint8_t)(n + 8); break;
	case DTYPE_BOOL: ((uint8_t *)p)[i] = x > 0; break;
	case NDTYPES: break;
	}
}

static int
random_input(struct run *r, const struct ptensor *t, int64_t seed,
             struct array *out)
{
	struct random random = {.seed = seed, .scale = 1};
	struct tensor like = {.name = t->name, .type = DTYPE_F64,
	                      .shape = t->shape, .random = &random};
	const double *from = tensor_elements(&r->a, &like, NULL, &r->d);
	void *data;

	if (!from)
		return -1;
	data = arena_alloc(&r->a, (size_t)t->bytes + 1);
	for (int64_t i = 0; i < t->elems; i++)
		put_random(t->type, data, i, from[i]);
	*out = (struct array){t->type, t->shape, data, (size_t)t->bytes};
	return 0;
}

static int
check_like(struct run *r, const char *path, const struct ptensor *t,
           const struct array *v)
{
	if (v->type == t->type && shape_eq(&v->shape, &t->shape))
		return 0;
	return diag_error(&r->d, POS_NONE, "%s holds %s %s, but '%s' is %s %s",
	                  path, dtype_word(v->type), shape_text(&r->a, &v->shape),
	                  t->name, dtype_word(t->type),
	                  shape_text(&r->a, &t->shape));
}

static int
given_input(struct run *r, const struct ptensor *t, const char *text,
            struct array *out)
{
	char *end;
	long long seed;

	if (!str_starts(text, "random:"))
		return array_read(&r->a, text, out, &r->d) < 0 ? -1 :
			check_like(r, text, t, out);
	errno = 0;
	seed = strtoll(text + 7, &end, 10);
	if (errno || end == text + 7 || *end || seed < 0)
		return diag_error(&r->d, POS_NONE, "'%s': expected a seed from 0 on",
		                  text);
	return random_input(r, t, seed, out);
}

static int
write_raw(struct run *r, const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");
	bool bad;

	if (!f)
		return diag_error(&r->d, POS_NONE, "%s: %s", path,
		                  strerror(errno));
	bad = fwrite(data, 1, n, f) != n;
	bad |= fclose(f) != 0;
	return bad ? diag_error(&r->d, POS_NONE, "%s: cannot be written", path) :
		0;
}

static const char *
text_for(const struct run *r, int tensor)
{
	const char *text = NULL;

	for (size_t i = 0; i < r->in.n; i++)
		if (r->in.v[i].tensor == tensor)
			text = r->in.v[i].text;
	return text;
}

int
values_inputs(struct run *r)
{
	const struct graph *g = r->plan.graph;

	for (size_t i = 0; i < g->inputs.n; i++) {
		int at = map_get(&r->plan.tensor_by_name, g->inputs.v[i]);
		const struct ptensor *t = &r->plan.tensors.v[at];
		const char *text = text_for(r, at);
		struct array v;

		if (text ? given_input(r, t, text, &v) < 0 :
		    random_input(r, t, (int64_t)i, &v) < 0)
			return -1;
		if (write_raw(r, values_tmp(r, "in", i), v.data, v.bytes) < 0)
			return -1;
	}
	return 0;
}

/* --- outputs and others --------------------------------------------------------- */

static int
read_raw(struct run *r, const char *path, const struct ptensor *t,
         struct array *out)
{
	struct source src;

	if (file_read(&r->a, path, &src, &r->d) < 0)
		return -1;
	if (src.len != (size_t)t->bytes)
		return diag_error(&r->d, POS_NONE, "the program wrote %zu bytes of "
		                  "'%s', not %lld", src.len, t->name,
		                  (long long)t->bytes);
	*out = (struct array){t->type, t->shape, src.text, src.len};
	return 0;
}

/* Row-major elements of a tensor that is stored under a layout. */
static const void *
row_major(struct run *r, const struct ptensor *t, const char *stored)
{
	size_t size = dtype_bytes(t->type), n = t->shape.n;
	char *to = arena_alloc(&r->a, (size_t)t->bytes + 1);
	int64_t scale[BOX_DIMS], at[BOX_DIMS] = {0};
	int dim[BOX_DIMS], nd = layout_map(t->layout, &t->shape, dim, scale);

	for (int64_t i = 0; i < t->elems; i++) {
		int64_t logical[BOX_DIMS] = {0}, index = 0;

		for (int k = 0; k < nd; k++)
			logical[dim[k]] += at[k] * scale[k];
		for (size_t k = 0; k < n; k++)
			index = index * t->shape.v[k] + logical[k];
		memcpy(to + (size_t)index * size, stored + (size_t)i * size, size);
		for (int k = nd; k-- > 0 && ++at[k] == t->stored.v[k];)
			at[k] = 0;
	}
	return to;
}

int
values_tensor(struct run *r, int tensor, struct array *out)
{
	const struct ptensor *t = &r->plan.tensors.v[tensor];
	const char *path;

	if (t->kind == PT_OUTPUT && t->root == tensor) {
		*out = r->outputs.v[t->io];
		return 0;
	}
	path = values_tmp(r, "", (size_t)tensor);
	if (!file_exists(path))
		return 1;
	if (read_raw(r, path, t, out) < 0)
		return -1;
	if (t->layout)
		out->data = row_major(r, t, out->data);
	return 0;
}

/* DIR/NAME.npy, with what a file's name cannot hold replaced; distinct names
 * stay distinct by a number. */
static const char *
npy_path(struct run *r, const char *dir, const char *name, struct map *taken)
{
	char *base = arena_strdup(&r->a, name);
	const char *path;

	for (char *s = base; *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		            "0123456789_-.", *s) || (s == base && *s == '.'))
			*s = '_';
	if (strlen(base) > 200)
		base[200] = '\0';
	path = file_join(&r->a, dir, arena_printf(&r->a, "%s.npy", base));
	for (int n = 1; map_add(taken, path, 0) >= 0; n++)
		path = file_join(&r->a, dir, arena_printf(&r->a, "%s.%d.npy",
		                                          base, n));
	return path;
}

int
values_outputs(struct run *r)
{
	const struct graph *g = r->plan.graph;
	struct map taken;

	map_init(&taken, &r->a);
	if (r->output && file_mkdirs(r->output, &r->d) < 0)
		return -1;
	for (size_t i = 0; i < g->outputs.n; i++) {
		const struct ptensor *t = &r->plan.tensors.v[
			map_get(&r->plan.tensor_by_name, g->outputs.v[i])];
		struct array v;

		if (read_raw(r, values_tmp(r, "out", i), t, &v) < 0)
			return -1;
		vec_push(&r->a, &r->outputs, v);
		if (r->output && npy_write(npy_path(r, r->output, t->name, &taken),
		                           &v, &r->d) < 0)
			return -1;
	}
	return 0;
}

int
values_dump(struct run *r)
{
	struct map taken;

	map_init(&taken, &r->a);
	if (file_mkdirs(r->dump, &r->d) < 0)
		return -1;
	for (size_t i = 0; i < r->plan.tensors.n; i++) {
		struct array v;
		int rc = values_tensor(r, (int)i, &v);

		if (rc < 0 || (rc == 0 && npy_write(npy_path(r, r->dump,
		               r->plan.tensors.v[i].name, &taken), &v, &r->d) < 0))
			return -1;
	}
	return 0;
}
