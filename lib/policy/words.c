/* The words of the options that policies take: for --select and --sync, and
 * whatever else asks for them by name. */
#include "policy/policy.h"

static const char *const sync_list[] = {
	[SYNC_BARRIER] = "barrier", [SYNC_COUNTER] = "counter",
};

static const char *const select_list[] = {
	[SELECT_FASTEST] = "fastest", [SELECT_EFFICIENT] = "efficient",
	[SELECT_BEST] = "best",
};

const struct enum_table sync_words = {
	.name = "synchronisation", .words = sync_list,
	.n = sizeof sync_list / sizeof *sync_list,
	.doc = "what orders vEUs",
};

const struct enum_table select_words = {
	.name = "selection", .words = select_list,
	.n = sizeof select_list / sizeof *select_list,
	.doc = "which rKernel each rOperator uses",
};

const char *
policy_choices(struct arena *a, const struct enum_table *t)
{
	const char *all = t->words[0];

	for (int i = 1; i < t->n; i++)
		all = arena_printf(a, "%s %s", all, t->words[i]);
	return all;
}
