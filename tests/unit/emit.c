/* lib/emit: tables (pieces, signals, waits, open), the memory planner, and the
 * index arithmetic of fused maps, which is compiled and run. */
#include "test.h"

#include <sys/stat.h>

#include "base/str.h"
#include "emit/memory.h"
#include "emit/tables.h"
#include "rkernel/layout.h"
#include "runtime/model_io.c"	/* the reader of plan.bin */

/* What a target's runtime has; nothing here opens a model. */
int
model_open_options(const char *dir, const struct model_options *o,
                   struct model **out)
{
	(void)dir, (void)o, (void)out;
	return -1;
}

static const char head[] =
	"format: schedule/1\nmade: {by: hand}\nkernels:\n"
	"- {run: a, use: each/4}\n- {run: b, use: each/4}\n"
	"- {run: c, use: each/4}\n- {run: p, use: each/4}\n"
	"- {run: q, use: each/4}\nsteps:\n";

/* x -> a -> b -> c, 8 rTasks each; p and q run once, q from p. */
static const char below[] =
	"...\n---\nformat: tasks/1\nmade: {by: hand}\nbuffers:\n"
	"- {name: p, type: f32, shape: [32]}\n- {name: q, type: f32, shape: [32]}\n"
	"classes:\n- class: m\n  form: Map\n  args:\n"
	"  - {arg: \"Y\", type: f32, shape: [32], out: true, map: [\"E0 + 1\"]}\n"
	"  - {arg: E0, type: f32, shape: [32], \"on\": \"Y\"}\n"
	"  kernels:\n  - {use: each/4, grid: [8], writes: {\"Y\": \"[4*x..4*(x+1)]\"}, us: 1.0}\n"
	"rops:\n- {run: p, class: m, args: [p, w], init: true}\n"
	"- {run: q, class: m, args: [q, p], init: true}\n"
	"- {run: a, class: m, args: [a, x]}\n- {run: b, class: m, args: [b, a]}\n"
	"- {run: c, class: m, args: [c, b]}\n...\n---\nformat: device/1\n"
	"name: two\ntarget: host\nunits: 2\nveus: 2\nsimd: 16\nl1: 32768\n"
	"l2: 524288\nmemory_gbps: 30.0\nunit_gbps: 15.0\nl2_gbps: 60.0\n"
	"unit_gflops: 90.0\nlaunch_us: 1.0\nbarrier_us: 0.5\ncounter_us: 0.2\n"
	"task_us: 0.05\n...\n---\nformat: graph/1\nmade: {by: hand}\nopset: 22\n"
	"inputs: [x]\noutputs: [c]\ntensors:\n"
	"- {name: x, type: f32, shape: [32]}\n"
	"- {name: w, type: f32, shape: [32], fill: [1.0]}\n"
	"- {name: a, type: f32, shape: [32]}\n- {name: b, type: f32, shape: [32]}\n"
	"- {name: c, type: f32, shape: [32]}\nnodes:\n"
	"- {op: A, in: [x], out: [a]}\n- {op: B, in: [a], out: [b]}\n"
	"- {op: C, in: [b], out: [c]}\n...\n";

static struct stack stack;
static struct plan plan;
static struct emit e;

/* The program of a schedule with these steps; false after diagnostics. */
static bool
make(const char *steps)
{
	struct kernels *k = arena_new(&test_arena, struct kernels);
	const char *text = arena_printf(&test_arena, "%s%s%s", head, steps,
	                                below);

	plan = (struct plan){0};
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
	if (plan_choose(&plan, e.schedule, e.d) < 0)
		return false;
	e.memory = memory_make(&plan, e.schedule, NULL, 64, false, e.d);
	return e.memory && program_make(&e) == 0;
}

/* Fails with what was said. */
#define MAKE(steps) \
	do { if (!make(steps)) CHECK_STR(test_said(), ""); } while (0)

/* The rows of a vEU of launch l as "a0 b3(0x2)+1 | ...": rOperator, rTask,
 * (counter x count) waited for, + counter signalled; | is a barrier. */
