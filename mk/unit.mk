# Unit tests: every tests/unit/NAME.c but those of UNIT_LIB is a program of its
# own, which prints TAP.  tests/unit/tool/NAME.c are programs that other tests
# run.

UNIT_LIB  := test bench kernels
UNIT_SRC  := $(filter-out $(UNIT_LIB:%=tests/unit/%.c),$(wildcard tests/unit/*.c))
UNIT_BINS := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
UNIT_TOOL := $(patsubst tests/unit/tool/%.c,$(BUILD)/tests/bin/%,$(wildcard tests/unit/tool/*.c))

.PHONY: unit-tests
unit-tests: $(UNIT_BINS) $(UNIT_TOOL) $(BUILD)/schemas.stamp man completion

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_LIB:%=$(BUILD)/obj/tests/unit/%.o) $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/bin/%: $(BUILD)/obj/tests/unit/tool/%.o $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/obj/tests/unit/%.o: CPPFLAGS += -Itests/unit

-include $(wildcard $(BUILD)/obj/tests/unit/*.d $(BUILD)/obj/tests/unit/tool/*.d)
