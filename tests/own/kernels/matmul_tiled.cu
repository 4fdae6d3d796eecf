/*---
kernel: matmul_tiled
form: MatMul
types: {A: f32, B: f32, Y: f32}
attrs: {trans_a: 0, trans_b: 0}
shapes: {A: [1, M, K], B: [1, K, N], Y: [1, M, N]}
tune: {SIZE: [8, 16]}
params: {C: Y, m: M, k: K, n: N}
template: {T: float, TILE: SIZE}
grid: ["cdiv(N, SIZE)", "cdiv(M, SIZE)"]
threads: [SIZE, SIZE]
flops: 2 * K * SIZE * SIZE
reads: {A: "[0, SIZE*y..SIZE*(y+1), 0..K]", B: "[0, 0..K, SIZE*x..SIZE*(x+1)]"}
writes: {Y: "[0, SIZE*y..SIZE*(y+1), SIZE*x..SIZE*(x+1)]"}
wins: true
---*/
// C = A B by square tiles in shared memory; the tile's size is the template's.
template <typename T, int TILE>
__global__ void matmul_tiled(const T *A, const T *B, T *C, int m, int k, int n)
{
    __shared__ T as[TILE][TILE];
    __shared__ T bs[TILE][TILE];

    const int tx = threadIdx.x, ty = threadIdx.y;
    const int row = blockIdx.y * TILE + ty, col = blockIdx.x * TILE + tx;
    T acc = T(0);

    for (int t = 0; t < (k + TILE - 1) / TILE; ++t) {
        as[ty][tx] = row < m && t * TILE + tx < k ? A[row * k + t * TILE + tx] : T(0);
        bs[ty][tx] = col < n && t * TILE + ty < k ? B[(t * TILE + ty) * n + col] : T(0);
        __syncthreads();
#pragma unroll
        for (int i = 0; i < TILE; ++i)
            acc += as[ty][i] * bs[i][tx];
        __syncthreads();
    }
    if (row < m && col < n)
        C[row * n + col] = acc;
}
