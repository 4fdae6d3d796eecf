/* Plain references of the forms, from their definitions in lib/ir/forms.def:
 * one loop nest each, in double, nothing shared with the kernels. */
#include <math.h>

#include "kcheck.h"


static int64_t
attr(struct kcase *c, const char *name)
{
	return attrs_int(&c->attrs, name, 0);
}

static int64_t
attr_at(struct kcase *c, const char *name, size_t i)
{
	const struct ints *l = attrs_ints(&c->attrs, name);

	return l && i < l->n ? l->v[i] : 0;
}

static bool
is(struct kcase *c, const char *name, const char *word)
{
	return strcmp(attrs_str(&c->attrs, name, ""), word) == 0;
}

static void
put(struct karray *g, int64_t i, double v)
{
	g->v[i] = v;
	g->set[i] = true;
}

static int64_t
dim(const struct karray *g, size_t i)
{
	return i < g->shape.n ? g->shape.v[i] : 1;
}

/* The coordinates of element i. */
static void
coords(const struct ints *shape, int64_t i, int64_t *at)
{
	for (size_t k = shape->n; k-- > 0; i /= shape->v[k])
		at[k] = i % shape->v[k];
}

static int64_t
index_of(const struct ints *shape, const int64_t *at)
{
	int64_t i = 0;

	for (size_t k = 0; k < shape->n; k++)
		i = i * shape->v[k] + at[k];
	return i;
}

static bool
inside(const struct ints *shape, const int64_t *at)
{
	for (size_t k = 0; k < shape->n; k++)
		if (at[k] < 0 || at[k] >= shape->v[k])
			return false;
	return true;
}

static double
least(double a, double b)
{
	return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}

static double
most(double a, double b)
{
	return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}

static double
combine(const char *op, double a, double b)
{
	if (strcmp(op, "sum") == 0 || strcmp(op, "add") == 0)
		return a + b;
	if (strcmp(op, "prod") == 0 || strcmp(op, "mul") == 0)
		return a * b;
	if (strcmp(op, "max") == 0)
		return most(a, b);
	return strcmp(op, "min") == 0 ? least(a, b) : b;
}

static void
map(struct kcase *c)
{
	struct karray *y = kcase_arg(c, "Y");

	for (int64_t i = 0; i < y->n; i++)
		put(y, i, 0);
}

static void
matmul(struct kcase *c)
{
	struct karray *a = kcase_arg(c, "A"), *b = kcase_arg(c, "B"),
	              *y = kcase_arg(c, "Y");
	int64_t m = dim(y, 1), n = dim(y, 2), ta = attr(c, "trans_a"),
	        tb = attr(c, "trans_b"), k = dim(a, ta ? 1 : 2);

	for (int64_t i = 0; i < y->n; i++) {
		int64_t z = i / (m * n), r = i / n % m, s = i % n;
		double sum = 0;

		for (int64_t l = 0; l < k; l++)
			sum += a->v[(dim(a, 0) > 1 ? z * m * k : 0) +
			            (ta ? l * m + r : r * k + l)] *
			       b->v[(dim(b, 0) > 1 ? z * k * n : 0) +
			            (tb ? s * k + l : l * n + s)];
		put(y, i, sum);
	}
}

/* Every element times every weight of its channel; Conv gathers into Y, its
 * transposed scatters from X. */
static void
conv(struct kcase *c, bool transposed)
{
	struct karray *x = kcase_arg(c, "X"), *w = kcase_arg(c, "W"),
	              *y = kcase_arg(c, "Y");
	size_t nd = y->shape.n;
	struct karray *from = transposed ? x : y, *other = transposed ? y : x;
	int64_t at[8], to[8], tap[8], g = attr(c, "group");
	int64_t cg = dim(w, 1), taps = w->n / dim(w, 0);

	for (int64_t i = 0; i < y->n; i++)
		put(y, i, 0);
	for (int64_t i = 0; i < from->n; i++) {
		coords(&from->shape, i, at);
		for (int64_t k = at[1] * taps; k < (at[1] + 1) * taps; k++) {
			coords(&w->shape, k, tap);
			to[0] = at[0];
			to[1] = at[1] / (dim(from, 1) / g) * cg + tap[1];
			for (size_t d = 2; d < nd; d++)
				to[d] = at[d] * attr_at(c, "strides", d - 2) -
					attr_at(c, "pads", d - 2) +
					tap[d] * attr_at(c, "dilations", d - 2);
			if (!inside(&other->shape, to))
				continue;
			if (transposed)
				y->v[index_of(&y->shape, to)] += x->v[i] * w->v[k];
			else
				y->v[i] += w->v[k] * x->v[index_of(&x->shape, to)];
		}
	}
}

