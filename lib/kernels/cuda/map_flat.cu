/*---
kernel: map_flat
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {TILE: [256, 1024, 4096]}
when: "Y_elems <= 1073741824 && (TILE == 256 || TILE < 2 * Y_elems)"
grid: ["cdiv(Y_elems, TILE)"]
threads: "256"
registers: 40
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* Elementwise: all there is to compute is Y's map.  TILE elements in a row,
 * neighbouring threads on neighbouring elements. */
extern "C" __global__ void
map_flat(Y_t *Y)
{
	const int from = blockIdx.x * TILE + threadIdx.x;

#pragma unroll 4
	for (int i = 0; i < TILE; i += 256)
		if (from + i < Y_elems)
			STORE(Y, from + i, 0);
}
