# tamp-schedule -p stages: groups of rOperators beside one another, stage after
# stage.

load chain

@test "a chain becomes a group, and the work beside it others" {
	chain 6 12 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p stages --select efficient --width 4 --explain \
		-o p.yaml t.yaml 2> said
	cat said
	grep -q "c1: .*, 2 of 6 in a group, one of 13 in a stage" said
	"$BIN/tamp-schedule" --check p.yaml
}

@test "waiting for all between two stages, a group of several is on one vEU" {
	chain 8 8 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p stages --sync barrier --explain -o p.yaml \
		t.yaml 2> said
	! grep -E "on vEUs ([0-9]+)\.\.([0-9]+), [0-9]+ of ([2-9]|1[0-9]) in" said |
		awk '{ match($0, /vEUs [0-9]+\.\.[0-9]+/); \
			split(substr($0, RSTART + 5, RLENGTH - 5), v, /\.\./); \
			if (v[1] != v[2]) { print; bad = 1 } } END { exit !bad }'
	"$BIN/tamp-schedule" --check p.yaml
}

@test "it is never much behind one after the other, and ahead beside a chain" {
	for shape in "1 1" "8 16" "12 2" "3 40"; do
		chain $shape | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
		for sync in barrier counter; do
			s=$(us stages --sync $sync)
			w=$(us sequential --sync $sync)
			echo "$shape $sync: stages $s, sequential $w"
			awk "BEGIN { exit !($s <= 1.05 * $w) }"
		done
	done
	chain 8 16 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	less "$(us stages)" "$(us wavefront)"
}

@test "orders and sizes are weighed, and the reason can be read" {
	chain 4 4 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p stages --select fastest --explain -o p.yaml t.yaml \
		2> said
	[ "$(grep -c "stages of at most [0-9]*, by .*: [0-9.]* us, " said)" = 12 ]
}

@test "on one vEU the order is all there is to choose" {
	chain 3 3 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	[ "$(us stages --width 1)" = "$(us sequential --width 1)" ]
}
