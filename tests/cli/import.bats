# tamp-import: models good and bad.  The models are made by
# tests/import/mkmodel.py, which says what each one is.

bats_require_minimum_version 1.5.0

PY=/usr/bin/python3

setup() {
	T=$BATS_TEST_TMPDIR/work	# bats keeps files of its own one above
	mkdir "$T"
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	MK=$ROOT/tests/import
	IMPORT=${TAMP_BIN:-$ROOT/build/bin}/tamp-import
	cd "$T"
}

model() { # NAME...
	$PY "$MK/mkmodel.py" "$T" "$@"
}

# Refuses NAME.onnx with exit 1 and a message that holds every text given;
# leaves no file behind.
refuses() { # NAME TEXT...
	name=$1
	shift
	[ -e "$name.onnx" ] || model "$name"
	ls -A > ../before
	run -1 --separate-stderr timeout 20 "$IMPORT" -o out.yaml $ARGS "$name.onnx"
	[ -z "$output" ]
	for text; do
		if [[ $stderr != *"$text"* ]]; then
			echo "$stderr"
			echo "lacks: $text"
			return 1
		fi
	done
	ls -A | diff ../before -
}

# A value of the graph just written: an expression over g.
graph() { # EXPRESSION
	$PY -c 'import sys, yaml
g = next(yaml.safe_load_all(open("out.yaml")))
print(eval(sys.argv[1]))' "$1"
}

accepts() { # NAME
	model "$1"
	run -0 --separate-stderr "$IMPORT" -o out.yaml $ARGS "$1.onnx"
	[ -z "$output$stderr" ]
}

# --- what comes out ------------------------------------------------------------

@test "a model becomes a graph and a weights file" {
	accepts mlp
	[ "$(graph '[n["op"] for n in g["nodes"]]')" = "['Gemm', 'Relu']" ]
	[ "$(graph 'g["weights"]')" = mlp.safetensors ]
	$PY - <<-'END'
	import json, struct, numpy as np
	b = open("mlp.safetensors", "rb").read()
	n = struct.unpack("<Q", b[:8])[0]
	head = json.loads(b[8:8 + n])
	e = head["w"]
	assert head["__metadata__"] == {"made_by": "tamp"}, head
	w = np.frombuffer(b[8 + n:], "<f4")
	assert e == {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]}, e
	assert (w == [0.25 * (i % 5 - 2) for i in range(12)]).all(), w
	END
}

@test "the same input gives the same bytes" {
	accepts mlp
	cp out.yaml first.yaml
	cp mlp.safetensors first.safetensors
	"$IMPORT" -o out.yaml mlp.onnx
	cmp out.yaml first.yaml
	cmp mlp.safetensors first.safetensors
}

@test "standard input and output" {
	model mlp
	"$IMPORT" - < mlp.onnx > piped.yaml
	[ -s model.safetensors ]
	"$IMPORT" mlp.onnx > plain.yaml
	sed 's/mlp.safetensors/model.safetensors/' plain.yaml | cmp - piped.yaml
}

# Where the graph OUT says that the weights given by -w lie.
weights() { # OUT WEIGHTS
	"$IMPORT" -o "$1" -w "$2" mlp.onnx
	[ -s "$2" ]
	cp "$1" out.yaml
	graph 'g["weights"]'
}

@test "weights go where -w says, and the graph finds them" {
	mkdir -p plans/deep plan data
	ln -s plans/deep link
	model mlp
	[ "$(weights plans/a.yaml plans/w.st)" = w.st ]
	[ "$(weights plans/a.yaml data/w.st)" = ../data/w.st ]
	[ "$(weights plans/deep/a.yaml w.st)" = ../../w.st ]
	[ "$(weights plans/a.yaml plans/deep/w.st)" = deep/w.st ]
	[ "$(weights plan/a.yaml plans/w.st)" = ../plans/w.st ]
	[ "$(weights plans/a.yaml plan/w.st)" = ../plan/w.st ]
	[ "$(weights link/a.yaml data/w.st)" = ../../data/w.st ]
	[ "$(weights plans/a.yaml "$T/w.st")" = "$T/w.st" ]
	[ "$(weights a.yaml data/w.st)" = data/w.st ]
	run -2 "$IMPORT" -w - mlp.onnx
}

