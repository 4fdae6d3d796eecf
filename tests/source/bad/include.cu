/*---
kernel: include
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#include <math.h>
#include <vector>

__global__ void
include(const float *X, float *Y)
{
	Y[0] = X[0];
}
