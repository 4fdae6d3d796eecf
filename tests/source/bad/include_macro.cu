/*---
kernel: include_macro
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
#define SOME_HEADER "float.h"
#include SOME_HEADER

__global__ void
include_macro(const float *X, float *Y)
{
	Y[0] = X[0];
}