@test "an initializer that is also an input is a constant" {
	accepts optional_input
	[ "$(graph 'g["inputs"]')" = "['x']" ]
}

@test "constants of every form are read, small ones stand in the plan" {
	accepts constants
	[ ! -e constants.safetensors ]
	[ "$(graph '{t["name"]: t.get("value", t.get("ivalue")) for t in g["tensors"] if t["name"] in "ks f t"}')" = \
		"{'ks': [2, 2], 'f': [0.5], 't': [1.0, 2.0, 3.0, 4.0]}" ]
}

@test "elements of every type are read from every field" {
	accepts types
	PYTHONPATH=$MK $PY - <<-'END'
	import yaml, mkmodel
	g = next(yaml.safe_load_all(open("out.yaml")))
	have = {t["name"]: (t["type"], t.get("value", t.get("ivalue"))) for t in g["tensors"]}
	# what equal constants are merged into is named by the nodes
	of = {n["out"][0]: n["in"][0] for n in g["nodes"]}
	for name, _, _, _, v in mkmodel.TYPED:
	    for form in ("packed", "single", "raw"):
	        got = have[of[name + form + "_out"]]
	        assert got == (name, v), (name, form, got)
	END
	refuses small_types "element 0, 300, is no value of type i8"
}

@test "an output that is a constant is copied from one" {
	accepts constant_output
	[ "$(graph 'g["nodes"]')" = "[{'op': 'Identity', 'in': ['y_value'], 'out': ['y']}]" ]
}

@test "an output that is an input, a constant or there twice is copied" {
	model odd_outputs
	run -0 --separate-stderr "$IMPORT" -o out.yaml --explain odd_outputs.onnx
	[[ $stderr == *"outputs: 'x' is an input as well: the output is copied to 'x_1'"* ]]
	[[ $stderr == *"outputs: 'y' is an earlier output as well: the output is copied to 'y_1'"* ]]
	[ "$(graph 'g["inputs"], g["outputs"]')" = \
		"(['x'], ['x_1', 'y', 'to', 'y_1', 'to_1', 'x_2'])" ]
	[ "$(graph 'sorted((n["op"], n["in"], n["out"]) for n in g["nodes"])')" = \
		"[('Identity', ['to_value'], ['to']), ('Identity', ['to_value'], ['to_1']), ('Identity', ['x'], ['x_1']), ('Identity', ['x'], ['x_2']), ('Identity', ['y'], ['y_1']), ('Reshape', ['x', 'to_value'], ['y'])]" ]
}

@test "external data is read from beside the model" {
	$PY -c 'import struct
open("ext.bin", "wb").write(b"skip" + struct.pack("<12f", *range(12)))'
	accepts external_data
	cmp <(tail -c 48 ext.bin) <(tail -c 48 external_data.safetensors)
	mkdir sub
	mv ext.bin external_data.onnx sub
	"$IMPORT" -o out.yaml sub/external_data.onnx
	refuses external_missing "external data 'nowhere.bin': No such file"
}

@test "identities, equal nodes and unread nodes go, outputs keep their names" {
	accepts identity
	[ "$(graph '[(n["op"], n["in"], n["out"]) for n in g["nodes"]]')" = \
		"[('Relu', ['x'], ['a']), ('Add', ['a', 'a'], ['y']), ('Identity', ['x'], ['z']), ('Exp', ['y'], ['e'])]" ]
}

@test "functions of the model are inlined, with the caller's attributes" {
	accepts function
	[ "$(graph '[(n["op"], n.get("attrs", {}).get("alpha")) for n in g["nodes"]]')" = \
		"[('Relu', None), ('LeakyRelu', 0.25), ('Relu', None), ('LeakyRelu', 0.5)]" ]
}

