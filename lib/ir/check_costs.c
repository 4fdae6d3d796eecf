/* What must hold in costs/1 beyond its table. */
#include "ir/check.h"

int
costs_check(const struct costs *c, struct diag *d)
{
	int before = d->nerrors;

	for (size_t i = 0; i < c->costs.n; i++) {
		const struct cost *o = &c->costs.v[i];

		check_number(o, "us", o->us, true, d);
		check_number(o, "busy_us", o->busy_us, true, d);
		check_number(o, "reuse_us", o->reuse_us, true, d);
	}
	return d->nerrors > before ? -1 : 0;
}