static void
conv_plain(struct kcase *c)
{
	conv(c, false);
}

static void
conv_transposed(struct kcase *c)
{
	conv(c, true);
}

/* One output of a pool; *best: where its maximum lies. */
static double
window(struct kcase *c, const struct karray *x, const struct karray *y,
       int64_t i, int64_t *best)
{
	int64_t at[8], to[8], taps = 1, count = 0, padded = 0;
	size_t nd = y->shape.n;
	double acc = 0;

	coords(&y->shape, i, at);
	for (size_t d = 2; d < nd; d++)
		taps *= attr_at(c, "kernel", d - 2);
	for (int64_t k = 0; k < taps; k++) {
		int64_t rest = k;
		bool counts = true;
		double v;

		to[0] = at[0];
		to[1] = at[1];
		for (size_t d = nd; d-- > 2; ) {
			int64_t size = attr_at(c, "kernel", d - 2);

			to[d] = at[d] * attr_at(c, "strides", d - 2) -
				attr_at(c, "pads", d - 2) +
				rest % size * attr_at(c, "dilations", d - 2);
			counts = counts && to[d] < x->shape.v[d] +
				attr_at(c, "pads", nd - 2 + d - 2);
			rest /= size;
		}
		padded += counts;
		if (!inside(&x->shape, to))
			continue;
		v = x->v[index_of(&x->shape, to)];
		if (is(c, "mode", "avg")) {
			acc += v;
		} else if (is(c, "mode", "lp")) {
			acc += pow(fabs(v), (double)attr(c, "p"));
		} else {
			if (!count || v > acc || (isnan(v) && !isnan(acc)))
				*best = index_of(&x->shape, to);
			acc = count ? most(acc, v) : v;
		}
		count++;
	}
	if (is(c, "mode", "avg"))
		return acc / (double)(attr(c, "count_include_pad") ? padded
		                                                   : count);
	return is(c, "mode", "lp") ? pow(acc, 1.0 / (double)attr(c, "p")) : acc;
}

static void
pool(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t best;

	for (int64_t i = 0; i < y->n; i++)
		put(y, i, window(c, x, y, i, &best));
}

static void
pool_index(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J");
	int64_t h = dim(x, 2), w = dim(x, 3), best = 0;

	for (int64_t i = 0; i < j->n; i++) {
		window(c, x, j, i, &best);
		if (attr(c, "order"))
			best = best / (h * w) * h * w + best % w * h + best / w % h;
		put(j, i, (double)best);
	}
}

static void
reduce(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t r = dim(x, 1), in = dim(x, 2);

	for (int64_t i = 0; i < y->n; i++) {
		double acc = x->v[i / in * r * in + i % in];

		for (int64_t k = 1; k < r; k++)
			acc = combine(attrs_str(&c->attrs, "op", ""), acc,
			              x->v[(i / in * r + k) * in + i % in]);
		put(y, i, acc);
	}
}

static void
argreduce(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t r = dim(x, 1), in = dim(x, 2);

	for (int64_t i = 0; i < y->n; i++) {
		const double *v = &x->v[i / in * r * in + i % in];
		int64_t best = 0;

		for (int64_t k = 1; k < r; k++) {
			double a = v[best * in], b = v[k * in];
			bool same = a == b || (isnan(a) && isnan(b));

			if ((!isnan(a) && (isnan(b) ||
			    (is(c, "op", "max") ? b > a : b < a))) ||
			    (same && attr(c, "last")))
				best = k;
		}
		put(y, i, (double)best);
	}
}

