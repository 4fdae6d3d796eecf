/*---
kernel: apart
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {T: [64]}
when: "Y_elems % T == 0"
grid: ["Y_elems / T"]
threads: "T"
writes: {Y: "[T*x..T*(x+1)]"}
---*/
/* Wrong on purpose: some threads meet at a barrier that others never reach. */
extern "C" __global__ void
apart(Y_t *Y)
{
	if (threadIdx.x < 3)
		__syncthreads();
	STORE(Y, blockIdx.x * T + threadIdx.x, 0);
}
