/* lib/emit/reread: plan.bin held against its plan.  Tables that were made from
 * the plan are accepted; each is then changed in one place, its checksum made
 * to fit, and has to be refused with the place named. */
#include "test.h"

#include "base/str.h"
#include "emit/memory.h"
#include "emit/reread.h"
#include "emit/tables.h"
#include "verify/verify.h"

/* x -> a -> b -> c, 8 rTasks each, and d beside them by a larger rKernel; e and
 * h, under conditions; p and q run once, q from p. */
static const char text[] =
	"format: schedule/1\nmade: {by: hand}\nkernels:\n"
	"- {run: a, use: each/4}\n- {run: b, use: each/4}\n"
	"- {run: c, use: each/4}\n- {run: d, use: each/8}\n"
	"- {run: e, use: each/4}\n- {run: h, use: each/4}\n"
	"- {run: p, use: each/4}\n- {run: q, use: each/4}\nsteps:\n"
	"- launch: {width: 2}\n"
	"- {run: a, tasks: 0..7, veus: 0..1}\n"
	"- {run: d, tasks: 0..3, veus: 0..0}\n"
	"- {run: e, tasks: 0..7, veus: 0..1, if: yes_}\n"
	"- {run: h, tasks: 0..7, veus: 0..1, if: both}\n"
	"- {run: b, tasks: 0..3, veus: 0..1, after: [{run: a, tasks: 0..5}]}\n"
	"- {run: b, tasks: 4..7, veus: 0..1, after: [{run: a}]}\n"
	"- barrier: {}\n"
	"- {run: c, tasks: 0..3, veus: 0..1, after: [{run: b}]}\n"
	"- launch: {width: 1}\n"
	"- {run: c, tasks: 4..7, veus: 0..0}\n"
	"...\n---\nformat: tasks/1\nmade: {by: hand}\nbuffers:\n"
	"- {name: p, type: f32, shape: [32]}\n- {name: q, type: f32, shape: [32]}\n"
	"- {name: e, type: f32, shape: [32]}\n- {name: h, type: f32, shape: [32]}\n"
	"conditions:\n- {name: yes_, tensor: f, is: true}\n"
	"- {name: both, tensor: g, is: false, within: yes_}\n"
	"classes:\n- class: m\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [32], out: true, map: [\"E0 + 1\"]}\n"
	"  - {arg: E0, type: f32, shape: [32], \"on\": \"Y\"}\n"
	"  kernels:\n"
	"  - {use: each/4, grid: [8], writes: {\"Y\": \"[4*x..4*(x+1)]\"}, us: 1.0}\n"
	"  - {use: each/8, grid: [4], writes: {\"Y\": \"[8*x..8*(x+1)]\"}, us: 1.0}\n"
	"rops:\n- {run: p, class: m, args: [p, w], init: true}\n"
	"- {run: q, class: m, args: [q, p], init: true}\n"
	"- {run: a, class: m, args: [a, x]}\n- {run: b, class: m, args: [b, a]}\n"
	"- {run: c, class: m, args: [c, b]}\n- {run: d, class: m, args: [d, x]}\n"
	"- {run: e, class: m, args: [e, x], if: yes_}\n"
	"- {run: h, class: m, args: [h, e], if: both}\n"
	"...\n---\nformat: device/1\n"
	"name: two\ntarget: host\nunits: 2\nveus: 2\nsimd: 16\nl1: 32768\n"
	"l2: 524288\nmemory_gbps: 30.0\nunit_gbps: 15.0\nl2_gbps: 60.0\n"
	"unit_gflops: 90.0\nlaunch_us: 1.0\nbarrier_us: 0.5\ncounter_us: 0.2\n"
	"task_us: 0.05\n...\n---\nformat: graph/1\nmade: {by: hand}\nopset: 22\n"
	"inputs: [x, f, g]\noutputs: [c, d]\ntensors:\n"
	"- {name: x, type: f32, shape: [32]}\n"
	"- {name: f, type: bool, shape: []}\n"
	"- {name: g, type: bool, shape: [1]}\n"
	"- {name: w, type: f32, shape: [32], fill: [1.0]}\n"
	"- {name: a, type: f32, shape: [32]}\n- {name: b, type: f32, shape: [32]}\n"
	"- {name: c, type: f32, shape: [32]}\n- {name: d, type: f32, shape: [32]}\n"
	"nodes:\n"
	"- {op: A, in: [x], out: [a]}\n- {op: B, in: [a], out: [b]}\n"
	"- {op: C, in: [b], out: [c]}\n- {op: D, in: [x], out: [d]}\n...\n";

