/* The head of a kernel file: read as YAML with places in the kernel file
 * (kernel_head.c), and checked against its form, so that a bad head is refused
 * when it is read and not when some model happens to match it. */
#include <string.h>

#include "base/str.h"
#include "rkernel/kernel.h"
#include "rkernel/layout.h"

#include "yaml/record_tables.h"
#include "rkernel/kernel.def"
#include "yaml/record_undef.h"

struct reading {
	struct kernel *k;
	struct arena *a;
	struct diag *d;
	const struct ynode *root;
};

/* --- names ------------------------------------------------------------------------ */

/* The parts of text between commas outside parentheses. */
static void
split(struct arena *a, const char *text, size_t n, struct strs *out)
{
	const char *from = text, *s = text;
	int depth = 0;

	for (; s <= text + n; s++) {
		if (s < text + n && *s == '(')
			depth++;
		if (s < text + n && *s == ')')
			depth--;
		if (s < text + n && (*s != ',' || depth > 0))
			continue;
		while (from < s && *from == ' ')
			from++;
		vec_push(a, out, (const char *)arena_strndup(a, from,
			(size_t)(s - from)));
		from = s + 1;
	}
}

static bool
is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return n > 0 && !s[n] && !(*s >= '0' && *s <= '9');
}

/* The x, y, z of regions and names that C or CUDA give to something else. */
static bool
reserved(const char *s)
{
	return words_have("x y z VLEN LOAD STORE blockIdx gridDim threadIdx "
	                  "blockDim int float double char if else for while do "
	                  "return void const", s, strlen(s));
}

/* prefix, then _rank or _ and digits. */
static bool
is_item(const char *name, const char *prefix, size_t n)
{
	const char *s = name + n + 1;

	if (strncmp(name, prefix, n) != 0 || name[n] != '_')
		return false;
	return str_eq(s, "rank") || (*s && !s[strspn(s, "0123456789")]);
}

static bool
shape_knows(const struct kernel *k, const char *name)
{
	for (size_t i = 0; i < k->args.n; i++) {
		const struct karg *g = &k->args.v[i];

		if (strncmp(name, g->name, strlen(g->name)) == 0 &&
		    str_eq(name + strlen(g->name), "_elems"))
			return true;
		for (size_t j = 0; j < g->dims.n; j++) {
			const struct kdim *m = &g->dims.v[j];

			if (m->kind == DIM_NAME && str_eq(m->name, name))
				return true;
			if (m->kind == DIM_REST &&
			    is_item(name, m->name, strlen(m->name)))
				return true;
		}
	}
	return false;
}

static bool
attr_knows(const struct kernel *k, const char *name)
{
	const char *words = k->form->attrs, *s;
	size_t n;

	while ((s = words_next(&words, &n)))
		if ((strlen(name) == n && memcmp(s, name, n) == 0) ||
		    is_item(name, s, n))
			return true;
	for (size_t i = 0; i < k->head.attrs.n; i++) {
		const struct pair *p = &k->head.attrs.v[i];
		size_t len = strlen(p->key);

		words = p->value;
		if (strncmp(name, p->key, len) == 0 && name[len] == '_' &&
		    words_have(words, name + len + 1, strlen(name + len + 1)))
			return true;
	}
	return false;
}

bool
kernel_head_knows(const struct kernel *k, const char *name)
{
	for (size_t i = 0; i < k->tune.n; i++)
		if (str_eq(k->tune.v[i].name, name))
			return true;
	return (k->target == TARGET_HOST && str_eq(name, "VLEN")) ||
		shape_knows(k, name) || attr_knows(k, name);
}

/* The constants before n of the file, which may name those before them. */
struct consts {
	const struct kernel *k;
	size_t n;
};

static bool const_knows(const struct kernel *k, const char *name, size_t n);

static bool
known_before(const void *consts, const char *name)
{
	const struct consts *c = consts;

	return kernel_head_knows(c->k, name) || const_knows(c->k, name, c->n);
}

static bool
const_knows(const struct kernel *k, const char *name, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		const struct consts c = {k, i};

		if (k->consts.v[i].value && str_eq(k->consts.v[i].name, name))
			return !expr_unknown(k->consts.v[i].value, known_before,
			                     &c);
	}
	return false;
}

bool
kernel_knows(const void *kernel, const char *name)
{
	const struct kernel *k = kernel;

	return kernel_head_knows(k, name) || const_knows(k, name, k->consts.n);
}

const struct karg *
kernel_arg(const struct kernel *k, const char *name)
{
	for (size_t i = 0; i < k->args.n; i++)
		if (str_eq(k->args.v[i].name, name))
			return &k->args.v[i];
	return NULL;
}

/* --- arguments -------------------------------------------------------------------- */

