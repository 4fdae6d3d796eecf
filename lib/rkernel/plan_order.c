/* Which rOperator must follow which: from what they read and write.
 *
 * For each root tensor the writers are sorted by where they begin, so that a
 * reader finds those that overlap it without looking at all: a concatenation
 * of hundreds of parts, each read back alone, stays near-linear. */
#include <stdlib.h>

#include "rkernel/plan_parts.h"

struct access {			/* of an rOperator, to bytes of a root */
	int rop;
	int64_t lo, hi;
	int64_t max_hi;		/* of this and all before it in the list */
	bool present;
};

struct uses {			/* of a root tensor */
	VEC(struct access) writers, readers;
};

static int
by_place(const void *x, const void *y)
{
	const struct access *a = x, *b = y;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->rop < b->rop ? -1 : a->rop > b->rop;
}

static int
by_value(const void *x, const void *y)
{
	return *(const int *)x < *(const int *)y ? -1 :
		*(const int *)x > *(const int *)y;
}

static int
check_write(const struct plan *p, const struct prop *r, const struct ptensor *t,
            struct diag *d)
{
	const char *what = t->kind == PT_INPUT ? "an input" :
		t->kind == PT_CONST ? "a constant" :
		t->kind == PT_STATE && !t->present ? "the past of a state" : NULL;

	(void)p;
	if (what)
		return diag_error(d, record_pos(r->rop, "args"), "rOperator "
		                  "'%s' writes '%s', which is %s", r->rop->run,
		                  t->name, what);
	if (r->rop->init && t->kind != PT_TEMP && t->kind != PT_PACKED)
		return diag_error(d, record_pos(r->rop, "init"), "rOperator "
		                  "'%s' runs once but makes '%s', which every "
		                  "run makes", r->rop->run, t->name);
	return 0;
}

static int
collect(struct plan *p, struct uses *u, struct diag *d)
{
	int bad = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->args.n; k++) {
			const struct ptensor *t =
				&p->tensors.v[r->args.v[k].tensor];
			struct access a = {(int)i, t->offset,
			                   t->offset + t->bytes, 0, t->present};

			if (t->bytes == 0)
				continue;
			if (parg_written(r, k)) {
				bad |= check_write(p, r, t, d);
				vec_push(p->a, &u[t->root].writers, a);
			} else {
				vec_push(p->a, &u[t->root].readers, a);
			}
		}
	}
	return bad;
}

static void
sort_writers(struct uses *u)
{
	int64_t max = 0;

	if (u->writers.n)
		qsort(u->writers.v, u->writers.n, sizeof *u->writers.v,
		      by_place);
	for (size_t i = 0; i < u->writers.n; i++) {
		if (u->writers.v[i].hi > max)
			max = u->writers.v[i].hi;
		u->writers.v[i].max_hi = max;
	}
}

