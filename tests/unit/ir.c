/* lib/ir: element types, sizes of tensors. */
#include "test.h"

#include "ir/check.h"

static int64_t
elems(size_t bytes, size_t n, const int64_t *dims)
{
	return shape_elems(dims, n, bytes);
}

#define ELEMS(bytes, ...) \
	elems(bytes, sizeof (const int64_t[]){__VA_ARGS__} / 8, \
	      (const int64_t[]){__VA_ARGS__})

static void
test_shape_elems(void)
{
	CHECK_INT(elems(4, 0, NULL), 1);
	CHECK_INT(ELEMS(4, 2, 3, 5), 30);
	CHECK_INT(ELEMS(4, 2, 0, 5), 0);
	CHECK_INT(ELEMS(4, 2, -1, 0), -1);
	CHECK_INT(ELEMS(1, (int64_t)1 << 40), (int64_t)1 << 40);
	CHECK_INT(ELEMS(1, ((int64_t)1 << 40) + 1), -1);
	CHECK_INT(ELEMS(4, (int64_t)1 << 38), (int64_t)1 << 38);
	CHECK_INT(ELEMS(4, ((int64_t)1 << 38) + 1), -1);
	CHECK_INT(ELEMS(8, (int64_t)1 << 20, (int64_t)1 << 20), -1);
	CHECK_INT(ELEMS(4, INT64_MAX, INT64_MAX, 0), -1);
	CHECK_INT(ELEMS(4, (int64_t)1 << 32, (int64_t)1 << 32), -1);
}

static void
test_dtypes(void)
{
	for (int i = 0; i < NDTYPES; i++) {
		enum dtype t = (enum dtype)i;

		CHECK_INT(dtype_from_word(dtype_word(t)), i);
		CHECK_STR(dtype_words.words[i], dtype_word(t));
		CHECK(dtype_is_float(t) + dtype_is_int(t) + (t == DTYPE_BOOL) == 1);
		CHECK(dtype_bytes(t) >= 1 && dtype_bytes(t) <= 8);
	}
	CHECK_INT(dtype_words.n, NDTYPES);
	CHECK_INT(dtype_from_onnx(1), DTYPE_F32);
	CHECK_INT(dtype_from_onnx(7), DTYPE_I64);
	CHECK_INT(dtype_from_onnx(9), DTYPE_BOOL);
	CHECK_INT(dtype_from_onnx(8), -1);
	CHECK_INT(dtype_from_word("float"), -1);
	CHECK_STR(dtype_ctype(DTYPE_I64), "int64_t");
	CHECK_STR(dtype_safetensors(DTYPE_BOOL), "BOOL");
}

static void
test_shapes(void)
{
	int64_t a[] = {1, 64}, b[] = {1, 65};
	struct ints x = {a, 2, 2}, y = {b, 2, 2}, none = {0};

	CHECK(shape_eq(&x, &x) && !shape_eq(&x, &y) && !shape_eq(&x, &none));
	CHECK_STR(shape_text(&test_arena, &x), "[1, 64]");
	CHECK_STR(shape_text(&test_arena, &none), "[]");
}

/* Every base and target has its word, in the order of the enum. */
static void
test_words(void)
{
	CHECK_INT(base_words.n, BASE_OWN + 1);
	CHECK_STR(base_words.words[BASE_STATE], "state");
	CHECK_INT(target_words.n, TARGET_HIP + 1);
	CHECK_STR(target_words.words[TARGET_CUDA], "cuda");
}

/* Formats are in the order in which they are made. */
static void
test_formats(void)
{
	for (int i = 0; i < NFORMATS; i++) {
		CHECK(formats[i].name && formats[i].record);
		CHECK_INT(formats[i].from >> i, 0);
	}
	CHECK_STR(formats[FORMAT_SCHEDULE].name, "schedule/1");
}

static bool
picks(const char *step, const char *last, bool is)
{
	const char *steps[] = {step, last};
	struct strs map = {steps, 2, 2};

	return map_picks(&map, "E1", "E0", is);
}

/* E1 counts only where E0 is true (is) or false: nothing else will do. */
static void
test_map_picks(void)
{
	CHECK(picks("SELECT(E0, E1, E2)", "v", true));
	CHECK(!picks("SELECT(E0, E1, E2)", "v", false));
	CHECK(picks("SELECT(E0, E2, E1)", "v", false));
	CHECK(!picks("SELECT(E0, E2, E1)", "v", true));
	CHECK(picks("t0 = CAST_F32(SELECT( E0 , E1 * 2.0f + E3, E2))",
	            "SELECT(t0 < 0.0f, 0.0f, t0)", true));
	CHECK(picks("SELECT(E3, SELECT(E0, MAX(E1, E4), E2), 0)", "v", true));
	CHECK(picks("E2 + E10 + xE1 + E1x", "v", true));
	CHECK(!picks("SELECT(E0, E1, E1)", "v", true));
	CHECK(!picks("SELECT(E0, E1, E2) + E1", "v", true));
	CHECK(!picks("SELECT(E0, E1, E2)", "E1", true));
	CHECK(!picks("t0 = E1", "SELECT(E0, t0, E2)", true));
	CHECK(!picks("SELECT(!E0, E1, E2)", "v", true));
	CHECK(!picks("SELECT(E0 || E3, E1, E2)", "v", true));
	CHECK(!picks("SELECT(E3, E1, E2)", "v", true));
	CHECK(!picks("MAX(E0, E1)", "v", true));
	CHECK(!picks("SELECT(E1, E0, E2)", "v", true));
	CHECK(!picks("SELECTED(E0, E1, E2)", "v", true));
	CHECK(!picks("SELECT * (E0, E1, E2)", "v", true));
	CHECK(!picks("(E0, E1, E2)", "v", true));
	CHECK(!picks("SELECT(E0, 0, E2), E1", "v", true));
}

int
main(void)
{
	RUN(test_shape_elems);
	RUN(test_dtypes);
	RUN(test_shapes);
	RUN(test_words);
	RUN(test_formats);
	RUN(test_map_picks);
	return test_done();
}
