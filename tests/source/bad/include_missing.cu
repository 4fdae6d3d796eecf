/*---
kernel: include_missing
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#include "not_here.cuh"

__global__ void
include_missing(const float *X, float *Y)
{
	Y[0] = X[0];
}
