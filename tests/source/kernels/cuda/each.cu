/*---
kernel: each
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {T: [4, 64]}
when: "Y_elems % T == 0"
grid: ["Y_elems / T"]
threads: "T"
writes: {Y: "[T*x..T*(x+1)]"}
---*/
extern "C" __global__ void
each(Y_t *Y)
{
	STORE(Y, blockIdx.x * T + threadIdx.x, 0);
}
