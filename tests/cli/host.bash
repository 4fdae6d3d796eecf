# For tests on hosts that are no particular machine, or this one with two vEUs.

setup() {
	cd "$BATS_TEST_TMPDIR"
	BIN=${TAMP_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/bin}
}

# A device/1, of which signals and barriers cost nothing unless KEY=VALUE says so.
device() { # UNITS L2 L3 MEMORY_GBPS [KEY=VALUE...]
	cat <<-END > device.tmp
	---
	format: device/1
	name: mine
	target: host
	arch: x86-64-v2
	units: $1
	veus: $1
	simd: 16
	l2: $2
	l3: $3
	memory_gbps: $4
	unit_gbps: 10.0
	l2_gbps: $((100 * $1)).0
	l3_gbps: $((25 * $1)).0
	unit_gflops: 1000.0
	launch_us: 0.0
	barrier_us: 0.0
	counter_us: 0.0
	task_us: 0.0
	...
	END
	for set in "${@:5}"; do
		grep -q "^${set%%=*}: " device.tmp
		sed -i "s/^${set%%=*}: .*/${set%%=*}: ${set#*=}/" device.tmp
	done
	cat device.tmp
}

narrow() { # d.yaml: this machine with two vEUs
	sed 's/^\(units\|veus\): .*/\1: 2/' \
		"$(dirname "$BIN")/share/tamp/devices/host.yaml" > d.yaml
}
