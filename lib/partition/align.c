/* Shapes of equally many elements: [6, 4] and [2, 12] are both coarser than
 * [2, 3, 4].  An operand that broadcasts to one shape may then broadcast to
 * the other. */
#include "partition/work.h"

/* The coarsest shape that both x and y are made of by joining neighbours,
 * without dimensions of 1.  false if there is none, or either is empty. */
bool
shape_refine(struct arena *a, const struct ints *x, const struct ints *y,
             struct ints *out)
{
	size_t i = 0, j = 0;
	int64_t p = 1, q = 1;

	*out = (struct ints){0};
	for (;;) {
		while (p == 1 && i < x->n)
			p = x->v[i++];
		while (q == 1 && j < y->n)
			q = y->v[j++];
		if (p == 1 && q == 1)
			return true;
		if (p < 1 || q < 1 || p == 1 || q == 1)
			return false;
		if (p % q != 0 && q % p != 0)
			return false;
		vec_push(a, out, p < q ? p : q);
		if (p < q) {
			q /= p;
			p = 1;
		} else {
			p /= q;
			q = 1;
		}
	}
}

/* The dimensions of operand (of shape's rank, each shape's or 1) over the
 * finer one: whole where they are whole, 1 elsewhere. */
static void
split(struct arena *a, const struct ints *operand, const struct ints *shape,
      const struct ints *fine, struct ints *out)
{
	size_t i = 0;
	int64_t left = 1;

	for (size_t k = 0; k < fine->n; k++) {
		while (left == 1)
			left = shape->v[i++];
		left /= fine->v[k];
		vec_push(a, out, operand->v[i - 1] == 1 ? 1 : fine->v[k]);
	}
}

/* Joins a finer operand's dimensions to those of "to": a group is whole or
 * not at all. */
static bool
join(struct arena *a, const struct ints *operand, const struct ints *fine,
     const struct ints *to, struct ints *out)
{
	size_t k = 0;

	for (size_t i = 0; i < to->n; i++) {
		int64_t size = 1, have = 1;

		while (size < to->v[i]) {
			size *= fine->v[k];
			have *= operand->v[k++];
		}
		if (have != 1 && have != to->v[i])
			return false;
		vec_push(a, out, have);
	}
	return true;
}

/* The dimensions of an operand that broadcasts to shape as they are for the
 * shape "to" of as many elements; false if it does not broadcast to that. */
bool
operand_realign(struct arena *a, const struct ints *operand,
                const struct ints *shape, const struct ints *to,
                struct ints *out)
{
	struct ints fine, over = {0};

	*out = (struct ints){0};
	if (!shape_refine(a, shape, to, &fine))
		return false;
	split(a, operand, shape, &fine, &over);
	return join(a, &over, &fine, to, out);
}
