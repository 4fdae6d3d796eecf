/* What the passes of partition work on: lowered operators, and what is known
 * of each value. */
#ifndef PARTITION_WORK_H
#define PARTITION_WORK_H

#include "op/lower.h"
#include "partition/partition.h"

/* Of a value; the index is the value's in the net. */
struct vinfo {
	int of;			/* it is a view of that value, or -1 */
	int64_t offset;		/* elements into it */
	int root;		/* the value whose storage it lies in */
	bool viewed;		/* a root with views */
	bool lasting;		/* input, output or state: as the caller sees it */
	bool constant;		/* follows from constants alone */
	const char *layout;	/* NULL: row-major */
	int depth;		/* of a root: operators that are no Map on the
				 * longest way to it (fuse.c) */
	struct ints writers, readers;	/* of a root: operators, ascending; those
				 * whose condition it decides read it */
};

struct work {
	struct arena *a;
	struct diag *d;
	const struct graph *graph;
	const struct device *device;
	const struct kernels *kernels;
	const struct partition_options *o;
	struct net net;
	struct lower low;
	VEC(struct vinfo) info;
	struct arena tmp;	/* of a moment */
	struct map matched;	/* class key -> index into fits */
	VEC(struct class_fit *) fits;
	struct map copies;	/* "VALUE LAYOUT SHAPE" -> value that is its copy */
};

/* What is known of a class that some pass has asked for. */
struct class_fit {
	struct class *c;	/* named when listed; candidates filled in, the most special
				 * kernels first, else in the kernels' order */
	double best_us;		/* all rTasks of the cheapest, over the device */
	struct strs names;	/* kernels that fit */
};

/* work.c */
int work_init(struct work *w, struct arena *a, const struct graph *g,
              const struct weights *weights, struct diag *d);
void work_grow(struct work *w);		/* after values were added */
void work_views(struct work *w);	/* after views were added */
void work_uses(struct work *w);		/* who writes and reads what */
int work_order(struct work *w);		/* drops what nothing needs, sorts */
void work_compact(struct work *w);	/* drops dead operators, keeps order */
bool work_wide(const struct work *w);	/* vEUs enough to keep what is
					 * independent apart */
int root_of(const struct work *w, int value);
const struct value *value_of(const struct work *w, int value);
struct larg *lop_arg(struct lop *o, const char *name);
struct larg *lop_output(struct lop *o);	/* the only one, or NULL */
bool lop_constant(const struct work *w, const struct lop *o);

/* Whether two operators may be one: they run under the same condition. */
bool lop_together(const struct lop *x, const struct lop *y);

/* rename.c: identifiers in the expressions of maps. */
struct rename {
	const char *from, *to;
};
const char *expr_rename(struct arena *a, const char *expr,
                        const struct rename *r, size_t n);
bool expr_mentions(const char *expr, const char *word);
bool expr_uses_coordinates(const char *expr);
/* "NAME = EXPR": the length of the name, 0 if it is an expression alone. */
size_t step_name(const char *step, const char **expr);

/* align.c: shapes of equally many elements. */
bool shape_refine(struct arena *a, const struct ints *x, const struct ints *y,
                  struct ints *out);
bool operand_realign(struct arena *a, const struct ints *operand,
                     const struct ints *shape, const struct ints *to,
                     struct ints *out);

/* share.c, fuse.c, branches.c, blocked.c (layout_fit: what fits o with the
 * layouts that it will be given), concat.c */
int share_products(struct work *w);	/* and orders; -1 after diagnostics */
void fuse_maps(struct work *w);
void join_branches(struct work *w);
void block_layouts(struct work *w);
struct class_fit *layout_fit(struct work *w, const struct lop *o);

/* The key in copies of x under a layout (NULL: row-major), seen in that shape. */
const char *layout_copy_key(const struct work *w, int x, const char *layout,
                            const struct ints *shape);

/* layout_pays.c: whether it pays to give o the layouts of k, as n has them: where
 * constants alone have any, only of those that several read, so that parts of them
 * can stay near, or that are larger than a core's cache, and only if no kernel of
 * the user's own is lost. */
bool layout_pays(struct work *w, const struct lop *o, const struct lop *n,
                 const struct kernel *k);
bool concat_layout(struct work *w, size_t op);
void concat_views(struct work *w);

/* classes.c */
struct class *class_of(struct work *w, const struct lop *o);
const char *class_key(struct work *w, const struct class *c);
struct class_fit *class_fit(struct work *w, const struct lop *o);
int no_kernel(struct work *w, const struct lop *o, const struct class *c);

/* Why kernel k of c's form does not fit it; NULL if it does. */
const char *class_refuses(struct work *w, const struct class *c,
                          const struct kernel *k);

#endif
