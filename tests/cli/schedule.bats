# tamp-schedule: options, statuses, what it writes, what --check says.

setup() {
	T=$BATS_TEST_TMPDIR
	plan=$BATS_TEST_DIRNAME/../../examples/edit-a-schedule/plan.yaml
	schedule=$TAMP_BIN/tamp-schedule
}

# Bats passes over a failed "! command".
refute() {
	if "$@"; then return 1; fi
}

# The plan with a line of its schedule changed.
edit() { # sed script
	sed "$1" "$plan" > "$T/edited.yaml"
	refute cmp -s "$plan" "$T/edited.yaml"
}

@test "-p help names every policy once" {
	run "$schedule" -p help
	[ "$status" = 0 ]
	[[ $output == *"sequential "* ]]
	[[ $output == *"wavefront "* ]]
	[ "$(ls "$BATS_TEST_DIRNAME"/../../lib/policy/*.c | xargs grep -l '^const struct policy policy_' | wc -l)" = "${#lines[@]}" ]
}

@test "an unknown policy, selection or synchronisation is a usage error" {
	run "$schedule" -p wavefrnt "$plan"
	[ "$status" = 2 ]
	[[ $output == *"unknown policy 'wavefrnt' (did you mean 'wavefront'?)"* ]]
	run "$schedule" --select good "$plan"
	[ "$status" = 2 ]
	[[ $output == *"expected fastest, efficient or best"* ]]
	run "$schedule" --sync barier "$plan"
	[ "$status" = 2 ]
	[[ $output == *"(did you mean 'barrier'?)"* ]]
	run "$schedule" --check -p sequential "$plan"
	[ "$status" = 2 ]
}

# What a policy is told of the time that it may take.
budget() {
	[ "$1" != search ] || echo --budget 1
}

@test "every policy and synchronisation makes a legal schedule" {
	for p in $("$schedule" -p help | cut -d' ' -f1); do
		for s in barrier counter; do
			for k in fastest efficient best; do
				for w in 1 2 3 7; do
					"$schedule" -p $p $(budget $p) --sync $s --select $k \
						--width $w "$plan" -o "$T/s.yaml"
					"$schedule" --check "$T/s.yaml"
					[ $w != 1 ] || refute grep -q 'after:\|barrier: {}' "$T/s.yaml"
				done
			done
		done
	done
}

@test "barriers and counters: only the kind that was asked for" {
	"$schedule" -p sequential --sync barrier "$plan" --only > "$T/b.yaml"
	grep -q 'barrier: {}' "$T/b.yaml"
	refute grep -q after "$T/b.yaml"
	"$schedule" -p sequential --sync counter "$plan" --only > "$T/c.yaml"
	grep -q 'after' "$T/c.yaml"
	refute grep -q 'barrier: {}' "$T/c.yaml"
}

@test "the same input gives the same bytes, and what lies below is kept" {
	"$schedule" -p wavefront "$plan" -o "$T/1.yaml"
	"$schedule" -p wavefront < "$plan" > "$T/2.yaml"
	cmp "$T/1.yaml" "$T/2.yaml"
	sed '1,/^\.\.\./d' "$plan" > "$T/below"
	sed '1,/^\.\.\./d' "$T/1.yaml" > "$T/below1"
	cmp "$T/below" "$T/below1"
	[ "$(grep -c '^format: schedule/1' "$T/1.yaml")" = 1 ]
}

@test "best is never predicted slower than fastest or efficient" {
	us() {
		"$schedule" -v --select $1 -p $2 $(budget $2) "$plan" -o /dev/null 2>&1 |
			sed -n 's/.*: \([0-9.]*\) us predicted.*/\1/p'
	}
	for p in $("$schedule" -p help | cut -d' ' -f1); do
		b=$(us best $p)
		[ -n "$b" ]
		for k in fastest efficient; do
			awk -v a="$b" -v b="$(us $k $p)" 'BEGIN { exit !(a <= b * 1.001) }'
		done
	done
}

@test "--check accepts, says the prediction, writes nothing" {
	run "$schedule" --check "$plan"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == "tamp-schedule: legal, "*" us predicted on 2 vEUs of 'two_cores'" ]]
}

