/*---
kernel: row_softmax
form: Softmax
types: {X: f32, Y: f32}
attrs: {log: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
params: {x: X, y: Y, cols: R}
grid: [O]
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0..R, 0]"}
wins: true
---*/
void row_softmax(const float *x, float *y, int cols)
{
	const float *row = x + blockIdx.x * cols;
	float top = row[0], sum = 0;

	for (int c = 1; c < cols; c++)
		top = fmaxf(top, row[c]);
	for (int c = 0; c < cols; c++)
		sum += expf(row[c] - top);
	for (int c = 0; c < cols; c++)
		y[blockIdx.x * cols + c] = expf(row[c] - top) / sum;
}
