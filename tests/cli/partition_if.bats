# tamp-partition of graphs with conditions: what it may join, and under which
# condition runs what it adds.

bats_require_minimum_version 1.5.0

load host

PY=/usr/bin/python3

setup() {	# instead of host.bash's
	cd "$BATS_TEST_TMPDIR"
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BIN=${TAMP_BIN:-$ROOT/build/bin}
}

# graph SHAPE < NODES: x and z are inputs of that shape, w... constants of 64 by
# 64, k... kernels of a convolution, flag an input of type bool, q the output; what
# else the nodes make is of SHAPE, but b... are bools and s... scalars.  Condition
# taken: flag is true, other: it is false, more and less: the same of b.
graph() {
	$PY -c '
import re, sys
shape = sys.argv[1]
nodes = sys.stdin.read().strip()
names = re.findall(r"\w+", " ".join(re.findall(r"(?:in|out): \[(.*?)\]", nodes)))
print("---\nformat: graph/1\nmade: {by: me}\nopset: 22\ninputs: [x, z, flag]")
print("outputs: [q]\ntensors:")
for i, n in enumerate(dict.fromkeys(["x", "z", "flag", *names])):
    kind = "bool" if n[0] in "bf" else "f32"
    dims = {"w": "64, 64", "k": "32, 32, 1, 1", "b": "", "f": "",
            "s": ""}.get(n[0], shape)
    more = ", random: {seed: %d, scale: 0.1}" % i if n[0] in "wk" else ""
    print("- {name: %s, type: %s, shape: [%s]%s}" % (n, kind, dims, more))
print("conditions:")
for name, tensor, value in [("taken", "flag", "true"), ("other", "flag", "false"),
                            ("more", "b", "true"), ("less", "b", "false")]:
    if tensor in names:
        print("- {name: %s, tensor: %s, is: %s}" % (name, tensor, value))
print("nodes:\n%s\n..." % nodes)
' "$1" > g.yaml
}

# part ARGUMENTS: out.yaml from g.yaml, and that the next stage takes it
part() {
	"$BIN/tamp-partition" -o out.yaml "$@" g.yaml
	"$BIN/tamp-schedule" --only out.yaml > schedule.yaml
}

# Of each rOperator its nodes, and its condition if it has one.
rops() {
	$PY -c '
import yaml
t = next(d for d in yaml.safe_load_all(open("out.yaml")) if d["format"] == "tasks/1")
for r in t["rops"]:
    print("+".join(r.get("nodes", [r["run"]])), *[r[k] for k in ["if"] if k in r],
          *["init" for k in ["init"] if k in r])
'
}

@test "what may be skipped is fused with its like alone" {
	graph "1, 64" <<-'END'
	- {op: MatMul, in: [x, w1], out: [m1]}
	- {op: Relu, in: [m1], out: [r1], if: taken}
	- {op: MatMul, in: [r1, w2], out: [m2], if: taken}
	- {op: Tanh, in: [m2], out: [r2], if: taken}
	- {op: Where, in: [flag, r2, z], out: [c]}
	- {op: Abs, in: [c], out: [q]}
	END
	part -d h200
	diff - <(rops) <<-'END'
	m1
	r1 taken
	m2+r2 taken
	c+q
	END
}

@test "what decides is stored, also where one Where alone could take it in" {
	graph "" <<-'END'
	- {op: Cast, in: [x], out: [b], attrs: {to: 9}}
	- {op: Abs, in: [x], out: [a], if: more}
	- {op: Exp, in: [z], out: [e], if: less}
	- {op: Where, in: [b, a, e], out: [q]}
	END
	part -d h200
	diff - <(rops) <<-'END'
	b
	a more
	e less
	q
	END
}

@test "what decides is stored, though the one that it decides about reads it" {
	graph "" <<-'END'
	- {op: Not, in: [flag], out: [b]}
	- {op: Where, in: [b, x, z], out: [a], if: more}
	- {op: Where, in: [b, a, z], out: [q]}
	END
	part -d h200
	diff - <(rops) <<-'END'
	b
	a more
	q
	END
}

@test "products are joined under equal conditions" {
	graph "1, 64" <<-'END'
	- {op: MatMul, in: [x, w1], out: [m1], if: taken}
	- {op: MatMul, in: [x, w2], out: [m2], if: taken}
	- {op: Add, in: [m1, m2], out: [a], if: taken}
	- {op: MatMul, in: [x, w3], out: [m3], if: other}
	- {op: MatMul, in: [z, w1], out: [m4], if: other}
	- {op: Add, in: [m3, m4], out: [c], if: other}
	- {op: Where, in: [flag, a, c], out: [d]}
	- {op: MatMul, in: [z, w2], out: [m5]}
	- {op: Add, in: [d, m5], out: [q]}
	END
	part -d h200 --fuse shared
	[ "$(grep -c 'class: MatMul.*if: taken' out.yaml)" = 1 ]
	[ "$(grep -c 'class: MatMul.*if: other' out.yaml)" = 2 ]
	[ "$(grep 'class: MatMul.*args' out.yaml | grep -vc 'if:')" = 1 ]
	# m1 and m2 over x; of w1 and w2 the others are elsewhere
	[ "$(grep -c 'class: MatMul.*args' out.yaml)" = 4 ]
}

