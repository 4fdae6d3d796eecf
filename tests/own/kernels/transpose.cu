/*---
kernel: transpose
form: Copy
types: {X: f32, Y: f32}
shapes: {X: [E], Y: [W, H]}
when: offset == 0 && src_0 == 1 && src_1 == W && E == W * H
params: {idata: X, odata: Y, width: W, height: H}
grid: ["cdiv(W, TILE_DIM)", "cdiv(H, TILE_DIM)"]
threads: [TILE_DIM, BLOCK_ROWS]
reads: {X: "[W*TILE_DIM*y..min(W*TILE_DIM*(y+1), E)]"}
writes: {Y: "[TILE_DIM*x..TILE_DIM*(x+1), TILE_DIM*y..TILE_DIM*(y+1)]"}
wins: true
---*/
const int TILE_DIM = 16;
const int BLOCK_ROWS = 4;

// Through a padded tile, so that both sides are coalesced and banks apart.
__global__ void transpose(const float *idata, float *odata, int width, int height)
{
    __shared__ float tile[TILE_DIM][TILE_DIM + 1];

    int x = blockIdx.x * TILE_DIM + threadIdx.x;
    int y = blockIdx.y * TILE_DIM + threadIdx.y;
    for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
        if (x < width && y + j < height)
            tile[threadIdx.y + j][threadIdx.x] = idata[(y + j) * width + x];

    __syncthreads();

    x = blockIdx.y * TILE_DIM + threadIdx.x;
    y = blockIdx.x * TILE_DIM + threadIdx.y;
    for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
        if (x < height && y + j < width)
            odata[(y + j) * height + x] = tile[threadIdx.x][threadIdx.y + j];
}
