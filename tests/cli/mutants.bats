# A few mutants of each class: make mutants does more.

@test "the verifier and the access oracle agree on edited plans and tables" {
	cd "$BATS_TEST_DIRNAME/../.."
	FEW=1 BUILD=$TAMP_BUILD run sh tests/mutants/run.sh 24
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"mutants: 0 wrong of "* ]]
	# columns from the end, since names have blanks: tried, refused,
	# harmless, wrong, replayed, declared
	table=$(awk '$NF ~ /^[0-9]+$/ && NF >= 7' <<< "$output")
	[ "$(wc -l <<< "$table")" = 25 ]
	# some of each class are refused; of those that may do no harm, some
	# are not
	[ "$(awk '$(NF-4) > 0' <<< "$table" | wc -l)" = 25 ]
	[ "$(awk '/^(weakened|swapped|moved|other|aliased|oversize|lowered)/ &&
		$(NF-3) > 0' <<< "$table" | wc -l)" = 10 ]
	# whatever is refused for the sake of rTasks was seen to go wrong
	[ "$(awk '/^(dropped|weakened|wrong|cyclic|merged|swapped|missing|doubled|hole|undecided)/ &&
		!/ if / && $(NF-4) == $(NF-1)' <<< "$table" | wc -l)" = 12 ]
}
