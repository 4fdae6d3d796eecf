/* What must hold in device/1 beyond its table. */
#include <math.h>

#include "base/str.h"
#include "ir/check.h"

int
check_number(const void *rec, const char *key, double x, bool zero,
             struct diag *d)
{
	if (isfinite(x) && (zero ? x >= 0 : x > 0))
		return 0;
	return diag_error(d, record_pos(rec, key), "'%s' is %g, expected a number "
	                  "%s", key, x, zero ? "that is not negative" : "above zero");
}

/* Rates divide and costs add up: a rate of zero makes every time infinite. */
static int
check_rates(const struct device *v, struct diag *d)
{
	const struct {
		const char *key;
		double x;
		bool zero;
	} rows[] = {
		{"memory_gbps", v->memory_gbps, false},
		{"unit_gbps", v->unit_gbps, false},
		{"l1_gbps", v->l1_gbps, true},
		{"l2_gbps", v->l2_gbps, false},
		{"l3_gbps", v->l3_gbps, v->l3 == 0},
		{"unit_gflops", v->unit_gflops, false},
		{"launch_us", v->launch_us, true},
		{"barrier_us", v->barrier_us, true},
		{"counter_us", v->counter_us, true},
		{"task_us", v->task_us, true},
	};
	int status = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (check_number(v, rows[i].key, rows[i].x, rows[i].zero, d))
			status = -1;
	return status;
}

int
device_check(const struct device *v, struct diag *d)
{
	int status = check_rates(v, d);

	if (v->block_threads > v->threads)
		status = diag_error(d, record_pos(v, "block_threads"),
		                    "a block has %lld threads at most, and a unit "
		                    "holds %lld", (long long)v->block_threads,
		                    (long long)v->threads);
	if (v->block_shared > v->shared)
		status = diag_error(d, record_pos(v, "block_shared"),
		                    "a block has %lld bytes of shared memory at "
		                    "most, and a unit holds %lld",
		                    (long long)v->block_shared,
		                    (long long)v->shared);
	if (v->target != TARGET_HOST && v->veus > v->units * v->blocks)
		status = diag_error(d, record_pos(v, "veus"),
		                    "%lld vEUs on %lld units of %lld blocks",
		                    (long long)v->veus, (long long)v->units,
		                    (long long)v->blocks);
	return status;
}
