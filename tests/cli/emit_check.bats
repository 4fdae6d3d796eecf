# tamp emit --check: a directory that somebody changed, held against its plan.
# Tables are damaged in tests/unit/reread.c; here it is the other files.

setup() {
	cd "$BATS_TEST_TMPDIR"
	F=$BATS_TEST_DIRNAME/emit
}

host() {
	tamp-emit -K "$F/kernels" -o d "$F/mlp.yaml"
}

# vEUs of more threads than any kernel uses: those with barriers are written in
# the form that lets the others meet them.
cuda() {
	tamp-import -o m.yaml "$BATS_TEST_DIRNAME/../../examples/digits/digits.onnx"
	sed 's/^block_threads: .*/block_threads: 512/; s/^registers: .*/registers: 524288/' \
		"$TAMP_BUILD/share/tamp/devices/emu.yaml" > large.yaml
	tamp-partition -d ./large.yaml m.yaml | tamp-schedule -p wavefront |
		sed '/launch:/s/threads: 256/threads: 512/' | tamp-emit -o d
	grep -q '^	tamp_idle();' d/model.cu
}

# says TEXT [FILE EDIT]: d, with an edit by sed, is refused, and TEXT said.
refused() {
	local before
	if [ $# = 3 ]; then
		cp "d/$2" before
		sed -i "$3" "d/$2"
		! cmp -s before "d/$2"
	fi
	run tamp-emit --check d
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"$1"* ]]
	[ $# != 3 ] || cp before "d/$2"
}

@test "what was emitted is what its plan says" {
	host
	tamp-emit --check d
	rm -r d
	cuda
	run tamp-emit --check d
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "it takes no other plan and writes nothing" {
	host
	cp -r d e
	run tamp-emit --check d -o f
	[ "$status" = 2 ]
	run tamp-emit --check d d/plan.yaml
	[ "$status" = 2 ]
	tamp-emit --check d
	diff -r d e
}

@test "a plan edited after it was emitted" {
	host
	refused "stands where the plan has" plan.yaml \
		's/tasks: 0..3, veus: 0..1/tasks: 0..3, veus: 0..0/'
}

@test "a plan that is not legal" {
	host
	refused "never run" plan.yaml '0,/tasks: 0..3/s//tasks: 0..2/'
}

@test "tables, constants and runtime that are others" {
	host
	tamp-emit --check d
	truncate -s -8 d/plan.bin
	refused "d/plan.bin: error: "
	host
	printf 'x' | dd of=d/weights.bin bs=1 seek=5 conv=notrunc 2> /dev/null
	refused "d/weights.bin: error: these are not the constants"
	host
	refused "host.c:" host.c 's/memory_order_release/memory_order_relaxed/'
	refused "this differs from tamp's own runtime" model.h '$d'
}

@test "host rTasks: their functions and their numbers" {
	host
	n=$(grep -c '^	{".*, inst_' d/model.c)
	[ "$n" -ge 2 ]
	refused "is not number 0 of tamp_instances" model.c \
		'/^	{".*, inst_0}/s/inst_0/inst_1/'
	refused "has no function inst_0" model.c 's/^inst_0(/inst_x(/'
	refused "tamp_instances_hash is" model.c \
		's/tamp_instances_hash = 0x/&1/'
	refused "'inst_1' uses 'exit', which is the vEU's own" model.c \
		'/^inst_1(/,/^{/s/^{/{ exit(1);/'
}

@test "cuda rTasks: who comes to a barrier" {
	cuda
	refused "come to tamp_idle()" model.cu '/^	tamp_idle();/d'
	refused "come to tamp_idle()" model.cu \
		's/^	if (threadIdx.x < [0-9]*u)$/	if (threadIdx.x < 1)/'
	refused "does not count threads that are done" model.cu \
		'0,/tamp_sync_idle();/s//__syncthreads();/'
	refused "is run by more than its" model.cu \
		'0,/if (threadIdx.x >= [0-9]*u)/s//if (threadIdx.x >= 1u)/'
	refused "which is the vEU's own" model.cu \
		'0,/tamp_sync_idle();/s//tamp_meet();/'
	refused "'tamp_meet' is the runtime's own" model.cu \
		'/^#include "cuda.h"/a #define tamp_meet() ((void)0)'
}

@test "cuda launch kernels: the vEU's loop over the launch's rTasks" {
	cuda
	refused "is missing in launch shape 0" model.cu \
		'/case 0: TAMP_CALL/d'
	refused "case 0 of launch shape 0 runs inst_1" model.cu \
		's/case 0: TAMP_CALL(0)/case 0: TAMP_CALL(1)/'
	refused "is not the vEU's loop alone" model.cu \
		's/^	tamp_veu_main(a, call_0);/	if (a.width > 1) &/'
	refused "has bounds for 32 threads" model.cu \
		's/__launch_bounds__([0-9]*,/__launch_bounds__(32,/'
	refused "does more than run rTasks" model.cu \
		'/case 0: TAMP_CALL/s/$/ default: return;/'
	refused "in its place in tamp_codes" model.cu \
		's/"launch_0", [0-9]*}/"launch_0", 32}/'
}
