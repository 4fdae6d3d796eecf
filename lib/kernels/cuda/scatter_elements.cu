/*---
kernel: scatter_elements
form: ScatterElements
types: {X: T, J: any, U: T, Y: T}
attrs: {op: "none | add | mul | max | min"}
shapes: {X: "[*S]", J: "[*D]", U: "[*D]", Y: "[*S]"}
when: "X_elems + J_elems <= 1073741824"
grid: ["cdiv(Y_elems, 256)"]
threads: "256"
registers: 40
writes: {Y: "[256*x..256*(x+1)]"}
---*/
/* A thread an element of Y: it goes through the updates of its line along the
 * axis, in order, and takes those that fall on it.  An index outside is held
 * at the edge. */
extern "C" __global__ void
scatter_elements(const X_t *X, const J_t *J, const U_t *U, Y_t *Y)
{
	typedef __typeof__(LOAD(X, 0) + 0) num;
	const int size[] = S_list, dims[] = D_list;
	const int i = blockIdx.x * 256 + threadIdx.x;
	int rest = i, from = 0, step = 1, along = 1, own = 0;
	bool inside = true;

#pragma unroll
	for (int d = S_rank - 1; d >= 0; d--) {
		const int c = rest % size[d];

		if (d == axis) {
			along = step;
			own = c;
		} else {
			inside = inside && c < dims[d];
			from += c * step;
		}
		rest /= size[d];
		step *= dims[d];
	}
	if (i < Y_elems) {
		num v = LOAD(X, i);

		for (int k = 0; inside && k < dims[axis]; k++) {
			int64_t j = (int64_t)LOAD(J, from + k * along);

			j = j < 0 ? j + size[axis] : j;
			j = j < 0 ? 0 : j < size[axis] ? j : size[axis] - 1;
			if (j == own) {
				num u = LOAD(U, from + k * along);

				v = op_add ? v + u : op_mul ? v * u :
				    op_max ? MAX(v, u) : op_min ? MIN(v, u) : u;
			}
		}
		STORE(Y, i, v);
	}
}
