/* Candidates whose grid was shortened: what they leave unwritten. */
#ifndef HOLES_H
#define HOLES_H

#include "mutate.h"
#include "verify/verify.h"

struct hole {			/* to undo it */
	int64_t *at;
	int64_t was;
};

/* Shortens the last dimension of a candidate that s uses, and leaves out the
 * rTasks that it no longer has.  What was done, in words, or NULL. */
const char *hole_make(struct plan *p, struct schedule *s, struct rng *r,
                      struct hole *h);
void hole_undo(const struct hole *h);

/* What is needed and not written by the declared regions of the candidates
 * chosen, found element by element; NULL: nothing. */
const char *hole_find(const struct plan *p);

/* Whether bytes that a refusal says nobody writes, and somebody reads, are
 * such. */
bool hole_trips(const struct plan *p, const struct witness_pair *w);

#endif
