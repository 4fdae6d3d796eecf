#!/bin/sh
# Registers, spills and shared memory of every CUDA kernel compiled alone, for
# the oldest architecture that nvcc 13 knows, for Ampere and for Hopper: the
# most of a few instances each.  Needs no GPU; status 77 without nvcc, 1 if
# anything spills or warns.
#
#	BUILD=build sh tests/gpu/ptxas.sh [ARCH ...]
set -u

cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build}"
PATH=$PATH:/usr/local/cuda/bin
command -v nvcc > /dev/null || { echo "ptxas.sh: no nvcc" >&2; exit 77; }
[ $# = 0 ] && set -- sm_75 sm_80 sm_90
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$BUILD/tests/bin/kcheck" alone cuda 16 "$PWD/lib/kernels" "$work" || exit 1
for arch; do
	find "$work" -name '*.cu' | LC_ALL=C sort | xargs -P 2 -I{} sh -c '
		nvcc -std=c++17 -O3 -arch='"$arch"' -Xptxas -v -Ilib/runtime \
			-cubin -o /dev/null "$1" > "${1%.cu}.'"$arch"'" 2>&1 ||
		echo "warning: not compiled" >> "${1%.cu}.'"$arch"'"' sh {}
done
printf '%-22s %-7s %9s %9s %7s\n' kernel arch instances registers spilled
for f in "$work"/*.cu; do
	for arch; do
		awk -v name="$(basename "$f" .cu)" -v arch="$arch" '
		/Used [0-9]+ registers/ {
			n++
			for (i = 1; i < NF; i++)
				if ($i == "Used" && $(i + 1) + 0 > most) most = $(i + 1)
		}
		/spill stores/ {
			for (i = 1; i <= NF; i++)
				if ($i == "spill") spilled += $(i - 2)
		}
		/warning|error/ { print "# " $0; bad = 1 }
		END {
			printf "%-22s %-7s %9d %9d %7d\n", name, arch, n, most, spilled
			exit bad || spilled || !n
		}' "${f%.cu}.$arch" || echo "$f" >> "$work/bad"
	done
done
[ ! -e "$work/bad" ]
