/* How the last run went: what the program noted, beside what was predicted;
 * as a picture, as a trace for Perfetto, and as times in the report.
 *
 * The trace is the JSON of Chrome's trace events ("Trace Event Format"), which
 * Perfetto reads: process 1 is the run, process 2 the prediction, a thread
 * each for a vEU. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "run.h"
#include "verify/verify.h"
#include "yaml/scalar.h"

enum { MEASURED = 1, PREDICTED };

struct trace {
	struct run *r;
	struct timeline measured, predicted;
	VEC(struct bar) barriers;	/* measured; rop -1 */
	FILE *f;
	bool any;			/* an event was written */
};

/* --- reading ------------------------------------------------------------ */

bool
trace_line(const char *line, const struct plan *p, struct traced *out)
{
	long long rop, task, veu, launch;

	if (sscanf(line, "%lld %lld %lld %lld %lf %lf %lf", &rop, &task, &veu,
	           &launch, &out->arrived_us, &out->begin_us,
	           &out->end_us) != 7 ||
	    rop < -1 || rop >= (long long)p->rops.n)
		return false;
	out->rop = (int)rop;
	out->task = task;
	out->veu = veu;
	return true;
}

static int
read_line(struct trace *t, const char *line)
{
	struct traced l;
	struct bar b;

	if (!trace_line(line, &t->r->plan, &l))
		return -1;
	b = (struct bar){l.rop, l.task, l.veu, l.begin_us, l.end_us,
	                 l.begin_us - l.arrived_us};
	if (b.veu >= t->measured.width)
		t->measured.width = b.veu + 1;
	if (b.end_us > t->measured.total_us)
		t->measured.total_us = b.end_us;
	if (b.rop < 0)
		vec_push(&t->r->a, &t->barriers, b);
	else
		vec_push(&t->r->a, &t->measured.bars, b);
	return 0;
}

static int
read_trace(struct trace *t)
{
	const char *path = values_tmp(t->r, "trace", 0);
	FILE *f = fopen(path, "r");
	char line[256];
	int bad = 0;

	if (!f)
		return diag_error(&t->r->d, POS_NONE, "%s: %s", path,
		                  strerror(errno));
	while (!bad && fgets(line, sizeof line, f))
		bad = read_line(t, line);
	fclose(f);
	if (bad)
		return diag_error(&t->r->d, POS_NONE, "the program wrote a trace "
		                  "that cannot be read: %s", line);
	return 0;
}

/* --- times by rOperator ------------------------------------------------- */

struct extent {
	double begin, end;
	bool any;
};

static struct extent *
extents(struct run *r, const struct timeline *t)
{
	struct extent *e = arena_array(&r->a, r->plan.rops.n + 1, sizeof *e);

	for (size_t i = 0; i < t->bars.n; i++) {
		const struct bar *b = &t->bars.v[i];
		struct extent *x = &e[b->rop];

		if (!x->any || b->begin_us < x->begin)
			x->begin = b->begin_us;
		if (!x->any || b->end_us > x->end)
			x->end = b->end_us;
		x->any = true;
	}
	return e;
}

static void
report_times(struct trace *t)
{
	struct run *r = t->r;
	struct extent *m = extents(r, &t->measured);
	struct extent *p = extents(r, &t->predicted);

	for (size_t i = 0; i < r->plan.rops.n; i++) {
		struct timed *x;

		if (!m[i].any)
			continue;
		x = vec_add(&r->a, &r->report.rops);
		x->run = r->plan.rops.v[i].rop->run;
		x->us = times_rounded(m[i].end - m[i].begin);
		x->predicted_us = p[i].any ? times_rounded(p[i].end - p[i].begin) : 0;
	}
}

/* --- Perfetto ----------------------------------------------------------- */

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
begin_event(struct trace *t)
{
	fputs(t->any ? ",\n" : "\n", t->f);
	t->any = true;
}

static void
name_track(struct trace *t, const char *what, int process, long long veu,
           const char *name)
{
	begin_event(t);
	fprintf(t->f, "{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%d,\"tid\":%lld,"
	        "\"args\":{\"name\":", what, process, veu);
	text(t->f, name);
	fputs("}}", t->f);
}

/* A stretch of time on a vEU's track, without what follows its name. */
static void
stretch(struct trace *t, int process, const struct bar *b, double from,
        double to, const char *name)
{
	begin_event(t);
	fprintf(t->f, "{\"ph\":\"X\",\"pid\":%d,\"tid\":%lld,\"ts\":%.3f,"
	        "\"dur\":%.3f,\"name\":", process, (long long)b->veu, from,
	        to - from);
	text(t->f, name);
}

static void
put_wait(struct trace *t, int process, const struct bar *b, const char *name)
{
	if (b->wait_us <= 0)
		return;
	stretch(t, process, b, b->begin_us - b->wait_us, b->begin_us, name);
	fputs(",\"cat\":\"wait\"}", t->f);
}

static void
put_timeline(struct trace *t, int process, const struct timeline *l)
{
	const struct plan *p = &t->r->plan;

	for (int64_t v = 0; v < l->width; v++)
		name_track(t, "thread_name", process, (long long)v,
		           arena_printf(&t->r->a, "vEU %lld", (long long)v));
	for (size_t i = 0; i < l->bars.n; i++) {
		const struct bar *b = &l->bars.v[i];
		const struct prop *o = &p->rops.v[b->rop];

		put_wait(t, process, b, "wait");
		stretch(t, process, b, b->begin_us, b->end_us, o->rop->run);
		fprintf(t->f, ",\"cat\":\"rTask\",\"args\":{\"rTask\":%lld,"
		        "\"kernel\":", (long long)b->task);
		text(t->f, o->cand ? o->cand->use : "");
		fputs("}}", t->f);
	}
}

static int
write_perfetto(struct trace *t)
{
	struct file_out f;

	if (file_create(&f, t->r->trace, &t->r->d) < 0)
		return -1;
	t->f = f.f;
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", f.f);
	name_track(t, "process_name", MEASURED, 0, t->r->report.device);
	name_track(t, "process_name", PREDICTED, 0,
	           arena_printf(&t->r->a, "predicted for %s",
	                        t->r->plan.device->name));
	put_timeline(t, MEASURED, &t->measured);
	for (size_t i = 0; i < t->barriers.n; i++)
		put_wait(t, MEASURED, &t->barriers.v[i], "barrier");
	put_timeline(t, PREDICTED, &t->predicted);
	fputs("\n]}\n", f.f);
	return file_commit(&f);
}

/* --- the whole ---------------------------------------------------------- */

static int
draw(struct trace *t)
{
	struct file_out f;

	if (file_create(&f, t->r->gantt, &t->r->d) < 0)
		return -1;
	gantt_write(&t->r->plan, &t->measured, "measured", f.f);
	return file_commit(&f);
}

int
trace_all(struct run *r)
{
	struct trace t = {.r = r};
	struct plan *p = &r->plan;

	if (read_trace(&t) < 0 || plan_choose(p, p->schedule, &r->d) < 0 ||
	    predict(p, p->schedule, NULL, &r->a, &t.predicted, &r->d) < 0)
		return -1;
	if (!r->emulate)	/* its turns are no time */
		report_times(&t);
	if (r->trace && write_perfetto(&t) < 0)
		return -1;
	return r->gantt ? draw(&t) : 0;
}
