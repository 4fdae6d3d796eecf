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

# refused SED-SCRIPT PLACE-AND-MESSAGE: the graph edited, given to partition.
refused() {
	sed -E "$1" 1.yaml > bad.yaml
	! cmp -s 1.yaml bad.yaml
	run timeout 20 tamp-partition -o out.yaml bad.yaml
	[ "$status" = 1 ]
	[[ $output == "bad.yaml:$2"*$'\n'*"^"* ]] || { echo "$output"; return 1; }
	[ ! -e out.yaml ]
}

@test "YAML that is not ours is refused with its place" {
	refused 's/^name: .*/name: \&a [x, x]\nb: \&b [*a, *a, *a]\nc: [*b, *b]/' "5:7: error: anchor '&a'"
	refused 's/^name: .*/&\n&/' "6:1: error: key 'name' stands here a second time"
	refused 's/^opset: .*/opset: new/' "6:8: error: 'opset' is 'new', expected an integer"
	refused 's/^opset: .*/opset: 0x7fffffffffffffff/' "6:8: error: 'opset' is 0x7fffffffffffffff, expected 1 to 1000"
	refused 's/^opset: .*/opst: 22/' "6:1: error: unknown key 'opst' of a graph (did you mean 'opset'?)"
	refused 's/^inputs: .*/inputs: x/' "8:9: error: 'inputs' is 'x', expected a list"
	refused 's/^name: .*/name: !!str x/' "5:7: error: tag"
	refused 's/^name: .*/name: 13/' "5:7: error: 'name' is a string, and '13' means something else"
	LC_ALL=C refused $'s/^name: .*/name: "a\xff"/' "5:9: error: byte 0xff is not UTF-8 text"
	deep=$(printf '%*s' 100000 '' | tr ' ' '[')
	printf 's/^name: .*/name: %s/\n' "$deep" > deep.sed
	sed -f deep.sed 1.yaml > bad.yaml
	run timeout 20 tamp-partition bad.yaml
	[ "$status" = 1 ]
	[[ $output == "bad.yaml:5:70: error: nested deeper than 64 levels"* ]]
}

@test "a name of any bytes goes through all stages" {
	name='"a\"b\\c\n{x}: #\uEFFF\u2028 é"'
	printf '%s\n' "$name" | sed 's/[\&|]/\\&/g' > name
	sed "s|\"Relu:1/0\"|$(cat name)|g" 1.yaml > 1n.yaml
	grep -qF "$name" 1n.yaml
	tamp-partition 1n.yaml | tamp-schedule -o 3n.yaml
	grep -qF -e "- {run: $name, use:" 3n.yaml
	tamp-emit -o out 3n.yaml
	[ -f out/plan.bin ]
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
