# tamp-partition --fuse shared: what it joins, and what it must leave alone.  The
# programs' answers are compared elsewhere (tests/e2e, examples/rammer).

PY=/usr/bin/python3

load host

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

# narrow: the host's device file as it would be for two vEUs, in d.yaml
# Layer one reads xa, xb, xc, layer two what layer one makes of them.
layers() {
	graph "xa:1,64 xb:1,64 xc:1,64 h:1,64 k:1,64 W:128,64 V:128,64
		ca:1,128 cb:1,128 cc:1,128 da:1,128 db:1,128 dc:1,128
		a:1,64 b:1,64 c:1,64 ra:1,64 rb:1,64 rc:1,64 q:1,64" \
		"Tanh:xa:h Tanh:xb:k Concat:xa,h:ca:axis=1 MatMul:ca,W:a
		Concat:xb,a:cb:axis=1 MatMul:cb,W:b Concat:xc,b:cc:axis=1
		MatMul:cc,W:c Concat:a,k:da:axis=1 MatMul:da,V:ra
		Concat:b,ra:db:axis=1 MatMul:db,V:rb Concat:c,rb:dc:axis=1
		MatMul:dc,V:rc Relu:rc:q" > g.yaml
}

maps() { # DEVICE
	"$BIN/tamp-partition" --explain --only -d "$1" -o out.yaml g.yaml 2> said
}

@test "on few vEUs products of concatenations are split, where parts can go together" {
	layers
	narrow
	maps ./d.yaml
	cat said
	grep -q "share: 3 products with 'W' are split" said
	[ "$(rops MatMul)" = 12 ]
	[ "$(rops Concat)" = 0 ]
	# Each part of a constant is one view of it, whoever reads it.
	[ "$(grep -c 'of: W' out.yaml)" = 2 ]
	maps emu
	[ "$(rops MatMul)" = 6 ]
	"$BIN/tamp-partition" --fuse none --only -d ./d.yaml -o out.yaml g.yaml
	[ "$(rops MatMul)" = 6 ]
}

@test "and are not where each waits for the one before, or the constant is small" {
	narrow
	graph "xa:1,64 h:1,64 W:128,64 ca:1,128 cb:1,128 a:1,64 q:1,64" \
		"Tanh:xa:h Concat:xa,h:ca:axis=1 MatMul:ca,W:a
		Concat:a,a:cb:axis=1 MatMul:cb,W:q" > g.yaml
	maps ./d.yaml
	[ "$(rops MatMul)" = 2 ]
	# 99 rows: what is read and written is more than the constant.
	layers
	sed -i 's/\[1,\(64\|128\)\]/[99,\1]/' g.yaml
	maps ./d.yaml
	[ "$(rops MatMul)" = 6 ]
}

# steps N: of one layer over time, whose matrix of the inputs, 64 by 128, does not
# stay in a cache that holds 32 of its columns.
steps() {
	$PY - "$1" <<-'END' > args
	import sys
	n = int(sys.argv[1])
	print("W:192,128 h0:1,128 q:1,128 xh:1,128", *(f"x{i}:1,64 c{i}:1,192 m{i}:1,128 h{i+1}:1,128"
	      for i in range(n)))
	print("Tanh:xh:h0", *(f"Concat:x{i},h{i}:c{i}:axis=1 MatMul:c{i},W:m{i} "
	      f"Tanh:m{i}:h{i+1}" for i in range(n)), f"Exp:h{n}:q")
	END
	graph "$(sed -n 1p args)" "$(sed -n 2p args)" > g.yaml
	narrow
	sed -i 's/^l1: .*/l1: 4096/; s/^l2: .*/l2: 12288/; s/^l3_gbps: .*/l3_gbps: 30.0/' d.yaml
	maps ./d.yaml
	"$BIN/tamp-partition" -d ./d.yaml -o t.yaml g.yaml
}

@test "schedules of them are legal, in rounds too" {
	steps 12
	grep -q "share: 12 products with 'W' are split" said
	for p in list "search --budget 1"; do
		for sync in barrier counter; do
			for how in fastest best; do
				"$BIN/tamp-schedule" -p $p --sync $sync \
					--select $how -o s.yaml t.yaml
				"$BIN/tamp-schedule" --check s.yaml
			done
		done
	done
	# The inputs' products by 32 columns, two vEUs at a time: from an l3 that is
	# so slow rounds pay.
	sed -i '/shape: \[1, 64, 128\]/,/class:/{/use: gemv_panels/{/panels.32,/!d}}' t.yaml
	"$BIN/tamp-schedule" -p list --select fastest --explain -o s.yaml t.yaml 2> said
	"$BIN/tamp-schedule" --check s.yaml
	cat said
	grep -q '^- {run: m3.part, tasks: 2..3, veus: 0..1' s.yaml
}
