/* Growing strings on the heap, for text whose length is not known ahead.
 * Always NUL-terminated; may hold NUL bytes inside (len counts them). */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
	char *s;	/* never NULL after str_init */
	size_t len, cap;
};

void str_init(struct str *s);
void str_clear(struct str *s);		/* empty, memory kept for reuse */
void str_release(struct str *s);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *text, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *s, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0), nonnull(2)));

bool str_eq(const char *a, const char *b);	/* either may be NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* The entry of names (n of them) nearest to s, or NULL if none is near: for
 * "did you mean".  Distance: Damerau-Levenshtein, at most a third of s. */
const char *str_nearest(const char *s, const char *const *names, size_t n);

#endif
