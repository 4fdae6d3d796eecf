/* YAML text to a compact tree, by libyaml's events.
 *
 * libyaml counts in characters and takes U+2028 and its like for line breaks;
 * places here are lines ended by \n and columns in bytes.  A cursor follows
 * the marks of the events, which nearly always go forward. */
#include "yaml/ytree.h"

#include <errno.h>
#include <yaml.h>

#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "yaml/scalar.h"

#define DEPTH_MAX 64

struct reader {
	struct arena *a;
	const struct source *src;
	struct diag *d;
	yaml_parser_t parser;
	struct {			/* a place that a mark has been found at */
		size_t chars, bytes;
		size_t line_start;	/* bytes */
		int line;
	} cur;
	VEC(struct ynode *) kids;	/* of all collections that are open */
	bool failed;
	bool stop;			/* the rest cannot be read */
};

static bool
is_tail(const struct reader *r, size_t at)
{
	return at < r->src->len && ((unsigned char)r->src->text[at] & 0xc0) == 0x80;
}

/* One character on. */
static void
forward(struct reader *r)
{
	if (r->src->text[r->cur.bytes++] == '\n') {
		r->cur.line++;
		r->cur.line_start = r->cur.bytes;
	}
	while (is_tail(r, r->cur.bytes))
		r->cur.bytes++;
	r->cur.chars++;
}

/* One character back. */
static void
back(struct reader *r)
{
	const char *s = r->src->text;

	do
		r->cur.bytes--;
	while (is_tail(r, r->cur.bytes));
	r->cur.chars--;
	if (s[r->cur.bytes] != '\n')
		return;
	r->cur.line--;
	r->cur.line_start = r->cur.bytes;
	while (r->cur.line_start > 0 && s[r->cur.line_start - 1] != '\n')
		r->cur.line_start--;
}

/* Brings the cursor to a mark of libyaml. */
static void
seek(struct reader *r, const yaml_mark_t *m)
{
	while (r->cur.chars < m->index && r->cur.bytes < r->src->len)
		forward(r);
	while (r->cur.chars > m->index && r->cur.bytes > 0)
		back(r);
}

static struct pos
place(struct reader *r, const yaml_mark_t *m)
{
	seek(r, m);
	return (struct pos){r->src, r->cur.line,
		(int)(r->cur.bytes - r->cur.line_start) + 1};
}

static struct pos
byte_place(const struct source *src, size_t at)
{
	struct pos p = {src, 1, 1};
	size_t start = 0;

	for (size_t i = 0; i < at && i < src->len; i++)
		if (src->text[i] == '\n') {
			p.line++;
			start = i + 1;
		}
	p.col = (int)(at - start) + 1;
	return p;
}

static int
fail(struct reader *r)
{
	r->failed = true;
	r->stop = true;
	return -1;
}

static int
parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *what = p->problem ? p->problem : "unreadable";
	struct pos at = place(r, &p->problem_mark);

	if (p->error == YAML_READER_ERROR)
		at = byte_place(r->src, p->problem_offset);
	if (p->error == YAML_MEMORY_ERROR)
		what = "out of memory";
	if (str_eq(what, "did not find expected <document start>"))
		diag_error(r->d, at, "a document after another begins with '---' "
		           "on a line of its own");
	else if (p->context)
		diag_error(r->d, at, "%s %s", what, p->context);
	else
		diag_error(r->d, at, "%s", what);
	return fail(r);
}

static int
next(struct reader *r, yaml_event_t *e)
{
	if (yaml_parser_parse(&r->parser, e))
		return 0;
	return parser_failed(r);
}

static struct ynode *
new_node(struct reader *r, enum ykind kind, const yaml_event_t *e)
{
	struct ynode *n = arena_new(r->a, struct ynode);
	struct pos at = place(r, &e->start_mark);

	n->kind = kind;
	n->src = r->src;
	n->line = at.line;
	n->col = at.col;
	return n;
}

static struct ynode *node(struct reader *r, yaml_event_t *e, int depth);

/* Anchors and tags say nothing that a plan needs, and aliases let a small
 * file stand for a huge one. */
static int
plain_node(struct reader *r, const yaml_event_t *e)
{
	const unsigned char *anchor = NULL, *tag = NULL;

	if (e->type == YAML_ALIAS_EVENT) {
		diag_error(r->d, place(r, &e->start_mark),
		           "alias '*%s': aliases are not used here",
		           (const char *)e->data.alias.anchor);
		return fail(r);
	}
	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
	}
	if (!anchor && !tag)
		return 0;
	diag_error(r->d, place(r, &e->start_mark), "%s '%s%s': %s are not used here",
	           anchor ? "anchor" : "tag", anchor ? "&" : "",
	           (const char *)(anchor ? anchor : tag),
	           anchor ? "anchors" : "tags");
	return fail(r);
}

