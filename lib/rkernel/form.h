/* The canonical forms (ir/forms.def) as a table. */
#ifndef RKERNEL_FORM_H
#define RKERNEL_FORM_H

#include <stdbool.h>
#include <stddef.h>

struct form {
	const char *name;
	const char *ins, *outs, *attrs;	/* words, space-separated */
	const char *doc;
};

extern const struct form form_list[];
extern const size_t form_count;

const struct form *form_find(const char *name);

/* Whether arg is an input (*out false) or an output of the form. */
bool form_arg(const struct form *f, const char *arg, bool *out);

/* Whether word is one of the words, of the first n bytes of word. */
bool words_have(const char *words, const char *word, size_t n);

/* The next word of *words, its length in *n; NULL after the last. */
const char *words_next(const char **words, size_t *n);

#endif
