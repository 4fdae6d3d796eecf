/* A hash map from strings to a non-negative int (an index into some vector).
 * Keys are not copied: they must outlive the map.  Iteration order is never
 * observable, so output cannot depend on it. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_slot;

struct map {
	struct arena *a;
	struct map_slot *slots;
	size_t n, cap;
};

void map_init(struct map *m, struct arena *a);

/* The value of key, or -1. */
int map_get(const struct map *m, const char *key);

/* Sets key to value unless it is there; returns the value that stood there
 * before, or -1 if key is new. */
int map_add(struct map *m, const char *key, int value);

/* Sets key to value, replacing what stood there. */
void map_set(struct map *m, const char *key, int value);

#endif
