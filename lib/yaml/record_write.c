/* Writes records by their field tables.  Optional fields that are what they are
 * when they are absent are left out. */
#include "base/str.h"
#include "yaml/record.h"

static const void *
in_offset(const void *rec, const struct field *f)
{
	return (const char *)rec + f->offset;
}

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
	case FIELD_IRANGE:
		return !((const struct irange *)p)->text &&
		       ((const struct irange *)p)->lo == 0 &&
		       ((const struct irange *)p)->hi == -1;
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

/* What has no comma, which would end it in a flow map, and begins as no list
 * does, needs no quotes. */
static void
put_irange(struct ywriter *w, const struct irange *v)
{
	const char *s = v->text;

	if (!s)
		put_range(w, (struct range){v->lo, v->hi});
	else if (s[strspn(s, "ixyz0123456789+-*/(). ")] ||
	         strchr(" -", s[0]) || s[strlen(s) - 1] == ' ')
		yw_str(w, s);
	else
		yw_raw(w, s);
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

/* What a reader would refuse is not written: the fault is here. */
static void
put_int(struct ywriter *w, const struct field *f, int64_t v)
{
	if (v < f->lo || v > f->hi)
		BUG("%s: %lld is not in [%lld, %lld]", f->member, (long long)v,
		    (long long)f->lo, (long long)f->hi);
	yw_int(w, v);
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
		put_int(w, f, *(const int64_t *)p);
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
	case FIELD_IRANGE:
		put_irange(w, p);
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
		snprintf(key, sizeof key, "%.*s", (int)field_key_len(f), f->member);
		yw_key(w, key);
		put_field(w, f, p);
	}
}
