/* lib/op/recurrent.c: what LSTM, GRU and RNN are unrolled to.  What comes out
 * of them is compared in tests/conformance and tests/e2e; here is how much it
 * takes, since a cell's nodes are multiplied by steps, directions and layers. */
#include "bench.h"

/* Unrolls the node that text tells of and infers what it became.  The new
 * nodes stand in an order that infer can follow: operands first. */
static int
upgraded(struct bench *b, const char *text)
{
	struct net *n = &b->net;

	bench_build(b, text);
	if (op_upgrade(n, &n->nodes.v[0], b->d) < 0)
		return -1;
	for (size_t i = 0; i < n->nodes.n; i++) {
		struct onode *o = &n->nodes.v[i];

		if (o->dead)
			continue;
		o->def = op_find(o->op);
		if (op_infer(n, o, b->d) < 0)
			return -1;
	}
	return 0;
}

/* Live nodes of that operator; NULL: of any. */
static size_t
count(const struct bench *b, const char *op)
{
	size_t k = 0;

	for (size_t i = 0; i < b->net.nodes.n; i++)
		k += !b->net.nodes.v[i].dead &&
		     (!op || str_eq(b->net.nodes.v[i].op, op));
	return k;
}

/* The shape of the value of that name, or what was said. */
static const char *
shape_of(struct bench *b, const char *name)
{
	struct value *v = &b->net.values.v[net_value(&b->net, name)];

	return v->shaped ? shape_text(&test_arena, &v->shape) : test_said();
}

#define CHECK_SHAPE(b, name, is) CHECK_STR(shape_of((b), (name)), (is))

/* T = 5, N = 2, I = 3, H = 4: a product each for x and h, but the first step
 * has no h. */
static void
test_products(void)
{
	struct bench b = {.is_output = false};

	CHECK_INT(upgraded(&b, "LSTM hidden_size=4 f32[5,2,3] f32[1,16,3] "
	                   "f32[1,16,4] f32[1,32] /3"), 0);
	CHECK_INT(count(&b, "MatMul"), 5 + 4);
	CHECK_INT(count(&b, "LSTM"), 0);
	CHECK_INT(upgraded(&b, "RNN hidden_size=4 f32[5,2,3] f32[1,4,3] "
	                   "f32[1,4,4] _ _ f32[1,2,4] /2"), 0);
	CHECK_INT(count(&b, "MatMul"), 5 + 5);
	CHECK_INT(count(&b, "Where"), 0);
}

/* Reset after the product: h times R for gates and value; before it, too, but
 * as two products one after the other. */
static void
test_reset(void)
{
	struct bench b = {.is_output = false};
	const char *gru = "f32[1,2,3] f32[1,12,3] f32[1,12,4] f32[1,24] _ "
	                  "f32[1,2,4] /2";

	for (int after = 0; after < 2; after++) {
		CHECK_INT(upgraded(&b, arena_printf(&test_arena,
		          "GRU linear_before_reset=%d hidden_size=4 %s", after,
		          gru)), 0);
		CHECK_INT(count(&b, "MatMul"), 3);
		CHECK_INT(count(&b, "Sigmoid"), 1);
		CHECK_SHAPE(&b, "y0", "[1, 1, 2, 4]");
		CHECK_SHAPE(&b, "y1", "[1, 2, 4]");
	}
}

static void
test_shapes(void)
{
	struct bench b = {.is_output = false};

	CHECK_INT(upgraded(&b, "LSTM direction=bidirectional hidden_size=4 "
	                   "f32[5,2,3] f32[2,16,3] f32[2,16,4] /3"), 0);
	CHECK_SHAPE(&b, "y0", "[5, 2, 2, 4]");
	CHECK_SHAPE(&b, "y1", "[2, 2, 4]");
	CHECK_SHAPE(&b, "y2", "[2, 2, 4]");
	CHECK_INT(upgraded(&b, "LSTM layout=1 direction=reverse hidden_size=4 "
	                   "f32[7,5,3] f32[1,16,3] f32[1,16,4] /3"), 0);
	CHECK_SHAPE(&b, "y0", "[7, 5, 1, 4]");
	CHECK_SHAPE(&b, "y1", "[7, 1, 4]");
	CHECK_SHAPE(&b, "y2", "[7, 1, 4]");
}

