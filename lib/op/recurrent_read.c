/* An LSTM, GRU or RNN node as ONNX writes it: shapes, directions, activations
 * and their parameters. */
#include "op/recurrent.h"

#include <strings.h>

#include "base/str.h"

#define CELLS_MAX 65536

static const struct funcinfo funcs[] = {
	{"Affine", NULL, true, true, true, 0, 0},
	{"Elu", "Elu", true, false, false, 1, 0},
	{"HardSigmoid", "HardSigmoid", true, true, false, 0.2, 0.5},
	{"LeakyRelu", "LeakyRelu", true, false, false, 0.01, 0},
	{"Relu", "Relu", false, false, false, 0, 0},
	{"ScaledTanh", "Tanh", true, true, true, 0, 0},
	{"Sigmoid", "Sigmoid", false, false, false, 0, 0},
	{"Softplus", "Softplus", false, false, false, 0, 0},
	{"Softsign", "Softsign", false, false, false, 0, 0},
	{"Tanh", "Tanh", false, false, false, 0, 0},
	{"ThresholdedRelu", "ThresholdedRelu", true, false, false, 1, 0},
};

/* --- reading the node --------------------------------------------------- */

static const struct funcinfo *
find_func(const char *name)
{
	for (size_t i = 0; i < sizeof funcs / sizeof *funcs; i++)
		if (strcasecmp(funcs[i].name, name) == 0)
			return &funcs[i];
	return NULL;
}

/* The next of a list of parameters, for a function that takes one. */
static int
take_number(struct op_ctx *c, const struct func *f, const char *attr,
            size_t *at, double *out)
{
	const struct attr *t = attrs_get(&c->node->attrs, attr);
	size_t n = !t ? 0 : t->kind == ATTR_INTS ? t->ints.n : t->floats.n;

	if (*at < n) {
		*out = t->kind == ATTR_INTS ? (double)t->ints.v[*at]
		                            : t->floats.v[*at];
		++*at;
	} else if (f->info->given) {
		return op_fail(c, "activation '%s' needs a value in '%s'",
		               f->info->name, attr);
	}
	return 0;
}

/* The functions of all directions, in all[dirs * funcs]. */
static int
read_funcs(struct op_ctx *c, struct unroll *u, struct func *all)
{
	const struct attr *t = attrs_get(&c->node->attrs, "activations");
	size_t n = (size_t)(u->dirs * u->kind->funcs), alpha = 0, beta = 0;

	if (t && t->strs.n != n)
		return op_fail(c, "has %zu activations, expected %zu", t->strs.n,
		               n);
	for (size_t i = 0; i < n; i++) {
		const char *name = t ? t->strs.v[i]
		                     : u->kind->defaults[i % (size_t)u->kind->funcs];
		struct func *f = &all[i];

		f->info = find_func(name);
		if (!f->info)
			return op_fail(c, "activation '%s' is not known", name);
		f->alpha = f->info->alpha0;
		f->beta = f->info->beta0;
		if ((f->info->alpha && take_number(c, f, "activation_alpha",
		                                   &alpha, &f->alpha) < 0) ||
		    (f->info->beta && take_number(c, f, "activation_beta",
		                                  &beta, &f->beta) < 0))
			return -1;
	}
	return 0;
}

static int
want_shape(struct op_ctx *c, size_t in, const struct dims *want)
{
	struct dims d;
	struct ints s = {0};

	if (!op_has(c, in))
		return 0;
	d = op_dims(c, in);
	if (dims_same(&d, want))
		return 0;
	for (size_t i = 0; i < want->n; i++)
		vec_push(c->a, &s, want->v[i]);
	return op_fail(c, "input '%s' has shape %s, expected %s",
	               op_in(c, in)->name, op_shape(c, in),
	               shape_text(c->a, &s));
}

static int
check_shapes(struct op_ctx *c, const struct unroll *u)
{
	int64_t d = u->dirs, gh = u->kind->gates * u->hidden;
	struct dims state = u->layout ? DIMS(u->batch, d, u->hidden)
	                              : DIMS(d, u->batch, u->hidden);
	const struct dims want[] = {
		[IN_W] = DIMS(d, gh, u->inputs), [IN_R] = DIMS(d, gh, u->hidden),
		[IN_B] = DIMS(d, 2 * gh), [IN_LENS] = DIMS(u->batch),
		[IN_H] = state, [IN_C] = state, [IN_P] = DIMS(d, 3 * u->hidden),
	};

	for (size_t i = IN_W; i < op_nin(c); i++) {
		if (want_shape(c, i, &want[i]) < 0)
			return -1;
		if (i == IN_LENS ? op_want(c, i, TYPES_INTS)
		                 : op_want_same(c, i, IN_X))
			return -1;
	}
	return 0;
}

static int
read_direction(struct op_ctx *c, struct unroll *u)
{
	const char *s = op_str(c, "direction", "forward");

	u->dirs = str_eq(s, "bidirectional") ? 2 : 1;
	if (u->dirs == 1 && !str_eq(s, "forward") && !str_eq(s, "reverse"))
		return op_fail(c, "direction '%s' is not known", s);
	u->layout = op_int(c, "layout", 0);
	if (u->layout != 0 && u->layout != 1)
		return op_fail(c, "layout %lld is not known, expected 0 or 1",
		               (long long)u->layout);
	return 0;
}

static int
read_node(struct op_ctx *c, struct unroll *u)
{
	struct dims x = op_dims(c, IN_X), r = op_dims(c, IN_R);

	if (op_want(c, IN_X, TYPES_FLOATS) < 0 || read_direction(c, u) < 0)
		return -1;
	if (x.n != 3 || r.n != 3)
		return op_fail(c, "X of shape %s and R of shape %s, expected "
		               "three dimensions each", op_shape(c, IN_X),
		               op_shape(c, IN_R));
	u->type = op_in(c, IN_X)->type;
	u->steps = x.v[u->layout ? 1 : 0];
	u->batch = x.v[u->layout ? 0 : 1];
	u->inputs = x.v[2];
	u->hidden = r.v[2];
	if (!dims_elems(&x) || !dims_elems(&r))
		return op_fail(c, "has nothing to do: X of shape %s, R of shape "
		               "%s", op_shape(c, IN_X), op_shape(c, IN_R));
	if (op_int(c, "hidden_size", u->hidden) != u->hidden)
		return op_fail(c, "hidden_size is %lld, but R has shape %s",
		               (long long)op_int(c, "hidden_size", 0),
		               op_shape(c, IN_R));
	if (u->steps > CELLS_MAX / u->dirs)
		return op_fail(c, "%lld steps are too many to unroll, at most "
		               "%d are", (long long)u->steps, CELLS_MAX / u->dirs);
	return check_shapes(c, u);
}

int
recurrent_read(struct op_ctx *c, struct unroll *u, struct func *f)
{
	return read_node(c, u) < 0 || read_funcs(c, u, f) < 0 ? -1 : 0;
}
