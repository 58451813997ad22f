# Two commands do everything on a fresh machine: `make demo` and `make test`. Both set up .venv first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export TOKENIZERS_PARALLELISM := false

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 13), f"Python 3.11 or 3.12 is needed, this is {sys.version}: make PYTHON=python3.11 ..."'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

.PHONY: help setup demo drift-demo test lint format up bench lock clean
help:  ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## .venv with everything, from constraints.txt

demo: $(READY)  ## set up, train on the bundled news corpus, say what was learned
	$(BIN)/evertopic train demo

drift-demo: $(READY)  ## the whole loop in minutes, asserted: drift, retraining, gate, release, rollback
	$(BIN)/python -m demos.drift

test: $(READY)  ## set up and run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tasks flows serving demos
	PYTHONPATH=. $(BIN)/lint-imports --no-cache

format: $(READY)  ## mend the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

up: $(READY)  ## the whole system on this machine: Prefect, MLflow, a worker with the deployments, the API
	$(BIN)/evertopic up

bench: $(READY)  ## every benchmark; tables on the screen, figures in benchmarks/results
	for name in search encode overhead memory budget identity identity_papers drift drift_streams same_data serving_latency serving_load serving_memory serving_batch; do OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.$$name || exit 1; done

lock:  ## write constraints.txt anew from the newest allowed versions
	rm -rf .lock-venv && $(PYTHON) -m venv .lock-venv
	.lock-venv/bin/pip install --quiet --editable '.[dev]'
	{ echo '# Written by `make lock`: every version that `make` installs.'; \
	  .lock-venv/bin/pip freeze --exclude-editable | sed 's/^\(torch==[0-9.]*\)+cpu/\1/'; } > constraints.txt
	rm -rf .lock-venv

clean:  ## forget everything that was made here, the environment too
	rm -rf $(VENV) .evertopic .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
