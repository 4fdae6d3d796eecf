/* A lexer for C and CUDA C source: what the source-to-source parser and the
 * kernel reader stand on.  Comments, string and character literals, raw
 * strings, preprocessor lines (with continuations) are tokens of their own,
 * so that nothing is ever found inside them by accident. */
#ifndef RKERNEL_LEX_H
#define RKERNEL_LEX_H

#include "base/diag.h"
#include "base/vec.h"

enum token_kind { TOK_END, TOK_NAME, TOK_NUMBER, TOK_STRING, TOK_CHAR,
                  TOK_PUNCT, TOK_COMMENT, TOK_SPACE, TOK_DIRECTIVE };

struct token {
	enum token_kind kind;
	const char *s;		/* into the source's text */
	size_t len;
	struct pos at;
};

struct tokens {
	struct token *v;	/* ends with TOK_END */
	size_t n, cap;
};

/* Splits src from byte "from" on; the tokens' texts joined are the text.
 * -1 after a diagnostic (an unterminated comment or literal). */
int lex(struct arena *a, const struct source *src, size_t from,
        struct tokens *out, struct diag *d);

bool token_is(const struct token *t, const char *text);
const char *token_text(struct arena *a, const struct token *t);

/* Bytes of the word, a name or digits, that the text begins with. */
size_t lex_word(const char *text);

/* The first token that is not space, comment or directive. */
size_t lex_first(const struct tokens *t);

/* The next token after i that is not space, comment or directive. */
size_t lex_next(const struct tokens *t, size_t i);

/* The last token before i that is none of these; that of TOK_END if none. */
size_t lex_before(const struct tokens *t, size_t i);

/* Whether token i has that text, and is no space or comment; whether it is
 * that name. */
bool lex_is(const struct tokens *t, size_t i, const char *text);
bool lex_is_name(const struct tokens *t, size_t i, const char *name);

/* Whether a preprocessor line begins with that word behind its "#". */
bool lex_says(const struct token *dir, const char *word);

/* The tokens of a preprocessor line behind its "#", at their places: ends
 * with TOK_END.  NULL after a diagnostic. */
const struct tokens *lex_directive(struct arena *a, const struct token *dir,
                                   struct diag *d);

/* The index of the bracket that closes the one at i; of the one that the one at
 * i closes; n of t if none. */
size_t lex_close(const struct tokens *t, size_t i);
size_t lex_open(const struct tokens *t, size_t i);

#endif