@test "--check refuses each kind of fault with its place" {
	check() { # sed script, part of the message
		edit "$1"
		run "$schedule" --check "$T/edited.yaml"
		echo "$output"
		[ "$status" = 1 ]
		[[ ${lines[0]} == *edited.yaml:*"$2"* ]]
	}
	check '/run: left2, t/s/tasks: 0..1/tasks: 0..0/' \
		"rTask 1 of 'left2' never runs"
	check '/run: left2, t/s/\(.*\)/\1\n\1/' "rTask 0 of 'left2' runs twice"
	check '/run: left2, t/s/veus: 0..1/veus: 0..2/' "the launch has vEUs 0 to 1"
	check '/run: left2, t/d' "no step runs 'left2'"
	check '/run: left2, t/s/left1}/scores}/' "waits for ever for"
	check '/run: left2, t/s/, after.*]/, after: [{run: left1, tasks: 0..0}]/' \
		"reads what rTask 1 of 'left1' writes, and nothing orders them"
	check '/run: left1, t/{h;d};/run: left2, t/{s/, after.*]//;G}' \
		"but comes before it"
	check '/run: left2, t/s/run: left2/run: lift2/' \
		"(did you mean 'left2'?)"
	check '/run: left2, use/s/48.64/48-64/' "no candidate 'matmul_block/48-64'"
	check '/run: left2, use/d' "'left2'"
}

@test "a schedule that is replaced need not be legal" {
	edit '/run: left2, t/s/, after.*]//'
	refute "$schedule" --check "$T/edited.yaml"
	"$schedule" -p wavefront "$T/edited.yaml" -o "$T/new.yaml"
	"$schedule" --check "$T/new.yaml"
}

@test "a memory plan given by hand is verified too" {
	"$TAMP_BIN/tamp-emit" -o "$T/dir" "$plan"
	"$schedule" --check "$T/dir/plan.yaml"
	sed '/name: left2, base: arena/s/offset: [0-9]*/offset: 0/
	     /name: left1, base: arena/s/offset: [0-9]*/offset: 0/' \
		"$T/dir/plan.yaml" > "$T/edited.yaml"
	refute cmp -s "$T/dir/plan.yaml" "$T/edited.yaml"
	# whether its editor signs it or not
	sed 's/made: {by: tamp-emit/made: {by: me/' "$T/edited.yaml" > "$T/mine.yaml"
	for f in edited mine; do
		run "$schedule" --check "$T/$f.yaml"
		echo "$output"
		[ "$status" = 1 ]
		[[ ${lines[0]} == "$T/$f.yaml:"*"'left2' takes bytes of 'left1', but rTask 0 of 'left2' uses both" ]]
		refute "$TAMP_BIN/tamp-emit" -o "$T/dir2" "$T/$f.yaml"
		[ ! -e "$T/dir2" ]
	done
}

@test "a memory plan of a schedule that was edited since is no fault" {
	"$TAMP_BIN/tamp-emit" -o "$T/dir" "$plan"
	sed 's/^policy: .*/policy: mine/' "$T/dir/plan.yaml" > "$T/stale.yaml"
	run "$schedule" --check "$T/stale.yaml"
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[0]} == "$T/stale.yaml:"*": note: this memory plan is of another schedule: "* ]]
	run "$TAMP_BIN/tamp-emit" -o "$T/dir2" "$T/stale.yaml"
	[ "$status" = 0 ]
	[[ ${lines[0]} == *": note: this memory plan is of another schedule: making one anew" ]]
	# comments are no edit
	sed '2i# a remark' "$T/dir/plan.yaml" > "$T/remark.yaml"
	run "$schedule" --check "$T/remark.yaml"
	[ "$status" = 0 ]
	[[ $output != *note* ]]
}

@test "--gantt draws every rTask" {
	"$schedule" --check --gantt "$T/g.svg" "$plan"
	[ "$(grep -c 'class="b"' "$T/g.svg")" = 13 ]
	python3 -c "import xml.dom.minidom, sys; xml.dom.minidom.parse(sys.argv[1])" "$T/g.svg"
}

