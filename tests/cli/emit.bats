# tamp emit: the directory it writes, what it leaves alone, what it refuses.

setup() {
	cd "$BATS_TEST_TMPDIR"
	F=$BATS_TEST_DIRNAME/emit
	cp "$F/mlp.yaml" plan.yaml
}

emit() {
	tamp-emit -K "$F/kernels" "$@"
}

# Leaves nothing behind but what is named.
only() {
	[ "$(ls -A)" = "$(printf '%s\n' "$@" | LC_ALL=C sort)" ]
}

@test "the directory builds alone and runs" {
	emit -o d plan.yaml
	mkdir alone
	mv d alone/moved
	env -i PATH="$PATH" make -s -C alone/moved all
	alone/moved/main -n 5
	[ -f alone/moved/libmodel.so ]
}

@test "same input, same bytes" {
	emit -o a plan.yaml
	emit -o b plan.yaml
	diff -r a b
}

@test "standard input is a plan too" {
	emit -o d < plan.yaml
	[ -f d/plan.bin ]
}

@test "plan.yaml holds the whole stack, memory/1 on top, and emits the same" {
	emit -o a plan.yaml
	[ "$(grep -c '^format:' a/plan.yaml)" = 5 ]
	grep '^format:' a/plan.yaml | head -n 1 | grep -q memory/1
	emit -o b a/plan.yaml
	cmp a/plan.bin b/plan.bin
	cmp a/plan.yaml b/plan.yaml
}

@test "an emitted directory can be emitted again without the model's weights" {
	tamp-import -o m.yaml "$BATS_TEST_DIRNAME/../e2e/models/mlp.onnx"
	tamp-partition m.yaml | tamp-schedule > s.yaml
	tamp-emit -o d s.yaml
	rm mlp.safetensors
	mv d e
	cp -r e before
	(cd e && tamp-emit -o . plan.yaml)
	diff -r before e
	tamp-emit -o f e/plan.yaml
	cmp e/weights.bin f/weights.bin
	truncate -s 100 e/weights.bin
	run tamp-emit -o g e/plan.yaml
	[ "$status" = 1 ]
	[[ $output == *"mlp.safetensors: error"* ]]
}

@test "model.h names inputs and outputs" {
	emit -o d plan.yaml
	grep -q 'input 0	f32 \[1, 12\]	x  (48 bytes)' d/model.h
	grep -q 'output 1	f32 \[1, 8\]	y  (32 bytes)' d/model.h
}

@test "an edited schedule rebuilds no kernel" {
	emit -o d plan.yaml
	make -s -C d
	sed 's/tasks: 0..3, veus: 0..1/tasks: 0..3, veus: 0..0/' plan.yaml > e.yaml
	run emit --explain -o d e.yaml
	[ "$status" = 0 ]
	[[ $output == *"plan.bin: written"* ]]
	[[ $output != *"model.c: written"* ]]
	run make -q -C d
	[ "$status" = 0 ]
	d/main
}

@test "another set of instances rebuilds the model alone" {
	emit -o d plan.yaml
	make -s -C d
	sed 's|{run: y, use: dot/4}|{run: y, use: dot/8}|
	     s|{run: y, tasks: 0..1, veus: 0..1}|{run: y, tasks: 0..0, veus: 0..0}|
	     s|run: "y", tasks: [01]..[01]|run: "y"|' plan.yaml > e.yaml
	emit -o d e.yaml
	run d/main
	[ "$status" = 1 ]
	[[ $output == *"made for other kernels"* ]]
	run make -n -C d
	[[ $output == *model.o* ]]
	[[ $output != *"host.o host.c"* ]]
	make -s -C d
	d/main
}

@test "an illegal schedule is refused with its witness, and nothing is written" {
	sed 's/, after: \[{run: "y", tasks: 0..0}\]//' plan.yaml > e.yaml
	run emit -o d e.yaml
	[ "$status" = 1 ]
	[[ $output == *"of 'z' reads what rTask"* ]]
	only plan.yaml e.yaml
}

