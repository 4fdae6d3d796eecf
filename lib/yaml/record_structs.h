/* Turns the rows of a .def file into structs: include this, then the .def,
 * then record_undef.h.  See record.h for the rows. */
#define RECORD(rec, style, doc) struct rec { const struct ynode *at;
#define STR(rec, m, req, doc) const char *m;
#define INT(rec, m, req, def, lo, hi, doc) int64_t m;
#define FLOAT(rec, m, req, def, doc) double m;
#define BOOL(rec, m, req, def, doc) bool m;
#define ENUM(rec, m, req, def, table, doc) int m;
#define INTS(rec, m, req, doc) struct ints m;
#define FLOATS(rec, m, req, doc) struct floats m;
#define STRS(rec, m, req, doc) struct strs m;
#define RANGE(rec, m, req, doc) struct range m;
#define IRANGE(rec, m, req, doc) struct irange m;
#define MAPS(rec, m, req, doc) struct pairs m;
#define ATTRS(rec, m, req, doc) struct attrs m;
#define REC(rec, m, sub, req, doc) struct sub *m;
#define RECS(rec, m, sub, req, doc) VEC(struct sub) m;
#define MEMO(rec, m) int m;
#define END(rec) };
