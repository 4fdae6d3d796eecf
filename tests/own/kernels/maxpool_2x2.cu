/*---
kernel: maxpool_2x2
form: Pool
types: {X: f32, Y: f32}
attrs: {mode: max, kernel: "[2, 2]", strides: "[2, 2]", pads: "[0, 0, 0, 0]", dilations: "[1, 1]"}
shapes: {X: [N, C, H, W], Y: [N, C, P, Q]}
when: H == 2 * P && W == 2 * Q
params: {x: X, y: Y, H: P, W: Q}
grid: [C, N]
threads: [8, 8]
reads: {X: "[y, x, 0..H, 0..W]"}
writes: {Y: "[y, x, 0..P, 0..Q]"}
wins: true
---*/
// A block a plane; H and W are those of what is written.
__global__ void maxpool_2x2(const float *x, float *y, int H, int W)
{
    const int plane = blockIdx.y * gridDim.x + blockIdx.x;
    const float2 *rows = reinterpret_cast<const float2 *>(x + plane * 4 * H * W);

    for (int i = threadIdx.y; i < H; i += blockDim.y)
        for (int j = threadIdx.x; j < W; j += blockDim.x) {
            const float2 a = rows[2 * i * W + j], b = rows[(2 * i + 1) * W + j];
            y[(plane * H + i) * W + j] = fmaxf(fmaxf(a.x, a.y), fmaxf(b.x, b.y));
        }
}
