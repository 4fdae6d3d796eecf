/*---
kernel: beyond
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {T: [64]}
when: "Y_elems % T == 0"
grid: ["Y_elems / T"]
threads: "T"
writes: {Y: "[T*x..T*(x+1)]"}
---*/
/* Wrong on purpose: the last thread writes behind the end. */
extern "C" __global__ void
beyond(Y_t *Y)
{
	const int i = blockIdx.x * T + threadIdx.x;

	STORE(Y, i + (i == Y_elems - 1), 0);
}
