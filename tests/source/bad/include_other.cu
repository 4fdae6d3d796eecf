/*---
kernel: include_other
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#include <cub/cub.cuh>

__global__ void
include_other(const float *X, float *Y)
{
	Y[0] = X[0];
}
