/*---
kernel: head_word
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
__global__ void nearly
head_word(const float *X, float *Y)
{
	Y[threadIdx.x] = X[threadIdx.x];
}