@test "--window and --rows draw a part, and it says which" {
	"$schedule" --check --gantt "$T/g.svg" --window 1..3.5 --rows 1..1 "$plan"
	grep -q '>here 1.000 to 3.500 us, vEUs 1 to 1: busy ' "$T/g.svg"
	n=$(grep -c 'class="b"' "$T/g.svg")
	[ "$n" -gt 0 ]
	[ "$n" -lt 7 ]
	refute grep -q 'on vEU 0$' "$T/g.svg"
	"$schedule" --gantt "$T/h.svg" --window=1..3.5 --rows=1..1 "$plan" -o /dev/null
}

@test "--window and --rows that make no sense" {
	for o in --window=3..1 --window=1 --window=a..b --rows=1..0 --rows=1.5..2; do
		run "$schedule" --check --gantt "$T/g.svg" $o "$plan"
		[ "$status" = 2 ]
		[[ $output == *"${o%=*} '${o#*=}': expected "* ]]
		[ ! -e "$T/g.svg" ]
	done
	for o in --window=0..1 --rows=0..1; do
		run "$schedule" --check $o "$plan"
		[ "$status" = 2 ]
		[[ $output == *"--gantt"* ]]
	done
	run "$schedule" --check --gantt "$T/g.svg" --rows 1..2 "$plan"
	[ "$status" = 1 ]
	[[ $output == *"vEU 2 cannot be drawn: there are 2, numbered from 0" ]]
	run "$schedule" --check --gantt "$T/g.svg" --window 1000000..1000001 "$plan"
	[ "$status" = 1 ]
	[[ $output == *"the timeline ends at "* ]]
	[ ! -e "$T/g.svg" ]
}

# 1000 rOperators in 20 chains on the 132 SMs of an H200.
thousand() {
	python3 -c '
print("---\nformat: graph/1\nmade: {by: me}\nopset: 22\ninputs: [x]")
names = [[f"c{c}.{i}" for i in range(50)] for c in range(20)]
print("outputs: [" + ", ".join(n[-1] for n in names) + "]")
print("tensors:\n- {name: x, type: f32, shape: [528, 64]}")
for n in sum(names, []): print(f"- {{name: {n}, type: f32, shape: [528, 64]}}")
print("nodes:")
for n in names:
    for a, b in zip(["x"] + n, n):
        print(f"- {{op: Softmax, in: [{a}], out: [{b}], attrs: {{axis: 1}}}}")
print("...")' > "$T/graph.yaml"
	"$TAMP_BIN/tamp-partition" -d h200 "$T/graph.yaml" |
		"$schedule" -p $1 --select fastest --width 132 -o "$T/plan.yaml"
}

@test "1000 rOperators on 132 vEUs: below 2 MB, which bars are one is said" {
	for p in wavefront roundrobin; do
		thousand $p
		run "$schedule" --check --gantt "$T/g.svg" "$T/plan.yaml"
		[ "$status" = 0 ]
		[[ $output == *" us predicted on 132 vEUs "* ]]
		[ "$(wc -c < "$T/g.svg")" -lt 2000000 ]
		all=$(sed -n 's/.* 132 vEUs, \([0-9]*\) rTasks<.*/\1/p' "$T/g.svg")
		[ "$all" -gt 9000 ]
		bars=$(grep -c 'class="b"' "$T/g.svg")
		grep -q ">$all rTasks in $bars bars: those under [0-9.]* px are one" "$T/g.svg"
		grep -q '>the 24 heaviest of 1000 rOperators' "$T/g.svg"
		python3 -c "import xml.dom.minidom, sys; xml.dom.minidom.parse(sys.argv[1])" "$T/g.svg"
		"$schedule" --check --gantt "$T/h.svg" "$T/plan.yaml"
		cmp "$T/g.svg" "$T/h.svg"
		# zoomed in, each is there: none waits to be seen
		end=$(sed -n 's/.*: \([0-9]*\)\.[0-9]* us predicted, .*/\1/p' "$T/g.svg")
		"$schedule" --check --gantt "$T/z.svg" --rows 0..7 \
			--window $((end / 2))..$((end / 2 + 10)) "$T/plan.yaml"
		refute grep -q 'bars: those under' "$T/z.svg"
	done
}

