/* The tree of conditions that a graph/1 or a tasks/1 lists. */
#include "ir/conditions.h"

#include "base/str.h"

void
conditions_init(struct conditions *c, const struct condition *v, size_t n,
                struct arena *a)
{
	c->v = v;
	c->n = n;
	c->within = arena_array(a, n + 1, sizeof *c->within);
	map_init(&c->by_name, a);
	for (size_t i = 0; i < n; i++) {
		c->within[i] = v[i].within ?
			map_get(&c->by_name, v[i].within) : -1;
		map_add(&c->by_name, v[i].name, (int)i);
	}
}

int
conditions_find(const struct conditions *c, const char *name)
{
	int i = name ? map_get(&c->by_name, name) : -1;

	return name && i < 0 ? -2 : i;
}

bool
conditions_under(const struct conditions *c, int inner, int outer)
{
	while (inner >= 0 && inner != outer)
		inner = c->within[inner];
	return inner == outer || outer < 0;
}

void
conditions_unknown(const struct conditions *c, const char *name,
                   struct pos at, struct diag *d)
{
	const char *near = NULL;
	struct arena a;
	VEC(const char *) names = {0};

	arena_init(&a);
	for (size_t i = 0; i < c->n; i++)
		vec_push(&a, &names, c->v[i].name);
	near = str_nearest(name, names.v, names.n);
	if (near)
		diag_error(d, at, "no condition '%s' (did you mean '%s'?)", name,
		           near);
	else
		diag_error(d, at, "no condition '%s'", name);
	arena_release(&a);
}

static int
check_name(const struct conditions *c, size_t i, struct diag *d)
{
	const struct condition *k = &c->v[i];
	int first = map_get(&c->by_name, k->name);

	if (!*k->name)
		return diag_error(d, record_pos(k, "name"),
		                  "a condition needs a name");
	if ((size_t)first == i)
		return 0;
	diag_error(d, record_pos(k, "name"), "condition '%s' is listed twice",
	           k->name);
	diag_note(d, record_pos(&c->v[first], "name"), "the first time");
	return -1;
}

static int
check_within(const struct conditions *c, size_t i, struct diag *d)
{
	const struct condition *k = &c->v[i];
	int at = conditions_find(c, k->within);

	if (at == -2) {
		conditions_unknown(c, k->within, record_pos(k, "within"), d);
		return -1;
	}
	if (at != c->within[i])
		return diag_error(d, record_pos(k, "within"), "'%s' is not listed "
		                  "before '%s', which is within it", k->within,
		                  k->name);
	return 0;
}

/* Two names for one condition would keep apart what belongs together. */
static int
check_alike(const struct conditions *c, size_t i, struct map *seen,
            struct arena *a, struct diag *d)
{
	const struct condition *k = &c->v[i];
	int first = map_add(seen, arena_printf(a, "%d %d %s", c->within[i],
	                                       k->is, k->tensor), (int)i);

	if (first < 0)
		return 0;
	diag_error(d, record_pos(k, "name"), "'%s' is the same as '%s'", k->name,
	           c->v[first].name);
	diag_note(d, record_pos(&c->v[first], "name"), "the first one");
	return -1;
}

int
conditions_check(const struct conditions *c, struct diag *d)
{
	struct arena a;
	struct map seen;
	int status = 0;

	arena_init(&a);
	map_init(&seen, &a);
	for (size_t i = 0; i < c->n; i++)
		if (check_name(c, i, d) < 0 || check_within(c, i, d) < 0 ||
		    check_alike(c, i, &seen, &a, d) < 0)
			status = -1;
	arena_release(&a);
	return status;
}

int
conditions_decides(const struct conditions *c, size_t k, enum dtype type,
                   const struct ints *shape, struct diag *d)
{
	struct arena a;
	int status;

	if (type == DTYPE_BOOL && shape_elems(shape->v, shape->n, 1) == 1)
		return 0;
	arena_init(&a);
	status = diag_error(d, record_pos(&c->v[k], "tensor"), "'%s' is %s of "
	                    "shape %s, expected one element of type bool",
	                    c->v[k].tensor, dtype_word(type),
	                    shape_text(&a, shape));
	arena_release(&a);
	return status;
}

void
conditions_note(const struct conditions *c, int k, struct diag *d)
{
	const struct condition *v = &c->v[k];

	diag_note(d, record_pos(v, "name"), "'%s' holds if '%s' is %s", v->name,
	          v->tensor, v->is ? "true" : "false");
}
