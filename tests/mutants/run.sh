#!/bin/sh
# Makes the plans that mutants edits (the examples and the small models, for a
# host and as CUDA under emulation; two more for what they ask of the device)
# and runs it: tests/mutants/run.sh N [ARG ...].  FEW=1: few models, for a quick
# look.
set -eu

BUILD=$(cd "$BUILD" && pwd)
bin=$BUILD/bin
work=$BUILD/mutants.d
n=$1
shift
rm -rf "$work"
mkdir -p "$work"

import() { # NAME MODEL
	"$bin/tamp-import" -w "$work/$1.safetensors" -o "$work/$1.yaml" "$2"
}

# Adds the plan of a model for a device to those that are edited.
plans=
plan() { # NAME DEVICE
	"$bin/tamp-partition" -d "$2" "$work/$1.yaml" -o "$work/$1.$2.yaml"
	plans="$plans $work/$1.$2.yaml"
}

small="mlp branches residual two_heads separable"
emulated="two_heads branches"
made=
# Those that branch have conditions.
branch=choices
if [ -z "${FEW-}" ]; then
	branch="routes choices"
	small="$small conv1d attention recurrent"
	made="lstm seq2seq deepspeech2 resnext nasnet alexnet"
	emulated="$small $made"
fi
for m in $small $branch; do
	import $m tests/e2e/models/$m.onnx
done
for m in $made; do
	/usr/bin/python3 -B examples/rammer/models.py $m --tiny \
		-o "$work/$m.onnx"
	import $m "$work/$m.onnx"
done
import digits examples/digits/digits.onnx
# by hand, from its README on
cp examples/edit-a-schedule/plan.yaml "$work/edit.two_cores.yaml"

# Some have few waits: they come first, so that others make up for it; and all
# classes apply to hosts.
for m in $emulated $branch digits; do
	plan $m emu
done
for m in $made; do
	plan $m host
done
for m in $branch $small digits; do
	plan $m host
done
"$bin/tamp-partition" -d h200 "$work/digits.yaml" -o "$work/digits.h200.yaml"
"$bin/tamp-partition" -d v100 "$work/branches.yaml" \
	-o "$work/branches.v100.yaml"
# shellcheck disable=SC2086
"$BUILD/tests/mutants" --per-class "$n" --share "$BUILD/share/tamp" \
	--work "$work/tables" --resources "$work/digits.h200.yaml" \
	--resources "$work/branches.v100.yaml" "$@" \
	"$work/edit.two_cores.yaml" $plans
