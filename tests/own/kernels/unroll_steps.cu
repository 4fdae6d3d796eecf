/*---
kernel: unroll_steps
form: own::Polynomial
types: {A0: f64, Y0: f64}
shapes: {A0: [N], Y0: [N]}
params: {x: A0, y: Y0, n: N}
template: {STEPS: 4}
grid: ["cdiv(N, 64)"]
threads: 64
reads: {A0: "[64*x..64*(x+1)]"}
writes: {Y0: "[64*x..64*(x+1)]"}
wins: true
---*/
#ifndef COEFFICIENTS
#define COEFFICIENTS {1.0, -0.5, 0.25, -0.125, 0.0625}
#endif
__device__ constexpr double coefficients[] = COEFFICIENTS;

template <int N> struct Horner {
    static __device__ double run(double acc, double x)
    {
        return Horner<N - 1>::run(acc * x + coefficients[N - 1], x);
    }
};
template <> struct Horner<0> {
    static __device__ double run(double acc, double) { return acc; }
};

// A loop that templates unroll; double precision.
template <int STEPS> __global__ void unroll_steps(const double *x, double *y, const int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = Horner<STEPS>::run(coefficients[STEPS], x[i]);
}
