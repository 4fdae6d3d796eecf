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
HIPFLAGS ?= -O3
# Without an architecture hipcc asks for that of this machine's GPU.
HIPARCH := $(if $(ARCH),--offload-arch=$(ARCH))
# A loop that "#pragma unroll" cannot unroll stays a loop.
HIPALL := -x hip -std=c++17 $(HIPARCH) -fPIC -fvisibility=hidden -Wall \
          -Wno-unused-function -Wno-pass-failed

COMPILE    = $(HIPCC) $(HIPALL) $(HIPFLAGS)
LINK       = $(HIPCC) $(HIPARCH)
SHARED    := -shared -Wl,-Bsymbolic
OWN       := hip_clock.o
OWN_HEADS := hip.h hip_api.h warp.h
include gpu.mk

registers: model.cu $(HEADS)
	@$(COMPILE) -DTAMP_REGISTERS --cuda-device-only -S \
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

clean:
	rm -f main libmodel.so registers.s registers.log $(EMULATED) *.o
