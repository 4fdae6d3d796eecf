/* Reads and writes records by their field tables (record.h). */
#include "yaml/record.h"

#include "base/str.h"
#include "yaml/scalar.h"

struct reading {
	struct arena *a;
	struct diag *d;
	bool failed;
};

static void *
at_offset(void *rec, const struct field *f)
{
	return (char *)rec + f->offset;
}

static const void *
in_offset(const void *rec, const struct field *f)
{
	return (const char *)rec + f->offset;
}

/* The key is the member's name without a trailing '_'. */
static size_t
key_len(const struct field *f)
{
	size_t n = strlen(f->member);

	return n > 1 && f->member[n - 1] == '_' ? n - 1 : n;
}

const char *
field_key(struct arena *a, const struct field *f)
{
	return arena_strndup(a, f->member, key_len(f));
}

static bool
has_key(const struct field *f, const char *key, size_t len)
{
	return key_len(f) == len && memcmp(f->member, key, len) == 0;
}

void
record_defaults(const struct record *r, void *out)
{
	memset(out, 0, r->size);
	for (size_t i = 0; i < r->nfields; i++) {
		const struct field *f = &r->fields[i];
		void *p = at_offset(out, f);

		if (f->kind == FIELD_INT)
			*(int64_t *)p = f->def;
		else if (f->kind == FIELD_FLOAT)
			*(double *)p = f->fdef;
		else if (f->kind == FIELD_BOOL)
			*(bool *)p = f->def != 0;
		else if (f->kind == FIELD_ENUM)
			*(int *)p = (int)f->def;
		else if (f->kind == FIELD_RANGE)
			*(struct range *)p = (struct range){0, -1};
	}
}

/* --- scalars ---------------------------------------------------------------- */

static const char *
what_it_is(const struct ynode *n)
{
	switch (n->kind) {
	case Y_SEQ:
		return "a list";
	case Y_MAP:
		return "a map";
	case Y_SCALAR:
		return n->quoted ? "a string" : n->len ? n->s : "nothing";
	}
	BUG("node kind %d", (int)n->kind);
}

static void
wrong(struct reading *r, const struct ynode *n, const char *name,
      const char *expected)
{
	bool text = n->kind == Y_SCALAR && !n->quoted && n->len;

	r->failed = true;
	diag_error(r->d, ynode_pos(n), "'%s' is %s%.60s%s, expected %s", name,
	           text ? "'" : "", what_it_is(n), text ? "'" : "", expected);
}

static bool
take_str(struct reading *r, const struct ynode *n, const char *name,
         const char **out)
{
	if (n->kind != Y_SCALAR || (!n->quoted && !n->len)) {
		wrong(r, n, name, "a string");
		return false;
	}
	if (!n->quoted && !scalar_is_string(n->s)) {
		r->failed = true;
		diag_error(r->d, ynode_pos(n), "'%s' is a string, and '%.60s' means "
		           "something else in YAML: put it in double quotes",
		           name, n->s);
		return false;
	}
	*out = n->s;
	return true;
}

static bool
take_int(struct reading *r, const struct ynode *n, const char *name,
         int64_t lo, int64_t hi, int64_t *out)
{
	if (!ynode_int(n, out)) {
		wrong(r, n, name, "an integer of 64 bits");
		return false;
	}
	if (*out >= lo && *out <= hi)
		return true;
	r->failed = true;
	if (hi == INT64_MAX)
		diag_error(r->d, ynode_pos(n), "'%s' is %s, expected at least %lld",
		           name, n->s, (long long)lo);
	else
		diag_error(r->d, ynode_pos(n), "'%s' is %s, expected %lld to %lld",
		           name, n->s, (long long)lo, (long long)hi);
	return false;
}

static bool
take_float(struct reading *r, const struct ynode *n, const char *name,
           double *out)
{
	if (ynode_float(n, out))
		return true;
	wrong(r, n, name, "a number");
	return false;
}

static void
take_enum(struct reading *r, const struct ynode *n, const char *name,
          const struct enum_table *t, int *out)
{
	const char *near;
	struct str all;

	if (n->kind != Y_SCALAR) {
		wrong(r, n, name, "a word");
		return;
	}
	for (int i = 0; i < t->n; i++)
		if (str_eq(t->words[i], n->s)) {
			*out = i;
			return;
		}
	r->failed = true;
	near = str_nearest(n->s, t->words, (size_t)t->n);
	if (near) {
		diag_error(r->d, ynode_pos(n), "'%s' is '%.60s' (did you mean '%s'?)",
		           name, n->s, near);
		return;
	}
	str_init(&all);
	for (int i = 0; i < t->n; i++)
		str_addf(&all, "%s%s", i ? ", " : "", t->words[i]);
	diag_error(r->d, ynode_pos(n), "'%s' is '%.60s', expected one of %s",
	           name, n->s, all.s);
	str_release(&all);
}

