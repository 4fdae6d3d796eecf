# The mutation test: see tests/mutants/mutants.c.  make check runs a few of
# each class (tests/cli/mutants.bats), make mutants at least 1000.

MUTANTS := $(BUILD)/tests/mutants

$(MUTANTS): $(patsubst tests/mutants/%.c,$(BUILD)/obj/tests/mutants/%.o,$(wildcard tests/mutants/*.c)) $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/obj/tests/mutants/%.o: CPPFLAGS += -Itests/mutants

.PHONY: mutants
mutants: deps
	@$(MAKE) --no-print-directory all $(MUTANTS)
	@BUILD=$(BUILD) sh tests/mutants/run.sh 1020

-include $(wildcard $(BUILD)/obj/tests/mutants/*.d)

unit-tests: $(MUTANTS)
