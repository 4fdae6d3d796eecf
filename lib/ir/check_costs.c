/* What must hold in costs/1 beyond its table. */
#include <math.h>

#include "ir/ir.h"

static int
check_time(const struct cost *c, const char *key, double us, struct diag *d)
{
	if (isfinite(us) && us >= 0)
		return 0;
	return diag_error(d, record_pos(c, key), "'%s' is %g, expected a number "
	                  "that is not negative", key, us);
}

int
costs_check(const struct costs *c, struct diag *d)
{
	int status = 0;

	for (size_t i = 0; i < c->costs.n; i++) {
		const struct cost *o = &c->costs.v[i];

		if (check_time(o, "us", o->us, d) < 0 ||
		    check_time(o, "busy_us", o->busy_us, d) < 0 ||
		    check_time(o, "reuse_us", o->reuse_us, d) < 0)
			status = -1;
	}
	return status;
}
