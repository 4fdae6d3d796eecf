/* plan.bin decoded and held against the plan: its header, tensors, rOperators
 * and instances; rows are looked at in reread_rows.c.  See reread.h. */
#include "emit/reread.h"

#include "base/file.h"
#include "base/str.h"

static const uint32_t base_of[] = {
	[BASE_ARENA] = TAMP_ARENA, [BASE_WEIGHTS] = TAMP_WEIGHTS,
	[BASE_PACKED] = TAMP_PACKED, [BASE_INPUT] = TAMP_INPUT,
	[BASE_OUTPUT] = TAMP_OUTPUT, [BASE_STATE] = TAMP_STATE,
	[BASE_OWN] = TAMP_OWN,
};

/* --- decoding ---------------------------------------------------------------- */

static int
damaged(const struct tables *t, const char *what)
{
	return diag_error(t->r->d, t->at, "no program table: %s", what);
}

/* The elements of a section, or NULL after a diagnostic. */
static const void *
section(const struct tables *t, const char *bytes, size_t len,
        const struct tamp_section *s, size_t elem)
{
	if (s->at % 8 || s->at < sizeof t->h || s->at > len ||
	    s->count > (len - s->at) / elem) {
		damaged(t, "a section reaches beyond the file");
		return NULL;
	}
	return bytes + s->at;
}

static int
decode(struct tables *t, const struct source *bin)
{
	const size_t len = bin->len;
	char *bytes = (char *)arena_array(t->r->a, len / 8 + 1, 8);

	if (len)
		memcpy(bytes, bin->text, len);
	if (len < sizeof t->h || len % 8)
		return damaged(t, "its size is wrong");
	memcpy(&t->h, bytes, sizeof t->h);
	if (memcmp(t->h.magic, TAMP_MAGIC, 8) != 0)
		return damaged(t, "it does not begin as one");
	if (tamp_checksum(bytes + 16, len - 16) != t->h.checksum)
		return damaged(t, "its checksum is another");
#define FIND(type, name) \
	if (!(t->name = section(t, bytes, len, &t->h.name, sizeof(type)))) \
		return -1;
	TAMP_SECTIONS(FIND)
#undef FIND
	if (!t->h.names.count || t->names[t->h.names.count - 1])
		return damaged(t, "its names do not end");
	return 0;
}

static bool
named(const struct tables *t, uint32_t at, const char *name)
{
	return at < t->h.names.count && str_eq(t->names + at, name);
}

/* --- tensors ------------------------------------------------------------------ */

struct fact {			/* a number that the plan knows too */
	const char *what;
	uint64_t is, should;
};

/* The first of n that is not as it should be, or NULL. */
static const struct fact *
differs(const struct fact *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].is != v[i].should)
			return &v[i];
	return NULL;
}

#define COUNT(v) (sizeof (v) / sizeof *(v))

static int
say_fact(const struct tables *t, const char *of, const struct fact *f)
{
	return diag_error(t->r->d, t->at, "%s: %s is %llu, the plan says %llu",
	                  of, f->what, (unsigned long long)f->is,
	                  (unsigned long long)f->should);
}

static const struct place *
place_of(const struct memory *m, const struct map *by_name, const char *name)
{
	int i = map_get(by_name, name);

	return i < 0 ? NULL : &m->places.v[i];
}

/* Which input, output or state a tensor lies in, or which tensor of its own;
 * 0: neither. */
static uint64_t
index_of(const struct plan *p, const struct ptensor *x,
         const struct place *root)
{
	int io = p->tensors.v[x->root].io;

	if (root && root->base == BASE_OWN)
		return (uint64_t)x->root;
	return root && io > 0 ? (uint64_t)io : 0;
}