@test "batch normalization is folded, and computes the same" {
	for m in bn_conv bn_gemm bn_matmul; do
		accepts $m
		PYTHONPATH=$MK $PY "$MK/check_bn.py" $m out.yaml
	done
}

@test "names of any bytes come through" {
	accepts names
	$PY - <<-'END'
	import re, yaml
	g = next(yaml.safe_load_all(open("out.yaml")))
	def raw(s):	# U+EF80 to U+EFFF stand for the bytes 0x80 to 0xff
	    s = re.sub("[\uef80-\uefff]", lambda m: chr(ord(m[0]) - 0xef00 + 0xdc00), s)
	    return s.encode("utf-8", "surrogateescape")
	assert raw(g["inputs"][0]) == b"\xff\xfe in", g["inputs"]
	made = [raw(n["out"][0]) for n in g["nodes"]]
	assert made == [b"caf\xe9", b"13", b"on", b"a: b", b"- [x]", b"\"quoted\\\"",
	                b"tab\there", "\u20ac/\u540d".encode()], made
	assert raw(g["name"]) == b"\x80model"
	END
	accepts odd_weights
	$PY - <<-'END'
	import json, struct, yaml
	g = next(yaml.safe_load_all(open("out.yaml")))
	b = open("odd_weights.safetensors", "rb").read()
	n = struct.unpack("<Q", b[:8])[0]
	key = next(k for k in json.loads(b[8:8 + n]) if k != "__metadata__")
	assert key == next(t["data"] for t in g["tensors"] if "data" in t)
	assert key == "w\uefff\"\\", key
	END
}

# --- options -----------------------------------------------------------------------

@test "unbound dimensions are listed at once, each with what binds it" {
	refuses unbound "3 dimensions are not bound" \
		"--bind batch=N  (input 'x' [batch, 4], input 'z' [batch, 4])" \
		"--bind q=N,4  (input 'q' [?, 4])" "--bind r=N,...  (input 'r' of any shape)"
	ARGS="--bind batch=2 --bind q=1,4 --bind r=2,1" accepts unbound
	[ "$(graph '[(t["name"], t["shape"]) for t in g["tensors"] if t["name"] in "xqry"]')" = \
		"[('x', [2, 4]), ('q', [1, 4]), ('r', [2, 1]), ('y', [2, 4])]" ]
	[ "$(graph 'g["made"]["options"]')" = \
		"['--bind batch=2', '--bind q=1,4', '--bind r=2,1']" ]
}

@test "an input's dimensions bind the names in them" {
	ARGS="--bind x=3,4 --bind q=3,4 --bind r=1" accepts unbound
	[ "$(graph '[t["shape"] for t in g["tensors"] if t["name"] == "z"]')" = "[[3, 4]]" ]
}

@test "binds that do not fit are refused" {
	ARGS="--bind bach=1" refuses symbolic "--bind bach" "did you mean 'batch'?"
	ARGS="--bind x=1,5" refuses symbolic "dimension 2 is 4 in the model, not 5"
	ARGS="--bind x=1" refuses symbolic "1 dimensions given"
	ARGS="--bind x=1,4 --bind batch=2" refuses symbolic "'batch' is bound to"
	for bind in batch batch= =3 batch=x batch=-1 batch=1, batch=1,,2 \
	            batch=99999999999999999999; do
		run -2 "$IMPORT" --bind "$bind" symbolic.onnx
		[[ $output == *"--bind $bind: expected"* ]]
	done
}

