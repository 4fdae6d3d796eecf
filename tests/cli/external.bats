# tamp-schedule -p ./PROGRAM: a program as a policy.

setup() {
	cd "$BATS_TEST_TMPDIR"
	plan=$BATS_TEST_DIRNAME/../../examples/edit-a-schedule/plan.yaml
	schedule=$TAMP_BIN/tamp-schedule
	sed '1,/^\.\.\.$/d' "$plan" > tasks.yaml
}

# policy TEXT: ./policy, a program of Python that has the plan as "tasks"
policy() {
	{ cat <<-'END'
	#!/usr/bin/python3
	import sys, yaml
	docs = {d["format"]: d for d in yaml.safe_load_all(sys.stdin)}
	tasks, device = docs["tasks/1"], docs["device/1"]
	kernels = {c["class"]: c["kernels"][0] for c in tasks["classes"]}
	def size(k):
	    n = 1
	    for g in k["grid"]: n *= g
	    return n
	END
	cat; } > policy
	chmod +x policy
}

# All rOperators one after another, each on one vEU, in turn; no waits.
in_turn() {
	policy <<-'END'
	print("---\nformat: schedule/1\nmade: {by: me}\npolicy: mine\nkernels:")
	for r in tasks["rops"]:
	    print(f"- {{run: {r['run']}, use: {kernels[r['class']]['use']}}}")
	print("steps:\n- launch: {width: 2}")
	for i, r in enumerate(tasks["rops"]):
	    if not r.get("init"):
	        print(f"- {{run: {r['run']}, tasks: 0..{size(kernels[r['class']]) - 1}, "
	              f"veus: {i % 2}..{i % 2}}}")
	print("...")
	END
}

@test "its schedule is taken, its waits are added, and it runs" {
	in_turn
	for sync in counter barrier; do
		"$schedule" -p ./policy --sync $sync -o s.yaml tasks.yaml
		grep -q '^policy: "\?./policy' s.yaml
		"$schedule" --check s.yaml
	done
	grep -q 'barrier: {}' s.yaml
	"$schedule" -p ./policy -o s.yaml tasks.yaml
	grep -q 'after: ' s.yaml
	[ "$(grep -c '^format:' s.yaml)" = "$(($(grep -c '^format:' tasks.yaml) + 1))" ]
	tamp-emit -o d s.yaml
	tamp-run -n 1 d > /dev/null
}

@test "it is told what was asked for, and the older schedule" {
	in_turn
	cat > asking <<-'END'
	#!/bin/sh
	echo "$*" > asked
	tee given | ./policy
	END
	chmod +x asking
	"$schedule" -p ./asking --select fastest --sync barrier --width 5 "$plan" > s.yaml
	[ "$(cat asked)" = "--select fastest --sync barrier --width 5" ]
	cmp given "$plan"
}

# refused MESSAGE: no plan comes of ./policy, and it is said why.
refused() {
	run "$schedule" -p ./policy -o s.yaml tasks.yaml
	[ "$status" = 1 ]
	[[ $output == *"$1"* ]]
	[ ! -e s.yaml ]
}

@test "one that declines makes nothing, and its reason is seen" {
	printf '#!/bin/sh\necho "no idea" >&2\nexit 3\n' > policy
	chmod +x policy
	refused "no idea"
	[[ $output == *"policy './policy' made no schedule: it ended with status 3"* ]]
	printf '#!/bin/sh\nkill -9 $$\n' > policy
	refused "was ended by signal 9"
	run "$schedule" -p ./nowhere -o s.yaml tasks.yaml
	[ "$status" = 1 ]
	[[ $output == *"cannot run policy './nowhere': No such file"* ]]
}

@test "what it writes is judged like any other, with a place" {
	printf '#!/bin/sh\necho "format: schedule/1"\n' > policy
	chmod +x policy
	refused "output of './policy':2:1: error: '...' is missing"
	printf '#!/bin/sh\ncat tasks.yaml\n' > policy
	refused "output of './policy' holds no schedule/1"
	in_turn
	mv policy whole
	printf '#!/bin/sh\n./whole | sed "/^- {run: both, tasks/d"\n' > policy
	chmod +x policy
	refused "'both'"
}
