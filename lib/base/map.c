/* Hash map from strings to ints: open addressing, linear probing; hashed eight
 * bytes at a time, since names of an unrolled model are long and many.
 * At most half full, so that a probe is short and always ends. */
#include "base/map.h"

#include <stdbool.h>
#include <stdint.h>

struct map_slot {
	const char *key;	/* NULL: free */
	uint32_t hash;
	int value;
};

static uint32_t
hash_of(const char *s)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;	/* 2^64 / golden ratio */
	size_t n = strlen(s);
	uint64_t h = n, w = 0;

	for (; n >= sizeof w; s += sizeof w, n -= sizeof w) {
		memcpy(&w, s, sizeof w);
		h = (h ^ w) * odd;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, s, n);
	h = (h ^ w) * odd;
	return (uint32_t)(h ^ h >> 32);
}

void
map_init(struct map *m, struct arena *a)
{
	*m = (struct map){.a = a};
}

/* The slot of key, or the free one where it would go. */
static struct map_slot *
find(struct map_slot *slots, size_t cap, const char *key, uint32_t h)
{
	size_t i = h & (cap - 1);

	while (slots[i].key &&
	       (slots[i].hash != h ||
	        (slots[i].key != key && strcmp(slots[i].key, key) != 0)))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

int
map_get(const struct map *m, const char *key)
{
	struct map_slot *s;

	if (!m->cap)
		return -1;
	s = find(m->slots, m->cap, key, hash_of(key));
	return s->key ? s->value : -1;
}

static void
grow(struct map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 16;
	struct map_slot *slots = arena_array(m->a, cap, sizeof *slots);

	for (size_t i = 0; i < m->cap; i++) {
		struct map_slot *s = &m->slots[i];

		if (s->key)
			*find(slots, cap, s->key, s->hash) = *s;
	}
	m->slots = slots;
	m->cap = cap;
}

static int
put(struct map *m, const char *key, int value, bool replace)
{
	struct map_slot *s;
	uint32_t h = hash_of(key);
	int before;

	if (m->n * 2 >= m->cap)
		grow(m);
	s = find(m->slots, m->cap, key, h);
	if (!s->key) {
		*s = (struct map_slot){key, h, value};
		m->n++;
		return -1;
	}
	before = s->value;
	if (replace)
		s->value = value;
	return before;
}

int
map_add(struct map *m, const char *key, int value)
{
	return put(m, key, value, false);
}

void
map_set(struct map *m, const char *key, int value)
{
	put(m, key, value, true);
}
