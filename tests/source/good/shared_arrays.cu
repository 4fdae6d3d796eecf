/*---
kernel: shared_arrays
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
shared_arrays(const float *X, float *Y)
{
	__shared__ __align__(16) float tile[4][4 + 1];
	__shared__ int count[2];
	extern __shared__ float4 rest[];

	tile[0][threadIdx.x] = X[threadIdx.x];
	count[0] = sizeof(tile);
	rest[0].x = tile[0][0];
	__syncthreads();
	Y[threadIdx.x] = tile[0][0] + rest[0].x + count[0];
}
