/* Cases: a form, its attributes, its arguments with awkward sizes.
 *
 *	FORM NAME=VALUE ... | ARG:TYPE[DIMS] ...
 *
 * [..]! : the values hold NaN and infinities; [..]<N : indices in [-N, N). */
#include "kcheck.h"

#include <math.h>

#include "rkernel/form.h"

const char *const kcase_texts[] = {
	"Map | Y:f32[1]",
	"Map | Y:f32[3,7,11]",
	"Map | Y:i64[2051]",
	"Map | Y:bool[5,1,13]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,1] B:f32[1,1,1] Y:f32[1,1,1]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,37] B:f32[1,37,83] Y:f32[1,1,83]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,300] B:f32[1,300,10] Y:f32[1,1,10]",
	"MatMul trans_a=0 trans_b=0 | A:f32[3,1,16] B:f32[1,16,129] Y:f32[3,1,129]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,64] B:f32[1,64,512] Y:f32[1,1,512]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,37] B:f32[1,37,96] Y:f32[1,1,96]",
	"MatMul trans_a=0 trans_b=0 | A:f32[3,1,21] B:f32[3,21,160] Y:f32[3,1,160]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,1,13] B:f32[2,13,32] Y:f32[2,1,32]",
	"MatMul trans_a=0 trans_b=1 | A:f32[1,1,67] B:f32[1,29,67] Y:f32[1,1,29]",
	"MatMul trans_a=0 trans_b=1 | A:f32[2,1,300] B:f32[2,131,300] Y:f32[2,1,131]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,37,71] B:f32[1,71,53] Y:f32[1,37,53]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,2,5] B:f32[1,5,3] Y:f32[1,2,3]",
	"MatMul trans_a=1 trans_b=0 | A:f32[1,71,37] B:f32[1,71,53] Y:f32[1,37,53]",
	"MatMul trans_a=0 trans_b=1 | A:f32[1,13,300] B:f32[1,130,300] Y:f32[1,13,130]",
	"MatMul trans_a=1 trans_b=0 | A:f32[2,70,1] B:f32[1,70,65] Y:f32[2,1,65]",
	"MatMul trans_a=1 trans_b=1 | A:f32[3,20,9] B:f32[3,33,20] Y:f32[3,9,33]",
	"MatMul trans_a=0 trans_b=0 | A:f32[2,100,33] B:f32[1,33,64] Y:f32[2,100,64]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,5,33] B:f32[4,33,70] Y:f32[4,5,70]",
	"MatMul trans_a=0 trans_b=0 | A:f32[1,3,600] B:f32[1,600,40] Y:f32[1,3,40]",
	"MatMul trans_a=0 trans_b=1 | A:f32[2,11,70] B:f32[1,9,70] Y:f32[2,11,9]",
	"MatMul trans_a=0 trans_b=1 | A:i64[1,5,7] B:i64[1,67,7] Y:i64[1,5,67]",
	"MatMul trans_a=1 trans_b=0 | A:f64[2,7,9] B:f64[1,7,3] Y:f64[2,9,3]",
	"MatMul trans_a=0 trans_b=0 | A:i32[1,9,4] B:i32[1,4,5] Y:i32[1,9,5]",
	"Conv group=1 strides=[1,1] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,3,7,9] W:f32[5,3,3,3] Y:f32[1,5,7,9]",
	"Conv group=1 strides=[2,2] pads=[3,3,2,2] dilations=[1,1] | X:f32[1,3,23,21] W:f32[16,3,7,7] Y:f32[1,16,11,10]",
	"Conv group=1 strides=[1,1] pads=[0,0,0,0] dilations=[1,1] | X:f32[2,32,5,7] W:f32[48,32,1,1] Y:f32[2,48,5,7]",
	"Conv group=1 strides=[1,1] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,32,8,8] W:f32[64,32,3,3] Y:f32[1,64,8,8]",
	"Conv group=1 strides=[2,2] pads=[1,0,1,2] dilations=[1,1] | X:f32[1,16,13,17] W:f32[16,16,3,3] Y:f32[1,16,7,9]",
	"Conv group=1 strides=[1,2] pads=[2,1,0,3] dilations=[2,1] | X:f32[1,16,11,30] W:f32[32,16,3,5] Y:f32[1,32,9,15]",
	"Conv group=1 strides=[2,2] pads=[0,0,0,0] dilations=[1,1] | X:f32[1,16,14,14] W:f32[32,16,1,1] Y:f32[1,32,7,7]",
	"Conv group=2 strides=[1,1] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,32,6,5] W:f32[32,16,3,3] Y:f32[1,32,6,5]",
	"Conv group=32 strides=[1,1] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,32,9,20] W:f32[32,1,3,3] Y:f32[1,32,9,20]",
	"Conv group=16 strides=[2,2] pads=[2,2,2,2] dilations=[1,1] | X:f32[2,16,11,10] W:f32[16,1,5,5] Y:f32[2,16,6,5]",
	"Conv group=3 strides=[1,1] pads=[0,1,0,1] dilations=[1,1] | X:f32[1,6,1,40] W:f32[9,2,1,3] Y:f32[1,9,1,40]",
	"Conv group=1 strides=[3,1] pads=[1,1,1,1] dilations=[1,3] | X:f32[1,7,10,12] W:f32[13,7,4,3] Y:f32[1,13,3,8]",
	"Conv group=1 strides=[1,1] pads=[0,0,0,0] dilations=[1,1] | X:f32[1,1,1,1] W:f32[1,1,1,1] Y:f32[1,1,1,1]",
	"Conv group=1 strides=[1,2,1] pads=[1,0,1,1,0,0] dilations=[1,1,2] | X:f32[1,2,4,5,6] W:f32[3,2,3,2,2] Y:f32[1,3,4,2,5]",
	"Conv group=1 strides=[1,1] pads=[0,125,0,124] dilations=[1,1] | X:f32[1,2,1,600] W:f32[3,2,1,250] Y:f32[1,3,1,600]",
	"Conv group=1 strides=[1,3] pads=[0,300,0,296] dilations=[1,2] | X:f32[1,1,1,1800] W:f32[3,1,1,300] Y:f32[1,3,1,600]",
	"Conv group=1 strides=[1,1] pads=[0,0,0,0] dilations=[1,1] | X:f64[1,2,5,5] W:f64[3,2,2,2] Y:f64[1,3,4,4]",
	"ConvTranspose group=1 strides=[2,2] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,3,5,4] W:f32[3,4,3,3] Y:f32[1,4,9,7]",
	"ConvTranspose group=2 strides=[3,1] pads=[0,2,0,1] dilations=[1,2] | X:f32[2,4,3,7] W:f32[4,3,2,3] Y:f32[2,6,9,8]",
	"ConvTranspose group=1 strides=[1,2,2] pads=[0,0,0,0,0,0] dilations=[1,1,1] | X:f32[1,2,2,3,3] W:f32[2,1,2,2,2] Y:f32[1,1,3,6,6]",
	"Pool mode=max kernel=[3,3] strides=[2,2] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,16,9,11] Y:f32[1,16,5,6]",
	"Pool mode=max kernel=[2,2] strides=[2,2] pads=[0,0,0,0] dilations=[1,1] | X:f32[2,3,7,70]! Y:f32[2,3,3,35]",
	"Pool mode=max kernel=[2,3] strides=[1,2] pads=[0,1,1,1] dilations=[2,1] | X:u8[1,5,6,9] Y:u8[1,5,5,5]",
	"Pool mode=max kernel=[2,2,2] strides=[1,2,1] pads=[0,0,0,0,0,0] dilations=[1,1,1] | X:f32[1,2,4,4,5] Y:f32[1,2,3,2,4]",
	"Pool mode=max kernel=[3,3] strides=[1,1] pads=[1,1,1,1] dilations=[1,1] | X:f32[1,32,6,6]! Y:f32[1,32,6,6]",
	"Pool mode=avg kernel=[3,3] strides=[2,2] pads=[1,1,1,1] dilations=[1,1] count_include_pad=0 | X:f32[1,16,9,11] Y:f32[1,16,5,6]",
	"Pool mode=avg kernel=[3,2] strides=[1,1] pads=[1,0,1,1] dilations=[1,1] count_include_pad=1 | X:f32[1,16,9,11] Y:f32[1,16,9,11]",
	"Pool mode=avg kernel=[3,3] strides=[2,2] pads=[0,0,1,1] dilations=[1,1] count_include_pad=1 | X:f32[1,3,6,6] Y:f32[1,3,3,3]",
	"Pool mode=avg kernel=[8,8] strides=[1,1] pads=[0,0,0,0] dilations=[1,1] count_include_pad=0 | X:f32[1,48,8,8] Y:f32[1,48,1,1]",
	"Pool mode=lp kernel=[2,2] strides=[2,2] pads=[0,0,0,0] dilations=[1,1] p=2 | X:f32[1,3,6,8] Y:f32[1,3,3,4]",
	"Pool mode=lp kernel=[3,2] strides=[1,1] pads=[1,0,1,0] dilations=[1,1] p=3 | X:f32[1,2,5,5] Y:f32[1,2,5,4]",
	"Pool mode=lp kernel=[3,2] strides=[1,1] pads=[1,0,1,0] dilations=[1,1] p=1 | X:f64[1,2,5,5] Y:f64[1,2,5,4]",
	"PoolIndex kernel=[2,2] strides=[2,2] pads=[0,0,0,0] dilations=[1,1] order=0 | X:f32[2,3,7,8] J:i64[2,3,3,4]",
	"PoolIndex kernel=[3,3] strides=[1,1] pads=[1,1,1,1] dilations=[1,1] order=1 | X:f32[1,2,5,6]! J:i64[1,2,5,6]",
	"Reduce op=sum | X:f32[1,1,1] Y:f32[1,1]",
	"Reduce op=sum | X:f32[5,1000,1] Y:f32[5,1]",
	"Reduce op=sum | X:f32[2,131,37] Y:f32[2,37]",
	"Reduce op=max | X:f32[9,33,1]! Y:f32[9,1]",
	"Reduce op=min | X:f32[3,7,20]! Y:f32[3,20]",
	"Reduce op=prod | X:f64[4,6,3] Y:f64[4,3]",
	"Reduce op=prod | X:i64[4,5,1] Y:i64[4,1]",
	"Reduce op=max | X:i32[4,50,1] Y:i32[4,1]",
	"Reduce op=min | X:u8[4,50,2] Y:u8[4,2]",
	"Reduce op=sum | X:i32[70,3,1] Y:i32[70,1]",
	"ArgReduce op=max last=0 | X:f32[3,50,1]! Y:i64[3,1]",
	"ArgReduce op=max last=1 | X:i32[3,50,5] Y:i64[3,5]",
	"ArgReduce op=min last=0 | X:f32[2,7,37] Y:i64[2,37]",
	"ArgReduce op=min last=1 | X:u8[2,70,3] Y:i64[2,3]",
	"Softmax log=0 | X:f32[1,1,1] Y:f32[1,1,1]",
	"Softmax log=0 | X:f32[5,10,1] Y:f32[5,10,1]",
	"Softmax log=0 | X:f32[3,1001,1] Y:f32[3,1001,1]",
	"Softmax log=1 | X:f32[17,33,1] Y:f32[17,33,1]",
	"Softmax log=1 | X:f32[2,400,1] Y:f32[2,400,1]",
	"Softmax log=0 | X:f32[6,20,1]! Y:f32[6,20,1]",
	"Softmax log=0 | X:f32[2,9,37] Y:f32[2,9,37]",
	"Softmax log=1 | X:f64[2,9,5] Y:f64[2,9,5]",
	"Softmax log=0 | X:f64[2,300,1] Y:f64[2,300,1]",
	"Norm epsilon=0.001 | X:f32[1,1,1] Y:f32[1,1,1]",
	"Norm epsilon=1e-05 | X:f32[2,9,77] Y:f32[2,9,77]",
	"Norm epsilon=1e-05 | X:f32[1,3,768] Y:f32[1,3,768]",
	"Norm epsilon=1e-05 | X:f32[1,5,256] Y:f32[1,5,256]",
	"Norm epsilon=0.5 | X:f64[3,2,33] Y:f64[3,2,33]",
	"Copy src=[1] offset=0 | X:f32[1] Y:f32[1]",
	"Copy src=[1,7] offset=2 | X:f32[40] Y:f32[5,5]",
	"Copy src=[60,1,20] offset=0 | X:f32[180] Y:f32[3,20,3]",
	"Copy src=[1500,1,50] offset=7 | X:f32[3100] Y:f32[2,50,30]",
	"Copy src=[0,-3,1,0] offset=20 | X:i64[30] Y:i64[2,5,3,4]",
	"Copy src=[400,1,40] offset=0 | X:u8[1200] Y:u8[3,37,9]",
	"Copy src=[9,-1] offset=8 | X:bool[900] Y:bool[100,9]",
	"Concat offset=0 | X:f32[1,5] Y:f32[1,12]",
	"Concat offset=7 | X:f32[1,3000] Y:f32[1,3007]",
	"Concat offset=2 | X:f32[37,3] Y:f32[37,9]",
	"Concat offset=1 | X:i64[9,300] Y:i64[9,301]",
	"Pad mode=constant value=2.5 begin=[1,2] | X:f32[3,4] Y:f32[6,7]",
	"Pad mode=constant value=3 begin=[-1,0,2] | X:i64[4,3,2] Y:i64[3,3,5]",
	"Pad mode=edge value=0.0 begin=[2,1] | X:f32[3,4] Y:f32[9,7]",
	"Pad mode=reflect value=0.0 begin=[2,3] | X:f32[3,4] Y:f32[7,10]",
	"Pad mode=reflect value=0.0 begin=[0,1] | X:f32[1,40] Y:f32[1,55]",
	"Pad mode=wrap value=0.0 begin=[2,5] | X:f32[3,4] Y:f32[7,40]",
	"Gather | X:f32[1,10,7] J:i64[5]<10 Y:f32[1,5,7]",
	"Gather | X:f32[3,9,1] J:i32[40]<9 Y:f32[3,40,1]",
	"Gather | X:u8[2,5,300] J:i64[1]<5 Y:u8[2,1,300]",
	"GatherElements axis=1 | X:f32[3,9,4] J:i64[3,5,4]<9 Y:f32[3,5,4]",
	"GatherElements axis=0 | X:i64[11,30] J:i32[20,30]<11 Y:i64[20,30]",
	"GatherND batch=0 dims=[4,5] | X:f32[1,20,6] J:i64[1,9,2]<4 Y:f32[1,9,6]",
	"GatherND batch=1 dims=[7] | X:i32[3,7,1] J:i64[3,20,1]<7 Y:i32[3,20,1]",
	"ScatterElements axis=1 op=none | X:f32[3,9,4] J:i64[2,5,4]<9 U:f32[2,5,4] Y:f32[3,9,4]",
	"ScatterElements axis=0 op=add | X:f32[7,40] J:i64[11,40]<7 U:f32[11,40] Y:f32[7,40]",
	"ScatterElements axis=0 op=mul | X:i64[5] J:i64[4]<5 U:i64[4] Y:i64[5]",
	"ScatterElements axis=0 op=max | X:f32[5] J:i32[9]<5 U:f32[9] Y:f32[5]",
	"ScatterElements axis=0 op=min | X:f32[5] J:i32[9]<5 U:f32[9] Y:f32[5]",
	"ScatterND dims=[4,5] op=none | X:f32[20,6] J:i64[3,2]<4 U:f32[3,6] Y:f32[20,6]",
	"ScatterND dims=[9] op=add | X:i64[9,1] J:i64[30,1]<9 U:i64[30,1] Y:i64[9,1]",
	"ScatterND dims=[9] op=mul | X:f32[9,40] J:i64[3,1]<9 U:f32[3,40] Y:f32[9,40]",
	"ScatterND dims=[9] op=max | X:f32[9,40] J:i64[30,1]<9 U:f32[30,40] Y:f32[9,40]",
	"ScatterND dims=[9] op=min | X:f32[9,4] J:i64[30,1]<9 U:f32[30,4] Y:f32[9,4]",
	"ScatterElements axis=0 op=none | X:f32[9001,2] J:i64[300,2]<9001 U:f32[300,2] Y:f32[9001,2]",
	"ScatterElements axis=1 op=add | X:i64[1,9001] J:i64[1,300]<9001 U:i64[1,300] Y:i64[1,9001]",
	"ScatterND dims=[7,90] op=none | X:f32[630,17] J:i64[300,2]<7 U:f32[300,17] Y:f32[630,17]",
	"ScatterND dims=[630] op=max | X:f32[630,17] J:i64[300,1]<630 U:f32[300,17] Y:f32[630,17]",
	"Scan op=sum exclusive=0 reverse=0 | X:f32[2,9,37] Y:f32[2,9,37]",
	"Scan op=sum exclusive=1 reverse=1 | X:i64[3,20,1] Y:i64[3,20,1]",
	"Scan op=sum exclusive=1 reverse=0 | X:f64[1,5,4] Y:f64[1,5,4]",
	"TopK largest=1 | X:f32[2,30,1] V:f32[2,5,1] J:i64[2,5,1]",
	"TopK largest=0 | X:i64[1,20,9] V:i64[1,20,9] J:i64[1,20,9]",
	"TopK largest=1 | X:i32[3,70,1] V:i32[3,1,1] J:i64[3,1,1]",
	"TopK largest=1 | X:f32[2,40,3]! V:f32[2,33,3] J:i64[2,33,3]",
	"TopK largest=0 | X:f32[2,40,3]! V:f32[2,40,3] J:i64[2,40,3]",
	"TopK largest=1 | X:f32[1,5000,1]! V:f32[1,4500,1] J:i64[1,4500,1]",
	"TopK largest=0 | X:i32[1,3000,1] V:i32[1,2100,1] J:i64[1,2100,1]",
	NULL
};

