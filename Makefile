# Needs python3.11 and make; everything else comes into .venv. `make run` is all that a newcomer needs.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed

# Where the environment says that nothing compiled is kept, every run would compile and rewrite all tests anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run reset test test-one test-long fix check schema features demo chaos bench bench-alerts bench-feed bench-peers bench-steps lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install: $(INSTALLED) ## everything into .venv, once per lock

# Debian may lack the venv module's own pip; the machine's then does the same.
$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on this machine: install Python 3.11, or say make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@echo "Installing into .venv, once ..."
	@$(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip .venv
	@PIP="$(BIN)/python -m pip"; test -x $(BIN)/pip || PIP="$(PYTHON) -m pip --python $(BIN)/python"; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore; \
	$$PIP install -qq --require-hashes -r requirements.lock && \
	$$PIP install -qq --no-deps --no-build-isolation -e .
	@touch $@

run: $(INSTALLED) ## a database, demo data, the server
	@exec $(BIN)/hushi run

reset: $(INSTALLED) ## the demo data as on the first day; stop the server first
	@$(BIN)/hushi reset

test: $(INSTALLED) ## all tests at the small figures, on a worker a core, each with a database of its own
	@$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not long"

test-one: $(INSTALLED) ## the tests of FILE=tests/...
	@$(BIN)/pytest -q -m "not long" $(FILE)

fix: $(INSTALLED) ## what ruff can put right by itself
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

test-long: $(INSTALLED) ## all tests at the large figures
	@HUSHI_TEST_LONG=1 $(BIN)/pytest -q

check: $(INSTALLED) ## style, types, imports, schema
	@$(BIN)/ruff format --check --quiet || { echo "the format is not right: make fix"; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.venv/.imports 2>&1 || { cat .venv/.imports; exit 1; }
	@$(BIN)/hushi schema --check
	@echo "check: all good"

schema: $(INSTALLED) ## write graph/schema.graphql
	@$(BIN)/hushi schema

features: $(INSTALLED) ## which features of the deck are tested
	@$(BIN)/python -m tests.support.features

demo: $(INSTALLED) ## the live feed, shown in the terminal
	@$(BIN)/python -m bench.demo

chaos: $(INSTALLED) ## KILLS=100 times kill -9 of server or PostgreSQL under load; proves that nothing is lost
	@$(BIN)/python -m bench.chaos

bench: $(INSTALLED) ## what it costs, at NURSES=1000000; CHECK=1 fails where a goal is missed
	@$(BIN)/python -m bench.run

bench-alerts: $(INSTALLED) ## a day with CROSSINGS=50000 ends of registrations, beside steps and dashboards, at NURSES=100000; CHECK=1 as above
	@$(BIN)/python -m bench.alerts

bench-steps: $(INSTALLED) ## what each step of an application costs
	@$(BIN)/python -m bench.steps

bench-feed: $(INSTALLED) ## what the live feed costs, at SUBSCRIBERS=10000; PARTS=connect,broadcast measures only these; CHECK=1 as above
	@$(BIN)/python -m bench.feed

bench-peers: $(INSTALLED) bench/peers/node_modules/.package-lock.json ## the same beside Mercurius and PostGraphile; needs Node
	@$(BIN)/python -m bench.peers

bench/peers/node_modules/.package-lock.json: bench/peers/package-lock.json
	@command -v npm >/dev/null || { echo "The peers need Node 20 or newer, and there is no npm here: install it first." >&2; exit 1; }
	@cd bench/peers && npm ci --silent --no-audit --no-fund
	@touch $@

lock: ## write requirements.lock anew; needs uv
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

clean: ## remove what make made; data stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
