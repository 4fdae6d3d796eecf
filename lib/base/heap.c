/* Priority queues. */
#include "base/heap.h"

#include <stdbool.h>

void
heap_init(struct heap *h, size_t room, struct arena *a)
{
	h->v = arena_array(a, room + 1, sizeof *h->v);
	h->n = 0;
}

static bool
before(struct heap_item x, struct heap_item y)
{
	return x.key != y.key ? x.key < y.key : x.id < y.id;
}

void
heap_push(struct heap *h, double key, int id)
{
	struct heap_item x = {key, id};
	size_t i = h->n++;

	for (; i && before(x, h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = x;
}

/* Puts x into the place of the head. */
static void
sink(struct heap *h, struct heap_item x)
{
	size_t i = 0;

	for (size_t k; (k = 2 * i + 1) < h->n; i = k) {
		if (k + 1 < h->n && before(h->v[k + 1], h->v[k]))
			k++;
		if (!before(h->v[k], x))
			break;
		h->v[i] = h->v[k];
	}
	h->v[i] = x;
}

int
heap_pop(struct heap *h)
{
	int id = h->v[0].id;

	sink(h, h->v[--h->n]);
	return id;
}

void
heap_rekey(struct heap *h, double key)
{
	sink(h, (struct heap_item){key, h->v[0].id});
}
