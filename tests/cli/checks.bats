# What must hold in documents beyond their tables: one edit of an example each,
# refused with its place.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	E=lib/ir/example
	T=$BATS_TEST_TMPDIR
}

# refuse DOCUMENT SED-SCRIPT MESSAGE: the plan with DOCUMENT edited.
refuse() {
	local files=()
	for f in memory schedule costs tasks device graph; do
		cp "$E/$f.yaml" "$T/$f.yaml"
		files+=("$T/$f.yaml")
	done
	sed -E -i "$2" "$T/$1.yaml"
	! cmp -s "$T/$1.yaml" "$E/$1.yaml"
	run "$TAMP_BUILD/tests/bin/stackcat" --check "${files[@]}"
	[ "$status" = 1 ]
	[[ $output == "$T/$1.yaml:"[0-9]*":"*"$3"* ]] || {
		echo "$output"
		return 1
	}
}

@test "graph: names" {
	refuse graph 's/^- \{name: logits/- {name: relu1/' "tensor 'relu1' is listed twice"
	refuse graph 's/^- \{name: x/- {name: ""/' "a tensor needs a name"
	refuse graph 's/in: \[logits\]/in: [logit]/' "no tensor 'logit' (did you mean 'logits'?)"
	refuse graph 's/^inputs: .*/inputs: [x, x]/' "input 'x' is listed twice"
	refuse graph 's/^inputs: .*/inputs: [x, fc1.bias]/' "input 'fc1.bias' is a constant"
	refuse graph 's/^outputs: .*/outputs: [scores, scores]/' "output 'scores' is listed twice"
	refuse graph 's/^outputs: .*/outputs: [score]/' "no tensor 'score'"
}

@test "graph: order and makers" {
	refuse graph '/op: MatMul, in: \[x/d' "Add reads 'fc1' before anything has made it"
	refuse graph '/op: Softmax/d' "output 'scores' is made by no node"
	refuse graph 's/out: \[logits\]/out: [relu1]/' "'relu1' has a value already, MatMul makes it again"
	refuse graph 's/out: \[scores\]/out: [""]/' "Softmax makes nothing"
	refuse graph 's/out: \[fc1\]/out: [x]/' "'x' has a value already"
}

@test "graph: a cycle" {
	refuse graph 's/in: \[x, fc1.weight\]/in: [scores, fc1.weight]/' "MatMul reads 'scores' before anything has made it"
}

@test "graph: shapes and constants" {
	refuse graph 's/shape: \[1, 64\]/shape: [1, -64]/' "has a negative dimension"
	refuse graph 's/shape: \[1, 64\]/shape: [1048576, 1048576]/' "more than 2^40 bytes"
	refuse graph 's/shape: \[1, 64\]/shape: [1, 1, 1, 1, 1, 1, 1, 1, 64]/' "has 9 dimensions"
	refuse graph 's/fill: \[0.0\]/fill: [0.0, 1.0]/' "fill is one number"
	refuse graph 's/fill: \[0.0\]/value: [0.0, 1.0]/' "has 2 elements, expected 128"
	refuse graph 's/fill: \[0.0\]/ivalue: [1]/' "expected its elements under 'value'"
	refuse graph 's/fill: \[0.0\]/fill: [0.0], data: b/' "more than one of"
}

@test "graph: states" {
	refuse graph 's/^tensors:/states: [{past: x, present: logits}]\n&/' "'x' and 'logits' differ in type or shape"
	refuse graph 's/^tensors:/states: [{past: fc1.bias, present: fc1.bias}]\n&/' "state 'fc1.bias' is a constant"
}

@test "device: rates and limits" {
	refuse device 's/^memory_gbps: .*/memory_gbps: 0.0/' "'memory_gbps' is 0, expected a number above zero"
	refuse device 's/^launch_us: .*/launch_us: -1.0/' "expected a number that is not negative"
	refuse device 's/^l2_gbps: .*/l2_gbps: .nan/' "'l2_gbps' is nan"
	refuse device 's/^units: .*/&\nblock_threads: 64/' "a block has 64 threads at most, and a unit holds 1"
	refuse device 's/^target: .*/target: cuda/; s/^veus: .*/veus: 3/' "3 vEUs on 2 units of 1 blocks"
}

