# Emitted programs on a GPU, and what ptxas says of them without one.

# The six models of the paper and the tests of tests/gpu on this machine's GPU.
# It needs nvcc and Python with PyTorch.  Where packages cannot be had, make
# gpu-pack elsewhere first, bring build/gpu-pack, and name it: make gpu
# PACK=build/gpu-pack.  It holds the tools, linked statically, and the models
# without their weights, which are generated.
PACK ?= $(BUILD)/gpu-pack

.PHONY: gpu gpu-pack registers
gpu: $(if $(findstring command,$(origin PACK)),,gpu-pack)
	@status=0; $(MAKE) --no-print-directory -C $(PACK) \
		OUT=$(abspath $(BUILD))/gpu || status=1; \
	DEVICE=$(abspath $(BUILD))/gpu/device.yaml BUILD=$(PACK) \
		sh tests/run.sh tests/gpu/gpu || status=1; exit $$status

gpu-pack: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/static LDFLAGS=-static all
	@rm -rf $(PACK) $(PACK).part
	@mkdir -p $(PACK).part/bin
	@for t in $(notdir $(BINS)); do \
		strip -o $(PACK).part/bin/$$t $(BUILD)/static/bin/$$t || exit 1; done
	@cp -rL $(BUILD)/static/share $(PACK).part
	@cp examples/rammer/gpu/*.py examples/rammer/gpu/Makefile $(PACK).part
	@$(RAMMER) PYTHON=/usr/bin/python3 GRAPHS=$(abspath $(PACK)).part/graphs \
		MODELS='$(BENCH)' gpu-graphs
	@mv $(PACK).part $(PACK)
	@du -sh $(PACK)

# Registers and spilled bytes of every CUDA instance of the example and of the
# small models; and what nvcc takes for the six at full size.  DEVICE: which
# device's candidates.
DEVICE ?= h200
registers: deps
	@$(MAKE) --no-print-directory all
	@for m in examples/digits/digits.onnx tests/e2e/models/*.onnx; do \
		d=$(BUILD)/registers/$$(basename $$m .onnx); mkdir -p $$d && \
		PATH=$(abspath $(BUILD))/bin:$$PATH && \
		tamp-import -o $$d/graph.yaml $$m && \
		tamp-partition -d $(DEVICE) -o $$d/tasks.yaml $$d/graph.yaml && \
		tamp-schedule -p wavefront -o $$d/plan.yaml $$d/tasks.yaml && \
		tamp-emit -o $$d/program $$d/plan.yaml && \
		$(MAKE) -s -C $$d/program registers || exit 1; \
	done | sort -rn | uniq
	@$(RAMMER) PYTHON=/usr/bin/python3 GPU=$(DEVICE) registers
