# What the predictor makes of caches and of bandwidths that are shared.

load host

# y = ((x W) V) W, or V instead of the last W; of the three, n x n each.
graph() { # N LAST
	cat <<-END
	---
	format: graph/1
	made: {by: me}
	opset: 22
	inputs: [x]
	outputs: ["y"]
	tensors:
	- {name: x, type: f32, shape: [1, $1]}
	- {name: W, type: f32, shape: [$1, $1], random: {seed: 1, scale: 0.1}}
	- {name: V, type: f32, shape: [$1, $1], random: {seed: 2, scale: 0.1}}
	- {name: a, type: f32, shape: [1, $1]}
	- {name: b, type: f32, shape: [1, $1]}
	- {name: "y", type: f32, shape: [1, $1]}
	nodes:
	- {op: MatMul, in: [x, W], out: [a]}
	- {op: MatMul, in: [a, V], out: [b]}
	- {op: MatMul, in: [b, $2], out: ["y"]}
	...
	END
}

us() { # OPTION... [COSTS]
	"$BIN/tamp-schedule" --select fastest -o s.yaml "$@" t.yaml
	"$BIN/tamp-schedule" --check s.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p'
}

about() { # A B
	echo "$1, expected $2"
	awk "BEGIN { exit !($1 > 0.97 * $2 && $1 < 1.03 * $2) }"
}

# A matrix of 512 x 512 is 1 MiB: 10.5 us at 100 GB/s, 42 at 25, 105 at 10.
@test "weights come from where they were left" {
	graph 512 W > g.yaml
	# All fits the core's cache, run after run.
	device 1 4194304 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 31.5
	# Two matrices fit the other cache, not the core's.
	device 1 1048576 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 126
	# Nothing fits: all from memory.
	device 1 65536 131072 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 315
}

# Two thirds and more of a cache are touched before W comes again.
@test "a cache loses little by little what it holds" {
	graph 512 W > g.yaml
	last=30
	for l2 in 4194304 2900000 2400000 1900000; do
		device 1 $l2 16777216 10 > d.yaml
		"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
		now=$(us -p sequential)
		echo "$l2: $now"
		awk "BEGIN { exit !($now > 1.03 * $last) }"
		last=$now
	done
	about "$last" 126
}

