/* LSTM, GRU and RNN, unrolled: every step of every direction becomes products,
 * maps and views, as if the model had been written so.  That is where the
 * parallelism of a recurrent network comes from: layers as a wavefront, the
 * steps of both directions side by side.
 *
 * Source: ONNX, operators LSTM, GRU and RNN, versions 7 to 22.  T steps, N
 * rows (the batch), I inputs, H hidden; G gates, whose weights lie one below
 * the other in W [D, G H, I] and R [D, G H, H], for D directions. */
#include "op/recurrent.h"

#include "base/str.h"

/* --- building nodes ----------------------------------------------------- */

static int
fresh(struct unroll *u, const char *what)
{
	const char *name;

	do
		name = arena_printf(u->n->a, "%s.%s%d", u->name, what,
		                    u->made++);
	while (map_get(&u->n->by_name, name) >= 0);
	return net_value(u->n, name);
}

/* Appends a node of one input; -1 as y: the caller adds the outputs. */
static struct onode *
node(struct unroll *u, const char *op, int a, int y)
{
	struct onode *o = net_node(u->n, op);

	o->at = u->node.at;
	o->label = u->node.label;
	vec_push(u->n->a, &o->in, a);
	if (y >= 0)
		vec_push(u->n->a, &o->out, y);
	return o;
}

static void
input(struct unroll *u, struct onode *o, int b)
{
	vec_push(u->n->a, &o->in, b);
}

static int
binary(struct unroll *u, const char *op, int a, int b)
{
	int y = fresh(u, "t");

	input(u, node(u, op, a, y), b);
	return y;
}

/* a + b, where either may be missing (-1). */
static int
sum(struct unroll *u, int a, int b)
{
	return a < 0 ? b : b < 0 ? a : binary(u, "Add", a, b);
}

static int
ints(struct unroll *u, const int64_t *v, size_t n)
{
	const char *hint = arena_printf(u->n->a, "%s.ints%d", u->name,
	                                u->made++);

	return net_const(u->n, hint, DTYPE_I64, (int64_t[]){(int64_t)n}, 1, v);
}

static int
number(struct unroll *u, double x)
{
	const char *hint = arena_printf(u->n->a, "%s.number%d", u->name,
	                                u->made++);
	char data[8];

	elem_set_float(u->type, data, 0, x);
	return net_const(u->n, hint, u->type, NULL, 0, data);
}

/* Squeeze, Unsqueeze, Reshape: an operator with a list as second input. */
static int
shaped(struct unroll *u, const char *op, int a, int list, int y)
{
	y = y < 0 ? fresh(u, "t") : y;
	input(u, node(u, op, a, y), list);
	return y;
}

/* a cut along an axis into n parts of the given sizes. */
static void
split(struct unroll *u, int a, int64_t axis, const int64_t *sizes, size_t n,
      int *out)
{
	struct onode *o;
	int list;

	if (n == 1) {
		out[0] = a;
		return;
	}
	list = ints(u, sizes, n);
	for (size_t i = 0; i < n; i++)
		out[i] = fresh(u, "part");
	o = node(u, "Split", a, -1);
	input(u, o, list);
	attrs_set_int(u->n->a, &o->attrs, "axis", axis);
	for (size_t i = 0; i < n; i++)
		vec_push(u->n->a, &o->out, out[i]);
}

static void
split_even(struct unroll *u, int a, int64_t axis, int64_t size, size_t n,
           int *out)
{
	int64_t *sizes = arena_array(u->n->a, n, sizeof *sizes);

	for (size_t i = 0; i < n; i++)
		sizes[i] = size;
	split(u, a, axis, sizes, n, out);
}

static int
transposed(struct unroll *u, int a)
{
	int y = fresh(u, "weights");
	struct onode *o = node(u, "Transpose", a, y);

	attrs_set_ints(u->n->a, &o->attrs, "perm", (int64_t[]){1, 0}, 2);
	return y;
}

/* Rows of values concatenated along the axis where steps and directions go. */
static int
stack(struct unroll *u, const struct ints *v, int y)
{
	int axis = ints(u, &u->layout, 1);
	struct ints parts = {0};
	struct onode *o;

	for (size_t i = 0; i < v->n; i++)
		vec_push(u->n->a, &parts, (int64_t)shaped(u, "Unsqueeze",
			(int)v->v[i], axis, v->n == 1 ? y : -1));
	if (v->n == 1)
		return (int)parts.v[0];
	y = y < 0 ? fresh(u, "all") : y;
	o = node(u, "Concat", (int)parts.v[0], y);
	attrs_set_int(u->n->a, &o->attrs, "axis", u->layout);
	for (size_t i = 1; i < parts.n; i++)
		input(u, o, (int)parts.v[i]);
	return y;
}

