#!/usr/bin/env bats
# The policy roundrobin: over the whole schedule, rTasks go to vEUs in turn.

load dealt

@test "roundrobin deals rTasks to vEUs in turn, across rOperators" {
	cd "$BATS_TEST_TMPDIR"
	"$TAMP_BIN/tamp-partition" -d emu -o tasks.yaml \
		"$BATS_TEST_DIRNAME/../../examples/edit-a-schedule/model.yaml"
	for width in 1 3 7; do
		"$TAMP_BIN/tamp-schedule" -p roundrobin --width $width \
			-o plan.yaml tasks.yaml
		"$TAMP_BIN/tamp-schedule" --check plan.yaml
		dealt $width plan.yaml
	done
}
