# A few mutants of each class: make mutants does more.

@test "the verifier and the access oracle agree on edited plans" {
	cd "$BATS_TEST_DIRNAME/../.."
	BUILD=$TAMP_BUILD run sh tests/mutants/run.sh 24
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"mutants: 0 wrong, from "* ]]
	# both verdicts occur, in all classes but those where every edit breaks
	[ "$(awk '/^(dropped|weakened|changed|swapped|moved|missing|doubled|aliased|hole|oversize)/ && $4 > 0' \
		<<< "$output" | wc -l)" = 11 ]
	[ "$(awk '/^(weakened|changed|swapped|moved|aliased|oversize)/ && $5 > 0' \
		<<< "$output" | wc -l)" = 6 ]
}
