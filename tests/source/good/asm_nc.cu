/*---
kernel: asm_nc
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* Loads that may miss what another rTask has stored become plain ones. */
__global__ void
asm_nc(const float *X, float *Y)
{
	float a, b, c;

	asm volatile("ld.global.cg.nc.f32 %0, [%1];" : "=f"(a) : "l"(X));
	asm volatile("ld.global.ca"
	             ".nc.f32 %0, [%1];\n\t" : "=f"(b) : "l"(X + 1));
	asm volatile("ld.global.nc.L1::no_allocate.f32 %0, [%1];"
	             : "=f"(c) : "l"(X + 2));
	Y[threadIdx.x] = a + b + c;
}
