/* Records what a task reads and writes and holds it against the regions that
 * its kernel declares: every access must lie inside, and everything declared
 * as written must be written, by one task alone.
 *
 * The generated code is compiled with -fsanitize=thread, but linked against
 * the hooks below in the place of the sanitizer's own. */
#include "kcheck.h"

static struct koracle *now;

static void
fault(struct koracle *o, const char *fmt, const char *what, int arg,
      int64_t elem)
{
	if (o->why[0])
		return;
	snprintf(o->why, sizeof o->why, fmt, (long long)o->task, what, arg,
	         (long long)elem);
}

static void
allow(void *ctx, int64_t at, int64_t n)
{
	memset((unsigned char *)ctx + at, 1, (size_t)n);
}

/* Marks what the task's region of b holds. */
static void
mark_allowed(struct koracle *o, struct kbuffer *b)
{
	int64_t t = o->task, x = t % o->grid[0], y = t / o->grid[0] % o->grid[1],
	        z = t / o->grid[0] / o->grid[1];
	struct boxes boxes = {0};

	memset(b->allowed, b->region ? 0 : 1, (size_t)b->elems);
	if (!b->region)
		return;
	if (region_eval(b->region, x, y, z, &b->stored, o->a, &boxes) < 0) {
		fault(o, "task %lld: the region of %s%d has no value (%lld)",
		      "argument ", (int)(b - o->v), -1);
		return;
	}
	for (size_t i = 0; i < boxes.n; i++)
		box_runs(&boxes.v[i], &b->stored, 1, allow, b->allowed);
}

static void
check_elem(struct koracle *o, struct kbuffer *b, int arg, int64_t i)
{
	if (b->read[i] && (b->out || !b->allowed[i]))
		fault(o, "task %lld %s argument %d at %lld, outside its region",
		      "reads", arg, i);
	if (b->written[i] && (!b->out || !b->allowed[i]))
		fault(o, "task %lld %s argument %d at %lld, outside its region",
		      "writes", arg, i);
	if (b->out && b->region && b->allowed[i] && !b->written[i])
		fault(o, "task %lld %s argument %d at %lld, which it declares",
		      "does not write", arg, i);
	if (!b->written[i])
		return;
	if (b->region && b->tasks[i])
		fault(o, "task %lld %s argument %d at %lld, as another task did",
		      "writes", arg, i);
	b->tasks[i] = 1;
}

static void
close_task(struct koracle *o)
{
	if (o->task < 0 || !o->on)
		return;
	for (int k = 0; k < o->n; k++) {
		struct kbuffer *b = &o->v[k];

		if (!b->checked)
			continue;
		mark_allowed(o, b);
		for (int64_t i = 0; i < b->elems; i++) {
			check_elem(o, b, k, i);
			b->declared += !b->out && b->allowed[i];
			b->touched += !b->out && b->read[i];
		}
		memset(b->read, 0, (size_t)b->elems);
		memset(b->written, 0, (size_t)b->elems);
	}
}

void
koracle_begin(struct koracle *o)
{
	o->task = -1;
	o->why[0] = '\0';
	for (int k = 0; k < o->n; k++) {
		struct kbuffer *b = &o->v[k];
		size_t n = (size_t)b->elems + 1;

		b->read = arena_alloc(o->a, n);
		b->written = arena_alloc(o->a, n);
		b->allowed = arena_alloc(o->a, n);
		b->tasks = arena_alloc(o->a, n);
		b->declared = b->touched = 0;
	}
	now = o;
}

void
koracle_end(struct koracle *o)
{
	close_task(o);
	now = NULL;
}

void
kcheck_task(uint32_t task)
{
	if (!now)
		return;
	close_task(now);
	now->task = task;
}

/* --- hooks -------------------------------------------------------------------- */

static void
seen(const void *p, size_t n, bool write)
{
	const unsigned char *s = p;

	if (!now || now->task < 0)
		return;
	now->on = true;
	for (int k = 0; k < now->n; k++) {
		struct kbuffer *b = &now->v[k];
		size_t from = (size_t)(s - b->at);

		if (s < b->at || from >= (size_t)(b->elems * b->bytes))
			continue;
		for (size_t i = from / (size_t)b->bytes;
		     i <= (from + n - 1) / (size_t)b->bytes &&
		     i < (size_t)b->elems; i++)
			(write ? b->written : b->read)[i] = 1;
	}
}

#define HOOK(n) \
	void __tsan_read##n(void *p); \
	void __tsan_write##n(void *p); \
	void __tsan_unaligned_read##n(void *p); \
	void __tsan_unaligned_write##n(void *p); \
	void __tsan_read##n(void *p) { seen(p, n, false); } \
	void __tsan_write##n(void *p) { seen(p, n, true); } \
	void __tsan_unaligned_read##n(void *p) { seen(p, n, false); } \
	void __tsan_unaligned_write##n(void *p) { seen(p, n, true); }
HOOK(1)
HOOK(2)
HOOK(4)
HOOK(8)
HOOK(16)

void __tsan_init(void);
void __tsan_func_entry(void *p);
void __tsan_func_exit(void);
void __tsan_read_range(void *p, size_t n);
void __tsan_write_range(void *p, size_t n);
void __tsan_vptr_update(void **p, void *v);
void __tsan_vptr_read(void **p);
void __tsan_init(void) {}
void __tsan_func_entry(void *p) { (void)p; }
void __tsan_func_exit(void) {}
void __tsan_read_range(void *p, size_t n) { seen(p, n, false); }
void __tsan_write_range(void *p, size_t n) { seen(p, n, true); }
void __tsan_vptr_update(void **p, void *v) { (void)p; (void)v; }
void __tsan_vptr_read(void **p) { (void)p; }
