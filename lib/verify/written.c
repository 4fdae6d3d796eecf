/* That what is read has been made: every element of a tensor that an
 * rOperator reads, and all of an output and of a state's new value, is written
 * by some rTask of some rOperator.
 *
 * An argument that its rKernel writes whole (looked at once for each class and
 * rKernel) covers its tensor as one range.  Only where none covers a storage
 * alone, as with the parts of a concatenation, are its elements marked one by
 * one. */
#include "verify/check.h"

struct touch {			/* an argument that lies in a root */
	int rop;
	size_t arg;
	int next;		/* of the same root, -1: none */
};

struct known {			/* of a class: whether an rKernel writes all */
	const struct candidate *cand;
	size_t arg;
	bool all;
};

struct marks {			/* elements of a root */
	unsigned char *bit;
	int64_t elems, set, hole;
	int64_t at;		/* where the argument begins in it */
};

struct covering {
	const struct flow *f;
	struct plan *p;
	struct needs *n;
	VEC(struct touch) touches;
	int *writers, *readers;	/* [tensor] first touch, -1: none */
	struct { struct known *v; size_t n, cap; } *known;	/* [class] */
};

/* --- marks ---------------------------------------------------------------------- */

static void
marks_init(struct marks *m, int64_t elems)
{
	size_t bytes = (size_t)elems / 8 + 1;

	*m = (struct marks){.elems = elems, .hole = -1};
	m->bit = xrealloc(NULL, bytes);
	memset(m->bit, 0, bytes);
}

static void
set_run(void *ctx, int64_t at, int64_t n)
{
	struct marks *m = ctx;

	for (int64_t i = m->at + at, end = i + n; i < end; i++) {
		unsigned char *b = &m->bit[i >> 3];
		unsigned char one = (unsigned char)(1u << (i & 7));

		if (!(i & 7) && end - i >= 8) {
			m->set += 8 - __builtin_popcount(*b);
			*b = 0xff;
			i += 7;
		} else if (!(*b & one)) {
			m->set++;
			*b |= one;
		}
	}
}

/* Finds the first element of the run that is not marked. */
static void
look_run(void *ctx, int64_t at, int64_t n)
{
	struct marks *m = ctx;

	for (int64_t i = m->at + at, end = i + n; i < end && m->hole < 0; i++)
		if (!(i & 7) && end - i >= 8 && m->bit[i >> 3] == 0xff)
			i += 7;
		else if (!(m->bit[i >> 3] & (1u << (i & 7))))
			m->hole = i;
}

/* --- arguments ------------------------------------------------------------------- */

static const struct ptensor *
tensor_of(const struct covering *c, const struct touch *t)
{
	const struct prop *r = &c->p->rops.v[t->rop];

	return &c->p->tensors.v[r->args.v[t->arg].tensor];
}

/* Where the argument begins in its root, in elements. */
static int64_t
begins(const struct covering *c, const struct touch *t)
{
	const struct ptensor *x = tensor_of(c, t);

	return x->offset / (int64_t)dtype_bytes(x->type);
}

static bool
look_all(struct covering *c, int rop, size_t arg)
{
	const struct prop *r = &c->p->rops.v[rop];
	const struct boxset *s;
	struct marks m;
	bool all;

	if (!r->writes[arg])
		return true;
	s = needs_boxes(c->n, rop, arg);
	marks_init(&m, c->p->tensors.v[r->args.v[arg].tensor].elems);
	for (size_t i = 0; i < s->first[r->ntasks] && m.set < m.elems; i++)
		box_runs(&s->v[i], &r->args.v[arg].stored, 1, set_run, &m);
	all = m.set == m.elems;
	free(m.bit);
	return all;
}

/* Whether the rTasks of rop together write all of an argument. */
static bool
writes_all(struct covering *c, const struct touch *t)
{
	const struct prop *r = &c->p->rops.v[t->rop];
	int k = r->cls_index;
	struct known new = {r->cand, t->arg, false};

	for (size_t i = 0; i < c->known[k].n; i++)
		if (c->known[k].v[i].cand == r->cand &&
		    c->known[k].v[i].arg == t->arg)
			return c->known[k].v[i].all;
	new.all = look_all(c, t->rop, t->arg);
	vec_push(c->n->a, &c->known[k], new);
	return new.all;
}

static void
collect(struct covering *c)
{
	const struct plan *p = c->p;

	for (size_t i = 0; i < p->tensors.n; i++)
		c->writers[i] = c->readers[i] = -1;
	for (size_t i = p->rops.n; i-- > 0;)
		for (size_t k = p->rops.v[i].args.n; k-- > 0;) {
			struct touch t = {(int)i, k, -1};
			int root = tensor_of(c, &t)->root;
			int *list = parg_written(&p->rops.v[i], k) ?
				c->writers : c->readers;

			t.next = list[root];
			list[root] = (int)c->touches.n;
			vec_push(c->n->a, &c->touches, t);
		}
}

/* --- holes ----------------------------------------------------------------------- */

/* The element of an argument, as "[1, 0]". */
static const char *
element_text(struct covering *c, const struct touch *t, int64_t at)
{
	const struct prop *r = &c->p->rops.v[t->rop];
	const struct ints *s = &r->args.v[t->arg].stored;
	struct ints index = {0};

	for (size_t k = 0; k < s->n; k++)
		vec_push(c->n->a, &index, 0);
	for (size_t k = s->n; k-- > 0; at /= s->v[k])
		index.v[k] = at % s->v[k];
	return shape_text(c->n->a, &index);
}

