/*---
kernel: collatz
form: own::Collatz
types: {A0: i32, Y0: i32}
shapes: {A0: [N], Y0: [N]}
params: {start: A0, steps: Y0, n: N, limit: 200}
grid: ["cdiv(N, 32)"]
threads: 32
reads: {A0: "[32*x..32*(x+1)]"}
writes: {Y0: "[32*x..32*(x+1)]"}
wins: true
---*/
#define BAIL_IF(condition, value) \
    do { if (condition) { steps[i] = (value); return; } } while (0)

// Threads leave at different times, out of loops and through a macro.
__global__ void collatz(const int *start, int *steps, int n, int limit)
{
    __shared__ int base;
    const int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (threadIdx.x == 0)
        base = 0;
    if (i >= n)
        return;
    __syncthreads();
    unsigned long long v = start[i];
    BAIL_IF(start[i] <= 0, -1);
    for (int k = base; ; k++) {
        if (v == 1) {
            steps[i] = k;
            return;
        }
        BAIL_IF(k >= limit, limit);
        v = v % 2 ? 3 * v + 1 : v / 2;
        __syncthreads();
    }
}
