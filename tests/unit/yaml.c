/* lib/yaml: what is refused and where, scalars, names of any bytes, floats,
 * the writer's style. */
#include "test.h"

#include <math.h>

#include "base/str.h"
#include "yaml/scalar.h"
#include "yaml/ytree.h"
#include "yaml/ywrite.h"

static struct ydoc *
read_text(const char *text, size_t *n)
{
	struct ydoc *docs;

	if (ytree_read(&test_arena, test_source(text), &docs, n, test_diag()))
		return NULL;
	return docs;
}

static const struct ynode *
root_of(const char *text)
{
	size_t n;
	struct ydoc *docs = read_text(text, &n);

	return docs ? docs[0].root : NULL;
}

/* What reading the text complains about; "" if it does not. */
static const char *
refusal(const char *text)
{
	size_t n;

	if (read_text(text, &n))
		return "";
	return test_said();
}

static void
test_tree(void)
{
	const struct ynode *n = root_of("a: 1\nb: [x, {c: 'd e'}]\n...\n");

	CHECK(n != NULL);
	CHECK_INT(n->kind, Y_MAP);
	CHECK_INT((int64_t)n->nkids, 4);
	CHECK_STR(ynode_get(n, "a")->s, "1");
	n = ynode_get(n, "b");
	CHECK_INT(n->kind, Y_SEQ);
	CHECK_INT(n->line, 2);
	CHECK_INT(n->col, 4);
	n = ynode_get(n->kids[1], "c");
	CHECK_STR(n->s, "d e");
	CHECK(n->quoted);
	CHECK_INT(n->col, 12);
}

/* Columns count bytes, lines end at \n alone. */
static void
test_places_behind_other_characters(void)
{
	const struct ynode *n;

	n = root_of("a: \"\xc3\xa9\xe2\x82\xac\"\nb: [\"\xf0\x9f\x90\x8d\", c]\n...\n");
	CHECK(n != NULL);
	CHECK_INT(ynode_get(n, "b")->kids[1]->line, 2);
	CHECK_INT(ynode_get(n, "b")->kids[1]->col, 13);
	n = root_of("a: x\r\nb: [c]\r\n...\r\n");
	CHECK(n != NULL);
	CHECK_INT(ynode_get(n, "b")->kids[0]->line, 2);
	CHECK_INT(ynode_get(n, "b")->kids[0]->col, 5);
}

static void
test_documents_keep_their_bytes(void)
{
	static const char first[] = "# above\na: 1\n... # end\n";
	static const char second[] = "# between\n---\nb: 2\n...\n# behind\n";
	size_t n;
	struct ydoc *docs = read_text(
		arena_printf(&test_arena, "%s%s", first, second), &n);

	CHECK(docs != NULL);
	CHECK_INT((int64_t)n, 2);
	CHECK_STR(arena_strndup(&test_arena, docs[0].text, docs[0].len), first);
	CHECK_STR(arena_strndup(&test_arena, docs[1].text, docs[1].len), second);
	CHECK(!docs[0].marked && docs[1].marked);
}