/* The number of writers that begin before "at". */
static size_t
begun(const struct uses *u, int64_t at)
{
	size_t lo = 0, hi = u->writers.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->writers.v[mid].lo < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
not_made(const struct plan *p, const struct access *r, int root,
         struct diag *d)
{
	const struct prop *o = &p->rops.v[r->rop];

	return diag_error(d, record_pos(o->rop, "args"), "rOperator '%s' reads "
	                  "'%s', which nothing makes", o->rop->run,
	                  p->tensors.v[root].name);
}

static int
wrong_order(const struct plan *p, int reader, int writer, struct diag *d)
{
	const struct rop *r = p->rops.v[reader].rop, *w = p->rops.v[writer].rop;

	diag_error(d, record_pos(r, "run"), "rOperator '%s' stands before '%s', "
	           "which it must follow", r->run, w->run);
	diag_note(d, record_pos(w, "run"), "'%s' stands here", w->run);
	return -1;
}

/* first before second. */
static int
edge(struct plan *p, int first, int second, struct diag *d)
{
	if (first == second)
		return 0;
	if (first > second)
		return wrong_order(p, second, first, d);
	if (p->rops.v[second].rop->init && !p->rops.v[first].rop->init)
		return diag_error(d, record_pos(p->rops.v[second].rop, "init"),
		                  "rOperator '%s' runs once but reads what '%s' "
		                  "makes in every run", p->rops.v[second].rop->run,
		                  p->rops.v[first].rop->run);
	vec_push(p->a, &p->rops.v[second].preds, first);
	return 0;
}

static bool
needs_writer(const struct ptensor *t, const struct access *r)
{
	return t->kind == PT_TEMP || t->kind == PT_OUTPUT ||
		t->kind == PT_PACKED || (t->kind == PT_STATE && r->present);
}

/* A reader follows the writers of the bytes it reads; a reader of a state's
 * past comes before them. */
static int
order_reader(struct plan *p, const struct uses *u, const struct access *r,
             int root, struct diag *d)
{
	const struct ptensor *t = &p->tensors.v[root];
	bool before = t->kind == PT_STATE && !r->present;
	bool found = false;
	int bad = 0;

	for (size_t i = begun(u, r->hi); i-- > 0;) {
		const struct access *w = &u->writers.v[i];

		if (w->max_hi <= r->lo)
			break;
		if (w->hi <= r->lo)
			continue;
		found = true;
		bad |= before ? edge(p, r->rop, w->rop, d) :
			edge(p, w->rop, r->rop, d);
	}
	if (!found && needs_writer(t, r))
		return not_made(p, r, root, d);
	return bad;
}

static void
sort_preds(struct plan *p)
{
	for (size_t i = 0; i < p->rops.n; i++) {
		struct prop *r = &p->rops.v[i];
		size_t n = 0;

		if (r->preds.n)
			qsort(r->preds.v, r->preds.n, sizeof *r->preds.v,
			      by_value);
		for (size_t k = 0; k < r->preds.n; k++)
			if (n == 0 || r->preds.v[n - 1] != r->preds.v[k])
				r->preds.v[n++] = r->preds.v[k];
		r->preds.n = n;
		for (size_t k = 0; k < n; k++)
			vec_push(p->a, &p->rops.v[r->preds.v[k]].succs, (int)i);
	}
}

/* What an init rOperator makes is packed; so are all views of it. */
static void
mark_packed(struct plan *p)
{
	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->args.n; k++)
			if (r->rop->init && parg_written(r, k))
				p->tensors.v[p->tensors.v[r->args.v[k].tensor]
					.root].kind = PT_PACKED;
	}
	for (size_t i = 0; i < p->tensors.n; i++)
		p->tensors.v[i].kind = p->tensors.v[p->tensors.v[i].root].kind;
}

/* Each output and each state's new value has a writer. */
static int
check_made(const struct plan *p, const struct uses *u, struct diag *d)
{
	int bad = 0;

	for (size_t i = 0; i < p->tensors.n; i++) {
		const struct ptensor *t = &p->tensors.v[i];

		if (t->kind == PT_OUTPUT && t->root == (int)i && t->bytes &&
		    !u[i].writers.n)
			bad = diag_error(d, record_pos(p->graph, "outputs"),
			                 "output '%s' is made by no rOperator",
			                 t->name);
	}
	for (size_t i = 0; i < p->graph->states.n; i++) {
		int past = map_get(&p->tensor_by_name,
		                   p->graph->states.v[i].past);

		if (!u[past].writers.n && p->tensors.v[past].bytes)
			bad = diag_error(d, record_pos(&p->graph->states.v[i],
			                 "present"), "state '%s' is made by no "
			                 "rOperator",
			                 p->graph->states.v[i].present);
	}
	return bad;
}

/* An init rOperator reads constants and what other init ones make. */
static int
check_init(const struct plan *p, struct diag *d)
{
	int bad = 0;

	for (size_t i = 0; i < p->rops.n; i++) {
		const struct prop *r = &p->rops.v[i];

		for (size_t k = 0; k < r->args.n; k++) {
			const struct ptensor *t =
				&p->tensors.v[r->args.v[k].tensor];

			if (r->rop->init && t->kind != PT_CONST &&
			    t->kind != PT_PACKED)
				bad = diag_error(d, record_pos(r->rop, "init"),
				                 "rOperator '%s' runs once but "
				                 "'%s' is no constant",
				                 r->rop->run, t->name);
		}
	}
	return bad;
}

int
plan_order(struct plan *p, struct diag *d)
{
	struct uses *u = arena_array(p->a, p->tensors.n, sizeof *u);

	if (collect(p, u, d) < 0)
		return -1;
	mark_packed(p);
	for (size_t i = 0; i < p->tensors.n; i++) {
		sort_writers(&u[i]);
		for (size_t k = 0; k < u[i].readers.n; k++)
			if (order_reader(p, &u[i], &u[i].readers.v[k], (int)i,
			                 d) < 0)
				return -1;
	}
	if (check_made(p, u, d) < 0 || check_init(p, d) < 0)
		return -1;
	sort_preds(p);
	return 0;
}
