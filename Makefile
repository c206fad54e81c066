# `make run` and `make test` need Python 3.11 or newer and make, nothing else: the first one
# called sets up $(VENV). uv is used where it is installed, plain venv and pip where it is not.

PYTHON ?= $(shell .ci/python-for 3.11 3.12 3.13 || echo python3)
VENV ?= .venv
DEMO ?= all

UV := $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PROJECTS := . plugins/smoothie-extra

.DEFAULT_GOAL := help
.PHONY: help run test install lint fmt typecheck bench bench-here storm storm-here compat docs-made docs-build docs-serve coverage lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## run the tour, or one step of it: make run DEMO=wrapper
	@$(BIN)/hotplug-tour run $(DEMO)

test: $(READY) ## run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

install: $(READY) ## set up the library, the tour and the example plugins for development

lint: typecheck ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check

fmt: $(READY) ## mend what ruff can, and format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

typecheck: $(READY) ## check the types with mypy and pyright
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(READY) ## print the benchmarks' ratios on each Python that is on this machine
	@MAKE=$(MAKE) .ci/each-python bench-here 3.11 3.12 3.13

bench-here: $(READY)
	@$(BIN)/python -m benchmarks

storm: $(READY) ## reload a plugin while threads and tasks call it, millions of times, on each Python
	@MAKE=$(MAKE) .ci/each-python storm-here 3.11 3.12 3.13

storm-here: $(READY)
	@$(BIN)/python -m benchmarks.storm --seconds 60
	@$(BIN)/python -m benchmarks.host_storm --calls 5000000

compat: $(READY) ## run suites of others, on pluggy and on hotplug, or some: make compat SUITE="tox pytest"
	@$(BIN)/python -m compat --keep-going $(SUITE:%=--suite %)

docs-made: $(READY) ## draw the pictures of the docs anew, and write what they show of the code's tables
	@$(BIN)/python -m docs_from_code

docs-build: $(READY) ## build the docs into site/, strictly
	$(BIN)/zensical build --clean --strict

docs-serve: $(READY) ## serve the docs while you write them
	$(BIN)/zensical serve

coverage: $(READY) ## run the tests and report branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lock: ## choose new versions for dev.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes \
		--upgrade --no-emit-index-url --custom-compile-command "make lock" --output-file dev.lock

clean: ## remove all that make has made
	rm -rf .venv .venvs site build dist .coverage .coverage.* htmlcov
	rm -rf .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# Touched last: a setup that was interrupted is done again.
$(READY): pyproject.toml dev.lock $(wildcard plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "hotplug needs Python 3.11 or newer; '$(PYTHON)' is not. Name one: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; }
ifdef UV
	@echo "setting up $(VENV) with uv"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(PROJECTS:%=-e %)
else
	@echo "setting up $(VENV) with pip, which takes a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation $(PROJECTS:%=-e %)
endif
	@touch $@
