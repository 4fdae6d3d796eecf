#!/usr/bin/env bats
# Which of an rOperator's vEUs get which of its rTasks, where they have caches of
# their own: against what crossing.py makes of the plans' regions.

load host

# What of a separable convolution makes NASNet: on C channels of N x N, Relu, a
# filter for each channel, 1x1 over all of them; twice.
graph() { # C N
	cat <<-END
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x]
	outputs: ["y"]
	tensors:
	- {name: x, type: f32, shape: [1, $1, $2, $2]}
	- {name: F, type: f32, shape: [$1, 1, 3, 3], random: {seed: 1, scale: 0.1}}
	- {name: W, type: f32, shape: [$1, $1, 1, 1], random: {seed: 2, scale: 0.1}}
	- {name: p, type: f32, shape: [1, $1, $2, $2]}
	- {name: a, type: f32, shape: [1, $1, $2, $2]}
	- {name: b, type: f32, shape: [1, $1, $2, $2]}
	- {name: c, type: f32, shape: [1, $1, $2, $2]}
	- {name: d, type: f32, shape: [1, $1, $2, $2]}
	- {name: e, type: f32, shape: [1, $1, $2, $2]}
	- {name: "y", type: f32, shape: [1, $1, $2, $2]}
	nodes:
	- {op: Conv, in: [x, W], out: [p]}
	- {op: Relu, in: [p], out: [a]}
	- {op: Conv, in: [a, F], out: [b], attrs: {group: $1, pads: [1, 1, 1, 1]}}
	- {op: Conv, in: [b, W], out: [c]}
	- {op: Relu, in: [c], out: [d]}
	- {op: Conv, in: [d, F], out: [e], attrs: {group: $1, pads: [1, 1, 1, 1]}}
	- {op: Conv, in: [e, W], out: ["y"]}
	...
	END
}

plan() { # POLICY [OPTION...]: POLICY.yaml, and what crosses: POLICY.said
	"$BIN/tamp-schedule" -p "$1" --select fastest "${@:2}" -o "$1.yaml" t.yaml
	"$BIN/tamp-schedule" --check "$1.yaml"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/crossing.py" "$1.yaml" > "$1.said"
	echo "$1:"
	cat "$1.said"
}

# The sum over all rOperators.
crossing() { # POLICY
	grep -o ':[0-9]*' "$1.said" | awk -F: '{ n += $2 } END { print n }'
}

partition() { # VEUS L2
	device "$1" "$2" 16777216 10.0 l2_gbps=100.0 l3_gbps=50.0 unit_gflops=50.0 \
		launch_us=1.0 barrier_us=0.4 counter_us=0.15 task_us=0.005 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
}

# By rows, half each: of a filter of 3 rows each vEU needs one row of the other's, 64
# elements of 32 channels.  (x is brought into blocks of channels, and y out, by two
# rTasks that cut it otherwise.)
@test "vEUs read what they wrote themselves" {
	graph 32 64 > g.yaml
	partition 2 1048576
	plan sequential
	[ "$(crossing sequential)" -gt 400000 ]
	for p in list wavefront stages; do
		plan "$p"
		for is in a:p:0 b:a:4096 c:b:0 d:c:0 e:d:4096 "y.NCHW16c:e:0"; do
			IFS=: read -r run tensor n <<< "$is"
			grep -q "^$run [0-9]* $tensor:$n\$" "$p.said"
		done
		# no vEU has more to do
		diff <(cut -d" " -f1,2 sequential.said) <(cut -d" " -f1,2 "$p.said")
	done
}

