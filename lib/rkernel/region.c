/* Regions: parsing, binding, evaluation to boxes, and boxes over bytes.
 *
 * A box is a product of half-open ranges over a tensor's stored dimensions.
 * What is done with boxes here is exact: the verifier's proof and the emitted
 * waits stand on it. */
#include "rkernel/region.h"

#include <string.h>

#include "base/str.h"

struct dim {
	struct expr *lo;
	struct expr *hi;	/* NULL: the one index lo */
};

struct part {
	VEC(struct dim) dims;
};

struct region {
	VEC(struct part) parts;
};

/* --- parsing -------------------------------------------------------------- */

struct parser {
	struct arena *a;
	const char *text, *s;
	struct pos at;
	struct diag *d;
};

static struct pos
here(const struct parser *p)
{
	struct pos at = p->at;

	if (at.col)
		at.col += (int)(p->s - p->text);
	return at;
}

static void
skip(struct parser *p)
{
	while (*p->s == ' ' || *p->s == '\t' || *p->s == '\n')
		p->s++;
}

static int
expect(struct parser *p, const char *what)
{
	return diag_error(p->d, here(p),
	                  "expected %s %s%.20s%s in region '%.60s'", what,
	                  *p->s ? "at '" : "at the end", p->s, *p->s ? "'" : "",
	                  p->text);
}

static struct expr *
expression(struct parser *p)
{
	size_t used = 0;
	struct expr *e = expr_parse_part(p->a, p->s, &used, here(p), p->d);

	p->s += used;
	return e;
}

static int
parse_dim(struct parser *p, struct dim *d)
{
	if (!(d->lo = expression(p)))
		return -1;
	if (p->s[0] != '.' || p->s[1] != '.')
		return 0;
	p->s += 2;
	return (d->hi = expression(p)) ? 0 : -1;
}

static int
parse_part(struct parser *p, struct part *part)
{
	skip(p);
	if (*p->s != '[')
		return expect(p, "'['");
	p->s++;
	skip(p);
	if (*p->s == ']') {
		p->s++;
		return 0;
	}
	for (;;) {
		if (part->dims.n == BOX_DIMS)
			return diag_error(p->d, here(p), "region of more than "
			                  "%d dimensions", BOX_DIMS);
		if (parse_dim(p, vec_add(p->a, &part->dims)) < 0)
			return -1;
		if (*p->s != ',' && *p->s != ']')
			return expect(p, "',', '..' or ']'");
		if (*p->s++ == ']')
			return 0;
	}
}

struct region *
region_parse(struct arena *a, const char *text, struct pos at, struct diag *d)
{
	struct parser p = {a, text, text, at, d};
	struct region *r = arena_new(a, struct region);

	for (;;) {
		if (parse_part(&p, vec_add(a, &r->parts)) < 0)
			return NULL;
		skip(&p);
		if (*p.s == '\0')
			return r;
		if (*p.s != '+') {
			expect(&p, "'+' or nothing more");
			return NULL;
		}
		p.s++;
	}
}

/* --- binding and checking --------------------------------------------------- */

const char *
region_bind(struct arena *a, const struct region *r, const struct env *env)
{
	struct str s;
	const char *out;

	str_init(&s);
	for (size_t i = 0; i < r->parts.n; i++) {
		str_add(&s, i ? " + [" : "[");
		for (size_t k = 0; k < r->parts.v[i].dims.n; k++) {
			const struct dim *d = &r->parts.v[i].dims.v[k];

			str_add(&s, k ? ", " : "");
			str_add(&s, expr_bind(a, d->lo, env));
			if (d->hi)
				str_addf(&s, "..%s", expr_bind(a, d->hi, env));
		}
		str_addc(&s, ']');
	}
	out = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return out;
}

bool
region_suits(const struct region *r, size_t rank)
{
	for (size_t i = 0; i < r->parts.n; i++)
		if (r->parts.v[i].dims.n > 1 && r->parts.v[i].dims.n != rank)
			return false;
	return true;
}

struct known {
	bool (*known)(const void *ctx, const char *name);
	const void *ctx;
};

static bool
known_or_task(const void *ctx, const char *name)
{
	const struct known *k = ctx;

	return (strchr("xyz", name[0]) && !name[1]) || k->known(k->ctx, name);
}

const char *
region_unknown(const struct region *r,
               bool (*known)(const void *ctx, const char *name),
               const void *ctx)
{
	struct known k = {known, ctx};
	const char *u;

	for (size_t i = 0; i < r->parts.n; i++)
		for (size_t j = 0; j < r->parts.v[i].dims.n; j++) {
			const struct dim *d = &r->parts.v[i].dims.v[j];

			if ((u = expr_unknown(d->lo, known_or_task, &k)) ||
			    (d->hi && (u = expr_unknown(d->hi, known_or_task,
			                                &k))))
				return u;
		}
	return NULL;
}

