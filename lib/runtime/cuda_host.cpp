/* The host side of an emitted CUDA program: model.h for a GPU.
 *
 * The tables of plan.bin go to the device once, at open.  A run copies inputs
 * to the device, starts its launch (or the CUDA graph of its launches), and
 * copies outputs back; nothing is reset between runs.  All vEUs of a launch
 * must be on the device at once: it is launched cooperatively, and refused at
 * open if it does not fit.  hip_api.h and emu_api.h have the same API. */
#include "cuda_model.h"

#include <cstdlib>
#include <cstring>

/* --- launches --------------------------------------------------------------------- */

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
		if (cuda_check(&c->m, start(c, &c->launches[i]),
		               c->launches[i].code->name) < 0)
			return -1;
	return 0;
}

#ifndef TAMP_NO_GRAPH
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
	(void)cuda_rewind(c);
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
	if (cuda_rewind(c) == 0)
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

	if (!c->at.separate)
		memset(c->at.arena, 0xff, p->h->arena);
	for (uint32_t i = 0; i < p->h->tensors.count; i++)
		if (c->at.own[i])
			memset(c->at.own[i], 0xff, p->tensors[i].bytes);
	for (uint32_t i = 0; i < p->h->noutputs; i++)
		memset(c->at.outputs[i], 0xff, tamp_io(p, p->h->ninputs + i)->bytes);
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
#ifndef TAMP_NO_GRAPH
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
			TRY(&c->m, cudaMemcpyAsync(c->at.inputs[i], inputs[i],
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
		char *past = tamp_address(&c->at, &c->m.plan, p->io[at]);
		const char *present = tamp_address(&c->at, &c->m.plan, p->io[at + 1]);

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
		const char *from = tamp_address(&c->at, &c->m.plan, t);

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

	if (tamp_check_given(m, inputs, outputs) < 0 ||
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

	if (tamp_check_given(m, inputs, outputs) < 0 ||
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
		TRY(m, cudaMemsetAsync(c->at.states[i], 0, tamp_io(&m->plan,
		    h->ninputs + h->noutputs + 2 * i)->bytes, c->stream));
	TRY(m, cudaStreamSynchronize(c->stream));
	return 0;
}

static int
tensor_read(struct model *m, uint32_t i, void *to)
{
	struct cuda *c = (struct cuda *)m;
	const char *from = tamp_address(&c->at, &c->m.plan, i);

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

static int
stamps_read(struct model *m)
{
	struct cuda *c = (struct cuda *)m;

	if (use_stream(c, c->own_stream) < 0)
		return -1;
	TRY(m, cudaMemcpyAsync(m->stamps, c->stamps,
	                       m->plan.h->rows.count * sizeof *m->stamps,
	                       cudaMemcpyDefault, c->stream));
	TRY(m, cudaStreamSynchronize(c->stream));
	m->tick_ns = c->tick_ns;
	return 0;
}

/* Packs constants: longer work than a run's. */
static int
run_init(struct cuda *c)
{
	double timeout = c->m.timeout;
	int rc;

	c->m.timeout *= TAMP_OPEN_PATIENCE;
	rc = cuda_rewind(c);
	if (rc == 0)
		rc = start_all(c, 0, c->m.plan.h->init_launches);
	if (rc == 0)
		rc = check_control(c);
	c->m.timeout = timeout;
	if (rc == 0)
		rc = cuda_rewind(c);
	return rc == 0 ? 0 : tamp_fail(NULL, "%s", c->m.error);
}

static int
open_all(struct cuda *c, const char *dir)
{
	int rc;

	if (tamp_plan_open(&c->m.plan, dir, tamp_ninstances,
	                   tamp_instances_hash) < 0)
		return -1;
	rc = cuda_open_device(c);
	if (rc < 0)
		return rc;
	if (cuda_open_memory(c, dir) < 0 || run_init(c) < 0)
		return -1;
#ifndef TAMP_NO_GRAPH
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
	c->at.separate = options->separate != 0;
	c->m.timeout = options->timeout > 0 ? options->timeout : 20;
	c->m.tensor_read = tensor_read;
	c->m.stamps_read = stamps_read;
	c->trace = options->trace != 0;
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

void
model_close(struct model *m)
{
	struct cuda *c = (struct cuda *)m;

	if (!c)
		return;
	if (c->own_stream && use_stream(c, c->own_stream) == 0)
		(void)cudaStreamSynchronize(c->stream);
#ifndef TAMP_NO_GRAPH
	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
#endif
	cuda_free(c);
}
