/* The canonical forms as a table. */
#include "rkernel/form.h"

#include <string.h>

const struct form form_list[] = {
#define FORM(name, ins, outs, attrs, doc) {#name, ins, outs, attrs, doc},
#include "ir/forms.def"
#undef FORM
};
const size_t form_count = sizeof form_list / sizeof *form_list;

const struct form *
form_find(const char *name)
{
	for (size_t i = 0; i < form_count; i++)
		if (strcmp(form_list[i].name, name) == 0)
			return &form_list[i];
	return NULL;
}

const char *
words_next(const char **words, size_t *n)
{
	const char *s = *words + strspn(*words, " ");

	*n = strcspn(s, " ");
	*words = s + *n;
	return *n ? s : NULL;
}

bool
words_have(const char *words, const char *word, size_t n)
{
	const char *s;
	size_t len;

	while ((s = words_next(&words, &len)))
		if (len == n && memcmp(s, word, n) == 0)
			return true;
	return false;
}

bool
form_arg(const struct form *f, const char *arg, bool *out)
{
	*out = words_have(f->outs, arg, strlen(arg));
	return *out || words_have(f->ins, arg, strlen(arg));
}
