/* The stack of documents that stages hand on: see stack.h. */
#include "yaml/stack.h"

#include <errno.h>

#include "base/str.h"

void
stack_init(struct stack *s, struct arena *a, const struct format_info *formats)
{
	*s = (struct stack){.a = a, .formats = formats};
}

static int
unknown_format(const struct stack *s, const struct ynode *v, struct diag *d)
{
	const char *names[NFORMATS], *near;

	for (int i = 0; i < NFORMATS; i++)
		names[i] = s->formats[i].name;
	near = str_nearest(v->s, names, NFORMATS);
	if (near)
		return diag_error(d, ynode_pos(v),
		                  "unknown format '%.60s' (did you mean '%s'?)",
		                  v->s, near);
	return diag_error(d, ynode_pos(v), "unknown format '%.60s'", v->s);
}

/* The format that a document's first line names, or -1 after a diagnostic. */
static int
kind_of(const struct stack *s, const struct ynode *root, struct diag *d)
{
	const struct ynode *v;

	if (root->kind != Y_MAP || root->nkids == 0)
		return diag_error(d, ynode_pos(root),
		                  "expected a map that begins with 'format:'");
	if (!str_eq(root->kids[0]->s, "format"))
		return diag_error(d, ynode_pos(root->kids[0]),
		                  "key '%.60s' stands first, expected 'format'",
		                  root->kids[0]->s);
	v = root->kids[1];
	if (v->kind != Y_SCALAR)
		return diag_error(d, ynode_pos(v), "expected the name of a format");
	for (int i = 0; i < NFORMATS; i++)
		if (str_eq(v->s, s->formats[i].name))
			return i;
	return unknown_format(s, v, d);
}

/* Every document is read, so that none is passed on unchecked; the topmost of
 * a format is kept. */
static int
add_document(struct stack *s, const struct ydoc *doc, struct diag *d)
{
	int kind = kind_of(s, doc->root, d);
	void *rec;

	if (kind < 0)
		return -1;
	rec = arena_alloc(s->a, s->formats[kind].record->size);
	if (record_read_but(s->formats[kind].record, doc->root, "format", rec,
	                    s->a, d))
		return -1;
	vec_push(s->a, &s->docs, *doc);
	vec_push(s->a, &s->kinds, kind);
	if (!s->read[kind])
		s->read[kind] = rec;
	return 0;
}

int
stack_read_source(struct stack *s, const struct source *src, struct diag *d)
{
	struct ydoc *docs;
	size_t n;
	int status = 0;

	if (ytree_read(s->a, src, &docs, &n, d))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_document(s, &docs[i], d))
			status = -1;
	return status;
}

int
stack_read(struct stack *s, const char *path, struct diag *d)
{
	struct source *src = arena_new(s->a, struct source);

	if (file_read(s->a, path, src, d))
		return -1;
	return stack_read_source(s, src, d);
}

/* All formats that are made from f, directly or not. */
static unsigned
made_from(const struct format_info *formats, enum format f)
{
	unsigned set = 1u << f, before;

	do {
		before = set;
		for (int i = 0; i < NFORMATS; i++)
			if (formats[i].from & set)
				set |= 1u << i;
	} while (set != before);
	return set & ~(1u << f);
}

/* Takes out the topmost document of format f and what was made from it. */
static void
replace(struct stack *s, enum format f)
{
	unsigned drop = made_from(s->formats, f);
	bool replaced = false;
	size_t n = 0;

	for (size_t i = 0; i < s->docs.n; i++)
		replaced = replaced || s->kinds.v[i] == (int)f;
	if (!replaced)
		return;
	replaced = false;
	for (size_t i = 0; i < s->docs.n; i++) {
		int kind = s->kinds.v[i];

		if (kind == (int)f && !replaced) {
			replaced = true;
			continue;
		}
		if (drop >> kind & 1)
			continue;
		s->docs.v[n] = s->docs.v[i];
		s->kinds.v[n++] = kind;
	}
	s->docs.n = s->kinds.n = n;
	for (int i = 0; i < NFORMATS; i++)
		if (drop >> i & 1)
			s->read[i] = NULL;
}

static void
put_on_top(struct stack *s, const struct ydoc *doc, int kind)
{
	vec_push(s->a, &s->docs, *doc);
	vec_push(s->a, &s->kinds, kind);
	memmove(s->docs.v + 1, s->docs.v, (s->docs.n - 1) * sizeof *s->docs.v);
	memmove(s->kinds.v + 1, s->kinds.v,
	        (s->kinds.n - 1) * sizeof *s->kinds.v);
	s->docs.v[0] = *doc;
	s->kinds.v[0] = kind;
}

void
stack_push(struct stack *s, enum format f, void *rec)
{
	struct ydoc doc = {.marked = true};
	struct str text;

	str_init(&text);
	document_write(&s->formats[f], rec, &text);
	doc.text = arena_strndup(s->a, text.s, text.len);
	doc.len = text.len;
	str_release(&text);
	replace(s, f);
	put_on_top(s, &doc, (int)f);
	s->read[f] = rec;
}

/* A document that somebody wrote without "---" gets one when it no longer
 * stands first. */
static void
print_document(const struct ydoc *doc, bool first, FILE *to)
{
	if (!first && !doc->marked)
		fputs("---\n", to);
	fwrite(doc->text, 1, doc->len, to);
	if (doc->len && doc->text[doc->len - 1] != '\n')
		fputc('\n', to);
}

int
stack_print(const struct stack *s, bool only, FILE *to)
{
	for (size_t i = 0; i < s->docs.n && !(only && i > 0) && !ferror(to); i++)
		print_document(&s->docs.v[i], i == 0, to);
	return 0;
}

/* What s holds does not change: the copy has arrays of its own. */
int
stack_write(const struct stack *s, enum format f, const void *rec, bool only,
            FILE *to)
{
	struct stack t = *s;

	t.docs.v = arena_array(s->a, s->docs.n, sizeof *t.docs.v);
	t.kinds.v = arena_array(s->a, s->docs.n, sizeof *t.kinds.v);
	t.docs.cap = t.kinds.cap = s->docs.n;
	for (size_t i = 0; i < s->docs.n; i++) {
		t.docs.v[i] = s->docs.v[i];
		t.kinds.v[i] = s->kinds.v[i];
	}
	stack_push(&t, f, (void *)rec);
	return stack_print(&t, only, to);
}

void
document_write(const struct format_info *f, const void *rec, struct str *out)
{
	struct ywriter w;

	str_addf(out, "---\n# yaml-language-server: $schema=schemas/%s\n",
	         f->schema);
	yw_init(&w, out);
	yw_map(&w, false);
	yw_key(&w, "format");
	yw_raw(&w, f->name);
	record_write(f->record, rec, &w);
	yw_end(&w);
	str_add(out, "...\n");
}
