/* Tiles: of each rTask of q the least box, in p's grid, that holds the rTasks of
 * p that it needs; the sides of these boxes as bounds that depend on one
 * coordinate; and the boxes as ranges of rTasks, one for each line of p's grid
 * where a box is no part of one line. */
#include "policy/tiles.h"

#include "base/map.h"
#include "base/str.h"
#include "policy/bound.h"

#define RANGES_MAX 16		/* of a pair of rOperators */
#define WORK_MAX 1000000	/* of a search for its boxes: see needs.work */

struct tiles_memo {
	struct map key;
	VEC(const struct tiles *) v;
};

struct grid {
	int64_t n[3];
};

struct finder {
	struct needs *needs;
	const struct need *d;
	struct arena *a, *tmp;
	struct grid p, q;
	int64_t np, nq;
	int64_t *side[3][2];	/* [axis][first, last][rTask of q] */
};

/* The sides of the boxes along an axis of p's grid.  The limits of the bounds
 * are the first and the last line that some rTask needs. */
struct axis {
	struct bound lo, hi;
	bool full;		/* the whole of p's axis */
	bool single;		/* one line of it, the same by both bounds */
};

static struct grid
grid_of(const struct prop *r)
{
	struct grid g = {{1, 1, 1}};

	for (size_t i = 0; i < r->cand->grid.n && i < 3; i++)
		g.n[i] = r->cand->grid.v[i];
	return g;
}

static int64_t
coordinate(const struct grid *g, int64_t task, int axis)
{
	if (axis == 0)
		return task % g->n[0];
	if (axis == 1)
		return task / g->n[0] % g->n[1];
	return task / g->n[0] / g->n[1];
}

/* --- boxes -------------------------------------------------------------------- */

static void
hold(struct finder *f, int64_t u, int64_t t)
{
	for (int k = 0; k < 3; k++) {
		int64_t c = coordinate(&f->p, t, k);

		if (c < f->side[k][0][u])
			f->side[k][0][u] = c;
		if (c > f->side[k][1][u])
			f->side[k][1][u] = c;
	}
}

static bool
is_whole(const struct finder *f, int64_t u)
{
	for (int k = 0; k < 3; k++)
		if (f->side[k][0][u] > 0 || f->side[k][1][u] < f->p.n[k] - 1)
			return false;
	return true;
}

/* The box of u; false if it needs nothing. */
static bool
find_box(struct finder *f, int64_t u)
{
	for (int k = 0; k < 3; k++) {
		f->side[k][0][u] = INT64_MAX;
		f->side[k][1][u] = -1;
	}
	for (size_t i = 0; i < f->d->pairs.n; i++) {
		struct need_search s;

		need_search(&s, f->needs, f->d, &f->d->pairs.v[i], u);
		for (int64_t t = need_next(&s, 0); t >= 0 && !is_whole(f, u);
		     t = need_next(&s, t + 1))
			if (need_meets(&s, t, NULL))
				hold(f, u, t);
	}
	return f->side[0][1][u] >= 0;
}

/* The boxes of all; false if some rTask needs nothing, or the one in the
 * middle needs all, or it takes too long. */
static bool
find_boxes(struct finder *f)
{
	int64_t before = f->needs->work;

	for (int k = 0; k < 3; k++)
		for (int end = 0; end < 2; end++)
			f->side[k][end] = arena_array(f->tmp, (size_t)f->nq,
			                              sizeof(int64_t));
	if (!find_box(f, f->nq / 2) || is_whole(f, f->nq / 2))
		return false;
	for (int64_t u = 0; u < f->nq; u++)
		if (!find_box(f, u) || f->needs->work - before > WORK_MAX)
			return false;
	return true;
}

/* --- bounds ------------------------------------------------------------------- */

/* How far a bound of a coordinate of q lies from what it bounds, in all. */
static int64_t
distance(const struct finder *f, const struct bound *b, int coord,
         const int64_t *v)
{
	int64_t sum = 0;

	for (int64_t u = 0; u < f->nq; u++) {
		int64_t x = bound_at(b, coordinate(&f->q, u, coord));

		sum += b->upper ? x - v[u] : v[u] - x;
	}
	return sum;
}

