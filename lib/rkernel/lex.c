/* A lexer for C and CUDA C source.
 *
 * It knows what may hide other text: comments, strings, raw strings, character
 * literals and preprocessor lines.  Everything else is split by the longest
 * match.  No byte is lost: the tokens' texts joined are the source, so that
 * what a pass does not change comes out as it was written. */
#include "rkernel/lex.h"

#include <string.h>

struct lexer {
	const struct source *src;
	const char *s, *end;	/* what is left */
	int line, col;
	bool fresh;		/* only space and comments so far on this line */
	struct diag *d;
};

/* Longest first within a leading character; CUDA's <<< and >>> included. */
static const char *const puncts[] = {
	"<<<", ">>>", "<<=", ">>=", "<=>", "...", "->*", "->", "++", "--", "<<",
	">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=",
	"&=", "|=", "^=", "::", ".*", "##",
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of UTF-8 count as letters: compilers take them in names. */
static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '$' || is_digit(c) || (unsigned char)c >= 0x80;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' ||
	       c == '\f';
}

static char
peek(const struct lexer *l, size_t n)
{
	return (size_t)(l->end - l->s) > n ? l->s[n] : '\0';
}

/* Bytes of a backslash and the line end after it, at s + n; 0 if none. */
static size_t
splice(const struct lexer *l, size_t n)
{
	if (peek(l, n) != '\\')
		return 0;
	if (peek(l, n + 1) == '\n')
		return 2;
	return peek(l, n + 1) == '\r' && peek(l, n + 2) == '\n' ? 3 : 0;
}

static size_t
left(const struct lexer *l)
{
	return (size_t)(l->end - l->s);
}

static size_t
blank(const struct lexer *l)
{
	size_t n = 0, k;

	while (n < left(l)) {
		k = splice(l, n);
		if (!k && !is_blank(l->s[n]))
			break;
		n += k ? k : 1;
	}
	return n;
}

/* From n to the end of the line, continuations included; the end is left. */
static size_t
line_comment(const struct lexer *l, size_t n)
{
	size_t k;

	while (n < left(l) && l->s[n] != '\n') {
		if (l->s[n] == '\r' && peek(l, n + 1) == '\n')
			break;
		k = splice(l, n);
		n += k ? k : 1;
	}
	return n;
}

/* Past the end of the comment that opens at n; 0 if it has none. */
static size_t
block_comment(const struct lexer *l, size_t n)
{
	for (n += 2; n + 1 < left(l); n++)
		if (l->s[n] == '*' && l->s[n + 1] == '/')
			return n + 2;
	return 0;
}

/* Past the end of the literal whose quote stands at n; 0 if it has none. */
static size_t
quoted(const struct lexer *l, size_t n)
{
	char q = l->s[n++];
	size_t k;

	while (n < left(l) && l->s[n] != '\n') {
		k = splice(l, n);
		if (k) {
			n += k;
		} else if (l->s[n] == '\\' && n + 1 < left(l)) {
			n += 2;
		} else if (l->s[n++] == q) {
			return n;
		}
	}
	return 0;
}

/* R"delim( ... )delim", the quote at n; 0 if it does not end. */
static size_t
raw(const struct lexer *l, size_t n)
{
	size_t at = n + 1, len;

	while (at < left(l) && l->s[at] != '(' && l->s[at] != '\n')
		at++;
	if (peek(l, at) != '(')
		return 0;
	len = at - n - 1;
	for (at++; at + len + 1 < left(l); at++)
		if (l->s[at] == ')' && l->s[at + len + 1] == '"' &&
		    !memcmp(l->s + at + 1, l->s + n + 1, len))
			return at + len + 2;
	return 0;
}

/* A preprocessor line up to a line comment or its end.  Literals are passed
 * over where they close; an apostrophe in an #error does not. */
