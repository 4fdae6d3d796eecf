# Plans that a stage writes into another directory than they came from: where the
# weights lie is said from the new one.

setup() {
	cd "$BATS_TEST_TMPDIR"
	BIN=${TAMP_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/bin}
	PATH=$BIN:$PATH
	mkdir -p plans/deep other data
	tamp-import -o plans/g.yaml -w data/w.st \
		"$BATS_TEST_DIRNAME/../e2e/models/branches.onnx"
}

says() { # PLAN PATH
	[ "$(sed -n 's/^weights: *//p' "$1" | tr -d '"')" = "$2" ]
}

leads_to() { # PLAN PATH: that is what it says, and emit finds the weights
	says "$@"
	rm -rf built
	tamp-emit -o built "$1"
}

@test "partition and schedule say where the weights lie from where they write" {
	tamp-partition -d host -o plans/deep/t.yaml plans/g.yaml
	says plans/deep/t.yaml ../../data/w.st
	tamp-schedule -o s.yaml plans/deep/t.yaml
	leads_to s.yaml data/w.st
	tamp-schedule -o other/s.yaml s.yaml
	leads_to other/s.yaml ../data/w.st
	(cd other && tamp-schedule -o ../plans/deep/s.yaml s.yaml)
	leads_to plans/deep/s.yaml ../../data/w.st
}

@test "a pipe lies in the working directory" {
	tamp-partition -d host plans/g.yaml | tamp-schedule > s.yaml
	leads_to s.yaml data/w.st
	tamp-partition -d host plans/g.yaml | tamp-schedule -o other/s.yaml
	leads_to other/s.yaml ../data/w.st
	tamp-partition -d host plans/g.yaml | tamp-schedule | tamp-emit -o piped
	cmp piped/weights.bin built/weights.bin
}

@test "what lies in one directory is copied byte for byte" {
	tamp-partition -d host -o plans/t.yaml plans/g.yaml
	tamp-schedule -o plans/s.yaml plans/t.yaml
	tail -c "$(wc -c < plans/g.yaml)" plans/s.yaml | cmp - plans/g.yaml
	# and elsewhere but for the path
	tamp-schedule -o other/s.yaml plans/s.yaml
	sed -i 's|^weights: .*|weights: ./../data//w.st # here|' plans/g.yaml
	tamp-partition -d host -o plans/deep/t.yaml plans/g.yaml
	tail -n "$(wc -l < plans/g.yaml)" plans/deep/t.yaml > g.yaml
	sed 's|^weights: .*|weights: "../../data/w.st" # here|' plans/g.yaml |
		cmp - g.yaml
}

@test "paths in quotes, absolute ones, and those that lead nowhere" {
	mv data 'a "dir"'
	sed -i 's|^weights: .*|weights: "../a \\"dir\\"/w.st"   # "quoted"|' plans/g.yaml
	tamp-partition -d host -o plans/deep/t.yaml plans/g.yaml
	grep -Fx 'weights: "../../a \"dir\"/w.st"   # "quoted"' plans/deep/t.yaml
	mv 'a "dir"' "it's"
	sed -i "s|^weights: .*|weights: '../it''s/w.st'|" plans/g.yaml
	tamp-partition -d host -o plans/deep/t.yaml plans/g.yaml
	grep -Fx "weights: \"../../it's/w.st\"" plans/deep/t.yaml
	sed -i "s|^weights: .*|weights: \"$PWD/it's/w.st\"|" plans/g.yaml
	tamp-partition -d host -o other/t.yaml plans/g.yaml
	grep -Fx "weights: \"$PWD/it's/w.st\"" other/t.yaml
	tamp-schedule -o plans/s.yaml other/t.yaml
	sed -i "s|^weights: .*|weights: gone.st|" plans/s.yaml
	tamp-schedule -o s.yaml plans/s.yaml
	grep -Fx 'weights: gone.st' s.yaml
}

@test "a path over several lines is refused where it has to change" {
	mv data/w.st 'data/a b'
	printf '%s\n' 'weights: "../data/a' '  b"' > path
	sed -i -e '/^weights:/{r path' -e 'd}' plans/g.yaml
	tamp-partition -d host -o plans/t.yaml plans/g.yaml
	run -1 tamp-partition -d host -o plans/deep/t.yaml plans/g.yaml
	[[ $output == *"plans/g.yaml:"*"write it on one line"* ]]
	[ ! -e plans/deep/t.yaml ]
}
