# tamp-schedule -p search: local moves within a budget.

bats_require_minimum_version 1.5.0

load chain

small() { # N M: a plan of a chain and what runs beside it
	chain "$@" | "$BIN/tamp-partition" -d emu --fuse none -o t.yaml
}

at_most() { # A B
	echo "$1 $2"
	awk "BEGIN { exit !($1 <= $2) }"
}

@test "it is never behind another policy" {
	for shape in "2 1" "6 10"; do
		small $shape
		for sync in barrier counter; do
			s=$(us search --budget 1 --sync $sync)
			for p in sequential wavefront list stages roundrobin; do
				at_most "$s" "$(us $p --sync $sync)"
			done
		done
	done
}

@test "it finds more than they do" {
	small 5 9
	s=$(us search --budget 2)
	for p in sequential wavefront list stages roundrobin; do
		less "$s" "$(us $p)"
	done
}

@test "a seed decides: the same schedule again, another with another" {
	small 5 9
	for i in 1 2; do
		"$BIN/tamp-schedule" -p search --budget 1 --seed 7 -o $i.yaml t.yaml
	done
	cmp 1.yaml 2.yaml
	"$BIN/tamp-schedule" -p search --budget 1 --seed 8 -o 3.yaml t.yaml
	"$BIN/tamp-schedule" --check 3.yaml
	! cmp -s <(grep '^- {run' 1.yaml) <(grep '^- {run' 3.yaml)
}

@test "it begins with a schedule that is legal, and says so of one that is not" {
	small 5 9
	"$BIN/tamp-schedule" -p search --budget 4 -o good.yaml t.yaml
	was=$("$BIN/tamp-schedule" --check good.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p')
	run --separate-stderr "$BIN/tamp-schedule" -p search --budget 1 --seed 3 \
		--explain -o again.yaml good.yaml
	[ "$status" = 0 ]
	[[ $stderr == *"search: the schedule that the plan holds: $was us"* ]]
	is=$("$BIN/tamp-schedule" --check again.yaml 2>&1 |
		sed -n 's/.*legal, \([0-9.]*\) us predicted.*/\1/p')
	at_most "$is" "$was"
	sed 's/, after: .*/}/' good.yaml > bad.yaml
	run "$BIN/tamp-schedule" --check bad.yaml
	[ "$status" = 1 ]
	run --separate-stderr "$BIN/tamp-schedule" -p search --budget 1 \
		-o again.yaml bad.yaml
	[ "$status" = 0 ]
	[[ $stderr == *"bad.yaml:"*"note: this schedule is not legal"* ]]
	"$BIN/tamp-schedule" --check again.yaml
}

@test "it begins with one of more steps than a policy would make" {
	small 40 40
	"$BIN/tamp-schedule" -p list --select fastest -o l.yaml t.yaml
	# each rTask a step of its own
	/usr/bin/python3 - <<-'END'
	import re
	out = []
	for line in open("l.yaml"):
	    m = re.match(r"(- {run: .*?, tasks: )(\d+)\.\.(\d+)(, veus: )(\d+)\.\.(\d+)(.*)", line)
	    if not m:
	        out.append(line)
	        continue
	    lo, hi, v0, v1 = (int(m[i]) for i in (2, 3, 5, 6))
	    for t in range(lo, hi + 1):
	        v = v0 + (t - lo) % (v1 - v0 + 1)
	        out.append(f"{m[1]}{t}..{t}{m[4]}{v}..{v}{m[7]}\n")
	open("each.yaml", "w").writelines(out)
	END
	[ "$(grep -c '^- {run:.*veus' each.yaml)" -gt 304 ]
	"$BIN/tamp-schedule" --check each.yaml
	run --separate-stderr "$BIN/tamp-schedule" -p search --budget 1 \
		--select fastest --explain -o s.yaml each.yaml
	[ "$status" = 0 ]
	[[ $stderr == *"search: the schedule that the plan holds: "* ]]
}

@test "rKernels stay as they are selected, waits of the kind that is asked for" {
	small 5 9
	"$BIN/tamp-schedule" -p search --budget 1 --select fastest --only \
		-o s.yaml t.yaml
	"$BIN/tamp-schedule" -p sequential --select fastest --only -o q.yaml t.yaml
	cmp <(grep "use: " s.yaml) <(grep "use: " q.yaml)
	"$BIN/tamp-schedule" -p search --budget 1 --sync barrier --only \
		-o b.yaml t.yaml
	grep -q barrier: b.yaml
	! grep -q after: b.yaml
}

@test "it says how far it is" {
	small 5 9
	run --separate-stderr "$BIN/tamp-schedule" -v -p search --budget 1 \
		-o s.yaml t.yaml
	[[ $stderr == *"search: 50 % of the budget, "*" moves, "*" us"* ]]
	[[ $stderr == *"search: 100 % of the budget, "* ]]
}

@test "interrupted, it writes the best so far" {
	small 5 9
	# (A shell's background jobs ignore SIGINT.)
	/usr/bin/python3 - "$BIN/tamp-schedule" <<-'END'
	import signal, subprocess, sys
	p = subprocess.Popen([sys.argv[1], "-v", "-p", "search", "--budget", "100000",
	                      "-o", "s.yaml", "t.yaml"], stderr=subprocess.PIPE, text=True,
	                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
	said = p.stderr.readline()
	while "begins with" not in said:
	    said = p.stderr.readline()
	p.send_signal(signal.SIGINT)
	rest = p.stderr.read()
	open("said", "w").write(rest)
	sys.exit(p.wait(60))
	END
	grep -q "interrupted: the best so far" said
	"$BIN/tamp-schedule" --check s.yaml
}

@test "a policy that does not search takes no budget and no seed" {
	small 2 1
	run "$BIN/tamp-schedule" -p list --budget 3 -o s.yaml t.yaml
	[ "$status" = 2 ]
	[[ $output == *"policy 'list' does not search"* ]]
	run "$BIN/tamp-schedule" --seed 3 -o s.yaml t.yaml
	[ "$status" = 2 ]
	run "$BIN/tamp-schedule" --check --budget 3 t.yaml
	[ "$status" = 2 ]
}