/* --- activations -------------------------------------------------------- */

static int
clipped(struct unroll *u, int x)
{
	int y = fresh(u, "t");
	struct onode *o;

	if (!u->clipped)
		return x;
	o = node(u, "Clip", x, y);
	input(u, o, u->low);
	input(u, o, u->high);
	return y;
}

static int
apply(struct unroll *u, int func, int x)
{
	const struct func *f = &u->f[func];
	bool scaled = str_eq(f->info->name, "ScaledTanh");
	struct onode *o;
	int y;

	if (str_eq(f->info->name, "Affine"))
		return binary(u, "Add", binary(u, "Mul", x, number(u, f->alpha)),
		              number(u, f->beta));
	if (scaled)
		x = binary(u, "Mul", x, number(u, f->beta));
	y = fresh(u, "t");
	o = node(u, f->info->op, x, y);
	if (f->info->alpha && !scaled)
		attrs_set_float(u->n->a, &o->attrs, "alpha", f->alpha);
	if (f->info->beta && !scaled)
		attrs_set_float(u->n->a, &o->attrs, "beta", f->beta);
	return scaled ? binary(u, "Mul", y, number(u, f->alpha)) : y;
}

/* What a gate lets through of its pre-activation. */
static int
gate(struct unroll *u, int func, int x)
{
	return apply(u, func, clipped(u, x));
}

/* --- steps -------------------------------------------------------------- */

static int
product(struct unroll *u, int a, int b)
{
	return a < 0 ? -1 : binary(u, "MatMul", a, b);
}

/* The gates' sums of one step, but for peepholes. */
static int
sums(struct unroll *u, int x)
{
	return sum(u, sum(u, product(u, x, u->w), product(u, u->h, u->r)),
	           u->bias);
}

static int
peephole(struct unroll *u, int x, int which, int c)
{
	if (u->peep[which] < 0 || c < 0)
		return x;
	return sum(u, x, binary(u, "Mul", u->peep[which], c));
}

/* Rows whose sequence has ended keep their state. */
static int
masked(struct unroll *u, int now, int before)
{
	int y = fresh(u, "t");
	struct onode *o;

	if (u->mask < 0)
		return now;
	o = node(u, "Where", u->mask, y);
	input(u, o, now);
	input(u, o, before);
	return y;
}

static void
lstm_step(struct unroll *u, int x)
{
	int g[4], i, o, f, new, c, h;

	split_even(u, sums(u, x), 1, u->hidden, 4, g);	/* i o f c */
	i = gate(u, 0, peephole(u, g[0], 0, u->c));
	f = u->input_forget ? binary(u, "Sub", u->one, i)
	                    : gate(u, 0, peephole(u, g[2], 2, u->c));
	new = binary(u, "Mul", i, gate(u, 1, g[3]));
	c = u->c < 0 ? new : sum(u, binary(u, "Mul", f, u->c), new);
	o = gate(u, 0, peephole(u, g[1], 1, c));
	h = binary(u, "Mul", o, apply(u, 2, c));
	u->h = masked(u, h, u->h);
	u->c = masked(u, c, u->c);
}

/* z and r, the new value and how much of the old one stays. */
static void
gru_step(struct unroll *u, int x)
{
	int64_t sizes[2] = {2 * u->hidden, u->hidden};
	int part[2], zr[2], z, r, new, kept, h;

	split(u, sum(u, product(u, x, u->w), u->bias), 1, sizes, 2, part);
	split_even(u, gate(u, 0, sum(u, part[0], sum(u, product(u, u->h,
	           u->r_gates), u->rb_gates))), 1, u->hidden, 2, zr);
	z = zr[0];
	r = zr[1];
	if (u->linear_before_reset) {
		new = sum(u, product(u, u->h, u->r_new), u->rb_new);
		new = new < 0 ? -1 : binary(u, "Mul", r, new);
	} else {
		new = u->h < 0 ? -1 : product(u, binary(u, "Mul", r, u->h),
		                              u->r_new);
		new = sum(u, new, u->rb_new);
	}
	new = gate(u, 1, sum(u, part[1], new));
	kept = u->h < 0 ? -1 : binary(u, "Mul", z, u->h);
	h = sum(u, binary(u, "Mul", binary(u, "Sub", u->one, z), new), kept);
	u->h = masked(u, h, u->h);
}

static void
rnn_step(struct unroll *u, int x)
{
	u->h = masked(u, gate(u, 0, sums(u, x)), u->h);
}