static size_t
directive(const struct lexer *l)
{
	size_t n = 1, k;

	while (n < left(l) && l->s[n] != '\n') {
		if (l->s[n] == '\r' && peek(l, n + 1) == '\n')
			break;
		if (l->s[n] == '/' && peek(l, n + 1) == '/')
			break;
		if (l->s[n] == '/' && peek(l, n + 1) == '*')
			k = block_comment(l, n);
		else if (l->s[n] == '"' || l->s[n] == '\'')
			k = quoted(l, n);
		else
			k = splice(l, n) ? n + splice(l, n) : 0;
		n = k ? k : n + 1;
	}
	return n;
}

static size_t
word(const struct lexer *l)
{
	size_t n = 0;

	while (n < left(l) && is_word(l->s[n]))
		n++;
	return n;
}

/* A preprocessing number: 0x1p-3f, 1'000, 1e+5, .5 */
static size_t
number(const struct lexer *l)
{
	size_t n = 1;
	char c;

	for (; n < left(l); n++) {
		c = l->s[n];
		if (is_word(c) || c == '.')
			continue;
		if (c == '\'' && is_word(peek(l, n + 1)))
			continue;
		if ((c == '+' || c == '-') && strchr("eEpP", l->s[n - 1]))
			continue;
		break;
	}
	return n;
}

static size_t
punct(const struct lexer *l)
{
	size_t len;

	for (size_t i = 0; i < sizeof puncts / sizeof puncts[0]; i++) {
		len = strlen(puncts[i]);
		if (left(l) >= len && !memcmp(l->s, puncts[i], len))
			return len;
	}
	return 1;
}

static bool
is_prefix(const char *s, size_t n, bool *is_raw)
{
	*is_raw = n > 0 && s[n - 1] == 'R';
	n -= *is_raw;
	return n == 0 || (n == 1 && strchr("uUL", s[0])) ||
	       (n == 2 && !memcmp(s, "u8", 2));
}

/* A name, or a literal that begins with one (u8"..."); 0 if it never ends. */
static size_t
name_or_literal(const struct lexer *l, enum token_kind *kind)
{
	size_t n = word(l);
	char q = peek(l, n);
	bool is_raw;

	*kind = TOK_NAME;
	if ((q != '"' && q != '\'') || !is_prefix(l->s, n, &is_raw))
		return n;
	if (is_raw && q == '\'')
		return n;
	*kind = q == '"' ? TOK_STRING : TOK_CHAR;
	return is_raw ? raw(l, n) : quoted(l, n);
}

/* The bytes of the next token; 0 if it does not end. */
static size_t
scan(const struct lexer *l, enum token_kind *kind)
{
	char c = l->s[0], c1 = peek(l, 1);

	if (is_blank(c) || splice(l, 0)) {
		*kind = TOK_SPACE;
		return blank(l);
	}
	if (c == '/' && (c1 == '/' || c1 == '*')) {
		*kind = TOK_COMMENT;
		return c1 == '/' ? line_comment(l, 2) : block_comment(l, 0);
	}
	if (c == '#' && l->fresh) {
		*kind = TOK_DIRECTIVE;
		return directive(l);
	}
	if (is_digit(c) || (c == '.' && is_digit(c1))) {
		*kind = TOK_NUMBER;
		return number(l);
	}
	if (is_word(c))
		return name_or_literal(l, kind);
	if (c == '"' || c == '\'') {
		*kind = c == '"' ? TOK_STRING : TOK_CHAR;
		return quoted(l, 0);
	}
	*kind = TOK_PUNCT;
	return punct(l);
}

static void
advance(struct lexer *l, size_t n)
{
	for (const char *end = l->s + n; l->s < end; l->s++) {
		l->col++;
		if (*l->s == '\n') {
			l->line++;
			l->col = 1;
			l->fresh = true;
		}
	}
}

static struct pos
here(const struct lexer *l)
{
	return (struct pos){l->src, l->line, l->col};
}

static int
unended(const struct lexer *l, enum token_kind kind)
{
	const char *what = kind == TOK_COMMENT ? "comment" :
	                   kind == TOK_CHAR ? "character literal" :
	                   "string literal";

	return diag_error(l->d, here(l), "%s without an end", what);
}

int
lex(struct arena *a, const struct source *src, size_t from,
    struct tokens *out, struct diag *d)
{
	struct lexer l = {src, src->text, src->text + from, 1, 1, true, d};
	enum token_kind kind;
	size_t n;

