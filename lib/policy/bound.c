/* Fits bounds: some slopes are tried, of each the best offset follows. */
#include "policy/bound.h"

#define STEPS 8			/* greatest divisor r that is tried */

static int64_t
ceil_div(int64_t x, int64_t y)
{
	return x / y + (x % y > 0);
}

static int64_t
line(const struct bound *b, int64_t c)
{
	return ceil_div(b->p * c + b->q, b->r);
}

int64_t
bound_at(const struct bound *b, int64_t c)
{
	int64_t v = b->of ? line(b, c) : b->limit;

	if (b->upper)
		return v < b->limit ? v : b->limit;
	return v > b->limit ? v : b->limit;
}

/* q: the greatest, of an upper bound the least, that no v passes. */
static void
set_offset(struct bound *b, const int64_t *v, int64_t n)
{
	for (int64_t c = 0; c < n; c++) {
		int64_t q = b->upper ? b->r * (v[c] - 1) + 1 - b->p * c
		                     : b->r * v[c] - b->p * c;

		if (c == 0 || (b->upper ? q > b->q : q < b->q))
			b->q = q;
	}
	b->limited = b->upper ? line(b, n - 1) > b->limit
	                      : line(b, 0) < b->limit;
}

static int64_t
slack(const struct bound *b, const int64_t *v, int64_t n)
{
	int64_t s = 0;

	for (int64_t c = 0; c < n; c++)
		s += b->upper ? bound_at(b, c) - v[c] : v[c] - bound_at(b, c);
	return s;
}

static int64_t
divisor(int64_t x, int64_t y)
{
	return y ? divisor(y, x % y) : x;
}

struct fitting {
	const int64_t *v;
	int64_t n;
	struct bound best;
	int64_t slack;		/* of the best */
};

/* Tries the slope p / r. */
static void
try_slope(struct fitting *f, int64_t p, int64_t r)
{
	struct bound b = f->best;
	int64_t g, s;

	if (p <= 0 || f->slack == 0)
		return;
	g = divisor(p, r);
	b.p = p / g;
	b.r = r / g;
	set_offset(&b, f->v, f->n);
	s = slack(&b, f->v, f->n);
	if (s < f->slack) {
		f->best = b;
		f->slack = s;
	}
}

struct bound
bound_constant(const int64_t *v, int64_t n, bool upper)
{
	struct bound b = {.upper = upper, .r = 1, .limit = v[0]};

	for (int64_t c = 1; c < n; c++)
		if (upper ? v[c] > b.limit : v[c] < b.limit)
			b.limit = v[c];
	return b;
}

struct bound
bound_fit(const int64_t *v, int64_t n, bool upper, char of, int64_t natural)
{
	struct fitting f = {v, n, bound_constant(v, n, upper), INT64_MAX};
	int64_t lo = n / 4, hi = n - 1 - n / 4, rise = v[hi] - v[lo];

	f.best.of = of;
	if (hi > lo)
		try_slope(&f, rise, hi - lo);
	try_slope(&f, natural, n);
	for (int64_t r = 1; hi > lo && r <= STEPS; r++)
		for (int64_t more = 0; more <= 1; more++)
			try_slope(&f, r * rise / (hi - lo) + more, r);
	if (f.slack == INT64_MAX)
		f.best.of = 0;
	return f.best;
}

/* c times p and so much more, p > 0. */
static void
put_line(char of, int64_t p, int64_t more, struct str *out)
{
	if (p != 1)
		str_addf(out, "%lld*", (long long)p);
	str_addc(out, of);
	if (more)
		str_addf(out, "%+lld", (long long)more);
}

void
bound_text(const struct bound *b, int64_t scale, int64_t offset,
           struct str *out)
{
	int64_t limit = scale * b->limit + offset;

	if (!b->of) {
		str_addf(out, "%lld", (long long)limit);
		return;
	}
	if (b->limited)
		str_addf(out, "%s(%lld, ", b->upper ? "min" : "max",
		         (long long)limit);
	if (b->r == 1) {
		put_line(b->of, scale * b->p, scale * b->q + offset, out);
	} else {
		if (scale != 1)
			str_addf(out, "%lld*", (long long)scale);
		str_add(out, "cdiv(");
		put_line(b->of, b->p, b->q, out);
		str_addf(out, ", %lld)", (long long)b->r);
		if (offset)
			str_addf(out, "%+lld", (long long)offset);
	}
	if (b->limited)
		str_addc(out, ')');
}