static const struct kind kinds[] = {
	{"LSTM", 4, 3, {"Sigmoid", "Tanh", "Tanh"}, lstm_step},
	{"GRU", 3, 2, {"Sigmoid", "Tanh"}, gru_step},
	{"RNN", 1, 1, {"Tanh"}, rnn_step},
};

/* --- the whole ---------------------------------------------------------- */

/* Row d of input in, without the dimension of directions; -1: no such input. */
static int
of_direction(struct unroll *u, size_t in, int d, int64_t axis)
{
	int part[2], list;

	if (in >= u->node.in.n || u->node.in.v[in] < 0)
		return -1;
	split_even(u, u->node.in.v[in], axis, 1, (size_t)u->dirs, part);
	list = ints(u, &axis, 1);
	return shaped(u, "Squeeze", part[d], list, -1);
}

/* A GRU's recurrent weights and biases: the gates' and the new value's. */
static void
gru_parts(struct unroll *u, int r, int rb)
{
	int64_t sizes[2] = {2 * u->hidden, u->hidden};
	int part[2];

	split(u, r, 0, sizes, 2, part);
	u->r_gates = transposed(u, part[0]);
	u->r_new = transposed(u, part[1]);
	u->rb_gates = u->rb_new = -1;
	if (rb >= 0) {
		split(u, rb, 0, sizes, 2, part);
		u->rb_gates = part[0];
		u->rb_new = part[1];
	}
}

static int
zeros(struct unroll *u)
{
	const char *hint = arena_printf(u->n->a, "%s.zero%d", u->name,
	                                u->made++);
	void *data = arena_array(u->n->a,
	                         (size_t)(u->batch * u->hidden), 8);

	return net_const(u->n, hint, u->type,
	                 (int64_t[]){u->batch, u->hidden}, 2, data);
}

static void
begin_direction(struct unroll *u, int d, bool masks)
{
	bool gru = str_eq(u->kind->op, "GRU");
	int r = of_direction(u, IN_R, d, 0), both[2] = {-1, -1};
	int bias = of_direction(u, IN_B, d, 0);
	int p = of_direction(u, IN_P, d, 0);

	u->w = transposed(u, of_direction(u, IN_W, d, 0));
	if (bias >= 0)
		split_even(u, bias, 0, u->kind->gates * u->hidden, 2, both);
	if (gru)
		gru_parts(u, r, both[1]);
	else
		u->r = transposed(u, r);
	u->bias = gru ? both[0] : sum(u, both[0], both[1]);
	u->peep[0] = u->peep[1] = u->peep[2] = -1;
	if (p >= 0)
		split_even(u, p, 0, u->hidden, 3, u->peep);
	u->h = of_direction(u, IN_H, d, u->layout);
	u->c = of_direction(u, IN_C, d, u->layout);
	if (masks && u->h < 0)
		u->h = zeros(u);
	if (masks && u->c < 0)
		u->c = zeros(u);
}

/* masks[t]: [N, 1], true where a row has a step t. */
static void
make_masks(struct unroll *u, int *masks)
{
	int lens = shaped(u, "Unsqueeze", u->node.in.v[IN_LENS],
	                  ints(u, (int64_t[]){1}, 1), -1);
	enum dtype t = u->n->values.v[u->node.in.v[IN_LENS]].type;

	for (int64_t i = 0; i < u->steps; i++) {
		char data[8];
		int at;

		elem_set_int(t, data, 0, i);
		at = net_const(u->n, arena_printf(u->n->a, "%s.step%lld",
			u->name, (long long)i), t, NULL, 0, data);
		masks[i] = binary(u, "Less", at, lens);
	}
}

/* One direction over all steps; y[t]: what the step gives. */
static void
run_direction(struct unroll *u, bool reverse, const int *x, const int *masks,
              int *y)
{
	int zero = masks ? zeros(u) : -1;

	for (int64_t i = 0; i < u->steps; i++) {
		int64_t t = reverse ? u->steps - 1 - i : i;

		u->mask = masks ? masks[t] : -1;
		u->kind->step(u, x[t]);
		y[t] = masked(u, u->h, zero);
	}
}

static int
out_of(const struct unroll *u, size_t i)
{
	return i < u->node.out.n ? u->node.out.v[i] : -1;
}

/* Y from y[d][t], in the order of its dimensions. */
static void
give_all(struct unroll *u, int **y)
{
	int64_t shape[4] = {u->steps, u->dirs, u->batch, u->hidden};
	int64_t batchwise[4] = {u->batch, u->steps, u->dirs, u->hidden};
	struct ints v = {0};
	int all, list;

	for (int64_t t = 0; t < u->steps; t++)
		for (int d = 0; d < u->dirs; d++)
			vec_push(u->n->a, &v, (int64_t)y[d][t]);
	all = stack(u, &v, -1);
	list = ints(u, u->layout ? batchwise : shape, 4);
	shaped(u, "Reshape", all, list, out_of(u, 0));
}

