/*---
kernel: copy_swap
form: Copy
types: {X: T, Y: T}
shapes: {X: "[E]", Y: "[P, Q, S]"}
tune: {TQ: [16, 64, 256]}
when: "src_1 == 1 && src_2 > 1 && (TQ == 16 || TQ < 2 * Q)"
grid: ["cdiv(Q, TQ)", P]
reads: {X: "[offset + src_0*y + TQ*x..offset + src_0*y + min(TQ*(x+1), Q) + src_2*(S-1)]"}
writes: {Y: "[y, TQ*x..TQ*(x+1), 0..S]"}
---*/
/* Two dimensions change places, as between row-major and blocked layouts:
 * blocks of 16 by 16 elements, so that both sides move along cache lines. */
void
copy_swap(const X_t *X, Y_t *Y)
{
	const int64_t from = offset + (int64_t)blockIdx.y * src_0;
	const int64_t to = (int64_t)blockIdx.y * Q * S;
	const int q0 = blockIdx.x * TQ, q1 = Q - q0 < TQ ? Q : q0 + TQ;

	for (int qb = q0; qb < q1; qb += 16) {
		const int qe = q1 - qb < 16 ? q1 : qb + 16;

		for (int sb = 0; sb < S; sb += 16) {
			const int se = S - sb < 16 ? S : sb + 16;

			for (int q = qb; q < qe; q++)
				for (int s = sb; s < se; s++)
					STORE(Y, to + (int64_t)q * S + s,
					      LOAD(X, from + q + (int64_t)s * src_2));
		}
	}
}