/* rTasks find their arguments through offset and base. */
static int
check_tensor(const struct tables *t, size_t i, const struct place *root)
{
	const struct plan *p = t->r->plan;
	const struct ptensor *x = &p->tensors.v[i];
	const struct tamp_tensor *o = &t->tensors[i];
	const char *what = arena_printf(t->r->a, "tensor '%s'", x->name);
	const struct fact facts[] = {
		{"its base", o->base, root ? base_of[root->base] : TAMP_NOWHERE},
		{"its offset", o->offset,
		 root ? (uint64_t)(root->offset + x->offset) : 0},
		{"its size", o->bytes, root ? (uint64_t)x->bytes : 0},
		{"its index", o->index, index_of(p, x, root)},
		{"its type", o->dtype, (uint64_t)x->type},
		{"its rank", o->rank, x->shape.n},
		{"its root", o->root, (uint64_t)x->root},
		{"its padding", o->pad, 0},
	};
	const struct fact *bad = differs(facts, COUNT(facts));

	if (bad)
		return say_fact(t, what, bad);
	for (size_t k = 0; k < TAMP_DIMS; k++) {
		int64_t n = k < x->shape.n ? x->shape.v[k] : 0;

		if (o->dims[k] != n)
			return diag_error(t->r->d, t->at, "%s: its dimension %zu "
			                  "is %lld, the plan says %lld", what, k,
			                  (long long)o->dims[k], (long long)n);
	}
	if (!named(t, o->name, x->name) ||
	    (x->layout ? !named(t, o->layout, x->layout)
	               : o->layout != TAMP_NONE))
		return diag_error(t->r->d, t->at, "%s: its name or its layout is "
		                  "another", what);
	return 0;
}

static int
check_tensors(const struct tables *t)
{
	const struct plan *p = t->r->plan;
	const struct memory *m = t->r->memory;
	struct map by_name;

	map_init(&by_name, t->r->a);
	for (size_t i = 0; i < m->places.n; i++)
		map_add(&by_name, m->places.v[i].name, (int)i);
	for (size_t i = 0; i < p->tensors.n; i++) {
		const char *root = p->tensors.v[p->tensors.v[i].root].name;

		if (check_tensor(t, i, place_of(m, &by_name, root)) < 0)
			return -1;
	}
	return 0;
}

static int
check_io_one(const struct tables *t, uint64_t *at, const char *name)
{
	uint64_t k = (*at)++;

	if (k < t->h.io.count &&
	    t->io[k] == (uint32_t)map_get(&t->r->plan->tensor_by_name, name))
		return 0;
	return diag_error(t->r->d, t->at, "input, output or state %llu is not "
	                  "'%s'", (unsigned long long)k, name);
}

static int
check_io(const struct tables *t)
{
	const struct graph *g = t->r->plan->graph;
	uint64_t at = 0;
	int r = 0;

	for (size_t i = 0; i < g->inputs.n; i++)
		r |= check_io_one(t, &at, g->inputs.v[i]);
	for (size_t i = 0; i < g->outputs.n; i++)
		r |= check_io_one(t, &at, g->outputs.v[i]);
	for (size_t i = 0; i < g->states.n; i++) {
		r |= check_io_one(t, &at, g->states.v[i].past);
		r |= check_io_one(t, &at, g->states.v[i].present);
	}
	return r;
}

/* --- rOperators ---------------------------------------------------------------- */

/* Instances are numbered by class, then candidate; returns the number of each
 * rOperator's, -1 where it has no rTasks. */
static int *
number_instances(struct tables *t)
{
	const struct plan *p = t->r->plan;
	const struct tasks *k = p->tasks;
	int *of = arena_array(t->r->a, p->rops.n + 1, sizeof *of);
	int **number = arena_array(t->r->a, k->classes.n + 1, sizeof *number);

	for (size_t c = 0; c < k->classes.n; c++)
		number[c] = arena_array(t->r->a, k->classes.v[c].kernels.n + 1,
		                        sizeof **number);
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		if (r->ntasks > 0)
			number[r->cls_index][r->cand - r->cls->kernels.v] = 1;
	}
	for (size_t c = 0; c < k->classes.n; c++)
		for (size_t j = 0; j < k->classes.v[c].kernels.n; j++) {
			struct used u = {&k->classes.v[c],
				&k->classes.v[c].kernels.v[j], NULL};

			if (!number[c][j])
				continue;
			number[c][j] = (int)t->instances.n;
			vec_push(t->r->a, &t->instances, u);
		}
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		of[i] = r->ntasks > 0 ?
			number[r->cls_index][r->cand - r->cls->kernels.v] : -1;
	}
	return of;
}

