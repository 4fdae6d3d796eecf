/* Reads records by their field tables: every key is known and there once, every
 * value of its type and in its range, or there is a diagnostic with the place. */
#include "base/str.h"
#include "yaml/record.h"
#include "yaml/scalar.h"

struct reading {
	struct arena *a;
	struct diag *d;
	bool failed;
};

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

/* One end of a range, with its whole text in the message. */
static const struct expr *
take_end(struct reading *r, struct pos at, const char *text)
{
	const struct expr *e = expr_parse(r->a, text, at, r->d);
	const char *what = e ? expr_unknown(e, irange_name, NULL) : NULL;

	if (what)
		diag_error(r->d, at, "unknown name '%s' in '%s': there are i, the "
		           "rTask's number, and x, y, z, its place in the grid",
		           what, text);
	return what ? NULL : e;
}

static void
take_irange(struct reading *r, const struct ynode *n, const char *name,
            struct irange *out)
{
	struct pos at = ynode_pos(n);
	struct range v = {0, -1};
	const char *dots;

	if (n->kind != Y_SCALAR || range_text(n, &v)) {
		take_range(r, n, name, &v);
		*out = (struct irange){.lo = v.lo, .hi = v.hi};
		return;
	}
	dots = strstr(n->s, "..");
	if (!dots) {
		wrong(r, n, name, "a range a..b");
		return;
	}
	at.col += n->quoted;
	out->text = n->s;
	out->from = take_end(r, at, arena_strndup(r->a, n->s,
	                     (size_t)(dots - n->s)));
	at.col += (int)(dots - n->s) + 2;
	out->to = take_end(r, at, dots + 2);
	r->failed |= !out->from || !out->to;
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
	case FIELD_IRANGE:
		take_irange(r, n, key, p);
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

static bool
has_key(const struct field *f, const char *key, size_t len)
{
	return field_key_len(f) == len && memcmp(f->member, key, len) == 0;
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
		           (char *)out + rec->fields[j].offset);
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
