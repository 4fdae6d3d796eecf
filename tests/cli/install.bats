# make install: what lies under PREFIX works from there.

@test "an installed tamp finds its stages, its data and its pages" {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	D=$BATS_TEST_TMPDIR/root
	env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$BUILD" DESTDIR="$D" \
		PREFIX=/opt/t install
	[ -f "$D/opt/t/share/man/man5/tamp-graph.5" ]
	[ -f "$D/opt/t/share/bash-completion/completions/tamp" ]
	[ -f "$D/opt/t/share/tamp/schemas/graph.schema.yaml" ]
	model=$PWD/tests/e2e/models/mlp.onnx
	cd "$BATS_TEST_TMPDIR"
	PATH=/usr/bin:/bin run "$D/opt/t/bin/tamp" build --run -o out "$model"
	[ "$status" = 0 ]
	[[ $output == *"format: report/1"* ]]
}