static int
read_dim(struct reading *r, struct karg *g, const char *text, struct pos at)
{
	struct kdim m = {.kind = DIM_NAME, .name = text};

	if (*text >= '0' && *text <= '9') {
		m.kind = DIM_NUMBER;
		for (; *text >= '0' && *text <= '9' && m.n < 1 << 30; text++)
			m.n = m.n * 10 + (*text - '0');
		if (*text)
			return diag_error(r->d, at, "expected a number, a name "
			                  "or *NAME, not '%.40s'", m.name);
	} else if (*text == '*') {
		m.kind = DIM_REST;
		m.name++;
		for (size_t i = 0; i < g->dims.n; i++)
			if (g->dims.v[i].kind == DIM_REST)
				return diag_error(r->d, at, "a second *NAME in "
				                  "the shape of %s", g->name);
	}
	if (m.kind != DIM_NUMBER && (!is_name(m.name) || reserved(m.name)))
		return diag_error(r->d, at, "'%.40s' cannot be the name of a "
		                  "dimension", m.name);
	vec_push(r->a, &g->dims, m);
	return 0;
}

static int
read_shape(struct reading *r, struct karg *g)
{
	const char *text = kernel_entry(&r->k->head.shapes, g->name);
	struct pos at = kernel_entry_pos(r->k, "shapes", g->name);
	struct strs items = {0};
	size_t n;

	if (!text)
		return diag_error(r->d, record_pos(&r->k->head, "shapes"),
		                  "no shape for argument %s of form %s", g->name,
		                  r->k->form->name);
	n = strlen(text);
	if (n < 2 || text[0] != '[' || text[n - 1] != ']')
		return diag_error(r->d, at, "expected a list of dimensions");
	if (strspn(text + 1, " ") == n - 2)
		return 0;
	split(r->a, text + 1, n - 2, &items);
	for (size_t i = 0; i < items.n; i++)
		if (read_dim(r, g, items.v[i], at) < 0)
			return -1;
	return 0;
}

static int
read_type(struct reading *r, struct karg *g)
{
	g->type = kernel_entry(&r->k->head.types, g->name);
	if (!g->type)
		return diag_error(r->d, record_pos(&r->k->head, "types"),
		                  "no type for argument %s of form %s", g->name,
		                  r->k->form->name);
	if (str_eq(g->type, "any") || dtype_from_word(g->type) >= 0 ||
	    (g->type[0] >= 'A' && g->type[0] <= 'Z' && !g->type[1]))
		return 0;
	return diag_error(r->d, kernel_entry_pos(r->k, "types", g->name),
	                  "unknown type '%.40s' (a type, 'any', or a capital "
	                  "letter)", g->type);
}

/* A layout fits its argument's rank; whether blocks divide is seen later. */
static int
read_layout(struct reading *r, struct karg *g)
{
	struct ints ones = {0}, stored;

	g->layout = kernel_entry(&r->k->head.layout, g->name);
	if (!g->layout)
		return 0;
	for (size_t i = 0; i < g->dims.n; i++) {
		if (g->dims.v[i].kind == DIM_REST)
			return diag_error(r->d, kernel_entry_pos(r->k, "layout",
			                  g->name), "a layout needs a shape without *");
		vec_push(r->a, &ones, 0);	/* any block divides 0 */
	}
	if (layout_stored(r->a, g->layout, &ones, &stored) < 0)
		return diag_error(r->d, kernel_entry_pos(r->k, "layout", g->name),
		                  "'%.40s' is no layout of %zu dimensions (such "
		                  "as NCHW16c)", g->layout, g->dims.n);
	return 0;
}

static int
read_args(struct reading *r, const char *words, bool out)
{
	const char *s;
	size_t n;
	int bad = 0;

	while ((s = words_next(&words, &n))) {
		struct karg g = {.name = arena_strndup(r->a, s, n), .out = out,
		                 .param = -1};

		bad |= read_type(r, &g);
		bad |= read_shape(r, &g);
		bad |= bad ? 0 : read_layout(r, &g);
		vec_push(r->a, &r->k->args, g);
	}
	return bad;
}

/* Every key of a map of the head is an argument of the form. */
static int
check_keys(struct reading *r, const char *map, const struct pairs *l)
{
	int bad = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!kernel_arg(r->k, l->v[i].key))
			bad = diag_error(r->d, kernel_entry_pos(r->k, map,
			                 l->v[i].key), "form %s has no argument '%.40s'",
			                 r->k->form->name, l->v[i].key);
	return bad;
}

static int
check_attrs(struct reading *r)
{
	int bad = 0;

	for (size_t i = 0; i < r->k->head.attrs.n; i++) {
		const char *key = r->k->head.attrs.v[i].key;

		if (!words_have(r->k->form->attrs, key, strlen(key)))
			bad = diag_error(r->d, kernel_entry_pos(r->k, "attrs", key),
			                 "form %s has no attribute '%.40s'",
			                 r->k->form->name, key);
	}
	return bad;
}

