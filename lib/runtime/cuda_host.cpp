/* The host side of an emitted CUDA program: model.h for a GPU.
 *
 * The tables of plan.bin go to the device once, at open.  A run copies inputs
 * to the device, starts its launch (or the CUDA graph of its launches), and
 * copies outputs back; nothing is reset between runs.  All vEUs of a launch
 * must be on the device at once: it is launched cooperatively, and refused at
 * open if it does not fit. */
#ifdef TAMP_EMULATE
#include "emu_api.h"
#else
#include <cuda_runtime.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cuda_host.h"
#include "model_io.h"

/* What the device is given of a launch. */
struct cuda_launch {
	struct tamp_launch_args args;
	const struct tamp_code *code;
	uint32_t width, threads, shared;
};

struct cuda {
	struct model m;			/* first: model.h's functions see it */
	int device;
	cudaStream_t own_stream;
	cudaStream_t stream;		/* of this call: that, or model_run_on's */
	bool elsewhere;			/* the last run went to another stream */
	cudaEvent_t ev[4];		/* begun, inputs there, done, outputs there */
	void **blocks;			/* device memory, to be freed */
	uint32_t nblocks;
	char *arena, *weights, *packed;
	char **own;			/* per tensor: an allocation by itself */
	char **inputs, **outputs, **states;
	struct cuda_launch *launches;	/* as the table's */
	struct tamp_control *control;	/* on the device */
	uint32_t *counters, *barriers, *epochs;
	uint32_t epoch;			/* runs begun since the counters were 0 */
	bool separate;
	char name[300];
#ifndef TAMP_EMULATE
	cudaGraphExec_t graph;		/* of the run, if it has several launches */
#endif
};

/* --- errors ------------------------------------------------------------------- */

/* m: NULL while the model is being opened. */
static int
check(struct model *m, cudaError_t e, const char *what)
{
	if (e == cudaSuccess)
		return 0;
	return tamp_fail(m, "%s: %s", what, cudaGetErrorString(e));
}

