/* Where the time of a timeline goes, and its picture, on the plan of five.h:
 * by hand, and that the parts add up whatever the timeline is. */
#include "five.h"
#include "verify/gantt_draw.h"

#define A "- {run: a, tasks: 0..3, veus: 0..1}\n"
#define B "- {run: b, tasks: 0..3, veus: 0..1}\n"
#define C "- {run: c, tasks: 0..3, veus: 0..1}\n"
#define S "- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
#define S0 "- {run: s, tasks: 0..0, veus: 0..0}\n"
#define Y "- {run: \"y\", tasks: 0..3, veus: 0..1, after: [{run: s}]}\n"
#define Y0 "- {run: \"y\", tasks: 0..3, veus: 0..1}\n"
#define L "- launch: {width: 2}\n"
#define BARRIER "- barrier: {}\n"

static struct timeline line;
static struct spent spent;

/* --- that nothing is left out or counted twice --------------------------- */

struct tiles {
	int64_t veu, at, part[NCAUSES];
	bool bad;
};

static void
lay(void *ctx, const struct stretch *x)
{
	struct tiles *t = ctx;

	if (x->veu != t->veu || x->from != t->at || x->to <= x->from)
		t->bad = true;
	t->at = x->to;
	t->part[x->cause] += x->to - x->from;
}

static bool
adds_up(const struct spent *s)
{
	struct tiles t = {0};
	int64_t all = 0;

	for (t.veu = 0; t.veu < s->width; t.veu++) {
		t.at = 0;
		spent_walk(s, t.veu, lay, &t);
		if (t.at != s->total)
			return false;
	}
	for (int c = 0; c < NCAUSES; c++) {
		if (t.part[c] != s->part[c])
			return false;
		all += s->part[c];
	}
	return !t.bad && all == s->width * s->total;
}

static bool
account(const struct task_costs *costs)
{
	return spent_make(&spent, &plan, stack_schedule(&stack), costs, &line,
	                  &test_arena, test_diag()) == 0 && adds_up(&spent);
}

/* Predicts the steps and accounts for them. */
static bool
predicted(const char *device, const char *steps, struct task_costs *costs)
{
	return load(device, kernels, steps, "") &&
		plan_choose(&plan, stack_schedule(&stack), test_diag()) == 0 &&
		predict(&plan, stack_schedule(&stack), costs, &test_arena, &line,
		        test_diag()) == 0 && account(costs);
}

#define CHECK_PARTS(busy, bandwidth, dependency, sync, imbalance) \
	do { \
		CHECK_INT(spent.part[CAUSE_BUSY], busy); \
		CHECK_INT(spent.part[CAUSE_BANDWIDTH], bandwidth); \
		CHECK_INT(spent.part[CAUSE_DEPENDENCY], dependency); \
		CHECK_INT(spent.part[CAUSE_SYNCHRONISATION], sync); \
		CHECK_INT(spent.part[CAUSE_IMBALANCE], imbalance); \
	} while (0)

static int
rop(const char *name)
{
	return map_get(&plan.rop_by_name, name);
}

/* The bar of an rTask. */
static size_t
bar(const char *name, int64_t task)
{
	size_t i = 0;

	while (line.bars.v[i].rop != rop(name) || line.bars.v[i].task != task)
		i++;
	return i;
}

/* --- tests ---------------------------------------------------------------- */

/* Six rTasks of 1.25 us on each vEU behind a launch of 10; s of 2.25 on vEU 0,
 * 0.25 after it looked for b, for which vEU 1 waits; its signal takes 0.5. */
static void
test_waits(void)
{
	struct rop_times *y;
	size_t late;

	CHECK(predicted(host, L A B C S Y, NULL));
	CHECK_INT(spent.total, 23000);
	CHECK_INT(spent.width, 2);
	CHECK_PARTS(22250, 0, 2500, 21250, 0);
	CHECK_INT(spent.alone_by, ALONE_ESTIMATES);
	y = &spent.rops[rop("y")];
	CHECK_INT(y->rtasks, 4);
	CHECK_INT(y->begin, 20500);
	CHECK_INT(y->end, 23000);
	CHECK_INT(y->part[CAUSE_BUSY], 5000);
	CHECK_INT(y->part[CAUSE_DEPENDENCY], 2500);
	CHECK_INT(y->part[CAUSE_SYNCHRONISATION], 1000);
	CHECK_INT(y->waited_for, rop("s"));
	CHECK_INT(y->waited, 2500);
	CHECK_INT(spent.rops[rop("s")].waited_for, -1);
	late = bar("y", 1);		/* the first one on vEU 1 */
	CHECK_INT(spent.late[late], bar("s", 0));
	CHECK_INT(spent.gap[late].dependency, 2500);
	CHECK_INT(spent.gap[late].synchronisation, 500);
	CHECK_INT(spent.gap[bar("b", 1)].synchronisation, 0);
	CHECK_INT(spent.gap[bar("s", 0)].synchronisation, 250);
}