@test "--unverified lets it through, and the program says what it waits for" {
	sed 's/{run: y, tasks: 0..1, veus: 0..1}/{run: y, tasks: 0..1, veus: 0..1, after: [{run: z}]}/' \
		plan.yaml > e.yaml
	run emit -o d e.yaml
	[ "$status" = 1 ]
	run emit --unverified -o d e.yaml
	[ "$status" = 0 ]
	[[ $output == "tamp-emit: warning: the schedule is not verified: "* ]]
	grep -q '^unverified: true$' d/plan.yaml
	grep -q '^NOT VERIFIED' d/README
	make -s -C d
	run d/main --timeout 2
	[ "$status" = 1 ]
	[[ $output =~ "vEU "[01]", rTask "[01]" of 'y', waited 2 s for counter "[0-9]+" (rTasks 0..3 of 'z'): expected 2, seen 0" ]]
}

@test "an unverified program is known by its report; its memory is not kept" {
	emit --unverified -o d plan.yaml
	run --separate-stderr tamp-run -n 1 d
	[ "$status" = 0 ]
	[[ $output == *"warnings: ["*"not verified"* ]]
	[[ $stderr == *"warning: "*"not verified"* ]]
	run emit -o e d/plan.yaml
	[ "$status" = 0 ]
	[[ $output == "d/plan.yaml:"*"note: this memory plan is of a schedule that was not verified"* ]]
	! grep -q 'unverified' e/plan.yaml
	! grep -q 'NOT VERIFIED' e/README
	run --separate-stderr tamp-run -n 1 e
	[ "$status" = 0 ]
	[[ $output != *"warnings:"* ]]
}

@test "memory given by hand is verified" {
	emit -o d plan.yaml
	sed 's/^arena: 64/arena: 256/; s/{name: h, base: arena, offset: 0/{name: h, base: arena, offset: 128/' \
		d/plan.yaml > good.yaml
	emit -o e good.yaml
	grep -q '{name: h, base: arena, offset: 128' e/plan.yaml
	make -s -C e
	e/main
	sed 's/^arena: 256/arena: 100/' good.yaml > bad.yaml
	run emit -o f bad.yaml
	[ "$status" = 1 ]
	[[ $output == "bad.yaml:19:34: error: 'h', 64 bytes from 128, is not inside"* ]]
	[ ! -e f ]
}

@test "memory that emit made follows an edited schedule" {
	tamp-import -o m.yaml "$BATS_TEST_DIRNAME/../e2e/models/attention.onnx"
	tamp-partition -o t.yaml m.yaml
	tamp-schedule -p sequential t.yaml | tamp-emit -o d
	tamp-schedule -p wavefront --sync counter -o w.yaml t.yaml
	tamp-emit -o e w.yaml
	{ sed '/^\.\.\.$/q' d/plan.yaml; cat w.yaml; } > both.yaml
	run tamp-emit -o f both.yaml
	[ "$status" = 0 ]
	[[ $output == "both.yaml:"*"note: this memory plan is of another schedule: making one anew"* ]]
	diff -r e f
	sed -i '/^digest: /d' both.yaml
	run tamp-emit -o g both.yaml
	[ "$status" = 1 ]
	[[ $output == "both.yaml:"* ]]
}

@test "--memory own gives every temporary its allocation" {
	emit --memory own -o d plan.yaml
	grep -q '{name: h, base: own, offset: 0' d/plan.yaml
	make -s -C d asan
	d/main-asan -n 3
}

@test "a plan without a schedule, another target, no -o" {
	sed -n '/^# A perceptron/,$p' plan.yaml > t.yaml
	run emit -o d t.yaml
	[ "$status" = 1 ]
	[[ $output == *"no schedule/1"* ]]
	run emit --target cuda -o d plan.yaml
	[ "$status" = 1 ]
	[[ $output == *"target 'host', not 'cuda'"* ]]
	run emit plan.yaml
	[ "$status" = 2 ]
	run emit --memory some -o d plan.yaml
	[ "$status" = 2 ]
	only plan.yaml t.yaml
}

