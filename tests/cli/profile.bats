# tamp-run --profile: times of all rKernels of a plan, and what schedule does
# with them.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	mkdir plans tmp
	# Weights that lie beside the plan, named relative to it.
	tamp-import -o plans/g.yaml -w plans/w.safetensors \
		"$BATS_TEST_DIRNAME/../e2e/models/branches.onnx"
	tamp-partition -d host -o plans/t.yaml plans/g.yaml
	# relative, and not to where the plan lies
	TMPDIR=tmp tamp-run --profile plans/t.yaml > c.yaml
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

@test "every rKernel of the plan has its times, once" {
	/usr/bin/python3 -c '
import yaml
t = next(d for d in yaml.safe_load_all(open("plans/t.yaml")) if d["format"] == "tasks/1")
c, = yaml.safe_load_all(open("c.yaml"))
assert c["format"] == "costs/1"
runs = {r["class"] for r in t["rops"] if not r.get("init")}
want = {(k["form"], u["use"]) for k in t["classes"] if k["class"] in runs
        for u in k["kernels"] if u["grid"]}
got = [(x["class"].split()[0], x["use"]) for x in c["costs"]]
assert want <= set(got), want - set(got)
full = [(x["class"], x["use"]) for x in c["costs"]]
assert len(full) == len(set(full))
assert all(0 < x[k] < 1e6 for x in c["costs"]
           for k in ("us", "busy_us", "reuse_us"))'
}

@test "nothing is left behind" {
	[ -z "$(ls -A tmp)" ]
}

@test "schedule goes by them" {
	tamp-schedule -p sequential c.yaml plans/t.yaml -o s.yaml
	tamp-schedule --check s.yaml
	use=$(sed -n 's/^- {run: [^,]*, use: \(.*\/.*\)}$/\1/p' s.yaml | head -n 1)
	# The rKernel that was chosen becomes slow: another is taken.
	sed "s|use: $use, us: [0-9.e+-]*, busy_us: [0-9.e+-]*, reuse_us: [0-9.e+-]*|use: $use, us: 5000.0, busy_us: 5000.0, reuse_us: 5000.0|" \
		c.yaml > slow.yaml
	[ "$(cat c.yaml)" != "$(cat slow.yaml)" ]
	tamp-schedule -p sequential slow.yaml plans/t.yaml -o other.yaml
	[ "$(cat s.yaml)" != "$(cat other.yaml)" ]
	# Alone it may be slow: neighbours are busy in a plan.
	sed "s|use: $use, us: [0-9.e+-]*, |use: $use, us: 5000.0, |" c.yaml > alone.yaml
	tamp-schedule -p sequential --only alone.yaml plans/t.yaml > same.yaml
	tamp-schedule -p sequential --only c.yaml plans/t.yaml | cmp - same.yaml
	[ "$(grep -c "use: $use}" other.yaml)" -lt "$(grep -c "use: $use}" s.yaml)" ]
}

@test "schedule says which times are measured" {
	run --separate-stderr tamp-schedule -v --explain --select fastest \
		-o e.yaml c.yaml plans/t.yaml
	[ "$status" = 0 ]
	[[ $stderr =~ times\ of\ rTasks:\ [1-9][0-9]*\ of\ [1-9][0-9]*\ rKernels ]]
	[[ $stderr == *"us, measured (fastest of"* ]]
	few=$(grep -c "us, estimated (fastest of" <<< "$stderr") || true
	# Without the lines of one form, its times are estimates.
	grep -v '{class: "Conv ' c.yaml > less.yaml
	run --separate-stderr tamp-schedule --explain --select fastest \
		-o e.yaml less.yaml plans/t.yaml
	[[ $stderr == *"us, measured (fastest of"* ]]
	[ "$(grep -c "us, estimated (fastest of" <<< "$stderr")" -gt "$few" ]
	run --separate-stderr tamp-schedule -v --select fastest -o e.yaml plans/t.yaml
	[[ $stderr != *"times of rTasks"* ]]
}

@test "what it does not go with is a usage error, a missing device 77" {
	run --separate-stderr tamp-run --profile plans/t.yaml somewhere
	[ "$status" = 2 ]
	run --separate-stderr tamp-run --profile plans/t.yaml --emulate
	[ "$status" = 2 ]
	[[ $stderr == *"--profile goes with"* ]]
	[ -e /dev/nvidiactl ] || {
		tamp-partition -d h200 -o plans/h.yaml plans/g.yaml
		run --separate-stderr tamp-run --profile plans/h.yaml
		[ "$status" = 77 ]
	}
}

@test "a plan that cannot be profiled is refused with its place" {
	run --separate-stderr tamp-run --profile plans/g.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"no tasks/1"* ]]
	run --separate-stderr tamp-run --profile plans/t.yaml --input nobody=random:1
	[ "$status" = 1 ]
	[[ $stderr == *"nobody"* ]]
	run --separate-stderr tamp-run --profile plans/none.yaml
	[ "$status" = 1 ]
	rm plans/w.safetensors
	run --separate-stderr tamp-run --profile plans/t.yaml
	[ "$status" = 1 ]
	[[ $stderr == *"w.safetensors"* ]]
	[ -z "$output" ]
}
