# tamp-partition --fuse shared: what it joins, and what it must leave alone.  The
# programs' answers are compared elsewhere (tests/e2e, examples/rammer).

PY=/usr/bin/python3

setup() {
	cd "$BATS_TEST_TMPDIR"
	BIN=${TAMP_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/bin}
}

# graph SHAPES NODES: one of f32 tensors; SHAPES lists NAME:DIMENSIONS, a name in
# capitals being a constant; NODES lists OP:INPUTS:OUTPUT[:ATTRIBUTES].  x... are
# inputs, y... outputs.
graph() {
	$PY - "$@" <<-'END'
	import sys
	tensors = [t.split(":") for t in sys.argv[1].split()]
	nodes = [n.split(":", 3) for n in sys.argv[2].split()]
	names = [n for n, _ in tensors]
	print("---\nformat: graph/1\nmade: {by: me}\nopset: 22")
	print(f"inputs: [{', '.join(n for n in names if n[0] == 'x')}]")
	print(f"outputs: [{', '.join(n for n in names if n[0] == 'q')}]\ntensors:")
	for i, (n, s) in enumerate(tensors):
	    random = f", random: {{seed: {i}, scale: 0.1}}" if n.isupper() else ""
	    print(f"- {{name: {n}, type: f32, shape: [{s}]{random}}}")
	print("nodes:")
	for n in nodes:
	    attrs = f", attrs: {{{n[3].replace('=', ': ').replace(';', ', ')}}}" \
	        if len(n) > 3 else ""
	    print(f"- {{op: {n[0]}, in: [{n[1]}], out: [{n[2]}]{attrs}}}")
	print("...")
	END
}

# shared [-d DEVICE]: out.yaml from g.yaml; what it explains goes to said
shared() {
	"$BIN/tamp-partition" --fuse shared --explain --only "$@" -o out.yaml \
		g.yaml 2> said
}

# How many rOperators of a form.
rops() { # FORM
	$PY -c 'import sys, yaml
t = yaml.safe_load(open("out.yaml"))
form = {c["class"]: c["form"] for c in t["classes"]}
print(sum(form[r["class"]] == sys.argv[1] for r in t["rops"]))' "$1"
}

@test "products of one constant over time are one" {
	graph "xa:1,64 xb:1,64 xc:1,64 W:64,64 a:1,64 b:1,64 c:1,64 d:1,64 q:1,64" \
		"MatMul:xa,W:a MatMul:xb,W:b MatMul:xc,W:c Add:a,b:d Add:d,c:q" > g.yaml
	shared -d host
	cat said
	grep -q "share: 3 products with 'W' are one of 3 rows" said
	[ "$(rops MatMul)" = 1 ]
	"$BIN/tamp-partition" --fuse maps --only -d host -o out.yaml g.yaml
	[ "$(rops MatMul)" = 3 ]
}

@test "a product that follows from another of its group stays apart" {
	graph "x:1,4 W:4,4 a:1,4 b:1,4 q:1,4" \
		"MatMul:x,W:a MatMul:a,W:b Relu:b:q" > g.yaml
	shared -d host
	[ "$(rops MatMul)" = 2 ]
	# The one in the middle would wait for itself, the others are free.
	graph "x:1,4 xo:1,4 W:4,4 a:1,4 b:1,4 c:1,4 d:1,4 q:1,4" \
		"MatMul:x,W:a MatMul:a,W:b MatMul:xo,W:c Add:b,c:d Relu:d:q" > g.yaml
	shared -d host
	[ "$(rops MatMul)" = 2 ]
}

@test "gates of one vector are one batch of products" {
	graph "x:1,256 h:1,256 A:256,256 B:256,256 C:256,256 a:1,256 b:1,256 c:1,256 d:1,256 q:1,256" \
		"Relu:x:h MatMul:h,A:a MatMul:h,B:b MatMul:h,C:c Add:a,b:d Mul:d,c:q" > g.yaml
	shared -d host
	cat said
	grep -q "share: 3 products of 'h' are one" said
	[ "$(rops MatMul)" = 1 ]
}

# branches N IN MID SIZE: as ResNeXt's, N branches of two convolutions
branches() {
	$PY - "$@" <<-'END' > args
	import sys
	n, cin, mid, size = map(int, sys.argv[1:])
	shapes = [f"x:1,{cin},{size},{size}"]
	nodes, parts = [], []
	for i in range(n):
	    shapes += [f"V{i}:{mid},{cin},1,1", f"W{i}:{mid},{mid},3,3",
	               f"a{i}:1,{mid},{size},{size}", f"r{i}:1,{mid},{size},{size}",
	               f"b{i}:1,{mid},{size},{size}"]
	    nodes += [f"Conv:x,V{i}:a{i}", f"Relu:a{i}:r{i}",
	              f"Conv:r{i},W{i}:b{i}:pads=[1,1,1,1]"]
	    parts.append(f"b{i}")
	shapes.append(f"q:1,{n * mid},{size},{size}")
	nodes.append(f"Concat:{','.join(parts)}:q:axis=1")
	print(" ".join(shapes))
	print(" ".join(nodes))
	END
	graph "$(sed -n 1p args)" "$(sed -n 2p args)" > g.yaml
}

@test "equal branches become grouped convolutions where that is quicker" {
	branches 32 64 4 56
	shared -d emu
	cat said
	grep -q "branches: 32 that end in 'q' are joined" said
	[ "$(rops Conv)" = 2 ]
}

@test "and stay apart where it is not" {
	branches 4 64 64 32
	shared -d emu
	cat said
	grep -q "branches: 4 that end in 'q' stay apart" said
	[ "$(rops Conv)" = 8 ]
}

@test "what is concatenated along another axis is no branch" {
	for axis in 0 2; do
		case $axis in 0) q=4,1,8,8 ;; 2) q=1,1,32,8 ;; esac
		graph "x:1,1,8,8 A:1,1,3,3 B:1,1,3,3 C:1,1,3,3 D:1,1,3,3 a:1,1,8,8 b:1,1,8,8 c:1,1,8,8 d:1,1,8,8 q:$q" \
			"Conv:x,A:a:pads=[1,1,1,1] Conv:x,B:b:pads=[1,1,1,1] Conv:x,C:c:pads=[1,1,1,1] Conv:x,D:d:pads=[1,1,1,1] Concat:a,b,c,d:q:axis=$axis" > g.yaml
		shared -d emu
		cat said
		run grep "branches:" said
		[ "$status" = 1 ]
		[ "$(rops Conv)" = 4 ]
	done
}
