# The stack of documents: what a stage replaces, drops and copies.
# stackcat --push FORMAT does what the stage that makes FORMAT does.

setup() {
	E=lib/ir/example
	stackcat=$TAMP_BUILD/tests/bin/stackcat
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	T=$BATS_TEST_TMPDIR
}

# The formats of a stack, topmost first.
formats() {
	sed -n 's/^format: //p' "$1" | tr '\n' ' '
}

whole() {
	cat $E/report.yaml $E/memory.yaml $E/schedule.yaml $E/costs.yaml \
		$E/tasks.yaml $E/device.yaml $E/graph.yaml
}

@test "a stack is copied byte for byte, comments and blanks included" {
	{
		echo '# the schedule, edited by hand'
		sed 's/^- launch/\n  # two vEUs\n- launch/' $E/schedule.yaml
		echo '# between   '
		cat $E/tasks.yaml $E/device.yaml $E/graph.yaml
		echo '# at the end'
	} > "$T/in.yaml"
	"$stackcat" --check "$T/in.yaml" | cmp - "$T/in.yaml"
}

@test "every example of the man pages passes the checks" {
	whole > "$T/in.yaml"
	"$stackcat" --check "$T/in.yaml" > /dev/null
}

@test "a stage replaces the document of its format and drops what was made from it" {
	whole > "$T/in.yaml"
	"$stackcat" --push schedule "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "schedule/1 costs/1 tasks/1 device/1 graph/1 " ]
	"$stackcat" --push memory "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "memory/1 schedule/1 costs/1 tasks/1 device/1 graph/1 " ]
	"$stackcat" --push graph "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "graph/1 costs/1 device/1 " ]
}

@test "costs stay wherever they stand, and replacing them drops nothing" {
	cat $E/schedule.yaml $E/tasks.yaml $E/device.yaml $E/costs.yaml \
		$E/graph.yaml > "$T/in.yaml"
	"$stackcat" --push tasks "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "tasks/1 device/1 costs/1 graph/1 " ]
	"$stackcat" --push costs "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "costs/1 schedule/1 tasks/1 device/1 graph/1 " ]
}

@test "two documents pushed by one stage, device below tasks" {
	whole > "$T/in.yaml"
	"$stackcat" --push device --push tasks "$T/in.yaml" 2>&1 | grep "no document 'tasks'"
	cat $E/device.yaml $E/graph.yaml $E/costs.yaml > "$T/in.yaml"
	"$stackcat" --push device --push graph "$T/in.yaml" > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "graph/1 device/1 costs/1 " ]
}

@test "of each format the topmost counts and is the one replaced" {
	sed 's/^policy: .*/policy: mine/' $E/schedule.yaml > "$T/mine.yaml"
	cat "$T/mine.yaml" $E/schedule.yaml $E/tasks.yaml $E/device.yaml \
		$E/graph.yaml > "$T/in.yaml"
	"$stackcat" --push schedule "$T/in.yaml" > "$T/out.yaml"
	[ "$(grep -c '^policy: mine' "$T/out.yaml")" = 1 ]
	[ "$(grep -c '^policy: wavefront' "$T/out.yaml")" = 1 ]
	[ "$(grep '^policy' "$T/out.yaml" | head -n 1)" = "policy: mine" ]
}

@test "several files: the first one is the top" {
	"$stackcat" $E/schedule.yaml $E/tasks.yaml $E/device.yaml $E/graph.yaml > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "schedule/1 tasks/1 device/1 graph/1 " ]
}

@test "what lies below is copied as it stands" {
	sed 's/^- {name: x, /-   {  name:   x,  /' $E/graph.yaml > "$T/graph.yaml"
	cat $E/tasks.yaml $E/device.yaml "$T/graph.yaml" > "$T/in.yaml"
	"$stackcat" --push tasks "$T/in.yaml" > "$T/out.yaml"
	lines=$(wc -l < "$T/graph.yaml")
	tail -n "$lines" "$T/out.yaml" | cmp - "$T/graph.yaml"
}

