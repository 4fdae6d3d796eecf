/* rTasks of a host program for the access oracle: functions. */
#include "host.h"
#include "oracle.h"

void
oracle_run(const struct tamp_launch *l, uint32_t instance, uint32_t task,
           void **args)
{
	(void)l;
	tamp_instances[instance].run(task, args);
}
