/*---
kernel: gemv
form: own::Gemv
types: {A0: f32, A1: f32, Y0: f32}
shapes: {A0: [M, N], A1: [N], Y0: [M]}
params: {A: A0, x: A1, y: Y0, rows: M, cols: N}
grid: ["cdiv(M, 4)"]
threads: [32, 4]
reads: {A0: "[4*x..4*(x+1), 0..N]"}
writes: {Y0: "[4*x..4*(x+1)]"}
wins: true
---*/
// A warp a row of the matrix; the block is 32 by 4.
__global__ void gemv(const float *A, const float *x, float *y, int rows, int cols)
{
    const int row = blockIdx.x * blockDim.y + threadIdx.y;
    float sum = 0.f;

    if (row < rows)
        for (int c = threadIdx.x; c < cols; c += warpSize)
            sum += __ldg(A + row * cols + c) * __ldg(x + c);
    __syncwarp();
    for (int d = 16; d >= 1; d /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, d, 32);
    if (threadIdx.x == 0 && row < rows)
        y[row] = sum;
}
