/* Field tables: reading what is well-formed and refusing what is not, with
 * the place; defaults; attributes; writing back. */
#include "test.h"

#include <math.h>

#include "base/str.h"
#include "yaml/record.h"

static const char *const colour_list[] = {"red", "green"};
static const struct enum_table colours = {"colour", colour_list, 2, ""};

#include "yaml/record_structs.h"
#define FIELDS \
	RECORD(part, FLOW, "a part") \
	STR(part, name, REQ, "its name") \
	INT(part, weight, OPT, 7, 1, 100, "grams") \
	END(part) \
	RECORD(whole, BLOCK, "a whole") \
	STR(whole, title, REQ, "its title") \
	INT(whole, count, OPT, 3, -5, INT64_MAX, "how many") \
	FLOAT(whole, size, OPT, 1.5, "metres") \
	BOOL(whole, if_, OPT, false, "a key that is a word of C") \
	ENUM(whole, colour, OPT, 1, colours, "its colour") \
	INTS(whole, ints, OPT, "integers") \
	FLOATS(whole, floats, OPT, "numbers") \
	STRS(whole, strs, OPT, "strings") \
	RANGE(whole, range, OPT, "a range") \
	IRANGE(whole, some, OPT, "a range that may depend on an rTask") \
	IRANGE(whole, simple, OPT, "one without a comma") \
	IRANGE(whole, minus, OPT, "one that begins with a minus") \
	IRANGE(whole, blank, OPT, "one that ends with a blank") \
	IRANGE(whole, plain, OPT, "one that does not") \
	MAPS(whole, texts, OPT, "texts") \
	ATTRS(whole, attrs, OPT, "attributes") \
	REC(whole, main_part, part, OPT, "a part") \
	RECS(whole, parts, part, OPT, "parts") \
	END(whole)
FIELDS
#include "yaml/record_undef.h"
#include "yaml/record_tables.h"
FIELDS
#include "yaml/record_undef.h"

static int
read_whole(const char *text, struct whole *out)
{
	struct ydoc *docs;
	size_t n;

	if (ytree_read(&test_arena, test_source(text), &docs, &n, test_diag()))
		return -1;
	return record_read(&whole_record, docs[0].root, out, &test_arena,
	                   test_diag());
}

static const char *
written(const struct whole *v)
{
	struct ywriter w;
	struct str out;
	const char *text;

	str_init(&out);
	yw_init(&w, &out);
	yw_map(&w, false);
	record_write(&whole_record, v, &w);
	yw_end(&w);
	str_add(&out, "...\n");
	text = arena_strndup(&test_arena, out.s, out.len);
	str_release(&out);
	return text;
}

static void
test_defaults(void)
{
	struct whole v;

	CHECK_INT(read_whole("title: t\n...\n", &v), 0);
	CHECK_STR(v.title, "t");
	CHECK_INT(v.count, 3);
	CHECK_FLOAT(v.size, 1.5);
	CHECK(!v.if_);
	CHECK_INT(v.colour, 1);
	CHECK_INT(v.range.lo, 0);
	CHECK_INT(v.range.hi, -1);
	CHECK_INT(v.some.hi, -1);
	CHECK(!v.some.text);
	CHECK(v.main_part == NULL && v.parts.n == 0);
	CHECK_STR(written(&v), "title: t\n...\n");
}

static const char everything[] =
	"title: \"on\"\n"
	"count: -5\n"
	"size: 2.0e-09\n"
	"if: true\n"
	"colour: red\n"
	"ints: [1, -2, 9223372036854775807]\n"
	"floats: [0.5, .inf, -.inf, .nan, -0.0]\n"
	"strs: [a, \"\", \"b c\"]\n"
	"range: 3..17\n"
	"some: \"max(0, x-1)+8*(y+z)..7\"\n"
	"simple: 2*i..2*i+1\n"
	"minus: \"- 1+i..i\"\n"
	"blank: \"i..i \"\n"
	"plain: 0..2\n"
	"texts: {A: x, B: \"0..K, 1\", C: 8}\n"
	"attrs: {axis: -1, eps: 1.0e-05, mode: same, pads: [0, 1], f: [1.5, 2.0], "
	"s: [\"a b\", c], none: []}\n"
	"main_part: {name: m}\n"
	"parts:\n"
	"- {name: p, weight: 100}\n"
	"- {name: q}\n"
	"...\n";