# Two chains, a0 .. a5 of one matrix and b0 .. b5 of another, on one core whose own
# cache holds one of them; in the model in that order.
chains() { # NODE...
	{
		printf -- '---\nformat: graph/1\nmade: {by: me}\nopset: 22\n'
		printf 'inputs: [x]\noutputs: [a5, b5]\ntensors:\n'
		printf -- '- {name: x, type: f32, shape: [1, 512]}\n'
		for m in a b; do
			printf -- '- {name: %s, type: f32, shape: [512, 512], random: {seed: 1, scale: 0.1}}\n' w$m
			for i in 0 1 2 3 4 5; do
				printf -- '- {name: %s, type: f32, shape: [1, 512]}\n' $m$i
			done
		done
		printf 'nodes:\n'
		for node; do
			m=${node%?} i=${node#?}
			from=$m$((i - 1))
			[ $i != 0 ] || from=x
			printf -- '- {op: MatMul, in: [%s, %s], out: [%s]}\n' $from w$m $node
		done
		printf '...\n'
	} > g.yaml
	device 1 1750000 16777216 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
}

# Side by side, neither stays near.
@test "list goes by the model's order where that keeps data near" {
	chains a0 a1 a2 a3 a4 a5 b0 b1 b2 b3 b4 b5
	wavefront=$(us -p wavefront)
	list=$(us -p list)
	echo "list $list, wavefront $wavefront"
	awk "BEGIN { exit !($list < 0.8 * $wavefront) }"
	about "$list" "$(us -p sequential)"
}

@test "list goes on with constants where the model comes back to them" {
	chains a0 a1 a2 a3 a4 a5 b0 b1 b2 b3 b4 b5
	apart=$(us -p sequential)
	chains a0 b0 a1 b1 a2 b2 a3 b3 a4 b4 a5 b5
	list=$(us -p list)
	sequential=$(us -p sequential)
	echo "list $list, sequential $sequential, one after the other $apart"
	awk "BEGIN { exit !($list < 0.8 * $sequential) }"
	about "$list" "$apart"
	# What was taken is what --explain says.
	"$BIN/tamp-schedule" -p list --select fastest --explain -o s.yaml t.yaml 2> said
	grep -q ': way 3 (with the constants read last): ' said
	[ "$(sed -n 's/^- {run: \([ab][0-5]\), tasks.*/\1/p' s.yaml | uniq | tr '\n' ' ')" = \
		"a0 a1 a2 a3 a4 a5 b0 b1 b2 b3 b4 b5 " ]
}

# Six products of one matrix that do not need each other, on one core.
six() { # L2
	{
		printf -- '---\nformat: graph/1\nmade: {by: me}\nopset: 22\n'
		printf 'inputs: [x0, x1, x2, x3, x4, x5]\n'
		printf 'outputs: [y0, y1, y2, y3, y4, y5]\ntensors:\n'
		printf -- '- {name: w, type: f32, shape: [512, 512], random: {seed: 1, scale: 0.1}}\n'
		for i in 0 1 2 3 4 5; do
			printf -- '- {name: x%s, type: f32, shape: [1, 512]}\n' $i
			printf -- '- {name: y%s, type: f32, shape: [1, 512]}\n' $i
		done
		printf 'nodes:\n'
		for i in 0 1 2 3 4 5; do
			printf -- '- {op: MatMul, in: [x%s, w], out: [y%s]}\n' $i $i
		done
		printf '...\n'
	} > g.yaml
	device 1 $1 $1 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	# Of one size alone: 16 parts of 64 KiB.
	sed -i '/use: gemv_panels/{/panels.32,/!d}' t.yaml
}

@test "list takes a constant part by part, in rounds" {
	# All from memory six times; a part of the matrix stays near, not all of it.
	six 262144
	sequential=$(us -p sequential)
	about "$sequential" 630
	list=$(us -p list)
	echo "list $list, sequential $sequential"
	about "$list" "$(awk 'BEGIN { print 105 + 5 * 10.5 }')"
	[ "$(sed -n 's/^- {run: \(y[0-5]\), tasks: \(.*\), veus.*/\1:\2/p' s.yaml | sed -n '1,8p' | tr '\n' ' ')" = \
		"y0:0..0 y1:0..0 y2:0..0 y3:0..0 y4:0..0 y5:0..0 y0:1..1 y1:1..1 " ]
	# What begins with it is not behind.
	search=$(us -p search --budget 1)
	echo "search $search"
	awk "BEGIN { exit !($search <= $list) }"
	# All of it stays near: no rounds.
	six 4194304
	us -p list > said
	[ "$(grep -c '^- {run: y.*tasks: 0..15,' s.yaml)" = 6 ]
}

@test "a core's l1 counts where its bandwidth is known" {
	six 4194304
	# (Each of 16 rTasks reads its vector of 2 KiB too.)
	about "$(us -p sequential)" 65
	sed -i 's/^l2:/l1: 131072\nl1_gbps: 1000.0\n&/' d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	sed -i '/use: gemv_panels/{/panels.32,/!d}' t.yaml
	# One after the other only the vector is in it; in rounds, all but the first,
	# and the vectors take 1 us.
	about "$(us -p sequential)" 65
	about "$(us -p list)" "$(awk 'BEGIN { print 10.5 + 5 * 1.05 + 1 }')"
}

costs() { # BUSY_US[, FIELDS]
	printf -- '---\nformat: costs/1\nmade: {by: me}\ndevice: mine\ncosts:\n'
	sed -n 's/^ *- {use: \([^,]*\),.*/\1/p' t.yaml | while read -r use; do
		printf -- '- {class: "MatMul A=f32[1,1,512] B=f32[1,512,512] Y=f32[1,1,512]", use: %s, us: 200.0, busy_us: %s}\n' \
			"$use" "$1"
	done
	printf '...\n'
}

@test "what was measured far away and near counts where data are so" {
	chains a0 b0 a1 b1 a2 b2 a3 b3 a4 b4 a5 b5
	"$BIN/tamp-schedule" -p sequential --select fastest -o s.yaml t.yaml
	one=$(sed -n 's/^- {run: a0, tasks: 0\.\.\([0-9]*\),.*/\1/p' s.yaml)
	one=$((one + 1))
	# In the model's order all is far; with what was measured so, it is that.
	costs 100.0 > far.yaml
	about "$(us -p sequential far.yaml)" $((12 * 100 * one))
	# Of what is near, the first of each chain alone is not.
	costs "100.0, reuse_us: 30.0" > both.yaml
	about "$(us -p sequential both.yaml)" $((12 * 100 * one))
	about "$(us -p list both.yaml)" $((12 * 30 * one))
	# If it was not longer where the model says so, both are one: of 42 us an
	# rTask would take far and 19.4 us on the way (of 12, 2 far and 10 of 14.9),
	# 100 + 110 us were measured.
	costs "100.0, reuse_us: 110.0" > same.yaml
	about "$(us -p sequential same.yaml)" \
		"$(awk "BEGIN { print 12 * 42 * 210 / 61.4 * $one }")"
}

@test "what was touched last is near, on that vEU" {
	device 2 2200000 16777216 20 > d.yaml
	# x W, then (...) V twice: the second time it is near.
	graph 512 V > g.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	near=$(us -p sequential --width 1)
	about "$near" 94.5
	# On another vEU it is not.
	sed -e 's/launch: {width: 1/launch: {width: 2/' \
		-e 's/^\(- {run: "y".*veus: \)0..0/\11..1/' \
		-e '/^- {run: "y".*tasks/s/}$/, after: [{run: b}]}/' s.yaml > other.yaml
	other=$("$BIN/tamp-schedule" --check other.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p')
	about "$other" 126
}

@test "cores that draw on memory together share it" {
	graph 512 V > g.yaml
	device 2 65536 131072 20 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	wide=$(us -p sequential)
	device 2 65536 131072 10 > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" "$(awk "BEGIN { print 2 * $wide }")"
}

@test "a device of which no cache is known has memory alone" {
	graph 512 V > g.yaml
	device 1 0 0 10 | sed '/^l[23]: /d; /^l3_gbps/d' > d.yaml
	"$BIN/tamp-partition" -d ./d.yaml --fuse none g.yaml -o t.yaml
	about "$(us -p sequential)" 315
}
