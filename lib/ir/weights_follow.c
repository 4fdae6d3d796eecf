/* A plan names its weights from the directory where it lies.  A stage copies the
 * graph byte for byte, but may write it elsewhere: then the path, and nothing
 * else of the text, is changed. */
#include <string.h>

#include "base/str.h"
#include "ir/weights.h"

static struct ydoc *
graph_text(struct stack *s)
{
	for (size_t i = 0; i < s->docs.n; i++)
		if (s->kinds.v[i] == FORMAT_GRAPH)
			return &s->docs.v[i];
	return NULL;
}

/* Where the node begins in the text that its document is part of. */
static const char *
node_text(const struct ynode *n)
{
	const char *at = n->src->text;

	for (int line = 1; line < n->line; line++)
		at = strchr(at, '\n') + 1;
	return at + n->col - 1;
}

/* The end of a scalar that stands on one line; NULL for others. */
static const char *
scalar_end(const char *at, const struct ynode *n)
{
	char quote = *at;

	if (!n->quoted)
		return strncmp(at, n->s, n->len) == 0 ? at + n->len : NULL;
	if (quote != '"' && quote != '\'')
		return NULL;
	for (at++; *at && *at != '\n'; at++) {
		if (*at == quote && !(quote == '\'' && at[1] == quote))
			return at + 1;
		if (*at == quote || (quote == '"' && *at == '\\'))
			at++;
	}
	return NULL;
}

/* Puts value in the place of scalar n. */
static int
replace(struct ydoc *doc, const struct ynode *n, const char *value,
        struct arena *a, struct diag *d)
{
	const char *at = node_text(n), *end = scalar_end(at, n);
	struct str text;

	if (!end)
		return diag_error(d, ynode_pos(n), "the path has to change for a "
		                  "plan that goes elsewhere: write it on one line");
	str_init(&text);
	str_addn(&text, doc->text, (size_t)(at - doc->text));
	yw_quote(&text, value, strlen(value));
	str_addn(&text, end, (size_t)(doc->text + doc->len - end));
	doc->text = arena_strndup(a, text.s, text.len);
	doc->len = text.len;
	str_release(&text);
	return 0;
}

int
weights_follow(struct stack *s, const char *out, struct diag *d)
{
	struct graph *g = stack_graph(s);
	const char *path = g ? graph_weights_path(s->a, g) : NULL, *seen;

	struct ydoc *doc;

	if (!path || !file_exists(path))
		return 0;
	seen = file_seen_from(s->a, file_out_dir(s->a, out), path);
	if (str_eq(seen, g->weights))
		return 0;
	doc = graph_text(s);
	return replace(doc, ynode_get(doc->root, "weights"), seen, s->a, d);
}
