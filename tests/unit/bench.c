/* One operator, from text to its results. */
#include "bench.h"

#include "base/str.h"

/* --- the notation ------------------------------------------------------------ */

/* Numbers up to the closing character. */
static size_t
numbers(const char *s, double *out)
{
	size_t n = 0;
	char *end;

	while (*s && *s != ']' && *s != '}' && *s != '|') {
		out[n++] = strtod(s, &end);
		s = end + (*end == ',');
	}
	return n;
}

static void
add_attr(struct bench *b, struct onode *o, const char *word)
{
	const char *eq = strchr(word, '=');
	const char *name = arena_strndup(&test_arena, word, (size_t)(eq - word));
	const char *v = eq + 1;
	bool point = strchr(v, '.') != NULL;
	double x[32];
	size_t n;

	if (*v == '[') {
		struct attr t = {name, point ? ATTR_FLOATS : ATTR_INTS};

		n = numbers(v + 1, x);
		for (size_t i = 0; i < n; i++) {
			vec_push(&test_arena, &t.floats, x[i]);
			vec_push(&test_arena, &t.ints, (int64_t)x[i]);
		}
		vec_push(&test_arena, &o->attrs, t);
	} else if (*v == '-' || (*v >= '0' && *v <= '9')) {
		if (point)
			attrs_set_float(b->net.a, &o->attrs, name, strtod(v, NULL));
		else
			attrs_set_int(b->net.a, &o->attrs, name, strtoll(v, NULL, 10));
	} else {
		attrs_set_str(b->net.a, &o->attrs, name, v);
	}
}

static void
set_elems(enum dtype t, void *data, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (t) {
#define DTYPE(id, word, bytes, ctype, onnx, st) \
		case DTYPE_##id: ((ctype *)data)[i] = (ctype)x[i]; break;
#include "ir/dtype.def"
#undef DTYPE
		case NDTYPES: break;
		}
}

static int
add_const(struct bench *b, enum dtype t, const char *s)
{
	double x[64], shape[8];
	int64_t dims[8];
	uint64_t data[64];
	const char *bar = strchr(s, '|');
	size_t rank = *s == '{', n;

	if (bar) {
		rank = numbers(s + 1, shape);
		n = numbers(bar + 1, x);
		for (size_t i = 0; i < rank; i++)
			dims[i] = (int64_t)shape[i];
	} else {
		n = numbers(s + 1, x);
		dims[0] = (int64_t)n;
	}
	set_elems(t, data, x, n);
	return net_const(&b->net, "c", t, dims, rank, data);
}

static int
add_input(struct bench *b, const char *word)
{
	size_t n = strcspn(word, "[{:");
	int t = dtype_from_word(arena_strndup(&test_arena, word, n));
	double x[16];
	int64_t dims[16];
	int v;

	if (word[n] != '[')
		return add_const(b, (enum dtype)t, word + n);
	n = numbers(word + n + 1, x);
	for (size_t i = 0; i < n; i++)
		dims[i] = (int64_t)x[i];
	v = net_fresh(&b->net, "x", (enum dtype)t, dims, n);
	b->net.values.v[v].is_input = true;
	return v;
}

/* Builds the node that the text describes. */
void
bench_build(struct bench *b, const char *text)
{
	char *s = arena_strdup(&test_arena, text), *save, *at, *word;
	struct onode *o;
	long outputs = 1;

	net_init(&b->net, &test_arena);
	b->d = test_diag();
	word = strtok_r(s, " ", &save);
	at = strchr(word, '@');
	if (at)
		*at = '\0';
	b->node = b->net.nodes.n;
	o = net_node(&b->net, word);
	o->opset = at ? (int)strtol(at + 1, NULL, 10) : NET_OPSET;
	o->label = word;
	while ((word = strtok_r(NULL, " ", &save)))
		if (*word == '/')
			outputs = strtol(word + 1, NULL, 10);
		else if (strchr(word, '='))
			add_attr(b, o, word);
		else
			vec_push(&test_arena, &o->in,
			         *word == '_' ? -1 : add_input(b, word));
	for (long i = 0; i < outputs; i++)
		vec_push(&test_arena, &o->out,
		         net_value(&b->net, arena_printf(&test_arena, "y%ld", i)));
	b->net.values.v[o->out.v[0]].is_output = b->is_output;
}

/* --- what comes out ---------------------------------------------------------- */

static void
say_value(struct str *s, const struct value *v)
{
	str_addf(s, "%s[", dtype_word(v->type));
	for (size_t i = 0; i < v->shape.n; i++)
		str_addf(s, "%s%lld", i ? "," : "", (long long)v->shape.v[i]);
	str_addc(s, ']');
	if (!v->data)
		return;
	str_addc(s, '{');
	for (int64_t i = 0; i < value_elems(v); i++)
		str_addf(s, "%s%.6g", i ? "," : "", value_float(v, i));
	str_addc(s, '}');
}

const char *
bench_taken(struct str *s)
{
	const char *text = arena_strdup(&test_arena, s->s);

	str_release(s);
	return text;
}

int
bench_process(struct bench *b)
{
	struct net *n = &b->net;

	if (op_upgrade(n, &n->nodes.v[b->node], b->d) < 0 ||
	    op_infer(n, &n->nodes.v[b->node], b->d) < 0)
		return -1;
	return op_fold(n, &n->nodes.v[b->node], b->d) < 0 ? -1 : 0;
}

static const char *
result(const char *text)
{
	struct bench b = {.is_output = false};
	struct onode *o;
	struct str s;

	bench_build(&b, text);
	if (bench_process(&b) < 0)
		return test_said();
	str_init(&s);
	o = &b.net.nodes.v[b.node];
	for (size_t i = 0; i < o->out.n; i++) {
		if (i)
			str_addc(&s, ' ');
		say_value(&s, &b.net.values.v[o->out.v[i]]);
	}
	return bench_taken(&s);
}

void
example_check(const struct example *e)
{
	const char *is = result(e->text);

	if (e->is[0] == '!')
		CHECK_HAS(is, e->is + 1);
	else
		CHECK_STR(is, e->is);
}