static const struct {
	const char *name, *text, *said;
} refused[] = {
	{"empty", "", "t.yaml:1:1: error: empty input"},
	{"comments alone", "# nothing\n", "t.yaml:1:1: error: empty input"},
	{"cut off", "a: 1\n", "t.yaml:2:1: error: '...' is missing"},
	{"cut off inside", "a: [1, 2\n", "t.yaml:2:1: error: did not find expected"},
	{"first of two cut off", "a: 1\n---\nb: 2\n...\n",
		"t.yaml:2:1: error: '...' is missing"},
	{"no marker", "a: 1\n...\nb: 2\n...\n",
		"t.yaml:3:1: error: a document after another begins with '---'"},
	{"anchor", "a: &x 1\n...\n", "t.yaml:1:4: error: anchor '&x'"},
	{"anchor of a list", "a: &x []\n...\n", "t.yaml:1:4: error: anchor '&x'"},
	{"alias", "a: *x\n...\n", "t.yaml:1:4: error: alias '*x'"},
	{"alias as a key", "*x : 1\n...\n", "t.yaml:1:1: error: alias '*x'"},
	{"alias bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n...\n",
		"t.yaml:1:4: error: anchor '&a'"},
	{"tag", "a: !!str 1\n...\n", "t.yaml:1:4: error: tag 'tag:yaml.org,2002:str'"},
	{"own tag", "a: !x {}\n...\n", "t.yaml:1:4: error: tag '!x'"},
	{"directive", "%YAML 1.1\n---\na: 1\n...\n", "-directives are not used"},
	{"merge key", "a: {<<: {b: 1}}\n...\n", "t.yaml:1:5: error: key '<<'"},
	{"duplicate key", "a: 1\nb: 2\na: 3\n...\n",
		"t.yaml:3:1: error: key 'a' stands here a second time"},
	{"duplicate, quoted", "a: 1\n\"a\": 3\n...\n", "t.yaml:2:1: error: key 'a'"},
	{"list as a key", "[a]: 1\n...\n", "t.yaml:1:1: error: a list as a key"},
	{"map as a key", "{a: 1}: 1\n...\n", "t.yaml:1:1: error: a map as a key"},
	{"nothing as a key", "? \n: 1\n...\n", "t.yaml:1:2: error: nothing as a key"},
	{"not UTF-8", "a: 1\nb: x\xff\n...\n",
		"t.yaml:2:5: error: byte 0xff is not UTF-8 text"},
	{"overlong UTF-8", "a: \xc0\xaf\n...\n",
		"t.yaml:1:4: error: byte 0xc0 is not UTF-8 text"},
	{"a surrogate", "a: \xed\xa0\x80\n...\n",
		"t.yaml:1:4: error: byte 0xed is not UTF-8 text"},
	{"control character", "a: \x01\n...\n", "t.yaml:1:4: error: control char"},
	{"escaped NUL", "a: \"x\\0y\"\n...\n",
		"t.yaml:1:4: error: a string cannot hold a NUL byte"},
	{"tab as indentation", "a:\n\tb: 1\n...\n", "t.yaml:2:1: error: found char"},
	{"unclosed string", "a: \"x\n...\n", "error: found unexpected document"},
	{"text behind the end", "a: 1\n... x\n", "error: "},
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const char *said = refusal(refused[i].text);

		CHECK(strlen(refused[i].name) > 0);
		if (!strstr(said, refused[i].said))
			CHECK_STR(arena_printf(&test_arena, "%s: %s",
			          refused[i].name, said), refused[i].said);
	}
}

static void
test_nesting(void)
{
	struct str s;
	const char *text, *said;

	for (int deep = 64; deep <= 100000; deep = deep == 64 ? 65 : 100000) {
		str_init(&s);
		for (int i = 0; i < deep; i++)
			str_addc(&s, '[');
		for (int i = 0; i < deep; i++)
			str_addc(&s, ']');
		str_add(&s, "\n...\n");
		text = arena_strndup(&test_arena, s.s, s.len);
		str_release(&s);
		said = refusal(text);
		if (deep == 64)
			CHECK_STR(said, "");
		else
			CHECK_HAS(said, "t.yaml:1:65: error: nested deeper than 64");
		if (deep == 100000)
			break;
	}
}

static void
test_many_keys_twice(void)
{
	struct str s;
	const char *text;

	str_init(&s);
	for (int i = 0; i < 5000; i++)
		str_addf(&s, "k%d: 1\n", i);
	str_add(&s, "k77: 1\n...\n");
	text = arena_strndup(&test_arena, s.s, s.len);
	str_release(&s);
	CHECK_HAS(refusal(text), "t.yaml:5001:1: error: key 'k77' stands here a");
}