static struct stack stack;
static struct plan plan;
static struct emit e;
static struct reread again;
static struct {			/* plan.bin as it was made */
	char *s;
	size_t len;
} table;

static bool
make(void)
{
	struct kernels *k = arena_new(&test_arena, struct kernels);
	struct verified *v;
	struct memory *m;
	struct str bytes;

	e = (struct emit){.a = &test_arena, .plan = &plan, .kernels = k,
	                  .d = test_diag()};
	stack_init(&stack, &test_arena, formats);
	if (stack_read_source(&stack, test_source(text), e.d) < 0 ||
	    stack_check(&stack, e.d) < 0 ||
	    plan_init(&plan, &test_arena, &stack, e.d) < 0 ||
	    kernels_load(k, &test_arena, "tests/cli/emit/kernels", TARGET_HOST,
	                 e.d) < 0)
		return false;
	e.schedule = stack_schedule(&stack);
	if (verify_schedule(&plan, e.schedule, &test_arena, &v, e.d) !=
	    FAULT_NONE)
		return false;
	m = memory_make(&plan, e.schedule, NULL, 64, false, e.d);
	e.memory = m;
	if (!m || verify_memory(v, m, e.d) != FAULT_NONE || program_make(&e) < 0)
		return false;
	again = (struct reread){&test_arena, e.d, &plan, verified_flow(v), m};
	str_init(&bytes);
	program_write(e.program, &bytes);
	table.len = bytes.len;
	table.s = (char *)arena_array(&test_arena, bytes.len / 8, 8);
	memcpy(table.s, bytes.s, bytes.len);
	str_release(&bytes);
	return true;
}

/* --- a table, changed ------------------------------------------------------------- */

struct parts {			/* where its sections lie */
	char *bytes;
	struct tamp_header *h;
#define FIELD(type, name) type *name;
	TAMP_SECTIONS(FIELD)
#undef FIELD
};

static struct parts
open_copy(void)
{
	char *b = (char *)arena_array(&test_arena, table.len / 8, 8);
	struct parts v = {.bytes = b, .h = (struct tamp_header *)b};

	memcpy(b, table.s, table.len);
#define FIND(type, name) v.name = (type *)(b + v.h->name.at);
	TAMP_SECTIONS(FIND)
#undef FIND
	return v;
}

/* The table is whole, whatever it says. */
static void
seal(struct parts *v)
{
	v->h->checksum = tamp_checksum(v->bytes + 16, table.len - 16);
}

/* The row of an rTask of the run. */
static struct tamp_row *
row_of(const struct parts *v, const char *rop, uint32_t task)
{
	uint32_t r = (uint32_t)map_get(&plan.rop_by_name, rop);

	for (uint64_t i = 0; i < v->h->rows.count; i++)
		if (v->rows[i].kind == TAMP_RUN && v->rows[i].rop == r &&
		    v->rows[i].task == task)
			return &v->rows[i];
	BUG("no row of '%s'", rop);
}

static uint32_t
tensor(const char *name)
{
	return (uint32_t)map_get(&plan.tensor_by_name, name);
}

static uint32_t
rop(const char *name)
{
	return (uint32_t)map_get(&plan.rop_by_name, name);
}

static void
swap_rows(struct tamp_row *a, struct tamp_row *b)
{
	struct tamp_row t = *a;

	*a = *b;
	*b = t;
}

