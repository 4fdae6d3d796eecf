/* The targets that there are, and what their sources share. */
#include "emit/target.h"

int
target_instances(struct emit *e, struct str *out)
{
	struct str instances;
	int bad = 0;

	str_init(&instances);
	for (size_t i = 0; i < e->instances.n; i++)
		bad |= source_instance(e, e->instances.v[i], (int)i,
		                       (enum target_kind)e->plan->device->target,
		                       &instances);
	source_headers(e, out);
	maps_prologue(out);
	str_addn(out, instances.s, instances.len);
	str_release(&instances);
	return bad;
}

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