/* "a..b", both included; both ends at least 0, or "0..-1" for none. */
static bool
range_text(const struct ynode *n, struct range *out)
{
	struct ynode half = {.kind = Y_SCALAR};
	char buf[64];
	const char *dots;

	if (n->kind != Y_SCALAR || n->len >= sizeof buf)
		return false;
	dots = strstr(n->s, "..");
	if (!dots)
		return false;
	snprintf(buf, sizeof buf, "%s", n->s);
	buf[dots - n->s] = '\0';
	half.s = buf;
	half.len = strlen(buf);
	if (!ynode_int(&half, &out->lo))
		return false;
	half.s = buf + half.len + 2;
	half.len = strlen(half.s);
	return ynode_int(&half, &out->hi);
}

static void
take_range(struct reading *r, const struct ynode *n, const char *name,
           struct range *out)
{
	struct range v;

	if (!range_text(n, &v)) {
		wrong(r, n, name, "a range a..b");
		return;
	}
	if (v.lo < 0 || v.hi < v.lo - 1) {
		r->failed = true;
		diag_error(r->d, ynode_pos(n), "'%s' is %s, expected a..b with "
		           "0 <= a <= b", name, n->s);
		return;
	}
	*out = v;
}

/* --- lists ------------------------------------------------------------------ */

static bool
is_list(struct reading *r, const struct ynode *n, const char *name)
{
	if (n->kind == Y_SEQ)
		return true;
	wrong(r, n, name, "a list");
	return false;
}

static void
take_ints(struct reading *r, const struct ynode *n, const char *name,
          struct ints *out)
{
	if (!is_list(r, n, name))
		return;
	out->v = arena_array(r->a, n->nkids, sizeof *out->v);
	out->n = out->cap = n->nkids;
	for (size_t i = 0; i < n->nkids; i++)
		take_int(r, n->kids[i], name, INT64_MIN, INT64_MAX, &out->v[i]);
}

static void
take_floats(struct reading *r, const struct ynode *n, const char *name,
            struct floats *out)
{
	if (!is_list(r, n, name))
		return;
	out->v = arena_array(r->a, n->nkids, sizeof *out->v);
	out->n = out->cap = n->nkids;
	for (size_t i = 0; i < n->nkids; i++)
		take_float(r, n->kids[i], name, &out->v[i]);
}

static void
take_strs(struct reading *r, const struct ynode *n, const char *name,
          struct strs *out)
{
	if (!is_list(r, n, name))
		return;
	out->v = arena_array(r->a, n->nkids, sizeof *out->v);
	out->n = out->cap = n->nkids;
	for (size_t i = 0; i < n->nkids; i++) {
		out->v[i] = "";
		take_str(r, n->kids[i], name, &out->v[i]);
	}
}

/* --- maps with free keys ------------------------------------------------------ */

static bool
is_map(struct reading *r, const struct ynode *n, const char *name)
{
	if (n->kind == Y_MAP)
		return true;
	wrong(r, n, name, "a map");
	return false;
}

/* KEY: text.  A number stands for its text. */
static void
take_pairs(struct reading *r, const struct ynode *n, const char *name,
           struct pairs *out)
{
	if (!is_map(r, n, name))
		return;
	for (size_t i = 0; i < n->nkids; i += 2) {
		const struct ynode *v = n->kids[i + 1];
		struct pair *p = vec_add(r->a, out);
		int64_t num;

		p->key = n->kids[i]->s;
		p->value = "";
		if (ynode_int(v, &num))
			p->value = v->s;
		else
			take_str(r, v, p->key, &p->value);
	}
}

static void
take_attr_list(struct reading *r, const struct ynode *n, struct attr *t)
{
	bool ints = true, floats = true;
	int64_t i64;
	double f64;

	for (size_t i = 0; i < n->nkids; i++) {
		ints = ints && ynode_int(n->kids[i], &i64);
		floats = floats && ynode_float(n->kids[i], &f64);
	}
	if (ints) {
		t->kind = ATTR_INTS;
		take_ints(r, n, t->name, &t->ints);
	} else if (floats) {
		t->kind = ATTR_FLOATS;
		take_floats(r, n, t->name, &t->floats);
	} else {
		t->kind = ATTR_STRS;
		take_strs(r, n, t->name, &t->strs);
	}
}