static void drop_wait(struct parts *v) { row_of(v, "b", 0)->nwaits--; }
static void drop_all_waits(struct parts *v) { row_of(v, "b", 5)->nwaits = 0; }
static void lower_count(struct parts *v)
{ v->waits[row_of(v, "b", 0)->wait].count--; }
static void lower_both(struct parts *v)
{
	uint32_t k = v->waits[row_of(v, "b", 0)->wait].counter;

	v->counters[k].count--;
	for (uint64_t i = 0; i < v->h->waits.count; i++)
		v->waits[i].count -= v->waits[i].counter == k;
}
static void other_counter(struct parts *v)
{
	v->waits[row_of(v, "b", 0)->wait].counter =
		v->waits[row_of(v, "b", 4)->wait + 1].counter;
}
static void wait_for_more(struct parts *v)
{
	struct tamp_row *few = row_of(v, "b", 0), *all = row_of(v, "b", 4);

	few->wait = all->wait;
	few->nwaits = all->nwaits;
}
static void wait_unasked(struct parts *v)
{
	struct tamp_row *r = row_of(v, "d", 0), *of = row_of(v, "b", 0);

	r->wait = of->wait;
	r->nwaits = 1;
}
static void drop_signal(struct parts *v)
{ row_of(v, "a", 7)->signal = TAMP_NONE; }
static void early_signal(struct parts *v)
{
	row_of(v, "a", 1)->signal = row_of(v, "a", 5)->signal;
	row_of(v, "a", 5)->signal = TAMP_NONE;
}
static void wrong_signal(struct parts *v)
{ row_of(v, "a", 7)->signal = row_of(v, "a", 5)->signal; }
static void other_range(struct parts *v)
{ v->counters[row_of(v, "a", 5)->signal].hi--; }
static void rows_swapped(struct parts *v)
{ swap_rows(row_of(v, "d", 3), row_of(v, "b", 0)); }
static void tasks_swapped(struct parts *v)
{ swap_rows(row_of(v, "a", 0), row_of(v, "a", 1)); }
static void doubled(struct parts *v)
{ row_of(v, "d", 3)->task = 2; }
static void across_barrier(struct parts *v)
{
	struct tamp_row *r = row_of(v, "c", 0);

	swap_rows(r, r - 1);
}
static void short_veu(struct parts *v)
{ v->veus[v->launches[1].veus + 1].nrows--; }
static void other_instance(struct parts *v)
{ v->rops[rop("d")].instance = v->rops[rop("a")].instance; }
static void other_argument(struct parts *v)
{ v->args[v->rops[rop("b")].args + 1] = tensor("x"); }
static void other_name(struct parts *v)
{ v->rops[rop("b")].name = v->rops[rop("a")].name; }
static void moved(struct parts *v) { v->tensors[tensor("b")].offset += 64; }
static void other_base(struct parts *v)
{ v->tensors[tensor("b")].base = TAMP_OUTPUT; }
static void small_arena(struct parts *v) { v->h->arena -= 64; }
static void outputs_swapped(struct parts *v)
{
	v->tensors[tensor("c")].index = 1;
	v->tensors[tensor("d")].index = 0;
}
static void io_swapped(struct parts *v)
{
	v->io[3] = tensor("d");
	v->io[4] = tensor("c");
}
static void narrow_launch(struct parts *v) { v->launches[2].shared = 7; }
static void open_missing(struct parts *v)
{ row_of(v, "q", 1)->task = 0; }
static void open_early(struct parts *v)
{
	struct tamp_row *r = row_of(v, "q", 0);

	swap_rows(r, r - 1);
}
static void barrier_signals(struct parts *v)
{ row_of(v, "b", 6)[1].signal = 0; }
static void two_counters(struct parts *v)
{ v->counters[row_of(v, "a", 7)->signal].lo--; }
static void wait_twice(struct parts *v)
{
	struct tamp_row *r = row_of(v, "b", 4);

	v->waits[r->wait + 1] = v->waits[r->wait];
}
static void no_waits_there(struct parts *v)
{ row_of(v, "b", 4)->nwaits = 1000; }
static void barrier_more(struct parts *v)
{
	struct tamp_row *r = row_of(v, "c", 2);

	*r = *(row_of(v, "c", 0) - 1);
}
static void row_moved(struct parts *v)	/* from one vEU to the one before */
{
	struct tamp_veu *u = &v->veus[v->launches[1].veus];

	u[0].nrows++;
	u[1].row++;
	u[1].nrows--;
}
static void open_small(struct parts *v) { v->launches[0].threads++; }
/* The last row of a vEU at open. */
static struct tamp_row *
last_at_open(struct parts *v, uint32_t veu)
{
	const struct tamp_veu *u = &v->veus[v->launches[0].veus + veu];

	return &v->rows[u->row + u->nrows - 1];
}
static void open_barrier(struct parts *v)
{ *last_at_open(v, 1) = *(row_of(v, "q", 0) - 1); }
static void open_fewer(struct parts *v)
{
	open_barrier(v);
	*last_at_open(v, 0) = *last_at_open(v, 1);
}
static void no_code(struct parts *v) { v->launches[1].code = 1000; }
static void code_of_open(struct parts *v)
{ v->launches[1].code = v->launches[0].code; }
static void beyond(struct parts *v) { v->h->rows.count = 1u << 30; }
static void other_rop(struct parts *v) { row_of(v, "d", 0)->rop = 1000; }

