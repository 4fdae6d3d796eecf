/*---
kernel: operators
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
struct acc {
	float v;
	__device__ acc(float a) : v(a) {}
	__device__ acc operator+(acc o) const { return acc(v + o.v); }
};
static __device__ acc operator*(acc a, acc b) { return acc(a.v * b.v); }

__global__ void
operators(const float *X, float *Y)
{
	acc s(X[0]), c[1] = {acc{2.0f}};

	if (threadIdx.x == 0)
		Y[0] = (s * c[0]).v;
}