static void
take_attr(struct reading *r, const struct ynode *n, struct attr *t)
{
	if (n->kind == Y_SEQ) {
		take_attr_list(r, n, t);
	} else if (ynode_int(n, &t->i)) {
		t->kind = ATTR_INT;
	} else if (ynode_float(n, &t->f)) {
		t->kind = ATTR_FLOAT;
	} else {
		t->kind = ATTR_STR;
		t->s = "";
		take_str(r, n, t->name, &t->s);
	}
}

static void
take_attrs(struct reading *r, const struct ynode *n, const char *name,
           struct attrs *out)
{
	if (!is_map(r, n, name))
		return;
	for (size_t i = 0; i < n->nkids; i += 2) {
		struct attr *t = vec_add(r->a, out);

		t->name = n->kids[i]->s;
		take_attr(r, n->kids[i + 1], t);
	}
}

/* --- records ------------------------------------------------------------------ */

static void take_record(struct reading *r, const struct record *rec,
                        const struct ynode *n, const char *skip, void *out);

static void
take_records(struct reading *r, const struct ynode *n, const char *name,
             const struct record *sub, struct vec_any *out)
{
	if (!is_list(r, n, name))
		return;
	out->v = arena_array(r->a, n->nkids, sub->size);
	out->n = out->cap = n->nkids;
	for (size_t i = 0; i < n->nkids; i++)
		take_record(r, sub, n->kids[i], NULL,
		            (char *)out->v + i * sub->size);
}

static void
take_field(struct reading *r, const struct field *f, const char *key,
           const struct ynode *n, void *p)
{
	void *sub;

	switch (f->kind) {
	case FIELD_STR:
		take_str(r, n, key, p);
		return;
	case FIELD_INT:
		take_int(r, n, key, f->lo, f->hi, p);
		return;
	case FIELD_FLOAT:
		take_float(r, n, key, p);
		return;
	case FIELD_BOOL:
		if (!ynode_bool(n, p))
			wrong(r, n, key, "true or false");
		return;
	case FIELD_ENUM:
		take_enum(r, n, key, f->words, p);
		return;
	case FIELD_INTS:
		take_ints(r, n, key, p);
		return;
	case FIELD_FLOATS:
		take_floats(r, n, key, p);
		return;
	case FIELD_STRS:
		take_strs(r, n, key, p);
		return;
	case FIELD_RANGE:
		take_range(r, n, key, p);
		return;
	case FIELD_MAPS:
		take_pairs(r, n, key, p);
		return;
	case FIELD_ATTRS:
		take_attrs(r, n, key, p);
		return;
	case FIELD_REC:
		sub = arena_alloc(r->a, f->sub->size);
		take_record(r, f->sub, n, NULL, sub);
		*(void **)p = sub;
		return;
	case FIELD_RECS:
		take_records(r, n, key, f->sub, p);
		return;
	}
	BUG("field kind %d", (int)f->kind);
}

static void
unknown_key(struct reading *r, const struct record *rec, const struct ynode *k)
{
	VEC(const char *) names = {0};
	const char *near;

	for (size_t i = 0; i < rec->nfields; i++)
		vec_push(r->a, &names, field_key(r->a, &rec->fields[i]));
	near = str_nearest(k->s, names.v, names.n);
	r->failed = true;
	if (near)
		diag_error(r->d, ynode_pos(k),
		           "unknown key '%.60s' of a %s (did you mean '%s'?)",
		           k->s, rec->name, near);
	else
		diag_error(r->d, ynode_pos(k), "unknown key '%.60s' of a %s",
		           k->s, rec->name);
}

/* The field of key, looked for from "from" on: documents that we wrote hold
 * their fields in the order of the table. */
static size_t
find_field(const struct record *rec, const struct ynode *k, size_t from)
{
	for (size_t i = 0; i < rec->nfields; i++) {
		size_t j = (from + i) % rec->nfields;

		if (has_key(&rec->fields[j], k->s, k->len))
			return j;
	}
	return rec->nfields;
}