/* Lengths that are known to be whole cost nothing; others mask each step. */
static void
test_lengths(void)
{
	static const struct { const char *lens; size_t masks; } t[] = {
		{"i32{3,3}", 0}, {"i32{3,2}", 3}, {"i32[2]", 3},
	};
	struct bench b = {.is_output = false};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		CHECK_INT(upgraded(&b, arena_printf(&test_arena, "RNN "
		          "hidden_size=4 f32[3,2,3] f32[1,4,3] f32[1,4,4] _ %s "
		          "/2", t[i].lens)), 0);
		CHECK_INT(count(&b, "Less"), (int64_t)t[i].masks);
		/* the state, and what the step gives */
		CHECK_INT(count(&b, "Where"), 2 * (int64_t)t[i].masks);
	}
}

static void
test_options(void)
{
	struct bench b = {.is_output = false};

	CHECK_INT(upgraded(&b, "LSTM clip=0.5 hidden_size=4 f32[1,2,3] "
	                   "f32[1,16,3] f32[1,16,4]"), 0);
	CHECK_INT(count(&b, "Clip"), 4);
	CHECK_INT(upgraded(&b, "LSTM input_forget=1 hidden_size=4 f32[1,2,3] "
	                   "f32[1,16,3] f32[1,16,4]"), 0);
	CHECK_INT(count(&b, "Sigmoid"), 2);
	CHECK_INT(count(&b, "Sub"), 1);
	/* without a state only o has a peephole: it looks at the new cell */
	CHECK_INT(upgraded(&b, "LSTM hidden_size=4 f32[1,2,3] f32[1,16,3] "
	                   "f32[1,16,4] _ _ _ _ f32[1,12]"), 0);
	CHECK_INT(count(&b, "Mul"), 3);
}

/* The node is refused before anything is added. */
static void
test_refusals(void)
{
	static const struct example t[] = {
		{"LSTM hidden_size=4 f32[5,2,3] f32[1,12,3] f32[1,16,4]",
		 "!has shape [1, 12, 3], expected [1, 16, 3]"},
		{"LSTM hidden_size=4 f32[5,2,3] f32[1,16,3] f32[1,16,4] f32[1,16]",
		 "!has shape [1, 16], expected [1, 32]"},
		{"LSTM direction=bidirectional f32[5,2,3] f32[1,16,3] f32[2,16,4]",
		 "!has shape [1, 16, 3], expected [2, 16, 3]"},
		{"GRU f32[5,2,3] f32[1,12,3] f32[1,12,4] _ i32[3]",
		 "!has shape [3], expected [2]"},
		{"GRU f32[5,2,3] f32[1,12,3] f32[1,12,4] _ f32[2]", "!is f32"},
		{"RNN hidden_size=5 f32[5,2,3] f32[1,4,3] f32[1,4,4]",
		 "!hidden_size is 5"},
		{"RNN f32[5,2] f32[1,4,3] f32[1,4,4]", "!expected three dimensions"},
		{"RNN f32[0,2,3] f32[1,4,3] f32[1,4,4]", "!has nothing to do"},
		{"RNN f32[70000,2,3] f32[1,4,3] f32[1,4,4]", "!too many to unroll"},
		{"RNN direction=up f32[5,2,3] f32[1,4,3] f32[1,4,4]",
		 "!direction 'up' is not known"},
		{"RNN layout=2 f32[5,2,3] f32[1,4,3] f32[1,4,4]",
		 "!layout 2 is not known"},
		{"RNN f32[5,2,3] f64[1,4,3] f32[1,4,4]", "!is f64, but"},
		{"RNN i32[5,2,3] i32[1,4,3] i32[1,4,4]", "!expected a float"},
	};

	CHECK_ALL(t);
}

int
main(void)
{
	RUN(test_products);
	RUN(test_reset);
	RUN(test_shapes);
	RUN(test_lengths);
	RUN(test_options);
	RUN(test_refusals);
	return test_done();
}
