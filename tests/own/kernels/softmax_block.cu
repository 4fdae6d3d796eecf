/*---
kernel: softmax_block
form: Softmax
types: {X: f32, Y: f32}
attrs: {log: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
when: R > 64
params: {input: X, output: Y, cols: R}
grid: [O]
threads: BLOCK
shared: 4 * BLOCK
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0..R, 0]"}
wins: true
---*/
#define BLOCK 128

// A block a row, with trees in dynamic shared memory.
__global__ void softmax_block(const float *input, float *output, int cols)
{
    extern __shared__ float buffer[];
    const float *x = input + (size_t)blockIdx.x * cols;
    float *y = output + (size_t)blockIdx.x * cols;
    const int tid = threadIdx.x;
    float top = -INFINITY, sum = 0.0f;

    for (int i = tid; i < cols; i += BLOCK)
        top = fmaxf(top, x[i]);
    buffer[tid] = top;
    __syncthreads();
    for (int s = BLOCK / 2; s > 0; s >>= 1) {
        if (tid < s)
            buffer[tid] = fmaxf(buffer[tid], buffer[tid + s]);
        __syncthreads();
    }
    top = buffer[0];
    __syncthreads();
    for (int i = tid; i < cols; i += BLOCK) {
        const float e = expf(x[i] - top);
        y[i] = e;
        sum += e;
    }
    buffer[tid] = sum;
    __syncthreads();
    for (int s = BLOCK / 2; s > 0; s >>= 1) {
        if (tid < s)
            buffer[tid] += buffer[tid + s];
        __syncthreads();
    }
    sum = buffer[0];
    for (int i = tid; i < cols; i += BLOCK)
        y[i] /= sum;
}
