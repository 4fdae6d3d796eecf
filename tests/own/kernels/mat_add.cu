/*---
kernel: mat_add
form: own::MatAdd
types: {A0: f32, A1: f32, Y0: f32}
shapes: {A0: [H, W], A1: [H, W], Y0: [H, W]}
params: {a: A0, b: A1, c: Y0, rows: H, cols: W}
grid: ["cdiv(W, 16)", "cdiv(H, 8)"]
threads: [16, 8]
reads: {A0: "[8*y..8*(y+1), 16*x..16*(x+1)]", A1: "[8*y..8*(y+1), 16*x..16*(x+1)]"}
writes: {Y0: "[8*y..8*(y+1), 16*x..16*(x+1)]"}
wins: true
---*/
#define AT(r, c, cols) ((r) * (cols) + (c))

// A matrix sum with blocks of 16 by 8 threads.
__global__ void mat_add(const float *__restrict__ a, const float *__restrict__ b,
                        float *__restrict__ c, int rows, int cols)
{
    const int col = blockIdx.x * blockDim.x + threadIdx.x;
    const int row = blockIdx.y * blockDim.y + threadIdx.y;

    if (row < rows && col < cols)
        c[AT(row, col, cols)] = a[AT(row, col, cols)] + b[AT(row, col, cols)];
}
