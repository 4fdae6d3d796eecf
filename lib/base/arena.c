/* Arenas: a list of blocks, handed out from the front of the newest one.
 *
 * Blocks come zeroed from calloc, so that large arrays cost nothing until
 * they are touched.  Out of memory ends the program: a compiler that cannot
 * hold its input has nothing better to do, and no caller has to look. */
#include "base/arena.h"

#include <stdint.h>

#include "base/diag.h"
#include "base/vec.h"

#define BLOCK_MIN ((size_t)64 << 10)

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	max_align_t data[];
};

static void
no_memory(size_t n)
{
	fprintf(stderr, "tamp: error: out of memory (%zu bytes more)\n", n);
	exit(1);
}

void *
xrealloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		no_memory(n);
	return q;
}

void
arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

static void
free_blocks(struct arena_block *b)
{
	struct arena_block *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
}

void
arena_release(struct arena *a)
{
	free_blocks(a->head);
	free_blocks(a->spare);
	free_blocks(a->large);
	arena_init(a);
}

/* Large blocks that were not wanted since the last time are given up, or they
 * would gather where sizes vary. */
void
arena_clear(struct arena *a)
{
	struct arena_block *b = a->head, *next;

	free_blocks(a->large);
	*a = (struct arena){.spare = a->spare};
	for (; b; b = next) {
		struct arena_block **to = b->cap == BLOCK_MIN ? &a->spare
		                                              : &a->large;

		next = b->next;
		memset(b->data, 0, b->used);
		b->used = 0;
		b->next = *to;
		*to = b;
	}
}

/* A spare block of cap bytes, or somewhat more; NULL if there is none. */
static struct arena_block *
take_spare(struct arena *a, size_t cap)
{
	struct arena_block **at = cap == BLOCK_MIN ? &a->spare : &a->large, *b;

	while (*at && ((*at)->cap < cap || (*at)->cap / 2 > cap))
		at = &(*at)->next;
	b = *at;
	if (b) {
		*at = b->next;
		b->next = NULL;
	}
	return b;
}

static struct arena_block *
new_block(struct arena *a, size_t n)
{
	size_t cap = n < BLOCK_MIN ? BLOCK_MIN : n;
	struct arena_block *b = take_spare(a, cap);

	if (b)
		return b;
	if (cap > SIZE_MAX - sizeof *b)
		no_memory(n);
	b = calloc(1, sizeof *b + cap);
	if (!b)
		no_memory(n);
	b->cap = cap;
	return b;
}

/* A block that a large request fills stands behind the current one, so that
 * the rest of the current one stays in use. */
void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = sizeof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	if (n > SIZE_MAX - align)
		no_memory(n);
	n = (n + align - 1) / align * align;
	if (!b || b->cap - b->used < n) {
		b = new_block(a, n);
		if (a->head && n > BLOCK_MIN / 4) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
			b->next = a->head;
			a->head = b;
		}
	}
	p = (char *)b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		no_memory(SIZE_MAX);
	return arena_alloc(a, n * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("format '%s'", fmt);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void *
vec_widen(struct arena *a, void *v, size_t n, size_t *cap, size_t want,
          size_t size)
{
	void *bigger;

	if (want <= *cap)
		return v;
	bigger = arena_array(a, want, size);
	if (n)
		memcpy(bigger, v, n * size);
	*cap = want;
	return bigger;
}

/* The new element is zeroed here, since a vector that was emptied by n = 0
 * still holds its old elements. */
void *
vec_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	if (n > SIZE_MAX / 4)
		no_memory(SIZE_MAX);
	if (n >= *cap)
		v = vec_widen(a, v, n, cap, n ? n * 2 : 4, size);
	memset((char *)v + n * size, 0, size);
	return v;
}