@test "a document without --- gets one where it no longer stands first" {
	grep -v '^---' $E/graph.yaml > "$T/graph.yaml"
	cat $E/device.yaml > "$T/device.yaml"
	"$stackcat" "$T/device.yaml" "$T/graph.yaml" > "$T/out.yaml"
	"$stackcat" "$T/out.yaml" | cmp - "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "device/1 graph/1 " ]
}

@test "a last line without a line break gets one" {
	printf '%s' "$(cat $E/device.yaml)" > "$T/device.yaml"
	"$stackcat" "$T/device.yaml" $E/graph.yaml > "$T/out.yaml"
	cat $E/device.yaml $E/graph.yaml | cmp - "$T/out.yaml"
}

@test "--only writes the top alone" {
	whole | "$stackcat" --only --push schedule > "$T/out.yaml"
	[ "$(formats "$T/out.yaml")" = "schedule/1 " ]
	cmp "$T/out.yaml" $E/schedule.yaml
}

@test "format stands first, below the line for language servers" {
	for f in graph device tasks schedule memory report costs; do
		"$stackcat" --rewrite $E/$f.yaml > "$T/out.yaml"
		[ "$(sed -n 2p "$T/out.yaml")" = "# yaml-language-server: \$schema=schemas/$f.schema.yaml" ]
		[ "$(sed -n 3p "$T/out.yaml")" = "format: $f/1" ]
		[ -f schemas/$f.schema.yaml ]
	done
}

@test "a format that is unknown, missing or not first is refused" {
	run "$stackcat" - <<< $'format: grph/1\n...'
	[ "$status" = 1 ]
	[[ $output == "<stdin>:1:9: error: unknown format 'grph/1' (did you mean 'graph/1'?)"* ]]
	run "$stackcat" - <<< $'name: x\nformat: graph/1\n...'
	[ "$status" = 1 ]
	[[ $output == "<stdin>:1:1: error: key 'name' stands first, expected 'format'"* ]]
	run "$stackcat" - <<< $'- x\n...'
	[ "$status" = 1 ]
	[[ $output == "<stdin>:1:1: error: expected a map that begins with 'format:'"* ]]
}

@test "a faulty document low in the stack is found" {
	{
		cat $E/schedule.yaml $E/tasks.yaml $E/device.yaml
		sed 's/^opset: .*/opset: many/' $E/graph.yaml
	} > "$T/in.yaml"
	run "$stackcat" "$T/in.yaml"
	[ "$status" = 1 ]
	[[ $output == "$T/in.yaml:"*":8: error: 'opset' is 'many', expected an integer"* ]]
}

@test "cut-off and empty input are errors, at every length" {
	whole > "$T/in.yaml"
	size=$(wc -c < "$T/in.yaml")
	for n in 0 1 10 100 500 $((size / 2)) $((size - 5)) $((size - 3)); do
		head -c "$n" "$T/in.yaml" > "$T/cut.yaml"
		run "$stackcat" "$T/cut.yaml"
		[ "$status" = 1 ]
		[[ $output == *error:* ]]
	done
}

@test "a missing file and a directory" {
	run "$stackcat" "$T/none.yaml"
	[ "$status" = 1 ]
	[[ $output == "$T/none.yaml: error: cannot open: No such file or directory" ]]
	run "$stackcat" "$T"
	[ "$status" = 1 ]
	[[ $output == "$T: error: cannot read: Is a directory" ]]
}

@test "names of any bytes survive a stack" {
	name='"a\"b\\c\n\t{}: #\uEFFF\uEFC3\u2028'"é"'"'
	sed "s|^name: .*|name: $(printf '%s' "$name" | sed 's/[\\&|]/\\&/g')|" \
		$E/graph.yaml > "$T/in.yaml"
	grep -F "name: $name" "$T/in.yaml"
	"$stackcat" --rewrite "$T/in.yaml" | cmp - "$T/in.yaml"
}
