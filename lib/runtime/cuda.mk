# Builds an emitted CUDA model: the program "main" and the library
# "libmodel.so" (see model.h).  Made by tamp-emit, which copies this file.
#
#   make            both, with nvcc
#   make emulate    main-emu: the same model.cu on the CPU, without nvcc
#   make emulate SAN=1    the same under Address- and
#                   UndefinedBehaviorSanitizer (also if TAMP_SAN is set)
#   make libmodel.emu.so    the library of the same (libmodel.san.so with SAN=1)
#   make registers  registers and spilled bytes of every instance of a kernel
#   make clean      removes what was built

include arch.mk			# ARCH: sm_90; WARP: 32

NVCC   ?= $(firstword $(shell command -v nvcc) /usr/local/cuda/bin/nvcc)
NVFLAGS ?= -O3 -lineinfo
NVALL  := -std=c++17 $(if $(ARCH),-arch=$(ARCH)) -Xcompiler -fPIC,-fvisibility=hidden

COMPILE    = $(NVCC) $(NVALL) $(NVFLAGS)
LINK       = $(NVCC)
SHARED    := -shared -Xlinker -Bsymbolic
OWN_HEADS := emu_headers.h
include gpu.mk

registers: model.cu $(HEADS)
	@$(COMPILE) -DTAMP_REGISTERS -Xptxas -v -cubin \
		-o registers.cubin model.cu > registers.log 2>&1 || \
		{ cat registers.log; exit 1; }
	@awk '/^TAMP_ENTRY/ { n = $$1; gsub(/[^0-9]/, "", n); \
			what[n] = $$3 " " $$4; next } \
		/Compiling entry function/ { e = ""; split($$0, q, "\047"); \
			if (q[2] ~ /^entry_/) e = substr(q[2], 7) } \
		/bytes spill stores/ && e != "" { if ($$5 + $$9 > spill[e] + 0) spill[e] = $$5 + $$9 } \
		/Used [0-9]+ registers/ && e != "" { for (i = 1; i < NF; i++) \
			if ($$i == "Used") \
				printf "%4d registers %4d spilled  %s\n", $$(i + 1), \
					spill[e], what[e]; e = "" }' model.cu registers.log

clean:
	rm -f main libmodel.so registers.cubin registers.log $(EMULATED) *.o
