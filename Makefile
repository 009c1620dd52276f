PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile pyproject.toml --group build --extra postgresql --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-package flowtrail --no-annotate --quiet \
	--custom-compile-command 'make lock' \
	$(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
# Three processes, also on two cores: many tests wait for a process of their own. Files stay whole, for what they share.
PYTEST := pytest -n $(or $(PROCESSES),3) --dist loadfile --no-loadscope-reorder
LOWEST := .venv/lowest

# Hundreds of Python processes start here: none should compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo check test format lint types imports fast unit lower-bounds lock release browser \
	bench bench-long bench-cases chaos fuzz oracle clean

## help: print this list
help:
	@sed -n 's/^## //p' Makefile | awk -F ': ' '{ printf "%-13s %s\n", $$1, substr($$0, length($$1) + 3) }'

## install: create .venv with Flowtrail and what it needs to run, at the locked versions
install: .venv/.installed

# Everything from the lock, by hash. The two packages of this folder have none, and are built with what is installed.
.venv/.installed: pyproject.toml sdk/pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Flowtrail needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable ./sdk --editable .
	@touch $@

## install-dev: add the tools for lint, types and tests
install-dev: .venv/.installed-dev

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

## demo: start Flowtrail and five demo systems, push orders through them; Ctrl-C stops everything
demo: install
	@$(BIN)/flowtrail demo

## check: lint, types, import directions, fast tests; run it before each commit
check: install-dev lint types imports fast

## test: lint, types, import directions, all tests; run it before a merge
test: install-dev lint types imports unit

## format: format the code and apply the linter's safe fixes
format: install-dev
	@$(BIN)/ruff check --quiet --fix --exit-zero .
	@$(BIN)/ruff format --quiet .

## lint: ruff, without changing anything
lint: install-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

## types: mypy
types: install-dev
	@$(BIN)/mypy --no-error-summary

## imports: dependencies point one way (import-linter)
imports: install-dev
	@$(BIN)/lint-imports --config pyproject.toml >/dev/null || $(BIN)/lint-imports --config pyproject.toml

## fast: the tests that are not marked slow (PROCESSES=3)
fast: install-dev
	@$(BIN)/$(PYTEST) -m 'not slow'

## unit: all tests (PROCESSES=3)
unit: install-dev
	@$(BIN)/$(PYTEST)

## lower-bounds: the fast tests with the oldest versions that pyproject.toml allows
lower-bounds: install-dev
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	@$(BIN)/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct --editable ./sdk --editable '.[dev]'
	@$(LOWEST)/bin/$(PYTEST) -m 'not slow'

## lock: write requirements.lock and requirements-dev.lock anew from pyproject.toml (UPGRADE=all or UPGRADE=<package>)
lock: install-dev
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

## release: build both wheels and sdists into dist/, check them, and try them in an empty environment
release: install-dev
	@rm -rf dist
	@$(BIN)/python -m hatchling build --directory $(CURDIR)/dist
	@cd sdk && ../$(BIN)/python -m hatchling build --directory $(CURDIR)/dist
	@$(BIN)/twine check --strict dist/*
	@.ci/try-release dist

## browser: install Chromium from Debian's packages, for the browser tests (needs root)
browser:
	apt-get update -qq
	apt-get install -y -qq chromium >/dev/null

## bench: measure this machine against the targets, half an hour
bench: install-dev
	@$(BIN)/python -m proof.bench all

## bench-long: the same with ten minutes of steady load
bench-long: install-dev
	@$(BIN)/python -m proof.bench all --seconds 600

## bench-cases: ten million spans in two million cases: find, read, fold, rebuild, count (SPANS=10000000)
bench-cases: install-dev
	@$(BIN)/python -m proof.bench cases --spans $(or $(SPANS),10000000) --json bench-cases.json

## chaos: kill, starve and damage a running collector, then count what is stored (MINUTES=5 SEED=... ROUNDS=... STORE=both)
chaos: install-dev
	@$(BIN)/python -m proof.chaos --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(STORE),--store $(STORE))

## fuzz: random and mutated requests for a while (MINUTES=5 SEED=...)
fuzz: install-dev
	@$(BIN)/python -m proof.fuzz --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

## oracle: import five real event logs into a fresh Flowtrail and compare every known figure (DATA=folder of the logs)
oracle: install-dev
	@test -n "$(DATA)" || { echo "Name the folder of the logs: make oracle DATA=…, see docs/verification.md"; exit 2; }
	@$(BIN)/python -m proof.oracle --data $(DATA)

## clean: remove .venv, caches and dist
clean:
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