	while (l.s < l.end) {		/* to the place of the first token */
		l.fresh = l.fresh && is_blank(*l.s);
		advance(&l, 1);
	}
	l.end = src->text + src->len;
	while (l.s < l.end) {
		if (!*l.s)
			return diag_error(d, here(&l), "NUL byte in a source text");
		n = scan(&l, &kind);
		if (!n)
			return unended(&l, kind);
		vec_push(a, out, ((struct token){kind, l.s, n, here(&l)}));
		if (kind != TOK_SPACE && kind != TOK_COMMENT)
			l.fresh = false;
		advance(&l, n);
	}
	vec_push(a, out, ((struct token){TOK_END, l.s, 0, here(&l)}));
	return 0;
}

bool
token_is(const struct token *t, const char *text)
{
	return strlen(text) == t->len && !memcmp(t->s, text, t->len);
}

const char *
token_text(struct arena *a, const struct token *t)
{
	return arena_strndup(a, t->s, t->len);
}

size_t
lex_word(const char *text)
{
	size_t n = 0;

	while (is_word(text[n]))
		n++;
	return n;
}

static bool
is_aside(const struct token *t)
{
	return t->kind == TOK_SPACE || t->kind == TOK_COMMENT ||
	       t->kind == TOK_DIRECTIVE;
}

size_t
lex_first(const struct tokens *t)
{
	return is_aside(&t->v[0]) ? lex_next(t, 0) : 0;
}

size_t
lex_next(const struct tokens *t, size_t i)
{
	while (i + 1 < t->n)
		if (!is_aside(&t->v[++i]))
			break;
	return i;
}

size_t
lex_before(const struct tokens *t, size_t i)
{
	while (i-- > 0)
		if (!is_aside(&t->v[i]))
			return i;
	return t->n - 1;
}

bool
lex_is(const struct tokens *t, size_t i, const char *text)
{
	return t->v[i].kind != TOK_SPACE && t->v[i].kind != TOK_COMMENT &&
	       token_is(&t->v[i], text);
}

bool
lex_is_name(const struct tokens *t, size_t i, const char *name)
{
	return t->v[i].kind == TOK_NAME && token_is(&t->v[i], name);
}

bool
lex_says(const struct token *dir, const char *word)
{
	size_t i = 1, n = strlen(word);

	while (i < dir->len && (dir->s[i] == ' ' || dir->s[i] == '\t'))
		i++;
	return dir->len - i >= n && !memcmp(dir->s + i, word, n);
}

const struct tokens *
lex_directive(struct arena *a, const struct token *dir, struct diag *d)
{
	const struct source *src = dir->at.src;
	struct tokens *t = arena_new(a, struct tokens);
	struct source *cut = arena_new(a, struct source);
	size_t from = (size_t)(dir->s - src->text) + 1;

	*cut = *src;
	cut->len = from - 1 + dir->len;
	if (lex(a, cut, from, t, d) < 0)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].at.src = src;
	return t;
}

static int
bracket(const struct token *t)
{
	if (t->kind != TOK_PUNCT || t->len != 1)
		return 0;
	return strchr("([{", t->s[0]) ? 1 : strchr(")]}", t->s[0]) ? -1 : 0;
}

static bool
pairs_with(char open, char close)
{
	return (open == '(' && close == ')') || (open == '[' && close == ']') ||
	       (open == '{' && close == '}');
}

size_t
lex_close(const struct tokens *t, size_t i)
{
	char open = t->v[i].s[0];
	int depth = 0;

	for (; i < t->n; i++) {
		depth += bracket(&t->v[i]);
		if (depth == 0 && bracket(&t->v[i]) < 0)
			return pairs_with(open, t->v[i].s[0]) ? i : t->n;
	}
	return t->n;
}

size_t
lex_open(const struct tokens *t, size_t i)
{
	for (size_t open = i; open-- > 0;)
		if (bracket(&t->v[open]) > 0 && lex_close(t, open) == i)
			return open;
	return t->n;
}
