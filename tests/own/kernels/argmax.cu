/*---
kernel: argmax
form: ArgReduce
types: {X: f32, Y: i64}
attrs: {op: max, last: 0}
shapes: {X: [O, R, 1], Y: [O, 1]}
params: {x: X, y: Y, n: R}
grid: [O]
threads: 64
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0]"}
wins: true
---*/
#include <float.h>

typedef struct {
    float value;
    int index;
} Pair;

struct Best {
    float value;
    int index;

    __device__ Best(float v, int i) : value(v), index(i) {}
    __device__ bool beats(const Best &o) const
    {
        return value > o.value || (value == o.value && index < o.index);
    }
};

__device__ void keep(Pair &p, const Best &b)
{
    p.value = b.value;
    p.index = b.index;
}

// Values and their places in shared memory, as structs; of equal ones the first.
__global__ void argmax(const float *x, long *y, int n)
{
    __shared__ Pair best[64];
    Best mine(-FLT_MAX, n);

    for (int i = threadIdx.x; i < n; i += 64) {
        Best b(x[blockIdx.x * n + i], i);
        if (b.beats(mine))
            mine = b;
    }
    keep(best[threadIdx.x], mine);
    for (int s = 32; s > 0; s >>= 1) {
        __syncthreads();
        if (threadIdx.x >= s)
            continue;
        Best other(best[threadIdx.x + s].value, best[threadIdx.x + s].index);
        if (other.beats(mine))
            mine = other;
        keep(best[threadIdx.x], mine);
    }
    if (threadIdx.x == 0)
        y[blockIdx.x] = mine.index;
}
