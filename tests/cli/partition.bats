# tamp-partition: what it pushes, fuses, lays out and refuses.

bats_require_minimum_version 1.5.0

PY=/usr/bin/python3

setup() {
	T=$BATS_TEST_TMPDIR/work
	mkdir "$T"
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BIN=${TAMP_BIN:-$ROOT/build/bin}
	MODELS=$ROOT/tests/e2e/models
	cd "$T"
}

# A graph of the inputs, tensors and nodes that are handed in.
graph() {
	printf '%s\n' 'format: graph/1' 'made: {by: me}' 'opset: 22'
	cat
}

# A graph of one chain: y = relu(x w + b), z = y / (1 + x).
mlp() {
	graph <<-'END'
	inputs: [x]
	outputs: [z]
	tensors:
	- {name: x, type: f32, shape: [1, 64]}
	- {name: w, type: f32, shape: [64, 64], random: {seed: 1, scale: 0.1}}
	- {name: b, type: f32, shape: [64], random: {seed: 2, scale: 0.1}}
	- {name: one, type: f32, shape: [], value: [1.0]}
	- {name: m, type: f32, shape: [1, 64]}
	- {name: a, type: f32, shape: [1, 64]}
	- {name: "y", type: f32, shape: [1, 64]}
	- {name: d, type: f32, shape: [1, 64]}
	- {name: z, type: f32, shape: [1, 64]}
	nodes:   # a comment that stays
	- {op: MatMul, in: [x, w], out: [m]}
	- {op: Add, in: [m, b], out: [a]}
	- {op: Relu, in: [a], out: ["y"]}
	- {op: Add, in: [x, one], out: [d]}
	- {op: Div, in: ["y", d], out: [z]}
	...
	END
}

part() { # ARGUMENTS
	run --separate-stderr timeout 20 "$BIN/tamp-partition" "$@"
}

# An expression over t (tasks), v (device), g (graph) of out.yaml.
say() { # EXPRESSION
	$PY -c 'import sys, yaml
docs = {d["format"][:-2]: d for d in yaml.safe_load_all(open("out.yaml"))}
t, v, g = docs.get("tasks"), docs.get("device"), docs.get("graph")
classes = {c["class"]: c for c in t["classes"]}
print(eval(sys.argv[1]))' "$1"
}

@test "tasks and a device are pushed; the graph stays byte for byte" {
	mlp > g.yaml
	part -d h200 g.yaml -o out.yaml
	[ "$status" = 0 ] && [ -z "$output$stderr" ]
	[ "$(grep ^format: out.yaml | tr '\n' ' ')" = \
	  "format: tasks/1 format: device/1 format: graph/1 " ]
	tail -n "$(wc -l < g.yaml)" out.yaml | cmp - g.yaml
	[ "$(say 'v["name"]')" = h200 ]
}

@test "the same input gives the same bytes, from a file or a pipe" {
	mlp > g.yaml
	"$BIN/tamp-partition" -d emu g.yaml > one.yaml
	"$BIN/tamp-partition" -d emu < g.yaml > two.yaml
	cmp one.yaml two.yaml
}

@test "what was made before is replaced, and what was made from it goes" {
	mlp | "$BIN/tamp-partition" -d emu | "$BIN/tamp-schedule" > plan.yaml
	part -d h200 plan.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(grep -c ^format: out.yaml)" = 3 ]
	! grep -q schedule/1 out.yaml
	mlp | "$BIN/tamp-partition" -d h200 | cmp - out.yaml
}

@test "--only writes tasks alone" {
	mlp > g.yaml
	part --only -o out.yaml g.yaml
	[ "$(grep -c ^format: out.yaml)" = 1 ]
}

@test "maps go into the store of the product before them" {
	mlp > g.yaml
	part -d emu g.yaml -o out.yaml
	[ "$(say '[r["run"] for r in t["rops"]]')" = "['z']" ]
	[ "$(say '[r["nodes"] for r in t["rops"]]')" = \
	  "[['m', 'a', 'y', 'd', 'z']]" ]
	part -d emu --fuse none g.yaml -o out.yaml
	[ "$(say '[r["run"] for r in t["rops"]]')" = \
	  "['m', 'a', 'y', 'd', 'z']" ]
}

@test "a value with two readers is not fused away" {
	mlp | sed 's/outputs: \[z\]/outputs: [z, a]/' > g.yaml
	part -d emu g.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(say '[r["run"] for r in t["rops"]]')" = "['a', 'z']" ]
}