static const char *
rows(size_t l, size_t veu)
{
	const struct program *g = e.program;
	const struct tamp_veu *v = &g->veus.v[g->launches.v[l].veus + veu];
	struct str s;
	const char *out;

	str_init(&s);
	for (uint32_t i = v->row; i < v->row + v->nrows; i++) {
		const struct tamp_row *r = &g->rows.v[i];

		str_add(&s, i > v->row ? " " : "");
		if (r->kind == TAMP_BARRIER) {
			str_add(&s, "|");
			continue;
		}
		str_addf(&s, "%s%u", plan.rops.v[r->rop].rop->run, r->task);
		for (uint32_t k = 0; k < r->nwaits; k++)
			str_addf(&s, "(%ux%u)", g->waits.v[r->wait + k].counter,
			         g->waits.v[r->wait + k].count);
		if (r->signal != TAMP_NONE)
			str_addf(&s, "+%u", r->signal);
	}
	out = arena_strdup(&test_arena, s.s);
	str_release(&s);
	return out;
}

static void
test_open_has_its_own_launch(void)
{
	MAKE("- launch: {width: 1}\n- {run: a, tasks: 0..7, veus: 0..0}\n"
	           "- {run: b, tasks: 0..7, veus: 0..0}\n"
	           "- {run: c, tasks: 0..7, veus: 0..0}\n");
	CHECK_INT(e.program->h.init_launches, 1);
	CHECK_INT(e.program->launches.n, 2);
	CHECK_STR(rows(0, 0), "p0 p2 p4 p6 | q0 q2 q4 q6");
	CHECK_STR(rows(0, 1), "p1 p3 p5 p7 | q1 q3 q5 q7");
	CHECK_STR(rows(1, 0), "a0 a1 a2 a3 a4 a5 a6 a7 b0 b1 b2 b3 b4 b5 b6 b7 "
	          "c0 c1 c2 c3 c4 c5 c6 c7");
	CHECK_INT(e.program->h.ncounters, 0);
	CHECK_INT(e.instances.n, 1);
}

static void
test_pieces_are_cut_where_waits_end(void)
{
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	           "- {run: b, tasks: 0..3, veus: 0..1, after: [{run: a, tasks: 0..5}]}\n"
	           "- {run: b, tasks: 4..7, veus: 0..1, after: [{run: a, tasks: 4..7}]}\n"
	           "- {run: c, tasks: 0..7, veus: 0..0, after: [{run: b}]}\n");
	/* a: 0..3, 4..5, 6..7; each vEU signals once, at its last */
	CHECK_INT(e.program->h.ncounters, 4);
	CHECK_STR(rows(1, 0), "a0 a2+0 a4+1 a6+2 b0(0x2)(1x2) b2 b4(1x2)(2x2) "
	          "b6+3 c0(3x2) c1 c2 c3 c4 c5 c6 c7");
	CHECK_STR(rows(1, 1), "a1 a3+0 a5+1 a7+2 b1(0x2)(1x2) b3 b5(1x2)(2x2) "
	          "b7+3");
	CHECK_INT(e.program->counters.v[1].lo, 4);
	CHECK_INT(e.program->counters.v[1].hi, 5);
}

static void
test_implied_waits_are_dropped(void)
{
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	           "- barrier: {}\n"
	           "- {run: b, tasks: 0..7, veus: 0..1, after: [{run: a}]}\n"
	           "- launch: {width: 1}\n"
	           "- {run: c, tasks: 0..7, veus: 0..0, after: [{run: b}, {run: a, tasks: 0..0}]}\n");
	CHECK_INT(e.program->h.ncounters, 0);
	CHECK_STR(rows(1, 1), "a1 a3 a5 a7 | b1 b3 b5 b7");
	CHECK_INT(e.program->launches.n, 3);
	CHECK_INT(e.program->codes.n, 2);	/* one for open, one for the runs */
}

