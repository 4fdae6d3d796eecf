/* Bounds of what an rTask needs as expressions of its place in the grid.
 *
 * Given a number for each value c of a coordinate, a bound is
 *	cdiv(p*c + q, r), and not beyond a limit: max(limit, ...) of a lower
 * one, min(limit, ...) of an upper one, such as the first row of a
 * convolution's rTasks, which a halo would leave. */
#ifndef POLICY_BOUND_H
#define POLICY_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct bound {
	char of;		/* i, x, y, z; 0: a constant, the limit */
	bool upper;
	bool limited;
	int64_t p, q, r;
	int64_t limit;		/* what a constant would be */
};

/* The nearest bound of v[0 .. n), n > 0, that is a constant. */
struct bound bound_constant(const int64_t *v, int64_t n, bool upper);

/* A bound that v[0 .. n), n > 0, do not pass and are near to.  natural: how
 * many numbers there are in all, for a first guess of the slope. */
struct bound bound_fit(const int64_t *v, int64_t n, bool upper, char of,
                       int64_t natural);

int64_t bound_at(const struct bound *b, int64_t c);

/* scale * bound + offset, as text. */
void bound_text(const struct bound *b, int64_t scale, int64_t offset,
                struct str *out);

#endif