@test "fused steps are renamed and keep the type that was stored" {
	graph > g.yaml <<-'END'
	inputs: [x, k]
	outputs: [z]
	tensors:
	- {name: x, type: f32, shape: [2, 8]}
	- {name: k, type: i8, shape: [2, 8]}
	- {name: c, type: i8, shape: [2, 8]}
	- {name: s, type: i8, shape: [2, 8]}
	- {name: z, type: i64, shape: [2, 8]}
	nodes:
	- {op: Cast, in: [x], out: [c], attrs: {to: 3}}
	- {op: Add, in: [c, k], out: [s]}
	- {op: Cast, in: [s], out: [z], attrs: {to: 7}}
	...
	END
	part -d emu g.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(say 'len(t["rops"])')" = 1 ]
	# the sum wraps as i8 before it becomes i64
	[[ $(say 't["classes"][0]["args"][0]["map"]') == *"= CAST_I8("* ]]
}

@test "equal rOperators share a class; candidates have regions and a time" {
	"$BIN/tamp-import" -o m.yaml "$MODELS/residual.onnx"
	part -d emu m.yaml -o out.yaml
	[ "$status" = 0 ]
	say 'len(t["classes"]) < len(t["rops"])' | grep True
	say 'all(k["us"] > 0 for c in t["classes"] for k in c["kernels"])' |
		grep True
	say 'all("writes" in k for c in t["classes"] for k in c["kernels"])' |
		grep True
	say 'all(len(c["kernels"]) > 0 for c in t["classes"])' | grep True
}

@test "host convolutions get a blocked layout, constants are packed once" {
	"$BIN/tamp-import" -o m.yaml "$MODELS/residual.onnx"
	part -d host m.yaml -o out.yaml --explain
	[ "$status" = 0 ]
	say 'any(l["layout"] == "NCHW16c" for l in t["layouts"])' | grep True
	say 'all(r.get("init", False) == (r["args"][0].endswith("_bn") and
		classes[r["class"]]["form"] == "Copy") for r in t["rops"])' |
		grep True
	[[ $stderr == *"layout: "* ]]
	# inputs and outputs lie as the caller sees them
	say '[n for n in g["inputs"] + g["outputs"]
		if n in [l["name"] for l in t["layouts"]]]' | grep '^\[\]$'
}

# A product by w and one by v; the second by w too if $1 is w.
two_products() { # SECOND
	graph <<-END
	inputs: [x]
	outputs: [q]
	tensors:
	- {name: x, type: f32, shape: [1, 64]}
	- {name: w, type: f32, shape: [64, 64], random: {seed: 1, scale: 0.1}}
	- {name: v, type: f32, shape: [64, 64], random: {seed: 2, scale: 0.1}}
	- {name: p, type: f32, shape: [1, 64]}
	- {name: q, type: f32, shape: [1, 64]}
	nodes:
	- {op: MatMul, in: [x, w], out: [p]}
	- {op: MatMul, in: [p, $1], out: [q]}
	...
	END
}

@test "constants that are read again, or are large, are packed in panels" {
	sed 's/^l2: .*/l2: 65536/' "$(dirname "$BIN")/share/tamp/devices/host.yaml" > d.yaml
	two_products v > g.yaml
	part -d ./d.yaml g.yaml -o out.yaml
	[ "$status" = 0 ]
	say 't.get("layouts", [])' | grep '^\[\]$'
	two_products w > g.yaml
	part -d ./d.yaml g.yaml -o out.yaml --explain
	say '[(l["name"], l["layout"]) for l in t.get("layouts", [])]' |
		grep "^\[('w.BKNk32n', 'BKNk32n')\]$"
	say 'sum(r.get("init", False) for r in t["rops"])' | grep '^1$'
	[[ $stderr == *"layout: 'w' is reordered to BKNk32n"* ]]
	# 16 KiB, and a cache of one less.
	sed -i 's/^l2: .*/l2: 16383/' d.yaml
	two_products v > g.yaml
	part -d ./d.yaml g.yaml -o out.yaml
	say 'len(t.get("layouts", []))' | grep '^2$'
	# A kernel of one's own that does them as they are keeps them so.
	own mine
	part -d ./d.yaml -K k g.yaml -o out.yaml
	say 't.get("layouts", [])' | grep '^\[\]$'
	say '[k["use"] for k in classes["MatMul.1"]["kernels"]]' | grep "'mine'"
}

