# tamp run --trace and --gantt: how a run went.

bats_require_minimum_version 1.5.0

setup_file() {
	M=$BATS_TEST_DIRNAME/../e2e/models/branches.onnx
	cd "$BATS_FILE_TMPDIR"
	tamp-import -o graph.yaml "$M"
	for d in host emu; do
		for sync in barrier counter; do
			tamp-partition -d $d graph.yaml |
				tamp-schedule -p wavefront --sync $sync > plan.yaml
			tamp-emit -o $d.$sync plan.yaml
			how=-n3
			[ $d = host ] || how=--emulate
			tamp-run $how --trace $d.$sync.json \
				--gantt $d.$sync.svg $d.$sync > $d.$sync.yaml
		done
	done 2> said || { cat said; false; }
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	T=$BATS_TEST_TMPDIR
}

py() {
	/usr/bin/python3 -c "import json, yaml
def events(name, pid, cat):
    return [e for e in json.load(open(name + '.json'))['traceEvents']
            if e['ph'] == 'X' and e['pid'] == pid and e['cat'] == cat]
def documents(path):
    return {d['format']: d for d in yaml.safe_load_all(open(path)) if d}
names = [d + '.' + s for d in ('host', 'emu') for s in ('barrier', 'counter')]
$1"
}

@test "every rTask of the schedule is there once, on the vEU it was given" {
	py '
for name in names:
    d = documents(name + "/plan.yaml")
    init = {r["run"] for r in d["tasks/1"]["rops"] if r.get("init")}
    want = []
    for s in d["schedule/1"]["steps"]:
        if "run" not in s or s["run"] in init: continue
        a, b = (list(map(int, s[k].split(".."))) if ".." in str(s[k])
                else [int(s[k])] * 2 for k in ("tasks", "veus"))
        for i in range(a[1] - a[0] + 1):
            want.append((s["run"], a[0] + i, b[0] + i % (b[1] - b[0] + 1)))
    for pid in (1, 2):
        got = [(e["name"], e["args"]["rTask"], e["tid"])
               for e in events(name, pid, "rTask")]
        if pid == 2: got = [g for g in got if g[0] not in init]
        assert sorted(got) == sorted(want), (name, pid, len(got), len(want))'
}

@test "a vEU does one thing at a time, in its order" {
	py '
for name in names:
    last = {}
    for e in sorted(events(name, 1, "rTask") + events(name, 1, "wait"),
                    key=lambda e: (e["tid"], e["ts"])):
        assert e["dur"] >= 0 and e["ts"] >= 0
        assert e["ts"] >= last.get(e["tid"], 0) - 0.002, (name, e)
        last[e["tid"]] = e["ts"] + e["dur"]'
}

@test "no rTask begins before those that it waits for have ended" {
	py '
for name in ("host.counter", "emu.counter"):
    steps = documents(name + "/plan.yaml")["schedule/1"]["steps"]
    ends, begins = {}, {}
    for e in events(name, 1, "rTask"):
        ends.setdefault(e["name"], []).append(e["ts"] + e["dur"])
        begins.setdefault(e["name"], []).append(e["ts"])
    n = 0
    for s in steps:
        for w in s.get("after", []):
            if "tasks" in w or s["run"] not in begins: continue
            n += 1
            assert min(begins[s["run"]]) >= max(ends[w["run"]]) - 0.002, s
    assert n > 0 or name == "host.counter"'
}

@test "barriers are waits of every vEU" {
	py '
for name in ("host.barrier", "emu.barrier"):
    steps = documents(name + "/plan.yaml")["schedule/1"]["steps"]
    n = {}
    for e in events(name, 1, "wait"):
        if e["name"] == "barrier": n[e["tid"]] = n.get(e["tid"], 0) + 1
    assert n and set(n.values()) == {max(n.values())}, n'
}

