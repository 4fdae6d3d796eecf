/*---
kernel: concat_part
form: Concat
types: {X: T, Y: T}
shapes: {X: "[O, P]", Y: "[O, L]"}
tune: {TO: [1, 16, 256], TP: [1024, 16384]}
when: "(TO == 1 || TO < 2 * O) && (TP == 1024 || (TP < 2 * P && TO == 1))"
grid: ["cdiv(P, TP)", "cdiv(O, TO)"]
reads: {X: "[TO*y..TO*(y+1), TP*x..TP*(x+1)]"}
writes: {Y: "[TO*y..TO*(y+1), offset + TP*x..offset + min(TP*(x+1), P)]"}
---*/
/* One part of Y's columns. */
void
concat_part(const X_t *X, Y_t *Y)
{
	const int64_t p0 = (int64_t)blockIdx.x * TP, o0 = (int64_t)blockIdx.y * TO;
	const int64_t p1 = P - p0 < TP ? P : p0 + TP;
	const int64_t o1 = O - o0 < TO ? O : o0 + TO;

	for (int64_t o = o0; o < o1; o++)
		for (int64_t c = p0; c < p1; c++)
			STORE(Y, o * L + offset + c, LOAD(X, o * P + c));
}