@test "a directory that is somebody else's is left alone" {
	mkdir other
	echo mine > other/Makefile
	run emit -o other plan.yaml
	[ "$status" = 1 ]
	[[ $output == "other: error: holds other things"* ]]
	[ "$(cat other/Makefile)" = mine ]
	run emit -o plan.yaml plan.yaml
	[ "$status" = 1 ]
	[[ $output == *"not a directory"* ]]
	mkdir empty
	emit -o empty plan.yaml
	[ -f empty/Makefile ]
}

@test "an unwritable place" {
	run emit -o /proc/d plan.yaml
	[ "$status" = 1 ]
	[[ $output == "/proc/d: error: cannot write: "* ]]
	[ "$(id -u)" != 0 ] || skip "root may write anywhere"
	mkdir shut
	chmod 555 shut
	run emit -o shut/d plan.yaml
	[ "$status" = 1 ]
	[[ $output == "shut/d: error: cannot write: Permission denied" ]]
	run emit -o shut plan.yaml
	[ "$status" = 1 ]
	[[ $output == "shut: error: cannot write: Permission denied" ]]
}

@test "a full disk leaves the old directory whole" {
	emit -o d plan.yaml
	cp -a d before
	# a limit on the size of a file stands in for the disk's
	sed 's/tasks: 0..3, veus: 0..1/tasks: 0..3, veus: 0..0/' plan.yaml > e.yaml
	run bash -c "trap '' XFSZ; ulimit -f 2; exec tamp-emit -K '$F/kernels' -o d e.yaml"
	[ "$status" = 1 ]
	[[ $output == *"cannot write: File too large"* ]]
	diff -r before d
	run bash -c "trap '' XFSZ; ulimit -f 2; exec tamp-emit -K '$F/kernels' -o new e.yaml"
	[ "$status" = 1 ]
	only before d e.yaml plan.yaml
}

@test "killed while it writes, it leaves no half of a directory" {
	for delay in 0.002 0.005 0.01 0.02; do
		# (the tool itself: of a function in the background, the shell)
		tamp-emit -K "$F/kernels" -o d plan.yaml & pid=$!
		sleep $delay
		kill -9 $pid 2>/dev/null || :
		wait $pid 2>/dev/null || :
		[ ! -e d ] || { make -s -C d && d/main; }
		rm -rf d ./*.tmp*
	done
}

@test "files of an earlier target go, those of others stay" {
	emit -o d plan.yaml
	echo mine > d/notes
	printf 'old.c\n' >> d/.tamp
	touch d/old.c
	emit -o d plan.yaml
	[ ! -e d/old.c ]
	[ "$(cat d/notes)" = mine ]
}

@test "a damaged plan.bin or weights.bin is refused, never followed" {
	emit -o d plan.yaml
	make -s -C d
	size=$(stat -c %s d/plan.bin)
	cp d/plan.bin good
	for at in 3 9 20 40 100 200 500 900 $((size - 3)); do
		cp good d/plan.bin
		printf '\377' | dd of=d/plan.bin bs=1 seek=$at conv=notrunc status=none
		cmp -s good d/plan.bin && continue
		run d/main
		[ "$status" = 1 ]
		[[ $output == "main: plan.bin: "* ]]
	done
	head -c 100 good > d/plan.bin
	run d/main
	[ "$status" = 1 ]
	: > d/plan.bin
	run d/main
	[ "$status" = 1 ]
	rm d/plan.bin
	run d/main
	[[ $output == *"No such file"* ]]
	cp good d/plan.bin
	cp d/weights.bin weights
	size=$(stat -c %s weights)
	for at in 0 31 32 100 $((size - 5)) $((size - 1)); do
		cp weights d/weights.bin
		printf '\377' | dd of=d/weights.bin bs=1 seek=$at conv=notrunc status=none
		cmp -s weights d/weights.bin && continue
		run d/main
		[ "$status" = 1 ]
		[[ $output == *"weights.bin: damaged"* ]]
	done
	truncate -s 7 d/weights.bin
	run d/main
	[ "$status" = 1 ]
	[[ $output == *"weights.bin: 7 bytes"* ]]
}

@test "an end between two renames leaves no mixture that runs" {
	emit -o d plan.yaml
	make -s -C d
	d/main
	cp d/plan.bin old.bin
	# other constants of the same sizes
	sed 's/seed: 1,/seed: 77,/' plan.yaml > e.yaml
	! cmp -s plan.yaml e.yaml
	emit -o d e.yaml
	d/main
	! cmp -s d/plan.bin old.bin
	cp old.bin d/plan.bin
	run d/main
	[ "$status" = 1 ]
	[[ $output == "main: weights.bin: damaged, or of another emit than plan.bin"* ]]
}

@test "hostile names reach neither the source nor the header" {
	sed 's|name: mlp|name: "*/ #error"|; s|first|"a\\"b*/ \\\\ ??/"|' plan.yaml > e.yaml
	emit -o d e.yaml
	make -s -C d
	d/main
}

