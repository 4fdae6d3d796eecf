/* The targets that there are. */
#include "emit/target.h"

const char *
target_names(struct arena *a)
{
	const char *all = target_list[0]->name;

	for (size_t i = 1; target_list[i]; i++)
		all = arena_printf(a, "%s %s", all, target_list[i]->name);
	return all;
}

const struct target *
target_find(enum target_kind kind)
{
	for (size_t i = 0; target_list[i]; i++)
		if (target_list[i]->kind == kind)
			return target_list[i];
	return NULL;
}
