# The front: commands, tamp build and what it makes of its stages' statuses.

setup() {
	T=$BATS_TEST_TMPDIR
	cp "$TAMP_BIN/tamp" "$T/tamp"
	for s in import partition schedule emit run; do
		stage "$s" 'cat; echo "$name" "$@"'
	done
	stage import 'echo import "$@"'
}

# A stage that is a script.
stage() {
	printf '#!/bin/sh\nname=%s\n%s\n' "$1" "$2" > "$T/tamp-$1"
	chmod +x "$T/tamp-$1"
}

@test "tamp COMMAND runs the executable beside it" {
	run "$T/tamp" import -v 'a b'
	[ "$status" = 0 ]
	[ "$output" = "import -v a b" ]
}

@test "a status is handed through" {
	stage schedule 'exit 7'
	run "$T/tamp" schedule
	[ "$status" = 7 ]
}

@test "PATH is the second place to look" {
	mkdir "$T/elsewhere"
	mv "$T/tamp-import" "$T/elsewhere"
	PATH=$T/elsewhere:$PATH run "$T/tamp" import x
	[ "$output" = "import x" ]
	PATH=/usr/bin:/bin run "$T/tamp" import x
	[ "$status" = 1 ]
	[[ $output == "tamp: error: cannot run tamp-import"* ]]
}

@test "an unknown command is a usage error with a suggestion" {
	run "$T/tamp" shedule
	[ "$status" = 2 ]
	[ "$output" = "tamp: error: unknown command 'shedule' (did you mean 'schedule'?)" ]
	run "$T/tamp"
	[ "$status" = 2 ]
}

@test "--help, --version, help COMMAND" {
	run "$T/tamp" --help
	[ "$status" = 0 ]
	[[ $output == "usage: tamp COMMAND"* ]]
	run "$T/tamp" --version
	[ "$status" = 0 ]
	[[ $output == "tamp "[0-9]* ]]
	run "$T/tamp" help emit < /dev/null
	[ "$output" = "emit --help" ]
}

@test "help to a full disk is an error" {
	run bash -c "'$T/tamp' --help > /dev/full"
	[ "$status" = 1 ]
}

# What the stages print of their options, without what build has of its own
# and without the policy that is none: a list.
stages() { # --help or --complete
	for s in import partition schedule emit; do
		"$TAMP_BIN/tamp-$s" "$1"
	done | sed "s/; 'help' prints the policies//; s/words	help /words	/"
}

@test "build says of an option what the stage says" {
	own='--(output|run|verbose|explain|help|version)'
	stages --help > "$T/stages"
	"$TAMP_BIN/tamp" build --help | grep -E '^  [ -].* --' | grep -Ev -e "$own" > "$T/build"
	[ "$(wc -l < "$T/build")" -ge 12 ]
	while read -r line; do grep -qF -- "$line" "$T/stages"; done < "$T/build"

	stages --complete > "$T/stages"
	"$TAMP_BIN/tamp" build --complete | grep -Ev -e "$own" > "$T/build"
	grep -v -e --target "$T/build" | while read -r line; do
		grep -qxF -- "$line" "$T/stages"
	done
	# emit takes the name of any target, also of one that nothing emits yet
	for t in $(sed -n 's/^--target	words	//p' "$T/build"); do
		grep -qw -e "^--target	words.*$t" "$T/stages"
	done
}

@test "build joins the stages and hands options on" {
	run "$T/tamp" build -d h200 -K k -p wavefront --bind n=1 --bind m=2 \
		--sync counter -v -o "$T/out" -- -model.onnx
	[ "$status" = 0 ]
	[ "${lines[0]}" = "import -v --bind n=1 --bind m=2 -- -model.onnx" ]
	[ "${lines[1]}" = "partition -v -d h200 -K k" ]
	[ "${lines[2]}" = "schedule -v -p wavefront --sync counter" ]
	[ "${lines[3]}" = "emit -v -K k -o $T/out" ]
	[ "${#lines[@]}" = 4 ]
}

@test "build --run runs what it built" {
	run "$T/tamp" build --run -o "$T/out" m < /dev/null
	[ "$status" = 0 ]
	[ "${lines[4]}" = "run $T/out" ]
}

@test "the stage that fails gives the status, later ones are not started" {
	stage partition 'cat > /dev/null; echo wrong >&2; exit 5'
	stage schedule 'touch "$0.started"; exit 9'
	run "$T/tamp" build -o "$T/out" m
	[ "$status" = 5 ]
	[ "$output" = wrong ]
	[ ! -e "$T/tamp-schedule.started" ]
}

@test "a stage that fails while the one before is still writing" {
	stage import 'exec yes'
	stage partition 'exit 3'
	run timeout 20 "$T/tamp" build -o "$T/out" m
	[ "$status" = 3 ]
}

@test "a stage that a signal ends" {
	stage schedule 'kill -9 $$'
	run "$T/tamp" build -o "$T/out" m
	[ "$status" = 1 ]
	[[ $output == *"tamp-schedule was ended by signal 9"* ]]
}

@test "a stage that succeeds without a word" {
	stage partition 'cat > /dev/null'
	run "$T/tamp" build -o "$T/out" m
	[ "$status" = 1 ]
	[[ $output == *"tamp-partition wrote nothing"* ]]
}

@test "build without a model, without -o, with an unknown option" {
	run "$T/tamp" build -o x
	[ "$status" = 2 ]
	run "$T/tamp" build m
	[ "$status" = 2 ]
	run "$T/tamp" build --polciy x -o x m
	[ "$status" = 2 ]
	[[ $output == *"unknown option '--polciy' (did you mean '--policy'?)"* ]]
}
