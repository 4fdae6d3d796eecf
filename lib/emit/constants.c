/* Constants for weights.bin.
 *
 * A plan names its weights file relative to itself.  plan.yaml of an emitted
 * directory is a copy: what stands beside it is weights.bin, whose table is in
 * plan.bin.  So that such a directory can be edited and emitted again on its
 * own, constants are taken from there if the named file is missing. */
#include "emit/constants.h"

#include "base/file.h"
#include "base/str.h"
#include "runtime/tamp_table.h"

static const struct tamp_header *
header(const struct constants *c)
{
	return (const struct tamp_header *)(const void *)c->plan.text;
}

static const struct tamp_tensor *
tensor_at(const struct constants *c, int i)
{
	return (const struct tamp_tensor *)(const void *)
		(c->plan.text + header(c)->tensors.at) + i;
}

static bool
inside(const struct source *s, const struct tamp_section *v, size_t elem)
{
	return v->at <= s->len && v->count <= (s->len - v->at) / elem;
}

/* What the checksum fits was written by emit; its places are right. */
static bool
is_plan(const struct source *s)
{
	const struct tamp_header *h = (const void *)s->text;

	return s->len >= sizeof *h && memcmp(s->text, TAMP_MAGIC, 8) == 0 &&
		tamp_checksum(s->text + 16, s->len - 16) == h->checksum &&
		inside(s, &h->tensors, sizeof(struct tamp_tensor)) &&
		inside(s, &h->names, 1);
}

/* Reads the plan.bin and weights.bin beside the graph's text; false if they
 * are not there. */
static bool
open_emitted(struct constants *c, const char *dir, struct diag *d)
{
	const char *plan = file_join(c->a, dir, "plan.bin");
	const char *bin = file_join(c->a, dir, "weights.bin");
	const struct tamp_header *h;

	if (!file_exists(plan) || !file_exists(bin) ||
	    file_read(c->a, plan, &c->plan, d) < 0 || !is_plan(&c->plan) ||
	    file_read(c->a, bin, &c->bin, d) < 0)
		return false;
	h = header(c);
	if (c->bin.len != h->weights ||
	    tamp_weights_hash(c->bin.text, c->bin.len) != h->weights_hash)
		return false;
	map_init(&c->by_name, c->a);
	for (uint64_t i = 0; i < h->tensors.count; i++)
		if (tensor_at(c, (int)i)->base == TAMP_WEIGHTS)
			map_add(&c->by_name, c->plan.text + h->names.at +
			        tensor_at(c, (int)i)->name, (int)i);
	return true;
}

int
constants_open(struct constants *c, struct arena *a, const struct graph *g,
               struct diag *d)
{
	const char *path = graph_weights_path(a, g);

	*c = (struct constants){.a = a};
	if (!path)
		return 0;
	if (!file_exists(path) && g->at &&
	    open_emitted(c, file_dir(a, g->at->src->name), d)) {
		c->file = path;
		return 0;
	}
	c->weights = weights_open(a, path, d);
	return c->weights ? 0 : -1;
}

const void *
constants_get(const struct constants *c, struct arena *tmp,
              const struct tensor *t, struct diag *d)
{
	const struct tamp_tensor *from;
	int i;

	if (!c->file || !t->data)
		return tensor_elements(tmp, t, c->weights, d);
	i = map_get(&c->by_name, t->name);
	from = i < 0 ? NULL : tensor_at(c, i);
	if (from && (int64_t)from->bytes == shape_elems(t->shape.v, t->shape.n,
	    1) * (int64_t)dtype_bytes((enum dtype)t->type))
		return c->bin.text + from->offset;
	diag_error(d, record_pos(t, "data"), "neither '%s' is there, nor does "
	           "weights.bin hold '%s'", c->file, t->name);
	return NULL;
}

void
constants_close(struct constants *c)
{
	if (c->weights)
		weights_close(c->weights);
	c->weights = NULL;
}