@test "what constants make runs once, under no condition" {
	graph "64, 64" <<-'END'
	- {op: Transpose, in: [w1], out: [t], attrs: {perm: [1, 0]}, if: taken}
	- {op: Exp, in: [t], out: [e], if: taken}
	- {op: MatMul, in: [x, e], out: [m], if: taken}
	- {op: Where, in: [flag, m, z], out: [q]}
	END
	part -d h200
	diff - <(rops) <<-'END'
	t+e init
	m taken
	q
	END
}

# A convolution in each branch, and row-major readers: on a host, copies.
@test "a copy to another layout runs where its readers do" {
	local m=$ROOT/tests/e2e/models/routes.onnx
	"$BIN/tamp-import" -o g.yaml "$m"
	part -d host
	[ "$(grep -c 'class: Copy.*if: c1' out.yaml)" -ge 2 ]
	grep -q '{run: "Relu:1/0.plain", .*if: c1}' out.yaml
	# read by the Where alone, which always runs
	grep -q '{run: "y.no/Add:7/0.NCHW16c", .*if: c1}' out.yaml
	# and of a constant, once
	grep -q '{run: y.yes/c0.OIHW.*init: true}' out.yaml
}

@test "a copy for readers under two conditions runs under what is around them" {
	graph "1, 32, 8, 8" <<-'END'
	- {op: Conv, in: [x, k1], out: [h], attrs: {kernel_shape: [1, 1]}}
	- {op: Transpose, in: [h], out: [t1], attrs: {perm: [0, 1, 3, 2]}, if: taken}
	- {op: Transpose, in: [h], out: [t2], attrs: {perm: [0, 1, 3, 2]}, if: other}
	- {op: Neg, in: [t2], out: [n], if: other}
	- {op: Where, in: [flag, t1, n], out: [q]}
	END
	part -d host
	rops | grep -qx h.plain
}

@test "a copy for readers under one condition runs under that" {
	graph "1, 32, 8, 8" <<-'END'
	- {op: Conv, in: [x, k1], out: [h], attrs: {kernel_shape: [1, 1]}}
	- {op: Transpose, in: [h], out: [t1], attrs: {perm: [0, 1, 3, 2]}, if: taken}
	- {op: Transpose, in: [h], out: [t2], attrs: {perm: [0, 1, 3, 2]}, if: taken}
	- {op: Mul, in: [t1, t2], out: [n], if: taken}
	- {op: Where, in: [flag, n, z], out: [q]}
	END
	part -d host
	grep -q '{run: h.plain, .*if: taken}' out.yaml
}

@test "a part of a concatenation that is constant is no product of its own" {
	cat > g.yaml <<-'END'
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x, z, flag]
	outputs: [q]
	tensors:
	- {name: x, type: f32, shape: [1, 64]}
	- {name: z, type: f32, shape: [1, 64]}
	- {name: flag, type: bool, shape: []}
	- {name: k, type: f32, shape: [1, 64], random: {seed: 1, scale: 0.1}}
	- {name: w, type: f32, shape: [128, 64], random: {seed: 2, scale: 0.1}}
	- {name: h1, type: f32, shape: [1, 64]}
	- {name: h2, type: f32, shape: [1, 64]}
	- {name: c1, type: f32, shape: [1, 128]}
	- {name: c2, type: f32, shape: [1, 128]}
	- {name: m1, type: f32, shape: [1, 64]}
	- {name: m2, type: f32, shape: [1, 64]}
	- {name: a, type: f32, shape: [1, 64]}
	- {name: q, type: f32, shape: [1, 64]}
	conditions:
	- {name: taken, tensor: flag, is: true}
	nodes:
	- {op: Tanh, in: [x], out: [h1], if: taken}
	- {op: Exp, in: [z], out: [h2], if: taken}
	- {op: Concat, in: [k, h1], out: [c1], attrs: {axis: 1}, if: taken}
	- {op: Concat, in: [k, h2], out: [c2], attrs: {axis: 1}, if: taken}
	- {op: MatMul, in: [c1, w], out: [m1], if: taken}
	- {op: MatMul, in: [c2, w], out: [m2], if: taken}
	- {op: Add, in: [m1, m2], out: [a], if: taken}
	- {op: Where, in: [flag, a, x], out: [q]}
	...
	END
	narrow
	for fuse in maps shared; do
		"$BIN/tamp-partition" -d ./d.yaml --fuse $fuse -o t.yaml g.yaml
		"$BIN/tamp-schedule" -p list -o s.yaml t.yaml
		"$BIN/tamp-schedule" --check s.yaml
	done
}
