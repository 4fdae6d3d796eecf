/* What a device has once for all: while rTasks ask for more of it than there is,
 * all of them take longer. */
#ifndef VERIFY_DILATE_H
#define VERIFY_DILATE_H

#include "verify/task_costs.h"

struct demand {			/* of an rTask, over the time that it runs alone */
	double begin_us, end_us;
	double unit_us;		/* of a unit's computing */
	double shared_us, memory_us;	/* of all that the shared cache, and
					 * that memory, can deliver */
};

struct dilation {
	double total_us;	/* as if rTasks were alone */
	double *at;		/* [DILATE_PIECES + 1] when that time has come */
};

#define DILATE_PIECES 1024

/* units: of the device.  Lies in a. */
void dilation_make(struct dilation *d, const struct demand *v, size_t n,
                   double total_us, double units, struct arena *a);

/* When it is so late, among all. */
double dilated(const struct dilation *d, double us);

#endif
