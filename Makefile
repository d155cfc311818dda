# Weerklank: `make` shows what there is.
PYTHON ?= python3
WEERKLANK_PORT ?= 8000
WEERKLANK_DATA ?= ./data
export WEERKLANK_PORT WEERKLANK_DATA
# Where this is set, every command compiles all that it loads anew: 3 s instead of 1, and the tests start some hundreds.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
AXE_VERSION := 4.14.1
BIN := .venv/bin
RUN_STAMP := .venv/.run
TEST_STAMP := .venv/.test
SERVE = $(BIN)/python -m tests.emulators.serve --demo --port $$(($(WEERKLANK_PORT) + 101))
PO := $(wildcard app/locale/*/LC_MESSAGES/weerklank.po)
MO := $(PO:.po=.mo)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run stop test check bench clean chaos screens docs translations lock tools database-15

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(TEST_STAMP) $(MO) ## make .venv with everything for running and testing

run: $(if $(SERVICES),$(TEST_STAMP),$(RUN_STAMP)) $(MO) ## start Weerklank with example data on http://127.0.0.1:$WEERKLANK_PORT (8000); SERVICES=1 for emulated services beside it
	@mkdir -p "$(WEERKLANK_DATA)"
	@echo $$$$ > "$(WEERKLANK_DATA)/make-run.pid" $(if $(SERVICES),&& { $(SERVE) & echo $$! > "$(WEERKLANK_DATA)/make-services.pid"; }) && \
		exec $(BIN)/weerklank serve --demo

stop: ## stop a running `make run` in order, its database last
	@sh .ci/stop "$(WEERKLANK_DATA)"

test: $(TEST_STAMP) $(MO) tests/.tools/node_modules/axe-core/axe.min.js ## run the tests (under 10 minutes on 2 cores)
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

check: $(TEST_STAMP) $(MO) ## formatting, lint, types, import rules
	$(BIN)/ruff format --check app tests migrations
	$(BIN)/ruff check app tests migrations
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TEST_STAMP) $(MO) ## measure speed and memory; the figures in docs/performance.md come from here
	$(BIN)/weerklank bench

chaos: $(TEST_STAMP) $(MO) ## long runs with kills, outages and full disks
	$(BIN)/python -m pytest -q -m chaos

screens: $(TEST_STAMP) $(MO) ## pictures of the pages, in build/screens
	$(BIN)/python -m pytest -q -m screens

docs: $(TEST_STAMP) ## write the table of what each channel can do into docs/channels.md
	$(BIN)/python -m tests.docs.capabilities

translations: $(TEST_STAMP) ## add new texts at the end of the Dutch catalogue, to be translated there
	$(BIN)/python -m tests.docs.texts
	$(MAKE) --no-print-directory $(MO)

lock: | .venv/bin/uv ## choose the newest versions that pyproject.toml allows, with their hashes
	VIRTUAL_ENV=.venv $(BIN)/uv -q pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		pyproject.toml -o requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv -q pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

tools: tests/.tools/node_modules/axe-core/axe.min.js ## the accessibility rules that the page tests apply

database-15: $(TEST_STAMP) ## the database part of the tests against an installed PostgreSQL 15
	sh .ci/postgresql15 $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "database and not chaos and not screens"

clean: stop ## remove what was made, data and environment included
	rm -rf .venv build dist "$(WEERKLANK_DATA)" tests/.tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find app tests migrations -name __pycache__ -prune -exec rm -rf {} +
	find app -name '*.mo' -delete

.venv/bin/uv:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'Install the venv module of Python first (on Debian: apt-get install python3-venv).' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check uv==$(UV_VERSION)

# `run` needs a third of what `test` needs; after `install` both are there, and neither undoes the other.
$(RUN_STAMP): requirements.lock pyproject.toml | .venv/bin/uv
	@test -e $(TEST_STAMP) || VIRTUAL_ENV=.venv $(BIN)/uv -q pip sync --require-hashes requirements.lock
	@test -e $(TEST_STAMP) || VIRTUAL_ENV=.venv $(BIN)/uv -q pip install --no-deps -e .
	@test ! -e $(TEST_STAMP) || $(MAKE) --no-print-directory $(TEST_STAMP)
	@touch $@

$(TEST_STAMP): requirements-dev.lock pyproject.toml | .venv/bin/uv
	VIRTUAL_ENV=.venv $(BIN)/uv -q pip sync --require-hashes requirements-dev.lock
	VIRTUAL_ENV=.venv $(BIN)/uv -q pip install --no-deps -e .
	@touch $@ $(RUN_STAMP)

%.mo: %.po | $(RUN_STAMP)
	$(BIN)/pybabel -q compile -i $< -o $@

tests/.tools/node_modules/axe-core/axe.min.js:
	@command -v npm >/dev/null || { echo 'Install npm first (on Debian: apt-get install npm); page tests are skipped without it.' >&2; \
		test -z "$$CI"; }
	@mkdir -p tests/.tools
	@! command -v npm >/dev/null || npm install --prefix tests/.tools --silent --no-audit --no-fund --no-save axe-core@$(AXE_VERSION)
