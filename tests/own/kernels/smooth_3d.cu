/*---
kernel: smooth_3d
form: own::Smooth
types: {A0: f32, Y0: f32}
shapes: {A0: [D, H, W], Y0: [D, H, W]}
params: {in: A0, out: Y0, size: "W + 1000 * (H + 1000 * D)"}
grid: ["cdiv(W, 8)", "cdiv(H, 4)", "cdiv(D, 2)"]
threads: [8, 4, 2]
reads: {A0: "[2*z-1..2*(z+1)+1, 4*y-1..4*(y+1)+1, 8*x-1..8*(x+1)+1]"}
writes: {Y0: "[2*z..2*(z+1), 4*y..4*(y+1), 8*x..8*(x+1)]"}
wins: true
---*/
struct Volume {
    int w, h, d;
    __host__ __device__ explicit Volume(long long packed)
        : w(packed % 1000), h(packed / 1000 % 1000), d(packed / 1000000) {}
    __device__ bool has(int x, int y, int z) const
    {
        return x >= 0 && x < w && y >= 0 && y < h && z >= 0 && z < d;
    }
    __device__ int at(int x, int y, int z) const { return (z * h + y) * w + x; }
};

// The mean over what there is of a cube of 27, by blocks and a grid of three
// dimensions.
__global__ void smooth_3d(const float *in, float *out, long long size)
{
    const Volume v(size);
    const dim3 p(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y,
                 blockIdx.z * blockDim.z + threadIdx.z);
    float sum = 0.0f;
    int n = 0;

    if (!v.has(p.x, p.y, p.z))
        return;
    for (int dz = -1; dz <= 1; dz++)
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++)
                if (v.has((int)p.x + dx, (int)p.y + dy, (int)p.z + dz)) {
                    sum += in[v.at(p.x + dx, p.y + dy, p.z + dz)];
                    n++;
                }
    out[v.at(p.x, p.y, p.z)] = sum / n;
}
