/* Field tables: one description of a format's fields makes the struct, the
 * reader, the writer, the JSON Schema and the table in the man page.
 *
 * A format is a .def file of rows in lib/ir.  Including it between
 * record_structs.h ... makes the structs; including it in one .c with
 * record_tables.h makes the tables that the functions below walk.  Rows:
 *
 *	RECORD(rec, style, doc)			style: FLOW (one line) or BLOCK
 *	STR(rec, member, req, doc)		const char *member
 *	INT(rec, member, req, def, lo, hi, doc)	int64_t member
 *	FLOAT(rec, member, req, def, doc)	double member
 *	BOOL(rec, member, req, def, doc)	bool member
 *	ENUM(rec, member, req, def, table, doc)	int member; table: enum_table
 *	INTS(rec, member, req, doc)		struct ints member (flow list)
 *	FLOATS, STRS(rec, member, req, doc)	struct floats / strs member
 *	RANGE(rec, member, req, doc)		struct range member: "a..b"
 *	IRANGE(rec, member, req, doc)		struct irange member: "2*i..2*i+1"
 *	MAPS(rec, member, req, doc)		struct pairs member: KEY: text
 *	ATTRS(rec, member, req, doc)		struct attrs member: KEY: value
 *	REC(rec, member, sub, req, doc)		struct sub *member
 *	RECS(rec, member, sub, req, doc)	VEC(struct sub) member
 *	MEMO(rec, member)			int member, no field: what is
 *						known of a record that was made
 *	END(rec)
 *
 * req is REQ or OPT.  The key is the member's name without a trailing "_"
 * (so that if_ is the key "if").  An optional field that equals its default
 * (0 or NULL or empty where no def is given) is not written.  Every struct
 * begins with "const struct ynode *at", the map it was read from (NULL for
 * records that a stage made), so that any later check can name a place. */
#ifndef YAML_RECORD_H
#define YAML_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/expr.h"
#include "base/vec.h"
#include "yaml/ytree.h"
#include "yaml/ywrite.h"

struct range {			/* inclusive: 0..3 are four; {0, -1}: none */
	int64_t lo, hi;
};

/* A range that may depend on an rTask: i is its number, x, y, z its place in
 * its rKernel's grid.  Without a name in it, lo and hi are as in a range; else
 * text is what stands there, and lo..hi is none. */
struct irange {
	int64_t lo, hi;
	const char *text;
	const struct expr *from, *to;
};

/* Whether an expression may have this name in it. */
bool irange_name(const void *none, const char *name);

struct pair {
	const char *key, *value;
};

struct pairs {
	struct pair *v;
	size_t n, cap;
};

/* Attributes of operators: an identifier and a typed value. */
enum attr_kind { ATTR_INT, ATTR_FLOAT, ATTR_STR, ATTR_INTS, ATTR_FLOATS,
                 ATTR_STRS };

struct attr {
	const char *name;
	enum attr_kind kind;
	int64_t i;
	double f;
	const char *s;
	struct ints ints;
	struct floats floats;
	struct strs strs;
};

struct attrs {
	struct attr *v;
	size_t n, cap;
};

const struct attr *attrs_get(const struct attrs *l, const char *name);
int64_t attrs_int(const struct attrs *l, const char *name, int64_t def);
double attrs_float(const struct attrs *l, const char *name, double def);
const char *attrs_str(const struct attrs *l, const char *name,
                      const char *def);
const struct ints *attrs_ints(const struct attrs *l, const char *name);
void attrs_set_int(struct arena *a, struct attrs *l, const char *name,
                   int64_t v);
void attrs_set_float(struct arena *a, struct attrs *l, const char *name,
                     double v);
void attrs_set_str(struct arena *a, struct attrs *l, const char *name,
                   const char *v);
void attrs_set_ints(struct arena *a, struct attrs *l, const char *name,
                    const int64_t *v, size_t n);
void attrs_remove(struct attrs *l, const char *name);

struct enum_table {
	const char *name;		/* "dtype" */
	const char *const *words;	/* in the order of the enum's values */
	int n;
	const char *doc;
};

enum field_kind { FIELD_STR, FIELD_INT, FIELD_FLOAT, FIELD_BOOL, FIELD_ENUM,
                  FIELD_INTS, FIELD_FLOATS, FIELD_STRS, FIELD_RANGE,
                  FIELD_IRANGE, FIELD_MAPS, FIELD_ATTRS, FIELD_REC, FIELD_RECS };

struct record;

struct field {
	const char *member;		/* C name; the key drops a last '_' */
	enum field_kind kind;
	size_t offset;
	bool required;
	int64_t def, lo, hi;		/* INT, BOOL, ENUM */
	double fdef;			/* FLOAT */
	const struct enum_table *words;	/* ENUM */
	const struct record *sub;	/* REC, RECS */
	const char *doc;
};

struct record {
	const char *name;
	bool block;			/* style */
	size_t size;
	const struct field *fields;
	size_t nfields;
	const char *doc;
};

/* Sets every field of *out (a struct of size r->size) to its default. */
void record_defaults(const struct record *r, void *out);

/* Fills *out from the map n.  Reports unknown keys (with the nearest known
 * one), missing and ill-typed ones.  -1 after diagnostics. */
int record_read(const struct record *r, const struct ynode *n, void *out,
                struct arena *a, struct diag *d);

/* The same, with the key skip (or NULL) passed over: "format" of documents. */
int record_read_but(const struct record *r, const struct ynode *n,
                    const char *skip, void *out, struct arena *a,
                    struct diag *d);

/* The key of a field: its member's name without a trailing '_'. */
const char *field_key(struct arena *a, const struct field *f);
size_t field_key_len(const struct field *f);

/* Writes the record's fields; the caller has opened nothing. */
void record_write(const struct record *r, const void *in, struct ywriter *w);

/* The place of field member of a record that begins with "at". */
struct pos record_pos(const void *rec, const char *key);

/* The place of item i of the list under key. */
struct pos record_item_pos(const void *rec, const char *key, size_t i);

#endif
