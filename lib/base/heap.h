/* A queue by priority: the item of the least key is at its head, of equal keys the
 * one of the least id (a binary heap). */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/arena.h"

struct heap_item {
	double key;
	int id;
};

struct heap {
	struct heap_item *v;	/* v[0] is the head; the children of v[i] are at
				 * 2i + 1 and 2i + 2, none before it */
	size_t n;
};

/* Empty, with room for "room" items. */
void heap_init(struct heap *h, size_t room, struct arena *a);

void heap_push(struct heap *h, double key, int id);

/* Takes the head out, whose id it returns; there must be one. */
int heap_pop(struct heap *h);

/* Gives the head another key. */
void heap_rekey(struct heap *h, double key);

#endif
