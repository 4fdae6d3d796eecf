#!/usr/bin/env bats
# The policy roundrobin: over the whole schedule, rTasks go to vEUs in turn.

@test "roundrobin deals rTasks to vEUs in turn, across rOperators" {
	cd "$BATS_TEST_TMPDIR"
	"$TAMP_BIN/tamp-partition" -d emu -o tasks.yaml \
		"$BATS_TEST_DIRNAME/../../examples/edit-a-schedule/model.yaml"
	for width in 1 3 7; do
		"$TAMP_BIN/tamp-schedule" -p roundrobin --width $width \
			-o plan.yaml tasks.yaml
		"$TAMP_BIN/tamp-schedule" --check plan.yaml
		sed -n '/^steps:/,/^\.\.\./p' plan.yaml |
			sed -n 's/.*tasks: \([0-9]*\)\.\.\([0-9]*\), veus: \([0-9]*\)\.\.\([0-9]*\).*/\1 \2 \3 \4/p' > runs
		[ -s runs ]
		# Where one run ends, the next one begins; a run of more rTasks
		# than vEUs begins at 0 and goes round.
		awk -v width=$width '
		{ n = $2 - $1 + 1; many = n >= width }
		!many && $3 != next_veu % width { bad = 1; print "run " NR ": " $0 }
		{ next_veu = many ? n : $3 + n }
		END { exit bad }' runs
	done
}
