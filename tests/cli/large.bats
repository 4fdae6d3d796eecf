# Schedules of millions of rTasks: memory grows as their number does.

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# large N: N rOperators of 1000 rTasks each, 16 chains side by side; each runs on
# a quarter of 64 vEUs, and waits for the one it reads from, on another.
large() {
	awk -v n="$1" 'function src(i) { return i < 16 ? "x" : ("r" (i - 16)) }
	BEGIN {
		print "format: schedule/1\nmade: {by: hand}\nkernels:"
		for (i = 0; i < n; i++)
			printf "- {run: r%d, use: each/4}\n", i
		print "steps:\n- launch: {width: 64}"
		for (i = 0; i < n; i++) {
			v = (i + int(i / 16)) % 4 * 16
			printf "- {run: r%d, tasks: 0..999, veus: %d..%d", i, v, v + 15
			if (i >= 16)
				printf ", after: [{run: r%d}]", i - 16
			print "}"
		}
		print "...\n---\nformat: tasks/1\nmade: {by: hand}\nclasses:"
		print "- class: m\n  form: Map\n  args:"
		print "  - {arg: \"Y\", type: f32, shape: [4000], out: true, map: [\"E0 + 1\"]}"
		print "  - {arg: E0, type: f32, shape: [4000], \"on\": \"Y\"}"
		print "  kernels:\n  - {use: each/4, grid: [1000], writes: {\"Y\": \"[4*x..4*(x+1)]\"}, us: 1.0}"
		print "rops:"
		for (i = 0; i < n; i++)
			printf "- {run: r%d, class: m, args: [r%d, %s]}\n", i, i, src(i)
		print "...\n---\nformat: device/1\nname: wide\ntarget: host\nunits: 64"
		print "veus: 64\nsimd: 16\nl1: 32768\nl2: 524288\nmemory_gbps: 30.0"
		print "unit_gbps: 15.0\nl2_gbps: 60.0\nunit_gflops: 90.0\nlaunch_us: 1.0"
		print "barrier_us: 0.5\ncounter_us: 0.2\ntask_us: 0.05\n...\n---"
		print "format: graph/1\nmade: {by: hand}\nopset: 22\ninputs: [x]"
		printf "outputs: ["
		for (i = n - 16; i < n; i++)
			printf "%sr%d", (i > n - 16 ? ", " : ""), i
		print "]\ntensors:\n- {name: x, type: f32, shape: [4000]}"
		for (i = 0; i < n; i++)
			printf "- {name: r%d, type: f32, shape: [4000]}\n", i
		print "nodes:"
		for (i = 0; i < n; i++)
			printf "- {op: A, in: [%s], out: [r%d]}\n", src(i), i
		print "..."
	}' > "large.$1.yaml"
}

# Checks a plan of N rOperators in so many KiB of memory.
check() { # N KIB
	large "$1"
	run bash -c 'ulimit -v "$2" && exec tamp-schedule --check "$1"' - \
		"large.$1.yaml" "$2"
	echo "$output"
	rm "large.$1.yaml"
	[ "$status" = 0 ]
	[[ $output == *"legal, "* ]]
}

@test "17 million rTasks are verified, in memory that grows as their number" {
	if [ -n "${TAMP_SAN-}" ]; then	# sanitizers reserve all there is
		check 2000 unlimited
		return
	fi
	check 2000 393216	# 190 bytes an rTask, and the program
	check 17000 3145728
}

@test "the first two of them that are not ordered are found" {
	large 4000
	sed -i 's/^\(- {run: r3999,.*\), after:.*/\1}/' large.4000.yaml
	run tamp-schedule --check large.4000.yaml
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"rTask 0 of 'r3999' reads what rTask 0 of 'r3983' writes, and nothing orders them"* ]]
}