static void
test_same_wait_named_twice(void)
{
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..0}\n"
	           "- {run: b, tasks: 0..7, veus: 1..1, after: [{run: a}, {run: a, tasks: 0..7}, {run: a, tasks: 2..3}]}\n"
	           "- {run: c, tasks: 0..7, veus: 1..1}\n");
	CHECK_STR(rows(1, 0), "a0 a1+0 a2 a3+1 a4 a5 a6 a7+2");
	CHECK_STR(rows(1, 1), "b0(0x1)(1x1)(2x1) b1 b2 b3 b4 b5 b6 b7 "
	          "c0 c1 c2 c3 c4 c5 c6 c7");
}

/* Each rTask waits for its own, its vEU for a counter once. */
static void
test_each_rtask_waits(void)
{
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	           "- {run: b, tasks: 0..7, veus: 0..1, after: [{run: a, tasks: "
	           "\"max(0, i-1)..min(7, i+1)\"}, {run: a, tasks: 0..1}]}\n"
	           "- {run: c, tasks: 0..7, veus: 0..0, after: [{run: b, tasks: "
	           "\"4*cdiv(x-3, 4)..4*cdiv(x-3, 4)+3\"}]}\n");
	CHECK_STR(rows(1, 0), "a0+0 a2+2 a4+4 a6+6 b0(0x1)(1x1) b2(2x1)(3x1)+8 "
	          "b4(4x1)(5x1) b6(6x1)(7x1)+9 c0(8x2) c1 c2 c3 c4(9x2) c5 c6 "
	          "c7");
	CHECK_STR(rows(1, 1), "a1+1 a3+3 a5+5 a7+7 b1(0x1)(1x1)(2x1) "
	          "b3(3x1)(4x1)+8 b5(5x1)(6x1) b7(7x1)+9");
}

static const struct place *
place_of(const char *name)
{
	for (size_t i = 0; i < e.memory->places.n; i++)
		if (str_eq(e.memory->places.v[i].name, name))
			return &e.memory->places.v[i];
	return NULL;
}

static void
test_memory(void)
{
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	           "- barrier: {}\n- {run: b, tasks: 0..7, veus: 0..1}\n"
	           "- barrier: {}\n- {run: c, tasks: 0..7, veus: 0..1}\n");
	CHECK_INT(place_of("x")->base, BASE_INPUT);
	CHECK_INT(place_of("c")->base, BASE_OUTPUT);
	CHECK_INT(place_of("w")->base, BASE_WEIGHTS);
	CHECK_INT(place_of("p")->base, BASE_PACKED);
	CHECK_INT(place_of("q")->offset, 128);
	/* a and b are alive at once */
	CHECK_INT(place_of("a")->base, BASE_ARENA);
	CHECK_INT(place_of("a")->offset, 0);
	CHECK_INT(place_of("b")->offset, 128);
	CHECK_INT(e.memory->arena, 256);
}

static void
test_bytes_are_the_same_twice(void)
{
	static const char steps[] = "- launch: {width: 1}\n"
		"- {run: a, tasks: 0..7, veus: 0..0}\n"
		"- {run: b, tasks: 0..7, veus: 0..0}\n"
		"- {run: c, tasks: 0..7, veus: 0..0}\n";
	struct str x, y;

	str_init(&x);
	str_init(&y);
	MAKE(steps);
	program_write(e.program, &x);
	MAKE(steps);
	program_write(e.program, &y);
	CHECK_INT(x.len, y.len);
	CHECK(memcmp(x.s, y.s, x.len) == 0);
	CHECK_INT(x.len % 8, 0);
	str_release(&x);
	str_release(&y);
}

/* --- the runtime's reader of plan.bin --------------------------------------- */

static void
test_types_are_counted_alike(void)
{
	CHECK_INT(NTYPES, NDTYPES);
	for (int i = 0; i < NDTYPES; i++) {
		CHECK_STR(dtypes[i].word, dtype_word((enum dtype)i));
		CHECK_INT(tamp_dtype_bytes((uint32_t)i), dtype_bytes((enum dtype)i));
	}
}

/* Reads bytes as plan.bin; they lie in a block of their own, so that a
 * sanitizer sees where they end. */
static bool
readable(const char *bytes, size_t n)
{
	struct tamp_plan p = {.bytes = malloc(n), .size = n};
	bool ok;

	memcpy(p.bytes, bytes, n);
	ok = check_plan(&p, e.program->h.ninstances,
	                e.program->h.instances_hash) == 0;
	free(p.bytes);
	return ok;
}