/* Conditions are those of tasks/1, in its order. */
static int
check_conditions(const struct tables *t)
{
	const struct plan *p = t->r->plan;

	for (size_t i = 0; i < p->conditions.n; i++) {
		const struct condition *k = &p->conditions.v[i];
		const struct tamp_condition *o = &t->conditions[i];
		int within = k->within ? conditions_find(&p->conditions, k->within)
		                       : -1;
		const struct fact facts[] = {
			{"its tensor", o->tensor, (uint64_t)map_get(
			 &p->tensor_by_name, k->tensor)},
			{"what it has to be", o->is, k->is},
			{"what it is within", o->within,
			 within < 0 ? TAMP_NONE : (uint32_t)within},
		};
		const struct fact *bad = differs(facts, COUNT(facts));

		if (bad)
			return say_fact(t, arena_printf(t->r->a, "condition '%s'",
			                k->name), bad);
	}
	return 0;
}

static int
check_args(const struct tables *t, size_t i)
{
	const struct prop *r = &t->r->plan->rops.v[i];
	const struct tamp_rop *o = &t->rops[i];

	if (o->nargs != r->cls->args.n || o->args > t->h.args.count ||
	    o->nargs > t->h.args.count - o->args)
		return diag_error(t->r->d, t->at, "rOperator '%s' has %u "
		                  "arguments, the plan gives it %zu", r->rop->run,
		                  o->nargs, r->cls->args.n);
	for (size_t k = 0; k < r->cls->args.n; k++)
		if (t->args[o->args + k] != (uint32_t)r->args.v[k].tensor)
			return diag_error(t->r->d, t->at, "argument %zu of "
			                  "rOperator '%s' is not '%s'", k,
			                  r->rop->run, t->r->plan->tensors.v[
			                  r->args.v[k].tensor].name);
	return 0;
}

static int
check_rops(struct tables *t)
{
	struct fact nargs = {"the number of arguments", t->h.args.count, 0};
	const struct plan *p = t->r->plan;
	const int *instance = number_instances(t);

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];
		const struct tamp_rop *o = &t->rops[i];
		const char *what = arena_printf(t->r->a, "rOperator '%s'",
		                                r->rop->run);
		const struct fact facts[] = {
			{"its instance", o->instance, instance[i] < 0 ? TAMP_NONE :
			 (uint32_t)instance[i]},
			{"the number of its rTasks", o->ntasks,
			 (uint64_t)r->ntasks},
			{"whether it runs at open", o->init, r->rop->init},
		};
		const struct fact *bad = differs(facts, COUNT(facts));

		if (bad)
			return say_fact(t, what, bad);
		if (!named(t, o->name, r->rop->run))
			return diag_error(t->r->d, t->at, "%s has another name",
			                  what);
		if (check_args(t, i) < 0)
			return -1;
		nargs.should += r->cls->args.n;
	}
	return nargs.is == nargs.should ? 0 : say_fact(t, "the program", &nargs);
}

/* --- the whole ------------------------------------------------------------------ */

static int
check_header(const struct tables *t)
{
	const struct plan *p = t->r->plan;
	const struct memory *m = t->r->memory;
	const struct tamp_header *h = &t->h;
	const struct fact facts[] = {
		{"the arena's size", h->arena, (uint64_t)m->arena},
		{"the size of the weights", h->weights, (uint64_t)m->weights},
		{"the size of packed constants", h->packed, (uint64_t)m->packed},
		{"the number of inputs", h->ninputs, p->graph->inputs.n},
		{"the number of outputs", h->noutputs, p->graph->outputs.n},
		{"the number of states", h->nstates, p->graph->states.n},
		{"the number of tensors", h->tensors.count, p->tensors.n},
		{"the number of conditions", h->conditions.count,
		 p->conditions.n},
		{"the number of rOperators", h->rops.count, p->rops.n},
		{"the number of inputs, outputs and states", h->io.count,
		 p->graph->inputs.n + p->graph->outputs.n +
		 2 * p->graph->states.n},
		{"the number of counters", h->ncounters, h->counters.count},
	};
	const struct fact *bad = differs(facts, COUNT(facts));

	return bad ? say_fact(t, "the program", bad) : 0;
}

