/* Recording: the compiler's access hooks, and the one run of every rTask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

struct area {			/* memory of a root tensor */
	char *at;
	uint64_t bytes;
	uint32_t root, elem;
	uint64_t lo, hi;	/* elements touched by the rTask, hull */
	uint32_t *read, *written;	/* [element] stamp of the rTask */
};

static struct {
	struct area *v;		/* by address */
	size_t n, last;
	uint32_t stamp;		/* 0: not recording */
} rec;

void *
oracle_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 16;
	v = realloc(v, *cap * size);
	if (!v) {
		fprintf(stderr, "oracle: out of memory\n");
		exit(1);
	}
	return v;
}

void *
oracle_zeroed(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p) {
		fprintf(stderr, "oracle: out of memory\n");
		exit(1);
	}
	return p;
}

/* --- hooks ---------------------------------------------------------------------- */

static struct area *
find(const char *at)
{
	size_t lo = 0, hi = rec.n;

	if (rec.last < rec.n && at >= rec.v[rec.last].at &&
	    at < rec.v[rec.last].at + rec.v[rec.last].bytes)
		return &rec.v[rec.last];
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rec.v[mid].at + rec.v[mid].bytes <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == rec.n || at < rec.v[lo].at)
		return NULL;		/* a local, or weights */
	rec.last = lo;
	return &rec.v[lo];
}

static void
touch(const void *addr, size_t n, bool write)
{
	const char *at = addr;
	struct area *a;

	if (!rec.stamp || n == 0 || !(a = find(at)))
		return;
	if (at + n > a->at + a->bytes) {
		fprintf(stderr, "oracle: an rTask touches %zu bytes beyond a "
		        "tensor\n", (size_t)(at + n - a->at - a->bytes));
		exit(1);
	}
	uint64_t lo = (uint64_t)(at - a->at) / a->elem;
	uint64_t hi = ((uint64_t)(at - a->at) + n + a->elem - 1) / a->elem;

	if (a->lo > lo)
		a->lo = lo;
	if (a->hi < hi)
		a->hi = hi;
	for (uint64_t i = lo; i < hi; i++) {
		if (write)
			a->written[i] = rec.stamp;
		else if (a->written[i] != rec.stamp)
			a->read[i] = rec.stamp;
	}
}

/* What gcc calls under -fsanitize=thread; declared so that they may be
 * defined. */
#define HOOK(name, n, w) \
	void name(void *at); \
	void name(void *at) { touch(at, n, w); }
HOOK(__tsan_read1, 1, false) HOOK(__tsan_read2, 2, false)
HOOK(__tsan_read4, 4, false) HOOK(__tsan_read8, 8, false)
HOOK(__tsan_read16, 16, false)
HOOK(__tsan_write1, 1, true) HOOK(__tsan_write2, 2, true)
HOOK(__tsan_write4, 4, true) HOOK(__tsan_write8, 8, true)
HOOK(__tsan_write16, 16, true)
HOOK(__tsan_unaligned_read2, 2, false) HOOK(__tsan_unaligned_read4, 4, false)
HOOK(__tsan_unaligned_read8, 8, false)
HOOK(__tsan_unaligned_read16, 16, false)
HOOK(__tsan_unaligned_write2, 2, true) HOOK(__tsan_unaligned_write4, 4, true)
HOOK(__tsan_unaligned_write8, 8, true)
HOOK(__tsan_unaligned_write16, 16, true)

#define RANGE_HOOK(name, w) \
	void name(void *at, size_t n); \
	void name(void *at, size_t n) { touch(at, n, w); }
RANGE_HOOK(__tsan_read_range, false)
RANGE_HOOK(__tsan_write_range, true)

void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void *none);
void __tsan_init(void) { }
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void *none) { (void)none; }

/* Linked with --wrap: the compiler does not look into these. */
void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);

void *
__wrap_memcpy(void *to, const void *from, size_t n)
{
	touch(from, n, false);
	touch(to, n, true);
	return __real_memcpy(to, from, n);
}

void *
__wrap_memmove(void *to, const void *from, size_t n)
{
	touch(from, n, false);
	touch(to, n, true);
	return __real_memmove(to, from, n);
}

void *
__wrap_memset(void *to, int c, size_t n)
{
	touch(to, n, true);
	return __real_memset(to, c, n);
}

/* --- the run --------------------------------------------------------------------- */

/* Likewise n bytes, placed as a tensor is. */
static void *
zeroed(size_t n)
{
	void *p = NULL;

	if (posix_memalign(&p, 64, n ? n : 1) != 0) {
		fprintf(stderr, "oracle: out of memory\n");
		exit(1);
	}
	memset(p, 0, n);
	return p;
}

/* Inputs between -1 and 1; whole numbers are 0, which any index may be. */
static void
fill(const struct tamp_tensor *t, char *at)
{
	uint32_t x = 12345;

	for (uint64_t i = 0; t->dtype == 0 && i < t->bytes / 4; i++) {
		float f;

		x = x * 1664525u + 1013904223u;
		f = (float)(int32_t)x / 2147483648.0f;
		memcpy(at + 4 * i, &f, 4);
	}
}

/* Memory for each root: one allocation each, weights apart. */
static char **
allocate(const struct tamp_plan *p, char *weights)
{
	char **at = zeroed((p->h->tensors.count + 1) * sizeof *at);

	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];

		if (t->root != i || t->base == TAMP_NOWHERE)
			continue;
		if (t->base == TAMP_WEIGHTS) {
			at[i] = weights + t->offset;
			continue;
		}
		at[i] = zeroed(t->bytes);
		if (t->base == TAMP_INPUT)
			fill(t, at[i]);
	}
	return at;
}

