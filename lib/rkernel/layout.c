/* Layouts: from the words of a layout to dimensions, scales and boxes. */
#include "rkernel/layout.h"

#include <string.h>

/* A layout taken apart.  Stored dimension k holds size[k] positions of logical
 * dimension dim[k], each scale[k] apart. */
struct parts {
	int n;
	int dim[BOX_DIMS];
	int64_t size[BOX_DIMS], scale[BOX_DIMS];
};

static int
plain(struct parts *p, const struct ints *logical)
{
	if (logical->n > BOX_DIMS)
		return -1;
	p->n = (int)logical->n;
	for (int k = 0; k < p->n; k++) {
		p->dim[k] = k;
		p->size[k] = logical->v[k];
		p->scale[k] = 1;
	}
	return 0;
}

/* A block of "size" of dimension d (0: all that is left of it): behind all that
 * was there, inside the dimension's blocks so far. */
static int
block(struct parts *p, int d, int64_t size)
{
	int64_t left = p->size[d];

	for (int k = p->n; k-- > 0;)	/* the innermost part of d so far */
		if (p->dim[k] == d) {
			left = p->size[k];
			if (size && left % size != 0)
				return -1;
			p->size[k] = size ? left / size : 1;
			break;
		}
	if (p->n == BOX_DIMS)
		return -1;
	p->dim[p->n] = d;
	p->size[p->n++] = size ? size : left;
	return 0;
}

/* Scales: a part counts in steps of the product of the parts inside it. */
static void
set_scales(struct parts *p)
{
	for (int k = 0; k < p->n; k++) {
		p->scale[k] = 1;
		for (int j = k + 1; j < p->n; j++)
			if (p->dim[j] == p->dim[k])
				p->scale[k] *= p->size[j];
	}
}

static int
take_apart(const char *layout, const struct ints *logical, struct parts *p)
{
	const char *s = layout, *capital;
	size_t rank;

	if (plain(p, logical) < 0)
		return -1;
	if (!layout)
		return 0;
	while (*s >= 'A' && *s <= 'Z') {
		if (memchr(layout, *s, (size_t)(s - layout)))
			return -1;
		s++;
	}
	rank = (size_t)(s - layout);
	if (rank != logical->n)
		return -1;
	while (*s) {
		bool whole = *s >= 'a';
		int64_t size = 0;

		for (; *s >= '0' && *s <= '9' && size < 1 << 16; s++)
			size = size * 10 + (*s - '0');
		if ((size < 1 && !whole) || *s < 'a' || *s > 'z')
			return -1;
		capital = memchr(layout, *s++ - 'a' + 'A', rank);
		if (!capital || block(p, (int)(capital - layout), size) < 0)
			return -1;
	}
	set_scales(p);
	return 0;
}

int
layout_stored(struct arena *a, const char *layout, const struct ints *logical,
              struct ints *stored)
{
	struct parts p;

	if (take_apart(layout, logical, &p) < 0)
		return -1;
	*stored = (struct ints){0};
	for (int k = 0; k < p.n; k++)
		vec_push(a, stored, p.size[k]);
	return 0;
}

int
layout_map(const char *layout, const struct ints *logical, int dim[],
           int64_t scale[])
{
	struct parts p;

	if (take_apart(layout, logical, &p) < 0)
		return -1;
	for (int k = 0; k < p.n; k++) {
		dim[k] = p.dim[k];
		scale[k] = p.scale[k];
	}
	return p.n;
}

bool
layout_row_major(const char *layout, const struct ints *logical)
{
	struct parts p;
	int last = -1;

	if (take_apart(layout, logical, &p) < 0)
		return false;
	for (int k = 0; k < p.n; k++) {
		if (p.size[k] <= 1)
			continue;
		if (p.dim[k] < last)
			return false;
		last = p.dim[k];
	}
	return true;
}

struct box
layout_to_logical(const char *layout, const struct ints *logical,
                  const struct box *stored)
{
	struct box b = {.nd = (int)logical->n};
	struct parts p;

	if (take_apart(layout, logical, &p) < 0 || p.n != stored->nd)
		BUG("layout '%s' on a box of %d", layout ? layout : "",
		    stored->nd);
	for (int k = 0; k < b.nd; k++)
		b.hi[k] = 1;
	for (int k = 0; k < p.n; k++) {
		b.lo[p.dim[k]] += stored->lo[k] * p.scale[k];
		b.hi[p.dim[k]] += (stored->hi[k] - 1) * p.scale[k];
	}
	return b;
}

/* A part is cut to the range only while the parts outside it stand still. */
struct box
layout_to_stored(const char *layout, const struct ints *logical,
                 const struct box *box)
{
	struct box b = {0};
	struct parts p;
	int64_t lo[BOX_DIMS], last[BOX_DIMS];

	if (take_apart(layout, logical, &p) < 0 || box->nd != (int)logical->n)
		BUG("layout '%s' on a box of %d", layout ? layout : "",
		    box->nd);
	b.nd = p.n;
	for (int k = 0; k < box->nd; k++) {
		lo[k] = box->lo[k];
		last[k] = box->hi[k] - 1;
	}
	for (int k = 0; k < p.n; k++) {
		int d = p.dim[k];

		if (last[d] < lo[d])
			continue;	/* empty: stays [0, 0) */
		b.lo[k] = lo[d] / p.scale[k];
		b.hi[k] = last[d] / p.scale[k] + 1;
		if (b.hi[k] - b.lo[k] == 1) {
			lo[d] %= p.scale[k];
			last[d] %= p.scale[k];
		} else {
			lo[d] = 0;
			last[d] = p.scale[k] - 1;
		}
	}
	return b;
}
