/* Growing strings, and the nearest word for "did you mean". */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

void
str_init(struct str *s)
{
	s->cap = 64;
	s->s = xrealloc(NULL, s->cap);
	str_clear(s);
}

void
str_clear(struct str *s)
{
	s->len = 0;
	s->s[0] = '\0';
}

void
str_release(struct str *s)
{
	free(s->s);
	*s = (struct str){0};
}

/* Room for n bytes more and the NUL. */
static void
room(struct str *s, size_t n)
{
	if (n > SIZE_MAX / 4 || s->len > SIZE_MAX / 4)
		BUG("string of %zu bytes", n);
	if (s->len + n < s->cap)
		return;
	while (s->cap <= s->len + n)
		s->cap = s->cap ? s->cap * 2 : 64;
	s->s = xrealloc(s->s, s->cap);
}

void
str_addn(struct str *s, const char *text, size_t n)
{
	room(s, n);
	if (n)
		memcpy(s->s + s->len, text, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void
str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void
str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void
str_vaddf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("format '%s'", fmt);
	room(s, (size_t)n);
	vsnprintf(s->s + s->len, (size_t)n + 1, fmt, ap);
	s->len += (size_t)n;
}

void
str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(s, fmt, ap);
	va_end(ap);
}

bool
str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

static int
min3(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

#define WORD_MAX 64	/* longer words are never near anything */

/* Damerau-Levenshtein (restricted): insertions, deletions, changes, swaps. */
static int
distance(const char *a, int n, const char *b, int m)
{
	int d[3][WORD_MAX + 1], *older = d[0], *old = d[1], *row = d[2], *t;

	for (int j = 0; j <= m; j++)
		old[j] = j;
	for (int i = 1; i <= n; i++) {
		row[0] = i;
		for (int j = 1; j <= m; j++) {
			row[j] = min3(old[j] + 1, row[j - 1] + 1,
			              old[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && older[j - 2] + 1 < row[j])
				row[j] = older[j - 2] + 1;
		}
		t = older, older = old, old = row, row = t;
	}
	return old[m];
}

const char *
str_nearest(const char *s, const char *const *names, size_t n)
{
	size_t len = strlen(s);
	const char *best = NULL;
	int best_d;

	if (len > WORD_MAX)
		return NULL;
	best_d = (int)len / 3 + 1;
	if (len < 3)
		best_d = 2;
	for (size_t i = 0; i < n; i++) {
		size_t m = strlen(names[i]);
		int d;

		if (m > WORD_MAX)
			continue;
		d = distance(s, (int)len, names[i], (int)m);
		if (d < best_d && d < (int)(len > m ? len : m)) {
			best_d = d;
			best = names[i];
		}
	}
	return best;
}
