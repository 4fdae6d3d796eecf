/*---
kernel: template_kernel
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: [16, 4]
params: {in: X, out: Y, scale: 0.5, n: 4 * ROWS}
template: {T: float, Op: twice}
---*/
/* Written for any type, operation and tile: the head says which. */
constexpr int ROWS = 4;

struct twice {
	__device__ float operator()(float v) const { return 2.0f * v; }
};

template <typename T, class Op, int TILE = 4 * ROWS>
__global__ void __launch_bounds__(64)
template_kernel(const T *__restrict__ in, T out[], T scale, const int n)
{
	__shared__ T tile[TILE][TILE + 1], last;
	const int i = threadIdx.y * blockDim.x + threadIdx.x;

	tile[threadIdx.y][threadIdx.x] = in[i];
	if (i == 0)
		last = in[n];
	__syncthreads();
	out[i] = Op()(tile[threadIdx.y][threadIdx.x] * scale) + last;
}
