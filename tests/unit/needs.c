/* Searches for what an rTask follows find what looking at every pair finds. */
#include <string.h>

#include "three.h"
#include "verify/needs.h"

/* Every pair, and the search's: the same; what it visits rises. */
static void
compare(struct needs *n, const struct need *d, int64_t *visited, int64_t *met)
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
				*met += meets;
				if (next != t)
					continue;
				++*visited;
				next = need_next(&s, t + 1);
			}
			CHECK_INT(next, -1);
		}
}

static void
test_all_pairs(void)
{
	const struct class *w, *q;
	int64_t visited = 0, met = 0, of = 0;

	model = shapes;
	CHECK(load(gpu, head, "- launch: {width: 1}\n", ""));
	w = plan.rops.v[0].cls;
	for (size_t i = 0; i < w->kernels.n; i++)
		for (size_t k = 0; k < 5; k++) {
			struct needs n;

			plan_use(&plan, 0, &w->kernels.v[i]);
			for (int r = 1; r <= 2; r++) {
				q = plan.rops.v[r].cls;
				plan_use(&plan, r,
				         &q->kernels.v[k % q->kernels.n]);
			}
			needs_make(&n, &plan, &test_arena);
			CHECK_INT(n.v.n, 2);
			for (size_t x = 0; x < n.v.n; x++) {
				compare(&n, &n.v.v[x], &visited, &met);
				of += plan.rops.v[n.v.v[x].p].ntasks *
					plan.rops.v[n.v.v[x].q].ntasks;
			}
		}
	CHECK(met > 0 && met <= visited);
	CHECK(visited < of * 3 / 4);
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
