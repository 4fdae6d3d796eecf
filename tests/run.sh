#!/bin/sh
# Runs everything that prints TAP, a few at a time, and counts.
#
#	BUILD=build sh tests/run.sh [NAME ...]
#
# NAME: only those whose file name contains it.  What each printed lies in
# BUILD/check/NAME.tap.  The last line is "N passed, N failed, N skipped"; the
# exit status is 1 if any failed, or if a file ended before its plan.
set -u

cd "$(dirname "$0")/.." || exit 1
: "${BUILD:=build}"
out=$BUILD/check
TAMP_BIN=$PWD/$BUILD/bin
case $BUILD in /*) TAMP_BIN=$BUILD/bin ;; esac
TAMP_BUILD=${TAMP_BIN%/bin}
PATH=$TAMP_BIN:$PATH
export BUILD TAMP_BIN TAMP_BUILD PATH
unset MAKEFLAGS		# of the make that called: what tests make is their own
rm -rf "$out" && mkdir -p "$out"

list() {
	find "$BUILD/tests/unit" -type f -perm -u+x 2>/dev/null
	find tests examples \( -name '*.bats' -o -name '*.tap' \) -type f
}

wanted() {
	[ $# = 0 ] && cat && return
	expr=
	for n in "$@"; do expr="$expr -e $n"; done
	# shellcheck disable=SC2086
	grep -F $expr
}

# Runs one file; its output, with its name and status, ends in one .tap.  One
# that hangs is ended after half an hour, and fails for want of its plan.
cat > "$out/one.sh" <<'EOS'
name=$(printf %s "$1" | tr / _)
case $1 in
*.bats) timeout 1800 bats --tap "$1" ;;
*.tap) timeout 1800 sh "$1" ;;
*) timeout 1800 "$1" ;;
esac > "$2/$name.tap" 2> "$2/$name.err" < /dev/null
echo "status $?" >> "$2/$name.tap"
EOS

list | LC_ALL=C sort | wanted "$@" |
	xargs -P "$(nproc)" -I{} sh "$out/one.sh" {} "$out"

awk '
function close_file() {
	if (file == "") return
	if (plan != seen || plan < 0) {
		failed++
		print "not ok " file ": planned " plan ", ran " seen
	}
}
FNR == 1 { close_file(); file = FILENAME; plan = -1; seen = 0; ended = 0 }
/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; if ($0 ~ /# [Ss][Kk][Ii][Pp]/ && plan == 0) skipped++ }
/^ok / { seen++; if (tolower($0) ~ /# skip/) skipped++; else passed++; show = 0 }
/^not ok / { seen++; failed++; print file ": " $0; show = 25 }
/^#/ && show > 0 { print "    " $0; show-- }
END {
	close_file()
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0 || passed == 0
}' "$out"/*.tap
