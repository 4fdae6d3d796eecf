/*---
kernel: asm_macro
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#define LEAVE asm volatile("exit;")

__global__ void
asm_macro(const float *X, float *Y)
{
	Y[0] = X[0];
	LEAVE;
}