/* --- parsing --------------------------------------------------------------------- */

static const char *
word(struct arena *a, const char **s, const char *stop)
{
	size_t n = strcspn(*s, stop);
	const char *w = arena_strndup(a, *s, n);

	*s += n;
	return w;
}

/* [1,2,3] */
static void
list(struct arena *a, const char **s, struct ints *out)
{
	++*s;
	while (**s && **s != ']') {
		char *end;

		vec_push(a, out, strtoll(*s, &end, 10));
		if (end == *s)
			BUG("case: bad list at '%s'", *s);
		*s = end + (*end == ',');
	}
	++*s;
}

static void
parse_attr(struct kcase *c, struct arena *a, const char **s)
{
	const char *name = word(a, s, "="), *value;
	struct ints l = {0};
	char *end;

	++*s;
	if (**s == '[') {
		list(a, s, &l);
		attrs_set_ints(a, &c->attrs, name, l.v, l.n);
		return;
	}
	value = word(a, s, " ");
	if (strtoll(value, &end, 10), *end == '\0')
		attrs_set_int(a, &c->attrs, name, strtoll(value, NULL, 10));
	else if (strtod(value, &end), *end == '\0')
		attrs_set_float(a, &c->attrs, name, strtod(value, NULL));
	else
		attrs_set_str(a, &c->attrs, name, value);
}

