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
CC     ?= cc
NVFLAGS ?= -O3 -lineinfo
NVALL  := -std=c++17 $(if $(ARCH),-arch=$(ARCH)) -Xcompiler -fPIC,-fvisibility=hidden
CFLAGS ?= -O2 -g
CALL   := -std=gnu11 -fPIC -fvisibility=hidden -Wall

HOST   := cuda_host cuda_open model_common model_io
HEADS  := cuda.h cuda_host.h cuda_model.h map.h model.h model_common.h \
          model_io.h tamp_table.h Makefile arch.mk

.PHONY: all registers clean
all: main libmodel.so

main: model.o $(HOST:%=%.o) main.o
	$(NVCC) -o $@ $^

libmodel.so: model.o $(HOST:%=%.o)
	$(NVCC) -shared -Xlinker -Bsymbolic -o $@ $^

model.o: model.cu $(HEADS)
	$(NVCC) $(NVALL) $(NVFLAGS) -c -o $@ $<

%.o: %.cpp $(HEADS)
	$(NVCC) $(NVALL) $(NVFLAGS) -c -o $@ $<

%.o: %.c $(HEADS)
	$(CC) $(CALL) $(CFLAGS) -c -o $@ $<

registers: model.cu $(HEADS)
	@$(NVCC) $(NVALL) $(NVFLAGS) -DTAMP_REGISTERS -Xptxas -v -cubin \
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

include emulate.mk

clean:
	rm -f main libmodel.so registers.cubin registers.log $(EMULATED) *.o
