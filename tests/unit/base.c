/* lib/base: arenas, strings, maps. */
#include "test.h"

#include "base/heap.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"

static void
test_arena_zeroed_and_aligned(void)
{
	for (size_t n = 1; n < 200000; n = n * 3 + 1) {
		char *p = arena_alloc(&test_arena, n);

		CHECK_INT((int64_t)((uintptr_t)p % _Alignof(max_align_t)), 0);
		for (size_t i = 0; i < n; i++)
			CHECK_INT(p[i], 0);
		memset(p, 0xff, n);
	}
}

static void
test_arena_printf(void)
{
	CHECK_STR(arena_printf(&test_arena, "%s-%d", "a", 7), "a-7");
	CHECK_STR(arena_strndup(&test_arena, "abc", 2), "ab");
}

static void
test_vec_keeps_elements(void)
{
	VEC(int) v = {0};

	for (int i = 0; i < 1000; i++)
		vec_push(&test_arena, &v, i);
	CHECK_INT((int64_t)v.n, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(v.v[i], i);
}

static void
test_vec_new_element_is_zero_after_clear(void)
{
	struct ints v = {0};

	vec_push(&test_arena, &v, 5);
	v.n = 0;
	CHECK_INT(*vec_add(&test_arena, &v), 0);
}

static void
test_map_many(void)
{
	struct map m;

	map_init(&m, &test_arena);
	CHECK_INT(map_get(&m, "none"), -1);
	for (int i = 0; i < 5000; i++) {
		const char *key = arena_printf(&test_arena, "key%d", i);

		CHECK_INT(map_add(&m, key, i), -1);
	}
	for (int i = 0; i < 5000; i++)
		CHECK_INT(map_get(&m, arena_printf(&test_arena, "key%d", i)), i);
	CHECK_INT(map_get(&m, "key5000"), -1);
	CHECK_INT(map_add(&m, "key7", 8), 7);
	CHECK_INT(map_get(&m, "key7"), 7);
	map_set(&m, "key7", 9);
	CHECK_INT(map_get(&m, "key7"), 9);
	CHECK_INT((int64_t)m.n, 5000);
}

static void
test_strings(void)
{
	struct str s;
	bool same;

	str_init(&s);
	for (int i = 0; i < 100; i++)
		str_addf(&s, "%d,", i);
	str_addn(&s, "a\0b", 3);
	same = s.len == 10 * 2 + 90 * 3 + 3 && s.s[s.len] == '\0' &&
		memcmp(s.s + s.len - 3, "a\0b", 3) == 0;
	str_clear(&s);
	CHECK(same && s.len == 0 && *s.s == '\0');
	str_release(&s);
	CHECK(str_starts("abc", "ab") && !str_starts("ab", "abc"));
	CHECK(str_ends("abc", "bc") && !str_ends("bc", "abc"));
	CHECK(str_eq(NULL, NULL) && !str_eq(NULL, "") && str_eq("x", "x"));
}

static void
test_nearest(void)
{
	static const char *const words[] = {"sequential", "wavefront", "run"};

	CHECK_STR(str_nearest("wavefrnot", words, 3), "wavefront");
	CHECK_STR(str_nearest("wave", words, 3), NULL);
	CHECK_STR(str_nearest("sequntial", words, 3), "sequential");
	CHECK_STR(str_nearest("rnu", words, 3), "run");
	CHECK_STR(str_nearest("xyz", words, 3), NULL);
	CHECK_STR(str_nearest("", words, 3), NULL);
	CHECK_STR(str_nearest("z", words, 3), NULL);
}

static void
test_heap(void)
{
	static const double keys[] = {5, 1, 4, 1, -2, 9, 1};
	static const int order[] = {4, 1, 3, 6, 2, 0, 5};
	struct heap h;

	heap_init(&h, 8, &test_arena);
	for (int i = 0; i < 7; i++)
		heap_push(&h, keys[i], i);
	for (int i = 0; i < 7; i++)
		CHECK_INT(heap_pop(&h), order[i]);
	CHECK_INT(h.n, 0);
	for (int i = 0; i < 3; i++)
		heap_push(&h, i, i);
	heap_rekey(&h, 1.5);
	CHECK_INT(heap_pop(&h), 1);
	CHECK_INT(heap_pop(&h), 0);
	CHECK_INT(heap_pop(&h), 2);
}

int
main(void)
{
	RUN(test_arena_zeroed_and_aligned);
	RUN(test_arena_printf);
	RUN(test_vec_keeps_elements);
	RUN(test_vec_new_element_is_zero_after_clear);
	RUN(test_map_many);
	RUN(test_strings);
	RUN(test_nearest);
	RUN(test_heap);
	return test_done();
}
