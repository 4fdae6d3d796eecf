# For tests of policies that deal rTasks out: whether each run of a schedule begins
# on the vEU where the one before it stopped.

dealt() { # WIDTH SCHEDULE
	sed -n '/^steps:/,/^\.\.\./p' "$2" |
		sed -n 's/.*tasks: \([0-9]*\)\.\.\([0-9]*\), veus: \([0-9]*\)\.\.\([0-9]*\).*/\1 \2 \3 \4/p' > runs
	[ -s runs ]
	# A run of more rTasks than vEUs begins at 0 and goes round.
	awk -v width="$1" '
	{ n = $2 - $1 + 1; many = n >= width }
	$3 != (many ? 0 : next_veu % width) { bad = 1; print "run " NR ": " $0 }
	{ next_veu = many ? n : $3 + n }
	END { exit bad }' runs
}