#define TRY(m, call) \
	do { \
		if (check((m), (call), #call) < 0) \
			return -1; \
	} while (0)

/* --- memory --------------------------------------------------------------------- */

/* n bytes on the device, given back when the model is closed. */
static int
device_alloc(struct cuda *c, void **to, size_t n)
{
	void **more = (void **)realloc(c->blocks,
		(c->nblocks + 1) * sizeof *c->blocks);

	if (!more)
		return tamp_fail(NULL, "out of memory");
	c->blocks = more;
	TRY(NULL, cudaMalloc(to, n ? n : 1));
	c->blocks[c->nblocks++] = *to;
	return 0;
}

static int
device_zero(struct cuda *c, void **to, size_t n)
{
	if (device_alloc(c, to, n) < 0)
		return -1;
	TRY(NULL, cudaMemsetAsync(*to, 0, n ? n : 1, c->stream));
	return 0;
}

/* A copy of n bytes on the device. */
static int
device_copy(struct cuda *c, void **to, const void *from, size_t n)
{
	if (device_alloc(c, to, n) < 0)
		return -1;
	if (n > 0)
		TRY(NULL, cudaMemcpyAsync(*to, from, n, cudaMemcpyDefault,
		                          c->stream));
	TRY(NULL, cudaStreamSynchronize(c->stream));
	return 0;
}

/* Address of tensor i on the device; NULL if nothing uses it. */
static char *
address(const struct cuda *c, uint32_t i)
{
	const struct tamp_plan *p = &c->m.plan;
	const struct tamp_tensor *t = &p->tensors[i], *r = &p->tensors[t->root];
	char *base = NULL;

	if (c->own[t->root])
		return c->own[t->root] + (t->offset - r->offset);
	switch ((enum tamp_base)t->base) {
	case TAMP_ARENA: base = c->arena; break;
	case TAMP_WEIGHTS: base = c->weights; break;
	case TAMP_PACKED: base = c->packed; break;
	case TAMP_INPUT: base = c->inputs[t->index]; break;
	case TAMP_OUTPUT: base = c->outputs[t->index]; break;
	case TAMP_STATE: base = c->states[t->index]; break;
	case TAMP_OWN: base = c->own[t->index]; break;
	case TAMP_NOWHERE: case TAMP_NBASES: break;
	}
	return base ? base + t->offset : NULL;
}

static int
alloc_own(struct cuda *c)
{
	const struct tamp_plan *p = &c->m.plan;

	for (uint32_t i = 0; i < p->h->tensors.count; i++) {
		const struct tamp_tensor *t = &p->tensors[i];

		if (t->root != i || (t->base != TAMP_OWN &&
		    !(c->separate && t->base == TAMP_ARENA)))
			continue;
		if (device_alloc(c, (void **)&c->own[i], t->bytes) < 0)
			return -1;
	}
	return 0;
}

static int
alloc_io(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;
	uint32_t at = 0;

	for (uint32_t i = 0; i < h->ninputs; i++, at++)
		if (device_zero(c, (void **)&c->inputs[i],
		                tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	for (uint32_t i = 0; i < h->noutputs; i++, at++)
		if (device_alloc(c, (void **)&c->outputs[i],
		                 tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	for (uint32_t i = 0; i < h->nstates; i++, at += 2)
		if (device_zero(c, (void **)&c->states[i],
		                tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	return 0;
}

static int
alloc_host(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;

	c->own = (char **)calloc(h->tensors.count + 1, sizeof *c->own);
	c->inputs = (char **)calloc(h->ninputs + 1, sizeof *c->inputs);
	c->outputs = (char **)calloc(h->noutputs + 1, sizeof *c->outputs);
	c->states = (char **)calloc(h->nstates + 1, sizeof *c->states);
	c->launches = (struct cuda_launch *)calloc(h->launches.count + 1,
		sizeof *c->launches);
	if (!c->own || !c->inputs || !c->outputs || !c->states || !c->launches)
		return tamp_fail(NULL, "out of memory");
	return 0;
}

static int
alloc_weights(struct cuda *c, const char *dir)
{
	const struct tamp_header *h = c->m.plan.h;
	bool failed;
	void *w = tamp_weights_open(dir, h, &failed);
	int rc;

	if (failed)
		return -1;
	rc = device_copy(c, (void **)&c->weights, w, h->weights);
	tamp_weights_close(w, h->weights);
	return rc;
}

/* --- tables ----------------------------------------------------------------------- */

static int
put_tasks(struct cuda *c, const struct tamp_task **to)
{
	const struct tamp_plan *p = &c->m.plan;
	size_t n = p->h->rows.count;
	struct tamp_task *v = (struct tamp_task *)calloc(n + 1, sizeof *v);
	int rc;

	if (!v)
		return tamp_fail(NULL, "out of memory");
	for (size_t i = 0; i <= n; i++) {
		const struct tamp_row *r = &p->rows[i];

		v[i].instance = TAMP_NONE;
		v[i].signal = TAMP_NONE;
		if (i == n || r->kind == TAMP_BARRIER)
			continue;
		v[i].instance = p->rops[r->rop].instance;
		v[i].task = r->task;
		v[i].args = p->rops[r->rop].args;
		v[i].wait = r->wait;
		v[i].nwaits = r->nwaits;
		v[i].signal = r->signal;
	}
	/* vEUs fetch a row ahead: there is one more. */
	rc = device_copy(c, (void **)to, v, (n + 1) * sizeof *v);
	free(v);
	return rc;
}

static int
put_args(struct cuda *c, void *const **to)
{
	const struct tamp_plan *p = &c->m.plan;
	size_t n = p->h->args.count;
	void **v = (void **)calloc(n + 1, sizeof *v);
	int rc;

	if (!v)
		return tamp_fail(NULL, "out of memory");
	for (size_t i = 0; i < n; i++)
		v[i] = address(c, p->args[i]);
	rc = device_copy(c, (void **)to, v, n * sizeof *v);
	free(v);
	return rc;
}

static uint32_t
count_barriers(const struct tamp_plan *p, const struct tamp_launch *l)
{
	const struct tamp_veu *v = &p->veus[l->veus];
	uint32_t n = 0;

	for (uint32_t i = v->row; i < v->row + v->nrows; i++)
		n += p->rows[i].kind == TAMP_BARRIER;
	return n;
}

/* Counters, epochs and the abort flag as before the first run.  Each of
 * several launches advances the epoch of the one before: all begin at 1, but
 * the last, which the first launch advances first. */
static int
rewind_counters(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;
	struct model *m = &c->m;
	uint32_t n = (uint32_t)h->launches.count;
	struct tamp_control control = {};
	uint32_t *first = (uint32_t *)calloc(n + 1, sizeof *first);

	if (!first)
		return tamp_fail(m, "out of memory");
	for (uint32_t i = 0; i < n; i++)
		first[i] = i + 1 < n;
	control.limit_ns = (uint64_t)(m->timeout * 1e9);
	c->epoch = 0;
	cudaError_t e = cudaMemcpyAsync(c->epochs, first, n * sizeof *first,
	                                cudaMemcpyDefault, c->stream);
	if (e == cudaSuccess)
		e = cudaMemcpyAsync(c->control, &control, sizeof control,
		                    cudaMemcpyDefault, c->stream);
	if (e == cudaSuccess)
		e = cudaMemsetAsync(c->counters, 0, (h->ncounters + 1) * TAMP_LINE *
		                    sizeof *c->counters, c->stream);
	if (e == cudaSuccess)
		e = cudaMemsetAsync(c->barriers, 0, (n + 1) * TAMP_LINE *
		                    sizeof *c->barriers, c->stream);
	if (e == cudaSuccess)
		e = cudaStreamSynchronize(c->stream);
	free(first);
	return check(m, e, "resetting the counters");
}

static int
alloc_counters(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;
	size_t line = TAMP_LINE * sizeof(uint32_t);

	if (device_alloc(c, (void **)&c->counters, (h->ncounters + 1) * line) < 0 ||
	    device_alloc(c, (void **)&c->barriers,
	                 (h->launches.count + 1) * line) < 0 ||
	    device_alloc(c, (void **)&c->epochs,
	                 (h->launches.count + 1) * sizeof(uint32_t)) < 0 ||
	    device_alloc(c, (void **)&c->control, sizeof *c->control) < 0)
		return -1;
	return 0;
}

/* --- launches ------------------------------------------------------------------------ */

/* The most shared memory of launches that share code. */
static uint32_t
most_shared(const struct tamp_plan *p, uint32_t code)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < p->h->launches.count; i++)
		if (p->launches[i].code == code && p->launches[i].shared > most)
			most = p->launches[i].shared;
	return most;
}

static int
fits(const struct cuda *c, const struct cuda_launch *l, uint32_t i)
{
	const struct tamp_plan *p = &c->m.plan;
	const void *kernel = (const void *)l->code->kernel;
	int units = 0, blocks = 0;

	TRY(NULL, cudaDeviceGetAttribute(&units, cudaDevAttrMultiProcessorCount,
	                                 c->device));
	TRY(NULL, cudaFuncSetAttribute(kernel,
	                               cudaFuncAttributeMaxDynamicSharedMemorySize,
	                               (int)most_shared(p, p->launches[i].code)));
	TRY(NULL, cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel,
	                                               (int)l->threads, l->shared));
	if ((uint64_t)blocks * (uint64_t)units < l->width)
		return tamp_fail(NULL, "launch %u: %u vEUs of %u threads and %u "
		                 "bytes of shared memory are needed at once, the "
		                 "device holds %d on each of its %d SMs", i, l->width,
		                 l->threads, l->shared, blocks, units);
	return 0;
}

/* The launch at index i; those of a run are [first, end). */
static int
make_launch(struct cuda *c, uint32_t i, const struct tamp_launch_args *common,
            const struct tamp_veu *veus)
{
	const struct tamp_plan *p = &c->m.plan;
	const struct tamp_launch *t = &p->launches[i];
	struct cuda_launch *l = &c->launches[i];
	uint32_t first = p->h->init_launches, end = (uint32_t)p->h->launches.count;

	if (t->code >= tamp_ncodes || tamp_codes[t->code].threads != t->threads)
		return tamp_fail(NULL, "plan.bin: launch %u has another shape than "
		                 "this program's: run make", i);
	l->code = &tamp_codes[t->code];
	l->width = t->width;
	l->threads = t->threads;
	l->shared = t->shared;
	l->args = *common;
	l->args.veus = veus + t->veus;
	l->args.barrier = c->barriers + (size_t)TAMP_LINE * i;
	l->args.width = t->width;
	l->args.nbarriers = count_barriers(p, t);
	l->args.epoch = 1;		/* at open, and counted up by run_one */
	if (i >= first && end - first > 1) {
		l->args.epoch_at = c->epochs + i;
		l->args.advance = c->epochs + (i > first ? i - 1 : end - 1);
	}
	return fits(c, l, i);
}

static int
make_launches(struct cuda *c)
{
	const struct tamp_plan *p = &c->m.plan;
	struct tamp_launch_args a = {};
	const struct tamp_veu *veus = NULL;

	a.counters = c->counters;
	a.control = c->control;
	if (put_tasks(c, &a.tasks) < 0 || put_args(c, &a.args) < 0 ||
	    device_copy(c, (void **)&a.waits, p->waits,
	                p->h->waits.count * sizeof *p->waits) < 0 ||
	    device_copy(c, (void **)&veus, p->veus,
	                p->h->veus.count * sizeof *p->veus) < 0)
		return -1;
	for (uint32_t i = 0; i < p->h->launches.count; i++) {
		if (make_launch(c, i, &a, veus) < 0)
			return -1;
		if ((int)c->launches[i].width > c->m.nveus)
			c->m.nveus = (int)c->launches[i].width;
	}
	return 0;
}

static cudaError_t
start(struct cuda *c, struct cuda_launch *l)
{
#ifdef TAMP_EMULATE
	(void)c;
	return tamp_emu_launch(l->code->kernel, &l->args, l->width, l->threads,
	                       l->shared) ?
		cudaSuccess : cudaErrorLaunchFailure;
#else
	void *params[] = {&l->args};

	return cudaLaunchCooperativeKernel((const void *)l->code->kernel,
	                                   dim3(l->width), dim3(l->threads),
	                                   params, l->shared, c->stream);
#endif
}

static int
start_all(struct cuda *c, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		if (check(&c->m, start(c, &c->launches[i]),
		          c->launches[i].code->name) < 0)
			return -1;
	return 0;
}

#ifndef TAMP_EMULATE
static cudaError_t
capture(struct cuda *c, cudaGraph_t *graph)
{
	const struct tamp_header *h = c->m.plan.h;
	cudaError_t e = cudaStreamBeginCapture(c->stream,
	                                       cudaStreamCaptureModeRelaxed);
	cudaError_t end;

	for (uint32_t i = h->init_launches; e == cudaSuccess &&
	     i < h->launches.count; i++)
		e = start(c, &c->launches[i]);
	end = cudaStreamEndCapture(c->stream, graph);
	return e != cudaSuccess ? e : end;
}

/* Several launches become a graph, whose nodes cost less than launches.  A
 * driver that cannot capture cooperative launches gets them one by one. */
static void
make_graph(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;
	cudaGraph_t graph = NULL;

	if (h->launches.count - h->init_launches < 2)
		return;
	if (capture(c, &graph) != cudaSuccess ||
	    cudaGraphInstantiate(&c->graph, graph, 0) != cudaSuccess) {
		c->graph = NULL;
		(void)cudaGetLastError();
	}
	if (graph)
		(void)cudaGraphDestroy(graph);
}
#endif

/* After a failure between the start of a run and its end some launches may
 * have run, and others not: waits for those, and begins anew.  The error
 * stays what it was; if the device is lost, later calls will say so. */
static int
begin_anew(struct cuda *c)
{
	char why[sizeof c->m.error];

	memcpy(why, c->m.error, sizeof why);
	(void)cudaStreamSynchronize(c->stream);
	(void)rewind_counters(c);
	(void)cudaGetLastError();
	memcpy(c->m.error, why, sizeof why);
	return -1;
}

/* Waits for what was begun.  Whether a vEU gave up: says why, and begins
 * anew. */
static int
check_control(struct cuda *c)
{
	struct model *m = &c->m;
	struct tamp_control r = {};

	TRY(m, cudaMemcpyAsync(&r, c->control, sizeof r, cudaMemcpyDefault,
	                       c->stream));
	TRY(m, cudaStreamSynchronize(c->stream));
	if (!r.abort)
		return 0;
	if (rewind_counters(c) == 0)
		tamp_post_mortem(m, r.veu, r.row, r.counter, TAMP_NONE,
		                 r.expected, r.seen);
	return -1;
}

#ifdef TAMP_EMULATE
/* Temporaries and outputs become NaNs: what a run reads before it wrote it
 * shall not be what the run before left there. */
static void
poison(struct cuda *c)
{
	const struct tamp_plan *p = &c->m.plan;

	if (!c->separate)
		memset(c->arena, 0xff, p->h->arena);
	for (uint32_t i = 0; i < p->h->tensors.count; i++)
		if (c->own[i])
			memset(c->own[i], 0xff, p->tensors[i].bytes);
	for (uint32_t i = 0; i < p->h->noutputs; i++)
		memset(c->outputs[i], 0xff, tamp_io(p, p->h->ninputs + i)->bytes);
}
#endif

static int
start_run(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;
	uint32_t first = h->init_launches, end = (uint32_t)h->launches.count;

#ifdef TAMP_EMULATE
	poison(c);
#endif
	if (end - first == 1)
		c->launches[first].args.epoch = c->epoch + 1;
#ifndef TAMP_EMULATE
	if (c->graph)
		TRY(&c->m, cudaGraphLaunch(c->graph, c->stream));
	else
#endif
	if (start_all(c, first, end) < 0)
		return -1;
	c->epoch++;
	return 0;
}

/* --- model.h ---------------------------------------------------------------------------- */

static int
copy_in(struct cuda *c, const void *const *inputs)
{
	const struct tamp_plan *p = &c->m.plan;

	for (uint32_t i = 0; i < p->h->ninputs; i++)
		if (tamp_io(p, i)->bytes > 0)
			TRY(&c->m, cudaMemcpyAsync(c->inputs[i], inputs[i],
			                           tamp_io(p, i)->bytes,
			                           cudaMemcpyDefault, c->stream));
	return 0;
}

/* A present that does not lie where its past does goes there. */
static int
copy_states(struct cuda *c)
{
	const struct tamp_plan *p = &c->m.plan;
	uint32_t at = p->h->ninputs + p->h->noutputs;

	for (uint32_t i = 0; i < p->h->nstates; i++, at += 2) {
		char *past = address(c, p->io[at]);
		const char *present = address(c, p->io[at + 1]);

		if (past && present && past != present)
			TRY(&c->m, cudaMemcpyAsync(past, present,
			                           tamp_io(p, at)->bytes,
			                           cudaMemcpyDefault, c->stream));
	}
	return 0;
}

static int
copy_out(struct cuda *c, void *const *outputs)
{
	const struct tamp_plan *p = &c->m.plan;

	for (uint32_t i = 0; i < p->h->noutputs; i++) {
		uint32_t t = p->io[p->h->ninputs + i];
		const char *from = address(c, t);

		if (from && p->tensors[t].bytes > 0)
			TRY(&c->m, cudaMemcpyAsync(outputs[i], from,
			                           p->tensors[t].bytes,
			                           cudaMemcpyDefault, c->stream));
	}
	return 0;
}

/* What follows goes to stream s, after the run before, which ended with the
 * last event.  Streams of others are not looked at after the call. */
static int
use_stream(struct cuda *c, cudaStream_t s)
{
	TRY(&c->m, cudaSetDevice(c->device));
	c->stream = s;
	if (c->elsewhere || s != c->own_stream)
		TRY(&c->m, cudaStreamWaitEvent(s, c->ev[3], 0));
	c->elsewhere = s != c->own_stream;
	return 0;
}

static int
check_given(struct cuda *c, const void *const *inputs, void *const *outputs)
{
	const struct tamp_plan *p = &c->m.plan;

	for (uint32_t i = 0; i < p->h->ninputs; i++)
		if (!inputs[i] && tamp_io(p, i)->bytes > 0)
			return tamp_fail(&c->m, "input %u is NULL", i);
	for (uint32_t i = 0; i < p->h->noutputs; i++)
		if (!outputs[i] && tamp_io(p, p->h->ninputs + i)->bytes > 0)
			return tamp_fail(&c->m, "output %u is NULL", i);
	return 0;
}

/* Begins a run: nothing here waits for the device. */
static int
begin_run(struct cuda *c, const void *const *inputs, void *const *outputs)
{
	struct model *m = &c->m;

	TRY(m, cudaEventRecord(c->ev[0], c->stream));
	if (copy_in(c, inputs) < 0)
		return -1;
	TRY(m, cudaEventRecord(c->ev[1], c->stream));
	if (start_run(c) < 0 || copy_states(c) < 0)
		return -1;
	TRY(m, cudaEventRecord(c->ev[2], c->stream));
	if (copy_out(c, outputs) < 0)
		return -1;
	TRY(m, cudaEventRecord(c->ev[3], c->stream));
	return 0;
}

int
model_run(struct model *m, const void *const *inputs, void *const *outputs)
{
	struct cuda *c = (struct cuda *)m;
	float in = 0, run = 0, out = 0;

	if (check_given(c, inputs, outputs) < 0 ||
	    use_stream(c, c->own_stream) < 0)
		return -1;
	if (begin_run(c, inputs, outputs) < 0)
		return begin_anew(c);
	if (check_control(c) < 0)
		return -1;
	TRY(m, cudaEventElapsedTime(&in, c->ev[0], c->ev[1]));
	TRY(m, cudaEventElapsedTime(&run, c->ev[1], c->ev[2]));
	TRY(m, cudaEventElapsedTime(&out, c->ev[2], c->ev[3]));
	m->run_us = 1e3 * (double)run;
	m->copy_us = 1e3 * (double)(in + out);
	return 0;
}

int
model_run_on(struct model *m, const void *const *inputs,
             void *const *outputs, void *stream)
{
	struct cuda *c = (struct cuda *)m;

	if (check_given(c, inputs, outputs) < 0 ||
	    use_stream(c, (cudaStream_t)stream) < 0)
		return -1;
	return begin_run(c, inputs, outputs) < 0 ? begin_anew(c) : 0;
}

int
model_wait(struct model *m)
{
	struct cuda *c = (struct cuda *)m;

	return use_stream(c, c->own_stream) < 0 ? -1 : check_control(c);
}

int
model_reset(struct model *m)
{
	struct cuda *c = (struct cuda *)m;
	const struct tamp_header *h = m->plan.h;

	if (use_stream(c, c->own_stream) < 0)
		return -1;
	for (uint32_t i = 0; i < h->nstates; i++)
		TRY(m, cudaMemsetAsync(c->states[i], 0, tamp_io(&m->plan,
		    h->ninputs + h->noutputs + 2 * i)->bytes, c->stream));
	TRY(m, cudaStreamSynchronize(c->stream));
	return 0;
}

static int
tensor_read(struct model *m, uint32_t i, void *to)
{
	struct cuda *c = (struct cuda *)m;
	const char *from = address(c, i);

	if (!from)
		return tamp_fail(m, "the tensor has no memory");
	if (use_stream(c, c->own_stream) < 0)
		return -1;
	if (m->plan.tensors[i].bytes > 0)
		TRY(m, cudaMemcpyAsync(to, from, m->plan.tensors[i].bytes,
		                       cudaMemcpyDefault, c->stream));
	TRY(m, cudaStreamSynchronize(c->stream));
	return 0;
}

/* MODEL_NO_DEVICE where there is none, and no driver that could have one;
 * another fault of the driver is an error. */
static int
find_device(void)
{
	int n = 0, driver = 0;
	cudaError_t e = cudaGetDeviceCount(&n);

	if (e == cudaErrorInsufficientDriver &&
	    cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0)
		e = cudaErrorNoDevice;
	if (e == cudaErrorNoDevice || (e == cudaSuccess && n == 0)) {
		tamp_fail(NULL, "no CUDA device here: 'make emulate' builds a "
		          "program that needs none");
		return MODEL_NO_DEVICE;
	}
	return check(NULL, e, "looking for a CUDA device");
}

static int
open_device(struct cuda *c)
{
	struct cudaDeviceProp prop;
	int cooperative = 0, rc = find_device();

	if (rc < 0)
		return rc;
	TRY(NULL, cudaGetDevice(&c->device));
	TRY(NULL, cudaSetDevice(c->device));
	TRY(NULL, cudaGetDeviceProperties(&prop, c->device));
	snprintf(c->name, sizeof c->name, "%s", prop.name);
	c->m.device = c->name;
	TRY(NULL, cudaDeviceGetAttribute(&cooperative,
	                                 cudaDevAttrCooperativeLaunch,
	                                 c->device));
	if (!cooperative)
		return tamp_fail(NULL, "%s cannot start cooperative launches, which "
		                 "keep all vEUs on the device at once", c->name);
	TRY(NULL, cudaStreamCreate(&c->own_stream));
	c->stream = c->own_stream;
	for (int i = 0; i < 4; i++)
		TRY(NULL, cudaEventCreate(&c->ev[i]));
	return 0;
}

static int
open_memory(struct cuda *c, const char *dir)
{
	const struct tamp_header *h = c->m.plan.h;

	if (alloc_host(c) < 0 || alloc_weights(c, dir) < 0 ||
	    device_alloc(c, (void **)&c->arena, c->separate ? 0 : h->arena) < 0 ||
	    device_alloc(c, (void **)&c->packed, h->packed) < 0)
		return -1;
	return alloc_own(c) < 0 || alloc_io(c) < 0 || alloc_counters(c) < 0 ||
	       make_launches(c) < 0 ? -1 : 0;
}

/* Packs constants: longer work than a run's. */
static int
run_init(struct cuda *c)
{
	double timeout = c->m.timeout;
	int rc;

	c->m.timeout *= TAMP_OPEN_PATIENCE;
	rc = rewind_counters(c);
	if (rc == 0)
		rc = start_all(c, 0, c->m.plan.h->init_launches);
	if (rc == 0)
		rc = check_control(c);
	c->m.timeout = timeout;
	if (rc == 0)
		rc = rewind_counters(c);
	return rc == 0 ? 0 : tamp_fail(NULL, "%s", c->m.error);
}

static int
open_all(struct cuda *c, const char *dir)
{
	int rc;

	if (tamp_plan_open(&c->m.plan, dir, tamp_ninstances,
	                   tamp_instances_hash) < 0)
		return -1;
	rc = open_device(c);
	if (rc < 0)
		return rc;
	if (open_memory(c, dir) < 0 || run_init(c) < 0)
		return -1;
#ifndef TAMP_EMULATE
	make_graph(c);
#endif
	return 0;
}

int
model_open_options(const char *dir, const struct model_options *options,
                   struct model **out)
{
	struct cuda *c = (struct cuda *)calloc(1, sizeof *c);
	int rc;

	*out = NULL;
	if (!c)
		return tamp_fail(NULL, "out of memory");
	c->separate = options->separate != 0;
	c->m.timeout = options->timeout > 0 ? options->timeout : 20;
	c->m.tensor_read = tensor_read;
#ifdef TAMP_EMULATE
	tamp_emu_seed(options->seed);
#endif
	rc = open_all(c, dir ? dir : ".");
	if (rc < 0)
		model_close(&c->m);
	else
		*out = &c->m;
	return rc;
}

/* The calling thread runs no vEU. */
void
model_pin(struct model *)
{
}

/* What is given back may be half made; failures no longer matter. */
void
model_close(struct model *m)
{
	struct cuda *c = (struct cuda *)m;

	if (!c)
		return;
	if (c->own_stream && use_stream(c, c->own_stream) == 0)
		(void)cudaStreamSynchronize(c->stream);
#ifndef TAMP_EMULATE
	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
#endif
	for (uint32_t i = 0; i < c->nblocks; i++)
		(void)cudaFree(c->blocks[i]);
	for (int i = 0; i < 4; i++)
		if (c->ev[i])
			(void)cudaEventDestroy(c->ev[i]);
	if (c->own_stream)
		(void)cudaStreamDestroy(c->own_stream);
	free(c->blocks);
	free(c->own);
	free(c->inputs);
	free(c->outputs);
	free(c->states);
	free(c->launches);
	tamp_plan_close(&c->m.plan);
	free(c);
}
