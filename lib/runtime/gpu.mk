# What Makefiles of a GPU's program share: its rules, and those of the same
# program on the CPU, by g++ (see emu.h).  Included by cuda.mk and hip.mk, which
# say:
#
#	COMPILE		how the GPU's compiler is called for a source file,
#	LINK, SHARED	for a program, and what more for a library
#	OWN, OWN_HEADS	objects and headers beside those that both have

CC     ?= cc
CFLAGS ?= -O2 -g
CALL   := -std=gnu11 -fPIC -fvisibility=hidden -Wall

HOST   := cuda_host cuda_open model_common model_io
HEADS  := cuda.h cuda_host.h cuda_model.h map.h model.h model_common.h \
          model_io.h tamp_table.h Makefile gpu.mk arch.mk $(OWN_HEADS)

.PHONY: all registers emulate clean
all: main libmodel.so

main: model.o $(HOST:%=%.o) $(OWN) main.o
	$(LINK) -o $@ $^

libmodel.so: model.o $(HOST:%=%.o) $(OWN)
	$(LINK) $(SHARED) -o $@ $^

model.o: model.cu $(HEADS)
	$(COMPILE) -c -o $@ $<

%.o: %.cpp $(HEADS)
	$(COMPILE) -c -o $@ $<

%.o: %.c $(HEADS)
	$(CC) $(CALL) $(CFLAGS) -c -o $@ $<

# --- on the CPU ----------------------------------------------------------------

CXX    ?= g++
# Dereferencing misaligned or null pointers, and the like, end the program.
SANS   := -fsanitize=address,undefined -fno-sanitize-recover=all \
          -fno-omit-frame-pointer
SAN    ?= $(TAMP_SAN)
SUFFIX := $(if $(SAN),.san,.emu)
EMU    := -fPIC -Wall -DTAMP_EMULATE -DTAMP_EMU_WARP=$(WARP) \
          -Wno-unknown-pragmas -Wno-unused-function -Wno-unused-local-typedefs \
          $(if $(SAN),-O1 -g $(SANS),-O2 -g1)
EHEADS := $(HEADS) emu.h emu_api.h emu_fiber.h warp.h

EMULATED := main-emu main.emu main.san libmodel.emu.so libmodel.san.so

emulate: main$(SUFFIX)
	ln -sf $< main-emu

main$(SUFFIX): $(addsuffix $(SUFFIX).o,model $(HOST) emu emu_threads main)
	$(CXX) $(if $(SAN),$(SANS)) -o $@ $^ -lm

libmodel$(SUFFIX).so: $(addsuffix $(SUFFIX).o,model $(HOST) emu emu_threads)
	$(CXX) $(if $(SAN),$(SANS)) -shared -Wl,-Bsymbolic -o $@ $^ -lm

%$(SUFFIX).o: %.cu $(EHEADS)
	$(CXX) -std=gnu++17 $(EMU) -x c++ -c -o $@ $<

%$(SUFFIX).o: %.cpp $(EHEADS)
	$(CXX) -std=gnu++17 $(EMU) -c -o $@ $<

%$(SUFFIX).o: %.c $(EHEADS)
	$(CC) -std=gnu11 $(EMU) -c -o $@ $<