@test "--explain gives a reason for each rKernel and each place" {
	run "$schedule" --explain -p wavefront --select fastest "$plan" -o /dev/null
	[ "$status" = 0 ]
	[[ $output == *"left1: matmul_block/48/64, 2 rTasks of "* ]]
	[[ $output == *"of a wave of 2"* ]]
}

@test "--check --explain says where the predicted time goes" {
	run "$schedule" --check --explain "$plan"
	[ "$status" = 0 ]
	echo "$output"
	[[ ${lines[1]} =~ ^"tamp-schedule: 2 vEUs of "[0-9.]*" us: busy "[0-9.]*" %, bandwidth "[0-9.]*" %, dependency "[0-9.]*" %, synchronisation "[0-9.]*" %, imbalance "[0-9.]*" %"$ ]]
	[[ ${lines[2]} == "tamp-schedule: the end hangs on a chain of "*" rTasks, "*" between: '"* ]]
	[[ ${lines[3]} == *": its vEUs lost "* ]]
	echo "${lines[1]}" | grep -oE '[0-9.]+ %' | awk '{ n += $1 }
		END { exit !(NR == 5 && n > 99.7 && n < 100.3) }'
	run "$schedule" --check -v "$plan"
	[[ $output == *"of its vEUs' time: busy "*" %, imbalance "* ]]
	[[ $output != *"hangs on"* ]]
}

@test "measured times count before estimated ones" {
	cat > "$T/costs.yaml" <<-E
	---
	format: costs/1
	made: {by: test}
	device: two_cores
	costs:
	- {class: "MatMul A=f32[1,32,64] B=f32[1,64,128] Y=f32[1,32,128]", use: matmul_block/48/64, us: 1000.0}
	...
	E
	run "$schedule" --check "$T/costs.yaml" "$plan"
	echo "$output"
	[ "$status" = 0 ]
	# left1 and right1, one rTask each a vEU
	[[ $output == *"legal, 20"*" us predicted"* ]]
	"$schedule" --select fastest "$T/costs.yaml" "$plan" -o "$T/s.yaml"
	refute grep -q 'run: left1, use: matmul_block/48/64' "$T/s.yaml"
	grep -q '^format: costs/1' "$T/s.yaml"
}

@test "no tasks/1, no schedule to check, nothing at all" {
	sed -n '/^format: graph/,$p' "$plan" > "$T/graph.yaml"
	run "$schedule" "$T/graph.yaml"
	[ "$status" = 1 ]
	[[ $output == *"no tasks/1"* ]]
	sed '1,/^\.\.\./d' "$plan" > "$T/tasks.yaml"
	run "$schedule" --check "$T/tasks.yaml"
	[ "$status" = 1 ]
	[[ $output == *"no schedule/1"* ]]
	run "$schedule" /dev/null
	[ "$status" = 1 ]
}

@test "a full disk is an error, and leaves no part behind" {
	run sh -c "'$schedule' '$plan' > /dev/full"
	[ "$status" = 1 ]
	run "$schedule" "$plan" -o "$T/none/plan.yaml"
	[ "$status" = 1 ]
	run "$schedule" --check --gantt "$T/none/g.svg" "$plan"
	[ "$status" = 1 ]
}

@test "a plan too wide for the device is refused by its launch" {
	"$TAMP_BIN/tamp-partition" -d h200 \
		"$BATS_TEST_DIRNAME/../../examples/edit-a-schedule/model.yaml" -o "$T/h.yaml"
	"$schedule" -p wavefront "$T/h.yaml" -o "$T/s.yaml"
	"$schedule" --check "$T/s.yaml"
	sed '/launch: {/s/width: [0-9]*/width: 100000/' "$T/s.yaml" > "$T/wide.yaml"
	run "$schedule" --check "$T/wide.yaml"
	[ "$status" = 1 ]
	[[ $output == *"100000 vEUs do not fit 'h200' at once: "* ]]
	sed '/launch: {/s/threads: [0-9]*/threads: 1/' "$T/s.yaml" > "$T/thin.yaml"
	run "$schedule" --check "$T/thin.yaml"
	[ "$status" = 1 ]
	[[ $output == *" threads, its launch gives 1"* ]]
}
