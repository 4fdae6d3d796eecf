/* lib/rkernel/lex: nothing is lost, and nothing is found where it hides. */
#include "test.h"

#include <string.h>

#include "base/str.h"
#include "rkernel/lex.h"

/* Kinds as letters: Name nUmber String Char Punct coMment sPace Directive. */
static const char letters[] = "ENUSCPM D";

/* Tokens as KIND:text, spaces left out; or what was said. */
static const char *
split(const char *text)
{
	struct tokens t = {0};
	struct str s, all;
	const char *out;

	if (lex(&test_arena, test_source(text), 0, &t, test_diag()) < 0)
		return test_said();
	str_init(&s);
	str_init(&all);
	for (size_t i = 0; i < t.n; i++) {
		str_addn(&all, t.v[i].s, t.v[i].len);
		if (t.v[i].kind == TOK_SPACE || t.v[i].kind == TOK_END)
			continue;
		str_addf(&s, "%s%c:%.*s", s.len ? " " : "",
		         letters[t.v[i].kind], (int)t.v[i].len, t.v[i].s);
	}
	out = str_eq(all.s, text) && t.v[t.n - 1].kind == TOK_END ?
	      arena_strdup(&test_arena, s.s) : "not the same text";
	str_release(&s);
	str_release(&all);
	return out;
}

static void
test_names_and_numbers(void)
{
	CHECK_STR(split("a_1 $b .5f 0x1p-3f 1'000 1e+5 1.x+y"),
	          "N:a_1 N:$b U:.5f U:0x1p-3f U:1'000 U:1e+5 U:1.x P:+ N:y");
	CHECK_STR(split("x.y 1-2 0xe+1"), "N:x P:. N:y U:1 P:- U:2 U:0xe+1");
	CHECK_STR(split("\xc3\xa4=1"), "N:\xc3\xa4 P:= U:1");
}

static void
test_punctuation(void)
{
	CHECK_STR(split("k<<<1,2>>>(a);"),
	          "N:k P:<<< U:1 P:, U:2 P:>>> P:( N:a P:) P:;");
	CHECK_STR(split("a<<=b>>c...->::"),
	          "N:a P:<<= N:b P:>> N:c P:... P:-> P:::");
	CHECK_STR(split("a+++b"), "N:a P:++ P:+ N:b");
}

static void
test_literals(void)
{
	CHECK_STR(split("\"a\\\"b//c\" 'x' '\\'' u8\"s\" L'w'"),
	          "S:\"a\\\"b//c\" C:'x' C:'\\'' S:u8\"s\" C:L'w'");
	CHECK_STR(split("R\"d(\"a)\" )d\" x"), "S:R\"d(\"a)\" )d\" N:x");
	CHECK_STR(split("xR\"(\""), "N:xR S:\"(\"");
	CHECK_STR(split("\"a\\\nb\""), "S:\"a\\\nb\"");
}

static void
test_comments(void)
{
	CHECK_STR(split("a/*\"*/b//c\nd"), "N:a M:/*\"*/ N:b M://c N:d");
	CHECK_STR(split("//a\\\nb\nc"), "M://a\\\nb N:c");
	CHECK_STR(split("a//b\r\nc"), "N:a M://b N:c");
	CHECK_STR(split("a/b/ /c"), "N:a P:/ N:b P:/ P:/ N:c");
}

static void
test_directives(void)
{
	CHECK_STR(split("#define A(x) \\\n x+1\nb"),
	          "D:#define A(x) \\\n x+1 N:b");
	CHECK_STR(split(" /*c*/ # if 1 // d\na"), "M:/*c*/ D:# if 1  M:// d N:a");
	CHECK_STR(split("a # b"), "N:a P:# N:b");
	CHECK_STR(split("#define S \"//\" /* \n */ 1\nb"),
	          "D:#define S \"//\" /* \n */ 1 N:b");
	CHECK_STR(split("#error don't\nb"), "D:#error don't N:b");
	CHECK_STR(split("#define A 1 \\\r\n+ 2\r\nb"),
	          "D:#define A 1 \\\r\n+ 2 N:b");
}

static void
test_unended(void)
{
	CHECK_HAS(split("a\n /* b"),
	          "t.yaml:2:2: error: comment without an end");
	CHECK_HAS(split("a = \"b\nc\""),
	          "t.yaml:1:5: error: string literal without an end");
	CHECK_HAS(split("'"), "character literal without an end");
	CHECK_HAS(split("\"a\\"), "string literal without an end");
	CHECK_HAS(split("R\"x(a)y\""), "string literal without an end");
}

static void
test_places(void)
{
	struct source *src = test_source("ab\n\tcd /*\n*/ e");
	struct tokens t = {0};

	CHECK_INT(lex(&test_arena, src, 3, &t, test_diag()), 0);
	CHECK(token_is(&t.v[1], "cd"));
	CHECK_INT(t.v[1].at.line, 2);
	CHECK_INT(t.v[1].at.col, 2);
	CHECK(token_is(&t.v[5], "e"));
	CHECK_INT(t.v[5].at.line, 3);
	CHECK_INT(t.v[5].at.col, 4);
}

static void
test_brackets(void)
{
	struct tokens t = {0};

	CHECK_INT(lex(&test_arena, test_source("(a[{1}]) (b]"), 0, &t,
	              test_diag()), 0);
	CHECK_INT(lex_close(&t, 0), 7);
	CHECK_INT(lex_close(&t, 2), 6);
	CHECK_INT(lex_close(&t, 9), (int64_t)t.n);
	CHECK_INT(lex_open(&t, 7), 0);
	CHECK_INT(lex_open(&t, 6), 2);
	CHECK_INT(lex_open(&t, t.n - 2), (int64_t)t.n);
	CHECK_INT(lex_next(&t, 7), 9);
	CHECK_INT(lex_next(&t, t.n - 1), (int64_t)t.n - 1);
}

static void
test_lines(void)
{
	struct tokens t = {0};
	const struct tokens *line;

	CHECK_INT(lex(&test_arena, test_source("# \tdefine A /**/ (b)\nint c;"),
	              0, &t, test_diag()), 0);
	CHECK(token_is(&t.v[lex_first(&t)], "int"));
	CHECK(lex_says(&t.v[0], "define") && !lex_says(&t.v[0], "undef"));
	line = lex_directive(&test_arena, &t.v[0], test_diag());
	CHECK(line && lex_is_name(line, lex_first(line), "define"));
	CHECK_INT(line->v[line->n - 2].at.col, 20);
}

int
main(void)
{
	RUN(test_names_and_numbers);
	RUN(test_punctuation);
	RUN(test_literals);
	RUN(test_comments);
	RUN(test_directives);
	RUN(test_unended);
	RUN(test_places);
	RUN(test_brackets);
	RUN(test_lines);
	return test_done();
}
