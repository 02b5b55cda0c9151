# Everything a person needs to run, test and check Samovar. `make help` lists it.

PYTHON ?= python3
DATA ?= var
PORT ?= 8000
FAULT_ROUNDS ?= 100

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
WEB := src/samovar/edge/web
STAMPS := .venv/stamps

# Programs of the environment come first: also node, when it was installed there.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

ASSET_SOURCES := $(shell find $(WEB)/scripts $(WEB)/styles $(WEB)/images $(WEB)/icons.txt -type f 2>/dev/null)
MESSAGES := $(shell find $(WEB)/locale -name '*.po' 2>/dev/null)

.PHONY: help setup run split backends test check bench faults gen new-service lock format
.DEFAULT_GOAL := help

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/package $(STAMPS)/assets $(STAMPS)/messages ## install what is locked and build the assets; does nothing when all is current

run: setup ## start all in one, with sample content on the first start (DATA=var PORT=8000)
	@exec .venv/bin/samovar serve --data "$(DATA)" --port $(PORT) --demo

split: setup ## the same in six processes over PostgreSQL, Redis, Kafka and S3 (DATA=var PORT=8000)
	@$(PY) -m tools.split --data "$(DATA)/split" --port $(PORT)

backends: setup ## real PostgreSQL, Redis, Kafka and S3 alone, without containers
	@$(PY) -m tools.backends start --data "$(DATA)/backends"

test: setup ## run everything that can run on this machine
	@tools/browser.sh
	@$(PY) tools/test.py

check: setup ## style, types, import rules, and that generated files and documents are current
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --strict
	.venv/bin/lint-imports
	node_modules/.bin/tsc --project .
	$(PY) tools/messages.py check
	$(PY) tools/deploy_check.py
	@for tool in gen_contracts docs; do \
		if [ -f tools/$$tool.py ]; then echo "$(PY) tools/$$tool.py --check"; $(PY) tools/$$tool.py --check || exit 1; \
		else echo "tools/$$tool.py does not exist yet: left out"; fi; \
	done

bench: setup ## measure, print a table, write bench/out/latest.json
	@$(PY) -m bench

faults: setup ## kill and restart under load, FAULT_ROUNDS times
	@FAULT_ROUNDS=$(FAULT_ROUNDS) $(PY) -m pytest tests/faults --world embedded --timeout 3600
	@FAULT_ROUNDS=$(FAULT_ROUNDS) FAULT_RATE=150 $(PY) -m pytest -s tests/split --world split --timeout 7200

gen: setup ## write the generated contracts and documents anew
	@$(PY) tools/gen_contracts.py
	@if [ -f tools/docs.py ]; then $(PY) tools/docs.py; fi

new-service: setup ## make the skeleton of a service (NAME=recipes)
	@$(PY) tools/new_service.py $(NAME)

format: setup ## put the code in its shape
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: $(STAMPS)/python ## choose newest versions and write the lock files (fetches the resolver itself)
	@tools/lock.sh

# --- what `setup` is made of -------------------------------------------------------------------

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Samovar needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv

$(STAMPS)/python: requirements-dev.lock | $(PY)
	@echo "installing Python packages"
	@mkdir -p $(STAMPS)
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/python
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Node builds the assets. Where it is missing or old, a Python package brings it.
$(STAMPS)/node: requirements-node.lock $(STAMPS)/python
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null \
		&& npm --version >/dev/null 2>&1 \
		|| { echo "installing Node"; $(PIP) install --require-hashes -r requirements-node.lock; }
	@touch $@

$(STAMPS)/npm: package.json package-lock.json .npmrc $(STAMPS)/node
	@echo "installing front-end packages"
	@npm ci --silent
	@touch $@

$(STAMPS)/assets: $(STAMPS)/npm tools/assets.py $(ASSET_SOURCES)
	@$(PY) tools/assets.py
	@touch $@

$(STAMPS)/messages: $(STAMPS)/python $(wildcard tools/messages.py) $(MESSAGES)
	@if [ -f tools/messages.py ]; then $(PY) tools/messages.py compile; fi
	@touch $@