@test "a state's old value is read before the new one is written" {
	graph > g.yaml <<-'END'
	inputs: [x]
	outputs: [z]
	states:
	- {past: h, present: n}
	tensors:
	- {name: x, type: f32, shape: [8, 8]}
	- {name: h, type: f32, shape: [8, 8]}
	- {name: n, type: f32, shape: [8, 8]}
	- {name: z, type: f32, shape: [8, 8]}
	nodes:
	- {op: Tanh, in: [x], out: [n]}
	- {op: MatMul, in: [h, x], out: [z]}
	...
	END
	part -d emu g.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(say '[r["run"] for r in t["rops"]]')" = "['z', 'n']" ]
	"$BIN/tamp-schedule" out.yaml > plan.yaml
}

# A concatenation of p = f(x), p again, a constant, and q = g(p).
concat() {
	graph <<-'END'
	inputs: [x]
	outputs: [z]
	tensors:
	- {name: x, type: f32, shape: [2, 8]}
	- {name: p, type: f32, shape: [2, 8]}
	- {name: k, type: f32, shape: [1, 8], fill: [3.0]}
	- {name: w, type: f32, shape: [8, 8], random: {seed: 1, scale: 1.0}}
	- {name: q, type: f32, shape: [2, 8]}
	- {name: c, type: f32, shape: [7, 8]}
	- {name: z, type: f32, shape: [7, 8]}
	nodes:
	- {op: Tanh, in: [x], out: [p]}
	- {op: MatMul, in: [p, w], out: [q]}
	- {op: Concat, in: [p, p, k, q], out: [c], attrs: {axis: 0}}
	- {op: MatMul, in: [c, w], out: [z]}
	...
	END
}

@test "parts of a concatenation are made in their place" {
	concat > g.yaml
	part -d emu g.yaml -o out.yaml
	[ "$status" = 0 ]
	# p once, q: made inside c; p again, k: copied to their places
	[ "$(say '[(x["name"], x.get("offset", 0)) for x in t["views"]
		if x["of"] == "c"]')" = \
	  "[('p', 0), ('c.part', 16), ('c.part_1', 32), ('q', 40)]" ]
	# the copy of the constant is no constant: the rest of c is not
	[ "$(say '[r["run"] for r in t["rops"] if r.get("init")]')" = "[]" ]
	"$BIN/tamp-schedule" out.yaml > plan.yaml
	"$BIN/tamp-emit" -o d plan.yaml
}

@test "on a wide device independent products stay so" {
	graph > g.yaml <<-'END'
	inputs: [x]
	outputs: [z]
	tensors:
	- {name: x, type: f32, shape: [1, 64]}
	- {name: w, type: f32, shape: [64, 64], random: {seed: 1, scale: 0.1}}
	- {name: u, type: f32, shape: [64, 64], random: {seed: 2, scale: 0.1}}
	- {name: a, type: f32, shape: [1, 64]}
	- {name: b, type: f32, shape: [1, 64]}
	- {name: z, type: f32, shape: [1, 64]}
	nodes:
	- {op: MatMul, in: [x, w], out: [a]}
	- {op: MatMul, in: [x, u], out: [b]}
	- {op: Add, in: [a, b], out: [z]}
	...
	END
	part -d h200 g.yaml -o out.yaml --explain
	[ "$(say '[r["run"] for r in t["rops"]]')" = "['a', 'b', 'z']" ]
	[[ $stderr == *"it would wait for what now runs beside it"* ]]
}

# --- kernels of one's own ---------------------------------------------------------

own() { # NAME: a MatMul kernel that only fits one row of 64
	mkdir -p k/host
	cat > k/host/$1.c <<-END
	/*---
	kernel: $1
	form: MatMul
	types: {A: f32, B: f32, Y: f32}
	attrs: {trans_a: 0, trans_b: 0}
	shapes: {A: "[1, 1, 64]", B: "[1, 64, N]", Y: "[1, 1, N]"}
	grid: [N]
	writes: {Y: "[0, 0, x]"}
	---*/
	void
	$1(const A_t *A, const B_t *B, Y_t *Y)
	{
		float s = 0;
		for (int k = 0; k < 64; k++)
			s += A[k] * B[k * N + blockIdx.x];
		STORE(Y, blockIdx.x, s);
	}
	END
}

@test "a kernel of one's own is a candidate, and wins by its name" {
	mlp > g.yaml
	own mine
	part -K k g.yaml -o out.yaml
	[ "$status" = 0 ]
	say '[k["use"] for c in t["classes"] for k in c["kernels"]]' |
		grep "'mine'"
	own gemv_cols
	part -K k g.yaml -o out.yaml
	uses=$(say '[k["use"] for c in t["classes"] for k in c["kernels"]]')
	[[ $uses == *"'gemv_cols'"* && $uses != *"'gemv_cols/"* ]]
}

