/* Inline assembly of a kernel.  Its words are looked at in the strings as they
 * read after escapes, so what would hide one is refused: an escape that spells
 * a letter, a name in the place of a string, a word cut between two strings. */
#include "emit/source.h"

#include <string.h>

#include "base/str.h"

static const char *const asms[] = { "asm", "__asm__", "__asm", NULL };

/* Words that would touch what the vEU's loop relies on, or that load through
 * a path that may miss what another rTask has stored. */
static const char *const bad[] = { "bar", "barrier", "mbarrier", "exit",
	"ret", "call", "griddepcontrol", "ctaid", "nctaid", "ntid", "tid",
	"clusterid", "setmaxnreg", "trap", "brkpt", "ldu", "tex", "tld4",
	"suld", NULL };

static const char *const atomics[] = { "atom", "red", NULL };
static const char *const floats[] = { "f16", "f16x2", "bf16", "bf16x2", "f32",
	"f64", NULL };

bool
source_is_asm(const struct token *t)
{
	return t->kind == TOK_NAME && token_in(t, asms);
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/* What a string literal reads as; NULL if an escape may spell anything.  A
 * line that goes on after a backslash is cut by a NUL. */
static const char *
read_string(struct arena *a, const struct token *t, size_t *len)
{
	char *text = arena_alloc(a, t->len + 1);
	size_t n = 0, end = t->len - 1, i = 0;

	while (i < t->len && t->s[i] != '"')
		i++;
	if (i > 0)		/* raw strings: "delim( ... )delim" */
		return NULL;
	for (i++; i < end; i++) {
		if (t->s[i] != '\\') {
			text[n++] = t->s[i];
			continue;
		}
		i++;
		if (!strchr("ntrvf\"'\\\n\r", t->s[i]))
			return NULL;
		text[n++] = t->s[i] == '\n' || t->s[i] == '\r' ? '\0' :
		            t->s[i] == '\\' ? '\\' : ' ';
	}
	*len = n;
	return text;
}

const char *
source_asm_word(struct arena *a, const struct token *t,
                const char *const *list)
{
	size_t len, n;
	const char *s = read_string(a, t, &len);

	for (size_t i = 0; s && i < len; i += n ? n : 1) {
		struct token w = {TOK_NAME, s + i, 0, t->at};

		for (n = 0; i + n < len && is_word(s[i + n]); n++)
			;
		w.len = n;
		if (n && token_in(&w, list))
			return token_text(a, &w);
	}
	return NULL;
}

/* Whether a word goes on from one string, or line of one, to the next. */
static bool
is_cut(char before, char after)
{
	return (is_word(before) || before == '.' || before == '%') &&
	       is_word(after);
}

static int
check_string(struct turn *s, const struct token *t, char *last)
{
	size_t len;
	const char *text = read_string(s->a, t, &len);
	const char *word = source_asm_word(s->a, t, bad);

	if (!text)
		return diag_error(s->d, t->at, "inline assembly with an escape "
		                  "other than \\n and \\t: write it plainly");
	for (size_t i = 0; i < len; i++) {
		if (!text[i])
			continue;
		if ((i == 0 || !text[i - 1]) && is_cut(*last, text[i]))
			return diag_error(s->d, t->at, "a word of inline assembly "
			                  "in two parts: write it whole");
		*last = text[i];
	}
	if (word)
		return diag_error(s->d, t->at, "'%s' in inline assembly of an "
		                  "rTask", word);
	word = source_asm_word(s->a, t, atomics);
	if (word && source_asm_word(s->a, t, floats))
		return diag_error(s->d, t->at, "'%s' on floating point: its order, "
		                  "and the result, would differ from run to run",
		                  word);
	return 0;
}

/* asm volatile ( strings : operands ) */
int
source_check_asm(struct turn *s, const struct part *p, size_t i)
{
	const struct tokens *t = p->t;
	size_t end = source_statement(t, i);
	char last = ' ';
	int rc = 0;

	if (p->kind == PART_MACRO)
		return diag_error(s->d, t->v[i].at,
		                  "inline assembly in a macro: write it out");
	while (i < end && !token_is(&t->v[i], "("))
		i++;
	for (i++; i < end && !token_is(&t->v[i], ":") &&
	     !token_is(&t->v[i], "::") && !token_is(&t->v[i], ")"); i++) {
		if (t->v[i].kind == TOK_STRING)
			rc |= check_string(s, &t->v[i], &last);
		else if (t->v[i].kind != TOK_SPACE &&
		         t->v[i].kind != TOK_COMMENT)
			return diag_error(s->d, t->v[i].at, "inline assembly that "
			                  "is not written out in strings");
	}
	return rc;
}

/* A string loses each ".nc": a plain load instead of one through the
 * non-coherent path, whatever stands before it. */
static void
put_string(struct turn *s, const struct token *t)
{
	for (size_t i = 0; i < t->len; i++) {
		if (t->len - i > 3 && !memcmp(t->s + i, ".nc", 3) &&
		    !is_word(t->s[i + 3]))
			i += 2;
		else
			str_addc(s->out, t->s[i]);
	}
}

size_t
source_put_asm(struct turn *s, const struct tokens *t, size_t i)
{
	size_t end = i;

	while (!token_is(&t->v[end], "(") && t->v[end].kind != TOK_END)
		end++;
	end = lex_close(t, end);
	for (; i < end; i++) {
		if (t->v[i].kind == TOK_STRING)
			put_string(s, &t->v[i]);
		else
			str_addn(s->out, t->v[i].s, t->v[i].len);
	}
	return end;
}
