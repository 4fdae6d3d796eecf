# Emitted programs on a GPU, and what ptxas says of them without one.

.PHONY: gpu registers
gpu: deps
	@$(MAKE) --no-print-directory all
	BUILD=$(BUILD) sh tests/run.sh tests/gpu/

# Registers and spilled bytes of every CUDA instance of the example and of the
# small models.  DEVICE: which device's candidates.
DEVICE ?= h200
registers: all
	@for m in examples/digits/digits.onnx tests/e2e/models/*.onnx; do \
		d=$(BUILD)/registers/$$(basename $$m .onnx); mkdir -p $$d && \
		PATH=$(abspath $(BUILD))/bin:$$PATH && \
		tamp-import -o $$d/graph.yaml $$m && \
		tamp-partition -d $(DEVICE) -o $$d/tasks.yaml $$d/graph.yaml && \
		tamp-schedule -p wavefront -o $$d/plan.yaml $$d/tasks.yaml && \
		tamp-emit -o $$d/program $$d/plan.yaml && \
		$(MAKE) -s -C $$d/program registers || exit 1; \
	done | sort -rn | uniq
