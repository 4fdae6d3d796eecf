/*---
kernel: inner_break
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "128"
---*/
/* These stay between the barriers, which stay what they are. */
__global__ void
inner_break(const float *X, float *Y)
{
	__shared__ float part[128];
	float sum = 0;

	for (int i = 0; i < 4; i++) {
		for (int k = 0; k < 8; k++) {
			if (X[k] < 0.0f)
				break;
			sum += X[k];
		}
		part[threadIdx.x] = sum;
		__syncthreads();
		switch (i) {
		case 0:
			sum = 1;
			break;
		}
	}
	Y[threadIdx.x] = part[127 - threadIdx.x];
}