@test "the report has the times beside the prediction; not of an emulation" {
	py '
d = documents("host.counter.yaml")["report/1"]
rops = {r["run"]: r for r in d["rops"]}
measured = {e["name"] for e in events("host.counter", 1, "rTask")}
assert set(rops) == measured
for name, r in rops.items():
    ts = [(e["ts"], e["ts"] + e["dur"]) for e in events("host.counter", 1, "rTask")
          if e["name"] == name]
    assert abs(max(t[1] for t in ts) - min(t[0] for t in ts) - r["us"]) < 0.01
    assert r["predicted_us"] > 0
assert "rops" not in documents("emu.counter.yaml")["report/1"]'
	! grep -q '^rops' emu.counter.yaml
}

@test "the picture is SVG and says what it shows" {
	for f in host.barrier host.counter emu.barrier emu.counter; do
		/usr/bin/python3 -c "import xml.dom.minidom, sys
xml.dom.minidom.parse(sys.argv[1])" $f.svg
		grep -q 'us measured, ' $f.svg
	done
}

@test "without them a program notes nothing, and gives the same outputs" {
	tamp-run -n 1 --trace t.json -o "$T/a" host.counter > /dev/null
	tamp-run -n 1 -o "$T/b" host.counter > /dev/null
	diff -r "$T/a" "$T/b"
	./host.counter/main -n 1 --trace "$T/lines"
	! grep -vE '^-?[0-9]+ [0-9]+ [0-9]+ [0-9]+ [0-9.]+ [0-9.]+ [0-9.]+$' "$T/lines"
}

@test "a file that cannot be written is an error" {
	run --separate-stderr tamp-run -n 1 --trace nowhere/t.json host.counter
	[ "$status" = 1 ]
	[[ $stderr == *"nowhere/t.json"* ]]
	run --separate-stderr tamp-run -n 1 --gantt /dev/full host.counter
	[ "$status" = 1 ]
}

@test "standard output has the report alone" {
	for o in --trace --gantt; do
		run --separate-stderr tamp-run -n 1 $o - host.counter
		[ "$status" = 2 ]
		[ -z "$output" ]
		[[ $stderr == *"want a file"* ]]
	done
}

@test "names of any language are what they are, in a file of UTF-8" {
	cat > "$T/g.yaml" <<-'END'
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x]
	outputs: ["\u00e9\u65e5"]
	tensors:
	- {name: x, type: f32, shape: [4]}
	- {name: "\u00e9\u65e5", type: f32, shape: [4]}
	nodes:
	- {op: Relu, in: [x], out: ["\u00e9\u65e5"]}
	...
	END
	tamp-partition -d host "$T/g.yaml" | tamp-schedule > "$T/s.yaml"
	tamp-emit -o "$T/d" "$T/s.yaml"
	tamp-run -n 1 --trace "$T/t.json" "$T/d"
	/usr/bin/python3 -c "import json, sys
e = json.load(open(sys.argv[1], encoding='utf-8'))['traceEvents']
assert any(x['name'] == '\u00e9\u65e5' for x in e), e" "$T/t.json"
}

@test "a name that is no UTF-8 is drawn all the same" {
	/usr/bin/python3 -c '
import sys
sys.stdout.write(r"""---
format: graph/1
made: {by: me}
opset: 22
inputs: [x]
outputs: ["\uEF80\uEFFFz"]
tensors:
- {name: x, type: f32, shape: [4]}
- {name: "\uEF80\uEFFFz", type: f32, shape: [4]}
nodes:
- {op: Relu, in: [x], out: ["\uEF80\uEFFFz"]}
...
""")' > "$T/g.yaml"
	tamp-partition -d host "$T/g.yaml" | tamp-schedule > "$T/s.yaml"
	tamp-emit -o "$T/d" "$T/s.yaml"
	tamp-run -n 1 --trace "$T/t.json" "$T/d"
	/usr/bin/python3 -m json.tool "$T/t.json" > /dev/null
}
