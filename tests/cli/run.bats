# tamp run: inputs, outputs, comparison, statuses.

setup_file() {
	F=$BATS_TEST_DIRNAME/emit
	cd "$BATS_FILE_TMPDIR"
	tamp-emit -K "$F/kernels" -o d "$F/mlp.yaml"
	tamp-run -n 1 -o out d > /dev/null 2>&1
}

setup() {
	cd "$BATS_FILE_TMPDIR"
	W=$BATS_TEST_TMPDIR
}

# Runs Python with numpy, as the tests' second opinion.
py() {
	/usr/bin/python3 -c "import numpy as np
$1"
}

@test "outputs are what NumPy computes" {
	py '
def random(seed, n, scale):
    m, r = (1 << 64) - 1, []
    for i in range(n):
        z = (seed + (i + 1) * 0x9e3779b97f4a7c15) & m
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & m
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & m
        z ^= z >> 31
        r.append((float(2 * (z >> 40) + 1) - 2.0**24) * 2.0**-24 * scale)
    return np.array(r, dtype=np.float32)
x = random(0, 12, 1).reshape(1, 12)
h = np.maximum(x @ random(1, 192, .5).reshape(12, 16) + random(2, 16, .5), 0)
y = h @ (2 * random(3, 128, .5).reshape(16, 8))
z = y + np.float32([[.5], [.25]]) + 100 * np.arange(2)[:, None] + np.arange(8)
assert np.abs(np.load("out/y.npy") - y).max() < 1e-5
assert np.abs(np.load("out/z.npy") - z).max() < 1e-4'
}

@test "the report is report/1, the summary is for people" {
	tamp-run -n 7 d > "$W/r.yaml" 2> "$W/said"
	grep -q '^format: report/1' "$W/r.yaml"
	grep -q '^latency: {count: 7, min_us: ' "$W/r.yaml"
	[ "$(tail -n 1 "$W/r.yaml")" = ... ]
	grep -q '^host: median .* over 7 runs' "$W/said"
	[ "$(wc -l < "$W/said")" = 1 ]
}

@test "the same input by file and by seed" {
	py "
x = np.load('$W/../x.npy') if False else np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 12)
np.save('$W/x.npy', x)"
	tamp-run --input x="$W/x.npy" -o "$W/a" d > /dev/null
	! cmp -s "$W/a/y.npy" out/y.npy
	tamp-run --input x=random:0 -o "$W/b" d > /dev/null
	cmp "$W/b/y.npy" out/y.npy
	tamp-run --input x=random:1 -o "$W/c" d > /dev/null
	! cmp -s "$W/c/y.npy" out/y.npy
}

@test "--expect accepts what is equal and refuses what is not" {
	tamp-run --expect y=out/y.npy --expect z=out/z.npy d > "$W/r"
	[ "$(grep -c 'match: true' "$W/r")" = 2 ]
	py "
y = np.load('out/y.npy'); y[0, 5] += 0.5; np.save('$W/bad.npy', y)"
	run tamp-run --expect y="$W/bad.npy" d
	[ "$status" = 1 ]
	[[ $output == *"match: false, elems: 8, wrong: 1"* ]]
	[[ $output == *"index: [0, 5]"* ]]
	[[ $output == *"diverges: "*y* ]]
	run tamp-run --expect y="$W/bad.npy" --atol 1 d
	[ "$status" = 0 ]
}

@test "NaN and infinities are compared as such" {
	py "
y = np.load('out/y.npy')
a = y.copy(); a[0, 0] = np.nan; np.save('$W/nan.npy', a)
a = y.copy(); a[0, 0] = np.inf; np.save('$W/inf.npy', a)
x = np.zeros((1, 12), np.float32); x[0, 0] = np.nan; np.save('$W/xnan.npy', x)"
	run tamp-run --expect y="$W/nan.npy" d
	[ "$status" = 1 ]
	run tamp-run --expect y="$W/inf.npy" --rtol 1e30 d
	[ "$status" = 1 ]
	tamp-run --input x="$W/xnan.npy" -o "$W/o" d > /dev/null
	tamp-run --input x="$W/xnan.npy" --expect y="$W/o/y.npy" d > /dev/null
}

