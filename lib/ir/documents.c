/* The documents of a stack by type, and the checks over all of them. */
#include "ir/ir.h"

struct graph *
stack_graph(const struct stack *s)
{
	return s->read[FORMAT_GRAPH];
}

struct device *
stack_device(const struct stack *s)
{
	return s->read[FORMAT_DEVICE];
}

struct tasks *
stack_tasks(const struct stack *s)
{
	return s->read[FORMAT_TASKS];
}

struct schedule *
stack_schedule(const struct stack *s)
{
	return s->read[FORMAT_SCHEDULE];
}

struct memory *
stack_memory(const struct stack *s)
{
	return s->read[FORMAT_MEMORY];
}

/* A document is checked against those it was made from only where these are
 * sound themselves: one fault, one message. */
int
stack_check(const struct stack *s, struct diag *d)
{
	const struct graph *g = stack_graph(s);
	const struct tasks *t = stack_tasks(s);
	int status = 0;

	if (g && graph_check(g, d))
		return -1;
	if (stack_device(s) && device_check(stack_device(s), d))
		status = -1;
	if (t && tasks_check(t, g, d))
		return -1;
	if (stack_schedule(s) && schedule_check(stack_schedule(s), t, d))
		status = -1;
	if (stack_memory(s) && memory_check(stack_memory(s), d))
		status = -1;
	if (s->read[FORMAT_COSTS] && costs_check(s->read[FORMAT_COSTS], d))
		status = -1;
	return status;
}
