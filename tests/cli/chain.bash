# For tests of policies: a plan where a chain runs beside other work, and what
# is predicted of it.

setup() {
	cd "$BATS_TEST_TMPDIR"
	BIN=${TAMP_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/bin}
}

# A chain of n products, and m products beside it that only the end needs.
chain() { # N M
	/usr/bin/python3 - "$@" <<-'END'
	import sys
	n, m = map(int, sys.argv[1:])
	names = [f"c{i}" for i in range(n)] + [f"s{i}" for i in range(m)]
	sums = [f"t{i}" for i in range(m)]
	print("---\nformat: graph/1\nmade: {by: me}\nopset: 22\ninputs: [x]")
	print(f"outputs: [{sums[-1]}]\ntensors:\n- {{name: x, type: f32, shape: [1, 256]}}")
	for v in names:
	    print(f"- {{name: {v}, type: f32, shape: [1, 256]}}")
	    print(f"- {{name: w_{v}, type: f32, shape: [256, 256], "
	          f"random: {{seed: {len(v)}, scale: 0.1}}}}")
	for v in sums:
	    print(f"- {{name: {v}, type: f32, shape: [1, 256]}}")
	print("nodes:")
	for i in range(m):  # first in the file, last in what hangs on them
	    print(f"- {{op: MatMul, in: [x, w_s{i}], out: [s{i}]}}")
	for i in range(n):
	    print(f"- {{op: MatMul, in: [{'x' if i == 0 else f'c{i - 1}'}, w_c{i}], out: [c{i}]}}")
	last = f"c{n - 1}"
	for i in range(m):
	    print(f"- {{op: Add, in: [{last}, s{i}], out: [t{i}]}}")
	    last = f"t{i}"
	print("...")
	END
}

us() { # POLICY OPTION...: what is predicted
	policy=$1
	shift
	"$BIN/tamp-schedule" -p "$policy" "$@" -o "$policy.yaml" t.yaml
	"$BIN/tamp-schedule" --check "$policy.yaml" 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p'
}

less() { # A B
	echo "$1 $2"
	awk "BEGIN { exit !($1 < $2) }"
}
