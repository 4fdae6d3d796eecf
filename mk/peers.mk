# What the results are measured against: ONNX Runtime, in a Python environment
# of its own under build/.

PEER_DEPS := python3 python3-venv
VENV      := $(BUILD)/venv
BENCH     ?= lstm seq2seq deepspeech2 resnext nasnet alexnet

$(VENV)/stamp: mk/peers.txt mk/deps.sh
	sh mk/deps.sh $(PEER_DEPS)
	rm -rf $(VENV)
	/usr/bin/python3 -m venv $(VENV)
	$(VENV)/bin/pip install -q --disable-pip-version-check -r mk/peers.txt
	@touch $@

RAMMER := $(MAKE) --no-print-directory -C examples/rammer \
          TAMP=$(abspath $(BUILD))/bin OUT=$(abspath $(BUILD))/rammer \
          PYTHON=$(abspath $(VENV))/bin/python

# The six models of the paper at full size: right, and how fast.
.PHONY: rammer bench
rammer: deps $(VENV)/stamp
	@$(MAKE) --no-print-directory all
	@$(RAMMER) check predict

bench: deps $(VENV)/stamp
	@$(MAKE) --no-print-directory all
	@$(RAMMER) bench MODELS='$(BENCH)'

# The paper's experiments, all points of the matrix: see examples/rammer.
.PHONY: matrix
matrix: deps $(VENV)/stamp
	@$(MAKE) --no-print-directory all
	+@$(RAMMER) matrix