@test "--const makes an input a constant" {
	refuses axes "input 'axes' must be a constant" "--const axes=FILE.npy"
	$PY -c 'import numpy; numpy.save("axes.npy", numpy.array([1]))
numpy.save("float.npy", numpy.array([1.0])); numpy.save("two.npy", numpy.array([[1]]))
numpy.save("big.npy", numpy.array([1], ">i8"))'
	ARGS="--const axes=axes.npy" accepts axes
	[ "$(graph 'g["inputs"], [t["shape"] for t in g["tensors"] if t["name"] == "y"]')" = \
		"(['x'], [[2, 1]])" ]
	$PY -c 'import sys; sys.path.insert(0, sys.argv[1]); import mkmodel
open("axes.pb", "wb").write(mkmodel.tensor("a", [1], ints=[0], type=7))' "$MK"
	ARGS="--const axes=axes.pb" accepts axes
	[ "$(graph '[t["shape"] for t in g["tensors"] if t["name"] == "y"]')" = "[[1, 3]]" ]
	ARGS="--const axes=float.npy" refuses axes "'float.npy' holds f64, but the input is i64"
	ARGS="--const axes=two.npy" refuses axes "2 dimensions given"
	ARGS="--const axes=big.npy" refuses axes "'>i8' is not supported"
	ARGS="--const axes=none.npy" refuses axes "none.npy: error: cannot open"
	ARGS="--const axis=axes.npy" refuses axes "did you mean 'axes'?"
}

@test "--list names every obstacle, and exits 1 if there is one" {
	model unknown_operator unbound mlp
	run -1 "$IMPORT" --list unknown_operator.onnx
	[ "${lines[0]}" = "unsupported operator Frobnicate: 2 nodes, the first is node 'odd' (Frobnicate)" ]
	[ "${lines[1]}" = "operator com.acme::Gelu needs a kernel of your own: 1 node, the first is node of 'y' (Gelu)" ]
	run -1 "$IMPORT" --list unbound.onnx
	[ "${lines[0]}" = "unbound dimension: --bind batch=N (input 'x' [batch, 4], input 'z' [batch, 4])" ]
	[ "${#lines[@]}" = 4 ]
	run -0 "$IMPORT" --list mlp.onnx
	[ "$output" = "2 nodes, 2 operators (0 not supported), 1 inputs, 1 outputs, 0 dimensions not bound" ]
	[ ! -e mlp.safetensors ]
}

@test "--list does not read the weights" {
	$PY - "$MK" "$IMPORT" <<-'END'
	import resource, subprocess, sys
	sys.path.insert(0, sys.argv[1])
	from mkmodel import *
	n = 3 << 30
	def head(field, size):
	    return varint(field << 3 | 2) + varint(size)
	t = b"".join(num(1, d) for d in (3 << 10, 1 << 18)) + num(2, FLOAT) + sub(8, "w") + head(9, n)
	g = sub(1, node("Add", ["x", "w"], ["y"])) + sub(11, X) + sub(12, info("y", None))
	g += head(5, len(t) + n) + t
	with open("sparse.onnx", "wb") as f:
	    f.write(num(1, 8) + opset(17) + head(7, len(g) + n) + g)
	    f.truncate(f.tell() + n)
	subprocess.run([sys.argv[2], "--list", "sparse.onnx"], check=True, timeout=10)
	used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
	assert used < 200 << 10, "%d KiB" % used
	END
}

@test "--explain and -v say what was done" {
	model identity
	run -0 "$IMPORT" -o out.yaml -v --explain identity.onnx
	[[ $output == *"identity: node of 'y' (Identity) does nothing"* ]]
	[[ $output == *"cse: node of 'b' (Relu) computes what node of 'a' (Relu) does"* ]]
	[[ $output == *"dead: nobody reads what node of 'dead' (Neg) makes"* ]]
	[[ $output == *"batchnorm: 0 folded"* ]]
}

@test "usage" {
	run -2 "$IMPORT"
	[[ $output == *"one model is expected"* ]]
	run -2 "$IMPORT" a b
	run -2 "$IMPORT" --lsit a
	[[ $output == *"did you mean '--list'?"* ]]
	run -0 "$IMPORT" --help
	[[ $output == *--const* ]]
	run -1 "$IMPORT" none.onnx
	[[ $output == "none.onnx: error: cannot open: No such file or directory" ]]
}

