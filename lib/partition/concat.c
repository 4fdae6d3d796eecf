/* Concatenation without copies: a part that lies in one piece of the whole is
 * made there in the first place, as a view of it.  Channels of blocked images
 * are concatenated as they are stored, block after block. */
#include "base/str.h"
#include "partition/work.h"

static bool
plain_concat(const struct lop *o)
{
	return str_eq(o->form, "Concat") && o->args.n == 2 &&
		!o->args.v[0].map.n && !o->args.v[1].map.n;
}

/* Whether part x of y, channels in the second dimension, has the layout and
 * begins and ends with whole blocks. */
static bool
blocked_part(const struct work *w, const struct lop *o, const char *layout)
{
	const struct value *x = value_of(w, o->args.v[0].value);
	const struct value *y = value_of(w, o->args.v[1].value);
	int64_t image, block = 16;

	if (!plain_concat(o) || !str_eq(layout, "NCHW16c") ||
	    !str_eq(w->info.v[o->args.v[0].value].layout, layout) ||
	    x->shape.n != 4 || y->shape.n != 4 ||
	    x->shape.v[0] != y->shape.v[0] || x->shape.v[2] != y->shape.v[2] ||
	    x->shape.v[3] != y->shape.v[3] || y->shape.v[1] % block != 0)
		return false;
	image = x->shape.v[2] * x->shape.v[3];
	return o->args.v[0].shape.v[0] == x->shape.v[0] &&
		attrs_int(&o->attrs, "offset", 0) % (block * image) == 0;
}

/* Concat i keeps the layout of its part, if all parts of its result do. */
bool
concat_layout(struct work *w, size_t i)
{
	const struct lop *o = &w->low.ops.v[i];
	int y = o->args.v[1].value;
	const char *layout = w->info.v[o->args.v[0].value].layout;
	struct vinfo *info = &w->info.v[y];

	if (!layout || info->lasting || info->viewed || info->of >= 0)
		return false;
	for (size_t k = 0; k < info->writers.n; k++)
		if (!blocked_part(w, &w->low.ops.v[info->writers.v[k]], layout))
			return false;
	if (!info->layout)
		diag_explain(w->d, "layout: '%s' as its parts",
		             value_of(w, y)->name);
	info->layout = layout;
	return true;
}

/* Whether part x may be made inside y: it is a temporary of its own, and
 * nothing but this concatenation says where it lies. */
static bool
may_lie(const struct work *w, const struct lop *o)
{
	const struct larg *x = &o->args.v[0], *y = &o->args.v[1];
	const struct vinfo *v = &w->info.v[x->value];

	return plain_concat(o) && v->of < 0 && !v->lasting && !v->constant &&
		v->writers.n > 0 &&
		str_eq(v->layout, w->info.v[y->value].layout) &&
		value_of(w, x->value)->type == value_of(w, y->value)->type &&
		root_of(w, x->value) != root_of(w, y->value);
}

static void
add_view(struct work *w, int value, int of, int64_t offset)
{
	vec_push(w->a, &w->low.views, ((struct lview){value, of, offset}));
	w->info.v[value].of = of;
}

/* A part that is copied is a value of its own as well, so that only its bytes
 * count as written. */
static void
copy_part(struct work *w, struct lop *o)
{
	int y = o->args.v[1].value;
	const struct value *x = value_of(w, o->args.v[0].value);
	const char *hint = arena_printf(w->a, "%s.part", value_of(w, y)->name);
	int part = net_fresh(&w->net, hint, value_of(w, y)->type, x->shape.v,
	                     x->shape.n);

	work_grow(w);
	w->info.v[part].layout = w->info.v[y].layout;
	add_view(w, part, y, attrs_int(&o->attrs, "offset", 0));
	o->args.v[1].value = part;
	o->args.v[1].shape = o->args.v[0].shape;
	o->attrs = (struct attrs){0};
	attrs_set_int(w->a, &o->attrs, "offset", 0);
}

/* Operators stand in their final order: what now shares a root is told apart
 * by its bytes from here on. */
void
concat_views(struct work *w)
{
	for (size_t i = 0; i < w->low.ops.n; i++) {
		struct lop *o = &w->low.ops.v[i];

		if (!str_eq(o->form, "Concat") || o->args.v[0].shape.v[0] != 1 ||
		    o->args.v[1].map.n || shape_eq(&o->args.v[0].shape,
		                                   &o->args.v[1].shape))
			continue;
		if (!may_lie(w, o)) {
			copy_part(w, o);
			continue;
		}
		add_view(w, o->args.v[0].value, o->args.v[1].value,
		         attrs_int(&o->attrs, "offset", 0));
		o->dead = true;
		diag_explain(w->d, "view: '%s' is made inside '%s'",
		             value_of(w, o->args.v[0].value)->name,
		             value_of(w, o->args.v[1].value)->name);
	}
	work_views(w);
	work_compact(w);
}
