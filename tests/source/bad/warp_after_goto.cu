/*---
kernel: warp_after_goto
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
warp_after_goto(const float *X, float *Y)
{
	float x = X[threadIdx.x];

	if (threadIdx.x > 3)
		goto out;
	x += __shfl_xor_sync(0xffffffffu, x, 1);
	Y[threadIdx.x] = x;
out:
	;
}
