/*---
kernel: scan_blelloch
form: Scan
types: {X: f32, Y: f32}
attrs: {op: sum, exclusive: 1, reverse: 0}
shapes: {X: [O, R, 1], Y: [O, R, 1]}
tune: {SIZE: [64, 128]}
when: R == SIZE
params: {g_odata: Y, g_idata: X}
template: {N: SIZE}
grid: [O]
threads: SIZE / 2
reads: {X: "[x, 0..R, 0]"}
writes: {Y: "[x, 0..R, 0]"}
wins: true
---*/
#define LOG_NUM_BANKS 5
#define CONFLICT_FREE_OFFSET(n) ((n) >> LOG_NUM_BANKS)

// Exclusive sums after Blelloch: up the tree, then down.
template <int N> __global__ void scan_blelloch(float *g_odata, const float *g_idata)
{
    __shared__ float temp[N + N / 32];
    const int thid = threadIdx.x, ai = thid, bi = thid + N / 2;
    const float *from = g_idata + blockIdx.x * N;
    float *to = g_odata + blockIdx.x * N;
    int offset = 1;

    temp[ai + CONFLICT_FREE_OFFSET(ai)] = from[ai];
    temp[bi + CONFLICT_FREE_OFFSET(bi)] = from[bi];
    for (int d = N >> 1; d > 0; d >>= 1) {
        __syncthreads();
        if (thid < d) {
            int i = offset * (2 * thid + 1) - 1, j = offset * (2 * thid + 2) - 1;
            i += CONFLICT_FREE_OFFSET(i);
            j += CONFLICT_FREE_OFFSET(j);
            temp[j] += temp[i];
        }
        offset *= 2;
    }
    if (thid == 0)
        temp[N - 1 + CONFLICT_FREE_OFFSET(N - 1)] = 0;
    for (int d = 1; d < N; d *= 2) {
        offset >>= 1;
        __syncthreads();
        if (thid < d) {
            int i = offset * (2 * thid + 1) - 1, j = offset * (2 * thid + 2) - 1;
            i += CONFLICT_FREE_OFFSET(i);
            j += CONFLICT_FREE_OFFSET(j);
            float t = temp[i];
            temp[i] = temp[j];
            temp[j] += t;
        }
    }
    __syncthreads();
    to[ai] = temp[ai + CONFLICT_FREE_OFFSET(ai)];
    to[bi] = temp[bi + CONFLICT_FREE_OFFSET(bi)];
}
