PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

# Hundreds of Python processes start here: none should compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install install-dev demo test lint types imports unit browser bench bench-long bench-cases chaos fuzz oracle clean

## install: create .venv with both distributions at the versions of constraints.txt
install: .venv/.installed

.venv/.installed: pyproject.toml sdk/pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Flowtrail needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(PIP) install --constraint constraints.txt --editable ./sdk --editable .
	@touch $@

install-dev: .venv/.installed-dev

.venv/.installed-dev: .venv/.installed
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@

## demo: start Flowtrail and the five demo systems, push orders through them; Ctrl-C stops everything
demo: install
	@$(BIN)/flowtrail demo

## test: lint, types, import directions, all tests
test: install-dev lint types imports unit

lint: install-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: install-dev
	@$(BIN)/mypy --no-error-summary

imports: install-dev
	@$(BIN)/lint-imports --config pyproject.toml >/dev/null || $(BIN)/lint-imports --config pyproject.toml

# Three processes, also on two cores: many tests wait for a process of their own. Files stay whole, for what they share.
unit: install-dev
	@$(BIN)/pytest -n $(or $(PROCESSES),3) --dist loadfile --no-loadscope-reorder

## browser: install Chromium from Debian's packages, for the browser test (needs root)
browser:
	apt-get update -qq
	apt-get install -y -qq chromium >/dev/null

## bench: measure this machine against the targets, half an hour; bench-long: with ten minutes of steady load
bench: install-dev
	@$(BIN)/python -m proof.bench all

bench-long: install-dev
	@$(BIN)/python -m proof.bench all --seconds 600

## bench-cases: ten million spans in two million cases: find, tell, fold, rebuild, count (SPANS=10000000)
bench-cases: install-dev
	@$(BIN)/python -m proof.bench cases --spans $(or $(SPANS),10000000) --json bench-cases.json

## chaos: kill, starve and damage a running collector, then count what is stored (MINUTES=5 SEED=... ROUNDS=... STORE=both)
chaos: install-dev
	@$(BIN)/python -m proof.chaos --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(STORE),--store $(STORE))

## fuzz: random and mutated requests for a while (MINUTES=5 SEED=...)
fuzz: install-dev
	@$(BIN)/python -m proof.fuzz --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

## oracle: import five real event logs into a fresh Flowtrail and compare every known figure of them (DATA=folder of the logs)
oracle: install-dev
	@test -n "$(DATA)" || { echo "Name the folder of the logs: make oracle DATA=…, see docs/verification.md"; exit 2; }
	@$(BIN)/python -m proof.oracle --data $(DATA)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
