# The main job on real input, without a GPU: examples/digits.

.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -C examples/digits \
		TAMP=$(abspath $(BUILD))/bin OUT=$(abspath $(BUILD))/digits
