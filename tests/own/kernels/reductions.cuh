// For several kernels, included by each.
#pragma once

#define FULL_MASK 0xFFFFFFFFU

template <class T> __device__ T warp_sum(T v)
{
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2)
        v += __shfl_xor_sync(FULL_MASK, v, offset);
    return v;
}
