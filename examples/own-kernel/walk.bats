# The walk-through: our kernels are used and right, the broken one is refused as
# the README says.

setup() {
	cd "$BATS_TEST_DIRNAME"
	walk="make -s TAMP=$TAMP_BIN OUT=$BATS_TEST_TMPDIR"
}

@test "our Softmax is used, and gives what tamp's gives" {
	run $walk own
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c 'all 960 elements as expected' <<< "$output")" = 4 ]
}

@test "the kernel and the plan that the README shows are those" {
	sed -n '/^    \/\*---$/,/^    }$/{s/^    //;p;}' README.md > "$BATS_TEST_TMPDIR/shown"
	diff kernels/cuda/row_softmax.cu "$BATS_TEST_TMPDIR/shown"
	$walk own > /dev/null
	sed -n '/^    kernels:/,/^$/s/^    //p' README.md | sed '/^$/d' > "$BATS_TEST_TMPDIR/kernels"
	sed -n '/^kernels:/,/^steps:/p' "$BATS_TEST_TMPDIR/ours.cuda.yaml" | sed '$d' |
		diff "$BATS_TEST_TMPDIR/kernels" -
}

@test "what cannot be an rTask is refused with its place" {
	run $walk refused
	echo "$output"
	[ "$status" = 0 ]
	while read -r line; do
		grep -F -q "$line" README.md
	done < refused.txt
}

@test "an operator of our own is computed by our kernels alone" {
	run $walk operator
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"votes: all 10 elements as expected"* ]]
	grep -F -q "$(grep -o 'there is no kernel of form.*' "$BATS_TEST_TMPDIR/none.txt")" README.md
}
