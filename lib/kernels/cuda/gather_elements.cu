/*---
kernel: gather_elements
form: GatherElements
types: {X: T, J: any, Y: T}
shapes: {X: "[*S]", J: "[*D]", Y: "[*D]"}
tune: {TILE: [256, 2048]}
when: "X_elems + Y_elems <= 1073741824 && (TILE == 256 || TILE < 2 * Y_elems)"
grid: ["cdiv(Y_elems, TILE)"]
threads: "256"
registers: 40
reads: {J: "[TILE*x..TILE*(x+1)]"}
writes: {Y: "[TILE*x..TILE*(x+1)]"}
---*/
/* Y[i] = X[i with J[i] along the axis]; an index outside is held at the edge. */
extern "C" __global__ void
gather_elements(const X_t *X, const J_t *J, Y_t *Y)
{
	const int dims[] = D_list, size[] = S_list;

	for (int t = threadIdx.x; t < TILE; t += 256) {
		const int i = blockIdx.x * TILE + t;
		int rest = i, from = 0, step = 1;

		if (i < Y_elems) {
#pragma unroll
			for (int d = D_rank - 1; d >= 0; d--) {
				int64_t c = rest % dims[d];

				if (d == axis) {
					c = (int64_t)LOAD(J, i);
					c = c < 0 ? c + size[d] : c;
					c = c < 0 ? 0 : c < size[d] ? c : size[d] - 1;
				}
				from += (int)c * step;
				step *= size[d];
				rest /= dims[d];
			}
			STORE(Y, i, LOAD(X, from));
		}
	}
}
