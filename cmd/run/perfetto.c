/* How a run went as a trace for Perfetto: the JSON of Chrome's trace events
 * ("Trace Event Format").  Process 1 is the run, process 2 the prediction, a
 * thread each for a vEU; arrows go from an rTask to those that it held up. */
#include <string.h>

#include "base/file.h"
#include "trace.h"
#include "yaml/scalar.h"

enum { MEASURED = 1, PREDICTED };

/* The number of a vEU's thread: of its own in the file, and neither 0 nor that
 * of a process, which Perfetto takes for the idle and for the main thread. */
enum { THREADS = 10000000 };

static long long
thread(int process, int64_t veu)
{
	return (long long)process * THREADS + (long long)veu;
}

struct out {
	struct trace *t;
	FILE *f;
	bool any;		/* an event was written */
	long long flow;		/* number of the last arrow */
	int *predicted;		/* [bar of the run] the same rTask's, or -1 */
};

/* A JSON string; of what is no UTF-8, bytes beyond ASCII as \u00XX. */
static void
text(FILE *f, const char *s)
{
	size_t bad;
	bool utf8 = scalar_is_utf8(s, strlen(s), &bad);

	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c == 0x7f || (c > 0x7f && !utf8))
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void
begin_event(struct out *o)
{
	fputs(o->any ? ",\n" : "\n", o->f);
	o->any = true;
}

static void
name_track(struct out *o, const char *what, int process, int64_t veu,
           const char *name)
{
	begin_event(o);
	fprintf(o->f, "{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%d,\"tid\":%lld,"
	        "\"args\":{\"name\":", what, process, thread(process, veu));
	text(o->f, name);
	fputs("}}", o->f);
}

/* Tracks stand in the order of their numbers, not of their names. */
static void
sort_track(struct out *o, const char *what, int process, int64_t veu,
           int64_t index)
{
	begin_event(o);
	fprintf(o->f, "{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%d,\"tid\":%lld,"
	        "\"args\":{\"sort_index\":%lld}}", what, process,
	        thread(process, veu), (long long)index);
}

/* A stretch of time on a vEU's track, without what follows its name. */
static void
stretch(struct out *o, int process, const struct bar *b, double from,
        double to, const char *name)
{
	begin_event(o);
	fprintf(o->f, "{\"ph\":\"X\",\"pid\":%d,\"tid\":%lld,\"ts\":%.3f,"
	        "\"dur\":%.3f,\"name\":", process, thread(process, b->veu),
	        from, to - from);
	text(o->f, name);
}

static void
put_wait(struct out *o, int process, const struct bar *b, const char *name)
{
	if (b->wait_us <= 0)
		return;
	stretch(o, process, b, b->begin_us - b->wait_us, b->begin_us, name);
	fputs(",\"cat\":\"wait\"}", o->f);
}

/* An end of an arrow: it belongs to the slice that is open at that time. */
static void
put_end(struct out *o, int process, const char *ph, const struct bar *b)
{
	begin_event(o);
	fprintf(o->f, "{\"ph\":%s,\"id\":%lld,\"pid\":%d,\"tid\":%lld,"
	        "\"ts\":%.3f,\"name\":\"wait\",\"cat\":\"wait\"}", ph, o->flow,
	        process, thread(process, b->veu), (b->begin_us + b->end_us) / 2);
}

static void
put_arrow(struct out *o, int process, const struct spent *s, size_t bar)
{
	if (s->gap[bar].dependency == 0)
		return;
	o->flow++;
	put_end(o, process, "\"s\"", &s->t->bars.v[s->late[bar]]);
	put_end(o, process, "\"f\",\"bp\":\"e\"", &s->t->bars.v[bar]);
}