static struct ynode *
scalar(struct reader *r, const yaml_event_t *e)
{
	struct ynode *n = new_node(r, Y_SCALAR, e);
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;

	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (memchr(s, '\0', len)) {
		diag_error(r->d, ynode_pos(n), "a string cannot hold a NUL byte");
		r->failed = true;
	}
	n->s = scalar_unescape(r->a, s, len, &n->len);
	return n;
}

/* The kids pushed since mark, as an array of their own. */
static void
close_kids(struct reader *r, struct ynode *n, size_t mark)
{
	n->nkids = r->kids.n - mark;
	n->kids = arena_array(r->a, n->nkids, sizeof *n->kids);
	if (n->nkids)
		memcpy(n->kids, r->kids.v + mark, n->nkids * sizeof *n->kids);
	r->kids.n = mark;
}

static struct ynode *
sequence(struct reader *r, const yaml_event_t *start, int depth)
{
	struct ynode *n = new_node(r, Y_SEQ, start), *kid;
	size_t mark = r->kids.n;
	yaml_event_t e;

	for (;;) {
		if (next(r, &e))
			return NULL;
		if (e.type == YAML_SEQUENCE_END_EVENT)
			break;
		kid = node(r, &e, depth + 1);
		yaml_event_delete(&e);
		if (!kid)
			return NULL;
		vec_push(r->a, &r->kids, kid);
	}
	yaml_event_delete(&e);
	close_kids(r, n, mark);
	return n;
}

static int
check_key(struct reader *r, const struct ynode *k)
{
	if (k->kind == Y_SCALAR && !k->quoted && str_eq(k->s, "<<")) {
		diag_error(r->d, ynode_pos(k),
		           "key '<<': maps are not merged here");
		return fail(r);
	}
	if (k->kind == Y_SCALAR && (k->len > 0 || k->quoted))
		return 0;
	diag_error(r->d, ynode_pos(k), "%s as a key: keys are words",
	           k->kind == Y_SCALAR ? "nothing" :
	           k->kind == Y_SEQ ? "a list" : "a map");
	return fail(r);
}

static void
twice(struct reader *r, const struct ynode *first, const struct ynode *second)
{
	diag_error(r->d, ynode_pos(second), "key '%s' stands here a second time",
	           second->s);
	diag_note(r->d, ynode_pos(first), "the first time");
	r->failed = true;
}

/* Small maps by comparing, large ones by a hash. */
static void
check_twice(struct reader *r, const struct ynode *n)
{
	struct map m;
	int j;

	if (n->nkids <= 32) {
		for (size_t i = 2; i < n->nkids; i += 2)
			for (size_t k = 0; k < i; k += 2)
				if (str_eq(n->kids[i]->s, n->kids[k]->s)) {
					twice(r, n->kids[k], n->kids[i]);
					break;
				}
		return;
	}
	map_init(&m, r->a);
	for (size_t i = 0; i < n->nkids; i += 2) {
		j = map_add(&m, n->kids[i]->s, (int)i);
		if (j >= 0)
			twice(r, n->kids[j], n->kids[i]);
	}
}

static struct ynode *
mapping(struct reader *r, const yaml_event_t *start, int depth)
{
	struct ynode *n = new_node(r, Y_MAP, start), *kid;
	size_t mark = r->kids.n;
	yaml_event_t e;

	for (;;) {
		if (next(r, &e))
			return NULL;
		if (e.type == YAML_MAPPING_END_EVENT)
			break;
		kid = node(r, &e, depth + 1);
		yaml_event_delete(&e);
		if (!kid)
			return NULL;
		if ((r->kids.n - mark) % 2 == 0 && check_key(r, kid))
			return NULL;
		vec_push(r->a, &r->kids, kid);
	}
	yaml_event_delete(&e);
	close_kids(r, n, mark);
	check_twice(r, n);
	return n;
}

