/* Which rTasks each rTask needs, as ranges: of all pairs of rKernels in three.h
 * they hold what is needed, and are as narrow as can be where that is plain. */
#include "policy/bound.h"
#include "policy/tiles.h"
#include "three.h"

static int64_t
floor_div(int64_t x, int64_t y)
{
	return x >= 0 ? x / y : -((y - 1 - x) / y);
}

static int64_t
clamp(int64_t x, int64_t lo, int64_t hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

/* The first and last rows that rTasks of p/r rows each touch, one more on each
 * side, of n rows cut in tiles: bounds find them exactly. */
static void
test_bounds(void)
{
	for (int64_t p = 1; p <= 6; p++)
		for (int64_t r = 1; r <= 6; r++)
			for (int64_t halo = 0; halo <= 2; halo++) {
				int64_t lo[40], hi[40], most = 40 * p / r;
				struct bound b;

				for (int64_t c = 0; c < 40; c++) {
					lo[c] = clamp(floor_div(c * p - halo, r),
					              0, most);
					hi[c] = clamp(floor_div(c * p + halo, r),
					              0, most);
				}
				b = bound_fit(lo, 40, false, 'x', most + 1);
				for (int64_t c = 0; c < 40; c++)
					CHECK_INT(bound_at(&b, c), lo[c]);
				b = bound_fit(hi, 40, true, 'x', most + 1);
				for (int64_t c = 0; c < 40; c++)
					CHECK_INT(bound_at(&b, c), hi[c]);
			}
}

/* What follows no line is held all the same. */
static void
test_ragged(void)
{
	static const int64_t v[] = {3, 0, 1, 7, 5, 9, 9, 8};

	for (int upper = 0; upper < 2; upper++) {
		struct bound b = bound_fit(v, 8, upper, 'y', 10);

		for (int64_t c = 0; c < 8; c++)
			CHECK(upper ? bound_at(&b, c) >= v[c] && bound_at(&b, c) <= 9
			            : bound_at(&b, c) <= v[c] && bound_at(&b, c) >= 0);
	}
}

/* The text says what bound_at does. */
static void
test_text(void)
{
	static const struct bound bounds[] = {
		{.limit = 3}, {.of = 'i', .p = 1, .q = 0, .r = 1},
		{.of = 'x', .p = 3, .q = -2, .r = 1, .limited = true},
		{.of = 'y', .p = 2, .q = 5, .r = 3, .upper = true, .limit = 4,
			.limited = true},
		{.of = 'z', .p = 1, .q = -4, .r = 5},
	};
	static const char *const said[] = {
		"13", "4*i+1", "max(1, 12*x-7)", "min(17, 4*cdiv(2*y+5, 3)+1)",
		"4*cdiv(z-4, 5)+1",
	};

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		struct str s;

		str_init(&s);
		bound_text(&bounds[i], 4, 1, &s);
		CHECK_STR(s.s, said[i]);
		for (int64_t c = 0; c < 9; c++) {
			struct env_var v[] = {{"i", c}, {"x", c}, {"y", c},
				{"z", c}};
			struct env e = {v, 4, 4};
			int64_t x = 0;

			CHECK(expr_eval(expr_parse(&test_arena, s.s, POS_NONE,
			      test_diag()), &e, &x, &test_arena, NULL) == 0);
			CHECK_INT(x, 4 * bound_at(&bounds[i], c) + 1);
		}
		str_release(&s);
	}
}

static bool
holds(const struct need *d, const struct tiles *t, int64_t u, int64_t task)
{
	for (size_t k = 0; k < t->v.n; k++) {
		struct range r = {0, -1};
		const char *why;

		if (wait_range(&plan, d->q, u, &t->v.v[k],
		               plan.rops.v[d->p].ntasks, &r, &test_arena,
		               &why) == 0 && r.lo <= task && task <= r.hi)
			return true;
	}
	return false;
}

/* Everything that is needed lies in the ranges. */
static void
check_holds(struct needs *n, const struct need *d, const struct tiles *t)
{
	for (size_t i = 0; i < d->pairs.n; i++)
		for (int64_t u = 0; u < plan.rops.v[d->q].ntasks; u++)
			for (int64_t k = 0; k < plan.rops.v[d->p].ntasks; k++) {
				struct need_search s;

				need_search(&s, n, d, &d->pairs.v[i], u);
				if (need_meets(&s, k, NULL))
					CHECK(holds(d, t, u, k));
			}
}

static const struct {
	const char *w, *q, *ranges;
} known[] = {
	{"w/rows", "r/rows", "i..i"},
	{"w/rows", "r/halo", "max(0, i-1)..min(11, i+1)"},
	{"w/rows", "r/tiles", "4*x..4*x+3"},
	{"w/columns", "r/tiles", "2*y..2*y+1"},
	{"w/tiles", "r/rows", "cdiv(i-2, 3)..cdiv(i-2, 3) "
	                      "cdiv(i-2, 3)+4..cdiv(i-2, 3)+4"},
	{"w/columns", "r/rows", ""},		/* a row of all columns */
	{"w/all", "r/rows", ""},		/* all make it together */
	{"w/rows", "r/all", ""},
	{"w/some", "r/rows", ""},		/* a row that nobody writes */
	{"w/rows", "v/columns", ""},
};

#define NKNOWN (sizeof known / sizeof *known)

struct seen {
	bool known[NKNOWN];
	size_t found;
};

static void
check_known(struct seen *seen, const char *w, const char *q,
            const struct tiles *t)
{
	struct str s;

	str_init(&s);
	for (size_t k = 0; k < t->v.n; k++)
		str_addf(&s, "%s%s", k ? " " : "", t->v.v[k].text);
	for (size_t i = 0; i < NKNOWN; i++)
		if (str_eq(known[i].w, w) && str_eq(known[i].q, q)) {
			CHECK_STR(s.s, known[i].ranges);
			seen->known[i] = true;
		}
	str_release(&s);
}

static void
check_tiles(struct needs *n, void *ctx)
{
	struct seen *s = ctx;

	for (size_t x = 0; x < n->v.n; x++) {
		const struct need *d = &n->v.v[x];
		const struct tiles *t = tiles_of(n, d);

		check_known(s, plan.rops.v[d->p].cand->use,
		            plan.rops.v[d->q].cand->use, t);
		if (t->v.n) {
			check_holds(n, d, t);
			s->found++;
		}
		CHECK(tiles_of(n, d) == t);
	}
}

static void
test_tiles(void)
{
	struct seen s = {0};

	for_choices(check_tiles, &s);
	for (size_t i = 0; i < NKNOWN; i++)
		CHECK(s.known[i]);
	CHECK(s.found >= 15);
}

int
main(void)
{
	RUN(test_bounds);
	RUN(test_ragged);
	RUN(test_text);
	RUN(test_tiles);
	return test_done();
}
