/* Scalars: which text is a string in every reader's eyes, numbers as text,
 * and the escape for names that are not UTF-8.
 *
 * Bytes of a name that are not part of valid UTF-8 are written as the
 * private-use characters U+EF80 ... U+EFFF ("\uEF80" for byte 0x80), which
 * stand for the bytes 0x80 ... 0xFF; libyaml can neither write nor read such
 * bytes, nor lone surrogates.  A name that holds one of these characters
 * itself has it written as three such bytes, so that every name survives. */
#ifndef YAML_SCALAR_H
#define YAML_SCALAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The character at s (n bytes are there, n > 0) into *c; returns its length,
 * or 0 if no valid UTF-8 stands there. */
size_t scalar_char(const char *s, size_t n, unsigned *c);

bool scalar_is_utf8(const char *s, size_t n, size_t *bad);

/* The name that the text s of a scalar stands for: a NUL follows. */
const char *scalar_unescape(struct arena *a, const char *s, size_t n,
                            size_t *len);

/* Is this text, unquoted, a string for readers of YAML 1.1 and of 1.2?  No
 * for numbers, dates, nothing, and words such as on, no, null. */
bool scalar_is_string(const char *s);

/* Is it a word with another meaning in the text of YAML 1.1?  Beyond those
 * above y and n, which no reader in use takes for true and false: they are
 * written in quotes and read without. */
bool scalar_is_word(const char *s);

/* The raw byte that character c stands for, or -1. */
int scalar_raw_byte(unsigned c);
unsigned scalar_raw_char(unsigned char byte);

#endif
