# Builds an emitted HIP model: the program "main" and the library
# "libmodel.so" (see model.h).  Made by tamp-emit, which copies this file.
#
#   make            both, with hipcc
#   make emulate    main-emu: the same model.cu on the CPU, without hipcc
#   make emulate SAN=1    the same under Address- and
#                   UndefinedBehaviorSanitizer (also if TAMP_SAN is set)
#   make libmodel.emu.so    the library of the same (libmodel.san.so with SAN=1)
#   make registers  vector registers and spilled ones of every instance of a
#                   kernel
#   make clean      removes what was built

include arch.mk			# ARCH: gfx906; WARP: 64

HIPCC  ?= $(firstword $(shell command -v hipcc) /opt/rocm/bin/hipcc)
CC     ?= cc
HIPFLAGS ?= -O3
# Without an architecture hipcc asks for that of this machine's GPU.
HIPARCH := $(if $(ARCH),--offload-arch=$(ARCH))
# A loop that "#pragma unroll" cannot unroll stays a loop.
HIPALL := -x hip -std=c++17 $(HIPARCH) -fPIC -fvisibility=hidden -Wall \
          -Wno-unused-function -Wno-pass-failed
CFLAGS ?= -O2 -g
CALL   := -std=gnu11 -fPIC -fvisibility=hidden -Wall

HOST   := cuda_host cuda_open model_common model_io
HEADS  := cuda.h cuda_host.h cuda_model.h hip.h hip_api.h warp.h map.h model.h \
          model_common.h model_io.h tamp_table.h Makefile arch.mk

.PHONY: all registers clean
all: main libmodel.so

main: model.o $(HOST:%=%.o) hip_clock.o main.o
	$(HIPCC) $(HIPARCH) -o $@ $^

libmodel.so: model.o $(HOST:%=%.o) hip_clock.o
	$(HIPCC) $(HIPARCH) -shared -Wl,-Bsymbolic -o $@ $^

model.o: model.cu $(HEADS)
	$(HIPCC) $(HIPALL) $(HIPFLAGS) -c -o $@ $<

%.o: %.cpp $(HEADS)
	$(HIPCC) $(HIPALL) $(HIPFLAGS) -c -o $@ $<

%.o: %.c $(HEADS)
	$(CC) $(CALL) $(CFLAGS) -c -o $@ $<

registers: model.cu $(HEADS)
	@$(HIPCC) $(HIPALL) $(HIPFLAGS) -DTAMP_REGISTERS --cuda-device-only -S \
		--gpu-max-threads-per-block=256 \
		-Rpass-analysis=kernel-resource-usage -o registers.s model.cu \
		> registers.log 2>&1 || { cat registers.log; exit 1; }
	@awk '/^TAMP_ENTRY/ { n = $$1; gsub(/[^0-9]/, "", n); \
			what[n] = $$3 " " $$4; next } \
		/Function Name:/ { e = ""; if (match($$0, /entry_[0-9]+/)) \
			e = substr($$0, RSTART + 6, RLENGTH - 6) } \
		/ VGPRs: / { n = $$(NF - 1) } \
		/VGPRs Spill:/ && e != "" { printf "%4d registers %4d spilled  %s\n", \
			n, $$(NF - 1), what[e]; e = "" }' model.cu registers.log

include emulate.mk

clean:
	rm -f main libmodel.so registers.s registers.log $(EMULATED) *.o
