/*---
kernel: partial_sums
form: own::PartialSums
types: {A0: f32, Y0: f32}
shapes: {A0: [N], Y0: [B]}
when: B == cdiv(N, THREADS * ITEMS)
params: {in: A0, partial: Y0, n: N}
grid: [B]
threads: THREADS
reads: {A0: "[THREADS*ITEMS*x..THREADS*ITEMS*(x+1)]"}
writes: {Y0: "[x]"}
wins: true
---*/
#include "sum_program.cuh"