bool
region_divides(const struct region *r)
{
	for (size_t i = 0; i < r->parts.n; i++)
		for (size_t k = 0; k < r->parts.v[i].dims.n; k++) {
			const struct dim *d = &r->parts.v[i].dims.v[k];

			if (expr_divides(d->lo) || (d->hi && expr_divides(d->hi)))
				return true;
		}
	return false;
}

/* --- evaluation ------------------------------------------------------------- */

static int
eval_dim(const struct dim *d, const struct env *env, int64_t size,
         int64_t *lo, int64_t *hi)
{
	if (expr_eval(d->lo, env, lo, NULL, NULL) < 0)
		return -1;
	if (!d->hi) {
		if (*lo == INT64_MAX)
			return -1;
		*hi = *lo + 1;
	} else if (expr_eval(d->hi, env, hi, NULL, NULL) < 0) {
		return -1;
	}
	if (*lo < 0)
		*lo = 0;
	if (*hi > size)
		*hi = size;
	return 0;
}

static void
add_box(struct arena *a, struct boxes *out, const struct box *b)
{
	if (!box_empty(b))
		vec_push(a, out, *b);
}

/* The row-major range [lo, hi) of dimensions d.. of shape as boxes; b holds
 * the coordinates before d.  inner: elements of dimensions after d. */
static void
flat_boxes(struct arena *a, struct boxes *out, struct box b,
           const struct ints *shape, size_t d, int64_t lo, int64_t hi)
{
	int64_t inner = 1, first, last;

	for (size_t k = d + 1; k < shape->n; k++)
		inner *= shape->v[k];
	if (lo >= hi)
		return;
	first = lo / inner;
	last = hi / inner;
	for (size_t k = d + 1; k < shape->n; k++) {
		b.lo[k] = 0;
		b.hi[k] = shape->v[k];
	}
	if (first == last || lo % inner) {
		int64_t end = first == last ? hi - first * inner : inner;

		b.lo[d] = first;
		b.hi[d] = first + 1;
		flat_boxes(a, out, b, shape, d + 1, lo % inner, end);
		if (first++ == last)
			return;
	}
	b.lo[d] = first;
	b.hi[d] = last;
	add_box(a, out, &b);
	if (hi % inner) {
		b.lo[d] = last;
		b.hi[d] = last + 1;
		flat_boxes(a, out, b, shape, d + 1, 0, hi % inner);
	}
}

static int
eval_flat(const struct part *p, const struct env *env,
          const struct ints *stored, struct arena *a, struct boxes *out)
{
	struct box b = box_whole(stored);
	int64_t size = 1, lo, hi;

	for (size_t k = 0; k < stored->n; k++)
		size *= stored->v[k];
	if (eval_dim(&p->dims.v[0], env, size, &lo, &hi) < 0)
		return -1;
	if (lo >= hi)
		return 0;
	if (stored->n == 0)
		vec_push(a, out, b);
	else
		flat_boxes(a, out, b, stored, 0, lo, hi);
	return 0;
}

static int
eval_part(const struct part *p, const struct env *env,
          const struct ints *stored, struct arena *a, struct boxes *out)
{
	struct box b = {.nd = (int)stored->n};

	if (p->dims.n == 0)
		return 0;
	if (p->dims.n == 1 && stored->n != 1)
		return eval_flat(p, env, stored, a, out);
	if (p->dims.n != stored->n)
		return -1;
	for (size_t k = 0; k < stored->n; k++)
		if (eval_dim(&p->dims.v[k], env, stored->v[k], &b.lo[k],
		             &b.hi[k]) < 0)
			return -1;
	add_box(a, out, &b);
	return 0;
}

int
region_eval(const struct region *r, int64_t x, int64_t y, int64_t z,
            const struct ints *stored, struct arena *a, struct boxes *out)
{
	struct env_var v[] = { {"z", z}, {"y", y}, {"x", x} };
	struct env env = {v, 3, 3};
	size_t before = out->n;

	for (size_t i = 0; i < r->parts.n; i++)
		if (eval_part(&r->parts.v[i], &env, stored, a, out) < 0) {
			out->n = before;
			return -1;
		}
	return 0;
}

/* --- boxes ------------------------------------------------------------------ */

bool
box_empty(const struct box *b)
{
	for (int k = 0; k < b->nd; k++)
		if (b->lo[k] >= b->hi[k])
			return true;
	return false;
}

void
box_widen(struct box *hull, const struct box *b)
{
	for (int k = 0; k < b->nd; k++) {
		if (hull->lo[k] > b->lo[k])
			hull->lo[k] = b->lo[k];
		if (hull->hi[k] < b->hi[k])
			hull->hi[k] = b->hi[k];
	}
}

bool
box_meet(const struct box *a, const struct box *b)
{
	if (a->nd != b->nd)
		BUG("boxes of %d and %d dimensions", a->nd, b->nd);
	for (int k = 0; k < a->nd; k++)
		if (a->lo[k] >= b->hi[k] || b->lo[k] >= a->hi[k] ||
		    a->lo[k] >= a->hi[k] || b->lo[k] >= b->hi[k])
			return false;
	return true;
}