# --- bad models ----------------------------------------------------------------------

@test "truncated models are refused with the offset" {
	refuses truncated "truncated.onnx: error: truncated at byte 158" \
		"a field of 167 bytes begins at byte 11"
	refuses truncated_data "truncated at byte 72"
	model mlp
	size=$(stat -c %s mlp.onnx)
	for n in $(seq 1 $((size - 1))); do
		head -c "$n" mlp.onnx > cut.onnx
		run -1 "$IMPORT" -o out.yaml cut.onnx
		[[ $output == *"cut.onnx: error: "* ]]
	done
	: > empty.onnx
	refuses empty "empty.onnx: error: the file is empty"
}

@test "a hundred thousand levels of nesting are refused" {
	refuses deep "nested more than 100 levels deep" "at byte"
	run -1 "$IMPORT" --list deep.onnx
}

@test "a model of millions of parts is refused before it takes memory" {
	refuses many "the model has too many parts to unpack"
}

@test "what is no model is refused" {
	echo 'format: graph/1' > text.onnx
	refuses text "not a model of a known format"
	mkdir dir.onnx
	refuses dir "dir.onnx: error: cannot read: Is a directory"
	refuses no_graph "the model has no graph"
}

@test "a cycle is refused with the nodes on it" {
	refuses cyclic "the graph has a cycle: node 'first' (Add) needs its own output" \
		"node 'second' (Relu) needs what node 'third' (Neg) makes"
	refuses if_cycle "the graph has a cycle" "needs what node 'back' (Not) makes"
}

@test "a name made twice, or never, is refused" {
	refuses twice "'y' is made twice, the second time by node 'two' (Neg)"
	refuses unmade "node 'sum' (Add) reads 'ghost', which nothing makes"
	refuses unmade_output "nothing makes the output 'y'"
}

@test "unknown operators are all named, with count and first node" {
	refuses unknown_operator \
		"operator 'Frobnicate' is not supported (2 nodes; the first is node 'odd'"
	refuses if_unknown "operator 'Frobnicate' is not supported (1 node; the first is node 'odd'"
	refuses loop "operator 'Loop' is not supported"
}

@test "branches of an If must be whole, and alike" {
	refuses if_shapes "node 'choice' (If): its branches make 'y' of different kinds, f32 [1, 4] ('t') and f32 [2, 4] ('y/else/t')"
	refuses if_types "f32 [1, 4] ('t') and i32 [1, 4] ('y/else/t')"
	refuses if_not_bool "node 'choice' (If): its condition is i32 of shape [], expected one element of type bool"
	refuses if_many_flags "its condition is bool of shape [2], expected one element"
	refuses if_no_else "node 'choice' (If): it has no else_branch"
	refuses if_inputs "its else_branch has inputs, and none are given"
	refuses if_outputs "its then_branch has 1 outputs, and the node 2"
	refuses if_sequence "output 't' of its else_branch is a sequence; only tensors"
}

@test "names in a branch: made once, made somewhere" {
	refuses if_twice "'y/then/t' is made twice, the second time by node 'two' (Neg)"
	refuses if_unmade "node 'lost' (Neg) reads 'ghost', which nothing makes"
	refuses if_inside "node 'thief' (Neg) reads 'mine', which nothing makes"
	refuses if_outside "node 'thief' (Add) reads 't', which nothing makes"
}

@test "--list looks into branches" {
	model if_unknown if_names
	run -1 "$IMPORT" --list if_unknown.onnx
	[ "${lines[0]}" = "unsupported operator Frobnicate: 1 node, the first is node 'odd' (Frobnicate)" ]
	run -0 "$IMPORT" --list if_names.onnx
	[[ $output == *"(0 not supported), 2 inputs, 3 outputs, 0 dimensions not bound" ]]
}

@test "a condition that is known says so" {
	model if_constant
	run -0 "$IMPORT" -o out.yaml --explain if_constant.onnx
	[[ $output == *"if: node of 't' (MatMul) never runs"* ]]
	! grep -q if: out.yaml
}

