# Needs make and Python 3.11 or later; everything else goes into .venv, in the versions that constraints.txt names.
#   PYTHON  the interpreter that .venv is made from:  make test PYTHON=python3.12
#   ARGS    more for pytest:                          make test ARGS="-k book -x"

PYTHON ?= python3
ARGS ?=
# two processes share the tests out by module; benchmarks are never part of them
ABREAST = --numprocesses 2 --dist loadscope --benchmark-disable
VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --disable-pip-version-check --quiet --quiet --constraint constraints.txt
CORE = $(VENV)/installed-core
INPUTS = pyproject.toml constraints.txt

.DEFAULT_GOAL = help
.PHONY: help install dev demo test slow lint format notebooks docs golden clean
.DELETE_ON_ERROR:
.SECONDARY:

help: ## list what can be made
	@sed -n 's/^\([a-z%-]*\):.*## \(.*\)/\1: \2/p' Makefile

install: $(CORE) ## put keystay and its libraries into .venv

dev: $(VENV)/installed-dev ## put in everything that development needs

demo: $(CORE) ## run the demonstration
	$(BIN)/keystay demo

test: $(VENV)/installed-test $(CORE) ## run the tests, but for those that take long
	$(BIN)/python -m pytest $(ABREAST) -m "not slow" $(ARGS)

slow: $(VENV)/installed-test $(CORE) ## run the tests that take long: the demonstration's answer, published problems, long validation
	$(BIN)/python -m pytest $(ABREAST) -m slow $(ARGS)

lint: $(VENV)/installed-lint ## check style, types, the direction of imports, and that notebooks hold no outputs
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	@for notebook in notebooks/*.ipynb; do \
		test ! -e "$$notebook" || $(BIN)/nbstripout --verify "$$notebook" || exit 1; \
	done

format: $(VENV)/installed-lint ## mend what ruff can mend, and empty the notebooks' outputs
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	@for notebook in notebooks/*.ipynb; do \
		test ! -e "$$notebook" || $(BIN)/nbstripout "$$notebook" || exit 1; \
	done

notebooks: $(VENV)/installed-test $(CORE) ## execute every notebook and leave the files as they are
	@for notebook in notebooks/*.ipynb; do \
		test -e "$$notebook" || { echo "no notebooks"; continue; }; \
		PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter-execute --timeout=600 "$$notebook" || exit 1; \
	done

docs: $(VENV)/installed-docs ## build the documentation; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench-%: $(VENV)/installed-bench ## run benchmarks/bench_%.py, as in make bench-market
	$(BIN)/python -m pytest -s benchmarks/bench_$*.py $(ARGS)

golden: $(VENV)/installed-test ## refresh the golden figures after a change that means to move them
	$(BIN)/python -m pytest tests/golden --refresh-golden

clean: ## remove caches and builds, but neither .venv nor results
	rm -rf build dist docs/_build docs/jupyter_execute .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks \
		.import_linter_cache
	find . \( -name .git -o -name .venv -o -name results \) -prune -o \
		\( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# A stamp tells what .venv holds, so that nothing is installed twice until pyproject.toml or constraints.txt change.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Keystay needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(CORE): $(INPUTS) | $(BIN)/python
	@echo "installing keystay into $(VENV)"
	@$(PIP) --editable .
	@echo "compiling the market, once"
	@$(BIN)/keystay optimize building -s solver.method=decomposition > /dev/null
	@touch $@

$(VENV)/installed-%: $(INPUTS) | $(BIN)/python
	@echo "installing keystay[$*] into $(VENV)"
	@$(PIP) --editable ".[$*]"
	@touch $@
