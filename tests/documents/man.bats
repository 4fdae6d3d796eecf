# Man pages: they format without a warning, their examples are documents, and
# the options that a tool has are on its page.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	man=$TAMP_BUILD/man
}

# The first example of a page, as text.
example() {
	awk '/^\.EX/ { on = 1; next } /^\.EE/ { exit } on' "$1" |
		sed -e 's/^\\&//' -e 's/\\-/-/g' -e 's/\\e/\\/g'
}

@test "every page formats without a warning" {
	command -v groff > /dev/null || skip "no groff here"
	for p in "$man"/*.[157]; do
		run sh -c 'groff -t -man -Tutf8 -ww "$1" 2>&1 > /dev/null' - "$p"
		[ "$status" = 0 ]
		! [[ $output == *warning* ]] || { echo "$p: $output"; return 1; }
	done
}

@test "the examples of section 5 are read, and are what tamp writes" {
	n=0
	for p in "$man"/*.5; do
		example "$p" > "$BATS_TEST_TMPDIR/doc.yaml"
		"$TAMP_BUILD/tests/bin/stackcat" --rewrite "$BATS_TEST_TMPDIR/doc.yaml" |
			cmp - "$BATS_TEST_TMPDIR/doc.yaml"
		n=$((n + 1))
	done
	[ "$n" = 7 ]
}

@test "section 5 lists every key of every schema" {
	for s in schemas/*.schema.yaml; do
		name=$(basename "$s" .schema.yaml)
		for key in $(sed -nE 's/^ +"?([a-z0-9_]+)"?: \{.*description.*/\1/p' "$s"); do
			[ "$key" = format ] || grep -qE "^\.BR $key " "$man/tamp-$name.5" ||
				{ echo "$key is not in tamp-$name.5"; return 1; }
		done
	done
}

@test "section 1 has a page for every tool, with all of its options" {
	for t in tamp-import tamp-partition tamp-schedule tamp-emit tamp-run; do
		[ -f "$man/$t.1" ] || { echo "no page $t(1)"; return 1; }
		for o in $("$TAMP_BIN/$t" --complete | cut -f 1 | grep -vxE -e '--(help|version)'); do
			sed 's/\\//g' "$man/$t.1" | grep -qE -e "(^|[^a-z-])$o([^a-z-]|$)" ||
				{ echo "$o is not in $t(1)"; return 1; }
		done
	done
}

@test "completion offers commands, options and words" {
	complete_words() {
		bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));
			_tamp; echo "${COMPREPLY[@]}"' - \
			"$TAMP_BUILD/share/bash-completion/completions/tamp" "$@"
	}
	[ "$(complete_words tamp sch)" = schedule ]
	[[ $(complete_words tamp build --) == *--policy* ]]
	[ "$(complete_words tamp build --sync '')" = "barrier counter" ]
	[[ $(complete_words tamp-schedule --) == *--policy* ]]
}
