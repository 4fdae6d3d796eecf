# tamp: see README.md.  Everything that is made lies under build/.
#
#   make            executables and the front in build/bin/
#   make deps       installs the Debian packages that are missing
#   make demo       the digits example, from model to program, on real images
#   make check      every test, last line "N passed, N failed, N skipped"
#   make help       the other targets

BUILD   := build
PREFIX  ?= /usr/local
VERSION := 0.1.0
CC      ?= cc
OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wno-missing-field-initializers -Wno-override-init
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DTAMP_VERSION='"$(VERSION)"' \
            -Ilib -I$(BUILD)/gen -include lib/base/banned.h
CFLAGS  += -std=c11 $(OPT) $(WARN) -fno-strict-aliasing $(SAN)
LDFLAGS += $(SAN)
LDLIBS  := -lyaml -lprotobuf-c -lm

TOOLS   := import partition schedule emit run
MODULES := base yaml ir op rkernel import partition policy verify emit

LIB_SRC := $(foreach m,$(MODULES),$(wildcard lib/$(m)/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/onnx.pb-c.o \
           $(BUILD)/obj/gen/registry.o
LIBTAMP := $(BUILD)/libtamp.a
BINS    := $(TOOLS:%=$(BUILD)/bin/tamp-%) $(BUILD)/bin/tamp

.PHONY: all
all: $(BINS) $(BUILD)/share


include $(wildcard mk/*.mk)

# --- generated sources ---------------------------------------------------

$(BUILD)/gen/onnx.pb-c.c $(BUILD)/gen/onnx.pb-c.h &: schemas/onnx.proto
	@mkdir -p $(@D)
	protoc-c --proto_path=schemas --c_out=$(BUILD)/gen $<

# Policies, importers, targets and operator families are files in a folder:
# the registry is the list of the files that are there.
$(BUILD)/gen/registry.c: mk/registry.sh $(wildcard lib/policy/*.c lib/op/*.c lib/import/*.c lib/emit/*.c)
	@mkdir -p $(@D)
	sh mk/registry.sh > $@.tmp && mv $@.tmp $@

# --- objects, library, executables -----------------------------------------

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/onnx.pb-c.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIBTAMP): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

.SECONDEXPANSION:
$(BUILD)/bin/tamp-%: $$(addprefix $(BUILD)/obj/,$$(addsuffix .o,$$(basename $$(wildcard cmd/$$*/*.c) cmd/share cmd/view))) $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/bin/tamp: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard cmd/tamp/*.c)) $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Data is found beside the executables: build/share/tamp here,
# PREFIX/share/tamp when installed.
$(BUILD)/share: | $(BINS)
	@mkdir -p $(BUILD)/share/tamp
	@for d in kernels devices runtime; do \
		ln -sfn $(CURDIR)/lib/$$d $(BUILD)/share/tamp/$$d; done

.PHONY: clean
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(LIB_OBJ:.o=.d) $(wildcard $(BUILD)/obj/cmd/*/*.d)