@test "an intermediate tensor can be expected, and the first wrong one is named" {
	tamp-run --dump "$W/all" d > /dev/null
	py "
h = np.load('$W/all/h.npy'); assert h.shape == (1, 16) and (h >= 0).all()
w = np.load('$W/all/w2.npy'); assert np.array_equal(w, 2 * np.load('$W/all/half.npy'))
h[0, 3] += 1; np.save('$W/h.npy', h)
y = np.load('out/y.npy'); y += 1; np.save('$W/y.npy', y)"
	run tamp-run --expect y="$W/y.npy" --expect h="$W/h.npy" d
	[ "$status" = 1 ]
	[[ $output == *"diverges: h"* ]]
	tamp-run --expect h="$W/all/h.npy" d > /dev/null
}

@test "a tensor that is not kept is not as expected" {
	cat > "$W/f.yaml" <<-'EOT'
	format: graph/1
	made: {by: hand}
	name: g
	opset: 22
	inputs: [x]
	outputs: ["y"]
	tensors:
	- {name: x, type: f32, shape: [4, 4]}
	- {name: mid, type: f32, shape: [4, 4]}
	- {name: "y", type: f32, shape: [4, 4]}
	nodes:
	- {op: Exp, in: [x], out: [mid]}
	- {op: Neg, in: [mid], out: ["y"]}
	...
	EOT
	tamp-partition "$W/f.yaml" | tamp-schedule | tamp-emit -o "$W/f"
	tamp-run --dump "$W/all" -o "$W/o" "$W/f" > /dev/null
	[ ! -e "$W/all/mid.npy" ]
	py "
np.save('$W/mid.npy', np.zeros((4, 4), np.float32))"
	run tamp-run --expect mid="$W/mid.npy" --expect y="$W/o/y.npy" "$W/f"
	[ "$status" = 1 ]
	[[ $output == *"'mid' is not kept, and cannot be compared"* ]]
	[[ $output == *"match: true"* ]]
	run tamp-run --expect nobody="$W/mid.npy" "$W/f"
	[ "$status" = 1 ]
	[[ $output == *"--expect 'nobody="*"expected NAME=FILE with the name of a tensor"* ]]
}

@test "files that do not fit are refused" {
	py "
np.save('$W/short.npy', np.zeros((1, 11), np.float32))
np.save('$W/int.npy', np.zeros((1, 12), np.int32))"
	run tamp-run --input x="$W/short.npy" d
	[ "$status" = 1 ]
	[[ $output == *"holds f32 [1, 11], but 'x' is f32 [1, 12]"* ]]
	run tamp-run --input x="$W/int.npy" d
	[ "$status" = 1 ]
	run tamp-run --input x="$W/none.npy" d
	[ "$status" = 1 ]
	run tamp-run --input nobody=random:1 d
	[ "$status" = 1 ]
	[[ $output == *"expected NAME=FILE with the name of a tensor"* ]]
	run tamp-run --input h=random:1 d
	[ "$status" = 1 ]
	run tamp-run --input x=random:x d
	[ "$status" = 1 ]
}

@test "usage errors and directories that are none" {
	run tamp-run
	[ "$status" = 2 ]
	run tamp-run d d
	[ "$status" = 2 ]
	run tamp-run -n 0 d
	[ "$status" = 2 ]
	run tamp-run "$W"
	[ "$status" = 1 ]
	[[ $output == *"no directory that tamp-emit wrote"* ]]
	run tamp-run --emulate d
	[ "$status" = 1 ]
	[[ $output == *"only a cuda or hip program can be emulated"* ]]
}

@test "a state lives from run to run until it is reset" {
	tamp-emit -K "$BATS_TEST_DIRNAME/emit/kernels" -o "$W/s" "$BATS_TEST_DIRNAME/emit/state.yaml"
	tamp-run -o "$W/one" "$W/s" > "$W/r"
	grep -q 'count: 1,' "$W/r"
	tamp-run -n 3 -o "$W/three" "$W/s" > /dev/null
	make -s -C "$W/s" all
	py "
import ctypes
one, three = np.load('$W/one/y.npy'), np.load('$W/three/y.npy')
assert np.abs(one).max() > 1 and np.allclose(three, 3 * one, rtol=1e-6)
m = ctypes.CDLL('$W/s/libmodel.so')
p = ctypes.c_void_p()
assert m.model_open(b'$W/s', ctypes.byref(p)) == 0
x, y = np.ones(8, np.float32), np.empty(8, np.float32)
def run():
    args = [(ctypes.c_void_p * 1)(v.ctypes.data) for v in (x, y)]
    assert m.model_run(p, *args) == 0
    return y[0]
assert [run(), run(), run()] == [10, 20, 30]
assert m.model_reset(p) == 0
assert [run(), run()] == [10, 20]"
}

