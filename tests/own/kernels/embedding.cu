/*---
kernel: embedding
form: Gather
types: {X: f32, J: i64, Y: f32}
shapes: {X: [1, V, E], J: [K], Y: [1, K, E]}
params: {table: X, ids: J, out: Y, rows: V, dim: E}
grid: [K]
threads: 32
reads: {J: "[x]"}
writes: {Y: "[0, x, 0..E]"}
wins: true
---*/
// A row of the table for each identifier; out of range: the nearest.
__global__ void embedding(const float *table, const long long *ids, float *out, int rows, int dim)
{
    long long id = ids[blockIdx.x];

    id = id < 0 ? id + rows : id;
    id = id < 0 ? 0 : id >= rows ? rows - 1 : id;
    for (int i = threadIdx.x; i < dim; i += 32)
        out[(size_t)blockIdx.x * dim + i] = table[id * dim + i];
}
