/*---
kernel: blur_1d
form: own::Blur
types: {A0: f32, Y0: f32}
shapes: {A0: [R, N], Y0: [R, N]}
params: {src: A0, dst: Y0, width: N}
grid: ["cdiv(N, 32)", R]
threads: 32
reads: {A0: "[y, 32*x-2..32*(x+1)+2]"}
writes: {Y0: "[y, 32*x..32*(x+1)]"}
wins: true
---*/
#define TAPS 5
#define HALF (TAPS / 2)

__constant__ float taps[TAPS] = {0.0625f, 0.25f, 0.375f, 0.25f, 0.0625f};

__device__ int global_x() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ int global_y() { return blockIdx.y; }

// A filter of constant size along the rows, its taps constants of the file.
__global__ void blur_1d(const float *src, float *dst, int width)
{
    const int x = global_x(), y = global_y();
    float sum = 0.0f;

    if (x >= width)
        return;
    for (int k = -HALF; k <= HALF; k++) {
        int at = x + k;
        if (at < 0) at = 0;
        if (at > width - 1) at = width - 1;
        sum += taps[k + HALF] * src[y * width + at];
    }
    dst[y * width + x] = sum;
}
