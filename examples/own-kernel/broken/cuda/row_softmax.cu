/*---
kernel: row_softmax
form: Softmax
types: {X: f32, Y: f32}
attrs: {log: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
params: {x: X, y: Y, rows: O, cols: R}
grid: ["cdiv(O, 32)"]
threads: 32
writes: {Y: "[32*x..32*(x+1), 0..R, 0]"}
wins: true
---*/
/* With a mistake: what is counted here would go on from rTask to rTask. */
__global__ void row_softmax(const float *x, float *y, int rows, int cols)
{
	static __device__ int rows_done;
	const int row = blockIdx.x * blockDim.x + threadIdx.x;
	float top = -INFINITY, sum = 0;

	if (row >= rows)
		return;
	for (int c = 0; c < cols; c++)
		top = fmaxf(top, x[row * cols + c]);
	for (int c = 0; c < cols; c++)
		sum += expf(x[row * cols + c] - top);
	for (int c = 0; c < cols; c++)
		y[row * cols + c] = expf(x[row * cols + c] - top) / sum;
	atomicAdd(&rows_done, 1);
}
