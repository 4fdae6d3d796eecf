/* What threads of an emulated rTask see of each other: barriers with votes,
 * shuffles, ballots, idle threads, shared memory.  Exit status 0 if all is as
 * CUDA has it; built by tests/cli/emulate.bats, for 32 and 64 threads in step. */
#include "emu_api.h"
#include "cuda.h"
#include "emu_headers.h"

static const unsigned FULL = 0xffffffffu;
static int bad;

#define CHECK(is_so) \
	do { \
		if (!(is_so)) { \
			fprintf(stderr, "thread %u: not so: %s\n", threadIdx.x, \
			        #is_so); \
			bad++; \
		} \
	} while (0)

static void
votes(uint32_t task, void *const *)
{
	const int t = (int)threadIdx.x, n = (int)blockDim.x;

	CHECK(task == 5 && n == 96);
	CHECK(__syncthreads_count(t % 3 == 0) == 32);
	CHECK(__syncthreads_or(t == 7) && !__syncthreads_or(0));
	CHECK(__syncthreads_and(1) && !__syncthreads_and(t != 7));
}

static void
shuffles(uint32_t, void *const *)
{
	const int t = (int)threadIdx.x, lane = t % warpSize, base = t - lane;
	double sum = 1.5;
	float x = (float)t;

	CHECK(__shfl_sync(FULL, x, 3) == (float)(base + 3));
	CHECK(__shfl_sync(FULL, t, 9, 8) == t / 8 * 8 + 1);
	CHECK(__shfl_up_sync(FULL, t, 1) == (lane == 0 ? t : t - 1));
	CHECK(__shfl_down_sync(FULL, t, 2, 16) == (t % 16 < 14 ? t + 2 : t));
	CHECK(__shfl_xor_sync(FULL, t, 5) == (t ^ 5));
	for (int d = 16; d > 0; d /= 2)
		sum += __shfl_xor_sync(FULL, sum, d);
	CHECK(sum == 48.0);
	CHECK(__ballot_sync(FULL, lane % 2) == 0xaaaaaaaau);
	CHECK(__any_sync(FULL, lane == 4) && !__any_sync(FULL, 0));
	CHECK(__all_sync(FULL, 1) && !__all_sync(FULL, lane != 4));
	CHECK(__match_any_sync(FULL, lane / 8) == 0xffu << lane / 8 * 8);
	/* bits are compared: a NaN is itself, and 0 is not -0 */
	CHECK(__match_any_sync(FULL, lane < 8 ? NAN : lane < 16 ? -0.0f : 0.0f) ==
	      (lane < 8 ? 0xffu : lane < 16 ? 0xff00u : 0xffff0000u));
	CHECK(__reduce_add_sync(FULL, lane) == 496);
	CHECK(__reduce_min_sync(FULL, lane) == 0);
	CHECK(__reduce_max_sync(FULL, lane) == 31);
	CHECK(__reduce_or_sync(FULL, 1u << lane) == FULL);
	CHECK(__reduce_and_sync(FULL, ~(1u << lane)) == 0);
	CHECK(__reduce_xor_sync(FULL, (unsigned)lane + 1) == 32);
	CHECK(__activemask() == 1u << lane);
	if (lane < 4)
		CHECK(__shfl_xor_sync(0xfu, t, 1) == (t ^ 1) &&
		      __reduce_add_sync(0xfu, lane) == 6);
	__syncwarp();
}

/* Warps are apart, also where two run in step: each goes its own way and has
 * a mask of its own; the last may be short. */
static void
apart(uint32_t, void *const *)
{
	const int t = (int)threadIdx.x, n = (int)blockDim.x, warp = t / 32;
	const int size = n - 32 * warp < 32 ? n - 32 * warp : 32;
	int sum = t;

	CHECK(warpSize == 32);
	CHECK(__shfl_sync(FULL, (double)t, 0) == 32 * warp);
	CHECK(__ballot_sync(FULL, t % 2) == (0xaaaaaaaau >> (32 - size)));
	CHECK(__all_sync(FULL, t / 32 == warp));
	CHECK(__any_sync(FULL, t == 40) == (warp == 1));
	CHECK(__match_any_sync(FULL, t / 4) == 0xfu << t % 32 / 4 * 4);
	CHECK(__reduce_max_sync(FULL, t) == 32 * warp + size - 1);
	for (int i = 0; i <= warp; i++)
		sum = __shfl_xor_sync(FULL, sum, 1) + 1;
	CHECK(sum == (warp % 2 ? t : t ^ 1) + warp + 1);
	if (warp == 1 && t % 32 < 8)
		CHECK(__ballot_sync(0xffu, t % 32 < 2) == 3u);
	else if (warp == 0)
		CHECK(__shfl_down_sync(FULL, t, 31) == (t == 0 ? 31 : t));
}

/* Threads leave at different times; the others' barriers still work. */
static void
leave(uint32_t, void *const *)
{
	const uint32_t t = threadIdx.x;
	uint32_t *v = (uint32_t *)tamp_shared;

	auto body = [&]() {
		for (uint32_t i = 0; i < 8; i++) {
			v[t] = i;
			tamp_sync_idle();
			if (t % 8 == i)
				return;
			CHECK(v[t / 8 * 8 + 7] == i);
			tamp_sync_idle();
		}
	};
	if (t < 64)
		body();
	tamp_idle();
}

enum { meets_0 = 1, meets_1 = 1, meets_2 = 1, meets_3 = 0, meets_4 = 1 };
static tamp_emu_inst *const inst_0 = votes, *const inst_1 = shuffles,
                     *const inst_2 = leave, *const inst_4 = apart;
static uint32_t calls;

static void
inst_3(uint32_t, void *const *)
{
	calls++;
}

static void
kernel(struct tamp_launch_args)
{
	const uint32_t task = 5;
	void *const *args = NULL;

	if (blockDim.x == 96)
		TAMP_CALL(0);
	TAMP_CALL(4);
	if (blockDim.x <= 64)
		TAMP_CALL(1);
	if (blockDim.x == 64 || blockDim.x == 96)
		TAMP_CALL(2);
	TAMP_CALL(3);
}

/* Every half is the nearest one to itself, and to what lies up to half way to
 * its neighbours; a tie goes to the even one. */
static void
halves(void)
{
	for (uint32_t h = 0; h < 0x7c00; h++) {
		const float x = __ushort_as_half((uint16_t)h);
		const float next = h + 1 < 0x7c00 ?
			(float)__ushort_as_half((uint16_t)(h + 1)) : 65536.0f;
		const float mid = (x + next) / 2;
		const uint32_t even = h % 2 ? h + 1 : h;

		bad += __half(x).bits != h || __half(-x).bits != (h | 0x8000);
		bad += __half(mid).bits != even;
		bad += __half(nextafterf(mid, 0.0f)).bits != h;
		bad += __half(nextafterf(mid, 1e9f)).bits != h + 1;
	}
	bad += __half(INFINITY).bits != 0x7c00 || !std::isnan((float)__half(NAN));
	bad += (float)__ushort_as_half(0x3c00) != 1.0f ||
	       (float)__ushort_as_half(1) != ldexpf(1.0f, -24) ||
	       (float)__ushort_as_half(0x7bff) != 65504.0f;
	bad += (float)(__half(1.0f) / __half(3.0f)) != 0.333251953125f;
}

int
main(void)
{
	struct tamp_launch_args a = {};

	halves();
	for (uint64_t seed = 0; seed < 8; seed++) {
		tamp_emu_seed(seed);
		tamp_emu_launch(kernel, &a, 3, 96, 96 * sizeof(uint32_t));
		tamp_emu_launch(kernel, &a, 1, 64, 64 * sizeof(uint32_t));
		tamp_emu_launch(kernel, &a, 2, 32, 0);
		tamp_emu_launch(kernel, &a, 1, 80, 0);
	}
	if (calls != 8 * (3 * 96 + 64 + 64 + 80))
		bad++;
	return bad != 0;
}
