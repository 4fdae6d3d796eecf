/*---
kernel: complex_mul
form: own::ComplexMul
types: {A0: f32, A1: f32, Y0: f32}
shapes: {A0: [N, 2], A1: [N, 2], Y0: [N, 2]}
params: {a: A0, b: A1, c: Y0, n: N}
grid: ["cdiv(N, 64)"]
threads: 64
reads: {A0: "[64*x..64*(x+1), 0..2]", A1: "[64*x..64*(x+1), 0..2]"}
writes: {Y0: "[64*x..64*(x+1), 0..2]"}
wins: true
---*/
typedef float2 Complex;

static __device__ __host__ inline Complex ComplexMul(Complex a, Complex b)
{
    Complex c;
    c.x = a.x * b.x - a.y * b.y;
    c.y = a.x * b.y + a.y * b.x;
    return c;
}

// Pairs of numbers as vectors of two.
__global__ void complex_mul(const Complex *a, const Complex *b, Complex *c, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        c[i] = ComplexMul(a[i], b[i]);
}