static void
softmax(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t r = dim(x, 1), in = dim(x, 2);

	for (int64_t i = 0; i < x->n; i++) {
		const double *v = &x->v[i / (r * in) * r * in + i % in];
		double top = v[0], sum = 0;

		for (int64_t k = 1; k < r; k++)
			top = most(top, v[k * in]);
		for (int64_t k = 0; k < r; k++)
			sum += exp(v[k * in] - top);
		put(y, i, attr(c, "log") ? x->v[i] - top - log(sum)
		                         : exp(x->v[i] - top) / sum);
	}
}

static void
norm(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t r = dim(x, 2);

	for (int64_t i = 0; i < x->n; i++) {
		const double *v = &x->v[i / r * r];
		double mean = 0, var = 0;

		for (int64_t k = 0; k < r; k++)
			mean += v[k] / (double)r;
		for (int64_t k = 0; k < r; k++)
			var += (v[k] - mean) * (v[k] - mean) / (double)r;
		put(y, i, (x->v[i] - mean) /
		          sqrt(var + attrs_float(&c->attrs, "epsilon", 0)));
	}
}

static void
copy(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t at[8];

	for (int64_t i = 0; i < y->n; i++) {
		int64_t from = attr(c, "offset");

		coords(&y->shape, i, at);
		for (size_t d = 0; d < y->shape.n; d++)
			from += at[d] * attr_at(c, "src", d);
		put(y, i, x->v[from]);
	}
}

static void
concat(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t p = dim(x, 1);

	for (int64_t i = 0; i < x->n; i++)
		put(y, i / p * dim(y, 1) + attr(c, "offset") + i % p, x->v[i]);
}

/* Where coordinate s comes from by the mode; -1: nowhere. */
static int64_t
padded(struct kcase *c, int64_t s, int64_t n)
{
	if (s >= 0 && s < n)
		return s;
	if (is(c, "mode", "edge"))
		return s < 0 ? 0 : n - 1;
	if (is(c, "mode", "wrap"))
		return ((s % n) + n) % n;
	if (!is(c, "mode", "reflect"))
		return -1;
	while (n > 1 && (s < 0 || s >= n))
		s = s < 0 ? -s : 2 * (n - 1) - s;
	return n > 1 ? s : 0;
}

static void
pad(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t at[8];

	for (int64_t i = 0; i < y->n; i++) {
		coords(&y->shape, i, at);
		for (size_t d = 0; d < y->shape.n; d++)
			at[d] = padded(c, at[d] - attr_at(c, "begin", d),
			               x->shape.v[d]);
		put(y, i, inside(&x->shape, at) ?
			x->v[index_of(&x->shape, at)] :
			attrs_float(&c->attrs, "value",
			            (double)attr(c, "value")));
	}
}

static int64_t
wrapped(double j, int64_t n)
{
	return (int64_t)j + (j < 0 ? n : 0);
}

static void
gather(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J"),
	              *y = kcase_arg(c, "Y");
	int64_t n = dim(x, 1), in = dim(x, 2), k = j->n;

	for (int64_t i = 0; i < y->n; i++)
		put(y, i, x->v[(i / (k * in) * n +
		                wrapped(j->v[i / in % k], n)) * in + i % in]);
}

static void
gather_elements(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J"),
	              *y = kcase_arg(c, "Y");
	int64_t at[8], axis = attr(c, "axis");

	for (int64_t i = 0; i < y->n; i++) {
		coords(&y->shape, i, at);
		at[axis] = wrapped(j->v[i], x->shape.v[axis]);
		put(y, i, x->v[index_of(&x->shape, at)]);
	}
}

static int64_t
row_of(struct kcase *c, const double *j, int64_t n)
{
	int64_t row = 0;

	for (int64_t l = 0; l < n; l++) {
		int64_t d = attr_at(c, "dims", (size_t)l);

		row = row * d + wrapped(j[l], d);
	}
	return row;
}

static void
gather_nd(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J"),
	              *y = kcase_arg(c, "Y");
	int64_t k = dim(y, 1), in = dim(y, 2), l = dim(j, 2);

	for (int64_t i = 0; i < y->n; i++) {
		int64_t b = i / (k * in), row = row_of(c, &j->v[i / in * l], l);

		put(y, i, x->v[(b * dim(x, 1) + row) * in + i % in]);
	}
}

