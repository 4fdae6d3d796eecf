/*---
kernel: gather_rows
form: Gather
types: {X: T, J: any, Y: T}
shapes: {X: "[O, A, I]", J: "[K]", Y: "[O, K, I]"}
tune: {TK: [1, 16, 256]}
when: "X_elems + Y_elems <= 1073741824 && (TK == 1 || (TK < 2 * K && TK * I <= 16384))"
grid: ["cdiv(K, TK)", O]
threads: "256"
registers: 40
reads: {X: "[y, 0..A, 0..I]", J: "[TK*x..TK*(x+1)]"}
writes: {Y: "[y, TK*x..TK*(x+1), 0..I]"}
---*/
/* TK rows of I elements, dealt out to the threads in order.  A negative index
 * counts from the end; one outside is held at the edge. */
extern "C" __global__ void
gather_rows(const X_t *X, const J_t *J, Y_t *Y)
{
	const int o = blockIdx.y;

	for (int e = threadIdx.x; e < TK * I; e += 256) {
		const int k = blockIdx.x * TK + e / I, i = e % I;

		if (k < K) {
			int64_t j = (int64_t)LOAD(J, k);

			j = j < 0 ? j + A : j;
			j = j < 0 ? 0 : j < A ? j : A - 1;
			STORE(Y, (o * K + k) * I + i,
			      LOAD(X, (o * A + (int)j) * I + i));
		}
	}
}