@test "of a small image and many channels, weights are what is shared out" {
	graph 256 4 > g.yaml
	partition 2 1048576
	plan list
	use=$(sed -n 's/^- {run: "y", use: \(.*\)}/\1/p' list.yaml)
	/usr/bin/python3 - "$use" <<-'END'
	import sys, yaml
	docs = list(yaml.safe_load_all(open("list.yaml")))
	tasks = next(d for d in docs if d["format"] == "tasks/1")
	steps = next(d for d in docs if d["format"] == "schedule/1")["steps"]
	cls = next(r for r in tasks["rops"] if r["run"] == "y")["class"]
	kernel = next(k for c in tasks["classes"] if c["class"] == cls
	              for k in c["kernels"] if k["use"] == sys.argv[1])
	of = {}
	for s in steps:
	    if s.get("run") == "y":
	        lo, hi = map(int, s["tasks"].split(".."))
	        v0, v1 = map(int, s["veus"].split(".."))
	        for t in range(lo, hi + 1):
	            y = t // kernel["grid"][0] % kernel["grid"][1]
	            of.setdefault(y, set()).add(v0 + (t - lo) % (v1 - v0 + 1))
	# y is a block of output channels, and of the weights
	assert kernel["grid"][1] > 1 and all(len(v) == 1 for v in of.values()), of
	assert len(set().union(*of.values())) == 2, of
	END
}

@test "three vEUs have a third each" {
	graph 32 64 > g.yaml
	partition 3 1048576
	plan sequential
	plan list
	[ "$((3 * $(crossing list)))" -lt "$(crossing sequential)" ]
	diff <(cut -d" " -f1,2 sequential.said) <(cut -d" " -f1,2 list.said)
}

split() { # POLICY: how many steps are of one vEU
	grep -c '^- {run: .*veus: \([0-9]*\)\.\.\1[,}]' "$1.yaml" || :
}

@test "without caches of their own, and by policies that promise it, in turn" {
	graph 32 64 > g.yaml
	partition 2 0
	plan list
	[ "$(split list)" = 0 ]
	partition 2 1048576
	plan list
	[ "$(split list)" -gt 0 ]
	for p in sequential roundrobin; do
		plan "$p"
		[ "$(split "$p")" = 0 ]
	done
}

@test "a plan that is searched for is near its data, and not behind the one given" {
	graph 32 64 > g.yaml
	partition 2 1048576
	plan sequential
	# Of one vEU: whatever is on two is not from there.
	"$BIN/tamp-schedule" -p sequential --select fastest --width 1 -o one.yaml t.yaml
	"$BIN/tamp-schedule" -p search --select fastest --budget 1 -o search.yaml one.yaml
	/usr/bin/python3 "$BATS_TEST_DIRNAME/crossing.py" search.yaml > search.said
	cat search.said
	[ "$((3 * $(crossing search)))" -lt "$(crossing sequential)" ]
	us() { "$BIN/tamp-schedule" --check "$1" 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p'; }
	for p in sequential list roundrobin; do
		plan "$p"
		"$BIN/tamp-schedule" -p search --select fastest --budget 1 -o s.yaml "$p.yaml"
		echo "$(us s.yaml), $p: $(us "$p.yaml")"
		awk "BEGIN { exit !($(us s.yaml) <= $(us "$p.yaml")) }"
	done
}

@test "as few rTasks as vEUs are one step where nothing is gained" {
	graph 32 64 > g.yaml
	partition 2 1048576
	plan list
	# nothing was written before: in turn
	grep -q '^- {run: x.NCHW16c, tasks: 0..1, veus: 0..1}' list.yaml
	graph 64 16 > g.yaml
	partition 4 1048576
	plan sequential
	plan list
	diff <(cut -d" " -f1,2 sequential.said) <(cut -d" " -f1,2 list.said)
	[ "$(crossing list)" -le "$(crossing sequential)" ]
}

@test "a plan dealt out so gives the same" {
	[ "$(nproc)" -gt 1 ] || skip "one CPU"
	graph 32 24 > g.yaml
	narrow
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	for p in sequential list; do
		plan $p
		"$BIN/tamp-emit" -o $p $p.yaml
		"$BIN/tamp-run" --input x=random:3 -n 1 -o $p.out $p > /dev/null
	done
	grep -q 'run: .*veus: \(.*\)\.\.\1}' list.yaml
	cmp sequential.out/y.npy list.out/y.npy
}