@test "costs: times" {
	refuse costs 's/ us: 0.55/ us: -0.55/' "'us' is -0.55, expected a number that is not negative"
	refuse costs 's/busy_us: 0.61/busy_us: .inf/' "'busy_us' is inf"
	refuse costs 's/reuse_us: 0.52/reuse_us: .nan/' "'reuse_us' is nan"
}

@test "tasks: names and classes" {
	refuse tasks 's/class: MatMul.2, args/class: MatMul.9, args/' "no class 'MatMul.9'"
	refuse tasks 's/^- class: MatMul.2/- class: MatMul.1/' "class 'MatMul.1' is listed twice"
	refuse tasks 's/run: logits/run: relu1/' "rOperator 'relu1' is listed twice"
	refuse tasks 's/args: \[logits, scores\]/args: [logits]/' "'scores' has 1 arguments, and class 'Softmax.1' has 2"
	refuse tasks 's/args: \[logits, scores\]/args: [logits, score]/' "no tensor 'score'"
	refuse tasks 's/arg: B, /arg: A, /' "argument 'A' is listed twice"
	refuse tasks 's/"on": "Y"/"on": Z/' "no argument 'Z' in class 'MatMul.1'"
	refuse tasks 's/gemv_cols.128/gemv_cols\/64/' "'gemv_cols/64' is listed twice"
	refuse tasks 's/^rops:/buffers: [{name: x, type: f32, shape: [1]}]\n&/' "tensor 'x' exists already"
}

@test "tasks: types, sizes, order" {
	refuse tasks 's/X, type: f32/X, type: f64/' "'logits' is f32, and argument X of class 'Softmax.1' is f64"
	refuse tasks 's/shape: \[1, 128, 10\]/shape: [1, 128, 11]/' "'fc2.weight' has 1280 elements, and argument B"
	refuse tasks '/run: relu1/d' "'logits' reads 'relu1' before anything has made it"
}

@test "tasks: views" {
	refuse tasks 's/^rops:/views: [{name: fc1, of: relu1, offset: 1}]\n&/' "'fc1' has 128 elements and does not lie inside 'relu1'"
	refuse tasks 's/^rops:/views: [{name: fc1, of: fc1}]\n&/' "'fc1' is a view of itself"
	refuse tasks 's/^rops:/views: [{name: fc1, of: none}]\n&/' "no tensor 'none'"
	refuse tasks 's/^rops:/views: [{name: fc1, of: relu1}, {name: fc1, of: x}]\n&/' "'fc1' is a view already"
}

@test "schedule: kernels" {
	refuse schedule 's/run: logits, use/run: logit, use/' "no rOperator 'logit' (did you mean 'logits'?)"
	refuse schedule 's/softmax_rows.1/softmax_rows\/2/' "'scores' has no candidate 'softmax_rows/2' (did you mean 'softmax_rows/1'?)"
	refuse schedule 's/^steps:/- {run: relu1, use: gemv_cols\/64}\n&/' "a second kernel for 'relu1'"
	refuse schedule '/run: scores, use/d' "'scores' has no kernel"
}

@test "schedule: steps" {
	refuse schedule '/launch/d' "a run before any launch"
	refuse schedule 's/^- launch.*/- barrier: {}/' "a barrier before any launch"
	refuse schedule 's/veus: 0..1/veus: 0..2/' "the launch has vEUs 0 to 1, not 0..2"
	refuse schedule 's/tasks: 0..1, veus/tasks: 0..2, veus/' "'relu1' has rTasks 0 to 1 under the kernel it uses, not 0..2"
	refuse schedule 's/run: relu1, tasks: 1..1\}/run: relu1, tasks: 1..2}/' "'relu1' has rTasks 0 to 1"
	refuse schedule 's/, veus: 0..1//' "a run needs 'veus: c..d'"
	refuse schedule 's/tasks: 0..1, veus/veus/' "a run needs 'tasks: a..b'"
	refuse schedule 's/^- launch: (.*)/- {launch: \1, barrier: {}}/' "a step is one of launch, barrier and run, this is several"
	refuse schedule 's/^- launch: (.*)/- {launch: \1, tasks: 0..1}/' "go with a run, not with a launch"
	refuse schedule 's/^- launch: .*/- {}/' "a step is one of launch, barrier and run, this is none"
}

