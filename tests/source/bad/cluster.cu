/*---
kernel: cluster
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
__global__ void __cluster_dims__(2, 1, 1)
cluster(const float *X, float *Y)
{
	Y[0] = X[0];
}
