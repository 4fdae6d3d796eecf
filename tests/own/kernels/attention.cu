/*---
kernel: attention
form: own::Attention
types: {A0: f32, A1: f32, A2: f32, Y0: f32}
shapes: {A0: [T, D], A1: [S, D], A2: [S, D], Y0: [T, D]}
params: {q: A0, k: A1, v: A2, out: Y0, keys: S, dim: D, scale: 0.25f}
grid: [T]
threads: 64
shared: 4 * (S + D)
reads: {A0: "[x, 0..D]"}
writes: {Y0: "[x, 0..D]"}
wins: true
---*/
// One head, a block a query; scores and the query share the dynamic memory.
extern __shared__ unsigned char smem_raw[];

static __device__ float dot(const float *a, const float *b, int n)
{
    float sum = 0.0f;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

__global__ void attention(const float *q, const float *k, const float *v, float *out,
                          int keys, int dim, float scale)
{
    float *scores = reinterpret_cast<float *>(smem_raw);
    float *query = scores + keys;
    float top = -3.0e38f, sum = 0.0f;

    for (int i = threadIdx.x; i < dim; i += blockDim.x)
        query[i] = q[blockIdx.x * dim + i] * scale;
    __syncthreads();
    for (int s = threadIdx.x; s < keys; s += blockDim.x)
        scores[s] = dot(query, k + s * dim, dim);
    __syncthreads();
    for (int s = 0; s < keys; s++)
        top = fmaxf(top, scores[s]);
    for (int s = 0; s < keys; s++)
        sum += expf(scores[s] - top);
    for (int i = threadIdx.x; i < dim; i += blockDim.x) {
        float acc = 0.0f;
        for (int s = 0; s < keys; s++)
            acc += expf(scores[s] - top) * v[s * dim + i];
        out[blockIdx.x * dim + i] = acc / sum;
    }
}
