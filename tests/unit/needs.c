/* Searches for what an rTask follows find what looking at every pair finds. */
#include "three.h"

struct seen {
	int64_t visited, met, pairs;
};

/* Every pair, and the search's: the same. */
static void
compare(struct needs *n, const struct need *d, struct seen *seen)
{
	for (size_t i = 0; i < d->pairs.n; i++)
		for (int64_t u = 0; u < plan.rops.v[d->q].ntasks; u++) {
			struct need_search s;
			int64_t next;

			need_search(&s, n, d, &d->pairs.v[i], u);
			next = need_next(&s, 0);
			for (int64_t t = 0; t < plan.rops.v[d->p].ntasks; t++) {
				bool meets = need_meets(&s, t, NULL);

				CHECK(next < 0 || next >= t);
				CHECK(!meets || next == t);
				seen->met += meets;
				if (next != t)
					continue;
				seen->visited++;
				next = need_next(&s, t + 1);
			}
			CHECK_INT(next, -1);
		}
}

static void
compare_all(struct needs *n, void *ctx)
{
	struct seen *seen = ctx;

	for (size_t x = 0; x < n->v.n; x++) {
		const struct need *d = &n->v.v[x];

		compare(n, d, seen);
		seen->pairs += plan.rops.v[d->p].ntasks *
			plan.rops.v[d->q].ntasks;
	}
}

static void
test_all_pairs(void)
{
	struct seen s = {0};

	for_choices(compare_all, &s);
	CHECK(s.met > 0 && s.met <= s.visited);
	CHECK(s.visited < s.pairs * 3 / 4);
}

/* Many rTasks: a search looks at a few nodes, not at all. */
static const char many[] =
	"---\nformat: graph/1\nmade: {by: test}\nopset: 22\ninputs: [x]\n"
	"outputs: [b]\ntensors:\n"
	"- {name: x, type: f32, shape: [4096, 64]}\n"
	"- {name: a, type: f32, shape: [4096, 64]}\n"
	"- {name: b, type: f32, shape: [4096, 64]}\n"
	"nodes:\n- {op: Softmax, in: [x], out: [a]}\n"
	"- {op: Softmax, in: [a], out: [b]}\n...\n"
	"---\nformat: tasks/1\nmade: {by: test}\nclasses:\n"
	"- class: w\n" ARGS("[4096, 64, 1]")
	K("w/rows", "[4096]", "writes", "\"Y\": \"[x, 0..64, 0]\"")
	"- class: r\n" ARGS("[4096, 64, 1]")
	K("r/rows", "[4096]", "reads", "X: \"[x, 0..64, 0]\"")
	K("r/tiles", "[64, 64]", "reads", "X: \"[64*x..64*x+64, y, 0]\"")
	"rops:\n- {run: w, class: w, args: [x, a]}\n"
	"- {run: r, class: r, args: [a, b]}\n...\n";

static void
test_work(void)
{
	static const char two[] =
		"---\nformat: schedule/1\nmade: {by: test}\nkernels:\n"
		"- {run: w, use: w/rows}\n- {run: r, use: r/rows}\nsteps:\n";

	model = many;
	CHECK(load(gpu, two, "- launch: {width: 1}\n", ""));
	plan_use(&plan, 0, &plan.rops.v[0].cls->kernels.v[0]);
	for (int64_t k = 0, most = 1; k < 2; k++, most = 64) {
		struct needs n;

		plan_use(&plan, 1, &plan.rops.v[1].cls->kernels.v[k]);
		needs_make(&n, &plan, &test_arena);
		CHECK_INT(n.v.n, 1);
		for (int64_t u = 0; u < 4096; u++) {
			struct need_search s;
			int64_t found = 0;

			need_search(&s, &n, &n.v.v[0], &n.v.v[0].pairs.v[0], u);
			for (int64_t t = need_next(&s, 0); t >= 0;
			     t = need_next(&s, t + 1))
				found += need_meets(&s, t, NULL);
			CHECK_INT(found, most);
		}
		CHECK(n.work < 4096 * (4 * most + 40));
	}
}

int
main(void)
{
	RUN(test_all_pairs);
	RUN(test_work);
	return test_done();
}
