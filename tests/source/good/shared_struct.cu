/*---
kernel: shared_struct
form: Softmax
types: {X: f32, Y: f32}
shapes: {X: "[O, R, I]", Y: "[O, R, I]"}
grid: [O]
threads: "64"
---*/
struct best {
	float value;
	int at;
	__device__ bool over(const best &o) const { return value > o.value; }
	char flags[3];
};
typedef unsigned long long word;
#define WARPS ((64 + 31) / 32)
enum { LANES = 0x20 };

__global__ void
shared_struct(const float *X, float *Y)
{
	__shared__ best part[WARPS], all;
	__shared__ word seen[LANES];
	__shared__ unsigned char byte[5];

	part[threadIdx.x / 32].value = X[threadIdx.x];
	seen[threadIdx.x % LANES] = byte[threadIdx.x % 5] = all.at = 1;
	Y[threadIdx.x] = part[0].over(part[1]);
}
