/* Arenas: memory that is given back all at once.
 *
 * Every document and every pass allocates from one arena; nothing is freed
 * alone, and lib never frees what a caller handed it.  Running out of memory
 * ends the program (xalloc in arena.c): no caller has to check for NULL. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;	/* newest block first */
	struct arena_block *spare;	/* emptied by arena_clear, of usual size */
	struct arena_block *large;	/* the same, larger ones */
	size_t used;			/* bytes handed out, for --stats */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);

/* Empties it and keeps its memory: for what is made again and again, since
 * fresh pages cost more than used ones. */
void arena_clear(struct arena *a);

/* n zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);

/* n zeroed elements of size bytes; a product that overflows is fatal. */
void *arena_array(struct arena *a, size_t n, size_t size);

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0), nonnull(2)));

/* realloc that ends the program instead of returning NULL: for the few things
 * that live on the heap (struct str, maps of a file being written). */
void *xrealloc(void *p, size_t n);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
