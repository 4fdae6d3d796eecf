# Emitted CUDA under emulation: the same results as on the host whatever order
# vEUs run in, and faults that are found instead of hanging or passing by.
#
# tests/source/mlp.yaml is tests/cli/emit/mlp.yaml for a small cuda device; its
# kernels have idle threads, early returns, blocks of two dimensions and shared
# arrays of all kinds.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export D=$BATS_FILE_TMPDIR
	tamp-emit -K tests/cli/emit/kernels -o "$D/host" tests/cli/emit/mlp.yaml
	make -s -C "$D/host" main
	tamp-emit -K tests/source/kernels -o "$D/cuda" tests/source/mlp.yaml
	make -s -C "$D/cuda" emulate
	# x: 12 floats, 0.5 1 1.5 ... as bytes
	printf '\0\0\0\77\0\0\200\77\0\0\300\77\0\0\0\100\0\0\40\100\0\0\100\100\0\0\140\100\0\0\200\100\0\0\220\100\0\0\240\100\0\0\260\100\0\0\300\100' > "$D/x"
	"$D/host/main" -i "$D/x" -o "$D/z.host" -o "$D/y.host"
	"$D/cuda/main-emu" -i "$D/x" -o "$D/z" -o "$D/y"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	T=$BATS_TEST_TMPDIR
}

# Two files of floats differ by at most 1e-4 relative, and are not all zero.
# awk may count a NaN as equal to anything.
near() {
	paste <(od -An -v -w4 -f "$1") <(od -An -v -w4 -f "$2") | awk '
		/nan|inf/ { print NR ": " $0; bad = 1 }
		{ d = $1 - $2; d = d < 0 ? -d : d; m = $1 < 0 ? -$1 : $1 }
		!(d <= 1e-5 + 1e-4 * m) { print NR ": " $1 " " $2; bad = 1 }
		m > 1e-3 { some = 1 }
		END { exit bad || !some || NR == 0 }'
}

# same PROGRAM RUNS SEED...: it gives the very bits that $D/cuda gave.
same() {
	for seed in "${@:3}"; do
		"$1" -n "$2" --seed "$seed" -i "$D/x" -o "$T/z" -o "$T/y"
		cmp "$D/z" "$T/z"
		cmp "$D/y" "$T/y"
	done
}

# hip: $T/hip.yaml, mlp.yaml for a device with 64 threads in step.
hip() {
	sed 's/^target: cuda/target: hip/; s/^arch: .*/arch: gfx906/; s/^warp: 32/warp: 64/' \
		tests/source/mlp.yaml > "$T/hip.yaml"
}

# edit NAME SED-SCRIPT: mlp.yaml changed, emitted and built as $T/NAME.
edit() {
	sed "$2" tests/source/mlp.yaml > "$T/$1.yaml"
	! cmp -s tests/source/mlp.yaml "$T/$1.yaml" || return 1
	tamp-emit ${unverified-} -K tests/source/kernels -o "$T/$1" "$T/$1.yaml" &&
		make -s -C "$T/$1" emulate
}

@test "threads meet as in CUDA: votes, shuffles, ballots, idle ones" {
	for warp in 32 64; do
		g++ -std=gnu++17 -O1 -Wall -DTAMP_EMULATE -DTAMP_EMU_WARP=$warp \
			-fsanitize=address,undefined -Ilib/runtime -o "$T/primitives" \
			tests/source/primitives.cpp lib/runtime/emu*.cpp
		"$T/primitives"
	done
}

# A hip device's program is the same text, with 64 threads in step.
@test "an emulated hip program gives what the cuda program gives" {
	hip
	tamp-emit -K tests/source/kernels -o "$T/hip" "$T/hip.yaml"
	cmp "$D/cuda/model.cu" "$T/hip/model.cu"
	grep -qx 'WARP := 64' "$T/hip/arch.mk"
	make -s -C "$T/hip" emulate
	same "$T/hip/main-emu" 2 0 1 2 3
}

@test "a hip plan is for hip alone; run says what is missing here" {
	hip
	tamp-emit --target hip -K tests/source/kernels -o "$T/hip" "$T/hip.yaml"
	run tamp-emit --target cuda -K tests/source/kernels -o "$T/no" "$T/hip.yaml"
	[ "$status" = 1 ]
	[[ $output == *"error: the plan is made for target 'hip', not 'cuda'"* ]]
	[ ! -e "$T/no" ]
	tamp-run --emulate "$T/hip" > "$T/report"
	grep -q '^target: emulation' "$T/report"
	[ ! -e /dev/kfd ] || skip "an AMD GPU is here"
	run tamp-run "$T/hip"
	[ "$status" = 77 ]
	[[ $output == *"no AMD GPU here: --emulate runs the same program on the CPU"* ]]
}