struct box
box_whole(const struct ints *shape)
{
	struct box b = {.nd = (int)shape->n};

	if (shape->n > BOX_DIMS)
		BUG("shape of %zu dimensions", shape->n);
	for (size_t k = 0; k < shape->n; k++)
		b.hi[k] = shape->v[k];
	return b;
}

int64_t
box_elems(const struct box *b)
{
	int64_t n = 1;

	for (int i = 0; i < b->nd; i++)
		n *= b->hi[i] - b->lo[i];
	return n;
}

struct box
box_broadcast(const struct box *host, const struct ints *operand)
{
	struct box b = {.nd = (int)operand->n};

	if ((size_t)host->nd != operand->n)
		BUG("operand of rank %zu on a box of rank %d", operand->n,
		    host->nd);
	for (int k = 0; k < b.nd; k++) {
		b.lo[k] = operand->v[k] == 1 ? 0 : host->lo[k];
		b.hi[k] = operand->v[k] == 1 ? 1 : host->hi[k];
	}
	return b;
}

/* --- runs of bytes ----------------------------------------------------------- */

/* Walks the contiguous runs of a box in rising order of address. */
struct walk {
	const struct box *b;
	int outer;			/* dimensions 0..outer-1 are counted */
	int64_t idx[BOX_DIMS];
	int64_t stride[BOX_DIMS];	/* bytes */
	int64_t at, n;			/* the current run, bytes */
	bool done;
};

static void
place(struct walk *w, int64_t base)
{
	w->at = base;
	for (int k = 0; k < w->b->nd; k++)
		w->at += (k < w->outer ? w->idx[k] : w->b->lo[k]) * w->stride[k];
}

static void
walk_init(struct walk *w, const struct box *b, const struct ints *shape,
          size_t elem, int64_t base)
{
	int64_t stride = (int64_t)elem;

	if ((size_t)b->nd != shape->n)
		BUG("box of %d dimensions in a shape of %zu", b->nd, shape->n);
	*w = (struct walk){.b = b, .done = box_empty(b)};
	for (int k = b->nd - 1; k >= 0; k--) {
		w->idx[k] = b->lo[k];
		w->stride[k] = stride;
		stride *= shape->v[k];
	}
	/* the run: the last dimension, and those before it while all after
	 * are full */
	w->outer = b->nd;
	w->n = (int64_t)elem;
	while (w->outer > 0) {
		int k = --w->outer;

		w->n = (b->hi[k] - b->lo[k]) * w->stride[k];
		if (b->lo[k] != 0 || b->hi[k] != shape->v[k])
			break;
	}
	place(w, base);
}

static void
walk_next(struct walk *w, int64_t base)
{
	int k = w->outer - 1;

	for (; k >= 0; k--) {
		if (++w->idx[k] < w->b->hi[k])
			break;
		w->idx[k] = w->b->lo[k];
	}
	w->done = k < 0;
	place(w, base);
}

void
box_runs(const struct box *b, const struct ints *stored, size_t elem,
         void (*f)(void *ctx, int64_t at, int64_t n), void *ctx)
{
	struct walk w;

	for (walk_init(&w, b, stored, elem, 0); !w.done; walk_next(&w, 0))
		f(ctx, w.at, w.n);
}

/* The bytes between a box's first and behind its last, from base. */
static void
span(const struct box *b, const struct ints *shape, size_t elem, int64_t base,
     int64_t *first, int64_t *end)
{
	int64_t stride = (int64_t)elem;

	*first = base;
	*end = base + (int64_t)elem;
	for (int k = b->nd - 1; k >= 0; k--) {
		*first += b->lo[k] * stride;
		*end += (b->hi[k] - 1) * stride;
		stride *= shape->v[k];
	}
}

bool
box_is_run(const struct box *b, const struct ints *stored)
{
	int64_t n = 1, first, end;

	if (box_empty(b))
		return false;
	span(b, stored, 1, 0, &first, &end);
	for (int k = 0; k < b->nd; k++)
		n *= b->hi[k] - b->lo[k];
	return n == end - first;
}

bool
boxes_share_bytes(const struct box *a, const struct ints *sa, size_t ea,
                  int64_t at_a, const struct box *b, const struct ints *sb,
                  size_t eb, int64_t at_b)
{
	int64_t fa, enda, fb, endb;
	struct walk wa, wb;

	if (box_empty(a) || box_empty(b))
		return false;
	if (at_a == at_b && ea == eb && shape_eq(sa, sb))
		return box_meet(a, b);
	span(a, sa, ea, at_a, &fa, &enda);
	span(b, sb, eb, at_b, &fb, &endb);
	if (fa >= endb || fb >= enda)
		return false;
	walk_init(&wa, a, sa, ea, at_a);
	walk_init(&wb, b, sb, eb, at_b);
	while (!wa.done && !wb.done) {
		if (wa.at + wa.n <= wb.at)
			walk_next(&wa, at_a);
		else if (wb.at + wb.n <= wa.at)
			walk_next(&wb, at_b);
		else
			return true;
	}
	return false;
}
