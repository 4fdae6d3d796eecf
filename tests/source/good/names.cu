/*---
kernel: names
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
#ifndef INFINITY
#define INFINITY 1e38f
#endif

static constexpr int w0{64}, w1{1};
enum { LOW = 1 };
enum class side : unsigned { LEFT, RIGHT };

static __device__ float
x(float v)
{
	return v;
}

template <int N> static __device__ int
scale(int v)
{
	return v * N;
}

__global__ void
names(const float *X, float *Y)
{
	float s = 0;

	for (int i = 0; i < scale<w0>(LOW + (int)side::RIGHT); i++)
		s = fmaxf(s, x(X[threadIdx.x]));
	Y[threadIdx.x] = s == -INFINITY ? ::x(s) : s + w0 + w1;
}
