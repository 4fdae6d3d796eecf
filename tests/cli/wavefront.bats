#!/usr/bin/env bats
# The policy wavefront: rOperators of equal depth side by side.

load chain
load dealt

# M chains of N products each.
chains() { # N M
	/usr/bin/python3 - "$@" <<-'END'
	import sys
	n, m = map(int, sys.argv[1:])
	names = [f"c{j}_{i}" for j in range(m) for i in range(n)]
	last = ", ".join(f"c{j}_{n - 1}" for j in range(m))
	print("---\nformat: graph/1\nmade: {by: me}\nopset: 22\ninputs: [x]")
	print(f"outputs: [{last}]\ntensors:\n- {{name: x, type: f32, shape: [1, 256]}}")
	for v in names:
	    print(f"- {{name: {v}, type: f32, shape: [1, 256]}}")
	    print(f"- {{name: w_{v}, type: f32, shape: [256, 256], random: {{seed: 1, scale: 0.1}}}}")
	print("nodes:")
	for j in range(m):
	    for i in range(n):
	        x = f"c{j}_{i - 1}" if i else "x"
	        print(f"- {{op: MatMul, in: [{x}, w_c{j}_{i}], out: [c{j}_{i}]}}")
	print("...")
	END
}

@test "a wave shares the vEUs out by work where that is as short" {
	chains 4 8 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p wavefront --select fastest --explain -o w.yaml t.yaml 2> said
	[ "$(grep -c ': way [12] (.*): ' said)" = 1 ]
	[ "$(grep -c 'tasks: 0\.\.7, veus: \([0-7]\)\.\.\1[,}]' w.yaml)" = 32 ]
}

# Nine products on eight vEUs.
@test "a wave is dealt out where that is shorter" {
	chains 4 9 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p wavefront --select fastest --explain -o w.yaml t.yaml 2> said
	grep ': way [12] (.*): ' said
	first=$(sed -n 's/.*: way 1 ([^)]*): \([0-9.]*\) us.*/\1/p' said)
	second=$(sed -n 's/.*: way 2 ([^)]*): \([0-9.]*\) us.*/\1/p' said)
	less "$second" "$first"
	"$BIN/tamp-schedule" --check w.yaml 2>&1 | grep -q ", $second us predicted"
	dealt "$(sed -n 's/^- launch: {width: \([0-9]*\).*/\1/p' w.yaml)" w.yaml
}
