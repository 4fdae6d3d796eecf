/*---
kernel: grid_sync
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
grid_sync(const float *X, float *Y)
{
	// cooperative_groups in a comment is nobody's business
	Y[threadIdx.x] = X[threadIdx.x];
	cooperative_groups::this_grid().sync();
}
