/* The head of a kernel file as a YAML document: where it begins and ends, and
 * which of its values are text though YAML would split or convert them. */
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"

#define BEGIN "/*---"
#define END "---*/"

/* --- finding the head --------------------------------------------------------- */

struct source *
kernel_head(struct arena *a, const struct source *src, size_t *end,
            struct diag *d)
{
	const struct pos top = {src, 1, 1};
	const char *close;
	struct source *h;
	char *text;
	size_t n;

	if (strlen(src->text) != src->len) {
		diag_error(d, top, "a kernel file holds a NUL byte");
		return NULL;
	}
	if (!str_starts(src->text, BEGIN)) {
		diag_error(d, top, "expected a head, '" BEGIN "', YAML, '" END
		           "', at the beginning of a kernel file");
		return NULL;
	}
	close = strstr(src->text + 2, "*/");
	if (!close || close < src->text + sizeof BEGIN + 1 ||
	    memcmp(close - 3, END, 5) != 0 || close[-4] != '\n') {
		diag_error(d, top, "the head is not ended by a line '" END "'");
		return NULL;
	}
	n = (size_t)(close - 3 - src->text);
	*end = n + sizeof END - 1;
	text = arena_alloc(a, n + 5);
	memcpy(text, src->text, n);
	memset(text, ' ', sizeof BEGIN - 1);
	memcpy(text + n, "...\n", 4);
	h = arena_new(a, struct source);
	*h = (struct source){src->name, text, n + 4};
	return h;
}

/* --- lists as text -------------------------------------------------------------- */

/* A scalar is text whatever it looks like; its place is behind its quote. */
static void
as_text(struct ynode *n)
{
	if (n->kind == Y_SCALAR && n->quoted)
		n->col++;
	n->quoted = true;
}

/* [a, b] as one scalar "[a, b]", or without the brackets: YAML has split what
 * may be an expression with commas, such as min(a, b). */
static void
join(struct arena *a, struct ynode *n, bool brackets)
{
	struct str s;

	if (n->kind != Y_SEQ) {
		as_text(n);
		return;
	}
	for (size_t i = 0; i < n->nkids; i++)
		if (n->kids[i]->kind != Y_SCALAR)
			return;
	str_init(&s);
	for (size_t i = 0; i < n->nkids; i++)
		str_addf(&s, i ? ", %s" : "%s", n->kids[i]->s);
	n->kind = Y_SCALAR;
	n->quoted = true;
	n->s = arena_printf(a, brackets ? "[%s]" : "%s", s.s);
	n->len = strlen(n->s);
	n->nkids = 0;
	str_release(&s);
}

void
kernel_head_text(struct arena *a, const struct ynode *root)
{
	static const char *const maps[] = {"shapes", "reads", "writes",
		"params", "template"};
	static const char *const texts[] = {"when", "threads", "shared",
		"flops", "bytes"};
	struct ynode *n;

	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		n = (struct ynode *)ynode_get(root, maps[i]);
		for (size_t k = 1; n && n->kind == Y_MAP && k < n->nkids; k += 2)
			join(a, n->kids[k], true);
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		n = (struct ynode *)ynode_get(root, texts[i]);
		if (n && n->kind == Y_SCALAR)
			as_text(n);
	}
	n = (struct ynode *)ynode_get(root, "threads");
	if (n && n->kind == Y_SEQ)
		join(a, n, false);
	n = (struct ynode *)ynode_get(root, "grid");
	for (size_t k = 0; n && n->kind == Y_SEQ && k < n->nkids; k++)
		if (n->kids[k]->kind == Y_SCALAR)
			as_text(n->kids[k]);
}

const char *
kernel_entry(const struct pairs *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->v[i].key, name))
			return map->v[i].value;
	return NULL;
}

struct pos
kernel_entry_pos(const struct kernel *k, const char *map, const char *name)
{
	return ynode_key_pos(ynode_get(k->head.at, map), name);
}