/* Of all that one waits for it is the last to end that counts. */
static void
test_late(void)
{
	static const char *const after[] = {"[{run: s}, {run: c}]",
		"[{run: c}, {run: s}]"};
	char steps[1024];

	for (size_t i = 0; i < 2; i++) {
		snprintf(steps, sizeof steps, L A B C S "- {run: \"y\", tasks: "
		         "0..3, veus: 0..1, after: %s}\n", after[i]);
		CHECK(predicted(host, steps, NULL));
		CHECK_INT(spent.late[bar("s", 0)], bar("b", 2));
		CHECK_INT(spent.late[bar("y", 1)], bar("s", 0));
	}
}

/* Two barriers of 5 us; before the second vEU 0 has s, 2.25 us, beside what
 * vEU 1 has. */
static void
test_barriers(void)
{
	CHECK(predicted(host, L A B BARRIER S0 C BARRIER Y0, NULL));
	CHECK_INT(spent.total, 32250);
	CHECK_PARTS(22250, 0, 0, 40000, 2250);
	CHECK_INT(spent.phases.n, 3);
	CHECK_INT(spent.phases.v[0].launch, true);
	CHECK_INT(spent.phases.v[1].launch, false);
	CHECK_INT(spent.phases.v[1].begin, 20000);
	CHECK_INT(spent.phases.v[1].end, 24750);
	CHECK_INT(spent.gap[bar("y", 0)].synchronisation, 5000);
	/* vEU 1 has nothing but a wait for vEU 0, in three launches */
	CHECK(predicted(host, L A B C "- launch: {width: 1}\n" S0
	                "- launch: {width: 2}\n" Y0, NULL));
	CHECK_INT(spent.part[CAUSE_IMBALANCE], 2250);
	/* nothing runs behind the last barriers */
	CHECK(predicted(host, L A B C S Y BARRIER BARRIER, NULL));
	CHECK_PARTS(22250, 0, 2500, 21250 + 2 * 2 * 5000, 0);
	CHECK(predicted(host, L BARRIER A B C S BARRIER BARRIER Y0, NULL));
	CHECK_INT(spent.phases.n, 4);
}

/* Four vEUs on two units: an rTask of a asks for a whole one for 1.0 of its 1.25
 * us, and takes 2.0; somewhat less, for the pieces into which time is cut. */
static void
test_shared_unit(void)
{
	int64_t beyond = 0;

	CHECK(predicted(gpu, "- launch: {width: 4, threads: 128, shared: 1024, "
		"registers: 64}\n"
		"- {run: a, tasks: 0..3, veus: 0..3}\n" BARRIER
		"- {run: b, tasks: 0..3, veus: 0..1}\n" BARRIER
		"- {run: c, tasks: 0..3, veus: 0..1}\n" S0 BARRIER Y0, NULL));
	for (int64_t task = 0; task < 4; task++)
		beyond += spent_length(&line.bars.v[bar("a", task)]) - 1250;
	CHECK_INT(spent.part[CAUSE_BANDWIDTH], beyond);
	CHECK(beyond > 4 * 730);
	CHECK(beyond <= 4 * 750);
	CHECK_INT(spent.rops[rop("a")].part[CAUSE_BANDWIDTH],
	          spent.part[CAUSE_BANDWIDTH]);
	CHECK_INT(spent.rops[rop("b")].part[CAUSE_BANDWIDTH], 0);
}

