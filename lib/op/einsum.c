/* Einsum: operands are joined two by two from the left.  Letters that only one
 * of two has and nobody asks for again are summed up first; letters of both
 * that nobody asks for again are what a MatMul sums over. */
#include <ctype.h>

#include "base/str.h"
#include "op/util.h"

#define LETTERS 128
#define ELLIPSIS 1	/* letters 1 ... 8 stand for its dimensions, from the right */

/* A list of letters. */
struct term {
	size_t n;
	unsigned char v[DIMS_MAX];
};

struct einsum {
	size_t n;			/* operands */
	struct term *in, out;
	int64_t size[LETTERS];		/* of each letter; 0: not seen */
};

/* --- the equation ----------------------------------------------------------- */

static int
add_letter(struct op_ctx *c, struct term *t, unsigned char x)
{
	if (t->n == DIMS_MAX)
		return op_fail(c, "too many letters in the equation");
	t->v[t->n++] = x;
	return 0;
}

/* One term from *s on; dots: how many dimensions the ellipsis has. */
static int
read_term(struct op_ctx *c, const char **s, size_t dots, struct term *t)
{
	*t = (struct term){0};
	for (; **s && **s != ',' && **s != '-'; ++*s) {
		if (**s == ' ')
			continue;
		if (strncmp(*s, "...", 3) == 0) {
			for (size_t i = dots; i-- > 0; )
				if (add_letter(c, t, (unsigned char)(ELLIPSIS + i)) < 0)
					return -1;
			*s += 2;
		} else if (!isalpha((unsigned char)**s)) {
			return op_fail(c, "'%c' in the equation", **s);
		} else if (add_letter(c, t, (unsigned char)**s) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Letters of the term that begins at s, without the ellipsis. */
static size_t
letters_of(const char *s, bool *dots)
{
	size_t n = 0;

	*dots = false;
	for (; *s && *s != ',' && *s != '-'; s++) {
		n += isalpha((unsigned char)*s) != 0;
		*dots |= *s == '.';
	}
	return n;
}

/* Dimensions of operand i against its letters. */
static int
take_sizes(struct op_ctx *c, struct einsum *e, size_t i)
{
	struct dims d = op_dims(c, i);

	if (d.n != e->in[i].n)
		return op_fail(c, "operand %zu has shape %s, the equation '%s' "
		               "names %zu dimensions", i + 1, op_shape(c, i),
		               op_str(c, "equation", ""), e->in[i].n);
	for (size_t k = 0; k < d.n; k++) {
		int64_t *size = &e->size[e->in[i].v[k]];

		if (*size > 1 && d.v[k] != 1 && d.v[k] != *size)
			return op_fail(c, "dimension %zu of operand %zu is %lld, "
			               "elsewhere it is %lld", k + 1, i + 1,
			               (long long)d.v[k], (long long)*size);
		if (*size <= 1)
			*size = d.v[k];
	}
	return 0;
}

/* Without "->": the ellipsis, then letters that stand once, in order. */
static int
implicit_out(struct op_ctx *c, struct einsum *e)
{
	int count[LETTERS] = {0};
	size_t most = 0;

	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < e->in[i].n; k++) {
			unsigned char x = e->in[i].v[k];

			count[x]++;
			if (x < ELLIPSIS + TENSOR_MAX_DIMS && x - ELLIPSIS + 1u > most)
				most = x - ELLIPSIS + 1u;
		}
	for (size_t i = most; i-- > 0; )
		if (add_letter(c, &e->out, (unsigned char)(ELLIPSIS + i)) < 0)
			return -1;
	for (unsigned char x = 'A'; x <= 'z'; x++)
		if (count[x] == 1 && add_letter(c, &e->out, x) < 0)
			return -1;
	return 0;
}

static int
check_out(struct op_ctx *c, const struct einsum *e)
{
	bool seen[LETTERS] = {false}, there[LETTERS] = {false};

	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < e->in[i].n; k++)
			there[e->in[i].v[k]] = true;
	for (size_t k = 0; k < e->out.n; k++) {
		if (seen[e->out.v[k]] || !there[e->out.v[k]])
			return op_fail(c, "the output of '%s' repeats a letter or "
			               "has one that no operand has",
			               op_str(c, "equation", ""));
		seen[e->out.v[k]] = true;
	}
	return 0;
}

static int
einsum_read(struct op_ctx *c, struct einsum *e)
{
	const char *s = op_str(c, "equation", "");
	size_t most = 0;

	*e = (struct einsum){.n = op_nin(c)};
	e->in = arena_array(c->a, e->n, sizeof *e->in);
	for (size_t i = 0; i < e->n; i++) {
		bool dots;
		size_t letters = letters_of(s, &dots), rank = op_dims(c, i).n;
		size_t extra = dots && rank > letters ? rank - letters : 0;

		if (read_term(c, &s, extra, &e->in[i]) < 0)
			return -1;
		most = extra > most ? extra : most;
		if (take_sizes(c, e, i) < 0)
			return -1;
		if ((*s == ',') != (i + 1 < e->n))
			return op_fail(c, "the equation '%s' does not name %zu "
			               "operands", op_str(c, "equation", ""), e->n);
		s += *s == ',';
	}
	if (strncmp(s, "->", 2) == 0) {
		s += 2;
		if (read_term(c, &s, most, &e->out) < 0)
			return -1;
	} else if (implicit_out(c, e) < 0) {
		return -1;
	}
	if (*s)
		return op_fail(c, "'%s' in the equation", s);
	return check_out(c, e);
}

static int
einsum_infer(struct op_ctx *c)
{
	struct einsum e;
	struct dims y = {0};

	for (size_t i = 0; i < op_nin(c); i++)
		if (op_want(c, i, TYPES_NUMBERS) < 0 || op_want_same(c, i, 0) < 0)
			return -1;
	if (einsum_read(c, &e) < 0)
		return -1;
	for (size_t k = 0; k < e.out.n; k++)
		dims_add(&y, e.size[e.out.v[k]]);
	return op_set_dims(c, 0, op_in(c, 0)->type, &y);
}

/* --- lowering ------------------------------------------------------------------ */

/* An operand on the way: letters of size 1 are left out. */
struct part {
	int value;
	struct term t;
};

static bool
has(const struct term *t, unsigned char x)
{
	return t->n && memchr(t->v, x, t->n);
}

static void
push(struct term *t, unsigned char x)
{
	if (t->n == DIMS_MAX)
		BUG("too many letters");
	t->v[t->n++] = x;
}

static struct dims
sizes(const struct einsum *e, const struct term *t)
{
	struct dims d = {0};

	for (size_t i = 0; i < t->n; i++)
		dims_add(&d, e->size[t->v[i]]);
	return d;
}

static int64_t
size_of(const struct einsum *e, const struct term *t)
{
	struct dims d = sizes(e, t);

	return dims_elems(&d);
}

/* Operand i with each letter once (a diagonal where it stands twice), letters
 * of size 1 left out: a strided copy or the operand itself. */
static struct part
operand(struct lower *l, struct op_ctx *c, const struct einsum *e, size_t i)
{
	struct part p = {.value = op_in_id(c, i)};
	struct dims d = op_dims(c, i), steps = dims_steps(&d);
	struct strided s = {.src = {0}};

	for (size_t k = 0; k < d.n; k++) {
		unsigned char x = e->in[i].v[k];
		size_t at = 0;

		if (d.v[k] == 1)
			continue;
		while (at < p.t.n && p.t.v[at] != x)
			at++;
		if (at == p.t.n) {
			push(&p.t, x);
			dims_add(&s.dims, d.v[k]);
			dims_add(&s.src, 0);
		}
		s.src.v[at] += steps.v[k];
	}
	if (dims_elems(&s.dims) != dims_elems(&d)) {
		d = s.dims;
		p.value = lower_tmp(l, "diagonal", op_in(c, i)->type, &d);
		lower_strided(l, p.value, op_in_id(c, i), s);
	}
	return p;
}

/* Sums up the letters of p that are not needed any more. */
static void
sum_up(struct lower *l, const struct einsum *e, struct part *p,
       const bool *needed)
{
	enum dtype t = lower_value(l, p->value)->type;
	struct dims d = sizes(e, &p->t), kept;
	struct term rest = {0};
	bool on[DIMS_MAX] = {false};
	int y;

	for (size_t i = 0; i < p->t.n; i++) {
		on[i] = !needed[p->t.v[i]];
		if (!on[i])
			push(&rest, p->t.v[i]);
	}
	if (rest.n == p->t.n)
		return;
	kept = sizes(e, &rest);
	y = lower_tmp(l, "sum", t, &kept);
	lower_reduce(l, y, p->value, &d, on, "sum", NULL, NULL, -1);
	*p = (struct part){y, rest};
}

/* p with its letters in the order of t, which has the same ones. */
static int
ordered(struct lower *l, const struct einsum *e, const struct part *p,
        const struct term *t)
{
	struct dims d = sizes(e, &p->t);
	size_t perm[DIMS_MAX];

	for (size_t i = 0; i < t->n; i++) {
		perm[i] = 0;
		while (p->t.v[perm[i]] != t->v[i])
			perm[i]++;
	}
	return lower_transposed(l, p->value, &d, perm);
}

static struct term
joined(const struct term *a, const struct term *b)
{
	struct term t = *a;

	for (size_t i = 0; i < b->n; i++)
		push(&t, b->v[i]);
	return t;
}

/* a and b to one part; needed: letters of what comes later. */
static struct part
join(struct lower *l, const struct einsum *e, struct part *a, struct part *b,
     const bool *needed)
{
	struct term batch = {0}, sum = {0}, m = {0}, n = {0}, t;
	struct dims ad, bd, yd;
	struct part y;
	int av, bv;

	for (size_t i = 0; i < a->t.n; i++) {
		unsigned char x = a->t.v[i];

		push(!has(&b->t, x) ? &m : needed[x] ? &batch : &sum, x);
	}
	for (size_t i = 0; i < b->t.n; i++)
		if (!has(&a->t, b->t.v[i]))
			push(&n, b->t.v[i]);
	t = joined(&batch, &m);
	t = joined(&t, &sum);
	av = ordered(l, e, a, &t);
	t = joined(&batch, &sum);
	t = joined(&t, &n);
	bv = ordered(l, e, b, &t);
	ad = DIMS(size_of(e, &batch), size_of(e, &m), size_of(e, &sum));
	bd = DIMS(size_of(e, &batch), size_of(e, &sum), size_of(e, &n));
	t = joined(&batch, &m);
	y.t = joined(&t, &n);
	yd = sizes(e, &y.t);
	y.value = lower_tmp(l, "product", lower_value(l, a->value)->type, &yd);
	lower_matmul(l, y.value, av, &ad, bv, &bd, false, false);
	return y;
}

/* Letters of the output and of operands from i on. */
static void
find_needed(const struct einsum *e, size_t i, bool *needed)
{
	memset(needed, 0, LETTERS * sizeof *needed);
	for (size_t k = 0; k < e->out.n; k++)
		needed[e->out.v[k]] = true;
	for (; i < e->n; i++)
		for (size_t k = 0; k < e->in[i].n; k++)
			needed[e->in[i].v[k]] = true;
}

/* Puts the letters of the result in the order of the output. */
static void
put_out(struct lower *l, struct op_ctx *c, const struct einsum *e,
        const struct part *p)
{
	struct dims d = sizes(e, &p->t), steps = dims_steps(&d);
	struct strided s = {.src = {0}};

	for (size_t i = 0; i < e->out.n; i++)
		for (size_t k = 0; k < p->t.n; k++)
			if (p->t.v[k] == e->out.v[i]) {
				dims_add(&s.dims, d.v[k]);
				dims_add(&s.src, steps.v[k]);
			}
	lower_strided(l, op_out_id(c, 0), p->value, s);
}

static int
einsum_lower(struct lower *l, struct op_ctx *c)
{
	struct einsum e;
	struct part p, q;
	bool needed[LETTERS];

	einsum_read(c, &e);
	for (size_t i = 0; i < e.n; i++)
		if (value_elems(op_in(c, i)) == 0) {
			lower_fill(l, op_out_id(c, 0), 0);
			return 0;
		}
	p = operand(l, c, &e, 0);
	find_needed(&e, 1, needed);
	sum_up(l, &e, &p, needed);
	for (size_t i = 1; i < e.n; i++) {
		q = operand(l, c, &e, i);
		find_needed(&e, i + 1, needed);
		for (size_t k = 0; k < p.t.n; k++)
			needed[p.t.v[k]] = true;
		sum_up(l, &e, &q, needed);
		find_needed(&e, i + 1, needed);
		for (size_t k = 0; k < q.t.n; k++)
			needed[q.t.v[k]] = true;
		sum_up(l, &e, &p, needed);
		find_needed(&e, i + 1, needed);
		p = join(l, &e, &p, &q, needed);
	}
	put_out(l, c, &e, &p);
	return 0;
}

static const struct op ops[] = {
	{"Einsum", 12, 1, -1, 1, 1, "equation:s", 0, NULL, einsum_infer, NULL,
	 einsum_lower},
};

const struct op_family op_family_einsum = {
	"einsum", ops, sizeof ops / sizeof *ops
};