@test "schedule: without its tasks" {
	run "$TAMP_BUILD/tests/bin/stackcat" --check $E/schedule.yaml $E/graph.yaml
	[ "$status" = 1 ]
	[[ $output == *"no tasks/1 below it"* ]]
}

# ways graph|tasks|schedule SED-SCRIPT MESSAGE [NOTE]: the plan of two_ways.yaml,
# whose conditions c0 and c1 are the two senses of one tensor and c2 is within
# c0, with one document edited.
ways() {
	local f plan=("$T/schedule.yaml" "$T/tasks.yaml" "$T/graph.yaml")
	cp tests/cli/two_ways.yaml "$T/graph.yaml"
	"$TAMP_BIN/tamp-partition" --only -d host "$T/graph.yaml" > "$T/tasks.yaml"
	cat > "$T/schedule.yaml" <<-'END'
		---
		format: schedule/1
		made: {by: a test}
		kernels:
		- {run: long, use: gemv_cols/64}
		- {run: short, use: gemv_cols/128}
		- {run: "y", use: map_flat/1024}
		steps:
		- launch: {width: 2}
		- {run: long, tasks: 0..1, veus: 0..1, if: c0}
		- {run: short, tasks: 0..0, veus: 1..1, if: c1}
		- barrier: {}
		- {run: "y", tasks: 0..0, veus: 0..0}
		...
	END
	[ "$1" = graph ] && plan=("$T/graph.yaml")
	[ "$1" = tasks ] && plan=("$T/tasks.yaml" "$T/graph.yaml")
	"$TAMP_BUILD/tests/bin/stackcat" --check "${plan[@]}" > "$T/ok"
	cp "$T/$1.yaml" "$T/before"
	sed -E -i "$2" "$T/$1.yaml"
	! cmp -s "$T/$1.yaml" "$T/before"
	run "$TAMP_BUILD/tests/bin/stackcat" --check "${plan[@]}"
	[ "$status" = 1 ]
	[[ $output == "$T/$1.yaml:"[0-9]*":"*"$3"*"${4-}"* ]] || {
		echo "$output"
		return 1
	}
}

@test "conditions: the list" {
	ways graph 's/name: c2/name: c1/' "condition 'c1' is listed twice"
	ways graph 's/name: c2/name: ""/' "a condition needs a name"
	ways graph 's/is: false/is: true/' "'c1' is the same as 'c0'"
	ways graph 's/within: c0/within: c2/' "'c2' is not listed before 'c2', which is within it"
	ways graph 's/within: c0/within: c9/' "no condition 'c9' (did you mean 'c0'?)"
	ways graph 's/tensor: inner/tensor: inn/' "no tensor 'inn'"
	ways graph 's/tensor: inner/tensor: x/' "'x' is f32 of shape [1, 64], expected one element of type bool"
	ways graph 's/if: c1/if: c8/' "no condition 'c8'"
	ways tasks 's/name: c2/name: c1/' "condition 'c1' is listed twice"
	ways tasks 's/tensor: inner/tensor: x/' "'x' is f32 of shape [1, 64], expected one element of type bool"
	ways tasks 's/if: c1/if: c8/' "no condition 'c8'"
}

@test "conditions: a graph reads what may be skipped only where it ran" {
	ways graph 's/(long.relu\]), if: c0/\1/' "Relu reads 'long', which is made only if 'c0' holds" "'c0' holds if 'is_big' is true"
	ways graph 's/(out: \[long.relu\], if:) c0/\1 c1/' "Relu reads 'long', which is made only if 'c0' holds"
	ways graph 's/short\], out: \[y/long.relu], out: [y/' "Where reads 'long.relu', which is made only if 'c0' holds"
	ways graph 's/\[is_big, long.y, short/[is_big, short, long.y/' "Where reads 'short', which is made only if 'c1' holds"
	ways graph 's/\[is_big, long.y, short/[inner, long.y, short/' "Where reads 'long.y', which is made only if 'c0' holds"
	ways graph 's/\[is_big, long.y, short/[is_big, long.exp, short/' "Where reads 'long.exp', which is made only if 'c2' holds"
	ways graph 's/op: Where, in: \[is_big, long.y/op: Add, in: [long.y/' "Add reads 'long.y', which is made only if 'c0' holds"
	ways graph 's/(out: \[long.y\], if:) c0/\1 c1/' "Where reads 'long.exp'"
}