/* What costs/1 says: 1.5 us among neighbours, 1.25 alone. */
static void
test_costs(void)
{
	struct cost cost = {.class = "Map Y=f32[8]", .use = "map/2", .us = 1.25,
		.busy_us = 1.5};
	struct costs costs = {.costs = {&cost, 1, 1}};
	struct task_costs *t;

	CHECK(load(host, kernels, L A B C S Y, ""));
	t = task_costs_make(&plan, &costs, &test_arena);
	CHECK(predicted(host, L A B C S Y, t));
	CHECK_INT(spent.part[CAUSE_BANDWIDTH], 16 * 250);
	CHECK_INT(spent.part[CAUSE_BUSY], 16 * 1500 + 2250);
	CHECK_INT(spent.alone_by, ALONE_MIXED);		/* s is estimated */
	line.measured = true;
	CHECK(account(t));
	/* a measured time has no time to begin an rTask in it */
	CHECK_INT(spent.part[CAUSE_BANDWIDTH], 16 * 500);
	CHECK_INT(spent.alone_by, ALONE_MIXED);
}

static void
test_measured(void)
{
	struct bar *b;

	CHECK(predicted(host, L A B BARRIER S0 C BARRIER Y0, NULL));
	line.measured = true;
	CHECK(account(NULL));
	CHECK_INT(spent.alone_by, ALONE_SHORTEST);
	CHECK_PARTS(22250, 0, 0, 40000, 2250);
	b = &line.bars.v[bar("y", 3)];
	b->end_us += 1.0;
	line.total_us += 1.0;
	CHECK(account(NULL));
	CHECK_PARTS(22250, 1000, 0, 40000, 3250);
	CHECK_INT(spent.rops[rop("y")].part[CAUSE_BANDWIDTH], 1000);
	/* clocks that do not agree: still nothing is counted twice */
	b = &line.bars.v[bar("c", 2)];
	b->begin_us -= 3.0;
	b = &line.bars.v[bar("b", 3)];
	b->end_us += 7.0;
	CHECK(account(NULL));
	line.total_us = 1.0;		/* and the end is the last rTask's */
	CHECK(account(NULL));
	CHECK_INT(spent.total, 33250);
	b->veu = 0;
	CHECK(spent_make(&spent, &plan, stack_schedule(&stack), NULL, &line,
	                 &test_arena, test_diag()) < 0);
	CHECK_HAS(test_said(), "the timeline has rTask 3 of 'b' on vEU 0: it is "
	          "of another schedule");
}

/* An rTask too short for the clock says nothing of how long others take. */
static void
test_too_short(void)
{
	for (int64_t task = 0; task < 4; task++) {
		struct bar *b;

		CHECK(predicted(host, L A B C S Y, NULL));
		line.measured = true;
		b = &line.bars.v[bar("y", task)];
		b->begin_us = b->end_us;
		CHECK(account(NULL));
		CHECK_INT(spent.alone[bar("y", (task + 1) % 4)], 1250);
	}
}

/* y's last rTask hangs on one before it, that on s, s on what is before it. */
static void
test_chain(void)
{
	struct ints bars;

	CHECK(predicted(host, L A B C S Y, NULL));
	spent_chain(&spent, &test_arena, &bars);
	CHECK_INT(bars.n, 6 + 1 + 2);
	CHECK_INT(line.bars.v[bars.v[1]].task + 2,
	          line.bars.v[bars.v[0]].task);
	CHECK_INT(bars.v[2], bar("s", 0));
	CHECK_INT(bars.v[3], bar("c", 2));
	CHECK_INT(bars.v[8], bar("a", 0));
	CHECK(predicted(host, L A B BARRIER S0 C BARRIER Y0, NULL));
	spent_chain(&spent, &test_arena, &bars);
	CHECK_INT(bars.n, 2 + 3 + 4);
	CHECK_INT(bars.v[2], bar("c", 2));
	CHECK_INT(bars.v[4], bar("s", 0));
	/* over the barrier, to the other vEU */
	CHECK(predicted(host, L A B BARRIER "- {run: s, tasks: 0..0, veus: 1..1}\n"
	                C BARRIER Y0, NULL));
	spent_chain(&spent, &test_arena, &bars);
	CHECK_INT(bars.v[1], bar("y", 0));
	CHECK_INT(bars.v[2], bar("c", 3));
	CHECK_INT(bars.v[4], bar("s", 0));
}