/* Of each value of the coordinate, the least (the greatest) number. */
static int64_t *
table_of(const struct finder *f, int coord, bool upper, const int64_t *v)
{
	int64_t n = f->q.n[coord];
	int64_t *t = arena_array(f->tmp, (size_t)n, sizeof *t);

	for (int64_t c = 0; c < n; c++)
		t[c] = upper ? -1 : INT64_MAX;
	for (int64_t u = 0; u < f->nq; u++) {
		int64_t c = coordinate(&f->q, u, coord);

		if (upper ? v[u] > t[c] : v[u] < t[c])
			t[c] = v[u];
	}
	return t;
}

/* The nearest bound of a side: a constant, or one of a coordinate. */
static struct bound
fit_side(const struct finder *f, int axis, bool upper, bool *exact)
{
	static const char names[] = "xyz";
	const int64_t *v = f->side[axis][upper];
	bool flat = f->q.n[1] * f->q.n[2] == 1;
	struct bound best = bound_constant(v, f->nq, upper);
	int64_t far = distance(f, &best, 0, v);

	for (int c = 0; c < 3 && far > 0; c++) {
		struct bound b;
		int64_t d;

		if (f->q.n[c] == 1)
			continue;
		b = bound_fit(table_of(f, c, upper, v), f->q.n[c], upper,
		              flat ? 'i' : names[c], f->p.n[axis]);
		d = distance(f, &b, c, v);
		if (d < far) {
			best = b;
			far = d;
		}
	}
	*exact = far == 0;
	return best;
}

static struct axis
fit_axis(const struct finder *f, int k)
{
	struct axis x;
	bool low, high;

	x.lo = fit_side(f, k, false, &low);
	x.hi = fit_side(f, k, true, &high);
	x.single = low && high;
	for (int64_t u = 0; u < f->nq; u++)
		x.single = x.single &&
			f->side[k][0][u] == f->side[k][1][u];
	x.full = !x.lo.of && !x.hi.of && x.lo.limit == 0 &&
		x.hi.limit == f->p.n[k] - 1;
	return x;
}

/* --- ranges ------------------------------------------------------------------- */

/* A bound of a sum: terms, of which only the last carries the constant. */
struct sum {
	const struct bound *of[3];
	int64_t scale[3];
	int n;
	int64_t more;
};

static void
add_term(struct sum *s, const struct bound *b, int64_t scale)
{
	if (!b->of) {
		s->more += scale * b->limit;
		return;
	}
	s->of[s->n] = b;
	s->scale[s->n++] = scale;
}

static void
put_sum(const struct sum *s, struct str *out)
{
	if (!s->n)
		str_addf(out, "%lld", (long long)s->more);
	for (int i = 0; i < s->n; i++) {
		if (i)
			str_addc(out, '+');
		bound_text(s->of[i], s->scale[i],
		           i == s->n - 1 ? s->more : 0, out);
	}
}

static struct irange
parse(struct arena *a, const char *text)
{
	struct irange r = {.hi = -1, .text = arena_strdup(a, text)};
	const char *dots = strstr(r.text, "..");
	struct diag quiet = {.suppressed = 1};

	r.from = expr_parse(a, arena_strndup(a, r.text,
	                    (size_t)(dots - r.text)), POS_NONE, &quiet);
	r.to = expr_parse(a, dots + 2, POS_NONE, &quiet);
	if (!r.from || !r.to)
		BUG("bounds '%s'", text);
	return r;
}

struct irange
tiles_range(const struct tiles *t, size_t k, struct arena *a)
{
	const struct irange *r = &t->v.v[k];

	return r->text ? parse(a, r->text) : *r;
}

static void
add_range(struct finder *f, struct tiles *t, const struct sum *from,
          const struct sum *to)
{
	struct irange r = {.lo = from->more, .hi = to->more};
	struct str s;

	if (from->n || to->n) {
		str_init(&s);
		put_sum(from, &s);
		str_add(&s, "..");
		put_sum(to, &s);
		r = parse(f->a, s.s);
		str_release(&s);
	}
	vec_push(f->a, &t->v, r);
}

/* The axis along which ranges run: the first that is not full. */
static int
running(const struct axis *x)
{
	int k = 0;

	while (k < 2 && x[k].full)
		k++;
	return k;
}

/* Lines of p's grid beyond the running axis: a single one that depends on the
 * rTask, or each of those that some rTask needs. */
static int64_t
lines(const struct axis *x)
{
	return x->single ? 1 : x->hi.limit - x->lo.limit + 1;
}

