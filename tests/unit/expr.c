/* Expressions, and what lib/rkernel makes of them: regions, boxes, layouts. */
#include "shape.h"

#include "base/expr.h"
#include "base/str.h"
#include "rkernel/layout.h"
#include "rkernel/region.h"

static const struct pos at = {NULL, 1, 1};

/* K = 100, N = 64, BIG = 2^62. */
static struct env *
names(void)
{
	static struct env e;

	e = (struct env){0};
	env_set(&test_arena, &e, "K", 1);
	env_set(&test_arena, &e, "N", 64);
	env_set(&test_arena, &e, "K", 100);	/* hides the first */
	env_set(&test_arena, &e, "BIG", (int64_t)1 << 62);
	return &e;
}

/* The value as text, or the fault. */
static const char *
value(const char *text)
{
	struct expr *e = expr_parse(&test_arena, text, at, test_diag());
	const char *why = "?";
	int64_t v;

	if (!e)
		return test_said();
	if (expr_eval(e, names(), &v, &test_arena, &why) < 0)
		return why;
	return arena_printf(&test_arena, "%lld", (long long)v);
}

static void
test_values(void)
{
	static const struct { const char *text, *value; } rows[] = {
		{"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"10 - 4 - 3", "3"},
		{"64 / 4 / 2", "8"}, {"K % 7", "2"}, {"-N + 1", "-63"},
		{"- -1", "1"}, {"!0 + !5", "1"}, {"min(K, N)", "64"},
		{"max(K, min(N, 3))", "100"}, {"cdiv(K, 8)", "13"},
		{"cdiv(-7, 2)", "-3"}, {"cdiv(96, 8)", "12"},
		{"K > N && N > 3", "1"}, {"K < N || N == 64", "1"},
		{"K >= 100 == 1", "1"}, {"K != 100", "0"},
		{"K <= 99 ? 1 : K <= 100 ? 2 : 3", "2"},
		{"1 ? 2 : 3 + 4", "2"}, {"9223372036854775807", "9223372036854775807"},
		{"0 && 1 / 0", "0"}, {"1 || 1 / 0", "1"}, {"1 ? 5 : 1 / 0", "5"},
		{"2*K+1", "201"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(value(rows[i].text), rows[i].value);
}

/* As C writes it: sizes of arrays in a kernel's source. */
static void
test_values_of_c(void)
{
	static const struct { const char *text, *value; } rows[] = {
		{"(K + 31) / 32", "4"}, {"-7 / 2", "-3"}, {"0x1Fu + 16UL", "47"},
		{"1 << 7", "128"}, {"N >> 2 + 1", "8"}, {"1 << 2 < 5", "1"},
		{"BIG << 1", "overflow"}, {"1 << 63", "a shift out of range"},
		{"-1 << 2", "a shift out of range"},
		{"0x8000000000000000", "number too large"},
		{"32q", "unexpected letter"}, {"0xg", "unexpected letter"},
		{"0x", "unexpected letter"}, {"017 + 0", "15"},
		{"08", "unexpected digit"}, {"0777777777777777777777u >> 60", "7"},
		{"01000000000000000000000", "number too large"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct expr *e = expr_parse_c(&test_arena, rows[i].text, at,
		                              test_diag());
		const char *is = "?";
		int64_t v;

		if (!e)
			is = test_said();
		else if (expr_eval(e, names(), &v, &test_arena, &is) == 0)
			is = arena_printf(&test_arena, "%lld", (long long)v);
		CHECK_HAS(is, rows[i].value);
	}
	CHECK_HAS(value("1 << 2"), "expected");
	CHECK_HAS(value("0x10"), "unexpected letter");
}

static void
test_faults_of_evaluation(void)
{
	CHECK_STR(value("K / 7"), "100 / 7 leaves a remainder");
	CHECK_STR(value("K / 0"), "division by zero");
	CHECK_STR(value("K % (N - 64)"), "division by zero");
	CHECK_STR(value("cdiv(1, 0)"), "division by zero");
	CHECK_STR(value("BIG + BIG"), "overflow");
	CHECK_STR(value("BIG * 4"), "overflow");
	CHECK_STR(value("-BIG - BIG - 1"), "overflow");
	CHECK_STR(value("(-BIG - BIG) / -1"), "overflow");
	CHECK_STR(value("-(-BIG - BIG)"), "overflow");
	CHECK_STR(value("M + 1"), "unknown name 'M'");
}

static void
test_faults_of_parsing(void)
{
	CHECK_HAS(value(""), "expected a number");
	CHECK_HAS(value("1 +"), "at the end of expression '1 +'");
	CHECK_HAS(value("(1"), "expected ')'");
	CHECK_HAS(value("1)"), "unexpected text at ')'");
	CHECK_HAS(value("3K"), "unexpected letter");
	CHECK_HAS(value("min(1)"), "expected ','");
	CHECK_HAS(value("pow(1, 2)"), "unknown function");
	CHECK_HAS(value("1 ? 2"), "expected ':'");
	CHECK_HAS(value("9223372036854775808"), "number too large");
	CHECK_HAS(value("a = b"), "unexpected text at '= b'");
	CHECK_HAS(value("1 & 2"), "unexpected text");
}

/* n times open, then middle, then n times close. */
static char *
nested(int n, const char *open, const char *middle, const char *close)
{
	struct str s;
	char *out;

	str_init(&s);
	for (int i = 0; i < n; i++)
		str_add(&s, open);
	str_add(&s, middle);
	for (int i = 0; i < n; i++)
		str_add(&s, close);
	out = arena_strdup(&test_arena, s.s);
	str_release(&s);
	return out;
}

static void
test_depth_is_bounded(void)
{
	CHECK_STR(value(nested(90, "(", "1", ")")), "1");
	CHECK_HAS(value(nested(100000, "(", "1", ")")), "nested too deeply");
	CHECK_HAS(value(nested(100000, "-", "1", "")), "nested too deeply");
	CHECK_HAS(value(nested(100000, "1 ? 1 : ", "1", "")), "too deeply");
	CHECK_STR(value(nested(900, "", "1", " + 1")), "901");
	CHECK_HAS(value(nested(100000, "", "1", " + 1")), "too many operators");
}

/* The column of a fault is its place in the text. */
static void
test_place(void)
{
	struct source *s = test_source("grid: 1 + )\n");
	struct pos p = {s, 1, 7};

	CHECK(!expr_parse(&test_arena, "1 + )", p, test_diag()));
	CHECK_HAS(test_said(), "t.yaml:1:11: error:");
}

static const char *
bound(const char *text)
{
	struct expr *e = expr_parse(&test_arena, text, at, test_diag());

	return e ? expr_bind(&test_arena, e, names()) : test_said();
}

static void
test_bind(void)
{
	CHECK_STR(bound("K + N"), "164");
	CHECK_STR(bound("N*(x+1)"), "64*(x+1)");
	CHECK_STR(bound("(K < N ? x : y) + 0"), "y");
	CHECK_STR(bound("x * (N - 63)"), "x");
	CHECK_STR(bound("x - (y - z)"), "x-(y-z)");
	CHECK_STR(bound("x - y - z"), "x-y-z");
	CHECK_STR(bound("min(x, N / 2)"), "min(x, 32)");
	CHECK_STR(bound("x * (K - 101)"), "x*(-1)");
	CHECK_STR(bound("x ? y : K"), "(x ? y : 100)");
	CHECK_STR(bound("K / 7 + x"), "100/7+x");
	CHECK_STR(bound("x - 1 - N + 65 + 2"), "x+2");
	CHECK_STR(bound("x + 1 - 1"), "x");
	CHECK_STR(bound("x - 9223372036854775807 - 9"), "x-9223372036854775807-9");
}

/* What is printed reads back as the same. */
static void
test_bind_round_trip(void)
{
	static const char *const texts[] = {"x*(y+1)%5", "-(x+1)*2", "!(x<y)",
		"x<y==(y<z)", "(x||y)&&z", "x*(y*z)", "x*(y/z)",
		"(x ? y : z) ? 1 : 2", "max(x, y)-min(x, y)", "cdiv(x*3, 2)"};
	struct env e = {0};
	int64_t a, b;

	env_set(&test_arena, &e, "x", 8);
	env_set(&test_arena, &e, "y", 6);
	env_set(&test_arena, &e, "z", 3);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct expr *x = expr_parse(&test_arena, texts[i], at,
		                            test_diag());
		const char *s = bound(texts[i]);
		struct expr *y = expr_parse(&test_arena, s, at, test_diag());

		CHECK(x && y);
		CHECK_STR(bound(s), s);
		CHECK_INT(expr_eval(x, &e, &a, &test_arena, NULL), 0);
		CHECK_INT(expr_eval(y, &e, &b, &test_arena, NULL), 0);
		CHECK_INT(b, a);
	}
}

/* --- regions -------------------------------------------------------------- */

/* The boxes of a region for x = 1, y = 2 as text, or the fault. */
static const char *
boxes(const char *text, struct ints s)
{
	struct region *r = region_parse(&test_arena, text, at, test_diag());
	struct boxes b = {0};
	const char *out = "";

	if (!r)
		return test_said();
	if (region_eval(r, 1, 2, 0, &s, &test_arena, &b) < 0)
		return "no value";
	for (size_t i = 0; i < b.n; i++) {
		out = arena_printf(&test_arena, "%s(", out);
		for (int k = 0; k < b.v[i].nd; k++)
			out = arena_printf(&test_arena, "%s%s%lld-%lld", out,
				k ? " " : "", (long long)b.v[i].lo[k],
				(long long)b.v[i].hi[k]);
		out = arena_printf(&test_arena, "%s)", out);
	}
	return out;
}

static void
test_regions(void)
{
	CHECK_STR(boxes("[0..8, 4*x..4*(x+1)]", shape(2, 8, 16)), "(0-8 4-8)");
	CHECK_STR(boxes("[y, 0..99]", shape(2, 8, 16)), "(2-3 0-16)");
	CHECK_STR(boxes("[-3..2]", shape(1, 16)), "(0-2)");
	CHECK_STR(boxes("[16..20]", shape(1, 16)), "");
	CHECK_STR(boxes("[]", shape(1, 16)), "");
	CHECK_STR(boxes("[0..1] + [3..4]", shape(1, 16)), "(0-1)(3-4)");
	CHECK_STR(boxes("[0..min(x, y)]", shape(1, 16)), "(0-1)");
	CHECK_STR(boxes("[0..1, 0..1]", shape(3, 2, 2, 2)), "no value");
	CHECK_STR(boxes("[x/2]", shape(1, 16)), "no value");
}

static void
test_flat_regions(void)
{
	CHECK_STR(boxes("[0..12]", shape(2, 3, 4)), "(0-3 0-4)");
	CHECK_STR(boxes("[4..8]", shape(2, 3, 4)), "(1-2 0-4)");
	CHECK_STR(boxes("[1..3]", shape(2, 3, 4)), "(0-1 1-3)");
	CHECK_STR(boxes("[2..9]", shape(2, 3, 4)),
	          "(0-1 2-4)(1-2 0-4)(2-3 0-1)");
	CHECK_STR(boxes("[5..100]", shape(2, 3, 4)), "(1-2 1-4)(2-3 0-4)");
	CHECK_STR(boxes("[0..1]", shape(0)), "()");
	CHECK_STR(boxes("[1..2]", shape(0)), "");
	CHECK_STR(boxes("[0..9]", shape(2, 0, 4)), "");
}

/* A flat range's boxes hold each of its elements once and no other. */
static void
test_flat_regions_exact(void)
{
	struct ints s = shape(3, 3, 4, 5);

	for (int lo = 0; lo <= 60; lo++)
		for (int hi = lo; hi <= 60; hi++) {
			struct region *r = region_parse(&test_arena,
				arena_printf(&test_arena, "[%d..%d]", lo, hi),
				at, test_diag());
			struct boxes b = {0};
			int count[60] = {0};

			region_eval(r, 0, 0, 0, &s, &test_arena, &b);
			for (size_t i = 0; i < b.n; i++)
				for (int e = 0; e < 60; e++) {
					struct box p = {3, {e / 20, e / 5 % 4,
						e % 5}, {e / 20 + 1,
						e / 5 % 4 + 1, e % 5 + 1}};

					count[e] += box_meet(&p, &b.v[i]);
				}
			for (int e = 0; e < 60; e++)
				CHECK_INT(count[e], e >= lo && e < hi);
		}
}

static void
test_region_faults(void)
{
	CHECK_HAS(boxes("0..1", shape(1, 4)), "expected '['");
	CHECK_HAS(boxes("[0..1", shape(1, 4)), "expected ',', '..' or ']'");
	CHECK_HAS(boxes("[0..1] [2]", shape(1, 4)), "expected '+'");
	CHECK_HAS(boxes("[..1]", shape(1, 4)), "expected a number");
	CHECK_HAS(boxes("[0,0,0,0,0,0,0,0,0,0,0]", shape(1, 4)),
	          "more than 10 dimensions");
	CHECK_STR(boxes("[9223372036854775807]", shape(1, 4)), "no value");
}

static void
test_region_bind(void)
{
	struct region *r = region_parse(&test_arena,
		"[N*x..N*(x+1), 0..K] + [y]", at, test_diag());

	CHECK_STR(region_bind(&test_arena, r, names()),
	          "[64*x..64*(x+1), 0..100] + [y]");
}

static void
test_broadcast(void)
{
	struct box h = {3, {1, 2, 3}, {2, 4, 5}};
	struct ints s = shape(3, 1, 4, 1);
	struct box b = box_broadcast(&h, &s);

	CHECK_INT(b.lo[0], 0);
	CHECK_INT(b.hi[0], 1);
	CHECK_INT(b.lo[1], 2);
	CHECK_INT(b.hi[1], 4);
	CHECK_INT(b.hi[2], 1);
}

static void
add_run(void *ctx, int64_t from, int64_t n)
{
	char **s = ctx;

	*s = arena_printf(&test_arena, "%s%lld+%lld ", *s, (long long)from,
	                  (long long)n);
}

static void
test_runs(void)
{
	struct ints s = shape(3, 2, 3, 4);
	struct box all = box_whole(&s), rows = all, part = all;
	char *text = "";

	box_runs(&all, &s, 4, add_run, &text);
	CHECK_STR(text, "0+96 ");
	rows.lo[1] = 1;
	text = "";
	box_runs(&rows, &s, 4, add_run, &text);
	CHECK_STR(text, "16+32 64+32 ");
	part.lo[2] = 2;
	part.hi[2] = 3;
	part.hi[0] = 1;
	text = "";
	box_runs(&part, &s, 1, add_run, &text);
	CHECK_STR(text, "2+1 6+1 10+1 ");
}

/* Against a map of bytes, for every pair of small boxes in two shapes. */
static void
test_share_bytes(void)
{
	struct ints sa = shape(2, 3, 4), sb = shape(3, 2, 2, 2);
	unsigned seed = 1;

	for (int n = 0; n < 4000; n++) {
		struct box a = box_whole(&sa), b = box_whole(&sb);
		int64_t at_b = (seed = seed * 1664525 + 1013904223) >> 27;
		bool bytes[200] = {false}, meet = false;

		for (int k = 0; k < 2; k++) {
			a.lo[k] = (seed = seed * 1664525 + 1013904223) >> 30;
			a.hi[k] = a.lo[k] + 1;
		}
		for (int k = 0; k < 3; k++)
			if ((seed = seed * 1664525 + 1013904223) >> 31)
				b.lo[k] = 1;
		if (a.lo[0] > 2)
			continue;
		for (int i = 0; i < 4; i++)
			bytes[(a.lo[0] * 4 + a.lo[1]) * 4 + i] = true;
		for (int64_t e = 0; e < 8; e++) {
			struct box p = {3, {e / 4, e / 2 % 2, e % 2},
			                {e / 4 + 1, e / 2 % 2 + 1, e % 2 + 1}};

			for (int i = 0; i < 2; i++)
				meet |= box_meet(&p, &b) &&
					bytes[at_b + e * 2 + i];
		}
		CHECK_INT(boxes_share_bytes(&a, &sa, 4, 0, &b, &sb, 2, at_b),
		          meet);
		CHECK_INT(boxes_share_bytes(&b, &sb, 2, at_b, &a, &sa, 4, 0),
		          meet);
	}
}

/* --- layouts ---------------------------------------------------------------- */

static const char *
stored(const char *layout, struct ints s)
{
	struct ints out;

	if (layout_stored(&test_arena, layout, &s, &out) < 0)
		return "refused";
	return shape_text(&test_arena, &out);
}

static void
test_layouts(void)
{
	CHECK_STR(stored("NCHW16c", shape(4, 1, 64, 7, 5)), "[1, 4, 7, 5, 16]");
	CHECK_STR(stored("OIHW16i16o", shape(4, 32, 64, 3, 3)),
	          "[2, 4, 3, 3, 16, 16]");
	CHECK_STR(stored("N8n2n", shape(1, 64)), "[8, 4, 2]");
	CHECK_STR(stored("NC", shape(2, 3, 4)), "[3, 4]");
	CHECK_STR(stored("BKNk32n", shape(3, 2, 100, 64)), "[2, 1, 2, 100, 32]");
	CHECK_STR(stored("NCc4n", shape(2, 8, 3)), "[2, 1, 3, 4]");
	CHECK_STR(stored("NC4cc", shape(2, 1, 8)), "[1, 2, 1, 4]");
	CHECK_STR(stored("NCn", shape(2, 0, 3)), "[1, 3, 0]");
	CHECK_STR(stored("NCx", shape(2, 8, 3)), "refused");
	CHECK_STR(stored(NULL, shape(2, 3, 4)), "[3, 4]");
	CHECK_STR(stored("NCHW16c", shape(4, 1, 3, 7, 5)), "refused");
	CHECK_STR(stored("NCHW16c", shape(2, 16, 16)), "refused");
	CHECK_STR(stored("NCHW16x", shape(4, 1, 16, 1, 1)), "refused");
	CHECK_STR(stored("NCHW16", shape(4, 1, 16, 1, 1)), "refused");
	CHECK_STR(stored("NCHW0c", shape(4, 1, 16, 1, 1)), "refused");
	CHECK_STR(stored("NNHW", shape(4, 1, 16, 1, 1)), "refused");
	CHECK_STR(stored("", shape(1, 16)), "refused");
	CHECK_STR(stored("NCHW99999999999999c", shape(4, 1, 16, 1, 1)),
	          "refused");
}

/* Every logical element has one stored place; boxes hold what they should. */
static void
map_of(const char *layout, const char *shape_stored)
{
	struct ints s = shape(2, 4, 32), st;
	int dim[BOX_DIMS];
	int64_t scale[BOX_DIMS];
	int seen[128] = {0};

	CHECK_INT(layout_map(layout, &s, dim, scale), 4);
	CHECK_INT(layout_stored(&test_arena, layout, &s, &st), 0);
	CHECK_STR(shape_text(&test_arena, &st), shape_stored);
	for (int e = 0; e < 128; e++) {
		int64_t c[4], rest = e;
		int64_t l[2] = {0, 0};
		struct box p = {.nd = 4}, q, back;

		for (int k = 4; k-- > 0; rest /= st.v[k])
			c[k] = rest % st.v[k];
		for (int k = 0; k < 4; k++) {
			l[dim[k]] += c[k] * scale[k];
			p.lo[k] = c[k];
			p.hi[k] = c[k] + 1;
		}
		seen[l[0] * 32 + l[1]]++;
		q = layout_to_logical(layout, &s, &p);
		CHECK_INT(q.lo[1], l[1]);
		CHECK_INT(q.hi[1], l[1] + 1);
		back = layout_to_stored(layout, &s, &q);
		CHECK(memcmp(back.lo, p.lo, sizeof p.lo) == 0);
		CHECK(memcmp(back.hi, p.hi, sizeof p.hi) == 0);
	}
	for (int e = 0; e < 128; e++)
		CHECK_INT(seen[e], 1);
}

static void
test_layout_map(void)
{
	map_of("NC16c4c", "[4, 2, 4, 4]");
	map_of("NCn8c", "[1, 4, 4, 8]");
}

static void
test_layout_boxes(void)
{
	struct ints s = shape(4, 1, 64, 7, 5);
	struct box b = {4, {0, 20, 1, 0}, {1, 40, 3, 5}}, t;

	t = layout_to_stored("NCHW16c", &s, &b);
	CHECK_INT(t.nd, 5);
	CHECK_INT(t.lo[1], 1);
	CHECK_INT(t.hi[1], 3);
	CHECK_INT(t.lo[4], 0);
	CHECK_INT(t.hi[4], 16);
	CHECK_INT(t.lo[2], 1);
	CHECK_INT(t.hi[2], 3);
	t = layout_to_logical("NCHW16c", &s, &t);
	CHECK_INT(t.lo[1], 16);
	CHECK_INT(t.hi[1], 48);
}

int
main(void)
{
	RUN(test_values);
	RUN(test_values_of_c);
	RUN(test_faults_of_evaluation);
	RUN(test_faults_of_parsing);
	RUN(test_depth_is_bounded);
	RUN(test_place);
	RUN(test_bind);
	RUN(test_bind_round_trip);
	RUN(test_regions);
	RUN(test_flat_regions);
	RUN(test_flat_regions_exact);
	RUN(test_region_faults);
	RUN(test_region_bind);
	RUN(test_broadcast);
	RUN(test_runs);
	RUN(test_share_bytes);
	RUN(test_layouts);
	RUN(test_layout_map);
	RUN(test_layout_boxes);
	return test_done();
}
