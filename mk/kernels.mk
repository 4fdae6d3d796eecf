# The kernel ladder's driver, run by tests/kernels/kernels.tap, and the plain
# compilation of every kernel by nvcc.

KCHECK_SRC := $(wildcard tests/kernels/*.c)
KCHECK_OBJ := $(KCHECK_SRC:%.c=$(BUILD)/obj/%.o)

unit-tests: $(BUILD)/tests/bin/kcheck

$(KCHECK_OBJ): CPPFLAGS += -Itests/kernels -D_DEFAULT_SOURCE

# -rdynamic: the kernels that it loads call its access hooks.
$(BUILD)/tests/bin/kcheck: $(KCHECK_OBJ) $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS) -ldl

# Registers and spills of every CUDA kernel; needs nvcc, but no GPU.
.PHONY: kernel-registers
kernel-registers: deps
	@$(MAKE) --no-print-directory $(BUILD)/tests/bin/kcheck
	BUILD=$(BUILD) sh tests/gpu/ptxas.sh

-include $(KCHECK_OBJ:.o=.d)
