/*---
kernel: conv_3x3
form: Conv
types: {X: f32, W: f32, Y: f32}
attrs: {group: 1, strides: "[1, 1]", dilations: "[1, 1]", pads: "[1, 1, 1, 1]"}
shapes: {X: [N, C, H, V], W: [M, C, 3, 3], Y: [N, M, H, V]}
params: {in: X, weight: W, out: Y, channels: C, height: H, width: V}
template: {KH: 3, KW: 3}
grid: ["cdiv(V, 8) * cdiv(H, 8)", M, N]
threads: [8, 8]
flops: 2 * C * 9 * 64
reads: {X: "[z, 0..C, 0..H, 0..V]", W: "[y, 0..C, 0..3, 0..3]"}
writes: {Y: "[z, y, (x - x % cdiv(V, 8)) / cdiv(V, 8) * 8..((x - x % cdiv(V, 8)) / cdiv(V, 8) + 1) * 8, 8*(x % cdiv(V, 8))..8*(x % cdiv(V, 8)+1)]"}
wins: true
---*/
// A window of constant size, padded by zeros; images and channels are the
// grid's z and y.
template <int KH, int KW>
__global__ void conv_3x3(const float *__restrict__ in, const float *__restrict__ weight,
                         float *out, int channels, int height, int width)
{
    const int across = (width + blockDim.x - 1) / blockDim.x;
    const int ox = blockIdx.x % across * blockDim.x + threadIdx.x;
    const int oy = blockIdx.x / across * blockDim.y + threadIdx.y;
    const int m = blockIdx.y, n = blockIdx.z;
    float acc = 0.0f;

    if (ox >= width || oy >= height)
        return;
    for (int c = 0; c < channels; ++c) {
        #pragma unroll
        for (int ky = 0; ky < KH; ++ky)
            for (int kx = 0; kx < KW; ++kx) {
                const int iy = oy + ky - KH / 2, ix = ox + kx - KW / 2;
                if (iy < 0 || iy >= height || ix < 0 || ix >= width)
                    continue;
                acc += in[((n * channels + c) * height + iy) * width + ix] *
                       __ldg(&weight[((m * channels + c) * KH + ky) * KW + kx]);
            }
    }
    out[((n * gridDim.y + m) * height + oy) * width + ox] = acc;
}
