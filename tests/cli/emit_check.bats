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

# A kernel with an overloaded function, and a template: of its threads alone, or
# with threads beside them that it has no use for.
own() {
	cat > g.yaml <<-'EOF'
		format: graph/1
		made: {by: hand}
		opset: 22
		inputs: [x]
		outputs: [z]
		tensors:
		- {name: x, type: f32, shape: [6, 256]}
		- {name: "y", type: f32, shape: [6, 256]}
		- {name: axes, type: i64, shape: [1], ivalue: [1]}
		- {name: z, type: f32, shape: [6]}
		nodes:
		- {op: "own::Gelu", in: [x], out: ["y"]}
		- {op: ReduceSum, in: ["y", axes], out: [z], attrs: {keepdims: 0}}
		...
	EOF
	local k=$BATS_TEST_DIRNAME/../own/kernels
	tamp-partition -d emu -K "$k" g.yaml | tamp-schedule -p wavefront |
		sed "/launch:/s/threads: 64/threads: $1/" | tamp-emit -K "$k" -o d
	grep -q '^	*body_1<64>(tamp_task, tamp_args);$' d/model.cu
	[ "$(grep -c '^static.* gelu_i0(float' d/model.cu)" = 2 ]
}

# refused TEXT [FILE EDIT]: d, with an edit by sed, is refused, and TEXT said.
refused() {
	if [ $# = 3 ]; then
		cp "d/$2" before
		sed -i "$3" "d/$2"
		if cmp -s before "d/$2"; then return 1; fi
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
	run tamp-emit --check d -K "$F/kernels"
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

# Only the comment that the model has of its own may stand there.
@test "code before the runtime's in model.h" {
	host
	refused "d/model.h:1:1: error: this differs" model.h \
		'1i #define model_run another_run'
	n=$(grep -n -m1 '^ \*/$' d/model.h)
	refused "d/model.h:$((${n%%:*} + 1)):1: error: this differs" model.h \
		'0,/ \*\/$/s// *\/\n#define model_run another_run/'
	refused "d/model.h:1:1: error: this differs" model.h '1s/^/\/\//'
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

@test "cuda rTasks that are templates, and functions of one name" {
	own 64
	tamp-emit --check d
	refused "has 'body_1', which is not its own" model.cu \
		'/^inst_0(/,/^}/s/^{/{ body_1<64>(tamp_task, tamp_args);/'
	refused "does not call its own body_1" model.cu \
		's/^	body_1<64>(tamp_task/	body_0<64>(tamp_task/'
	refused "does not call its own body_1" model.cu \
		's/^	body_1<64>(tamp_task, tamp_args);//'
	refused "does not call its own body_1" model.cu \
		's/^template <unsigned int BLOCK>/constexpr int BLOCK = 64;/'
	refused "has 'body_1', which is not its own" model.cu \
		's/^body_1(/body_x(/'
	refused "leaves before a barrier" model.cu \
		'/^body_1(/,/__syncthreads/s/^{/{ if (tamp_task > 4) return;/'
	refused "'gelu_i0' is defined twice" model.cu \
		's/ float4 gelu_i0(float4 v)/ float gelu_i0(float v)/'
	refused "'inst_0' is defined twice" model.cu \
		'/^enum { meets_0/i static void inst_0(int tamp_task) { }'
	own 128
	tamp-emit --check d
	refused "come to tamp_idle()" model.cu '/^	tamp_idle();/d'
	refused "come to tamp_idle()" model.cu \
		's/^	if (threadIdx.x < 64u)$/	if (threadIdx.x < 128u)/'
	refused "does not count threads that are done" model.cu \
		'/^body_1(/,/^}/s/tamp_sync_idle();/__syncthreads();/'
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

@test "a vEU's loop on a GPU: every path waits, calls, publishes and signals" {
	cuda
	refused "on some path a row signals before all threads have stored" cuda.h \
		'/call(t.instance/,/ended/{/tamp_meet();/d}'
	refused "on some path the closing block barrier is left out" cuda.h \
		'/call(t.instance/,/ended/s/tamp_meet();/if (t.signal != TAMP_NONE) tamp_meet();/'
	refused "on some path an rTask runs without its waits" cuda.h \
		's/if (t.nwaits && tamp_wait_all/if (t.nwaits > 1 \&\& tamp_wait_all/'
	refused "on some path an rTask runs though its wait failed" cuda.h \
		'/if (t.nwaits/{N;s/.*/		if (t.nwaits) tamp_wait_all(\&a, \&t, row, epoch);/}'
	refused "on some path an rTask is left out" cuda.h \
		's/^		if (tamp_holds/		if (t.task == 7) continue;\n&/'
	refused "on some path an rTask runs twice" cuda.h \
		's/^			call(t.instance.*/			{\n&\n&\n			}/'
	refused "a loop repeats what happens once a row" cuda.h \
		's/^			call(t.instance/			for (int i = 0; i < 1; i++)\n&/'
	refused "on some path a row signals before all threads have stored" cuda.h \
		'/TAMP_NOTE(a, row, skipped)/{s/$/ if (t.signal != TAMP_NONE \&\& tamp_lane() == 0) tamp_red_release(a.counters);/}'
	refused "on some path more threads than one signal" cuda.h \
		's/if (t.signal != TAMP_NONE && tamp_lane() == 0)/if (t.signal != TAMP_NONE)/'
	refused "on some path a signal is left out" cuda.h \
		's/if (t.signal != TAMP_NONE && tamp_lane() == 0)/if (t.task \&\& t.signal != TAMP_NONE \&\& tamp_lane() == 0)/'
	refused "on some path a barrier is left out" cuda.h \
		's/if (tamp_barrier(&a, ++barriers, row, epoch))/if (a.width > 1 \&\& tamp_barrier(\&a, ++barriers, row, epoch))/'
	refused "the vEU leaves, and no wait has failed" cuda.h \
		's/^		if (tamp_holds/		if (t.task == 7) return;\n&/'
	refused "on some path an rTask runs whether its condition holds or not" cuda.h \
		's/if (tamp_holds<Conditions>(a, t.condition, &known))/if (a.width)/'
	refused "on some path a row signals before its rTask has run" cuda.h \
		's/if (tamp_holds<Conditions>(a, t.condition, &known))/& if (t.task)/'
	refused "on some path a condition is looked at before its rTask's waits" cuda.h \
		's/^		if (t.nwaits && tamp_wait_all/		if (!tamp_holds<Conditions>(a, t.condition, \&known)) continue;\n&/'
	refused "on some path the closing block barrier is left out" cuda.h \
		'/TAMP_NOTE(a, row, skipped)/s/TAMP_NOTE.*/continue;/'
	refused "tamp_veu_main has no struct tamp_known" cuda.h \
		's/known = {TAMP_NONE, true}/known = {0, true}/'
	refused "tamp_holds has no" cuda.h 's/const volatile uint8_t/const uint8_t/'
	refused "tamp_holds has no" cuda.h 's/ == (g.is != 0)/ != (g.is != 0)/'
	refused "tamp_red_release has no" cuda.h 's/red.release/red.relaxed/'
	refused "tamp_ld_acquire has no" cuda.h 's/ld.acquire/ld.relaxed/'
	# the same, written otherwise: the loop is right, and yet not tamp's own
	refused "this differs from tamp's own runtime" cuda.h \
		's/if (t.nwaits && tamp_wait_all(&a, &t, row, epoch))/if (t.nwaits) if (tamp_wait_all(\&a, \&t, row, epoch))/'
	[[ $output != *"on some path"* ]]
}

@test "a vEU's loop on a GPU: what is out of place, or cannot be followed" {
	cuda
	refused "on some path an rTask runs where a barrier stands" cuda.h \
		'/if (t.instance == TAMP_NONE) {/,/^		}/d'
	refused "on some path a row is not asked whether it is a barrier" cuda.h \
		's/^		TAMP_NOTE(a, row, arrived);/		if (t.task == 7) continue;/'
	refused "on some path a barrier stands where there is none" cuda.h \
		's/^			call(t.instance/			tamp_barrier(\&a, 1, row, epoch);\n&/'
	refused "on some path a row waits after its rTask has run" cuda.h \
		'/^tamp_veu_main/,${s/^		tamp_meet();/&\n		if (t.nwaits \&\& tamp_wait_all(\&a, \&t, row, epoch)) return;/}'
	refused "on some path a row signals that has nothing to signal" cuda.h \
		's/if (t.signal != TAMP_NONE && tamp_lane() == 0)/if (tamp_lane() == 0)/'
	refused "on some path a row signals twice" cuda.h \
		's/^			\(tamp_red_release(a.counters.*\)/			{ \1 \1 }/'
	refused "it is not told what comes of it" cuda.h \
		's/if (t.nwaits && tamp_wait_all/if (t.nwaits \&\& 0 == tamp_wait_all/'
	refused "it is not told whether something happens" cuda.h \
		'/^tamp_veu_main/,${s/^		tamp_meet();/		a.width \&\& (tamp_meet(), 1);/}'
	refused "a loop stands that is not understood" cuda.h \
		'/^tamp_veu_main/,${s/^		tamp_meet();/		while (a.width) tamp_meet();/}'
	refused "a jump stands that is not understood" cuda.h \
		's/^		if (tamp_holds/		goto out;\n&/'
	refused "the vEU's loop, tamp_veu_main, is not there" cuda.h \
		's/^tamp_veu_main(/other_main(/'
}

@test "a vEU's loop on a host" {
	host
	refused "on some path a row goes on though it was given up" host.c \
		'/^run_row/,/^}/s/return false;/return true;/'
	refused "on some path a signal is left out" host.c \
		's/if (r->signal != TAMP_NONE)/if (r->signal != TAMP_NONE \&\& veu)/'
	refused "on some path an rTask runs without its waits" host.c \
		'/^run_row/,/^}/s/i < r->nwaits/i + 1 < r->nwaits/'
	refused "on some path a row signals before its rTask has run" host.c \
		'/^run_row/,/^}/{/c->run(r->task, c->args);/d;s/^	return true;/	c->run(r->task, c->args);\n&/}'
	refused "on some path a barrier is left out" host.c \
		's/if (!barrier(h, veu, l->width, ++\*n, i))/if (i % 2 \&\& !barrier(h, veu, l->width, ++*n, i))/'
	refused "on some path an rTask is left out" host.c \
		's/} else if (!run_row(h, veu, i)) {/} else if (i % 2 \&\& !run_row(h, veu, i)) {/'
	refused "on some path an rTask runs whether its condition holds or not" host.c \
		's/if (holds(h, r->condition))/if (h)/'
	refused "on some path a row signals before its rTask has run" host.c \
		's/if (holds(h, r->condition))/& if (r->task)/'
	refused "on some path a condition is looked at before its rTask's waits" host.c \
		'/^run_row/,/^}/s/^	for (uint32_t i/	if (!holds(h, r->condition)) return true;\n&/'
	refused "holds has no" host.c 's/ != g->is)/ == g->is)/'
	refused "reached has no memory_order_acquire" host.c \
		'/^reached/,/^}/s/memory_order_acquire/memory_order_relaxed/'
}
