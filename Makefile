# Two commands matter: `make demo` and `make test`. Both do all the set-up on a Debian 12 machine with Python 3.11, make and git.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Debian's own Python is built with optimisations that others often lack; it serves where it can make an environment.
PYTHON ?= $(shell /usr/bin/python3.11 -c 'import ensurepip' 2>/dev/null && echo /usr/bin/python3.11 || echo python3)
PORT ?= 8000
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test checks lint types contracts catalogues migrations principles unit tools screenshots bench lock clean

help: ## what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Colloque needs Python 3.11 or newer; $$($(PYTHON) --version) is here. Set PYTHON=/path/to/python3.11." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp per set of requirements: nothing is installed twice.
$(VENV)/.demo: $(BIN)/python requirements/runtime.txt requirements/build.txt pyproject.toml
	$(BIN)/python -m pip install -q --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.demo requirements/test.txt requirements/train.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/train.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/bench.txt
	@touch $@

demo: $(VENV)/.demo ## serve the fictional establishment on 127.0.0.1:8000 (PORT=…)
	@$(BIN)/python -m tools.messages compile
	@exec $(BIN)/colloque demo --port $(PORT)

test: $(VENV)/.test tools catalogues ## everything a change must pass
	@$(MAKE) --no-print-directory -j 2 -O checks
	@$(MAKE) --no-print-directory unit

checks: lint types contracts migrations principles # what needs no test to run, side by side

tools: ## Debian's chromium and golang, where this user may install them
	@bash tools/install_test_tools.sh

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

contracts: $(VENV)/.test
	$(BIN)/lint-imports --no-cache

catalogues: $(VENV)/.test
	$(BIN)/python -m tools.messages compile
	$(BIN)/python -m tools.messages check

migrations: $(VENV)/.test
	DJANGO_SETTINGS_MODULE=colloque.config.settings $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run

principles: $(VENV)/.test
	$(BIN)/python -m tools.principles --check

unit: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

screenshots: $(VENV)/.test tools ## the pictures of the README, from the demo
	$(BIN)/python -m tools.screenshots

bench: $(VENV)/.bench ## run every benchmark and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: $(VENV)/.test ## make the locked requirements anew
	cd requirements && for name in runtime build test bench train; do ../$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe --no-header -o $$name.txt $$name.in || exit 1; done

clean: ## remove what these commands made here
	rm -rf $(VENV) .state .mypy_cache .ruff_cache .pytest_cache .hypothesis
