/* lib/partition: names in maps, shapes that align, costs, devices. */
#include "shape.h"

#include "base/str.h"
#include "partition/work.h"

static void
test_rename(void)
{
	static const struct rename r[] = {{"v", "t0"}, {"E1", "E7"}};

	CHECK_STR(expr_rename(&test_arena, "v + E1 * E10 - vv", r, 2),
	          "t0 + E7 * E10 - vv");
	CHECK_STR(expr_rename(&test_arena, "1e-5f*v+1.5e+3*(v)", r, 2),
	          "1e-5f*t0+1.5e+3*(t0)");
	CHECK_STR(expr_rename(&test_arena, "SELECT(v<0.0f,E1,0x1v)", r, 2),
	          "SELECT(t0<0.0f,E7,0x1v)");
	CHECK_STR(expr_rename(&test_arena, "E1-v", r, 2), "E7-t0");
}

static void
test_mentions(void)
{
	const char *expr;

	CHECK(expr_mentions("a + v", "v"));
	CHECK(!expr_mentions("a + vv + 1.0v", "v"));
	CHECK(expr_uses_coordinates("v + c0"));
	CHECK(expr_uses_coordinates("c12"));
	CHECK(!expr_uses_coordinates("c + cx0 + cos(1)"));
	CHECK_INT((int64_t)step_name("t0 = v + 1", &expr), 2);
	CHECK_STR(expr, "v + 1");
	CHECK_INT((int64_t)step_name("t0 == v", &expr), 0);
	CHECK_STR(expr, "t0 == v");
}

static const char *
refined(struct ints x, struct ints y)
{
	struct ints out;

	if (!shape_refine(&test_arena, &x, &y, &out))
		return "no";
	return shape_text(&test_arena, &out);
}

static void
test_refine(void)
{
	CHECK_STR(refined(shape(2, 6, 4), shape(2, 2, 12)), "[2, 3, 4]");
	CHECK_STR(refined(shape(2, 6, 4), shape(1, 24)), "[6, 4]");
	CHECK_STR(refined(shape(3, 1, 6, 1), shape(2, 6, 1)), "[6]");
	CHECK_STR(refined(shape(0), shape(2, 1, 1)), "[]");
	CHECK_STR(refined(shape(2, 6, 4), shape(2, 4, 6)), "no");
	CHECK_STR(refined(shape(1, 6), shape(1, 7)), "no");
	CHECK_STR(refined(shape(1, 0), shape(1, 0)), "no");
}

static const char *
realigned(struct ints operand, struct ints from, struct ints to)
{
	struct ints out;

	if (!operand_realign(&test_arena, &operand, &from, &to, &out))
		return "no";
	return shape_text(&test_arena, &out);
}

static void
test_realign(void)
{
	/* a bias of a channel: [C, HW] to [1, C, H, W] */
	CHECK_STR(realigned(shape(2, 8, 1), shape(2, 8, 12),
	                    shape(4, 1, 8, 3, 4)), "[1, 8, 1, 1]");
	CHECK_STR(realigned(shape(4, 1, 8, 1, 1), shape(4, 1, 8, 3, 4),
	                    shape(2, 8, 12)), "[8, 1]");
	CHECK_STR(realigned(shape(2, 8, 12), shape(2, 8, 12), shape(1, 96)),
	          "[96]");
	CHECK_STR(realigned(shape(2, 1, 1), shape(2, 8, 12), shape(1, 96)),
	          "[1]");
	/* part of a joined dimension is no broadcast */
	CHECK_STR(realigned(shape(2, 8, 1), shape(2, 8, 12), shape(1, 96)), "no");
	CHECK_STR(realigned(shape(2, 8, 1), shape(2, 8, 12), shape(2, 12, 8)),
	          "no");
	/* operands of all dimensions but one in the middle */
	CHECK_STR(realigned(shape(3, 2, 1, 4), shape(3, 2, 3, 4),
	                    shape(4, 2, 3, 2, 2)), "[2, 1, 2, 2]");
}

/* A shape of 1s and one of products of the same numbers always align: every
 * element of the operand is where it was. */
static void
test_realign_keeps_elements(void)
{
	struct ints from = shape(4, 2, 3, 2, 5), to = shape(3, 6, 1, 10);

	for (int mask = 0; mask < 16; mask++) {
		struct ints op = {0}, out;
		int64_t fs[4], ts[3], f = 1, t = 1;

		for (int k = 0; k < 4; k++)
			vec_push(&test_arena, &op,
			         mask >> k & 1 ? from.v[k] : 1);
		if (!operand_realign(&test_arena, &op, &from, &to, &out))
			continue;
		for (int k = 4; k-- > 0;) {
			fs[k] = op.v[k] == 1 ? 0 : f;
			f *= op.v[k];
		}
		for (int k = 3; k-- > 0;) {
			ts[k] = out.v[k] == 1 ? 0 : t;
			t *= out.v[k];
		}
		CHECK_INT(t, f);
		for (int e = 0; e < 60; e++)
			CHECK_INT(e / 10 * ts[0] + e % 10 * ts[2],
			          e / 30 * fs[0] + e / 10 % 3 * fs[1] +
			          e / 5 % 2 * fs[2] + e % 5 * fs[3]);
	}
}

/* --- devices ----------------------------------------------------------------- */

