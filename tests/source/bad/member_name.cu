/*---
kernel: member_name
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
struct pair { float x, y; };
static __device__ float x(float v) { return v; }

__global__ void
member_name(const float *X, float *Y)
{
	pair p = {X[0], x(X[1])};

	Y[threadIdx.x] = p.x + p.y;
}
