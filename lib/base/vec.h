/* Growing arrays that live in an arena.
 *
 *	VEC(struct tensor) tensors;		// {NULL, 0, 0} is an empty one
 *	*vec_add(arena, &tensors) = (struct tensor){ ... };
 *	for (size_t i = 0; i < tensors.n; i++) use(&tensors.v[i]);
 *
 * Growing moves the elements: keep indices, not pointers, while adding. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>

#include "base/arena.h"

#define VEC(type) struct { type *v; size_t n, cap; }

/* A vector whose element type is known only as a size (field tables). */
struct vec_any {
	void *v;
	size_t n, cap;
};

/* The array that holds at least n + 1 elements; updates *cap. */
void *vec_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size);

/* The array that holds at least "want" elements, n of them kept; updates
 * *cap. */
void *vec_widen(struct arena *a, void *v, size_t n, size_t *cap, size_t want,
                size_t size);

/* A pointer to one new, zeroed element at the end. */
#define vec_add(a, vec) \
	((vec)->v = vec_grow((a), (vec)->v, (vec)->n, &(vec)->cap, \
	                     sizeof *(vec)->v), \
	 &(vec)->v[(vec)->n++])

#define vec_push(a, vec, x) ((void)(*vec_add((a), (vec)) = (x)))

/* Room for n elements in all, so that adding them moves nothing. */
#define vec_room(a, vec, want) \
	((vec)->v = vec_widen((a), (vec)->v, (vec)->n, &(vec)->cap, (want), \
	                      sizeof *(vec)->v))

/* The vectors that documents use by name, so that functions can take them. */
struct ints {
	int64_t *v;
	size_t n, cap;
};

struct floats {
	double *v;
	size_t n, cap;
};

struct strs {
	const char **v;
	size_t n, cap;
};

#endif