@test "a kernel that wins is the only candidate where it fits, and says so" {
	mlp > g.yaml
	own mine
	sed -i 's/^grid: \[N\]/&\nwins: true/' k/host/mine.c
	part -K k --explain g.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(say '[k["use"] for k in classes["MatMul.1"]["kernels"]]')" = "['mine']" ]
	[[ $stderr == *"class MatMul.1: not gemv_cols: one that wins fits"* ]]
	sed -i 's/^grid: \[N\]/&\nwhen: N == 63/' k/host/mine.c
	part -K k --explain g.yaml -o out.yaml
	[[ $(say '[k["use"] for k in classes["MatMul.1"]["kernels"]]') == *gemv_cols* ]]
	[[ $stderr == *"class MatMul.1: not mine: not so: N == 63"* ]]
}

# A graph with an operator of another domain: y = Scale(x), z = -y.
custom() {
	graph <<-'END'
	inputs: [x]
	outputs: [z]
	tensors:
	- {name: x, type: f32, shape: [6]}
	- {name: "y", type: f32, shape: [6]}
	- {name: z, type: f32, shape: [6]}
	nodes:
	- {op: "me::Scale", in: [x], out: ["y"], attrs: {by: 2.5, how: wide}}
	- {op: Neg, in: ["y"], out: [z]}
	...
	END
}

@test "an operator of another domain is computed by a kernel of one's own" {
	custom > g.yaml
	part g.yaml
	[ "$status" = 1 ] && [ -z "$output" ]
	[[ $stderr == "g.yaml:11:"*"no kernel fits rOperator 'y' ('y'): me::Scale A0 f32[6], Y0 f32[6]"* ]]
	[[ $stderr == *"there is no kernel of form me::Scale for this device: -K adds kernels of your own"* ]]
	mkdir k
	cat > k/scale.c <<-'END'
	/*---
	kernel: scale
	form: me::Scale
	types: {A0: f32, Y0: f32}
	attrs: {by: any, how: "wide | narrow"}
	shapes: {A0: [N], Y0: [N]}
	params: {from: A0, to: Y0, n: N, f: by}
	grid: [1]
	---*/
	void scale(const float *from, float *to, int n, float f)
	{
		for (int i = 0; i < n; i++)
			STORE(to, i, f * LOAD(from, i) + how_narrow);
	}
	END
	part -K k g.yaml -o out.yaml
	[ "$status" = 0 ] && [ -z "$stderr" ]
	[ "$(say 'len(t["rops"])')" = 1 ]	# the Neg is in its STORE
	"$BIN/tamp-schedule" out.yaml | "$BIN/tamp-emit" -K k -o b
	$PY -c 'import numpy; numpy.save("x", numpy.arange(6, dtype="f4"))'
	"$BIN/tamp-run" --input x=x.npy --output o b > r.yaml
	$PY -c 'import numpy; assert (numpy.load("o/z.npy") == -2.5 * numpy.arange(6)).all()'
	sed -i 's/how: wide/how: deep/' g.yaml
	part -K k g.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"scale: attribute how is deep, not wide | narrow"* ]]
}

@test "a bad head is refused with its place in the kernel file" {
	mlp > g.yaml
	own mine
	sed -i 's/grid: \[N\]/grid: [N \/ Q]/' k/host/mine.c
	part -K k g.yaml
	[ "$status" = 1 ] && [ -z "$output" ]
	[[ $stderr == "k/host/mine.c:7:7: error: unknown name 'Q'"* ]]
	[[ $stderr == *"grid: [N / Q]"* ]]
}

@test "no kernel fits: the rOperator, its nodes, and each kernel's reason" {
	mlp > g.yaml
	own mine
	sed -i 's/1, 1, 64\]", B: "\[1, 64/1, 1, 65]", B: "[1, 65/' k/host/mine.c
	mkdir -p share/kernels
	cp -r k/host share/kernels/host
	ln -s "$ROOT/lib/devices" share/devices
	cp "$ROOT/lib/kernels/host/map_flat.c" share/kernels/host
	TAMP_SHARE=share part --fuse none g.yaml
	[ "$status" = 1 ] && [ -z "$output" ]
	[[ $stderr == "g.yaml:17:"*"no kernel fits rOperator 'm' ('m'): MatMul A f32[1, 1, 64]"* ]]
	[[ $stderr == *"share/kernels/host/mine.c:2:9: note: mine: A has a dimension of 64, not 65"* ]]
}

@test "a folder without kernels is refused" {
	mlp > g.yaml
	part -K nowhere g.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"cannot read kernels in 'nowhere'"* ]]
	TAMP_SHARE=nowhere part g.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"no data directory 'nowhere'"* ]]
}

