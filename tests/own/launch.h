/* An ordinary launch of an ordinary kernel file, under emulation: a grid of
 * blocks, one after another in an order drawn from a seed.  Included before the
 * kernel; tests/own/own.py writes the main below it.
 *
 *	PROGRAM SEED INPUT ... OUTPUT	files of raw elements */
#include "emu_api.h"

#include "emu.h"
#include "emu_headers.h"

#include <functional>
#include <vector>

static uint3 plain_block;
static dim3 plain_dim, plain_grid;
static std::function<void()> plain_kernel;

static inline uint3
plain_thread(void)
{
	const unsigned t = tamp_emu.thread.x;

	return {t % plain_dim.x, t / plain_dim.x % plain_dim.y,
	        t / (plain_dim.x * plain_dim.y)};
}

#undef threadIdx
#undef blockIdx
#undef blockDim
#undef gridDim
#define threadIdx plain_thread()
#define blockIdx plain_block
#define blockDim plain_dim
#define gridDim plain_grid
/* All threads of a block are fibers of one thread. */
#define __shared__ thread_local
/* Threads that have ended count at barriers, as on a GPU. */
#define __syncthreads() ((void)tamp_sync_or(1))

static void
plain_instance(uint32_t, void *const *)
{
	plain_kernel();
	while (tamp_sync_or(0))
		;
}

static std::vector<uint32_t> plain_order;

static void
plain_blocks(struct tamp_launch_args)
{
	for (uint32_t n : plain_order) {
		plain_block = {n % plain_grid.x, n / plain_grid.x % plain_grid.y,
		               n / (plain_grid.x * plain_grid.y)};
		tamp_emu_call(plain_instance, true, n, NULL);
	}
}

static void
plain_launch(dim3 grid, dim3 block, uint64_t seed, std::function<void()> kernel)
{
	const uint32_t n = grid.x * grid.y * grid.z;
	struct tamp_launch_args args = {};

	plain_grid = grid;
	plain_dim = block;
	plain_kernel = kernel;
	for (uint32_t i = 0; i < n; i++)
		plain_order.push_back(i);
	for (uint32_t i = n; i > 1; i--) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		std::swap(plain_order[i - 1], plain_order[(seed >> 33) % i]);
	}
	tamp_emu_seed(seed);
	if (!tamp_emu_launch(plain_blocks, &args, 1,
	                     block.x * block.y * block.z, 0))
		exit(1);
}

static void *
plain_read(const char *file, size_t bytes)
{
	void *p = aligned_alloc(256, (bytes + 255) / 256 * 256 + 256);
	FILE *f = fopen(file, "rb");

	if (!p || !f || fread(p, 1, bytes, f) != bytes)
		exit(2);
	fclose(f);
	return p;
}

/* Filled with what no result is. */
static void *
plain_room(size_t bytes)
{
	void *p = aligned_alloc(256, (bytes + 255) / 256 * 256 + 256);

	return p ? memset(p, 0xa5, bytes) : p;
}

static void
plain_write(const char *file, const void *p, size_t bytes)
{
	FILE *f = fopen(file, "wb");

	if (!f || fwrite(p, 1, bytes, f) != bytes || fclose(f) != 0)
		exit(2);
}
