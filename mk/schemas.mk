# What is made from the field tables in lib/ir: schemas/ (committed; a test
# compares), the section-5 man pages; and man pages and completion as a whole.

DESCRIBE := $(BUILD)/gen/describe

$(DESCRIBE): $(BUILD)/obj/mk/describe.o $(LIBTAMP)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: schemas
schemas: $(DESCRIBE)
	$(DESCRIBE) schema schemas

# The same beside the build, for the test to compare with.
$(BUILD)/schemas.stamp: $(DESCRIBE)
	@mkdir -p $(BUILD)/schemas
	$(DESCRIBE) schema $(BUILD)/schemas
	@touch $@

# --- man pages -------------------------------------------------------------

MAN1 := $(patsubst %,$(BUILD)/man/%,$(notdir $(wildcard cmd/*/*.1)))
MAN5 := $(patsubst lib/ir/%.5.in,$(BUILD)/man/%.5,$(wildcard lib/ir/*.5.in))
MAN7 := $(patsubst %,$(BUILD)/man/%,$(notdir $(wildcard lib/*/*.7)))

.PHONY: man
man: $(MAN1) $(MAN5) $(MAN7)

$(BUILD)/man/%.5: lib/ir/%.5.in $(DESCRIBE) $(wildcard lib/ir/example/*.yaml)
	@mkdir -p $(@D)
	$(DESCRIBE) page $< > $@.tmp && mv $@.tmp $@

define copy_page
$(BUILD)/man/$(notdir $(1)): $(1)
	@mkdir -p $$(@D)
	cp $$< $$@
endef
$(foreach p,$(wildcard cmd/*/*.1) $(wildcard lib/*/*.7),$(eval $(call copy_page,$(p))))

# --- shell completion --------------------------------------------------------

COMPLETION := $(BUILD)/share/bash-completion/completions/tamp

.PHONY: completion
completion: $(COMPLETION)

$(COMPLETION): mk/completion.sh $(BINS)
	@mkdir -p $(@D)
	sh mk/completion.sh $(BUILD)/bin $(TOOLS) > $@.tmp && mv $@.tmp $@