static void
set_checksum(char *bytes, size_t n)
{
	uint64_t sum = tamp_checksum(bytes + 16, n - 16);

	memcpy(bytes + 8, &sum, sizeof sum);
}

/* Each word of the file is set to what hurts most, the checksum made to fit:
 * most is refused, and nothing is read where it must not be. */
static void
test_damaged_tables(void)
{
	const uint32_t values[] = {0, 1, 7, 1000, 0x7fffffff, 0x80000000,
	                           0xffffffff};
	int refused = 0, tried = 0;
	struct str s;
	char *t;

	str_init(&s);
	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	     "- {run: b, tasks: 0..7, veus: 0..1, after: [{run: a, tasks: 0..5}, {run: a}]}\n"
	     "- barrier: {}\n- {run: c, tasks: 0..7, veus: 0..0}\n");
	program_write(e.program, &s);
	CHECK(readable(s.s, s.len));
	t = arena_alloc(&test_arena, s.len);
	for (size_t at = 16; at < s.len; at += 4)
		for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
			memcpy(t, s.s, s.len);
			memcpy(t + at, &values[v], 4);
			if (memcmp(t, s.s, s.len) == 0)
				continue;
			set_checksum(t, s.len);
			refused += !readable(t, s.len);
			tried++;
		}
	CHECK(tried > 1000 && refused > tried / 3);
	for (size_t n = 0; n < s.len; n += 8)
		CHECK(!readable(s.s, n));
	s.s[s.len - 1] ^= 1;		/* the checksum does not fit */
	CHECK(!readable(s.s, s.len));
	str_release(&s);
}

/* Whether the program, its tables as they stand, is one that may run. */
static bool
may_run(void)
{
	struct str s;
	bool ok;

	str_init(&s);
	program_write(e.program, &s);
	ok = readable(s.s, s.len);
	str_release(&s);
	return ok;
}

/* What a vEU looks at before an rTask is there: two conditions, the second
 * within the first, put into the tables by hand. */
static void
test_conditions_that_are_not_there(void)
{
	struct program *g;
	struct tamp_condition *c;

	MAKE("- launch: {width: 2}\n- {run: a, tasks: 0..7, veus: 0..1}\n"
	     "- {run: b, tasks: 0..7, veus: 0..1, after: [{run: a}]}\n"
	     "- barrier: {}\n- {run: c, tasks: 0..7, veus: 0..0}\n");
	g = e.program;
	g->tensors.v[0].bytes = 1;
	vec_push(&test_arena, &g->conditions, ((struct tamp_condition){0, 1,
	         TAMP_NONE}));
	vec_push(&test_arena, &g->conditions, ((struct tamp_condition){0, 0, 0}));
	c = &g->conditions.v[1];
	g->rows.v[0].condition = 1;
	CHECK(may_run());
	g->rows.v[0].condition = 2;
	CHECK(!may_run());
	g->rows.v[0].condition = TAMP_NONE;
	CHECK(may_run());
	c->within = 1;			/* itself: it would never end */
	CHECK(!may_run());
	c->within = TAMP_NONE;
	CHECK(may_run());
	c->tensor = (uint32_t)g->tensors.n;
	CHECK(!may_run());
	c->tensor = 0;
	g->tensors.v[0].bytes = 4;
	CHECK(!may_run());
}

/* --- maps: indices of operands and coordinates, compiled and run ------------- */

