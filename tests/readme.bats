#!/usr/bin/env bats
# What README.md shows is what the tools do.

setup() {
	top=$BATS_TEST_DIRNAME/..
	cd "$BATS_TEST_TMPDIR"
}

@test "the refused edit gets the words that README shows" {
	sed -f "$top/examples/edit-a-schedule/forget-a-wait.sed" \
		"$top/examples/edit-a-schedule/plan.yaml" > forget-a-wait.yaml
	run "$TAMP_BIN/tamp" schedule --check forget-a-wait.yaml
	[ "$status" = 1 ]
	sed -n '/tamp schedule --check forget-a-wait/,/^$/s/^    //p' \
		"$top/README.md" | sed '1d;/^$/d' > shown
	[ -s shown ]
	diff shown - <<< "$output"
}

@test "the schedule that README shows is that of the walk-through" {
	sed -n '/^    steps:$/,/^$/s/^    //p' "$top/README.md" > shown
	sed -n '/^steps:$/,/^\.\.\.$/p' "$top/examples/edit-a-schedule/plan.yaml" |
		sed '$d' | diff shown -
}

@test "the timeline is what README's command draws" {
	"$TAMP_BIN/tamp" import -w w.safetensors "$top/tests/e2e/models/branches.onnx" |
		"$TAMP_BIN/tamp" partition -d v100 |
		"$TAMP_BIN/tamp" schedule -p wavefront --width 40 --gantt drawn.svg > plan.yaml
	cmp drawn.svg "$top/examples/branches.svg"
}

@test "every file and make target that README names is there" {
	grep -oE '`(lib|examples|schemas|tests)/[a-z_./-]*`' "$top/README.md" |
		tr -d '`' | while read -r f; do
		[ -e "$top/$f" ] || { echo "no $f"; exit 1; }
	done
	for t in $(grep -oE 'make [a-z-]+' "$top/README.md" | cut -d' ' -f2 | sort -u); do
		grep -qE "^$t( [a-z-]+)*:|PHONY:.* $t( |\$)" "$top/Makefile" "$top"/mk/*.mk ||
			{ echo "no target $t"; return 1; }
	done
}
