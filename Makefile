# Needs Python 3.11 or later, make, and the network for pip and npm; everything else is made here.
#
#   make demo    run examples/quickstart.py (no Node.js needed)
#   make test    every check: ruff, mypy, pyright, pytest
#   make lint    the same without pytest
#   make matrix  the compatibility matrix: every compiler, runtime and optimisation, into docs/compatibility.md
#   make bench   print the benchmark table
#   make clean   remove everything that was made

PYTHON ?= python3

BIN     := .venv/bin
NPM_BIN := tests/assembly/node_modules/.bin
SOURCES := $(wildcard wasmbind tests examples benchmarks)

# Stamps: a step is done again only when what it reads has changed.
VENV    := .venv/.made
PACKAGE := .venv/.package
DEV     := .venv/.dev
NODE    := tests/assembly/node_modules/.made
MATRIX  := tests/matrix/node_modules/.made
MYPYS   := .cache/mypy-versions.made

# .venv/bin comes first: the Node.js that scripts/setup-node may have linked there is found by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test bench matrix lint format clean venv node

demo: $(PACKAGE)
	$(BIN)/python examples/quickstart.py

test: lint $(MYPYS)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(DEV) $(NODE)
	$(BIN)/ruff check -q $(SOURCES)
	$(BIN)/ruff format -q --check $(SOURCES)
	$(BIN)/mypy --strict $(SOURCES)
	$(NPM_BIN)/pyright

bench: $(DEV) $(NODE)
	$(BIN)/python -m benchmarks

matrix: $(DEV) $(NODE) $(MATRIX)
	WASMBIND_MATRIX=1 $(BIN)/python -m pytest -q tests/integration/test_matrix.py tests/integration/test_transform_*.py \
		tests/integration/test_abis.py tests/integration/test_abis_*.py tests/unit/test_evidence.py \
		--junitxml=.cache/matrix.xml -o junit_family=xunit1
	$(BIN)/python scripts/matrix-table .cache/matrix.xml docs/compatibility.md

format: $(DEV)
	$(BIN)/ruff check -q --fix-only $(SOURCES)
	$(BIN)/ruff format -q $(SOURCES)

clean:
	rm -rf .venv .cache .hypothesis build dist tests/assembly/node_modules tests/matrix/node_modules
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

venv: $(DEV)
node: $(NODE)

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wasmbind needs Python 3.11 or later: make PYTHON=...")'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	touch $@

$(PACKAGE): pyproject.toml | $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

$(DEV): pyproject.toml requirements/dev.txt | $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e . -r requirements/dev.txt
	touch $@ $(PACKAGE)

$(NODE): tests/assembly/package.json tests/assembly/package-lock.json requirements/node.txt scripts/setup-node $(VENV)
	scripts/setup-node tests/assembly
	touch $@

$(MYPYS): scripts/mypy-versions $(DEV)
	scripts/mypy-versions
	touch $@

$(MATRIX): tests/matrix/package.json tests/matrix/package-lock.json $(NODE)
	scripts/setup-node tests/matrix
	touch $@
