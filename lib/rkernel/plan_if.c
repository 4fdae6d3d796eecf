/* Conditions of a plan: the tensors that decide what runs.
 *
 * Before its kernel is called, each rTask under a condition reads the tensor of
 * that condition and of all that it is within.  These reads stand behind the
 * arguments of the rOperator, so that whoever orders what is read after what
 * writes it, or keeps memory for as long as it is read, sees them. */
#include "rkernel/plan_parts.h"

static int
add_guard(struct plan *p, const struct condition *c, struct parg *g,
          struct diag *d)
{
	int i = map_get(&p->tensor_by_name, c->tensor);
	struct ptensor *t = i < 0 ? NULL : &p->tensors.v[i];
	struct arg *arg = arena_new(p->a, struct arg);

	if (!t)
		return diag_error(d, record_pos(c, "tensor"),
		                  "unknown tensor '%s'", c->tensor);
	if (t->type != DTYPE_BOOL || t->elems != 1)
		return diag_error(d, record_pos(c, "tensor"), "'%s' is %s of "
		                  "shape %s, expected one element of type bool",
		                  c->tensor, dtype_word(t->type),
		                  shape_text(p->a, &t->shape));
	*arg = (struct arg){.arg = "if", .type = DTYPE_BOOL, .shape = t->stored};
	*g = (struct parg){.tensor = i, .arg = arg, .stored = t->stored,
		.host = -1};
	t->used = p->tensors.v[t->root].used = true;
	return 0;
}

int
plan_conditions(struct plan *p, struct diag *d)
{
	const struct tasks *t = p->tasks;
	int r = 0;

	conditions_init(&p->conditions, t->conditions.v, t->conditions.n, p->a);
	p->guards = arena_array(p->a, t->conditions.n + 1, sizeof *p->guards);
	for (size_t i = 0; i < t->conditions.n; i++)
		r |= add_guard(p, &t->conditions.v[i], &p->guards[i], d);
	return r;
}

int
plan_guard(struct plan *p, struct prop *o, struct diag *d)
{
	const struct conditions *c = &p->conditions;

	o->condition = conditions_find(c, o->rop->if_);
	if (o->condition == -2) {
		conditions_unknown(c, o->rop->if_, record_pos(o->rop, "if"), d);
		return -1;
	}
	if (o->condition >= 0 && o->rop->init)
		return diag_error(d, record_pos(o->rop, "if"), "rOperator '%s' "
		                  "runs once, when the model is opened, and under "
		                  "no condition", o->rop->run);
	for (int k = o->condition; k >= 0; k = c->within[k])
		vec_push(p->a, &o->args, p->guards[k]);
	return 0;
}
