/* Which operands of a fused map are looked at only under a condition: read from
 * the map's text, so that nobody has to be believed. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "ir/check.h"

#define DEPTH_MAX 64	/* of brackets; what lies deeper is not accepted */

struct bracket {
	bool select;		/* it is SELECT's */
	bool by;		/* its first operand is the name looked for */
	int operand;		/* we are in this one */
	const char *from;	/* where that began */
};

struct scan {
	const char *name, *by;
	int operand;		/* of SELECT, in which name may stand */
	struct bracket open[DEPTH_MAX];
	int depth;
};

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether the text from..to is word, but for spaces. */
static bool
is_text(const char *from, const char *to, const char *word)
{
	size_t n = strlen(word);

	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	return (size_t)(to - from) == n && memcmp(from, word, n) == 0;
}

static bool
selected(const struct scan *s)
{
	for (int i = 0; i < s->depth; i++)
		if (s->open[i].select && s->open[i].by &&
		    s->open[i].operand == s->operand)
			return true;
	return false;
}

/* The end of the word, number or other character at p.  false: name stands
 * there and is not selected, or the brackets are too many. */
static bool
token(struct scan *s, const char *word, const char **p)
{
	const char *from = *p, *end = from;
	struct bracket *top = s->depth ? &s->open[s->depth - 1] : NULL;

	while (is_word(*end))
		end++;
	if (end > from) {
		*p = end;
		return !is_text(from, end, s->name) || selected(s);
	}
	*p = from + 1;
	if (*from == '(') {
		if (s->depth == DEPTH_MAX)
			return false;
		s->open[s->depth++] = (struct bracket){
			.select = word && is_text(word, from, "SELECT"),
			.from = from + 1};
	} else if (*from == ')' && top) {
		s->depth--;
	} else if (*from == ',' && top && top->operand++ == 0) {
		top->by = is_text(top->from, from, s->by);
	}
	return true;
}

static bool
step_picks(struct scan *s, const char *text)
{
	const char *word = NULL;	/* before p, but for spaces */

	s->depth = 0;
	for (const char *p = text; *p;) {
		const char *from = p;

		if (!token(s, word, &p))
			return false;
		if (is_word(*from))
			word = from;
		else if (!isspace((unsigned char)*from))
			word = NULL;
	}
	return true;
}

bool
map_picks(const struct strs *map, const char *name, const char *by, bool is)
{
	struct scan s = {.name = name, .by = by, .operand = is ? 1 : 2};

	for (size_t i = 0; i < map->n; i++)
		if (!step_picks(&s, map->v[i]))
			return false;
	return true;
}