@test "the compiler takes vectors for what a map computes" {
	cat > g.yaml <<-'END'
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x, c]
	outputs: [h]
	tensors:
	- {name: x, type: f32, shape: [1, 1024]}
	- {name: c, type: f32, shape: [1, 1024]}
	- {name: s, type: f32, shape: [1, 1024]}
	- {name: t, type: f32, shape: [1, 1024]}
	- {name: h, type: f32, shape: [1, 1024]}
	nodes:
	- {op: Sigmoid, in: [x], out: [s]}
	- {op: Tanh, in: [c], out: [t]}
	- {op: Mul, in: [s, t], out: [h]}
	...
	END
	tamp-partition -d host g.yaml | tamp-schedule > s.yaml
	tamp-emit -o d s.yaml
	tell=-fopt-info-vec-optimized
	cc --version | grep -q 'Free Software' || tell=-Rpass=loop-vectorize
	make -s -C d CFLAGS=$tell model.o > said 2>&1
	grep -E 'model.c.*(loop vectorized|vectorized loop)' said
}

@test "clean under ThreadSanitizer" {
	emit -o d plan.yaml
	make -s -C d tsan
	d/main-tsan -n 500
	taskset -c 0 d/main-tsan -n 200
}

@test "more vEUs than CPUs do not crawl" {
	sed 's/width: 2/width: 16/; s/tasks: 0..3, veus: 0..1/tasks: 0..3, veus: 4..15/' \
		plan.yaml > e.yaml
	sed -i 's/^units: 2/units: 16/; s/^veus: 2/veus: 16/' e.yaml
	emit -o d e.yaml
	make -s -C d
	timeout 60 d/main -n 200
}

@test "an rTask that never returns when the model is opened ends it" {
	emit -o d plan.yaml
	grep -q '^inst_2(uint32_t tamp_task, void \*const \*tamp_args)$' d/model.c
	sed -i '1i #include <unistd.h>' d/model.c
	sed -i '/^inst_2(/{n;s/$/ while (tamp_task == 1) sleep(1);/}' d/model.c
	make -s -C d
	run timeout 30 d/main --timeout 0.05
	[ "$status" = 1 ]
	[[ $output == *"vEU 1 did not come back within 0.5 s"* ]]
}

@test "a wait goes on while others work, and at a barrier says for whom" {
	sed 's/^- {run: h, tasks: 0..3, veus: 0..1/- {run: h, tasks: 0..3, veus: 0..0/' plan.yaml > e.yaml
	emit -o d e.yaml
	sed -i '1i #include <poll.h>' d/model.c
	sed -i '/^inst_0(/{n;s/$/ poll(0, 0, 800);/}' d/model.c
	make -s -C d
	# four of them take longer than that, one much less
	timeout 60 d/main -n 1 --timeout 3
	run timeout 30 d/main --timeout 0.1
	[ "$status" = 1 ]
	[[ $output == *"vEU 1 waited 0.1 s at a barrier (row "*") for vEU 0: expected barrier 1, seen 0"* ]]
}

@test "what a run reads before it is written shows in a dump" {
	emit -o d plan.yaml
	make -s -C d
	mkdir dump
	d/main -n 2 --dump dump -o z -o y
	! od -An -v -f y | grep -q nan
	sed -i '/^inst_0(/{n;s/$/ if (tamp_task == 3) return;/}' d/model.c
	make -s -C d
	d/main -n 2 --dump dump -o z -o y
	od -An -v -f y | grep -q nan
}