/* Whether rows may end at different steps. */
static bool
rows_end(struct op_ctx *c, const struct unroll *u)
{
	struct value *v = op_in(c, IN_LENS);

	if (!v)
		return false;
	if (!value_is_const(v) || !value_data(c->net, v, c->d))
		return true;
	for (int64_t i = 0; i < value_elems(v); i++)
		if (value_int(v, i) < u->steps)
			return true;
	return false;
}

static void
unroll(struct unroll *u, const struct func *f, bool reverse, bool masks)
{
	size_t steps = (size_t)u->steps;
	int *x = arena_array(u->n->a, steps, sizeof *x);
	int *mask = masks ? arena_array(u->n->a, steps, sizeof *mask) : NULL;
	int *y[2], list;
	int64_t time = u->layout ? 1 : 0;
	struct ints h = {0}, c = {0};

	split_even(u, u->node.in.v[IN_X], time, 1, steps, x);
	list = ints(u, &time, 1);
	for (size_t t = 0; t < steps; t++)
		x[t] = shaped(u, "Squeeze", x[t], list, -1);
	if (masks)
		make_masks(u, mask);
	for (int d = 0; d < u->dirs; d++) {
		y[d] = arena_array(u->n->a, steps, sizeof *y[d]);
		memcpy(u->f, f + d * u->kind->funcs,
		       (size_t)u->kind->funcs * sizeof *f);
		begin_direction(u, d, masks);
		run_direction(u, reverse || d == 1, x, mask, y[d]);
		vec_push(u->n->a, &h, (int64_t)u->h);
		vec_push(u->n->a, &c, (int64_t)u->c);
	}
	if (out_of(u, 0) >= 0)
		give_all(u, y);
	if (out_of(u, 1) >= 0)
		stack(u, &h, out_of(u, 1));
	if (out_of(u, 2) >= 0)
		stack(u, &c, out_of(u, 2));
}

static const char *
first_output(struct op_ctx *c)
{
	for (size_t i = 0; i < op_nout(c); i++)
		if (op_out(c, i))
			return op_out(c, i)->name;
	return c->node->op;
}

static int
recurrent_upgrade(struct op_ctx *c)
{
	size_t at = (size_t)(c->node - c->net->nodes.v);
	struct unroll u = {.n = c->net, .node = *c->node};
	struct func f[2 * FUNCS_MAX];
	const struct attr *clip = attrs_get(&c->node->attrs, "clip");
	bool reverse, masks;

	if (op_check(c) < 0)
		return -1;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(kinds[i].op, c->node->op))
			u.kind = &kinds[i];
	u.name = first_output(c);
	if (recurrent_read(c, &u, f) < 0)
		return -1;
	reverse = str_eq(op_str(c, "direction", "forward"), "reverse");
	masks = rows_end(c, &u);
	u.clipped = clip != NULL;
	u.input_forget = op_int(c, "input_forget", 0) != 0;
	u.linear_before_reset = op_int(c, "linear_before_reset", 0) != 0;
	if (clip) {
		u.low = number(&u, -op_float(c, "clip", 0));
		u.high = number(&u, op_float(c, "clip", 0));
	}
	u.one = number(&u, 1);
	unroll(&u, f, reverse, masks);
	c->net->nodes.v[at].dead = true;	/* c->node may have moved */
	return 0;
}

static int
recurrent_infer(struct op_ctx *c)
{
	return op_fail(c, "is unrolled at import");
}

#define COMMON "activation_alpha:F activation_beta:F activations:S clip:f " \
	"direction:s hidden_size:i layout:i"

static const struct op ops[] = {
	{"GRU", 7, 3, 6, 0, 2, COMMON " linear_before_reset:i", 0,
	 recurrent_upgrade, recurrent_infer, NULL, NULL, .rewrites = true},
	{"LSTM", 7, 3, 8, 0, 3, COMMON " input_forget:i", 0, recurrent_upgrade,
	 recurrent_infer, NULL, NULL, .rewrites = true},
	{"RNN", 7, 3, 6, 0, 2, COMMON, 0, recurrent_upgrade, recurrent_infer,
	 NULL, NULL, .rewrites = true},
};

const struct op_family op_family_recurrent = {
	"recurrent", ops, sizeof ops / sizeof *ops
};
