# tamp-schedule -p list: what most hangs on goes first.

load chain

@test "the head of the longest chain goes first, wherever it stands" {
	chain 6 12 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	"$BIN/tamp-schedule" -p list --select fastest --width 2 --explain \
		-o l.yaml t.yaml 2> said
	cat said
	grep -q "c0: .* from 0.000 us on; " said
	# Two vEUs: whatever else there is comes while the chain waits, or after it.
	[ "$(grep -c "^tamp-schedule: s[0-9]*: .* from 0.000 us on; " said)" -le 1 ]
}

@test "what runs beside a chain does not make it longer" {
	chain 8 16 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	l=$(us list)
	less "$l" "$(us sequential)"
	less "$l" "$(us wavefront)"
	less "$l" "$(us roundrobin)"
}

@test "on one vEU the order is all there is to choose" {
	chain 3 3 | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
	[ "$(us list --width 1)" = "$(us sequential --width 1)" ]
}