/* --- tunables, expressions, regions --------------------------------------------------- */

static int
read_tune(struct reading *r)
{
	for (size_t i = 0; i < r->k->head.tune.n; i++) {
		const struct attr *t = &r->k->head.tune.v[i];
		struct ktune *u = vec_add(r->a, &r->k->tune);
		struct pos at = kernel_entry_pos(r->k, "tune", t->name);

		u->name = t->name;
		if (t->kind == ATTR_INT)
			vec_push(r->a, &u->values, t->i);
		else if (t->kind == ATTR_INTS && t->ints.n)
			u->values = t->ints;
		else
			return diag_error(r->d, at, "tunable '%s' is no list of "
			                  "integers", t->name);
		if (!is_name(t->name) || reserved(t->name) ||
		    shape_knows(r->k, t->name) || attr_knows(r->k, t->name))
			return diag_error(r->d, at, "'%s' cannot be the name of "
			                  "a tunable", t->name);
	}
	return 0;
}

static int
read_expr(struct reading *r, const char *key, const char *text,
          struct expr **out)
{
	struct pos at = record_pos(&r->k->head, key);
	const char *u;

	if (!text)
		return 0;
	if (!(*out = expr_parse(r->a, text, at, r->d)))
		return -1;
	if ((u = expr_unknown(*out, kernel_knows, r->k)))
		return diag_error(r->d, at, "unknown name '%s' in '%.60s'", u,
		                  text);
	return 0;
}

static int
read_exprs(struct reading *r, const char *key, const char *text, int max,
           struct expr ***out, size_t *n)
{
	VEC(struct expr *) v = {0};
	struct strs items = {0};

	split(r->a, text, strlen(text), &items);
	if ((int)items.n > max)
		return diag_error(r->d, record_pos(&r->k->head, key),
		                  "more than %d numbers", max);
	for (size_t i = 0; i < items.n; i++)
		if (read_expr(r, key, items.v[i], vec_add(r->a, &v)) < 0)
			return -1;
	*out = v.v;
	*n = v.n;
	return 0;
}

static int
read_grid(struct reading *r)
{
	struct str s;
	int bad;

	if (!r->k->head.grid.n)
		return diag_error(r->d, record_pos(&r->k->head, "grid"),
		                  "expected one to three numbers");
	str_init(&s);
	for (size_t i = 0; i < r->k->head.grid.n; i++)
		str_addf(&s, i ? ", %s" : "%s", r->k->head.grid.v[i]);
	bad = read_exprs(r, "grid", s.s, 3, &r->k->grid.v, &r->k->grid.n);
	str_release(&s);
	return bad;
}

/* Stored dimensions of an argument; -1: any (a * is in its shape). */
static int
stored_rank(struct reading *r, const struct karg *g)
{
	struct ints zeros = {0}, stored;

	for (size_t i = 0; i < g->dims.n; i++) {
		if (g->dims.v[i].kind == DIM_REST)
			return -1;
		vec_push(r->a, &zeros, 0);
	}
	if (layout_stored(r->a, g->layout, &zeros, &stored) < 0)
		return -1;
	return (int)stored.n;
}

static int
read_region(struct reading *r, const char *map, const struct pair *p,
            bool written)
{
	struct karg *g = (struct karg *)kernel_arg(r->k, p->key);
	struct pos at = kernel_entry_pos(r->k, map, p->key);
	const char *u;
	int rank;

	if (g->out != written)
		return diag_error(r->d, at, "argument %s is %s", g->name,
		                  g->out ? "written, not read" :
		                  "read, not written");
	if (!(g->region = region_parse(r->a, p->value, at, r->d)))
		return -1;
	if ((u = region_unknown(g->region, kernel_knows, r->k)))
		return diag_error(r->d, at, "unknown name '%s' in '%.60s'", u,
		                  p->value);
	rank = stored_rank(r, g);
	if (rank >= 0 && !region_suits(g->region, (size_t)rank))
		return diag_error(r->d, at, "region '%.60s' has another rank "
		                  "than %s as stored, %d", p->value, g->name,
		                  rank);
	return 0;
}

static int
read_regions(struct reading *r)
{
	const struct khead *h = &r->k->head;
	int bad = 0;

	for (size_t i = 0; i < h->reads.n; i++)
		bad |= read_region(r, "reads", &h->reads.v[i], false);
	for (size_t i = 0; i < h->writes.n; i++)
		bad |= read_region(r, "writes", &h->writes.v[i], true);
	return bad;
}