static void
test_host_device(void)
{
	struct device v, t;

	CHECK_INT(device_host(&test_arena, "lib/devices", 3, &v, test_diag()),
	          0);
	CHECK_INT(v.units, 3);
	CHECK_INT(v.veus, 3);
	CHECK(v.simd >= 16 && v.simd % 16 == 0);
	CHECK(device_cpus(&test_arena) >= 1);

	/* figures are the file's, rates scaled to what was found */
	CHECK_INT(device_find(&test_arena, "", "lib/devices/host.yaml", &t,
	                      test_diag()), 0);
	CHECK(v.memory_gbps == t.memory_gbps && v.task_us == t.task_us);
	CHECK(v.l1_gbps == 3 * t.l1_gbps && v.l2_gbps == 3 * t.l2_gbps);
	CHECK(v.l3_gbps == 3 * t.l3_gbps);
	CHECK(v.unit_gflops == t.unit_gflops * (double)v.simd / (double)t.simd);
	CHECK_INT(device_host(&test_arena, "lib", 3, &v, test_diag()), -1);
	CHECK_HAS(test_said(), "host.yaml");
}

/* A directory with a cache of that index. */
static void
put_cache(const char *dir, int index, const char *const v[4])
{
	static const char *const names[4] = {"level", "type", "size",
		"shared_cpu_list"};
	const char *at = file_join(&test_arena, dir,
	                           arena_printf(&test_arena, "index%d", index));

	CHECK_INT(file_mkdirs(at, test_diag()), 0);
	for (int i = 0; i < 4; i++) {
		struct file_out f;

		CHECK_INT(file_create(&f, file_join(&test_arena, at, names[i]),
		                      test_diag()), 0);
		fprintf(f.f, "%s\n", v[i]);
		CHECK_INT(file_commit(&f), 0);
	}
}

static void
test_host_caches(void)
{
	const char *dir = test_dir();
	int64_t l[3] = {1, 2, 3}, *const to[3] = {l, l + 1, l + 2};

	host_caches(&test_arena, dir, 4, to);	/* it tells nothing */
	CHECK(l[0] == 1 && l[1] == 2 && l[2] == 3);
	put_cache(dir, 0, (const char *[]){"1", "Data", "48K", "0"});
	put_cache(dir, 1, (const char *[]){"1", "Instruction", "32K", "0"});
	put_cache(dir, 2, (const char *[]){"2", "Unified", "2048K", "0,4"});
	put_cache(dir, 3, (const char *[]){"3", "Unified", "32M", "0-3,8-11"});
	host_caches(&test_arena, dir, 4, to);
	CHECK_INT(l[0], 48 << 10);
	CHECK_INT(l[1], 2 << 20);
	CHECK_INT(l[2], 32 << 20);
	host_caches(&test_arena, dir, 20, to);	/* of three groups of 8 */
	CHECK_INT(l[2], 96 << 20);
	put_cache(dir, 3, (const char *[]){"3", "Unified", "32M", "all"});
	host_caches(&test_arena, dir, 20, to);
	CHECK_INT(l[2], 32 << 20);
	put_cache(dir, 3, (const char *[]){"4", "Unified", "64M", "0-3"});
	put_cache(dir, 4, (const char *[]){"3", "Unified", "", "0-3"});
	host_caches(&test_arena, dir, 20, to);
	CHECK_INT(l[2], 32 << 20);
}

static void
test_unknown_device(void)
{
	struct device v;

	CHECK_INT(device_find(&test_arena, "lib/devices", "h100", &v,
	                      test_diag()), -1);
	CHECK_HAS(test_said(), "unknown device 'h100'");
	CHECK_INT(device_find(&test_arena, "lib/devices", "../x", &v,
	                      test_diag()), -1);
	CHECK_HAS(test_said(), "../x");
}

/* --- costs ---------------------------------------------------------------------- */

static void
test_cost_grows_with_work(void)
{
	struct kernel k = {.head = {.kernel = "f"}};
	struct class c = {.class = "c", .form = "Map"};
	struct candidate few = {.use = "f"}, many = {.use = "f"};
	struct arg *y = vec_add(&test_arena, &c.args);
	struct device v;
	double us;

	y->arg = "Y";
	y->out = true;
	y->shape = shape(1, 1 << 20);
	vec_push(&test_arena, &few.grid, 2);
	vec_push(&test_arena, &many.grid, 200);
	CHECK_INT(device_host(&test_arena, "lib/devices", 2, &v, test_diag()),
	          0);
	cost_task(&k, &c, &few, &v);
	cost_task(&k, &c, &many, &v);
	CHECK(few.us > 50 * many.us);
	CHECK(cost_rop(&few, &v) < cost_rop(&many, &v));
	vec_push(&test_arena, &y->map, "EXP(EXP(EXP(v)))");
	us = few.us;
	cost_task(&k, &c, &few, &v);
	CHECK(few.us > us);
	CHECK(few.flops > 30 * (1 << 19));
	CHECK(few.bytes > 3.9 * (1 << 19) && few.bytes < 4.1 * (1 << 19));
}

int
main(void)
{
	RUN(test_rename);
	RUN(test_mentions);
	RUN(test_refine);
	RUN(test_realign);
	RUN(test_realign_keeps_elements);
	RUN(test_host_device);
	RUN(test_host_caches);
	RUN(test_unknown_device);
	RUN(test_cost_grows_with_work);
	return test_done();
}