static const struct map_case {
	int64_t shape[4];
	int rank;
	const char *layout;
	int64_t extra[4];
	const char *extra_layout;
} cases[] = {
	{{2, 3, 4, 5}, 4, NULL, {2, 3, 4, 5}, NULL},
	{{2, 3, 4, 5}, 4, NULL, {1, 3, 1, 1}, NULL},
	{{2, 3, 4, 5}, 4, NULL, {1, 1, 1, 1}, NULL},
	{{2, 3, 4, 5}, 4, NULL, {2, 1, 4, 1}, NULL},
	{{2, 3, 4, 5}, 4, NULL, {1, 1, 4, 5}, NULL},
	{{2, 3, 4, 5}, 4, NULL, {2, 3, 1, 1}, NULL},
	{{1, 1, 7, 1}, 4, NULL, {1, 1, 7, 1}, NULL},
	{{7}, 1, NULL, {1}, NULL},
	{{2, 8, 3, 5}, 4, "NCHW4c", {2, 8, 3, 5}, "NCHW4c"},
	{{2, 8, 3, 5}, 4, "NCHW4c", {1, 8, 1, 1}, NULL},
	{{2, 8, 3, 5}, 4, "NCHW4c", {1, 8, 1, 1}, "NCHW4c"},
	{{2, 8, 3, 5}, 4, "NCHW4c", {2, 8, 3, 5}, NULL},
	{{2, 8, 3, 5}, 4, "NCHW4c", {1, 1, 3, 5}, NULL},
	{{2, 8, 3, 5}, 4, NULL, {2, 8, 3, 5}, "NCHW4c"},
	{{2, 8, 3, 5}, 4, NULL, {1, 8, 3, 1}, "NCHW4c"},
	{{2, 8, 3, 5}, 4, "NCHW2c", {2, 8, 3, 5}, "NCHW4c"},
	{{8, 6, 3, 5}, 4, "OIHW2i4o", {8, 1, 3, 1}, NULL},
};
enum { NCASES = sizeof cases / sizeof *cases };

static struct kinstance *
case_instance(const struct map_case *c)
{
	static const char map_text[] = "E0 * 100000 + ";
	struct kinstance *k = arena_new(&test_arena, struct kinstance);
	struct class *cls = arena_new(&test_arena, struct class);
	struct arg *y = vec_add(&test_arena, &cls->args), *x;
	const char *sum = "";

	*y = (struct arg){.arg = "Y", .type = DTYPE_I32, .out = true,
	                  .layout = c->layout, .from = DTYPE_I32};
	for (int i = 0; i < c->rank; i++) {
		vec_push(&test_arena, &y->shape, c->shape[i]);
		sum = arena_printf(&test_arena, "(%s) * 10 + c%d",
		                   i ? sum : "0", i);
	}
	vec_push(&test_arena, &y->map, "t0 = v + 0");
	vec_push(&test_arena, &y->map,
	         arena_printf(&test_arena, "t0 + %s%s", map_text, sum));
	x = vec_add(&test_arena, &cls->args);
	*x = (struct arg){.arg = "E0", .type = DTYPE_I32, .on = "Y",
	                  .layout = c->extra_layout};
	for (int i = 0; i < c->rank; i++)
		vec_push(&test_arena, &x->shape, c->extra[i]);
	k->cls = cls;
	return k;
}

/* What element i of a case should become, the long way. */
static int64_t
expected(const struct kinstance *k, int64_t i)
{
	const struct arg *y = &k->cls->args.v[0], *x = &k->cls->args.v[1];
	int64_t scale[BOX_DIMS], logical[BOX_DIMS] = {0}, at = 0, digits = 0;
	struct ints stored;
	int dim[BOX_DIMS], n;

	layout_stored(&test_arena, y->layout, &y->shape, &stored);
	n = layout_map(y->layout, &y->shape, dim, scale);
	for (int d = n; d-- > 0; i /= stored.v[d])
		logical[dim[d]] += i % stored.v[d] * scale[d];
	for (size_t d = 0; d < y->shape.n; d++) {
		digits = digits * 10 + logical[d];
		if (x->shape.v[d] == 1)
			logical[d] = 0;
	}
	layout_stored(&test_arena, x->layout, &x->shape, &stored);
	n = layout_map(x->layout, &x->shape, dim, scale);
	for (int d = 0; d < n; d++) {
		int64_t inside = 1;	/* block of the dimension around this */

		for (int o = 0; o < d; o++)
			inside = dim[o] == dim[d] ? scale[o] : inside;
		at = at * stored.v[d] + (inside > 1 ?
			logical[dim[d]] % inside : logical[dim[d]]) / scale[d];
	}
	return at * 100000 + digits;
}

