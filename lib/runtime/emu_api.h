/* The part of the CUDA runtime that cuda_host.cpp uses, for emulation: device
 * memory is the heap, a stream does everything at once. */
#ifndef TAMP_EMU_API_H
#define TAMP_EMU_API_H

#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cuda_host.h"

/* The seed of the launches that follow. */
void tamp_emu_seed(uint64_t seed);

/* For tests: the n-th launch from now cannot be started. */
extern "C" void tamp_emu_fail(uint32_t n);

/* Runs a launch to its end; false if it cannot be started. */
bool tamp_emu_launch(void (*kernel)(struct tamp_launch_args a),
                     const struct tamp_launch_args *args, uint32_t width,
                     uint32_t threads, size_t shared);

#define TAMP_API "CUDA"
#define TAMP_NO_GRAPH

enum cudaError_t {
	cudaSuccess, cudaErrorMemoryAllocation, cudaErrorNoDevice,
	cudaErrorInsufficientDriver, cudaErrorLaunchFailure
};
enum cudaMemcpyKind { cudaMemcpyDefault };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };
enum cudaDeviceAttr {
	cudaDevAttrMultiProcessorCount, cudaDevAttrCooperativeLaunch
};
typedef void *cudaStream_t;
typedef std::chrono::steady_clock::time_point *cudaEvent_t;
struct cudaDeviceProp {
	char name[64];
};

static inline cudaError_t cudaGetLastError(void) { return cudaSuccess; }

static inline const char *
cudaGetErrorString(cudaError_t e)
{
	switch (e) {
	case cudaSuccess: return "no error";
	case cudaErrorMemoryAllocation: return "out of memory";
	case cudaErrorNoDevice: return "no device";
	case cudaErrorInsufficientDriver: return "the driver is too old";
	case cudaErrorLaunchFailure: return "unspecified launch failure";
	}
	return "unknown error";
}

static inline cudaError_t
cudaDriverGetVersion(int *v)
{
	*v = 12000;
	return cudaSuccess;
}

static inline cudaError_t
cudaGetDeviceCount(int *n)
{
	*n = 1;
	return cudaSuccess;
}

static inline cudaError_t
cudaGetDevice(int *n)
{
	*n = 0;
	return cudaSuccess;
}

static inline cudaError_t
cudaGetDeviceProperties(cudaDeviceProp *p, int)
{
	snprintf(p->name, sizeof p->name, "emulation");
	return cudaSuccess;
}

/* As many vEUs as a plan may ask for. */
static inline cudaError_t
cudaDeviceGetAttribute(int *v, cudaDeviceAttr, int)
{
	*v = 1 << 20;
	return cudaSuccess;
}

template <class F> static inline cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *n, F, int, size_t)
{
	*n = 1;
	return cudaSuccess;
}

template <class F> static inline cudaError_t
cudaFuncSetAttribute(F, cudaFuncAttribute, int)
{
	return cudaSuccess;
}

/* Filled with NaNs, so that reading what nobody wrote shows. */
static inline cudaError_t
cudaMalloc(void **p, size_t n)
{
	if (posix_memalign(p, 256, n ? n : 1) != 0)
		return cudaErrorMemoryAllocation;
	memset(*p, 0xff, n);
	return cudaSuccess;
}

static inline cudaError_t
cudaFree(void *p)
{
	free(p);
	return cudaSuccess;
}

static inline cudaError_t
cudaMemcpyAsync(void *to, const void *from, size_t n, cudaMemcpyKind,
                cudaStream_t)
{
	memmove(to, from, n);
	return cudaSuccess;
}

static inline cudaError_t
cudaMemsetAsync(void *p, int c, size_t n, cudaStream_t)
{
	memset(p, c, n);
	return cudaSuccess;
}

static inline cudaError_t cudaSetDevice(int) { return cudaSuccess; }
static inline cudaError_t
cudaStreamCreate(cudaStream_t *s)
{
	*s = nullptr;
	return cudaSuccess;
}
static inline cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
static inline cudaError_t
cudaStreamSynchronize(cudaStream_t)
{
	return cudaSuccess;
}

static inline cudaError_t
cudaEventCreate(cudaEvent_t *e)
{
	*e = new std::chrono::steady_clock::time_point;
	return cudaSuccess;
}

static inline cudaError_t
cudaEventDestroy(cudaEvent_t e)
{
	delete e;
	return cudaSuccess;
}

static inline cudaError_t
cudaEventRecord(cudaEvent_t e, cudaStream_t)
{
	*e = std::chrono::steady_clock::now();
	return cudaSuccess;
}

static inline cudaError_t
cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned)
{
	return cudaSuccess;
}

static inline cudaError_t
cudaEventElapsedTime(float *ms, cudaEvent_t a, cudaEvent_t b)
{
	*ms = std::chrono::duration<float, std::milli>(*b - *a).count();
	return cudaSuccess;
}

#endif