static void
test_everything_comes_back(void)
{
	struct whole v;

	CHECK_INT(read_whole(everything, &v), 0);
	CHECK_STR(written(&v), everything);
	CHECK_INT(v.ints.v[2], INT64_MAX);
	CHECK(isnan(v.floats.v[3]) && signbit(v.floats.v[4]));
	CHECK_STR(v.some.text, "max(0, x-1)+8*(y+z)..7");
	CHECK(v.some.from && v.some.to);
	CHECK_INT(v.plain.hi, 2);
	CHECK(!v.plain.text);
	CHECK_STR(v.texts.v[2].value, "8");
	CHECK_INT(v.parts.v[0].weight, 100);
	CHECK_INT(v.parts.v[1].weight, 7);
}

static void
test_attributes(void)
{
	struct whole v;
	const int64_t three[] = {1, 2, 3};

	CHECK_INT(read_whole(everything, &v), 0);
	CHECK_INT(attrs_int(&v.attrs, "axis", 0), -1);
	CHECK_INT(attrs_int(&v.attrs, "absent", 9), 9);
	CHECK_FLOAT(attrs_float(&v.attrs, "eps", 0), 1e-5);
	CHECK_FLOAT(attrs_float(&v.attrs, "axis", 0), -1);
	CHECK_STR(attrs_str(&v.attrs, "mode", NULL), "same");
	CHECK_INT((int64_t)attrs_ints(&v.attrs, "pads")->n, 2);
	CHECK(attrs_ints(&v.attrs, "absent") == NULL);
	CHECK_INT((int)attrs_get(&v.attrs, "f")->kind, ATTR_FLOATS);
	CHECK_INT((int)attrs_get(&v.attrs, "s")->kind, ATTR_STRS);
	attrs_set_ints(&test_arena, &v.attrs, "pads", three, 3);
	CHECK_INT((int64_t)attrs_ints(&v.attrs, "pads")->n, 3);
	attrs_set_int(&test_arena, &v.attrs, "new", 5);
	CHECK_INT(attrs_int(&v.attrs, "new", 0), 5);
	attrs_remove(&v.attrs, "axis");
	attrs_remove(&v.attrs, "absent");
	CHECK(attrs_get(&v.attrs, "axis") == NULL);
	CHECK_INT(attrs_int(&v.attrs, "new", 0), 5);
}

