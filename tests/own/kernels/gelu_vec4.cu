/*---
kernel: gelu_vec4
form: own::Gelu
types: {A0: f32, Y0: f32}
shapes: {A0: ["*D"], Y0: ["*D"]}
when: Y0_elems % 4 == 0
params: {in: A0, out: Y0, n4: Y0_elems / 4}
grid: ["cdiv(Y0_elems, 4 * 64)"]
threads: 64
reads: {A0: "[256*x..256*(x+1)]"}
writes: {Y0: "[256*x..256*(x+1)]"}
wins: true
---*/
#include <cuda_runtime.h>
#include <math.h>

#define GELU_SCALE 0.7978845608f /* sqrt(2 / pi) */

__device__ __forceinline__ float gelu(float x)
{
    return 0.5f * x * (1.0f + tanhf(GELU_SCALE * (x + 0.044715f * x * x * x)));
}

__device__ inline float4 gelu(float4 v)
{
    return make_float4(gelu(v.x), gelu(v.y), gelu(v.z), gelu(v.w));
}

// Four elements a thread, by vector loads and stores.
__global__ void __launch_bounds__(64)
gelu_vec4(const float *in, float *out, int n4)
{
    int i = threadIdx.x + blockIdx.x * blockDim.x;

    if (i < n4) {
        float4 v = reinterpret_cast<const float4 *>(in)[i];
        ((float4 *)out)[i] = gelu(v);
    }
}