@test "what does not build is shown" {
	cp -r d "$W/broken"
	rm "$W"/broken/*.o
	echo '#error on purpose' >> "$W/broken/model.c"
	run tamp-run "$W/broken"
	[ "$status" = 1 ]
	[[ $output == *"on purpose"* ]]
	[[ $output == *"cannot be built"* ]]
}

@test "a full standard output is an error" {
	run bash -c 'tamp-run d > /dev/full'
	[ "$status" = 1 ]
}

@test "nothing is left in the temporary directory" {
	mkdir "$W/tmp"
	TMPDIR=$W/tmp tamp-run --dump "$W/all" d > /dev/null
	[ -z "$(ls -A "$W/tmp")" ]
}

@test "the library works from another language, twice at a time" {
	make -s -C d all
	py "
import ctypes
m = ctypes.CDLL('./d/libmodel.so')
for f in 'error', 'input_name', 'input_type', 'output_name':
    getattr(m, 'model_' + f).restype = ctypes.c_char_p
m.model_input_shape.restype = ctypes.POINTER(ctypes.c_int64)
m.model_output_bytes.restype = ctypes.c_size_t
def model():
    p = ctypes.c_void_p()
    assert m.model_open(b'd', ctypes.byref(p)) == 0, m.model_error(None)
    return p
a, b = model(), model()
assert m.model_ninputs(a) == 1 and m.model_noutputs(a) == 2
assert m.model_input_name(a, 0) == b'x' and m.model_input_type(a, 0) == b'f32'
assert m.model_input_shape(a, 0)[:2] == [1, 12] and m.model_output_bytes(a, 1) == 32
def run(p, x):
    # memory at any address, aligned or not
    x = np.frombuffer(b'_' * 4 + x.tobytes(), np.uint8)[4:]
    z, y = np.empty((2, 8), np.float32), np.empty((1, 8), np.float32)
    def ptrs(*v): return (ctypes.c_void_p * len(v))(*[i.ctypes.data for i in v])
    assert m.model_run(p, ptrs(x), ptrs(z, y)) == 0, m.model_error(p)
    return z, y
one = np.ones((1, 12), np.float32)
want = run(a, one)
for i in range(50):
    for p in a, b:
        got = run(p, one)
        assert np.array_equal(got[0], want[0]) and np.array_equal(got[1], want[1])
assert not np.array_equal(run(b, 2 * one)[1], want[1])
m.model_close(a); m.model_close(b); m.model_close(None)
p = ctypes.c_void_p()
assert m.model_open(b'nowhere', ctypes.byref(p)) == -1 and b'nowhere' in m.model_error(None)"
}

@test "vEUs get CPUs of the process, whatever thread opens the model" {
	[ "$(nproc)" -ge 2 ] || skip "one CPU"
	make -s -C d all
	py "
import ctypes, os
m = ctypes.CDLL('./d/libmodel.so')
def cpus(): return {int(t): os.sched_getaffinity(int(t)) for t in os.listdir('/proc/self/task')}
known, all = set(cpus()), os.sched_getaffinity(0)
def model():
    # and the CPU of its vEU 1
    p = ctypes.c_void_p()
    assert m.model_open(b'd', ctypes.byref(p)) == 0
    new = {t: c for t, c in cpus().items() if t not in known}
    known.update(new)
    assert len(new) == 1, new
    (c,) = new.values()
    return p, c
a, first = model()
m.model_pin(a)
mine = os.sched_getaffinity(0)
assert len(mine) == 1 and len(first) == 1 and mine != first, (mine, first)
b, second = model()
assert len(second) == 1 and second <= all
if len(all) == 2: assert second == first
else: assert second != first and second != mine
m.model_close(b)
# what failed to open holds no CPU; what is closed gives its own back
for i in range(3): assert m.model_open(b'nowhere', ctypes.byref(b)) == -1
b, third = model()
assert third == second, (second, third)
"
}
