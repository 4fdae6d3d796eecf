/*---
kernel: copy_flat
form: Copy
types: {X: T, Y: T}
shapes: {X: "[E]", Y: "[*D]"}
tune: {TILE: [256, 1024, 4096]}
when: "X_elems <= 1073741824 && Y_elems <= 1073741824 && (TILE == 256 || TILE < 2 * Y_elems)"
grid: ["cdiv(Y_elems, TILE)"]
threads: "256"
registers: 40
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* A strided copy, TILE elements of Y in a row. */
extern "C" __global__ void
copy_flat(const X_t *X, Y_t *Y)
{
	const int dims[D_rank] = D_list, step[D_rank] = src_list;

	for (int j = threadIdx.x; j < TILE; j += 256) {
		const int i = blockIdx.x * TILE + j;
		int rest = i, from = offset;

#pragma unroll
		for (int d = D_rank - 1; d > 0; d--) {
			from += rest % dims[d] * step[d];
			rest /= dims[d];
		}
		from += rest * step[0];
		if (i < Y_elems)
			STORE(Y, i, LOAD(X, from));
	}
}