@test "conditions: outputs, states and what decides" {
	ways graph 's/outputs: \[y/outputs: [y, short/' "output 'short' is made only if 'c1' holds"
	ways graph 's/^tensors:/states: [{past: short.past, present: short}]\n&\n- {name: short.past, type: f32, shape: [1, 128]}/' "state 'short' is made only if 'c1' holds"
	ways graph 's/^- \{op: Relu.*/&\n- {op: Not, in: [inner], out: [other], if: c0}/; s/^tensors:/&\n- {name: other, type: bool, shape: []}/; s/^nodes:/- {name: c3, tensor: other, is: true}\n&/' \
		"the condition's tensor 'other' is made only if 'c0' holds"
	ways graph 's/^- \{op: Where, in: \[is_big.*/&\n- {op: Not, in: [inner], out: [other]}/; s/^tensors:/&\n- {name: other, type: bool, shape: []}/; s/tensor: inner/tensor: other/' \
		"whether Exp runs is decided by 'other', which nothing has made before"
	ways tasks 's/(run: short.*), if: c1/\1, init: true, if: c1/' "'short' runs when the model is opened: no condition is decided by then"
}

@test "conditions: tasks read what may be skipped only where it ran" {
	local y='\["y", is_big, long.y, short\]'
	ways tasks 's/(run: long.exp.*), if: c2/\1/' "'long.exp' reads 'long', which is made only if 'c0' holds" "'c0' holds if 'is_big' is true"
	ways tasks "s/$y/[\"y\", is_big, short, long.y]/" "'y' reads 'short', which is made only if 'c1' holds"
	ways tasks "s/$y/[\"y\", inner, long.y, short]/" "'y' reads 'long.y', which is made only if 'c0' holds"
	ways tasks "s/$y/[\"y\", is_big, long.exp, short]/" "'y' reads 'long.exp', which is made only if 'c2' holds"
	ways tasks 's/map: \["SELECT\(E0, E1, E2\)"\]/map: ["SELECT(E0, E2, E1)"]/' "'y' reads 'long.y'"
	ways tasks 's/map: \["SELECT\(E0, E1, E2\)"\]/map: ["SELECT(E0, E1, E2) + E1"]/' "'y' reads 'long.y'"
	ways tasks 's/map: \["SELECT\(E0, E1, E2\)"\]/map: ["SELECT(!E0, E1, E2)"]/' "'y' reads 'long.y'"
	ways tasks 's/map: \["SELECT\(E0, E1, E2\)"\]/map: ["t0 = E2", "SELECT(E0, E1, t0)"]/' "'y' reads 'short'"
}

@test "conditions: views of what may be skipped" {
	ways tasks 's/^conditions:/views: [{name: y, of: short}]\n&/' "output 'y' is made only if 'c1' holds"
	ways tasks 's/^conditions:/buffers: [{name: again, type: f32, shape: [128]}, {name: more, type: f32, shape: [128]}]\nviews: [{name: again, of: short}]\n&/; s/^- \{run: "y".*/- {run: more, class: Map.1, args: [more, again]}\n&/' \
		"'more' reads 'again', which is made only if 'c1' holds"
}

@test "conditions: a step has its rOperator's" {
	ways schedule 's/, if: c0//' "'long' runs under a condition, expected 'if: c0'"
	ways schedule 's/if: c0/if: c1/' "'long' runs under 'c0', not 'c1'"
	ways schedule 's/(run: "y", tasks.*)\}/\1, if: c0}/' "'y' always runs, expected no 'if'"
	ways schedule 's/^- launch: (.*)/- {launch: \1, if: c0}/' "tasks, veus, if and after go with a run, not with a launch"
}

@test "memory: places" {
	refuse memory 's/name: logits/name: relu1/' "a second place for 'relu1'"
	refuse memory 's/offset: 512/offset: 552/' "'logits', 40 bytes from 552, is not inside the 552 bytes of arena"
	refuse memory 's/offset: 512/offset: 9223372036854775807/' "is not inside the 552 bytes of arena"
}