@test "where estimates are equal, the kernel made for the type comes first" {
	mlp > g.yaml
	for k in aa:T zz:f32; do
		printf '%s\n' '/*---' "kernel: ${k%:*}" 'form: MatMul' \
			"types: {A: ${k#*:}, B: ${k#*:}, Y: ${k#*:}}" \
			'shapes: {A: "[1, 1, K]", B: "[1, K, N]", Y: "[1, 1, N]"}' \
			'grid: [1]' 'flops: 1' '---*/' \
			"void ${k%:*}(const A_t *A, const B_t *B, Y_t *Y)" \
			'{ STORE(Y, 0, LOAD(A, 0) + LOAD(B, 0)); }' > ${k%:*}.c
	done
	part -K . g.yaml -o out.yaml
	[ "$status" = 0 ]
	say '[(k["use"], k["us"]) for k in classes["MatMul.1"]["kernels"]
		if k["use"] in ("aa", "zz")]' > two
	cat two
	grep "^\[('zz', \([0-9.]*\)), ('aa', \1)\]" two
	"$BIN/tamp-schedule" out.yaml > plan.yaml
	grep "use: zz" plan.yaml
}

# --- devices -----------------------------------------------------------------------

@test "every device file is good, and -d takes a path" {
	mlp > g.yaml
	for f in "$ROOT"/lib/devices/*.yaml; do
		part -d "$f" g.yaml -o out.yaml
		[ "$status" = 0 ]
		[ "$(say 'v["name"]').yaml" = "${f##*/}" ]
	done
}

@test "an unknown device is refused with the nearest" {
	mlp > g.yaml
	part -d h20 g.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"unknown device 'h20' (did you mean 'h200'?)"* ]]
	part -d quantum g.yaml
	[[ $stderr == *"there are emu, emu64, h200, host, mi50, v100"* ]]
}

@test "a bad device file is refused with its place" {
	mlp > g.yaml
	sed 's/^units: .*/units: 0/' "$ROOT/lib/devices/emu.yaml" > d.yaml
	part -d d.yaml g.yaml
	[ "$status" = 1 ]
	[[ $stderr == d.yaml:*"units"* ]]
}

# --- bad input -----------------------------------------------------------------------

@test "wrong words are a usage error" {
	mlp > g.yaml
	part --fuse all g.yaml
	[ "$status" = 2 ]
	[[ $stderr == *"--fuse 'all' is not known, expected none, maps or shared"* ]]
	part --math tf32 g.yaml
	[ "$status" = 2 ]
	[[ $stderr == *"--math 'tf32'"* ]]
	part --nonsense
	[ "$status" = 2 ]
}

@test "empty, cut-off and wrong input" {
	part - < /dev/null
	[ "$status" = 1 ]
	mlp | head -n 12 > cut.yaml
	part cut.yaml
	[ "$status" = 1 ] && [ -z "$output" ]
	part "$ROOT/lib/devices/emu.yaml"
	[ "$status" = 1 ]
	[[ $stderr == *"no graph/1"* ]]
	part missing.yaml
	[ "$status" = 1 ]
}

@test "a full disk is an error, and no half of a file stays" {
	mlp > g.yaml
	run -1 bash -c "'$BIN/tamp-partition' g.yaml > /dev/full"
	mkdir sealed
	chmod a-w sealed
	[ -w sealed ] || { part g.yaml -o sealed/x.yaml; [ "$status" = 1 ]; }
	part g.yaml -o none/x.yaml
	[ "$status" = 1 ]
	[ ! -e none ]
}

@test "an output that nothing computes is refused" {
	mlp | sed 's/outputs: \[z\]/outputs: [z, x]/' > g.yaml
	part g.yaml
	[ "$status" = 1 ] && [ -z "$output" ]
	[[ $stderr == *"'x'"* ]]
}

@test "names of any kind pass through" {
	mlp | sed 's|\<m\>|"1: {[*\&#\\"]} é"|g' > g.yaml
	part -d emu --fuse none g.yaml -o out.yaml
	[ "$status" = 0 ]
	[ "$(say 't["rops"][0]["run"]')" = '1: {[*&#"]} é' ]
	"$BIN/tamp-schedule" out.yaml > plan.yaml
}

@test "--explain says what was decided" {
	mlp > g.yaml
	part -d emu --explain g.yaml -o out.yaml
	[ "$status" = 0 ]
	[[ $stderr == *"fuse: "*" into the store of m"* ]]
	[[ $stderr == *"class MatMul.1: "*" us a task"* ]]
}