static const struct {
	const char *text, *said;
} refused[] = {
	{"a: 1\n", "1:1: error: unknown key 'a' of a whole"},
	{"titel: t\n", "1:1: error: unknown key 'titel' of a whole (did you mean "
		"'title'?)"},
	{"count: 1\n", "1:1: error: key 'title' of a whole is missing"},
	{"title: t\nif_: true\n", "2:1: error: unknown key 'if_'"},
	{"title: 13\n", "1:8: error: 'title' is a string, and '13' means something "
		"else in YAML: put it in double quotes"},
	{"title: no\n", "and 'no' means something"},
	{"title: [a]\n", "1:8: error: 'title' is a list, expected a string"},
	{"title:\n", "error: 'title' is nothing, expected a string"},
	{"title: t\ncount: x\n", "2:8: error: 'count' is 'x', expected an integer"},
	{"title: t\ncount: \"1\"\n", "2:8: error: 'count' is a string, expected an "
		"integer"},
	{"title: t\ncount: 1.0\n", "2:8: error: 'count' is '1.0', expected an int"},
	{"title: t\ncount: -6\n", "2:8: error: 'count' is -6, expected at least -5"},
	{"title: t\ncount: 9223372036854775808\n", "expected an integer of 64 bits"},
	{"title: t\nsize: big\n", "2:7: error: 'size' is 'big', expected a number"},
	{"title: t\nif: yes\n", "2:5: error: 'if' is 'yes', expected true or false"},
	{"title: t\ncolour: gren\n", "2:9: error: 'colour' is 'gren' (did you mean "
		"'green'?)"},
	{"title: t\ncolour: 1\n", "2:9: error: 'colour' is '1', expected one of "
		"red, green"},
	{"title: t\nints: 5\n", "2:7: error: 'ints' is '5', expected a list"},
	{"title: t\nints: [1, x]\n", "2:11: error: 'ints' is 'x', expected an int"},
	{"title: t\nstrs: [a, 1]\n", "2:11: error: 'strs' is a string, and '1'"},
	{"title: t\nrange: 5\n", "2:8: error: 'range' is '5', expected a range a..b"},
	{"title: t\nrange: 5..3\n", "2:8: error: 'range' is 5..3, expected a..b"},
	{"title: t\nrange: -1..3\n", "2:8: error: 'range' is -1..3, expected a..b"},
	{"title: t\nrange: 1..99999999999999999999\n", "expected a range a..b"},
	{"title: t\nsome: 5\n", "2:7: error: 'some' is '5', expected a range a..b"},
	{"title: t\nsome: 5..3\n", "2:7: error: 'some' is 5..3, expected a..b"},
	{"title: t\nsome: [i]\n", "2:7: error: 'some' is a list, expected a range"},
	{"title: t\nsome: i..i+k\n", "2:10: error: unknown name 'k' in 'i+k': "
		"there are i, the rTask's number, and x, y, z, its place"},
	{"title: t\nsome: \"2*i..\"\n", "2:13: error: expected a number, a name "
		"or '(' at the end of expression"},
	{"title: t\ntexts: [a]\n", "2:8: error: 'texts' is a list, expected a map"},
	{"title: t\ntexts: {a: 1.5}\n", "2:12: error: 'a' is a string, and '1.5'"},
	{"title: t\nattrs: {a: {}}\n", "2:12: error: 'a' is a map, expected a str"},
	{"title: t\nattrs: {a: true}\n", "2:12: error: 'a' is a string, and 'true'"},
	{"title: t\nattrs: {a: [1, x]}\n", "error: 'a' is a string, and '1'"},
	{"title: t\nmain_part: x\n", "2:12: error: 'part' is 'x', expected a map"},
	{"title: t\nparts: {}\n", "2:8: error: 'parts' is a map, expected a list"},
	{"title: t\nparts: [{}]\n", "2:9: error: key 'name' of a part is missing"},
	{"title: t\nparts: [{name: a, weight: 101}]\n",
		"2:27: error: 'weight' is 101, expected 1 to 100"},
	{"[]\n", "1:1: error: 'whole' is a list, expected a map"},
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct whole v;
		int status = read_whole(arena_printf(&test_arena, "%s...\n",
		                                     refused[i].text), &v);

		CHECK_HAS(test_said(), refused[i].said);
		CHECK_INT(status, -1);
	}
}

static void
test_all_faults_are_told(void)
{
	struct whole v;
	const char *said;

	CHECK_INT(read_whole("count: x\nsize: y\nzz: 1\n...\n", &v), -1);
	said = test_said();
	CHECK_HAS(said, "t.yaml:1:8: error: 'count'");
	CHECK_HAS(said, "t.yaml:2:7: error: 'size'");
	CHECK_HAS(said, "t.yaml:3:1: error: unknown key 'zz'");
	CHECK_HAS(said, "t.yaml:1:1: error: key 'title'");
}

static void
test_places(void)
{
	struct whole v, made;

	CHECK_INT(read_whole("title: t\nints: [1, 2]\n...\n", &v), 0);
	CHECK_INT(record_pos(&v, "title").col, 8);
	CHECK_INT(record_pos(&v, "ints").line, 2);
	CHECK_INT(record_item_pos(&v, "ints", 1).col, 11);
	CHECK_INT(record_item_pos(&v, "ints", 2).col, 7);
	CHECK_INT(record_pos(&v, "absent").line, 1);
	record_defaults(&whole_record, &made);
	CHECK(record_pos(&made, "title").src == NULL);
	CHECK(record_item_pos(&made, "ints", 0).src == NULL);
}

static void
test_empty_lists_are_left_out(void)
{
	struct whole v;

	CHECK_INT(read_whole("title: \"\"\nparts: []\nints: []\n...\n", &v), 0);
	CHECK_STR(written(&v), "title: \"\"\n...\n");
}

int
main(void)
{
	RUN(test_defaults);
	RUN(test_everything_comes_back);
	RUN(test_attributes);
	RUN(test_refused);
	RUN(test_all_faults_are_told);
	RUN(test_places);
	RUN(test_empty_lists_are_left_out);
	return test_done();
}
