/* The cuda target: CUDA C for nvcc, one persistent kernel for each distinct
 * shape of a launch.  The kernels' code is model.cu; who runs what is in
 * plan.bin. */
#include "emit/tables.h"

static const char *const runtime[] = {
	CUDA_RUNTIME, "emu_headers.h", NULL
};

static long long
blocks_per_unit(const struct emit *e, const struct code *c)
{
	long long units = e->plan->device->units;

	return (c->width + units - 1) / units;
}

/* The launch kernel and the switch over the instances that it runs. */
static void
put_code(struct emit *e, size_t n, struct str *out)
{
	const struct code *c = &e->program->codes.v[n];
	bool guarded = e->program->conditions.n > 0 && !c->init;

	str_addf(out, "\n/* Launch shape %zu: %lld threads, up to %lld vEUs. */\n"
	         "static __device__ __forceinline__ void\n"
	         "call_%zu(uint32_t instance, uint32_t task, void *const *args)\n"
	         "{\n\tswitch (instance) {\n", n, (long long)c->threads,
	         (long long)c->width, n);
	for (size_t i = 0; i < c->instances.n; i++)
		str_addf(out, "\tcase %d: TAMP_CALL(%d); break;\n",
		         c->instances.v[i], c->instances.v[i]);
	str_addf(out, "\t}\n}\n\nextern \"C\" __global__ void "
	         "__launch_bounds__(%lld, %lld)\n"
	         "launch_%zu(struct tamp_launch_args a)\n{\n"
	         "\ttamp_veu_main%s(a, call_%zu);\n}\n", (long long)c->threads,
	         blocks_per_unit(e, c), n, guarded ? "<true>" : "", n);
}

static void
put_table(struct emit *e, struct str *out)
{
	const struct program *p = e->program;

	str_add(out, "\nconst struct tamp_code tamp_codes[] = {\n");
	for (size_t i = 0; i < p->codes.n; i++)
		str_addf(out, "\t{launch_%zu, \"launch_%zu\", %lld},\n", i, i,
		         (long long)p->codes.v[i].threads);
	if (p->codes.n == 0)
		str_add(out, "\t{0, \"\", 0},\n");
	str_addf(out, "};\nconst uint32_t tamp_ncodes = %zu;\n"
	         "const uint32_t tamp_ninstances = %zu;\n", p->codes.n,
	         e->instances.n);
}

/* For "make registers": ptxas counts registers of entry points only. */
static void
put_entries(struct emit *e, struct str *out)
{
	str_add(out, "\n#ifdef TAMP_REGISTERS\n");
	for (size_t i = 0; i < e->instances.n; i++)
		str_addf(out, "TAMP_ENTRY(%zu) /* %s %s */\n", i,
		         e->instances.v[i]->cand->use,
		         e->instances.v[i]->cls->form);
	str_add(out, "#endif\n");
}

int
cuda_source(struct emit *e, struct str *out)
{
	int rc;

	str_add(out, "/* Made by tamp-emit: the model's rTasks, and one "
	        "persistent kernel for each\n * shape of a launch.  Which vEU "
	        "runs them when is in plan.bin. */\n#include \"cuda.h\"\n\n");
	rc = target_instances(e, out);
	put_entries(e, out);
	for (size_t i = 0; i < e->program->codes.n; i++)
		put_code(e, i, out);
	put_table(e, out);
	return rc;
}

const struct target target_cuda = {
	.name = "cuda",
	.kind = TARGET_CUDA,
	.source = cuda_source,
	.source_name = "model.cu",
	.runtime = runtime,
	.makefile = "cuda.mk",
	.align = 256,
};
