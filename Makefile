# Two commands: `make demo` and `make test`. Each sets up what it needs; a second run is quick.
#
#   make demo                 load, resolve and serve the demonstration area on 127.0.0.1
#   make demo SERVE=no        the same, ending after a printed address check
#   make demo GRAPH=neo4j     the same on a real Neo4j instead of the embedded engine
#   make test                 every check and every test, Chromium and a real Neo4j included

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
SERVE ?= yes
GRAPH ?= embedded
DEMO_HOME ?= demo-home
BIN := .venv/bin
UV := 0.13.9
PIP_AUDIT := 2.10.1
# Compiled modules are kept, whatever the shell says: without them a command takes thrice as long to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check setup lock audit clean

help:
	@sed -n 's/^#   //p' Makefile

.venv/bin/uv:
	@tools/python-venv $(PYTHON)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

.venv/.product: .venv/bin/uv requirements.lock pyproject.toml
	@tools/system-packages compiler openmp
	@echo "Installing Kith and the packages it needs ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/.tools: .venv/.product requirements-dev.lock
	@echo "Installing the packages that the tests need ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/.tools
	@tools/system-packages chromium java maven postgres

demo: .venv/.product
ifeq ($(GRAPH),neo4j)
	@tools/system-packages java maven
	@$(BIN)/python -m tests.neo4j.server --home $(DEMO_HOME)-neo4j -- $(BIN)/kith demo --home $(DEMO_HOME) --serve $(SERVE)
else
	@$(BIN)/kith demo --home $(DEMO_HOME) --serve $(SERVE)
endif

check: .venv/.tools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: setup check
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

# For maintainers: make the lock files anew from pyproject.toml.
lock: .venv/bin/uv
	@tools/lock

# For maintainers, with internet: known weaknesses of the locked packages; it fails where there is one.
audit: .venv/bin/uv
	@$(BIN)/uv tool run --quiet --from pip-audit==$(PIP_AUDIT) pip-audit --strict --disable-pip --require-hashes \
	  --progress-spinner off -r requirements.lock || { echo "Not clean, or the list of weaknesses could not be reached: see above."; exit 1; }

clean:
	@rm -rf .venv build dist $(DEMO_HOME) $(DEMO_HOME)-neo4j