@test "of an operator of another domain the model must declare what it makes" {
	refuses custom_undeclared "node 'count' (Histogram): the model does not" \
		"type and shape of its output 'n'"
	model custom
	run -0 "$IMPORT" --list custom.onnx
	[ "${lines[0]}" = "operator com.acme::Histogram needs a kernel of your own: 1 node, the first is node 'count' (Histogram)" ]
}

@test "shapes that do not fit are refused with both" {
	refuses mismatch "node 'product' (MatMul)" "[1, 4] and [3, 4]"
	refuses declared "'y' is declared with shape [1, 5] but has [1, 4]"
}

@test "recurrent operators are checked before they are unrolled" {
	refuses rnn_shape "node 'cell' (LSTM): input 'w' has shape [1, 4, 4], expected [1, 8, 4]"
	refuses rnn_hidden "node 'cell' (RNN): hidden_size is 3, but R has shape [1, 2, 2]"
	refuses rnn_direction "node 'cell' (RNN): direction 'sideways' is not known"
	refuses rnn_unknown_attribute "node 'cell' (GRU): attribute 'input_forget' is not supported"
}

@test "tensors of 2^40 elements are refused" {
	refuses huge "input 'x' of shape [1048576, 1048576] is too large"
	refuses huge_constant "tensor 'w' of shape [1048576, 1048576] is too large"
	refuses huge_inside "node 'outer' (Add)" "[1048576, 1048576]"
}

@test "external data is refused where it is missing, short or outside" {
	echo secret > ../secret.bin
	ln -s ../secret.bin link.bin
	printf %052d 0 > ext.bin
	refuses external_missing "external data 'nowhere.bin': No such file or directory" \
		"for the elements of tensor 'w'"
	refuses external_outside "external data '../secret.bin' is not a path inside"
	refuses external_absolute "external data '/etc/passwd' is not a path inside"
	refuses external_link "external data 'link.bin' leads out of the model's directory"
	mkfifo nowhere.bin
	refuses external_missing "external data 'nowhere.bin' is not a regular file"
	rm nowhere.bin
	refuses external_short "ext.bin: error: tensor 'w' takes 48 bytes from byte 1000 on, but the file has 52"
	run -1 "$IMPORT" -o out.yaml - < external_missing.onnx
	[[ $output == *"a model on standard input cannot have elements in another file"* ]]
	rm ../secret.bin
}

@test "types, versions and kinds that are not supported are named" {
	refuses half "tensor 'w': elements of type float16 are not supported"
	refuses sequence "input 'x' is a sequence; only tensors are supported"
	refuses old "operator set 6 is not supported"
	refuses future "operator set 99 is not supported"
	refuses recursive "functions call each other more than 32 deep"
}

@test "elements that do not fill the shape are refused, all of them" {
	refuses short_data "tensor 'w': holds 44 bytes, but f32 of shape [4, 3] takes 48 bytes" \
		"tensor 'b': holds 2 elements"
}

@test "a NUL in a name is refused" {
	refuses nul "a NUL byte in 'input'"
}

# --- writing ----------------------------------------------------------------------------

@test "a full disk is an error" {
	model mlp
	run -1 bash -c '"$0" mlp.onnx > /dev/full' "$IMPORT"
	[[ $output == *"No space left on device"* ]]
	run -1 "$IMPORT" -o out.yaml -w /dev/full mlp.onnx
	[[ $output == "/dev/full: error: cannot write: No space left on device" ]]
	[ ! -e out.yaml ]
	run -1 bash -c '"$0" --list mlp.onnx > /dev/full' "$IMPORT"
}

