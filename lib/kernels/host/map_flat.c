/*---
kernel: map_flat
form: Map
types: {Y: any}
shapes: {Y: "[*D]"}
tune: {TILE: [1024, 4096, 16384, 65536]}
when: "TILE == 1024 || TILE < 2 * Y_elems"
grid: ["cdiv(Y_elems, TILE)"]
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* Elementwise: all there is to compute is Y's map.  TILE elements in a row. */
void
map_flat(Y_t *Y)
{
	const int64_t from = (int64_t)blockIdx.x * TILE;
	const int n = Y_elems - from < TILE ? (int)(Y_elems - from) : TILE;

	for (int i = 0; i < n; i++)
		STORE(Y, from + i, 0);
}