static void
missing_keys(struct reading *r, const struct record *rec, const struct ynode *n,
             uint64_t seen)
{
	for (size_t i = 0; i < rec->nfields; i++)
		if (rec->fields[i].required && !(seen >> i & 1)) {
			r->failed = true;
			diag_error(r->d, ynode_pos(n), "key '%s' of a %s is missing",
			           field_key(r->a, &rec->fields[i]), rec->name);
		}
}

static void
take_record(struct reading *r, const struct record *rec, const struct ynode *n,
            const char *skip, void *out)
{
	uint64_t seen = 0;
	size_t next = 0;

	if (rec->nfields > 64)
		BUG("record %s has more than 64 fields", rec->name);
	record_defaults(rec, out);
	*(const struct ynode **)out = n;
	if (!is_map(r, n, rec->name))
		return;
	for (size_t i = 0; i < n->nkids; i += 2) {
		const struct ynode *k = n->kids[i];
		size_t j = find_field(rec, k, next);

		if (skip && str_eq(k->s, skip))
			continue;
		if (j == rec->nfields) {
			unknown_key(r, rec, k);
			continue;
		}
		seen |= (uint64_t)1 << j;
		next = j + 1;
		take_field(r, &rec->fields[j], k->s, n->kids[i + 1],
		           at_offset(out, &rec->fields[j]));
	}
	missing_keys(r, rec, n, seen);
}

int
record_read(const struct record *rec, const struct ynode *n, void *out,
            struct arena *a, struct diag *d)
{
	return record_read_but(rec, n, NULL, out, a, d);
}

int
record_read_but(const struct record *rec, const struct ynode *n,
                const char *skip, void *out, struct arena *a, struct diag *d)
{
	struct reading r = {a, d, false};

	take_record(&r, rec, n, skip, out);
	return r.failed ? -1 : 0;
}

struct pos
record_pos(const void *rec, const char *key)
{
	const struct ynode *at = *(const struct ynode *const *)rec;

	return at ? ynode_key_pos(at, key) : POS_NONE;
}

struct pos
record_item_pos(const void *rec, const char *key, size_t i)
{
	const struct ynode *at = *(const struct ynode *const *)rec;
	const struct ynode *list = at ? ynode_get(at, key) : NULL;

	if (list && list->kind == Y_SEQ && i < list->nkids)
		return ynode_pos(list->kids[i]);
	return record_pos(rec, key);
}

/* --- writing ------------------------------------------------------------------ */

/* Is the optional field at p what it is when it is absent? */
static bool
is_default(const struct field *f, const void *p)
{
	switch (f->kind) {
	case FIELD_INT:
		return *(const int64_t *)p == f->def;
	case FIELD_FLOAT:
		return *(const double *)p == f->fdef;
	case FIELD_BOOL:
		return *(const bool *)p == (f->def != 0);
	case FIELD_ENUM:
		return *(const int *)p == f->def;
	case FIELD_RANGE:
		return ((const struct range *)p)->lo == 0 &&
		       ((const struct range *)p)->hi == -1;
	case FIELD_STR:
	case FIELD_REC:
		return *(void *const *)p == NULL;
	case FIELD_INTS:
	case FIELD_FLOATS:
	case FIELD_STRS:
	case FIELD_MAPS:
	case FIELD_ATTRS:
	case FIELD_RECS:
		return ((const struct vec_any *)p)->n == 0;
	}
	BUG("field kind %d", (int)f->kind);
}

static void
put_ints(struct ywriter *w, const struct ints *l)
{
	yw_seq(w, true);
	for (size_t i = 0; i < l->n; i++) {
		yw_item(w);
		yw_int(w, l->v[i]);
	}
	yw_end(w);
}

static void
put_floats(struct ywriter *w, const struct floats *l)
{
	yw_seq(w, true);
	for (size_t i = 0; i < l->n; i++) {
		yw_item(w);
		yw_float(w, l->v[i], 17);
	}
	yw_end(w);
}

static void
put_strs(struct ywriter *w, const struct strs *l)
{
	yw_seq(w, true);
	for (size_t i = 0; i < l->n; i++) {
		yw_item(w);
		yw_str(w, l->v[i]);
	}
	yw_end(w);
}

static void
put_pairs(struct ywriter *w, const struct pairs *l)
{
	yw_map(w, true);
	for (size_t i = 0; i < l->n; i++) {
		struct ynode text = {.kind = Y_SCALAR, .s = l->v[i].value,
			.len = strlen(l->v[i].value)};
		int64_t num;

		yw_key(w, l->v[i].key);
		if (ynode_int(&text, &num))
			yw_raw(w, text.s);
		else
			yw_str(w, text.s);
	}
	yw_end(w);
}

