# Fuzzing.  A harness tests/fuzz/fuzz_NAME.c is built twice: with replay.c for
# make check, which runs it over its corpus and over changed copies of it, and
# with libFuzzer (clang) by make fuzz.
#
#	make fuzz FUZZ=yaml SECONDS=60

FUZZ    ?= yaml
SECONDS ?= 60

FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BINS := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/tests/bin/%)

unit-tests: $(FUZZ_BINS)

$(BUILD)/tests/bin/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/replay.o $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# clang builds the library a second time, with its own instrumentation.
.PHONY: fuzz
fuzz:
	@command -v clang > /dev/null || { echo "make fuzz needs clang"; exit 1; }
	$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang \
		OPT='-O1 -g' SAN='-fsanitize=address,undefined,fuzzer-no-link' \
		$(BUILD)/fuzz/fuzz_$(FUZZ)
	@mkdir -p $(BUILD)/fuzz/corpus_$(FUZZ)
	$(BUILD)/fuzz/fuzz_$(FUZZ) -max_total_time=$(SECONDS) -timeout=10 \
		-close_fd_mask=2 $(BUILD)/fuzz/corpus_$(FUZZ) \
		$(wildcard tests/fuzz/corpus/$(FUZZ)) $(FUZZ_SEEDS_$(FUZZ))

FUZZ_SEEDS_yaml := lib/ir/example

$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(LIBTAMP)
	$(CC) -fsanitize=address,undefined,fuzzer -o $@ $^ $(LDLIBS)

-include $(wildcard $(BUILD)/obj/tests/fuzz/*.d)