static int
by_address(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* What is watched: all that a run may write, and inputs. */
static void
watch(const struct tamp_plan *p, char *const *at)
{
	rec.v = zeroed((p->h->tensors.count + 1) * sizeof *rec.v);
	rec.n = 0;
	for (uint64_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];
		struct area *a = &rec.v[rec.n];

		if (t->root != i || !at[i] || !t->bytes ||
		    t->base == TAMP_WEIGHTS || t->base == TAMP_PACKED)
			continue;
		*a = (struct area){.at = at[i], .bytes = t->bytes,
			.root = (uint32_t)i,
			.elem = (uint32_t)tamp_dtype_bytes(t->dtype)};
		a->read = zeroed(t->bytes / a->elem * 4);
		a->written = zeroed(t->bytes / a->elem * 4);
		rec.n++;
	}
	qsort(rec.v, rec.n, sizeof *rec.v, by_address);
}

static void
keep(struct task_trace *t, const struct area *a, const uint32_t *stamps,
     bool write)
{
	for (uint64_t i = a->lo, j; i < a->hi; i = j) {
		j = i + 1;
		if (stamps[i] != rec.stamp)
			continue;
		while (j < a->hi && stamps[j] == rec.stamp)
			j++;
		t->v = oracle_grow(t->v, t->n, &t->cap, sizeof *t->v);
		t->v[t->n++] = (struct access){a->root, write, false, i, j, 0};
	}
}

/* Before an rTask the vEU reads all that its condition depends on. */
static void
keep_guards(struct trace *t, const struct tamp_row *r)
{
	const struct tamp_plan *p = t->ref;
	struct task_trace *x = &t->tasks[r->rop][r->task];

	t->condition[t->first_task[r->rop] + r->task] = r->condition;
	for (uint32_t c = r->condition; c != TAMP_NONE;
	     c = p->conditions[c].within) {
		const struct tamp_tensor *o =
			&p->tensors[p->conditions[c].tensor];
		const struct tamp_tensor *root = &p->tensors[o->root];
		uint64_t at = o->offset - root->offset;

		if (root->base == TAMP_WEIGHTS || root->base == TAMP_PACKED)
			continue;
		x->v = oracle_grow(x->v, x->n, &x->cap, sizeof *x->v);
		x->v[x->n++] = (struct access){o->root, false, true, at,
			at + o->bytes, 0};
	}
}

static void
run_task(struct trace *t, const struct tamp_launch *l,
         const struct tamp_row *r, char *const *at, uint32_t stamp)
{
	const struct tamp_plan *p = t->ref;
	const struct tamp_rop *rop = &p->rops[r->rop];
	void **args = zeroed((rop->nargs + 1) * sizeof *args);

	for (uint32_t i = 0; i < rop->nargs; i++) {
		const struct tamp_tensor *x = &p->tensors[p->args[rop->args + i]];
		const struct tamp_tensor *root = &p->tensors[x->root];

		args[i] = at[x->root] + (x->offset - root->offset);
	}
	for (size_t i = 0; i < rec.n; i++) {
		rec.v[i].lo = UINT64_MAX;
		rec.v[i].hi = 0;
	}
	rec.stamp = stamp;
	oracle_run(l, rop->instance, r->task, args);
	for (size_t i = 0; stamp && i < rec.n; i++) {
		keep(&t->tasks[r->rop][r->task], &rec.v[i], rec.v[i].read, false);
		keep(&t->tasks[r->rop][r->task], &rec.v[i], rec.v[i].written,
		     true);
	}
	if (stamp)
		keep_guards(t, r);
	rec.stamp = 0;
	free(args);
}

/* All rows of launch l, one vEU after the other between barriers; vEUs of a
 * launch at open may be several. */
static void
run_launch(struct trace *t, uint32_t l, char *const *at, uint32_t *stamp)
{
	const struct tamp_plan *p = t->ref;
	const struct tamp_launch *o = &p->launches[l];
	uint32_t *next = zeroed(o->width * sizeof *next);
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t v = 0; v < o->width; v++) {
			const struct tamp_veu *u = &p->veus[o->veus + v];

			for (; next[v] < u->nrows; next[v]++) {
				const struct tamp_row *r =
					&p->rows[u->row + next[v]];

				if (r->kind == TAMP_BARRIER)
					break;
				run_task(t, o, r, at, stamp ? ++*stamp : 0);
			}
			more |= next[v]++ < u->nrows;
		}
	}
	free(next);
}

int
oracle_record(struct trace *t, const struct tamp_plan *ref, const char *dir)
{
	uint64_t ntasks = 1;
	uint32_t stamp = 0;
	bool failed;
	char **at, *weights = tamp_weights_open(dir, ref->h, &failed);

	if (failed)
		return -1;
	*t = (struct trace){.ref = ref};
	t->tasks = zeroed((ref->h->rops.count + 1) * sizeof *t->tasks);
	t->first_task = zeroed((ref->h->rops.count + 1) * sizeof(uint64_t));
	for (uint64_t i = 0; i < ref->h->rops.count; i++) {
		t->tasks[i] = zeroed((ref->rops[i].ntasks + 1) *
		                     sizeof **t->tasks);
		t->first_task[i] = ntasks;
		ntasks += ref->rops[i].ntasks;
	}
	t->condition = zeroed((ntasks + 1) * sizeof *t->condition);
	at = allocate(ref, weights);
	for (uint32_t l = 0; l < ref->h->init_launches; l++)
		run_launch(t, l, at, NULL);
	watch(ref, at);
	for (uint32_t l = ref->h->init_launches; l < ref->h->launches.count; l++) {
		if (ref->launches[l].width != 1) {
			fprintf(stderr, "oracle: the reference has more than one "
			        "vEU\n");
			return -1;
		}
		run_launch(t, l, at, &stamp);
	}
	return 0;
}
