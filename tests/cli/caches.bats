# What the predictor makes of caches and of bandwidths that are shared.

setup() {
	cd "$BATS_TEST_TMPDIR"
	BIN=${TAMP_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/bin}
}

device() { # UNITS L2 L3 MEMORY_GBPS
	cat <<-END
	---
	format: device/1
	name: mine
	target: host
	arch: x86-64-v2
	units: $1
	veus: $1
	simd: 16
	l2: $2
	l3: $3
	memory_gbps: $4
	unit_gbps: 10.0
	l2_gbps: $((100 * $1)).0
	l3_gbps: $((25 * $1)).0
	unit_gflops: 1000.0
	launch_us: 0.0
	barrier_us: 0.0
	counter_us: 0.0
	task_us: 0.0
	...
	END
}

# y = ((x W) V) W, or V instead of the last W; of the three, n x n each.
graph() { # N LAST
	cat <<-END
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x]
	outputs: ["y"]
	tensors:
	- {name: x, type: f32, shape: [1, $1]}
	- {name: W, type: f32, shape: [$1, $1], random: {seed: 1, scale: 0.1}}
	- {name: V, type: f32, shape: [$1, $1], random: {seed: 2, scale: 0.1}}
	- {name: a, type: f32, shape: [1, $1]}
	- {name: b, type: f32, shape: [1, $1]}
	- {name: "y", type: f32, shape: [1, $1]}
	nodes:
	- {op: MatMul, in: [x, W], out: [a]}
	- {op: MatMul, in: [a, V], out: [b]}
	- {op: MatMul, in: [b, $2], out: ["y"]}
	...
	END
}

us() { # OPTION...
	"$BIN/tamp-schedule" --select fastest "$@" -o s.yaml t.yaml
	"$BIN/tamp-schedule" --check s.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p'
}

about() { # A B
	echo "$1, expected $2"
	awk "BEGIN { exit !($1 > 0.97 * $2 && $1 < 1.03 * $2) }"
}

# A matrix of 512 x 512 is 1 MiB: 10.5 us at 100 GB/s, 42 at 25, 105 at 10.
@test "weights come from where they were left" {
	graph 512 W > g.yaml
	# All fits the core's cache, run after run.
	device 1 4194304 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 31.5
	# Two matrices fit the other cache, not the core's.
	device 1 1048576 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 126
	# Nothing fits: all from memory.
	device 1 65536 131072 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 315
}

# Three quarters and more of a cache are touched before W comes again.
@test "a cache loses little by little what it holds" {
	graph 512 W > g.yaml
	last=30
	for l2 in 4194304 2600000 2200000 1900000 1048576; do
		device 1 $l2 16777216 10 > d.yaml
		"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
		now=$(us -p sequential)
		echo "$l2: $now"
		awk "BEGIN { exit !($now > 1.03 * $last) }"
		last=$now
	done
	about "$last" 126
}

# Two chains, each of one matrix again and again: side by side, neither stays near.
@test "list goes by the model's order where that keeps data near" {
	{
		printf -- '---\nformat: graph/1\nmade: {by: me}\nopset: 22\n'
		printf 'inputs: [x]\noutputs: [a5, b5]\ntensors:\n'
		printf -- '- {name: x, type: f32, shape: [1, 512]}\n'
		for m in a b; do
			printf -- '- {name: %s, type: f32, shape: [512, 512], random: {seed: 1, scale: 0.1}}\n' w$m
			for i in 0 1 2 3 4 5; do
				printf -- '- {name: %s, type: f32, shape: [1, 512]}\n' $m$i
			done
		done
		printf 'nodes:\n'
		for m in a b; do
			from=x
			for i in 0 1 2 3 4 5; do
				printf -- '- {op: MatMul, in: [%s, %s], out: [%s]}\n' $from w$m $m$i
				from=$m$i
			done
		done
		printf '...\n'
	} > g.yaml
	device 1 1400000 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	wavefront=$(us -p wavefront)
	list=$(us -p list)
	echo "list $list, wavefront $wavefront"
	awk "BEGIN { exit !($list < 0.8 * $wavefront) }"
	about "$list" "$(us -p sequential)"
}

@test "what was touched last is near, on that vEU" {
	device 2 1572864 16777216 20 > d.yaml
	# x W, then (...) V twice: the second time it is near.
	graph 512 V > g.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	near=$(us -p sequential --width 1)
	about "$near" 94.5
	# On another vEU it is not.
	sed -e 's/launch: {width: 1/launch: {width: 2/' \
		-e 's/^\(- {run: "y".*veus: \)0..0/\11..1/' \
		-e '/^- {run: "y".*tasks/s/}$/, after: [{run: b}]}/' s.yaml > other.yaml
	other=$("$BIN/tamp-schedule" --check other.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p')
	about "$other" 126
}

@test "cores that draw on memory together share it" {
	graph 512 V > g.yaml
	device 2 65536 131072 20 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	wide=$(us -p sequential)
	device 2 65536 131072 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" "$(awk "BEGIN { print 2 * $wide }")"
}

@test "a device of which no cache is known has memory alone" {
	graph 512 V > g.yaml
	device 1 0 0 10 | sed '/^l[23]: /d; /^l3_gbps/d' > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 315
}