static void no_condition(struct parts *v)
{ row_of(v, "h", 3)->condition = TAMP_NONE; }
static void outer_condition(struct parts *v)
{ row_of(v, "h", 0)->condition = 0; }
static void condition_beyond(struct parts *v)
{ row_of(v, "e", 0)->condition = 2; }
static void condition_added(struct parts *v)
{ row_of(v, "a", 0)->condition = 0; }
static void barrier_asks(struct parts *v)
{ row_of(v, "b", 6)[1].condition = 0; }
static void asks_at_open(struct parts *v)
{ row_of(v, "p", 0)->condition = 0; }
static void condition_turned(struct parts *v) { v->conditions[1].is = 1; }
static void condition_elsewhere(struct parts *v)
{ v->conditions[1].tensor = tensor("f"); }
static void condition_alone(struct parts *v)
{ v->conditions[1].within = TAMP_NONE; }
static void condition_less(struct parts *v) { v->h->conditions.count--; }

static const struct damage {
	const char *what;
	void (*damage)(struct parts *v);
	const char *says;		/* part of the first line */
} damages[] = {
	{"a wait dropped", drop_wait, "rTask 0 of 'b' on vEU 0 of launch 0 does "
	 "not wait for counter 0 (rTasks 0..5 of 'a')"},
	{"all waits dropped", drop_all_waits, "rTask 5 of 'b' on vEU 1 of launch "
	 "0 does not wait for counter 1 (rTasks 6..7 of 'a')"},
	{"a threshold lowered", lower_count, "rTask 0 of 'b' on vEU 0 of launch 0 "
	 "waits until counter 0 (rTasks 0..5 of 'a') is 1: it gets 2"},
	{"a counter and its thresholds lowered", lower_both,
	 "counter 0 (rTasks 0..5 of 'a') gets 2 signals, not 1"},
	{"another counter", other_counter, "rTask 0 of 'b' on vEU 0 of launch 0 "
	 "does not wait for counter 0"},
	{"a wait for more", wait_for_more, "rTask 0 of 'b' on vEU 0 of launch 0 "
	 "waits for counter 1 (rTasks 6..7 of 'a'), which its step does not name"},
	{"a wait nobody named", wait_unasked, "rTask 0 of 'd' on vEU 0 of launch "
	 "0 waits for counter 0 (rTasks 0..5 of 'a'), which its step"},
	{"a signal dropped", drop_signal, "rTask 7 of 'a' on vEU 1 of launch 0 "
	 "signals nothing, not counter 1 (rTasks 6..7 of 'a')"},
	{"a signal too early", early_signal, "rTask 5 of 'a' on vEU 1 of launch 0 "
	 "signals nothing, not counter 0"},
	{"a wrong signal", wrong_signal, "rTask 7 of 'a' on vEU 1 of launch 0 "
	 "signals counter 0 (rTasks 0..5 of 'a'), not counter 1"},
	{"a counter of fewer rTasks", other_range, "rTask 0 of 'b' on vEU 0 of "
	 "launch 0 does not wait for all of rTasks 0..5 of 'a'"},
	{"rows swapped", rows_swapped, "rTask 0 of 'b' on vEU 0 of launch 0 "
	 "stands where the plan has rTask 3 of 'd'"},
	{"rTasks of two vEUs swapped", tasks_swapped, "rTask 1 of 'a' on vEU 0 of "
	 "launch 0 stands where the plan has rTask 0 of 'a'"},
	{"an rTask twice", doubled, "rTask 2 of 'd' on vEU 0 of launch 0 stands "
	 "where the plan has rTask 3 of 'd'"},
	{"an rTask before a barrier", across_barrier, "rTask 0 of 'c' on vEU 0 of "
	 "launch 0 stands on the wrong side of a barrier"},
	{"a row less", short_veu, "the rows of vEU 4 do not follow"},
	{"another rKernel", other_instance, "rOperator 'd': its instance is 0, "
	 "the plan says 1"},
	{"another argument", other_argument, "argument 1 of rOperator 'b' is not "
	 "'a'"},
	{"another name", other_name, "rOperator 'b' has another name"},
	{"an address shifted", moved, "tensor 'b': its offset is"},
	{"another base", other_base, "tensor 'b': its base is"},
	{"a small arena", small_arena, "the program: the arena's size is"},
	{"outputs swapped in place", outputs_swapped, "tensor 'c': its index is "
	 "1, the plan says 0"},
	{"outputs swapped by name", io_swapped, "input, output or state 3 is not "
	 "'c'"},
	{"a launch of more shared memory", narrow_launch, "launch 1 has 1 vEUs of 1 "
	 "threads, 7 bytes"},
	{"at open an rTask twice", open_missing, "rTask 0 of 'q' on vEU 1 at open runs twice"},
	{"at open an rTask early", open_early, "rTask 2 of 'q' on vEU 0 at open "
	 "stands on the wrong side of a barrier"},
	{"two counters of one rTask", two_counters, "two counters count rTask 5 "
	 "of 'a'"},
	{"a wait twice", wait_twice, "rTask 4 of 'b' on vEU 0 of launch 0 waits "
	 "twice for counter 0"},
	{"waits beyond the last", no_waits_there, "rTask 4 of 'b' on vEU 0 of "
	 "launch 0 has waits that are not there"},
	{"a barrier for an rTask", barrier_more, "vEU 0 of launch 0 meets 2 "
	 "barriers, the plan has 1"},
	{"a row at another vEU's end", row_moved, "rTask 1 of 'a' on vEU 0 of "
	 "launch 0"},
	{"a launch at open of more threads", open_small, "the launch at open has"},
	{"at open a barrier for an rTask", open_barrier, "vEU 1 meets 2 barriers "
	 "at open, others 1"},
	{"at open an rTask less", open_fewer, "rTask 6 of 'q' is missing at open"},
	{"a launch shape that is not there", no_code, "launch 1 has code 1000, "
	 "which is not there"},
	{"the launch shape of open", code_of_open, "launch 1 has code 0, which is "
	 "of another shape"},
	{"a section too long", beyond, "a section reaches beyond the file"},
	{"a barrier that signals", barrier_signals, "is no rTask and no "
	 "barrier"},
	{"a condition dropped", no_condition, "rTask 3 of 'h' on vEU 1 of launch "
	 "0 has no condition"},
	{"another condition", outer_condition, "rTask 0 of 'h' on vEU 0 of launch "
	 "0 has condition 'yes_'"},
	{"a condition that is not there", condition_beyond, "rTask 0 of 'e' on "
	 "vEU 0 of launch 0 has a condition that is not there"},
	{"a condition that nobody named", condition_added, "rTask 0 of 'a' on vEU "
	 "0 of launch 0 has condition 'yes_'"},
	{"a barrier under a condition", barrier_asks, "is no rTask and no "
	 "barrier"},
	{"at open a condition", asks_at_open, "rTask 0 of 'p' on vEU 0 at open "
	 "has a condition"},
	{"a condition turned", condition_turned, "condition 'both': what it has "
	 "to be is 1, the plan says 0"},
	{"a condition of another tensor", condition_elsewhere, "condition 'both': "
	 "its tensor is"},
	{"a condition within none", condition_alone, "condition 'both': what it "
	 "is within is 4294967295, the plan says 0"},
	{"a condition less", condition_less, "the program: the number of "
	 "conditions is 1, the plan says 2"},
	{"an rOperator that is not there", other_rop, "is no rTask and no "
	 "barrier"},
};

