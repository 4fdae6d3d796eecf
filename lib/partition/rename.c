/* Identifiers in the C expressions of fused maps. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "partition/work.h"

/* The end of the word, number or other character that begins at s. */
static const char *
token_end(const char *s)
{
	if (!isalnum((unsigned char)*s) && *s != '_' && *s != '.')
		return s + 1;
	for (;; s++) {
		bool exponent = (*s == '+' || *s == '-') &&
			(s[-1] == 'e' || s[-1] == 'E');

		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '.' &&
		    !exponent)
			return s;
	}
}

static bool
is_word(const char *s)
{
	return isalpha((unsigned char)*s) || *s == '_';
}

/* The end of an identifier: unlike a number's, no '+' belongs to it. */
static const char *
word_end(const char *s)
{
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return s;
}

const char *
expr_rename(struct arena *a, const char *expr, const struct rename *r,
            size_t n)
{
	struct str s;
	const char *out, *end;

	str_init(&s);
	for (; *expr; expr = end) {
		size_t i = n;

		end = is_word(expr) ? word_end(expr) : token_end(expr);
		if (is_word(expr))
			for (i = 0; i < n; i++)
				if (strlen(r[i].from) == (size_t)(end - expr) &&
				    memcmp(r[i].from, expr,
				           (size_t)(end - expr)) == 0)
					break;
		if (i < n)
			str_add(&s, r[i].to);
		else
			str_addn(&s, expr, (size_t)(end - expr));
	}
	out = arena_strndup(a, s.s, s.len);
	str_release(&s);
	return out;
}

static bool
any_word(const char *expr, bool (*f)(const char *s, size_t n, const char *x),
         const char *x)
{
	const char *end;

	for (; *expr; expr = end) {
		end = is_word(expr) ? word_end(expr) : token_end(expr);
		if (is_word(expr) && f(expr, (size_t)(end - expr), x))
			return true;
	}
	return false;
}

static bool
same(const char *s, size_t n, const char *x)
{
	return strlen(x) == n && memcmp(s, x, n) == 0;
}

static bool
coordinate(const char *s, size_t n, const char *x)
{
	(void)x;
	return n >= 2 && s[0] == 'c' && strspn(s + 1, "0123456789") >= n - 1;
}

bool
expr_mentions(const char *expr, const char *word)
{
	return any_word(expr, same, word);
}

bool
expr_uses_coordinates(const char *expr)
{
	return any_word(expr, coordinate, NULL);
}

size_t
step_name(const char *step, const char **expr)
{
	size_t n = is_word(step) ? (size_t)(word_end(step) - step) : 0;

	if (n && strncmp(step + n, " = ", 3) == 0) {
		*expr = step + n + 3;
		return n;
	}
	*expr = step;
	return 0;
}
