# tamp-schedule --cut: launches more than one, where they pay.

bats_require_minimum_version 1.5.0

load chain

# The emulated device with a launch of that many us.
device() {
	sed "s/^launch_us: [0-9.]*/launch_us: $1/" \
		"$BATS_TEST_DIRNAME/../../lib/devices/emu.yaml" > d.yaml
	chain 6 4 | "$BIN/tamp-partition" -d ./d.yaml --fuse none -o t.yaml
}

launches() { grep -c '^- launch:' "$1"; }

@test "where launches cost next to nothing they take the place of waits" {
	device 0.001
	for sync in barrier counter; do
		less "$(us sequential --cut --sync $sync)" "$(us sequential --sync $sync)"
		"$BIN/tamp-schedule" -p sequential --cut --sync $sync --explain \
			-o s.yaml t.yaml 2> said
		[ "$(launches s.yaml)" -gt 1 ]
		[ "$(grep -c "cut before .* shorter, made" said)" = \
			"$(($(launches s.yaml) - 1))" ]
		"$BIN/tamp-schedule" --check s.yaml
	done
}

@test "where they are dear there is one, and the price is told" {
	device 50.0
	run --separate-stderr "$BIN/tamp-schedule" -p list --cut --explain \
		-o s.yaml t.yaml
	[ "$status" = 0 ]
	[ "$(launches s.yaml)" = 1 ]
	[[ $stderr == *"cut before "*": a launch of 50 us, "*" registers and "*" longer, not made"* ]]
	[[ $stderr != *", made"* ]]
	"$BIN/tamp-schedule" -p list -o without.yaml t.yaml
	cmp <(grep '^- {' s.yaml) <(grep '^- {' without.yaml)
}

@test "a program that is cut gives what one that is not gives" {
	device 0.001
	for cut in "" --cut; do
		"$BIN/tamp-schedule" -p wavefront $cut -o s.yaml t.yaml
		"$BIN/tamp-emit" -o p"$cut" s.yaml
		"$BIN/tamp-run" -n 1 --emulate=3 --input x=random:5 \
			--output out"$cut" p"$cut" > /dev/null 2>&1
	done
	[ "$(launches s.yaml)" -gt 1 ]
	cmp out/t3.npy out--cut/t3.npy
}

@test "a program places its launches itself" {
	device 1.0
	printf '#!/bin/sh\nexit 3\n' > mine
	chmod +x mine
	run "$BIN/tamp-schedule" -p ./mine --cut -o s.yaml t.yaml
	[ "$status" = 2 ]
	[[ $output == *"--cut does not go with a program"* ]]
}