int
reread_tables(const struct reread *r, const struct source *bin,
              struct tables *t)
{
	struct fact n = {"the number of instances", 0, 0};

	*t = (struct tables){.r = r, .at = {.src = bin}};
	if (decode(t, bin) < 0 || check_header(t) < 0 || check_tensors(t) < 0 ||
	    check_io(t) < 0 || check_conditions(t) < 0 || check_rops(t) < 0)
		return -1;
	n.is = t->h.ninstances;
	n.should = t->instances.n;
	if (n.is != n.should)
		return say_fact(t, "the program", &n);
	return reread_rows(t);
}

/* --- directories ------------------------------------------------------------------ */

static int
read_as(const struct reread *r, const char *dir, const char *shown,
        const char *name, struct source *out)
{
	if (file_read(r->a, file_join(r->a, dir, name), out, r->d) < 0)
		return -1;
	out->name = file_join(r->a, shown, name);
	return 0;
}

int
reread_dir(const struct reread *r, const struct target *t, const char *dir,
           const char *shown, struct tables *out)
{
	struct source *bin = arena_new(r->a, struct source);
	struct source *text = arena_new(r->a, struct source);
	struct source *loop = arena_new(r->a, struct source);

	if (read_as(r, dir, shown, "plan.bin", bin) < 0 ||
	    read_as(r, dir, shown, t->source_name, text) < 0 ||
	    read_as(r, dir, shown, reread_loop_file(t->kind), loop) < 0)
		return -1;
	if (reread_tables(r, bin, out) < 0 ||
	    reread_source(out, t->kind, text) < 0)
		return -1;
	return reread_loop(r, t->kind, loop);
}

/* The line of the first byte in which two texts differ; 0: they do not. */
static int
first_difference(const char *a, size_t na, const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb;
	int line = 1;

	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return line;
		line += a[i] == '\n';
	}
	return na == nb ? 0 : line;
}

/* Past the comment of the model's own that its model.h begins with. */
static size_t
past_own_comment(const struct source *s)
{
	const char *end = strncmp(s->text, "/*", 2) ? NULL :
		strstr(s->text + 2, "*/\n");

	return end ? (size_t)(end + 3 - s->text) : 0;
}

static int
check_runtime(const struct reread *r, const char *dir, const char *name,
              const char *runtime_dir)
{
	struct source *is = arena_new(r->a, struct source), should;
	const char *path = file_join(r->a, dir, file_base(name));
	size_t skip = 0;
	int line;

	if (file_read(r->a, path, is, r->d) < 0 ||
	    file_read(r->a, file_join(r->a, runtime_dir, name), &should,
	              r->d) < 0)
		return -1;
	if (is->len > should.len && str_eq(file_base(name), "model.h"))
		skip = past_own_comment(is);
	line = first_difference(is->text + skip, is->len - skip, should.text,
	                        should.len);
	for (size_t i = 0; i < skip; i++)
		line += line && is->text[i] == '\n';
	if (!line)
		return 0;
	return diag_error(r->d, (struct pos){is, line, 1}, "this differs from "
	                  "tamp's own runtime: nothing is proved of it");
}

static int
check_weights(const struct tables *t, const char *dir)
{
	const struct tamp_header *h = &t->h;
	struct source *w = arena_new(t->r->a, struct source);

	if (file_read(t->r->a, file_join(t->r->a, dir, "weights.bin"), w,
	              t->r->d) < 0)
		return -1;
	if (w->len == h->weights &&
	    (w->len == 0 || tamp_weights_hash(w->text, w->len) ==
	     h->weights_hash))
		return 0;
	return diag_error(t->r->d, (struct pos){.src = w}, "these are not the "
	                  "constants that plan.bin was written with");
}

int
reread_rest(const struct tables *tables, const struct target *t,
            const char *dir, const char *runtime_dir)
{
	int bad = check_weights(tables, dir);

	for (size_t i = 0; t->runtime[i]; i++)
		bad |= check_runtime(tables->r, dir, t->runtime[i], runtime_dir);
	return bad;
}