/* Among the writers of a root the one whose argument holds the element. */
static const struct touch *
who_should(struct covering *c, int root, int64_t at, bool *others)
{
	const struct touch *found = NULL;

	*others = false;
	for (int i = c->writers[root]; i >= 0; i = c->touches.v[i].next) {
		const struct touch *t = &c->touches.v[i];
		int64_t lo = begins(c, t);

		if (at < lo || at >= lo + tensor_of(c, t)->elems)
			continue;
		*others |= found != NULL;
		if (!found)
			found = t;
	}
	return found;
}

/* Who needs what nobody writes: an rTask, or whoever the model is for. */
static void
say_reader(struct covering *c, int root, const struct touch *t, int64_t task,
           struct diag *d)
{
	const struct ptensor *x = &c->p->tensors.v[root];

	if (t)
		diag_note(d, record_pos(c->p->rops.v[t->rop].rop, "run"),
		          "rTask %lld of '%s' reads it", (long long)task,
		          c->p->rops.v[t->rop].rop->run);
	else if (x->kind == PT_STATE)
		diag_note(d, record_pos(&c->p->graph->states.v[x->io], "present"),
		          "it belongs to the new value of a state");
	else
		diag_note(d, record_pos(c->p->graph, "outputs"),
		          "'%s' is an output of the graph", x->name);
}

static int
say(struct covering *c, int root, int64_t at, const struct touch *reader,
    int64_t task, struct diag *d)
{
	int64_t elem = (int64_t)dtype_bytes(c->p->tensors.v[root].type);
	bool others;
	const struct touch *w = who_should(c, root, at, &others);
	const struct prop *r;

	witness_add(c->f, (struct witness_pair){reader ? reader->rop : -1, -2, task, 0,
	            root, at * elem, (at + 1) * elem});
	if (!w) {
		diag_error(d, record_pos(c->p->tasks, "rops"), "no rOperator "
		           "writes element %lld of '%s'", (long long)at,
		           c->p->tensors.v[root].name);
		say_reader(c, root, reader, task, d);
		return -1;
	}
	r = &c->p->rops.v[w->rop];
	diag_error(d, r->cand->at ? record_pos(r->cand, "writes") : POS_NONE,
	           "no rTask of '%s' writes element %s of '%s' by rKernel "
	           "'%s', grid %s%s", r->rop->run,
	           element_text(c, w, at - begins(c, w)), tensor_of(c, w)->name,
	           r->cand->use, shape_text(c->n->a, &r->cand->grid),
	           others ? ", and no other rOperator does" : "");
	say_reader(c, root, reader, task, d);
	return -1;
}

/* Whether some rTask reads an element that is not marked. */
static int
check_reader(struct covering *c, int root, struct marks *m,
             const struct touch *t, struct diag *d)
{
	const struct prop *r = &c->p->rops.v[t->rop];
	const struct boxset *s = needs_boxes(c->n, t->rop, t->arg);
	int64_t ntasks = s->same ? 1 : r->ntasks;

	m->at = begins(c, t);
	for (int64_t k = 0; k < ntasks; k++)
		for (size_t i = s->first[k]; i < s->first[k + 1]; i++) {
			box_runs(&s->v[i], &r->args.v[t->arg].stored, 1,
			         look_run, m);
			if (m->hole >= 0)
				return say(c, root, m->hole, t, k, d);
		}
	return 0;
}

static void
mark_writer(struct covering *c, struct marks *m, const struct touch *t)
{
	const struct prop *r = &c->p->rops.v[t->rop];
	const struct boxset *s;

	m->at = begins(c, t);
	if (writes_all(c, t)) {
		set_run(m, 0, tensor_of(c, t)->elems);
		return;
	}
	s = needs_boxes(c->n, t->rop, t->arg);
	for (size_t i = 0; i < s->first[r->ntasks]; i++)
		box_runs(&s->v[i], &r->args.v[t->arg].stored, 1, set_run, m);
}

static int
check_marks(struct covering *c, int root, struct marks *m, struct diag *d)
{
	const struct ptensor *x = &c->p->tensors.v[root];
	int r = 0;

	for (int i = c->writers[root]; i >= 0 && m->set < m->elems;
	     i = c->touches.v[i].next)
		mark_writer(c, m, &c->touches.v[i]);
	if (m->set == m->elems)
		return 0;
	if (x->kind == PT_OUTPUT || x->kind == PT_STATE) {
		m->at = 0;
		look_run(m, 0, m->elems);
		return say(c, root, m->hole, NULL, 0, d);
	}
	for (int i = c->readers[root]; i >= 0 && r == 0;
	     i = c->touches.v[i].next)
		r = check_reader(c, root, m, &c->touches.v[i], d);
	return r;
}

static bool
one_writes_all(struct covering *c, int root)
{
	for (int i = c->writers[root]; i >= 0; i = c->touches.v[i].next) {
		const struct touch *t = &c->touches.v[i];

		if (tensor_of(c, t)->bytes == c->p->tensors.v[root].bytes &&
		    writes_all(c, t))
			return true;
	}
	return false;
}

int
check_written(const struct flow *f, struct needs *n, struct diag *d)
{
	struct plan *p = f->p;
	struct covering c = {.f = f, .p = p, .n = n};
	int r = 0;

	c.writers = arena_array(n->a, p->tensors.n + 1, sizeof *c.writers);
	c.readers = arena_array(n->a, p->tensors.n + 1, sizeof *c.readers);
	c.known = arena_array(n->a, p->tasks->classes.n + 1, sizeof *c.known);
	collect(&c);
	for (size_t i = 0; i < p->tensors.n && r == 0; i++) {
		struct marks m;

		if (p->tensors.v[i].bytes == 0 || c.writers[i] < 0 ||
		    one_writes_all(&c, (int)i))
			continue;
		marks_init(&m, p->tensors.v[i].elems);
		r = check_marks(&c, (int)i, &m, d);
		free(m.bit);
	}
	return r;
}
