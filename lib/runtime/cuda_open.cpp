/* What a model on a GPU is made of: device memory, the tables of plan.bin as
 * the device reads them, launches. */
#include "cuda_model.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int
cuda_check(struct model *m, cudaError_t e, const char *what)
{
	if (e == cudaSuccess)
		return 0;
	return tamp_fail(m, "%s: %s", what, cudaGetErrorString(e));
}

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

static int
alloc_own(struct cuda *c)
{
	const struct tamp_plan *p = &c->m.plan;

	for (uint32_t i = 0; i < p->h->tensors.count; i++) {
		if (!tamp_lies_alone(&c->at, p, i))
			continue;
		if (device_alloc(c, (void **)&c->at.own[i],
		                 p->tensors[i].bytes) < 0)
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
		if (device_zero(c, (void **)&c->at.inputs[i],
		                tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	for (uint32_t i = 0; i < h->noutputs; i++, at++)
		if (device_alloc(c, (void **)&c->at.outputs[i],
		                 tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	for (uint32_t i = 0; i < h->nstates; i++, at += 2)
		if (device_zero(c, (void **)&c->at.states[i],
		                tamp_io(&c->m.plan, at)->bytes) < 0)
			return -1;
	return 0;
}

static int
alloc_host(struct cuda *c)
{
	const struct tamp_header *h = c->m.plan.h;

	c->launches = (struct cuda_launch *)calloc(h->launches.count + 1,
		sizeof *c->launches);
	if (tamp_memory_init(&c->at, &c->m.plan) < 0 || !c->launches)
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
	rc = device_copy(c, (void **)&c->at.weights, w, h->weights);
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
		v[i].condition = TAMP_NONE;
		if (i == n || r->kind == TAMP_BARRIER)
			continue;
		v[i].instance = p->rops[r->rop].instance;
		v[i].task = r->task;
		v[i].args = p->rops[r->rop].args;
		v[i].wait = r->wait;
		v[i].nwaits = r->nwaits;
		v[i].signal = r->signal;
		v[i].condition = r->condition;
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
		v[i] = tamp_address(&c->at, &c->m.plan, p->args[i]);
	rc = device_copy(c, (void **)to, v, n * sizeof *v);
	free(v);
	return rc;
}

static int
put_guards(struct cuda *c, const struct tamp_guard **to)
{
	const struct tamp_plan *p = &c->m.plan;
	size_t n = p->h->conditions.count;
	struct tamp_guard *v = (struct tamp_guard *)calloc(n + 1, sizeof *v);
	int rc;

	if (!v)
		return tamp_fail(NULL, "out of memory");
	tamp_guards(&c->at, p, v);
	rc = device_copy(c, (void **)to, v, n * sizeof *v);
	free(v);
	return rc;
}

/* Counters, epochs and the abort flag as before the first run.  Each of
 * several launches advances the epoch of the one before: all begin at 1, but
 * the last, which the first launch advances first. */
int
cuda_rewind(struct cuda *c)
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
	control.limit = (uint64_t)(m->timeout * 1e9 / c->tick_ns);
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
	return cuda_check(m, e, "resetting the counters");
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

/* Where the vEUs note times, and where the host reads them. */
static int
alloc_stamps(struct cuda *c)
{
	size_t n = (c->m.plan.h->rows.count + 1) * sizeof *c->stamps;

	if (!c->trace)
		return 0;
	return tamp_trace_init(&c->m) < 0 ||
	       device_zero(c, (void **)&c->stamps, n) < 0 ? -1 : 0;
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
		                 "device holds %d on each of its %d units", i, l->width,
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
	l->args.nbarriers = tamp_barriers(p, t);
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
	a.stamps = c->stamps;
	if (put_tasks(c, &a.tasks) < 0 || put_args(c, &a.args) < 0 ||
	    put_guards(c, &a.guards) < 0 ||
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

/* --- opening ------------------------------------------------------------------------- */

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
		tamp_fail(NULL, "no " TAMP_API " device here: 'make emulate' builds a "
		          "program that needs none");
		return MODEL_NO_DEVICE;
	}
	return cuda_check(NULL, e, "looking for a " TAMP_API " device");
}

#ifndef TAMP_OWN_CLOCK
int
cuda_open_clock(struct cuda *c)
{
	c->tick_ns = 1;
	return 0;
}
#endif

int
cuda_open_device(struct cuda *c)
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
	return cuda_open_clock(c);
}

int
cuda_open_memory(struct cuda *c, const char *dir)
{
	const struct tamp_header *h = c->m.plan.h;

	if (alloc_host(c) < 0 || alloc_weights(c, dir) < 0 ||
	    device_alloc(c, (void **)&c->at.arena, c->at.separate ? 0 : h->arena) < 0 ||
	    device_alloc(c, (void **)&c->at.packed, h->packed) < 0)
		return -1;
	return alloc_own(c) < 0 || alloc_io(c) < 0 || alloc_counters(c) < 0 ||
	       alloc_stamps(c) < 0 || make_launches(c) < 0 ? -1 : 0;
}

/* What is given back may be half made; failures no longer matter. */
void
cuda_free(struct cuda *c)
{
	for (uint32_t i = 0; i < c->nblocks; i++)
		(void)cudaFree(c->blocks[i]);
	for (int i = 0; i < 4; i++)
		if (c->ev[i])
			(void)cudaEventDestroy(c->ev[i]);
	if (c->own_stream)
		(void)cudaStreamDestroy(c->own_stream);
	free(c->blocks);
	tamp_memory_release(&c->at);
	free(c->launches);
	free(c->m.stamps);
	tamp_plan_close(&c->m.plan);
	free(c);
}