@test "an unwritable directory is an error, and nothing is written" {
	model mlp
	dir=closed
	mkdir -m 555 closed
	[ -w closed ] && dir=/proc	# for root no directory of ours is closed
	run -1 "$IMPORT" -o $dir/out.yaml mlp.onnx
	[[ $output == "$dir/out.yaml: error: "* ]]
	run -1 "$IMPORT" -o out.yaml -w $dir/w.safetensors mlp.onnx
	[[ $output == "$dir/w.safetensors: error: "* ]]
	[ "$(ls -A)" = "$(printf 'closed\nmlp.onnx')" ]
}

# The weights go to a pipe that nobody reads to its end, so that the graph's
# part is there, unfinished, when the signal comes.  (Not SIGINT: a shell makes
# what it runs in the background ignore that.)
killed() { # SIGNAL
	mkfifo pipe
	"$IMPORT" -o out.yaml -w pipe big.onnx 3>&- &
	pid=$!
	exec 9< pipe
	head -c 1000 <&9 > /dev/null
	ls out.yaml.tmp*
	kill "-$1" $pid
	for _ in $(seq 100); do
		kill -0 $pid || break
		sleep 0.05
	done
	kill -9 $pid && return 1	# it should be gone
	wait $pid && return 1
	exec 9<&-
	rm pipe
	[ ! -e out.yaml ]
}

@test "a kill in the middle of writing leaves nothing" {
	model big
	for signal in TERM HUP; do
		killed $signal
		[ "$(ls -A)" = big.onnx ]
	done
}

@test "even SIGKILL leaves no half-written plan" {
	model big
	killed KILL
}

# Everything in the directory stays as it is, whatever import is given.
keeps() { # TEXT ARGUMENT...
	local text=$1
	shift
	sha256sum -- * > ../before
	run -1 "$IMPORT" "$@"
	[[ $output == *"$text" ]] || { echo "$output"; return 1; }
	sha256sum -- * | diff ../before -
}

@test "weights that tamp did not write are replaced only by name" {
	model mlp
	printf '\2\0\0\0\0\0\0\0{}' > mlp.safetensors
	text="mlp.safetensors: error: the constants would go here, but tamp did not write this file; name one with -w FILE"
	keeps "$text" mlp.onnx
	keeps "$text" -o out.yaml mlp.onnx
	: > model.safetensors
	keeps "name one with -w FILE" - < mlp.onnx
	"$IMPORT" -o out.yaml -w mlp.safetensors mlp.onnx
	"$IMPORT" -o out.yaml mlp.onnx
	"$IMPORT" -o out.yaml mlp.onnx
}

@test "what is read is not written over" {
	model mlp axes
	text="error: the import reads this file, and will not write over it"
	cp mlp.onnx n.onnx
	ln n.onnx hard
	ln -s n.onnx link
	for target in n.onnx ./n.onnx hard link "$T/n.onnx"; do
		keeps "$target: $text" -w "$target" -o g.yaml n.onnx
		keeps "$target: $text" -o "$target" n.onnx
		keeps "$target: $text" -w "$target" -o g.yaml - < n.onnx
	done
	rm link
	mv n.onnx n.safetensors
	keeps "n.safetensors: $text" -w n.safetensors n.safetensors
	$PY -c 'import numpy; numpy.save("axes.npy", numpy.array([1]))'
	keeps "axes.npy: $text" --const axes=axes.npy -o axes.npy axes.onnx
	$PY -c 'import struct
open("ext.bin", "wb").write(b"skip" + struct.pack("<12f", *range(12)))'
	model external_data
	keeps "ext.bin: $text" -w ext.bin -o g.yaml external_data.onnx
	keeps "ext.bin: $text" -o ext.bin external_data.onnx
}

@test "an old plan stays as it was when a new one fails" {
	accepts mlp
	cp out.yaml old.yaml
	cp mlp.safetensors old.safetensors
	run -1 "$IMPORT" -o out.yaml none.onnx
	head -c 100 mlp.onnx > cut
	mv cut mlp.onnx
	run -1 "$IMPORT" -o out.yaml mlp.onnx
	cmp out.yaml old.yaml
	cmp mlp.safetensors old.safetensors
}
