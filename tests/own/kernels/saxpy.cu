/*---
kernel: saxpy
form: own::Saxpy
types: {A0: f32, A1: f32, Y0: f32}
attrs: {alpha: any}
shapes: {A0: [N], A1: [N], Y0: [N]}
params: {n: N, a: alpha, x: A0, y: A1, z: Y0}
grid: ["cdiv(N, 128)"]
threads: 128
reads: {A0: "[128*x..128*(x+1)]", A1: "[128*x..128*(x+1)]"}
writes: {Y0: "[128*x..128*(x+1)]"}
wins: true
---*/
// z = a x + y, a thread an element.
__global__ void saxpy(int n, float a, const float *x, const float *y, float *z)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    z[i] = a * x[i] + y[i];
}
