/*---
kernel: each
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {TILE: [4, 64]}
grid: ["cdiv(Y_elems, TILE)"]
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* For tests of emit: TILE elements of a map. */
void
each(Y_t *Y)
{
	for (int i = (int)blockIdx.x * TILE; i < Y_elems &&
	     i < ((int)blockIdx.x + 1) * TILE; i++)
		STORE(Y, i, 0);
}
