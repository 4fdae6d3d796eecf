# Debian packages that the build, the demo and the tests need.  Nothing else
# is installed by hand; packages already there are left alone.

BUILD_DEPS := gcc libc6-dev binutils libyaml-dev libprotobuf-c-dev protobuf-c-compiler
TEST_DEPS  := g++ bats groff-base libonnx-testdata python3 python3-numpy python3-onnx \
              python3-yaml python3-jsonschema
# PyTorch is what `make gpu` compares with: only its test needs it here.  hipcc
# builds hip programs for tests/hip (66 MB, half a minute); it needs no GPU.
CHECK_DEPS := python3-torch hipcc libamdhip64-dev rocm-device-libs

.PHONY: deps check-deps
deps: $(BUILD)/deps.stamp

$(BUILD)/deps.stamp: mk/deps.mk mk/deps.sh
	@mkdir -p $(@D)
	sh mk/deps.sh $(BUILD_DEPS) $(TEST_DEPS)
	@touch $@

check-deps: $(BUILD)/check-deps.stamp
$(BUILD)/check-deps.stamp: mk/deps.mk mk/deps.sh | deps
	sh mk/deps.sh $(CHECK_DEPS)
	@touch $@