static int
read_parts(struct reading *r)
{
	struct kernel *k = r->k;
	struct khead *h = &k->head;
	int bad = read_tune(r);

	bad |= read_grid(r);
	if (h->threads)
		bad |= read_exprs(r, "threads", h->threads, 3, &k->threads.v,
		                  &k->threads.n);
	else if (k->target != TARGET_HOST)
		bad = diag_error(r->d, record_pos(h, "kernel"), "no 'threads': "
		                 "a block's size must be said");
	bad |= read_expr(r, "when", h->when, &k->when);
	bad |= read_expr(r, "shared", h->shared, &k->shared);
	bad |= read_expr(r, "flops", h->flops, &k->flops);
	bad |= read_expr(r, "bytes", h->bytes, &k->bytes);
	return bad | read_regions(r);
}

/* --- the whole ---------------------------------------------------------------------- */

static bool
has_assembly(const struct tokens *t)
{
	static const char *const words[] = {"asm", "__asm", "__asm__"};

	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < sizeof words / sizeof *words; j++)
			if (t->v[i].kind == TOK_NAME &&
			    token_is(&t->v[i], words[j]))
				return true;
	return false;
}

/* The form of an operator of another domain: its arguments are those of
 * "types", A0, A1 ... read and Y0, Y1 ... written, its attributes those that
 * "attrs" names. */
static const struct form *
custom_form(struct reading *r)
{
	const struct khead *h = &r->k->head;
	struct form *f = arena_new(r->a, struct form);

	*f = (struct form){h->form, "", "", "", "of another domain"};
	for (size_t i = 0; i < h->types.n; i++) {
		const char *key = h->types.v[i].key;
		const char **words = *key == 'Y' ? &f->outs : &f->ins;

		if ((*key != 'A' && *key != 'Y') || !key[1] ||
		    key[1 + strspn(key + 1, "0123456789")]) {
			diag_error(r->d, kernel_entry_pos(r->k, "types", key),
			           "form %s has arguments A0, A1 ... and Y0, Y1 ..., not "
			           "'%.40s'", h->form, key);
			return NULL;
		}
		*words = arena_printf(r->a, "%s%s%s", *words,
		                      **words ? " " : "", key);
	}
	for (size_t i = 0; i < h->attrs.n; i++)
		f->attrs = arena_printf(r->a, "%s%s%s", f->attrs,
		                        *f->attrs ? " " : "",
		                        h->attrs.v[i].key);
	return f;
}

static int
unknown_form(struct reading *r)
{
	struct strs names = {0};
	const char *near;

	for (size_t i = 0; i < form_count; i++)
		vec_push(r->a, &names, form_list[i].name);
	near = str_nearest(r->k->head.form, names.v, names.n);
	return diag_error(r->d, record_pos(&r->k->head, "form"), near ?
	                  "unknown form '%.40s' (did you mean '%s'?)" :
	                  "unknown form '%.40s'", r->k->head.form, near);
}

static int
read_head(struct reading *r)
{
	struct khead *h = &r->k->head;
	int bad;

	kernel_head_text(r->a, r->root);
	if (record_read(&khead_record, r->root, h, r->a, r->d) < 0)
		return -1;
	if (!is_name(h->kernel) || reserved(h->kernel))
		return diag_error(r->d, record_pos(h, "kernel"),
		                  "'%.40s' cannot be the name of a function",
		                  h->kernel);
	if (strstr(h->form, "::")) {
		if (!(r->k->form = custom_form(r)))
			return -1;
	} else if (!(r->k->form = form_find(h->form))) {
		return unknown_form(r);
	}
	bad = read_args(r, r->k->form->ins, false);
	bad |= read_args(r, r->k->form->outs, true);
	bad |= check_keys(r, "types", &h->types);
	bad |= check_keys(r, "shapes", &h->shapes);
	bad |= check_keys(r, "layout", &h->layout);
	bad |= check_keys(r, "reads", &h->reads);
	bad |= check_keys(r, "writes", &h->writes);
	bad |= check_attrs(r);
	return bad ? -1 : read_parts(r);
}

int
kernel_read(struct kernel *k, struct arena *a, const struct source *src,
            enum target_kind t, struct diag *d)
{
	struct reading r = {k, a, d, NULL};
	struct source *keep = arena_new(a, struct source), *head;
	struct ydoc *docs;
	size_t ndocs, end;

	*keep = *src;
	*k = (struct kernel){.target = t, .src = *src};
	head = kernel_head(a, keep, &end, d);
	if (!head || ytree_read(a, head, &docs, &ndocs, d) < 0 ||
	    kernel_read_file(k, a, keep, end, d) < 0)
		return -1;
	if (ndocs != 1)
		return diag_error(d, (struct pos){keep, 1, 1},
		                  "a head is one YAML document");
	r.root = docs[0].root;
	if (read_head(&r) < 0)
		return -1;
	kernel_find_reached(k, a);
	if (kernel_read_source(k, a, d) < 0)
		return -1;
	k->assembly = has_assembly(&k->toks);
	return 0;
}
