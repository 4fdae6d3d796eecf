# The same program on the CPU, by g++: see emu.h.  Included by the Makefile of a
# GPU's program, which says what HOST and HEADS are.

CXX    ?= g++
# Dereferencing misaligned or null pointers, and the like, end the program.
SANS   := -fsanitize=address,undefined -fno-sanitize-recover=all \
          -fno-omit-frame-pointer
SAN    ?= $(TAMP_SAN)
SUFFIX := $(if $(SAN),.san,.emu)
EMU    := -fPIC -Wall -DTAMP_EMULATE -DTAMP_EMU_WARP=$(WARP) \
          -Wno-unknown-pragmas -Wno-unused-function -Wno-unused-local-typedefs \
          $(if $(SAN),-O1 -g $(SANS),-O2 -g1)
EHEADS := $(HEADS) emu.h emu_api.h emu_fiber.h $(wildcard emu_headers.h) warp.h emulate.mk

EMULATED := main-emu main.emu main.san libmodel.emu.so libmodel.san.so

.PHONY: emulate
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