/* What is known of an rTask beside its time. */
static void
put_args(struct out *o, int process, const struct spent *s, size_t bar)
{
	const struct bar *b = &s->t->bars.v[bar];
	const struct prop *r = &s->p->rops.v[b->rop];
	int twin = process == MEASURED ? o->predicted[bar] : -1;

	fprintf(o->f, ",\"cat\":\"rTask\",\"args\":{\"rTask\":%lld,\"kernel\":",
	        (long long)b->task);
	text(o->f, r->cand->use);
	if (b->skipped) {
		fputs(",\"skipped since this does not hold\":", o->f);
		text(o->f, r->rop->if_);
	}
	fprintf(o->f, ",\"alone us\":%.3f,\"dependency us\":%.3f,"
	        "\"synchronisation us\":%.3f", spent_us(s->alone[bar]),
	        spent_us(s->gap[bar].dependency),
	        spent_us(s->gap[bar].synchronisation));
	if (s->gap[bar].dependency) {
		const struct bar *late = &s->t->bars.v[s->late[bar]];

		fputs(",\"waited for\":", o->f);
		text(o->f, s->p->rops.v[late->rop].rop->run);
		fprintf(o->f, ",\"its rTask\":%lld", (long long)late->task);
	}
	if (twin >= 0) {
		const struct bar *x = &o->t->predicted.bars.v[twin];

		fprintf(o->f, ",\"predicted us\":%.3f", x->end_us - x->begin_us);
	}
	fputs("}}", o->f);
}

static void
put_timeline(struct out *o, int process, const struct spent *s)
{
	for (int64_t v = 0; v < s->width; v++) {
		name_track(o, "thread_name", process, v,
		           arena_printf(&o->t->r->a, "vEU %lld", (long long)v));
		sort_track(o, "thread_sort_index", process, v, v);
	}
	for (size_t i = 0; i < s->t->bars.n; i++) {
		const struct bar *b = &s->t->bars.v[i];

		put_wait(o, process, b, "wait");
		stretch(o, process, b, b->begin_us, b->end_us,
		        s->p->rops.v[b->rop].rop->run);
		put_args(o, process, s, i);
		put_arrow(o, process, s, i);
	}
}

/* The prediction's bar of each rTask of the run. */
static int *
find_twins(struct trace *t)
{
	struct arena *a = &t->r->a;
	const struct plan *p = &t->r->plan;
	int *of = arena_array(a, t->measured.bars.n + 1, sizeof *of);
	int **at = arena_array(a, p->rops.n + 1, sizeof *at);

	for (size_t i = 0; i < p->rops.n; i++)
		at[i] = arena_array(a, (size_t)p->rops.v[i].ntasks + 1,
		                    sizeof **at);
	for (size_t i = 0; i < t->predicted.bars.n; i++) {
		const struct bar *b = &t->predicted.bars.v[i];

		at[b->rop][b->task] = (int)i + 1;
	}
	for (size_t i = 0; i < t->measured.bars.n; i++) {
		const struct bar *b = &t->measured.bars.v[i];

		of[i] = at[b->rop][b->task] - 1;
	}
	return of;
}

int
perfetto_write(struct trace *t)
{
	struct out o = {.t = t};
	struct file_out f;

	if (file_create(&f, t->r->trace, &t->r->d) < 0)
		return -1;
	o.f = f.f;
	o.predicted = find_twins(t);
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", f.f);
	name_track(&o, "process_name", MEASURED, 0, t->r->report.device);
	sort_track(&o, "process_sort_index", MEASURED, 0, MEASURED);
	name_track(&o, "process_name", PREDICTED, 0,
	           arena_printf(&t->r->a, "predicted for %s",
	                        t->r->plan.device->name));
	sort_track(&o, "process_sort_index", PREDICTED, 0, PREDICTED);
	put_timeline(&o, MEASURED, &t->was);
	for (size_t i = 0; i < t->barriers.n; i++)
		put_wait(&o, MEASURED, &t->barriers.v[i], "barrier");
	put_timeline(&o, PREDICTED, &t->is);
	fputs("\n]}\n", f.f);
	return file_commit(&f);
}
