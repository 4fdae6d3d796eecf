/*---
kernel: stencil_1d
form: own::Stencil
types: {A0: f32, Y0: f32}
shapes: {A0: [N], Y0: [N]}
params: {in: A0, out: Y0, n: N}
grid: ["cdiv(N, BLOCK_SIZE)"]
threads: BLOCK_SIZE
reads: {A0: "[BLOCK_SIZE*x-RADIUS..BLOCK_SIZE*(x+1)+RADIUS]"}
writes: {Y0: "[BLOCK_SIZE*x..BLOCK_SIZE*(x+1)]"}
wins: true
---*/
#define RADIUS 3
#define BLOCK_SIZE 64

// Sums over a window, with a halo in shared memory; zeros beyond the ends.
__global__ void stencil_1d(const float *in, float *out, int n)
{
    __shared__ float temp[BLOCK_SIZE + 2 * RADIUS];
    int gindex = threadIdx.x + blockIdx.x * BLOCK_SIZE;
    int lindex = threadIdx.x + RADIUS;

    temp[lindex] = gindex < n ? in[gindex] : 0.0f;
    if (threadIdx.x < RADIUS) {
        int left = gindex - RADIUS, right = gindex + BLOCK_SIZE;
        temp[lindex - RADIUS] = left >= 0 ? in[left] : 0.0f;
        temp[lindex + BLOCK_SIZE] = right < n ? in[right] : 0.0f;
    }
    __syncthreads();
    if (gindex >= n)
        return;
    float result = 0;
    for (int offset = -RADIUS; offset <= RADIUS; offset++)
        result += temp[lindex + offset];
    out[gindex] = result;
}
