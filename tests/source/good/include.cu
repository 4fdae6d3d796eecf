/*---
kernel: include
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
/* Headers of CUDA stay, those of the host go with what is not the kernel's. */
#include <math.h>
#include <math_constants.h>
#include <cstdio> /* for "printf" */
#include <vector>

#define CHECK(call) do { if ((call) != 0) exit(1); } while (0)
#define BLOCK 64

__device__ float unused(float x) { return unused(x); }

__global__ void
include(const float *X, float *Y)
{
	Y[threadIdx.x] = fmaxf(X[threadIdx.x], -CUDART_INF_F);
}

int
main(int argc, char **argv)
{
	std::vector<float> x(argc);

	include<<<1, BLOCK>>>(x.data(), x.data());
	CHECK(cudaDeviceSynchronize());
	return printf("%s\n", argv[0]) < 0;
}