@test "emulated CUDA gives what the host gives" {
	near "$D/z.host" "$D/z"
	near "$D/y.host" "$D/y"
}

@test "no order of vEUs changes a bit" {
	same "$D/cuda/main-emu" 3 $(seq 1 20)
}

@test "several launches: epochs go on from run to run" {
	edit launches 's/^- barrier: {}$/- launch: {width: 1, threads: 96, shared: 160}\n- {run: "y", tasks: 0..0, veus: 0..0}\n- launch: {width: 2, threads: 128, shared: 512}/; s/tasks: 0..1, veus: 0..1}$/tasks: 1..1, veus: 1..1}/'
	same "$T/launches/main-emu" 5 0 1 2 3
}

@test "a launch that cannot start fails its run, and no other" {
	edit launches 's/^- barrier: {}$/- launch: {width: 2, threads: 128, shared: 512}/'
	for d in "$D/cuda 1" "$T/launches 2"; do
		set -- $d
		make -s -C "$1" emulate SAN=	# also where TAMP_SAN is set
		(cd "$1" && gcc -Wall -c -I. -o "$T/faults.o" "$OLDPWD/tests/source/faults.c" &&
			g++ -o "$T/faults" "$T/faults.o" model.emu.o cuda_*.emu.o \
				emu*.emu.o model_*.emu.o)
		run timeout 60 "$T/faults" "$1" "$2"
		echo "$output"
		[ "$status" = 0 ]
		[ "$output" = "$2 launches: good after every failure" ]
	done
}

@test "replays: the same bits at every run of one model" {
	make -s -C "$D/cuda" emulate SAN=	# also where TAMP_SAN is set
	(cd "$D/cuda" && g++ -x c "$OLDPWD/tests/gpu/replay.c" -c -I. -o "$T/replay.o" &&
		g++ -o "$T/replay" "$T/replay.o" model.emu.o cuda_*.emu.o \
			emu*.emu.o model_*.emu.o)
	for seed in 0 1 2 3; do
		run "$T/replay" "$D/cuda" 50 "$seed"
		[ "$status" = 0 ]
		[[ "$output" == "emulation: 50 runs equal, median "* ]]
	done
}

@test "vEUs that wait for each other are found, and named" {
	unverified=--unverified edit dead 's/^- {run: h, tasks: 0..3, veus: 0..1}$/- {run: h, tasks: 0..3, veus: 0..1, after: [{run: z, tasks: 0..0}]}/'
	for seed in 0 1 2 3; do
		run "$T/dead/main-emu" --seed "$seed" -i "$D/x"
		[ "$status" = 1 ]
		[[ "$output" == *"vEU "*", rTask "*" of 'h', waited "*" s for counter "*" (rTasks 0..0 of 'z'): expected 1, seen 0"* ]]
	done
}

@test "a wait that is missing shows in some order" {
	unverified=--unverified edit early '/^- barrier: {}$/d'
	wrong=0
	for seed in $(seq 1 20); do
		"$T/early/main-emu" --seed "$seed" -i "$D/x" -o "$T/z" -o "$T/y"
		near "$D/y.host" "$T/y" > /dev/null || wrong=$((wrong + 1))
	done
	[ "$wrong" -ge 5 ]
}

@test "a barrier that some threads never reach is found" {
	edit apart 's,each/64,apart/64,g'
	run "$T/apart/main-emu" -i "$D/x"
	[ "$status" = 1 ]
	[[ "$output" == *"its threads do not meet: of 64, 3 wait at a barrier"*"61 are done"* ]]
}

@test "sanitizers: nothing is found in good kernels, a write too far in a bad one" {
	make -s -C "$D/cuda" emulate SAN=1
	for seed in 0 1 2 3; do
		"$D/cuda/main-emu" -n 2 --seed "$seed" -i "$D/x" -o "$T/z" -o "$T/y"
	done
	near "$D/z.host" "$T/z"
	TAMP_SAN=1 edit beyond 's,each/64,beyond/64,g'
	run "$T/beyond/main-emu" -i "$D/x"
	[ "$status" != 0 ]
	[[ "$output" == *"heap-buffer-overflow"* ]]
}

@test "without a GPU the program says so and exits with 77" {
	[ -e /dev/nvidiactl ] && skip "there is a GPU"
	PATH=$PATH:/usr/local/cuda/bin command -v nvcc || skip "no nvcc"
	make -s -C "$D/cuda" main
	run "$D/cuda/main"
	[ "$status" = 77 ]
	[[ "$output" == *"no CUDA device"*"make emulate"* ]]
}
