/* Moving elements about: strided copies, views, transposes. */
#include "op/util.h"

struct dims
dims_steps(const struct dims *d)
{
	struct dims s = *d;
	int64_t step = 1;

	for (size_t i = d->n; i-- > 0; step *= d->v[i])
		s.v[i] = step;
	return s;
}

void
strided_merge(struct strided *s)
{
	struct dims d = {0}, src = {0};

	for (size_t i = 0; i < s->dims.n; i++) {
		int64_t n = s->dims.v[i], step = s->src.v[i];

		if (n == 1)
			continue;
		if (d.n && src.v[d.n - 1] == step * n) {
			d.v[d.n - 1] *= n;
			src.v[d.n - 1] = step;
			continue;
		}
		dims_add(&d, n);
		dims_add(&src, step);
	}
	if (!d.n) {
		dims_add(&d, 1);
		dims_add(&src, 1);
	}
	s->dims = d;
	s->src = src;
}

bool
strided_is_view(const struct strided *s)
{
	return s->dims.n == 1 && s->src.v[0] == 1;
}

/* A view, where y may be one; else a Map that reads and stores, which can be
 * fused into what makes x. */
void
lower_alias(struct lower *l, int y, int x, int64_t offset)
{
	int64_t n = value_elems(lower_value(l, y));
	struct dims d = DIMS(n);

	if (n == 0)
		return;
	if (!lower_value(l, y)->is_output) {
		lower_view(l, y, x, offset);
	} else if (n == value_elems(lower_value(l, x))) {
		struct mapin in = {x, d, NULL};
		struct lop *o = lower_map(l, y, &d, &in, 1, true);

		lop_step(l, o, "Y", "%s", in.ref);
	} else {
		struct strided s = {d, DIMS(1), offset};

		lower_strided(l, y, x, s);
	}
}

void
lower_strided(struct lower *l, int y, int x, struct strided s)
{
	int64_t n = value_elems(lower_value(l, x));
	struct lop *o;

	if (dims_elems(&s.dims) == 0)
		return;
	strided_merge(&s);
	if (strided_is_view(&s) && (!lower_value(l, y)->is_output ||
	                            n == s.dims.v[0])) {
		lower_alias(l, y, x, s.offset);
		return;
	}
	o = lower_op(l, "Copy");
	attrs_set_ints(l->a, &o->attrs, "src", s.src.v, s.src.n);
	attrs_set_int(l->a, &o->attrs, "offset", s.offset);
	lop_in(l, o, "X", x, &n, 1);
	lop_out_dims(l, o, "Y", y, &s.dims);
}

int
lower_transposed(struct lower *l, int x, const struct dims *dims,
                 const size_t *perm)
{
	struct strided s = {.src = {0}};
	struct dims steps = dims_steps(dims);
	int y;

	for (size_t i = 0; i < dims->n; i++) {
		dims_add(&s.dims, dims->v[perm[i]]);
		dims_add(&s.src, steps.v[perm[i]]);
	}
	strided_merge(&s);
	if (strided_is_view(&s))
		return x;
	y = lower_tmp(l, "t", lower_value(l, x)->type, &s.dims);
	lower_strided(l, y, x, s);
	return y;
}

int
lower_adjoin(struct lower *l, int x, const struct dims *dims, const bool *on,
             struct dims *ori)
{
	size_t perm[DIMS_MAX], n = 0, from = dims->n, to = 0;
	bool apart = false;

	for (size_t i = 0; i < dims->n; i++)
		if (on[i] && dims->v[i] != 1) {
			from = i < from ? i : from;
			to = i + 1;
		}
	for (size_t i = from; i < to; i++)
		if (!on[i] && dims->v[i] != 1)
			apart = true;
	if (from > to)
		from = to = dims->n;
	*ori = dims_ori(dims, from, to);
	if (!apart)
		return x;
	for (size_t i = 0; i < dims->n; i++)
		if (!on[i])
			perm[n++] = i;
	*ori = DIMS(1, 1, 1);
	for (size_t i = 0; i < dims->n; i++) {
		ori->v[on[i]] *= dims->v[i];
		if (on[i])
			perm[n++] = i;
	}
	return lower_transposed(l, x, dims, perm);
}

/* The flat index in X of each element of the copy in turn. */
static int64_t
next_index(const struct strided *s, int64_t *at, int64_t index)
{
	for (size_t k = s->dims.n; k-- > 0; ) {
		index += s->src.v[k];
		if (++at[k] < s->dims.v[k])
			return index;
		index -= s->src.v[k] * s->dims.v[k];
		at[k] = 0;
	}
	return index;
}

int
fold_strided(struct op_ctx *c, size_t out, size_t in, const struct strided *s)
{
	const struct value *x = op_in(c, in);
	size_t size = dtype_bytes(x->type);
	int64_t n = dims_elems(&s->dims), at[DIMS_MAX] = {0}, index = s->offset;
	char *y = arena_alloc(c->a, (size_t)n * size + 1);

	for (int64_t i = 0; i < n; i++) {
		memcpy(y + (size_t)i * size,
		       (const char *)x->data + (size_t)index * size, size);
		index = next_index(s, at, index);
	}
	return op_set_fold(c, out, y);
}
