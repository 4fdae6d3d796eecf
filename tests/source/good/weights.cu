/*---
kernel: weights
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* X is a weight here, Y is not: only X may go through the read-only path. */
__global__ void
weights(const float *__restrict__ X, float *__restrict__ Y)
{
	float y;

	asm volatile("ld.global.nc.f32 %0, [%1];" : "=f"(y) : "l"(Y));
	Y[0] = __ldg(&X[threadIdx.x]) + __ldg(&Y[X[0] > 0.0f]) + y;
}
