# `make demo` and `make test` each do all their own set-up on a fresh clone.

PYTHON ?= python3
OUT ?= out
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PACKAGE := $(VENV)/.package
ASSETS := static/vendor/fetched.sha256

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo app test lint clean help

help:
	@echo "make demo   set up, build and plan the demo precinct into $(OUT)/, open the app"
	@echo "make app    set up, open the app"
	@echo "make test   set up, check style, types and floors, run every test"
	@echo "make lint   check style, types and floors only"
	@echo "make clean  remove everything set-up and running made"

demo: $(RUNTIME) $(PACKAGE) $(ASSETS)
	$(BIN)/patrolmap demo --out $(OUT)

app: $(RUNTIME) $(PACKAGE) $(ASSETS)
	$(BIN)/patrolmap app

test: lint $(ASSETS)
	@tools/system_deps.sh
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(DEV) $(PACKAGE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) node_modules static/vendor $(OUT)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "patrolmap needs Python 3.11 or newer; '$(PYTHON)' is not." >&2; \
	    echo "Install one and name it: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	    echo "Could not make $(VENV). On Debian and Ubuntu: apt install python3-venv" >&2; \
	    rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements.lock | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Both locks carry the build tools, and targets name their lock before the package.
$(PACKAGE): pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(ASSETS): package.json package-lock.json .npmrc tools/fetch_assets.py | $(BIN)/python
	$(BIN)/python tools/fetch_assets.py
