/*---
kernel: heat_2d
form: own::Heat
types: {A0: f32, Y0: f32}
attrs: {rate: any}
shapes: {A0: [H, W], Y0: [H, W]}
params: {u: A0, v: Y0, h: H, w: W, r: rate}
template: {BX: 16, BY: 4}
grid: ["cdiv(W, 16)", "cdiv(H, 4)"]
threads: [16, 4]
reads: {A0: "[4*y-1..4*(y+1)+1, 16*x-1..16*(x+1)+1]"}
writes: {Y0: "[4*y..4*(y+1), 16*x..16*(x+1)]"}
wins: true
---*/
// A step of diffusion: five points, edges held, a tile with a halo of one.
template <int BX, int BY = BX>
__global__ void heat_2d(const float *u, float *v, int h, int w, float r)
{
    __shared__ float s[BY + 2][BX + 2];
    const int x = blockIdx.x * BX + threadIdx.x, y = blockIdx.y * BY + threadIdx.y;
    const int lx = threadIdx.x + 1, ly = threadIdx.y + 1;
    auto at = [&](int yy, int xx) {
        yy = min(max(yy, 0), h - 1);
        xx = min(max(xx, 0), w - 1);
        return u[yy * w + xx];
    };

    s[ly][lx] = at(y, x);
    if (threadIdx.x == 0) s[ly][0] = at(y, x - 1);
    if (threadIdx.x == BX - 1) s[ly][BX + 1] = at(y, x + 1);
    if (threadIdx.y == 0) s[0][lx] = at(y - 1, x);
    if (threadIdx.y == BY - 1) s[BY + 1][lx] = at(y + 1, x);
    __syncthreads();
    if (x < w && y < h)
        v[y * w + x] = s[ly][lx] + r * (s[ly][lx - 1] + s[ly][lx + 1] + s[ly - 1][lx] +
                                        s[ly + 1][lx] - 4.0f * s[ly][lx]);
}
