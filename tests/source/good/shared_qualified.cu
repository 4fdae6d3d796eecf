/*---
kernel: shared_qualified
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* Qualifiers and alignment stay, wherever they stand. */
__global__ void
shared_qualified(const float *X, float *Y)
{
	volatile __shared__ float part[128];
	static __shared__ int count[2];
	__align__(64) __shared__ float tile[4];
	float __shared__ last;
	extern volatile __shared__ __align__(128) float rest[];

	part[threadIdx.x] = X[threadIdx.x];
	count[0] = 1;
	tile[0] = last = 2.0f;
	rest[0] = 3.0f;
	__syncthreads();
	Y[threadIdx.x] = part[0] + count[0] + tile[0] + rest[0] + last;
}
