# The walk-through: each edit gives the verdict that the README shows, and the
# legal programs agree.

setup() {
	cd "$BATS_TEST_DIRNAME"
	walk="make -s TAMP=$TAMP_BIN OUT=$BATS_TEST_TMPDIR"
}

@test "forgetting a wait is refused with its witness" {
	run $walk refused
	echo "$output"
	[ "$status" = 0 ]
	grep -F -q "$(sed -n 1p refused.txt)" README.md
}

@test "two edits are legal, and predicted as the README says" {
	run $walk slower quicker
	echo "$output"
	[ "$status" = 0 ]
	for f in slower.txt quicker.txt; do
		for line in ': legal, ' ": of its vEUs' time: "; do
			[ "$(grep -c "$line" $f)" = 1 ]
			grep -F -q "$(grep "$line" $f)" README.md
		done
	done
	grep -q '<svg' "$BATS_TEST_TMPDIR/timeline.svg"
}

@test "the steps in the README are those of plan.yaml" {
	sed -n '/^    - {run/{s/^    //;p;}' README.md | sed -n 1,6p > "$BATS_TEST_TMPDIR/shown"
	sed -n '/^steps/,/^\.\.\./{/^- {run/p;}' plan.yaml | sed -n 1,6p > "$BATS_TEST_TMPDIR/steps"
	diff "$BATS_TEST_TMPDIR/shown" "$BATS_TEST_TMPDIR/steps"
}

@test "what it is predicted to take is what the README says" {
	run "$TAMP_BIN/tamp-schedule" --check plan.yaml
	[ "$status" = 0 ]
	grep -x -F -q "    $output" README.md
}

@test "the legal programs give the same scores" {
	run $walk same
	echo "$output"
	[ "$status" = 0 ]
}
