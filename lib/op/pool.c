/* Pooling: over moving windows, and over everything (which is a reduction). */
#include "base/str.h"
#include "op/window.h"

#define ATTRS "auto_pad:s ceil_mode:i dilations:I kernel_shape:I pads:I strides:I"

static int
pool_window(struct op_ctx *c, struct window *w)
{
	const struct ints *k = op_ints(c, "kernel_shape");
	struct dims x = op_dims(c, 0);

	if (!k)
		return op_fail(c, "attribute 'kernel_shape' is missing");
	if (k->n + 2 != x.n || k->n > SPATIAL_MAX)
		return op_fail(c, "a window of %zu dimensions on input %s", k->n,
		               op_shape(c, 0));
	for (size_t i = 0; i < k->n; i++)
		w->kernel[i] = k->v[i];
	if (window_read(c, w) < 0)
		return -1;
	return window_out(c, w, op_int(c, "ceil_mode", 0) != 0);
}

/* A window that lies in the padding alone has nothing to take. */
static int
check_padding(struct op_ctx *c, const struct window *w)
{
	for (size_t i = 0; i < w->n; i++) {
		int64_t extent = (w->kernel[i] - 1) * w->dilation[i] + 1;

		if (w->out[i] < 1 || w->in[i] < 1)
			return op_fail(c, "the window does not fit input %s",
			               op_shape(c, 0));
		if (w->begin[i] >= extent || w->end[i] >= extent)
			return op_fail(c, "the padding is as large as the window");
	}
	return 0;
}

static int
infer(struct op_ctx *c, int types)
{
	struct window w = {0};
	struct dims y = op_dims(c, 0);

	if (op_want(c, 0, types) < 0 ||
	    pool_window(c, &w) < 0 || check_padding(c, &w) < 0)
		return -1;
	for (size_t i = 0; i < w.n; i++)
		y.v[2 + i] = w.out[i];
	if (op_set_dims(c, 0, op_in(c, 0)->type, &y) < 0)
		return -1;
	return op_set_dims(c, 1, DTYPE_I64, &y);
}

static int
pool_infer(struct op_ctx *c)
{
	return infer(c, TYPES_FLOATS);
}

static int
maxpool_infer(struct op_ctx *c)
{
	return infer(c, TYPES_NUMBERS);
}

static struct lop *
start(struct lower *l, struct op_ctx *c, const char *form, const char *y,
      size_t out)
{
	struct window w = {0};
	struct dims xd = op_dims(c, 0), yd = op_out_dims(c, out);
	struct lop *o = lower_op(l, form);

	pool_window(c, &w);
	xd = window_dims(&xd);
	yd = window_dims(&yd);
	window_attrs(l, o, &w, true);
	lop_in_dims(l, o, "X", op_in_id(c, 0), &xd);
	lop_out_dims(l, o, y, op_out_id(c, out), &yd);
	return o;
}

static int
maxpool_lower(struct lower *l, struct op_ctx *c)
{
	struct lop *o;

	if (op_wants_out(c, 0)) {
		o = start(l, c, "Pool", "Y", 0);
		attrs_set_str(l->a, &o->attrs, "mode", "max");
	}
	if (op_wants_out(c, 1)) {
		o = start(l, c, "PoolIndex", "J", 1);
		attrs_set_int(l->a, &o->attrs, "order",
		              op_int(c, "storage_order", 0) != 0);
	}
	return 0;
}

static int
avgpool_lower(struct lower *l, struct op_ctx *c)
{
	struct lop *o = start(l, c, "Pool", "Y", 0);

	attrs_set_str(l->a, &o->attrs, "mode", "avg");
	attrs_set_int(l->a, &o->attrs, "count_include_pad",
	              op_int(c, "count_include_pad", 0) != 0);
	return 0;
}

