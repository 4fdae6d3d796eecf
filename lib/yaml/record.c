/* Field tables: keys, defaults, and the places of fields.  Reading is in
 * record_read.c, writing in record_write.c. */
#include "yaml/record.h"

#include "base/str.h"

size_t
field_key_len(const struct field *f)
{
	size_t n = strlen(f->member);

	return n > 1 && f->member[n - 1] == '_' ? n - 1 : n;
}

const char *
field_key(struct arena *a, const struct field *f)
{
	return arena_strndup(a, f->member, field_key_len(f));
}

void
record_defaults(const struct record *r, void *out)
{
	memset(out, 0, r->size);
	for (size_t i = 0; i < r->nfields; i++) {
		const struct field *f = &r->fields[i];
		void *p = (char *)out + f->offset;

		if (f->kind == FIELD_INT)
			*(int64_t *)p = f->def;
		else if (f->kind == FIELD_FLOAT)
			*(double *)p = f->fdef;
		else if (f->kind == FIELD_BOOL)
			*(bool *)p = f->def != 0;
		else if (f->kind == FIELD_ENUM)
			*(int *)p = (int)f->def;
		else if (f->kind == FIELD_RANGE)
			*(struct range *)p = (struct range){0, -1};
		else if (f->kind == FIELD_IRANGE)
			*(struct irange *)p = (struct irange){.hi = -1};
	}
}

bool
irange_name(const void *none, const char *name)
{
	(void)none;
	return strchr("ixyz", name[0]) && !name[1];
}

struct pos
record_pos(const void *rec, const char *key)
{
	const struct ynode *at = *(const struct ynode *const *)rec;

	return at ? ynode_key_pos(at, key) : POS_NONE;
}

struct pos
record_item_pos(const void *rec, const char *key, size_t i)
{
	const struct ynode *at = *(const struct ynode *const *)rec;
	const struct ynode *list = at ? ynode_get(at, key) : NULL;

	if (list && list->kind == Y_SEQ && i < list->nkids)
		return ynode_pos(list->kids[i]);
	return record_pos(rec, key);
}