static void
put_attr(struct ywriter *w, const struct attr *t)
{
	switch (t->kind) {
	case ATTR_INT:
		yw_int(w, t->i);
		return;
	case ATTR_FLOAT:
		yw_float(w, t->f, 17);
		return;
	case ATTR_STR:
		yw_str(w, t->s ? t->s : "");
		return;
	case ATTR_INTS:
		put_ints(w, &t->ints);
		return;
	case ATTR_FLOATS:
		put_floats(w, &t->floats);
		return;
	case ATTR_STRS:
		put_strs(w, &t->strs);
		return;
	}
	BUG("attribute kind %d", (int)t->kind);
}

static void
put_attrs(struct ywriter *w, const struct attrs *l)
{
	yw_map(w, true);
	for (size_t i = 0; i < l->n; i++) {
		yw_key(w, l->v[i].name);
		put_attr(w, &l->v[i]);
	}
	yw_end(w);
}

static void
put_range(struct ywriter *w, struct range v)
{
	char buf[64];

	snprintf(buf, sizeof buf, "%lld..%lld", (long long)v.lo, (long long)v.hi);
	yw_raw(w, buf);
}

static void
put_record(struct ywriter *w, const struct record *rec, const void *in)
{
	yw_map(w, !rec->block);
	record_write(rec, in, w);
	yw_end(w);
}

/* A line that is one thing, "- barrier: {}", needs no braces around it. */
static bool
is_single(const struct record *rec, const void *in)
{
	const struct field *only = NULL;

	for (size_t i = 0; i < rec->nfields; i++) {
		const struct field *f = &rec->fields[i];

		if (!f->required && is_default(f, in_offset(in, f)))
			continue;
		if (only || f->kind != FIELD_REC)
			return false;
		only = f;
	}
	return only != NULL;
}

static void
put_records(struct ywriter *w, const struct record *sub,
            const struct vec_any *l)
{
	yw_seq(w, l->n == 0);
	for (size_t i = 0; i < l->n; i++) {
		const void *in = (const char *)l->v + i * sub->size;

		yw_item(w);
		yw_map(w, !sub->block && !is_single(sub, in));
		record_write(sub, in, w);
		yw_end(w);
	}
	yw_end(w);
}

static void
put_word(struct ywriter *w, const struct field *f, int v)
{
	if (v < 0 || v >= f->words->n)
		BUG("%s: %s has no word for %d", f->member, f->words->name, v);
	yw_str(w, f->words->words[v]);
}

static void
put_field(struct ywriter *w, const struct field *f, const void *p)
{
	const char *s;

	switch (f->kind) {
	case FIELD_STR:
		s = *(const char *const *)p;
		yw_str(w, s ? s : "");
		return;
	case FIELD_INT:
		yw_int(w, *(const int64_t *)p);
		return;
	case FIELD_FLOAT:
		yw_float(w, *(const double *)p, 17);
		return;
	case FIELD_BOOL:
		yw_bool(w, *(const bool *)p);
		return;
	case FIELD_ENUM:
		put_word(w, f, *(const int *)p);
		return;
	case FIELD_INTS:
		put_ints(w, p);
		return;
	case FIELD_FLOATS:
		put_floats(w, p);
		return;
	case FIELD_STRS:
		put_strs(w, p);
		return;
	case FIELD_RANGE:
		put_range(w, *(const struct range *)p);
		return;
	case FIELD_MAPS:
		put_pairs(w, p);
		return;
	case FIELD_ATTRS:
		put_attrs(w, p);
		return;
	case FIELD_REC:
		if (!*(void *const *)p)
			BUG("record field %s is not set", f->member);
		put_record(w, f->sub, *(void *const *)p);
		return;
	case FIELD_RECS:
		put_records(w, f->sub, p);
		return;
	}
	BUG("field kind %d", (int)f->kind);
}

void
record_write(const struct record *rec, const void *in, struct ywriter *w)
{
	char key[64];

	for (size_t i = 0; i < rec->nfields; i++) {
		const struct field *f = &rec->fields[i];
		const void *p = in_offset(in, f);

		if (!f->required && is_default(f, p))
			continue;
		snprintf(key, sizeof key, "%.*s", (int)key_len(f), f->member);
		yw_key(w, key);
		put_field(w, f, p);
	}
}
