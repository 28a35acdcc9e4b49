# make run    everything on this machine, ready to try
# make test   all tests
# make check  style, types, architecture
# make bench  speed, measured against peers and limits
# make mutate the decision point changed in one place at a time: does a test notice?

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench mutate setup lock clean

run: setup
	@$(BIN)/samspill run $(ARGS)

test: setup
	@$(BIN)/python scripts/test $(ARGS)

check: setup
	@$(BIN)/python scripts/check $(ARGS)

bench: setup
	@$(BIN)/python -m bench $(ARGS)

mutate: setup
	@$(BIN)/python scripts/mutate.py $(ARGS)

setup:
	@$(PYTHON) scripts/setup

lock: setup
	@$(BIN)/python scripts/lock

clean:
	rm -rf $(VENV) node_modules .cache src/samspill/site/staticfiles src/samspill/site/static/vendor