/* Whether the table is the plan's. */
static bool
accepted(char *bytes, size_t n)
{
	struct source src = {"d/plan.bin", bytes, n};
	struct tables t;

	return reread_tables(&again, &src, &t) == 0;
}

static void
test_tables_of_the_plan(void)
{
	CHECK(make());
	CHECK(accepted(table.s, table.len));
	CHECK_STR(test_said(), "");
}

static void
test_damaged_tables(void)
{
	CHECK(make());
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct parts v = open_copy();
		const char *said;

		again.d = test_diag();
		damages[i].damage(&v);
		seal(&v);
		if (accepted(v.bytes, table.len))
			CHECK_STR(damages[i].what, "refused");
		said = test_said();
		if (!strstr(said, damages[i].says))
			CHECK_STR(said, damages[i].says);
	}
}

/* Whether the row waits for the same if it finds its waits one further. */
static bool
waits_alike(const struct parts *v, const struct tamp_row *r)
{
	for (uint32_t i = 0; i < r->nwaits; i++)
		if (memcmp(&v->waits[r->wait + i], &v->waits[(r->wait ^ 1) + i],
		           sizeof *v->waits) != 0)
			return false;
	return true;
}

/* Any one word that differs is refused, but for those that say nothing: the
 * hashes of the source and the weights, which only they can tell (4 words);
 * where rows find waits that are alike; padding before sections, and the empty
 * name that all names begin with (3 words). */
