/*---
kernel: asm_cut
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void
asm_cut(const float *X, float *Y)
{
	float a;

	asm volatile("ld.global.n" "c.f32 %0, [%1];" : "=f"(a) : "l"(X));
	Y[threadIdx.x] = a;
}
