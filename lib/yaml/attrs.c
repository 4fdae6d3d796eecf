/* Attributes of operators, by name: a few each, so a list is searched. */
#include "base/str.h"
#include "yaml/record.h"

static struct attr *
find(const struct attrs *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

const struct attr *
attrs_get(const struct attrs *l, const char *name)
{
	return find(l, name);
}

int64_t
attrs_int(const struct attrs *l, const char *name, int64_t def)
{
	const struct attr *t = find(l, name);

	return t && t->kind == ATTR_INT ? t->i : def;
}

double
attrs_float(const struct attrs *l, const char *name, double def)
{
	const struct attr *t = find(l, name);

	if (t && t->kind == ATTR_INT)
		return (double)t->i;
	return t && t->kind == ATTR_FLOAT ? t->f : def;
}

const char *
attrs_str(const struct attrs *l, const char *name, const char *def)
{
	const struct attr *t = find(l, name);

	return t && t->kind == ATTR_STR ? t->s : def;
}

const struct ints *
attrs_ints(const struct attrs *l, const char *name)
{
	const struct attr *t = find(l, name);

	return t && t->kind == ATTR_INTS ? &t->ints : NULL;
}

/* The attribute of that name, emptied, or a new one. */
static struct attr *
renew(struct arena *a, struct attrs *l, const char *name, enum attr_kind kind)
{
	struct attr *t = find(l, name);

	if (!t)
		t = vec_add(a, l);
	*t = (struct attr){.name = arena_strdup(a, name), .kind = kind};
	return t;
}

void
attrs_set_int(struct arena *a, struct attrs *l, const char *name, int64_t v)
{
	renew(a, l, name, ATTR_INT)->i = v;
}

void
attrs_set_float(struct arena *a, struct attrs *l, const char *name, double v)
{
	renew(a, l, name, ATTR_FLOAT)->f = v;
}

void
attrs_set_str(struct arena *a, struct attrs *l, const char *name,
              const char *v)
{
	renew(a, l, name, ATTR_STR)->s = arena_strdup(a, v);
}

void
attrs_set_ints(struct arena *a, struct attrs *l, const char *name,
               const int64_t *v, size_t n)
{
	struct attr *t = renew(a, l, name, ATTR_INTS);

	for (size_t i = 0; i < n; i++)
		vec_push(a, &t->ints, v[i]);
}

void
attrs_remove(struct attrs *l, const char *name)
{
	struct attr *t = find(l, name);

	if (!t)
		return;
	memmove(t, t + 1, (size_t)(l->v + l->n - (t + 1)) * sizeof *t);
	l->n--;
}
