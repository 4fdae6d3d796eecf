# Conditions from the plan to the run: what may be skipped, and what is.

bats_require_minimum_version 1.5.0

setup_file() {
	M=$BATS_TEST_DIRNAME/../e2e/models/choices.onnx
	cd "$BATS_FILE_TMPDIR"
	tamp-import -o graph.yaml "$M"
	for d in host emu; do
		tamp-partition -d $d -o $d.tasks.yaml graph.yaml
		tamp-schedule -p wavefront --sync counter --width 4 \
			-o $d.yaml $d.tasks.yaml
		tamp-emit -o $d $d.yaml
	done
	make -s -C host all
	# the first input is the same of all; deep, and what is computed of x,
	# decide
	for k in 0 1 2 3; do
		I=$BATS_TEST_DIRNAME/../e2e/models/choices.$k
		for d in host emu; do
			how=-n2
			[ $d = host ] || how=--emulate=$k
			tamp-run $how --input x=$I.in0.npy --input deep=$I.in1.npy \
				--explain --trace $d.$k.json --gantt $d.$k.svg \
				$d > $d.$k.yaml 2> $d.$k.said
		done
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	T=$BATS_TEST_TMPDIR
}

py() {
	/usr/bin/python3 -c "import json, yaml
import numpy as np
models = '$BATS_TEST_DIRNAME/../e2e/models/choices.'
plan = {d['format']: d for d in yaml.safe_load_all(open('host.yaml')) if d}
conditions = {c['name']: c for c in plan['tasks/1']['conditions']}
rops = {r['run']: r for r in plan['tasks/1']['rops'] if not r.get('init')}
def given(k, name): return np.load(models + str(k) + '.' + name + '.npy')
def runs(k, name):
    # by hand: deep is an input, warm whether the mean of x is above 0
    while name:
        c = conditions[name]
        is_true = {'deep_if': given(k, 'in1').all(),
                   'warm': given(k, 'in0').mean() > 0}[c['tensor']]
        if is_true != c['is']: return False
        name = c.get('within')
    return True
def skipped(k): return {n for n, r in rops.items() if not runs(k, r.get('if'))}
$1"
}

@test "what runs is what the inputs decide, and all of it is told" {
	py '
sets = [skipped(k) for k in range(4)]
assert len(set(map(frozenset, sets))) >= 3 and all(sets), sets
for k in range(4):
    report = [d for d in yaml.safe_load_all(open("host.%d.yaml" % k)) if d][0]
    told = {r["run"]: r["skipped"] for r in report["rops"] if "skipped" in r}
    assert set(told) == sets[k], (k, sets[k] ^ set(told))
    tasks = {}
    for s in plan["schedule/1"]["steps"]:
        if "run" in s:
            a, b = map(int, s["tasks"].split(".."))
            tasks[s["run"]] = tasks.get(s["run"], 0) + b - a + 1
    assert all(told[n] == tasks[n] for n in told)
    for d in ("host", "emu"):
        events = json.load(open("%s.%d.json" % (d, k)))["traceEvents"]
        said = {e["name"]: e["args"]["skipped since this does not hold"]
                for e in events if e.get("pid") == 1 and
                "skipped since this does not hold" in e.get("args", {})}
        assert set(said) == sets[k], (d, k)
        assert all(said[n] == rops[n]["if"] for n in said)
        lines = open("%s.%d.said" % (d, k)).read()
        for n, r in rops.items():
            line = "%s: skipped, since \x27%s\x27 did not hold" % (n, r.get("if"))
            assert (line in lines) == (n in sets[k]), (d, k, n)'
}

@test "a skipped rTask is white on the picture" {
	# of the emulator's turns, which are no time, and of the prediction: one
	# of a plan in which c3 never holds where c0 does
	for f in emu.0.svg <(tamp-schedule --check --gantt /dev/stdout host.yaml); do
		cat "$f" > "$T/svg"
		n=$(grep -c ', skipped: no c' "$T/svg")
		[ "$n" -gt 0 ]
		[ "$(grep -B1 ', skipped: no c' "$T/svg" | grep -c '#ffffff')" = "$n" ]
	done
}

@test "one model, run after run, whichever way" {
	py "
import ctypes
m = ctypes.CDLL('./host/libmodel.so')
p = ctypes.c_void_p()
assert m.model_open(b'host', ctypes.byref(p)) == 0
m.model_output_bytes.restype = ctypes.c_size_t
want = [[given(k, 'out%d' % i) for i in range(3)] for k in range(4)]
def run(k):
    x, deep = given(k, 'in0'), given(k, 'in1')
    out = [np.empty(w.shape, np.float32) for w in want[k]]
    def ptrs(*v): return (ctypes.c_void_p * len(v))(*[i.ctypes.data for i in v])
    assert m.model_run(p, ptrs(x, deep), ptrs(*out)) == 0
    return out
draw = np.random.RandomState(1)
for k in draw.randint(0, 4, 200):
    for a, b in zip(run(k), want[k]):
        assert np.allclose(a, b, rtol=1e-4, atol=1e-5), k
m.model_close(p)"
}

@test "every rTask is measured, whatever decides" {
	tamp-run --profile host.tasks.yaml -n 1 -w 0 > "$T/costs.yaml" 2> "$T/said"
	py "
costs = [d for d in yaml.safe_load_all(open('$T/costs.yaml')) if d][0]
classes = {c['class']: c for c in plan['tasks/1']['classes']}
def text(c):
    return ' '.join([c['form']] + ['%s=%s[%s]' % (a['arg'], a['type'], ','.join(
        map(str, a['shape']))) for a in c['args'] if 'on' not in a])
want = {(text(classes[r['class']]), k['use']) for r in rops.values()
        for k in classes[r['class']]['kernels']}
assert {(c['class'], c['use']) for c in costs['costs']} == want
assert all(c['us'] > 0 for c in costs['costs'])"
	tamp-schedule "$T/costs.yaml" host.tasks.yaml > /dev/null
}

@test "whether to run has to be known by then" {
	# the first line that is decided by what is computed, on a vEU of its own
	py "
import re
text = open('host.yaml').read()
for s in plan['schedule/1']['steps']:
    waits = [w['run'] for w in s.get('after', [])]
    if s.get('if') and conditions[s['if']]['tensor'] == 'warm' and 'warm' in waits:
        break
else: raise SystemExit('no line waits for what decides')
line = [l for l in text.split('\n') if l.startswith('- {run: \"%s\", tasks' % s['run'])
        or l.startswith('- {run: %s, tasks' % s['run'])][0]
open('$T/edited.yaml', 'w').write(text.replace(line,
    re.sub(r'\{run: warm[^}]*\}(, )?', '', line)))"
	run tamp-schedule --check "$T/edited.yaml"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"is told whether to run by what rTask 0 of 'warm' writes"* ]]
}

@test "a program that may skip asks, another does not" {
	tamp-emit --check host
	tamp-emit --check emu
	grep -q '^	tamp_veu_main<true>(a, call_' emu/model.cu
	cp -r emu d
	sed -i 's/tamp_veu_main<true>/tamp_veu_main/' d/model.cu
	run tamp-emit --check d
	[ "$status" = 1 ]
	[[ $output == *"is not the vEU's loop alone"* ]]
	tamp-import -o m.yaml "$BATS_TEST_DIRNAME/../e2e/models/mlp.onnx"
	tamp-partition -d emu m.yaml | tamp-schedule | tamp-emit -o plain
	grep -q '^	tamp_veu_main(a, call_' plain/model.cu
	run grep -c 'tamp_veu_main<' plain/model.cu
	[ "$output" = 0 ]
}
