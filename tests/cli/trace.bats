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
def load(name):  # of every event, the thread's number to its vEU's
    all = json.load(open(name + '.json'))['traceEvents']
    for e in all: e['tid'] -= 10000000 * e['pid']
    return all
def events(name, pid, cat):
    return [e for e in load(name)
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
        begins[e["name"], e["args"]["rTask"]] = e["ts"]
    n = 0
    for s in steps:
        for w in s.get("after", []):
            if "tasks" in w: continue
            lo, hi = map(int, s["tasks"].split(".."))
            for t in range(lo, hi + 1):
                n += 1
                assert begins[s["run"], t] >= max(ends[w["run"]]) - 0.002, s
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

@test "the causes add up to the time of all vEUs, to the ns" {
	py '
for name in ("host.barrier", "host.counter"):
    r = documents(name + ".yaml")["report/1"]
    for a in (r["measured"], r["predicted"]):
        parts = [a[k + "_us"] for k in ("busy", "bandwidth", "dependency",
                                        "synchronisation", "imbalance")]
        ns = [round(1000 * x) for x in parts]
        assert all(abs(1000 * x - n) < 1e-6 and n >= 0 for x, n in zip(parts, ns))
        assert sum(ns) == a["veus"] * round(1000 * a["total_us"]), (name, a)
        assert a["busy_us"] > 0
    assert r["measured"]["alone"] == "shortest"
    assert r["predicted"]["alone"] == "estimates"
    if name == "host.barrier":
        assert r["measured"]["dependency_us"] == 0
        assert r["measured"]["imbalance_us"] > 0'
	! grep -q '^measured\|^predicted' emu.counter.yaml
}

@test "of each rOperator: its rTasks, summed, as measured and as predicted" {
	py '
r = documents("host.counter.yaml")["report/1"]
for key, pid in (("measured", 1), ("predicted", 2)):
    parts = dict.fromkeys(("rtasks", "bandwidth", "dependency"), 0)
    for o in r["rops"]:
        t = [(e["ts"], e["dur"]) for e in events("host.counter", pid, "rTask")
             if e["name"] == o["run"]]
        s = o[key]
        assert abs(min(a for a, d in t) - s["begin_us"]) < 0.002
        assert abs(max(a + d for a, d in t) - s["end_us"]) < 0.002
        assert abs(sum(d for a, d in t) - s["rtasks_us"]) < 0.002 * len(t)
        for k in parts: parts[k] += s[k + "_us"]
        assert ("waited_for" in s) == (s["dependency_us"] > 0), o
    a = r[key]
    assert abs(parts["rtasks"] - a["busy_us"] - a["bandwidth_us"]) < 0.01
    assert abs(parts["bandwidth"] - a["bandwidth_us"]) < 0.01
    assert abs(parts["dependency"] - a["dependency_us"]) < 0.01'
}

@test "a run that is recorded is not one of those that are timed" {
	cp -pR host.counter "$T/d"
	mv "$T/d/main" "$T/d/program"
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >> "%s/asked"\nexec "%s/d/program" "$@"\n' \
		"$T" "$T" > "$T/d/main"
	chmod +x "$T/d/main"
	run --separate-stderr tamp-run -n 7 -w 3 --gantt "$T/g.svg" "$T/d"
	[ "$status" = 0 ]
	cat "$T/asked"
	[ "$(wc -l < "$T/asked")" = 2 ]
	[[ "$(sed -n 1p "$T/asked")" == "-n 7 -w 3 "*"--times"* ]]
	[[ "$(sed -n 1p "$T/asked")" != *"--trace"* ]]
	[[ "$(sed -n 2p "$T/asked")" == "-n 1 -w 3 "*"--trace"* ]]
	[[ $output == *"latency: {count: 7,"* ]]
	[[ $stderr == *"a recorded run: "*": busy "*" %"*"predicted: "*": busy "*" %"* ]]
	rm "$T/asked"
	tamp-run -n 2 "$T/d"
	[ "$(wc -l < "$T/asked")" = 1 ]
}

@test "--explain, and a part of the picture" {
	run --separate-stderr tamp-run -n 1 --explain host.counter
	[ "$status" = 0 ]
	[[ $stderr == *"tamp-run: the end hangs on a chain of "*" rTasks"* ]]
	[[ $stderr == *"its rTasks took "*" us in all, predicted "* ]]
	[[ $output == *"measured: {veus: "* ]]
	tamp-run -n 1 --gantt "$T/g.svg" --window 0..1 --rows 0..0 host.counter
	grep -q '>here 0.000 to 1.000 us, vEUs 0 to 0: ' "$T/g.svg"
	run --separate-stderr tamp-run -n 1 --window 0..1 host.counter
	[ "$status" = 2 ]
	run --separate-stderr tamp-run -n 1 --gantt "$T/h.svg" --rows 7..999 host.counter
	[ "$status" = 1 ]
	[[ $stderr == *"vEU 999 cannot be drawn"* ]]
	[ ! -e "$T/h.svg" ]
}

@test "what Perfetto shows of a slice, in which order, and its arrows" {
	py '
arrows = 0
for name in names:
    all = load(name)
    plan = documents(name + "/plan.yaml")
    use = {k["run"]: k["use"] for k in plan["schedule/1"]["kernels"]}
    predicted = {(e["name"], e["args"]["rTask"]): e["dur"]
                 for e in events(name, 2, "rTask")}
    for pid in (1, 2):
        slices = events(name, pid, "rTask")
        order = {e["tid"]: e["args"]["sort_index"] for e in all
                 if e["name"] == "thread_sort_index" and e["pid"] == pid}
        words = {e["tid"]: e["args"]["name"] for e in all
                 if e["name"] == "thread_name" and e["pid"] == pid}
        assert order == {t: t for t in {e["tid"] for e in slices}}
        assert words == {t: f"vEU {t}" for t in order}
        held = 0
        for e in slices:
            a = e["args"]
            assert a["kernel"] == use[e["name"]]
            assert a["alone us"] >= 0
            assert ("waited for" in a) == (a["dependency us"] > 0)
            held += "waited for" in a
            want = predicted[e["name"], a["rTask"]]
            assert pid == 2 or abs(a["predicted us"] - want) < 1e-9
        ends = {}
        for e in all:
            if e["ph"] in "sf" and e["pid"] == pid:
                inside = [s for s in slices if s["tid"] == e["tid"] and
                          s["ts"] <= e["ts"] <= s["ts"] + s["dur"]]
                assert inside, e
                ends.setdefault(e["id"], {})[e["ph"]] = inside
        assert len(ends) == held
        for e in ends.values():
            f = e["f"][-1]
            assert (f["args"]["waited for"], f["args"]["its rTask"]) in [
                (s["name"], s["args"]["rTask"]) for s in e["s"]]
        arrows += held
assert arrows > 0'
}

@test "measured times in the plan say how long an rTask takes alone" {
	py '
d = documents("host.counter/plan.yaml")
c = d["tasks/1"]["classes"]
use = {k["run"]: k["use"] for k in d["schedule/1"]["kernels"]}
rop = {r["run"]: r["class"] for r in d["tasks/1"]["rops"]}
out = open("costs.yaml", "w")
print("---\nformat: costs/1\nmade: {by: me}\ndevice: host\ncosts:", file=out)
for k in c:
    text = k["form"] + "".join(" %s=%s[%s]" % (a["arg"], a["type"], ",".join(
        map(str, a["shape"]))) for a in k["args"] if "on" not in a)
    for n in k["kernels"]:
        print("- {class: \"%s\", use: %s, us: 0.001, busy_us: 0.101}" %
              (text, n["use"]), file=out)
print("...", file=out)'
	tamp-partition -d host graph.yaml > "$T/tasks.yaml"
	cp graph.safetensors "$T" 2> /dev/null || true
	tamp-schedule costs.yaml "$T/tasks.yaml" > plan2.yaml
	tamp-emit -o "$T/d" plan2.yaml
	tamp-run -n 1 --trace "$T/d.json" "$T/d" > "$T/report.yaml"
	grep 'alone: costs' "$T/report.yaml"
	T=$T py '
import os
r = documents(os.environ["T"] + "/report.yaml")["report/1"]
m, p = r["measured"], r["predicted"]
assert m["alone"] == "costs" and p["alone"] == "costs"
n = len(events(os.environ["T"] + "/d", 1, "rTask"))
task_us = documents("plan2.yaml")["device/1"]["task_us"]
assert m["busy_us"] <= 0.001 * n + 1e-6 and m["bandwidth_us"] > m["busy_us"]
assert abs(p["busy_us"] - (0.001 + task_us) * n) < 1e-6, (p, n)
assert p["bandwidth_us"] > 0'
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
	! grep -vE '^-?[0-9]+ [0-9]+ [0-9]+ [0-9]+ [0-9.]+ [0-9.]+ [0-9.]+ 0$' "$T/lines"
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
