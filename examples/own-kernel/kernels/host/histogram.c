/*---
kernel: histogram
form: example::Histogram
types: {A0: i64, Y0: i32}
shapes: {A0: [N], Y0: [BINS]}
params: {values: A0, counts: Y0, n: N, bins: BINS}
grid: [1]
---*/
void histogram(const int64_t *values, int *counts, int n, int bins)
{
	for (int b = 0; b < bins; b++)
		counts[b] = 0;
	for (int i = 0; i < n; i++)
		if (values[i] >= 0 && values[i] < bins)
			counts[values[i]]++;
}
