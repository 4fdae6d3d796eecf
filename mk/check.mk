# Tests.  Everything that prints TAP is run by tests/run.sh, side by side:
# unit test programs, bats files and *.tap scripts.

.PHONY: check conformance conformance-emulate
check: deps check-deps
	@$(MAKE) --no-print-directory all unit-tests
	BUILD=$(BUILD) sh tests/run.sh

# All ONNX node tests.  The floors only rise.
conformance: deps
	@$(MAKE) --no-print-directory all
	python3 tests/conformance/conformance.py --bin $(BUILD)/bin --floor 693

conformance-emulate: deps
	@$(MAKE) --no-print-directory all
	python3 tests/conformance/conformance.py --bin $(BUILD)/bin \
		--device emu --emulate 1 --floor 693

# The suite again with every executable, and every emulated program, under
# AddressSanitizer and UndefinedBehaviorSanitizer.
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
             -fno-omit-frame-pointer
.PHONY: san
san: deps check-deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/san SAN='$(SAN_FLAGS)' \
		OPT='-O1 -g' all unit-tests
	TAMP_SAN=1 BUILD=$(BUILD)/san sh tests/run.sh

.PHONY: help
help:
	@sed -n 's/^#   make/make/p' Makefile
	@echo 'make conformance  all ONNX node tests on the host: a table, and what is refused and why'
	@echo 'make conformance-emulate  the same as CUDA under emulation'
	@echo 'make rammer     the six models of the paper at full size, against ONNX Runtime'
	@echo 'make bench      the same timed beside ONNX Runtime, in turns'
	@echo 'make matrix     the experiments of the paper: every model, batch, policy, kernels, synchronisation'
	@echo 'make mutants    edits that break schedules, judged by the verifier and by the oracle'
	@echo 'make san        make check under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make fuzz       libFuzzer harnesses of every reader (clang)'
	@echo 'make registers  registers and spills of every CUDA instance, and how long nvcc takes'
	@echo 'make kernel-registers  the same of every CUDA kernel compiled alone'
	@echo 'make gpu        on a GPU: programs checked, replayed and timed beside PyTorch'
	@echo 'make gpu-pack   what make gpu needs on a machine without packages'
	@echo 'make schemas    renews schemas/*.schema.yaml from the field tables'
	@echo 'make man        man pages into build/man/'
	@echo 'make install PREFIX=/usr/local'
	@echo 'make clean      removes build/'