static void
test_explain(void)
{
	struct diag *d;

	CHECK(predicted(host, L A B C S Y, NULL));
	spent_explain(&spent, test_diag());
	CHECK_STR(test_said(), "");
	d = test_diag();
	d->explain = true;
	spent_explain(&spent, d);
	d->explain = false;
	CHECK_STR(test_said(),
		"test: 2 vEUs of 23.000 us: busy 48.4 %, bandwidth 0.0 %, "
		"dependency 5.4 %, synchronisation 46.2 %, imbalance 0.0 %\n"
		"test: the end hangs on a chain of 9 rTasks, 12.250 us in them "
		"and 10.750 us between: 'a' 2.500 us in 2, 'b' 2.500 us in 2, "
		"'c' 2.500 us in 2, 'y' 2.500 us in 2, 's' 2.250 us in 1\n"
		"test: a: its vEUs lost 20.000 us to synchronisation\n"
		"test: y: its vEUs lost 2.500 us to dependency, 1.000 to "
		"synchronisation; it waited longest for 's'\n"
		"test: s: its vEUs lost 0.250 us to synchronisation\n");
}

/* --- pictures ------------------------------------------------------------- */

/* The picture, or NULL. */
static char *
picture(const struct gantt_view *w)
{
	char *text = NULL, *kept;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int bad = gantt_write(&spent, w, f, test_diag());

	fclose(f);
	kept = bad ? NULL : arena_strdup(&test_arena, text);
	free(text);
	return kept;
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

static void
test_gantt(void)
{
	const char *text;

	CHECK(predicted(host, L A B C S Y, NULL));
	text = picture(&(struct gantt_view){0});
	CHECK_HAS(text, "<svg xmlns=");
	CHECK_HAS(text, "23.0 us predicted, 2 vEUs, 17 rTasks");
	CHECK_HAS(text, "<title>s  rTask 0 on vEU 0");
	CHECK_HAS(text, "waited 3.000 us for s rTask 0 on vEU 0, synchronisation "
	          "0.500 of it");
	CHECK_HAS(text, "</svg>");
	CHECK_INT(count(text, "class=\"b\""), 17);
	CHECK_INT(count(text, "class=\"w\""), 1 + 1);	/* one in the legend */
	CHECK_INT(count(text, "<title>launch"), 1);
	CHECK_STR(text, picture(&(struct gantt_view){0}));
	line.measured = true;
	CHECK(account(NULL));
	CHECK_HAS(picture(&(struct gantt_view){0}), "23.0 us measured, ");
	CHECK(predicted(host, L A B BARRIER S0 C BARRIER Y0, NULL));
	text = picture(&(struct gantt_view){0});
	CHECK_INT(count(text, "<title>barrier"), 2);
	CHECK_INT(count(text, "<title>imbalance"), 1);
	CHECK_INT(count(text, "<title>dependency"), 0);
}

/* Lines in the path of a class that is drawn over the bars. */
static size_t
strokes(const char *text, const char *path)
{
	const char *s = strstr(text, path);
	size_t n = 0;

	for (s = s ? s + strlen(path) : ""; *s && *s != '"'; s++)
		n += *s == 'M';
	return n;
}

/* The chain of test_chain: each of its rTasks, and where it changes vEUs. */
static void
test_gantt_chain(void)
{
	const char *text;

	CHECK(predicted(host, L A B C S Y, NULL));
	text = picture(&(struct gantt_view){0});
	CHECK_INT(strokes(text, "<path class=\"k\" d=\""), 6 + 1 + 2);
	CHECK_INT(strokes(text, "<path class=\"c\" d=\""), 0);
	CHECK(predicted(host, L A B BARRIER "- {run: s, tasks: 0..0, veus: 1..1}\n"
	                C BARRIER Y0, NULL));
	text = picture(&(struct gantt_view){0});
	CHECK_INT(strokes(text, "<path class=\"k\" d=\""), 2 + 3 + 4);
	CHECK_INT(strokes(text, "<path class=\"c\" d=\""), 2);
}

/* Launches are drawn however many barriers there are. */
static void
test_gantt_barriers(void)
{
	const char *text;
	struct str steps;

	str_init(&steps);
	str_add(&steps, L A B C S Y);
	for (int i = 0; i < 300; i++)
		str_add(&steps, BARRIER);
	CHECK(predicted(host, steps.s, NULL));
	str_release(&steps);
	text = picture(&(struct gantt_view){0});
	CHECK_HAS(text, "; 300 barriers are too many to be drawn");
	CHECK_INT(count(text, "<title>barrier"), 0);
	CHECK_INT(count(text, "<title>launch"), 1);
}

/* A part has its bars alone, and says what it is. */
static void
test_gantt_part(void)
{
	struct gantt_view w = {0};
	const char *text;

	CHECK(predicted(host, L A B C S Y, NULL));
	CHECK(gantt_window(&w, "17.5..22"));
	CHECK(gantt_rows(&w, "1..1"));
	text = picture(&w);
	CHECK_HAS(text, "here 17.500 to 22.000 us, vEUs 1 to 1: busy 33.3 %, "
	          "bandwidth 0.0 %, dependency 55.6 %, synchronisation 11.1 %");
	CHECK_INT(count(text, "class=\"b\""), 2);
	CHECK_INT(count(text, "<title>y  rTask"), 2);
	CHECK_INT(count(text, "class=\"w\""), 1);	/* s is not in view */
	text = picture(&(struct gantt_view){.from_us = 17.5, .to_us = 22});
	CHECK_INT(count(text, "class=\"w\""), 1 + 1);
	text = picture(&(struct gantt_view){.from_us = 17.5, .to_us = 20});
	CHECK_INT(count(text, "class=\"w\""), 1);	/* nor is y */
	w = (struct gantt_view){.from_us = 23, .to_us = 24};
	CHECK(!picture(&w));
	CHECK_HAS(test_said(), "from 23.000 us on: the timeline ends at 23.000 us");
	w = (struct gantt_view){.veu0 = 1, .veus = 2};
	CHECK(!picture(&w));
	CHECK_HAS(test_said(), "vEU 2 cannot be drawn: there are 2");
}

static void
test_view(void)
{
	static const char *const windows[] = {"", "1", "1..", "..1", "2..1",
		"1..1", "-1..2", "1..2..3", "1.5.2..3", "a..b", "1..1e9", "0x1..2",
		"1..nan", "0..inf", " 1..2", "0..0.0001", "1....2",
		"0..99999999999999999999999999999"};
	static const char *const rows[] = {"", "1", "1..", "..1", "2..1", "-1..2",
		"1.0..2", "1..99999999999999999999", "0..2147483647", "0 ..1"};
	struct gantt_view w = {0};

	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
		CHECK(!gantt_window(&w, windows[i]));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(!gantt_rows(&w, rows[i]));
	CHECK(gantt_window(&w, "95..145"));
	CHECK_FLOAT(w.from_us, 95);
	CHECK_FLOAT(w.to_us, 145);
	CHECK(gantt_window(&w, "0.5..1.25"));
	CHECK_FLOAT(w.from_us, 0.5);
	CHECK_FLOAT(w.to_us, 1.25);
	CHECK(gantt_rows(&w, "3..3"));
	CHECK_INT(w.veu0, 3);
	CHECK_INT(w.veus, 1);
}

/* Names may hold anything; XML may not. */
static void
test_text(void)
{
	static const struct {
		const char *text;
		size_t max;
		const char *is;
	} of[] = {
		{"a<b&c>\"d\"", 20, "a&lt;b&amp;c&gt;\"d\""},
		{"\x01\x7f\xff", 20, "\\x01\\x7f\\xff"},
		{"\xc3\xa9\xe6\x97\xa5", 20, "\xc3\xa9\xe6\x97\xa5"},
		{"\xc3\xa9\xe6\x97\xa5", 1, "\xc3\xa9..."},
		{"\xef\xbf\xbe", 9, "\\xef\\xbf\\xbe"},	/* U+FFFE */
		{"abc", 3, "abc"},
		{"", 0, ""},
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		char *text = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&text, &n);

		draw_text(f, of[i].text, of[i].max);
		fclose(f);
		CHECK_STR(arena_strdup(&test_arena, text), of[i].is);
		free(text);
	}
}

int
main(void)
{
	RUN(test_waits);
	RUN(test_late);
	RUN(test_barriers);
	RUN(test_shared_unit);
	RUN(test_costs);
	RUN(test_measured);
	RUN(test_too_short);
	RUN(test_chain);
	RUN(test_explain);
	RUN(test_gantt);
	RUN(test_gantt_chain);
	RUN(test_gantt_barriers);
	RUN(test_gantt_part);
	RUN(test_view);
	RUN(test_text);
	return test_done();
}