static void
test_caret(void)
{
	CHECK_STR(refusal("a: 1\nb:\t*x\n...\n"),
	          "t.yaml:2:4: error: alias '*x': aliases are not used here\n"
	          "    b:      *x\n"
	          "            ^\n");
	CHECK_STR(refusal("\"\xc3\xa9\": *x\n...\n"),
	          "t.yaml:1:7: error: alias '*x': aliases are not used here\n"
	          "    \"\xc3\xa9\": *x\n"
	          "         ^\n");
}

/* A long line is cut around the caret, which stays under its character. */
static void
test_caret_on_a_long_line(void)
{
	struct str s;
	const char *text, *said, *line, *caret;

	str_init(&s);
	str_add(&s, "a: [");
	for (int i = 0; i < 100000; i++)
		str_addf(&s, "%d, ", i);
	str_add(&s, "*x, 1]\n...\n");
	text = arena_strndup(&test_arena, s.s, s.len);
	str_release(&s);
	said = refusal(text);
	CHECK(strlen(said) < 400);
	line = strchr(said, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	CHECK(strchr(caret, '^') != NULL);
	CHECK_INT(line[strchr(caret, '^') - caret], '*');
	CHECK_HAS(said, "    ...");
}

static void
test_few_errors_shown(void)
{
	struct str s;
	const char *said;
	int shown = 0;

	str_init(&s);
	for (int i = 0; i < 50; i++)
		str_addf(&s, "a: %d\n", i);
	str_add(&s, "...\n");
	said = refusal(arena_strndup(&test_arena, s.s, s.len));
	str_release(&s);
	for (const char *p = said; (p = strstr(p, " error: ")); p++)
		shown++;
	CHECK_INT(shown, 20);
	CHECK_HAS(said, "more errors than 20");
}

/* --- scalars ------------------------------------------------------------------- */

static const struct ynode *
plain(const char *text)
{
	struct ynode *n = arena_new(&test_arena, struct ynode);

	*n = (struct ynode){.kind = Y_SCALAR, .s = text, .len = strlen(text)};
	return n;
}

static void
test_ints(void)
{
	static const char *const bad[] = {"", "x", "1x", "1.0", "010", "00", "1_000",
		"+1", "-", "--1", " 1", "0x", "-0x1", "0b1", "0o7",
		"9223372036854775808", "1e3", "0xg"};
	int64_t v;

	CHECK(ynode_int(plain("0"), &v) && v == 0);
	CHECK(ynode_int(plain("-17"), &v) && v == -17);
	CHECK(ynode_int(plain("0x1F"), &v) && v == 31);
	CHECK(ynode_int(plain("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(ynode_int(plain("-9223372036854775808"), &v) && v == INT64_MIN);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (ynode_int(plain(bad[i]), &v))
			CHECK_STR(bad[i], "no integer");
}

static void
test_floats(void)
{
	static const char *const bad[] = {"", "x", "nan", "inf", "1.0x", "0x1p3",
		".", "e5", "-", "01.5", "1,5", " 1.0", "1.0 ", "infinity"};
	double v;

	CHECK(ynode_float(plain("1"), &v) && v == 1);
	CHECK(ynode_float(plain("-1.5"), &v) && v == -1.5);
	CHECK(ynode_float(plain("1.0e-05"), &v) && v == 1e-5);
	CHECK(ynode_float(plain("1e5"), &v) && v == 1e5);
	CHECK(ynode_float(plain(".inf"), &v) && v == INFINITY);
	CHECK(ynode_float(plain("-.Inf"), &v) && v == -INFINITY);
	CHECK(ynode_float(plain(".NaN"), &v) && isnan(v));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (ynode_float(plain(bad[i]), &v))
			CHECK_STR(bad[i], "no number");
}

static void
test_float_text(void)
{
	static const struct {
		double v;
		int digits;
		const char *text;
	} rows[] = {
		{0, 17, "0.0"}, {-0.0, 17, "-0.0"}, {1, 17, "1.0"},
		{1e-5, 17, "1.0e-05"}, {1e23, 17, "1.0e+23"}, {0.1, 17, "0.1"},
		{1.0 / 3, 17, "0.3333333333333333"}, {0.1f, 9, "0.1"},
		{0.1f, 17, "0.10000000149011612"}, {16777216, 9, "16777216.0"},
		{1e16, 17, "1.0e+16"}, {123456789012345678., 17, "1.2345678901234568e+17"},
		{INFINITY, 17, ".inf"}, {-INFINITY, 9, "-.inf"}, {NAN, 17, ".nan"},
		{5e-324, 17, "5.0e-324"}, {1e-45f, 9, "1.0e-45"},
		{1.7976931348623157e308, 17, "1.7976931348623157e+308"},
	};
	char buf[48];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(yw_float_text(buf, sizeof buf, rows[i].v, rows[i].digits),
		          rows[i].text);
}

static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void
test_float_text_reads_back(void)
{
	uint64_t state = 1;
	char buf[48];
	double v, back;

	for (int i = 0; i < 20000; i++) {
		uint64_t bits = next_random(&state);

		memcpy(&v, &bits, sizeof v);
		if (isnan(v))
			continue;
		yw_float_text(buf, sizeof buf, v, 17);
		CHECK(ynode_float(plain(buf), &back));
		CHECK_FLOAT(back, v);
		yw_float_text(buf, sizeof buf, (float)v, 9);
		CHECK(ynode_float(plain(buf), &back));
		CHECK_FLOAT((float)back, (float)v);
	}
}

static const char *
quoted(const char *s, size_t n)
{
	struct str out;
	const char *text;

	str_init(&out);
	yw_quote(&out, s, n);
	text = arena_strndup(&test_arena, out.s, out.len);
	str_release(&out);
	return text;
}

static void
test_quoting(void)
{
	static const struct {
		const char *s, *text;
	} rows[] = {
		{"a", "a"}, {"conv1.weight", "conv1.weight"}, {"a/b-c", "a/b-c"},
		{"_x", "_x"}, {"", "\"\""}, {"1", "\"1\""}, {"1_minute", "\"1_minute\""},
		{"on", "\"on\""}, {"No", "\"No\""}, {"y", "\"y\""}, {"NULL", "\"NULL\""},
		{"~", "\"~\""}, {"onn", "onn"}, {"x.1", "x.1"}, {"a b", "\"a b\""},
		{"onnx::Flatten_0", "\"onnx::Flatten_0\""}, {"input:0", "\"input:0\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""}, {"a\nb\tc\r", "\"a\\nb\\tc\\x0D\""},
		{"\x7f", "\"\\x7F\""}, {"\xc3\xa9", "\"\xc3\xa9\""},
		{"\xc2\x85", "\"\\x85\""}, {"\xe2\x80\xa8", "\"\\u2028\""},
		{"\xef\xbb\xbf", "\"\\uFEFF\""}, {"\xff", "\"\\uEFFF\""},
		{"\xee\xbe\x80", "\"\\uEFEE\\uEFBE\\uEF80\""},
		{"\xc3", "\"\\uEFC3\""}, {"\\uEF80", "\"\\\\uEF80\""},
		{"\xed\xa0\x80", "\"\\uEFED\\uEFA0\\uEF80\""},
		{"\xf0\x9f\x90\x8d", "\"\xf0\x9f\x90\x8d\""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(quoted(rows[i].s, strlen(rows[i].s)), rows[i].text);
}

/* Any bytes but NUL: written, read by libyaml, the same again. */
static void
test_names_of_any_bytes(void)
{
	uint64_t state = 7;
	char name[5001];

	for (int i = 0; i < 2000; i++) {
		size_t n = i % 100 == 99 ? 5000 : next_random(&state) % 12;
		const struct ynode *read;
		const char *text;

		for (size_t k = 0; k < n; k++) {
			uint64_t r = next_random(&state);

			name[k] = (char)(r % 3 ? "\xee\xbe\x80\xbf\xef\"\\\n {"[r / 3 % 11]
			                 : (int)(r / 3 % 255) + 1);
			if (!name[k])
				name[k] = 'u';
		}
		name[n] = '\0';
		text = arena_printf(&test_arena, "- {a: %s, b: %s}\n- %s\n...\n",
		                    quoted(name, n), quoted(name, n),
		                    quoted(name, n));
		read = root_of(text);
		CHECK(read != NULL);
		CHECK_STR(ynode_get(read->kids[0], "b")->s, name);
		CHECK_STR(read->kids[1]->s, name);
		CHECK_INT((int64_t)read->kids[1]->len, (int64_t)n);
	}
}

static void
test_strings_without_quotes(void)
{
	static const char *const strings[] = {"a", "0..63", "gemv/8", "y", "1.2.a",
		"a.b", "x1", "0.1.0"};
	static const char *const others[] = {"", "1", "1.5", "-3", "on", "No", "null",
		"~", "1e5", "0x1F", "0o17", "010", "1:30", "2001-01-01", ".inf",
		"-.INF", ".nan", "1_000", "true", "=", "<<", "+1", ".5"};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		if (!scalar_is_string(strings[i]))
			CHECK_STR(strings[i], "a string");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (scalar_is_string(others[i]))
			CHECK_STR(others[i], "no string");
}

/* --- the writer's style ---------------------------------------------------------- */

static void
test_style(void)
{
	struct ywriter w;
	struct str out;
	const char *text;

	str_init(&out);
	yw_init(&w, &out);
	yw_map(&w, false);
	yw_key(&w, "name");
	yw_str(&w, "on");
	yw_key(&w, "list");
	yw_seq(&w, false);
	yw_item(&w);
	yw_map(&w, true);
	yw_key(&w, "a");
	yw_int(&w, -1);
	yw_key(&w, "b");
	yw_seq(&w, false);
	yw_item(&w);
	yw_float(&w, 1, 17);
	yw_item(&w);
	yw_bool(&w, true);
	yw_end(&w);
	yw_end(&w);
	yw_item(&w);
	yw_map(&w, false);
	yw_key(&w, "c");
	yw_raw(&w, "0..3");
	yw_key(&w, "d");
	yw_seq(&w, false);
	yw_item(&w);
	yw_str(&w, "x");
	yw_end(&w);
	yw_key(&w, "e");
	yw_map(&w, false);
	yw_end(&w);
	yw_end(&w);
	yw_end(&w);
	yw_key(&w, "none");
	yw_seq(&w, true);
	yw_end(&w);
	yw_end(&w);
	text = arena_strndup(&test_arena, out.s, out.len);
	str_release(&out);
	CHECK_STR(text,
	          "name: \"on\"\n"
	          "list:\n"
	          "- {a: -1, b: [1.0, true]}\n"
	          "- c: 0..3\n"
	          "  d:\n"
	          "  - x\n"
	          "  e: {}\n"
	          "none: []\n");
	CHECK(root_of(arena_printf(&test_arena, "%s...\n", text)) != NULL);
}

int
main(void)
{
	RUN(test_tree);
	RUN(test_places_behind_other_characters);
	RUN(test_documents_keep_their_bytes);
	RUN(test_refused);
	RUN(test_nesting);
	RUN(test_many_keys_twice);
	RUN(test_caret);
	RUN(test_caret_on_a_long_line);
	RUN(test_few_errors_shown);
	RUN(test_ints);
	RUN(test_floats);
	RUN(test_float_text);
	RUN(test_float_text_reads_back);
	RUN(test_quoting);
	RUN(test_names_of_any_bytes);
	RUN(test_strings_without_quotes);
	RUN(test_style);
	return test_done();
}