static void
test_every_word_counts(void)
{
	size_t kept = 0, silent = 4 + 3;
	struct parts v;

	CHECK(make());
	v = open_copy();
	for (uint64_t i = 0; i < v.h->rows.count; i++)
		silent += v.rows[i].kind == TAMP_RUN &&
			waits_alike(&v, &v.rows[i]);
	again.d->suppressed++;
	for (size_t at = 16; at < table.len; at += 4) {
		v = open_copy();
		v.bytes[at] ^= 1;
		seal(&v);
		kept += accepted(v.bytes, table.len);
	}
	again.d->suppressed--;
	CHECK_INT(kept, silent);
}

/* Each word set to what hurts most: nothing is read where it must not be. */
static void
test_hostile_words(void)
{
	const uint32_t values[] = {0, 1, 7, 1000, 0x7fffffff, 0x80000000,
	                           0xffffffff};
	size_t refused = 0, tried = 0;

	CHECK(make());
	again.d->suppressed++;
	for (size_t at = 16; at < table.len; at += 4)
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			struct parts v = open_copy();

			memcpy(v.bytes + at, &values[i], 4);
			seal(&v);
			tried++;
			refused += !accepted(v.bytes, table.len);
		}
	for (size_t n = 0; n < table.len; n += 8)
		CHECK(!accepted(table.s, n));
	again.d->suppressed--;
	CHECK(refused > tried / 2);
}

int
main(void)
{
	RUN(test_tables_of_the_plan);
	RUN(test_damaged_tables);
	RUN(test_every_word_counts);
	RUN(test_hostile_words);
	return test_done();
}