/* Prints one number a line: every element of every case. */
static bool
run_cases(const char *dir)
{
	const char *c = arena_printf(&test_arena, "%s/m.c", dir);
	struct str s;
	FILE *f = fopen(c, "w");

	str_init(&s);
	str_add(&s, "#include <stdint.h>\n#include <stdio.h>\n"
	        "#define TAMP_INDEX int64_t\n");
	maps_prologue(&s);
	for (size_t i = 0; i < NCASES; i++) {
		struct kinstance *k = case_instance(&cases[i]);

		maps_define(&e, k, &s);
		str_addf(&s, "static void f%zu(int32_t *Y, const int32_t *E0_p, int n)\n"
		         "{ for (int i = 0; i < n; i++) STORE(Y, i, 0); }\n", i);
		maps_undef(k, &s);
	}
	str_add(&s, "int main(void) { static int32_t e[1000], y[1000];\n"
	        "for (int i = 0; i < 1000; i++) e[i] = i;\n");
	for (size_t i = 0; i < NCASES; i++) {
		struct kinstance *k = case_instance(&cases[i]);

		str_addf(&s, "f%zu(y, e, %lld); for (int i = 0; i < %lld; i++) "
		         "printf(\"%%d\\n\", y[i]);\n", i,
		         (long long)shape_elems(k->cls->args.v[0].shape.v,
		                                k->cls->args.v[0].shape.n, 1),
		         (long long)shape_elems(k->cls->args.v[0].shape.v,
		                                k->cls->args.v[0].shape.n, 1));
	}
	str_add(&s, "return 0; }\n");
	if (f)
		fwrite(s.s, 1, s.len, f);
	str_release(&s);
	return f && fclose(f) == 0 && system(arena_printf(&test_arena,
		"cc -std=gnu11 -Wall -Werror -o %s/m %s && %s/m > %s/out", dir,
		c, dir, dir)) == 0;
}

static void
test_maps(void)
{
	const char *dir = test_dir();
	FILE *f;

	e = (struct emit){.a = &test_arena, .d = test_diag()};
	CHECK(run_cases(dir));
	f = fopen(arena_printf(&test_arena, "%s/out", dir), "r");
	CHECK(f);
	for (size_t i = 0; i < NCASES; i++) {
		struct kinstance *k = case_instance(&cases[i]);
		int64_t n = shape_elems(k->cls->args.v[0].shape.v,
		                        k->cls->args.v[0].shape.n, 1);

		for (int64_t j = 0; j < n; j++) {
			long long got = -1;

			CHECK_INT(fscanf(f, "%lld", &got), 1);
			CHECK_INT(got, expected(k, j));
		}
	}
	fclose(f);
}

/* What is simple stays simple: the compiler must see through it. */
static void
test_maps_stay_simple(void)
{
	static const struct { size_t at; const char *text; } want[] = {
		{0, "E0_p[i_Y];"}, {2, "E0_p[0];"}, {8, "E0_p[i_Y];"},
		{1, "E0_p[(uint32_t)i_Y / 20u % 3u];"},
		{4, "E0_p[(uint32_t)i_Y % 20u];"},
		{5, "E0_p[(uint32_t)i_Y / 20u];"},
		{9, "E0_p[((uint32_t)i_Y / 60u % 2u) * 4u + (uint32_t)i_Y % 4u];"},
	};
	struct str s;

	e = (struct emit){.a = &test_arena, .d = test_diag()};
	str_init(&s);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		str_clear(&s);
		maps_define(&e, case_instance(&cases[want[i].at]), &s);
		CHECK_HAS(s.s, want[i].text);
	}
	str_release(&s);
}

int
main(void)
{
	RUN(test_open_has_its_own_launch);
	RUN(test_pieces_are_cut_where_waits_end);
	RUN(test_implied_waits_are_dropped);
	RUN(test_same_wait_named_twice);
	RUN(test_each_rtask_waits);
	RUN(test_memory);
	RUN(test_bytes_are_the_same_twice);
	RUN(test_types_are_counted_alike);
	RUN(test_damaged_tables);
	RUN(test_conditions_that_are_not_there);
	RUN(test_maps);
	RUN(test_maps_stay_simple);
	return test_done();
}