static int
check_p(struct op_ctx *c)
{
	int64_t p = op_int(c, "p", 2);

	return p >= 1 && p <= 64 ? 0 :
	       op_fail(c, "attribute 'p' is %lld", (long long)p);
}

static int
lppool_infer(struct op_ctx *c)
{
	return check_p(c) < 0 ? -1 : pool_infer(c);
}

static int
lppool_lower(struct lower *l, struct op_ctx *c)
{
	struct lop *o = start(l, c, "Pool", "Y", 0);

	attrs_set_str(l->a, &o->attrs, "mode", "lp");
	attrs_set_int(l->a, &o->attrs, "p", op_int(c, "p", 2));
	return 0;
}

/* --- over everything ---------------------------------------------------- */

static int
global_infer(struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);

	if (op_want(c, 0, TYPES_FLOATS) < 0 || check_p(c) < 0)
		return -1;
	if (x.n < 2)
		return op_fail(c, "input has shape %s, expected batch and channels",
		               op_shape(c, 0));
	for (size_t i = 2; i < x.n; i++) {
		if (x.v[i] == 0)
			return op_fail(c, "input of shape %s is empty",
			               op_shape(c, 0));
		x.v[i] = 1;
	}
	return op_set_dims(c, 0, op_in(c, 0)->type, &x);
}

static void
global(struct lower *l, struct op_ctx *c, const char *op, const char *load,
       const char *store)
{
	struct dims x = op_dims(c, 0);
	bool on[TENSOR_MAX_DIMS];

	for (size_t i = 0; i < x.n; i++)
		on[i] = i >= 2;
	lower_reduce(l, op_out_id(c, 0), op_in_id(c, 0), &x, on, op, load, store,
	             -1);
}

static int
globalmax_lower(struct lower *l, struct op_ctx *c)
{
	global(l, c, "max", NULL, NULL);
	return 0;
}

static int
globalavg_lower(struct lower *l, struct op_ctx *c)
{
	struct dims x = op_dims(c, 0);
	double n = (double)dims_product(&x, 2, x.n);

	global(l, c, "sum", NULL,
	       arena_printf(l->a, "v / %s",
	                    map_number(l->a, op_in(c, 0)->type, n)));
	return 0;
}

static int
globallp_lower(struct lower *l, struct op_ctx *c)
{
	enum dtype t = op_in(c, 0)->type;
	int64_t p = op_int(c, "p", 2);

	if (p == 1)
		global(l, c, "sum", "ABS(v)", NULL);
	else if (p == 2)
		global(l, c, "sum", "v * v", "SQRT(v)");
	else
		global(l, c, "sum",
		       arena_printf(l->a, "POW(ABS(v), %s)",
		                    map_number(l->a, t, (double)p)),
		       arena_printf(l->a, "POW(v, %s)",
		                    map_number(l->a, t, 1 / (double)p)));
	return 0;
}

static const struct op ops[] = {
	{"AveragePool", 7, 1, 1, 1, 1, ATTRS " count_include_pad:i", 0, NULL,
	 pool_infer, NULL, avgpool_lower},
	{"GlobalAveragePool", 1, 1, 1, 1, 1, NULL, 0, NULL, global_infer, NULL,
	 globalavg_lower},
	{"GlobalLpPool", 2, 1, 1, 1, 1, "p:i", 0, NULL, global_infer, NULL,
	 globallp_lower},
	{"GlobalMaxPool", 1, 1, 1, 1, 1, NULL, 0, NULL, global_infer, NULL,
	 globalmax_lower},
	{"LpPool", 2, 1, 1, 1, 1, ATTRS " p:i", 0, NULL, lppool_infer, NULL,
	 lppool_lower},
	{"MaxPool", 1, 1, 1, 1, 2, ATTRS " storage_order:i", 0, NULL,
	 maxpool_infer, NULL, maxpool_lower},
};

const struct op_family op_family_pool = {
	"pool", ops, sizeof ops / sizeof *ops
};
