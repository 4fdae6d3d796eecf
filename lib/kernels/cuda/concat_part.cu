/*---
kernel: concat_part
form: Concat
types: {X: T, Y: T}
shapes: {X: "[O, P]", Y: "[O, L]"}
tune: {TO: [1, 8, 64], TP: [256, 2048]}
when: "X_elems + Y_elems <= 1073741824 && (TO == 1 || TO < 2 * O) && (TP == 256 || (TP < 2 * P && TO == 1))"
grid: ["cdiv(P, TP)", "cdiv(O, TO)"]
threads: "256"
registers: 40
reads: {X: "[TO*y..TO*(y+1), TP*x..TP*(x+1)]"}
writes: {Y: "[TO*y..TO*(y+1), offset + TP*x..offset + min(TP*(x+1), P)]"}
---*/
/* One part of Y's columns: TO rows of TP elements, dealt out to the threads in
 * a row-major order of the tile as wide as it really is. */
extern "C" __global__ void
concat_part(const X_t *X, Y_t *Y)
{
	enum { WIDE = P < TP ? P : TP };
	const int o0 = blockIdx.y * TO, p0 = blockIdx.x * TP;

#pragma unroll 4
	for (int e = threadIdx.x; e < TO * WIDE; e += 256) {
		const int o = o0 + e / WIDE, c = p0 + e % WIDE;

		if (o < O && c < P)
			STORE(Y, o * L + offset + c, LOAD(X, o * P + c));
	}
}
