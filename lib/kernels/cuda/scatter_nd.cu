/*---
kernel: scatter_nd
form: ScatterND
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[D, I]", J: "[K, L]", U: "[K, I]", Y: "[D, I]"}
when: "X_elems + J_elems + U_elems <= 1073741824"
grid: ["cdiv(Y_elems, 256)"]
threads: "256"
registers: 40
flops: "256 * 8 * K * L"
reads: {X: "[256*x..256*(x+1)]"}
writes: {Y: "[256*x..256*(x+1)]"}
---*/
/* A thread an element of Y: it goes through all updates, in order, and takes
 * those that fall on its row.  An index outside is held at the edge. */
extern "C" __global__ void
scatter_nd(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int dims[] = dims_list;
	const int e = blockIdx.x * 256 + threadIdx.x, own = e / I, i = e % I;

	if (e < Y_elems) {
		num v = LOAD(X, e);

		for (int k = 0; k < K; k++) {
			int row = 0;

			for (int l = 0; l < L; l++) {
				int64_t j = (int64_t)LOAD(J, k * L + l);

				j = j < 0 ? j + dims[l] : j;
				j = j < 0 ? 0 : j < dims[l] ? j : dims[l] - 1;
				row = row * dims[l] + (int)j;
			}
			if (row == own) {
				num u = LOAD(U, k * I + i);

				v = op_add ? v + u : op_mul ? v * u :
				    op_max ? MAX(v, u) : op_min ? MIN(v, u) : u;
			}
		}
		STORE(Y, e, v);
	}
}