static struct ynode *
node(struct reader *r, yaml_event_t *e, int depth)
{
	if (plain_node(r, e))
		return NULL;
	if (depth > DEPTH_MAX) {
		diag_error(r->d, place(r, &e->start_mark),
		           "nested deeper than %d levels", DEPTH_MAX);
		fail(r);
		return NULL;
	}
	if (e->type == YAML_SCALAR_EVENT)
		return scalar(r, e);
	if (e->type == YAML_SEQUENCE_START_EVENT)
		return sequence(r, e, depth);
	if (e->type == YAML_MAPPING_START_EVENT)
		return mapping(r, e, depth);
	BUG("event %d", (int)e->type);
}

/* The end of the line on which byte at lies, its \n included. */
static size_t
line_end(const struct source *src, size_t at)
{
	const char *nl = memchr(src->text + at, '\n', src->len - at);

	return nl ? (size_t)(nl - src->text) + 1 : src->len;
}

/* The end of a document: "..." has to stand there, or the file may have been
 * cut off. */
static int
document_end(struct reader *r, struct ydoc *doc, size_t from)
{
	yaml_event_t e;
	struct pos at;

	if (next(r, &e))
		return -1;
	at = place(r, &e.end_mark);
	if (e.data.document_end.implicit) {
		diag_error(r->d, at, "'...' is missing at the end of the document: "
		           "it may have been cut off");
		yaml_event_delete(&e);
		return fail(r);
	}
	yaml_event_delete(&e);
	doc->text = r->src->text + from;
	doc->len = line_end(r->src, r->cur.bytes) - from;
	return 0;
}

static int
document(struct reader *r, const yaml_event_t *start, struct ydoc *doc,
         size_t from)
{
	yaml_event_t e;

	if (start->data.document_start.version_directive ||
	    start->data.document_start.tag_directives.start !=
	    start->data.document_start.tag_directives.end) {
		diag_error(r->d, place(r, &start->start_mark),
		           "%%-directives are not used here");
		return fail(r);
	}
	doc->marked = !start->data.document_start.implicit;
	if (next(r, &e))
		return -1;
	doc->root = node(r, &e, 1);
	yaml_event_delete(&e);
	if (!doc->root)
		return -1;
	return document_end(r, doc, from);
}

static int
stream(struct reader *r, struct ydoc **docs, size_t *ndocs)
{
	VEC(struct ydoc) v = {0};
	size_t from = 0;
	yaml_event_t e;
	bool end = false;

	while (!end && !r->stop) {
		if (next(r, &e))
			return -1;
		end = e.type == YAML_STREAM_END_EVENT;
		if (e.type == YAML_DOCUMENT_START_EVENT) {
			struct ydoc *doc = vec_add(r->a, &v);

			if (document(r, &e, doc, from) == 0)
				from += doc->len;
		}
		yaml_event_delete(&e);
	}
	if (v.n && !r->stop)	/* comments behind the last "..." */
		v.v[v.n - 1].len += r->src->len - from;
	*docs = v.v;
	*ndocs = v.n;
	return r->failed ? -1 : 0;
}

int
ytree_read(struct arena *a, const struct source *src, struct ydoc **docs,
           size_t *ndocs, struct diag *d)
{
	struct reader r = {.a = a, .src = src, .d = d, .cur.line = 1};
	size_t bad;
	int status;

	*docs = NULL;
	*ndocs = 0;
	if (!scalar_is_utf8(src->text, src->len, &bad))
		return diag_error(d, byte_place(src, bad),
		                  "byte 0x%02x is not UTF-8 text",
		                  (unsigned char)src->text[bad]);
	if (!yaml_parser_initialize(&r.parser))
		BUG("libyaml does not start");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser,
	                             (const unsigned char *)src->text, src->len);
	status = stream(&r, docs, ndocs);
	yaml_parser_delete(&r.parser);
	if (status == 0 && *ndocs == 0)
		status = diag_error(d, byte_place(src, 0),
		                    "empty input, expected a YAML document");
	return status;
}

struct pos
ynode_pos(const struct ynode *n)
{
	if (!n)
		return POS_NONE;
	return (struct pos){n->src, n->line, n->col};
}

static size_t
find(const struct ynode *map, const char *key)
{
	size_t i = 0;

	if (!map || map->kind != Y_MAP)
		return SIZE_MAX;
	while (i < map->nkids && !str_eq(map->kids[i]->s, key))
		i += 2;
	return i < map->nkids ? i : SIZE_MAX;
}

const struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
	size_t i = find(map, key);

	return i == SIZE_MAX ? NULL : map->kids[i + 1];
}

struct pos
ynode_key_pos(const struct ynode *n, const char *key)
{
	const struct ynode *v = ynode_get(n, key);

	return ynode_pos(v ? v : n);
}
