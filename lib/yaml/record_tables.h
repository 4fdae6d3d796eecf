/* Turns the rows of a .def file into tables (rec_fields, rec_record): include
 * this in one .c, then the .def, then record_undef.h. */
#define REQ true
#define OPT false
#define FLOW false
#define BLOCK true
#define ROW(rec, m, k, req, ...) \
	{ .member = #m, .kind = k, .offset = offsetof(struct rec, m), \
	  .required = req, __VA_ARGS__ },
#define RECORD(rec, style, d) \
	enum { rec##_style = style }; \
	static const char rec##_doc[] = d; \
	static const struct field rec##_fields[] = {
#define STR(rec, m, req, d) ROW(rec, m, FIELD_STR, req, .doc = d)
#define INT(rec, m, req, def_, lo_, hi_, d) \
	ROW(rec, m, FIELD_INT, req, .def = def_, .lo = lo_, .hi = hi_, .doc = d)
#define FLOAT(rec, m, req, def_, d) \
	ROW(rec, m, FIELD_FLOAT, req, .fdef = def_, .doc = d)
#define BOOL(rec, m, req, def_, d) \
	ROW(rec, m, FIELD_BOOL, req, .def = def_, .doc = d)
#define ENUM(rec, m, req, def_, table, d) \
	ROW(rec, m, FIELD_ENUM, req, .def = def_, .words = &table, .doc = d)
#define INTS(rec, m, req, d) ROW(rec, m, FIELD_INTS, req, .doc = d)
#define FLOATS(rec, m, req, d) ROW(rec, m, FIELD_FLOATS, req, .doc = d)
#define STRS(rec, m, req, d) ROW(rec, m, FIELD_STRS, req, .doc = d)
#define RANGE(rec, m, req, d) ROW(rec, m, FIELD_RANGE, req, .doc = d)
#define IRANGE(rec, m, req, d) ROW(rec, m, FIELD_IRANGE, req, .doc = d)
#define MAPS(rec, m, req, d) ROW(rec, m, FIELD_MAPS, req, .doc = d)
#define ATTRS(rec, m, req, d) ROW(rec, m, FIELD_ATTRS, req, .doc = d)
#define REC(rec, m, sub_, req, d) \
	ROW(rec, m, FIELD_REC, req, .sub = &sub_##_record, .doc = d)
#define RECS(rec, m, sub_, req, d) \
	ROW(rec, m, FIELD_RECS, req, .sub = &sub_##_record, .doc = d)
#define MEMO(rec, m)
#define END(rec) \
	}; \
	const struct record rec##_record = { \
		.name = #rec, .block = rec##_style, .size = sizeof(struct rec), \
		.fields = rec##_fields, \
		.nfields = sizeof rec##_fields / sizeof *rec##_fields, \
		.doc = rec##_doc };