static uint32_t
draw(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* A value of the argument's type: small, exact in every type. */
static double
value(const struct karray *g, int64_t i, uint32_t *state)
{
	uint32_t r = draw(state);

	if (g->below)
		return (double)(r % (2 * (uint32_t)g->below)) - (double)g->below;
	if (g->special && i % 7 == 3)
		return r % 3 == 0 ? NAN : r % 3 == 1 ? INFINITY : -INFINITY;
	if (g->type == DTYPE_BOOL)
		return r & 1;
	if (dtype_is_float(g->type))
		return ((double)(r % 256) - 128) / 64;
	if (g->type >= DTYPE_U64 && g->type <= DTYPE_U8)
		return r % 16;
	return (double)(r % 7) - 3;
}

static void
parse_arg(struct kcase *c, struct arena *a, const char **s)
{
	struct karray *g = &c->args[c->nargs++];
	const char *type;
	uint32_t state = (uint32_t)c->nargs * 977;

	g->name = word(a, s, ":");
	++*s;
	type = word(a, s, "[");
	if (dtype_from_word(type) < 0)
		BUG("case: unknown type '%s'", type);
	g->type = (enum dtype)dtype_from_word(type);
	list(a, s, &g->shape);
	if (**s == '!') {
		g->special = true;
		++*s;
	}
	if (**s == '<')
		g->below = strtoll(*s + 1, (char **)s, 10);
	if (!form_arg(form_find(c->form), g->name, &g->out))
		BUG("case: form %s has no argument %s", c->form, g->name);
	g->n = shape_elems(g->shape.v, g->shape.n, 8);
	g->v = arena_array(a, (size_t)g->n, sizeof *g->v);
	g->set = arena_array(a, (size_t)g->n, sizeof *g->set);
	for (int64_t i = 0; !g->out && i < g->n; i++)
		g->v[i] = value(g, i, &state);
}

void
kcase_init(struct kcase *c, struct arena *a, const char *text)
{
	const char *s = text;
	bool args = false;

	*c = (struct kcase){.text = text};
	c->form = word(a, &s, " ");
	if (!form_find(c->form))
		BUG("case: unknown form '%s'", c->form);
	while (*s) {
		if (*s == ' ') {
			s++;
		} else if (*s == '|') {
			args = true;
			s++;
		} else if (args) {
			parse_arg(c, a, &s);
		} else {
			parse_attr(c, a, &s);
		}
	}
}

struct karray *
kcase_arg(struct kcase *c, const char *name)
{
	for (int i = 0; i < c->nargs; i++)
		if (strcmp(c->args[i].name, name) == 0)
			return &c->args[i];
	BUG("case: no argument %s", name);
}
