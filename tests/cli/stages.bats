# What all stages do alike: stacks, pipes, /dev/full, bad input.

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	"$TAMP_BIN/tamp-import" "$BATS_TEST_DIRNAME/../e2e/models/mlp.onnx" -o 1.yaml
	sed -i -e 's/^nodes:/# by hand\n\n&/' -e '$a # the end' 1.yaml
}

formats() {
	sed -n 's/^format: //p' "$1" | tr '\n' ' '
}

# The last lines of FILE are the whole of TAIL.
ends_with() {
	tail -c "$(wc -c < "$2")" "$1" | cmp - "$2"
}

@test "every stage leaves what lies below as it stands" {
	tamp-partition 1.yaml > 2.yaml
	ends_with 2.yaml 1.yaml
	tamp-schedule -p wavefront 2.yaml > 3.yaml
	ends_with 3.yaml 2.yaml
	[ "$(formats 3.yaml)" = "schedule/1 tasks/1 device/1 graph/1 " ]
}

@test "a stage run again replaces its own document" {
	tamp-partition 1.yaml | tamp-schedule -p wavefront > 3.yaml
	tamp-schedule -p sequential 3.yaml > 4.yaml
	[ "$(formats 4.yaml)" = "schedule/1 tasks/1 device/1 graph/1 " ]
	grep -q '^policy: sequential' 4.yaml
	tamp-partition -d h200 4.yaml > 5.yaml
	[ "$(formats 5.yaml)" = "tasks/1 device/1 graph/1 " ]
	ends_with 5.yaml 1.yaml
}

@test "--only, and the documents in several files" {
	tamp-partition --only 1.yaml > tasks.yaml
	[ "$(formats tasks.yaml)" = "tasks/1 " ]
	tamp-partition 1.yaml > 2.yaml
	tamp-schedule --only 2.yaml > mine.yaml
	[ "$(formats mine.yaml)" = "schedule/1 " ]
	tamp-schedule --check mine.yaml 2.yaml
}

@test "files, pipes and -o give the same bytes, twice" {
	tamp-partition 1.yaml > a.yaml
	tamp-partition < 1.yaml > b.yaml
	tamp-partition -o c.yaml - < 1.yaml
	cmp a.yaml b.yaml
	cmp a.yaml c.yaml
	tamp-schedule a.yaml > d.yaml
	tamp-schedule -o e.yaml < a.yaml
	cmp d.yaml e.yaml
}

@test "input that is empty, cut off, or no stack" {
	for stage in partition schedule "emit -o out"; do
		run tamp-$stage < /dev/null
		[ "$status" = 1 ]
		[[ $output == *"<stdin>:1:1: error: empty input"* ]]
		head -n 5 1.yaml > cut.yaml
		run tamp-$stage cut.yaml
		[ "$status" = 1 ]
		[[ $output == *"cut.yaml:6:1: error: '...' is missing"* ]]
		run tamp-$stage none.yaml
		[ "$status" = 1 ]
		run tamp-$stage "$BATS_TEST_DIRNAME/../e2e/models/mlp.onnx"
		[ "$status" = 1 ]
		[[ $output == *"mlp.onnx:"*": error: "* ]]
		[ ! -e out ]
	done
}

@test "a document that is missing from the stack is named" {
	run tamp-schedule 1.yaml
	[ "$status" = 1 ]
	[[ $output == *error:* ]]
	tamp-partition 1.yaml > 2.yaml
	run tamp-emit -o out 2.yaml
	[ "$status" = 1 ]
	[[ $output == *schedule* ]]
	[ ! -e out ]
}

@test "output to a full disk" {
	tamp-partition 1.yaml > 2.yaml
	for call in "import $BATS_TEST_DIRNAME/../e2e/models/mlp.onnx" \
		"partition 1.yaml" "schedule 2.yaml"; do
		run bash -c "tamp-$call > /dev/full"
		[ "$status" = 1 ]
		[[ $output == *"No space left on device"* ]]
		run tamp-$call -o /dev/full
		[ "$status" = 1 ]
	done
	[ -c /dev/full ]
}

@test "a directory that is not there" {
	for call in "import $BATS_TEST_DIRNAME/../e2e/models/mlp.onnx" "partition 1.yaml"; do
		run tamp-$call -o none/x.yaml
		[ "$status" = 1 ]
		[[ $output == *"none/x"*"error: "* ]]
	done
}

@test "--help, --version and usage errors of every stage" {
	for t in import partition schedule emit run; do
		run tamp-$t --version
		[ "$status" = 0 ]
		[[ $output == "tamp-$t "[0-9]* ]]
		run tamp-$t --help
		[ "$status" = 0 ]
		[[ $output == "usage: tamp-$t "* ]]
		run tamp-$t --no-such-option
		[ "$status" = 2 ]
		[[ $output == "tamp-$t: error: unknown option '--no-such-option'"* ]]
		run bash -c "tamp-$t --help > /dev/full"
		[ "$status" = 1 ]
	done
}

@test "one line changed by hand is checked" {
	tamp-partition 1.yaml | tamp-schedule -p sequential > 3.yaml
	tamp-schedule --check 3.yaml
	run=$(sed -nE '0,/^- \{run: .*tasks/s/^- \{run: ([^,]*), tasks.*/\1/p' 3.yaml)
	[ -n "$run" ]
	awk '!done && /^- \{run: .*tasks/ { done = 1; next } { print }' 3.yaml > 4.yaml
	run tamp-schedule --check 4.yaml
	[ "$status" = 1 ]
	[[ $output == *error:* ]]
}
