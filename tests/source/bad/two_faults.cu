/*---
kernel: two_faults
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void
two_faults(const float *X, float *Y)
{
	static int n;
	asm volatile("bar.sync 0;");
	n++;
}