static void
scatter_elements(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J"),
	              *u = kcase_arg(c, "U"), *y = kcase_arg(c, "Y");
	int64_t at[8], axis = attr(c, "axis");

	for (int64_t i = 0; i < x->n; i++)
		put(y, i, x->v[i]);
	for (int64_t i = 0; i < u->n; i++) {
		int64_t to;

		coords(&u->shape, i, at);
		at[axis] = wrapped(j->v[i], x->shape.v[axis]);
		to = index_of(&x->shape, at);
		y->v[to] = combine(attrs_str(&c->attrs, "op", ""), y->v[to],
		                   u->v[i]);
	}
}

static void
scatter_nd(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *j = kcase_arg(c, "J"),
	              *u = kcase_arg(c, "U"), *y = kcase_arg(c, "Y");
	int64_t in = dim(x, 1), l = dim(j, 1);

	for (int64_t i = 0; i < x->n; i++)
		put(y, i, x->v[i]);
	for (int64_t i = 0; i < u->n; i++) {
		int64_t to = row_of(c, &j->v[i / in * l], l) * in + i % in;

		y->v[to] = combine(attrs_str(&c->attrs, "op", ""), y->v[to],
		                   u->v[i]);
	}
}

static void
scan(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *y = kcase_arg(c, "Y");
	int64_t r = dim(x, 1), in = dim(x, 2);

	for (int64_t i = 0; i < x->n; i++) {
		int64_t own = i / in % r;
		double sum = 0;

		for (int64_t k = 0; k < r; k++)
			if ((attr(c, "reverse") ? k > own : k < own) ||
			    (k == own && !attr(c, "exclusive")))
				sum += x->v[(i / (r * in) * r + k) * in + i % in];
		put(y, i, sum);
	}
}

/* NaN is greater than any number. */
static bool
greater(double a, double b)
{
	return a > b || (isnan(a) && !isnan(b));
}

/* The place of each element in the order of its line is how many come before
 * it; of equal ones the earlier comes first. */
static void
topk(struct kcase *c)
{
	struct karray *x = kcase_arg(c, "X"), *v = kcase_arg(c, "V"),
	              *j = kcase_arg(c, "J");
	int64_t r = dim(x, 1), in = dim(x, 2), n = dim(v, 1);

	for (int64_t i = 0; i < x->n; i++) {
		int64_t o = i / (r * in), own = i / in % r, before = 0;

		for (int64_t k = 0; k < r; k++) {
			double w = x->v[(o * r + k) * in + i % in];

			before += (attr(c, "largest") ? greater(w, x->v[i])
			                              : greater(x->v[i], w)) ||
				(!greater(w, x->v[i]) &&
				 !greater(x->v[i], w) && k < own);
		}
		if (before < n) {
			put(v, (o * n + before) * in + i % in, x->v[i]);
			put(j, (o * n + before) * in + i % in, (double)own);
		}
	}
}

static const struct {
	const char *form;
	void (*f)(struct kcase *c);
} refs[] = {
	{"Map", map}, {"MatMul", matmul}, {"Conv", conv_plain},
	{"ConvTranspose", conv_transposed}, {"Pool", pool},
	{"PoolIndex", pool_index}, {"Reduce", reduce},
	{"ArgReduce", argreduce}, {"Softmax", softmax}, {"Norm", norm},
	{"Copy", copy}, {"Concat", concat}, {"Pad", pad}, {"Gather", gather},
	{"GatherElements", gather_elements}, {"GatherND", gather_nd},
	{"ScatterElements", scatter_elements}, {"ScatterND", scatter_nd},
	{"Scan", scan}, {"TopK", topk},
};

void
kcase_reference(struct kcase *c, struct arena *a)
{
	for (int i = 0; i < c->nargs; i++) {
		struct karray *g = &c->args[i];

		if (!g->out)
			continue;
		g->v = arena_array(a, (size_t)g->n + 1, sizeof *g->v);
		g->set = arena_array(a, (size_t)g->n + 1, sizeof *g->set);
	}
	for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
		if (strcmp(refs[i].form, c->form) == 0) {
			refs[i].f(c);
			return;
		}
	BUG("no reference for form %s", c->form);
}
