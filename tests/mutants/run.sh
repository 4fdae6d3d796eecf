#!/bin/sh
# Makes the plans that mutants edits (host plans of small models; cuda plans
# for what they ask of the device) and runs it: tests/mutants/run.sh N [ARG ...]
set -eu

BUILD=$(cd "$BUILD" && pwd)
bin=$BUILD/bin
work=$BUILD/mutants.d
n=$1
shift
rm -rf "$work"
mkdir -p "$work"

import() { # name, model, options
	name=$1
	model=$2
	shift 2
	"$bin/tamp-import" "$@" -o "$work/$name.yaml" "$model"
}

partition() { # name, device
	"$bin/tamp-partition" -d "$2" "$work/$1.yaml" -o "$work/$1.$2.yaml"
}

import digits examples/digits/digits.onnx
# mlp has few waits, digits few of many rTasks: others after them make up for it
for m in mlp branches residual two_heads separable; do
	import $m tests/e2e/models/$m.onnx
done
for m in digits mlp branches residual two_heads separable; do
	partition $m host
done
partition digits h200
partition branches v100
partition digits emu
"$BUILD/tests/mutants" --per-class "$n" --share "$BUILD/share/tamp" \
	--work "$work/tables" "$@" \
	"$work/mlp.host.yaml" "$work/two_heads.host.yaml" \
	"$work/separable.host.yaml" "$work/branches.host.yaml" \
	"$work/digits.host.yaml" "$work/residual.host.yaml" \
	"$work/digits.h200.yaml" "$work/branches.v100.yaml" "$work/digits.emu.yaml"