static void
add_line(struct sum *s, const struct axis *x, int64_t k, int64_t scale,
         bool upper)
{
	if (x->single)
		add_term(s, upper ? &x->hi : &x->lo, scale);
	else
		s->more += scale * (x->lo.limit + k);
}

static void
make_ranges(struct finder *f, struct tiles *t, const struct axis *x)
{
	int run = running(x);
	int64_t scale[3] = {1, f->p.n[0], f->p.n[0] * f->p.n[1]};
	int64_t ny = run < 1 ? lines(&x[1]) : 1, nz = run < 2 ? lines(&x[2]) : 1;

	if (ny * nz > RANGES_MAX)
		return;
	for (int64_t k = 0; k < ny * nz; k++) {
		struct sum s[2] = {{.n = 0}, {.n = 0}};

		for (int end = 0; end < 2; end++) {
			add_term(&s[end], end ? &x[run].hi : &x[run].lo,
			         scale[run]);
			if (run < 1)
				add_line(&s[end], &x[1], k % ny, scale[1], end);
			if (run < 2)
				add_line(&s[end], &x[2], k / ny, scale[2], end);
		}
		s[1].more += scale[run] - 1;
		add_range(f, t, &s[0], &s[1]);
	}
}

/* Whether the ranges say less than "all": by a quarter at least. */
static bool
is_less(const struct finder *f, const struct tiles *t)
{
	int64_t sum = 0;

	for (size_t k = 0; k < t->v.n; k++)
		for (int64_t u = 0; u < f->nq; u++) {
			struct range r;
			const char *why = "";

			if (wait_range(f->needs->plan, f->d->q, u, &t->v.v[k],
			               f->np, &r, f->tmp, &why) < 0)
				BUG("tiles: %s", why);
			sum += r.hi - r.lo + 1;
		}
	f->needs->work += (int64_t)t->v.n * f->nq;
	return sum <= f->np * f->nq / 4 * 3;
}

static const struct tiles *
find(struct needs *n, const struct need *d, struct arena *a, struct arena *tmp)
{
	const struct prop *p = &n->plan->rops.v[d->p];
	const struct prop *q = &n->plan->rops.v[d->q];
	struct finder f = {.needs = n, .d = d, .a = a, .tmp = tmp,
		.p = grid_of(p), .q = grid_of(q), .np = p->ntasks,
		.nq = q->ntasks};
	struct tiles *t = arena_new(a, struct tiles);
	struct axis x[3];

	if (f.np < 2 || f.nq < 2 || !find_boxes(&f))
		return t;
	for (int k = 0; k < 3; k++)
		x[k] = fit_axis(&f, k);
	make_ranges(&f, t, x);
	if (t->v.n && !is_less(&f, t))
		t->v.n = 0;
	return t;
}

/* What the ranges depend on: the classes, rKernels and arguments. */
static const char *
key_of(const struct needs *n, const struct need *d, struct arena *a)
{
	const struct prop *p = &n->plan->rops.v[d->p];
	const struct prop *q = &n->plan->rops.v[d->q];
	struct str s;
	const char *key;

	str_init(&s);
	str_addf(&s, "%d %td %d %td", p->cls_index, p->cand - p->cls->kernels.v,
	         q->cls_index, q->cand - q->cls->kernels.v);
	for (size_t i = 0; i < d->pairs.n; i++)
		str_addf(&s, " %zu %zu %d%d %lld", d->pairs.v[i].parg,
		         d->pairs.v[i].qarg, d->pairs.v[i].same,
		         d->pairs.v[i].boxes, (long long)d->pairs.v[i].to_p);
	key = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return key;
}

const struct tiles *
tiles_of(struct needs *n, const struct need *d)
{
	struct tiles_memo *m = n->tiles;
	const struct tiles *t;
	const char *key;
	struct arena tmp;
	int k;

	if (!m) {
		m = n->tiles = arena_new(n->a, struct tiles_memo);
		map_init(&m->key, n->a);
	}
	arena_init(&tmp);
	key = key_of(n, d, &tmp);
	k = map_get(&m->key, key);
	if (k < 0) {
		t = find(n, d, n->a, &tmp);
		k = (int)m->v.n;
		map_add(&m->key, arena_strdup(n->a, key), k);
		vec_push(n->a, &m->v, t);
	}
	arena_release(&tmp);
	return m->v.v[k];
}
