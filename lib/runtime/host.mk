# Builds an emitted host model: the program "main" and the library
# "libmodel.so" (see model.h).  Made by tamp-emit, which copies this file.
#
#   make            both
#   make tsan       main-tsan, under ThreadSanitizer
#   make asan       main-asan, under Address- and UndefinedBehaviorSanitizer
#   make clean      removes what was built

include arch.mk			# ARCH: the instruction set, as for -march

CC     ?= cc
OPT    ?= -O3
# What is not the model's kernels need not be compiled long.
main.o model_io.o model_common.o host_memory.o host_cpus.o: OPT := -O1
host.o: OPT := -O2
# NaN and infinity keep their meaning; errno and traps are not looked at.
CFLAGS ?= -g1
FLAGS  := -std=gnu11 $(if $(ARCH),-march=$(ARCH)) -fno-math-errno \
          -fno-trapping-math -ffp-contract=fast -fno-strict-aliasing \
          -fPIC -fvisibility=hidden -pthread -Wall -Wno-unknown-warning-option
LIBS   := -lm -pthread
SAN_T  := -fsanitize=thread
SAN_A  := -fsanitize=address,undefined -fno-sanitize-recover=undefined

LIB    := model host host_memory host_cpus model_common model_io
HEADS  := host.h host_model.h host_clock.h host_cpus.h map.h model.h model_common.h \
          model_io.h tamp_table.h

.PHONY: all tsan asan clean
all: main libmodel.so

tsan: main-tsan
asan: main-asan

main: $(LIB:%=%.o) main.o
	$(CC) -o $@ $^ $(LIBS)

libmodel.so: $(LIB:%=%.o)
	$(CC) -shared -Wl,-Bsymbolic -o $@ $^ $(LIBS)

main-tsan: $(LIB:%=%.tsan.o) main.tsan.o
	$(CC) $(SAN_T) -o $@ $^ $(LIBS)

main-asan: $(LIB:%=%.asan.o) main.asan.o
	$(CC) $(SAN_A) -o $@ $^ $(LIBS)

%.o: %.c $(HEADS) Makefile arch.mk
	$(CC) $(FLAGS) $(OPT) $(CFLAGS) -c -o $@ $<

%.tsan.o: %.c $(HEADS) Makefile arch.mk
	$(CC) $(FLAGS) -O1 -g $(SAN_T) -c -o $@ $<

%.asan.o: %.c $(HEADS) Makefile arch.mk
	$(CC) $(FLAGS) -O1 -g $(SAN_A) -c -o $@ $<

clean:
	rm -f main main-tsan main-asan libmodel.so *.o
