# make demo    the provider and a partner site with fictional data, on http://127.0.0.1:8000 and :8001
# make test    everything: checks, tests on SQLite and on PostgreSQL, in a real browser

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadgroup

.PHONY: setup setup-dev demo demo-reset test test-sqlite test-postgresql check format spec-table bench lock translations clean

setup: .venv/runtime
setup-dev: .venv/development .venv/runtime

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (PYTHON=python3.12 make …)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/runtime: .venv/made requirements.lock pyproject.toml idp/translations/en/LC_MESSAGES/messages.po
	@test -f .venv/development || $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/pybabel --quiet compile -d idp/translations
	@touch $@

.venv/development: .venv/made requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: setup
	@exec $(BIN)/idp demo

demo-reset: setup
	@exec $(BIN)/idp demo --reset

test: setup-dev
	@.ci/install-system
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --ignore-scripts --prefix tests/relying_parties/node; fi
	@status=0; for part in check test-sqlite test-postgresql; do \
		$(MAKE) --no-print-directory $$part || status=1; \
	done; exit $$status

test-sqlite: setup-dev
	$(PYTEST) $(PYTEST_OPTIONS) --database=sqlite --cov --cov-report=term --cov-fail-under=95

test-postgresql: setup-dev
	$(PYTEST) $(PYTEST_OPTIONS) --database=postgresql -m "not no_database"

check: setup-dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Which tests cover which section of the specifications, and the list of protocol errors: docs/conformance.md, errors.md.
spec-table: setup-dev
	@$(BIN)/python -m tests.spec.faults_table
	@$(BIN)/python -m tests.spec.table

bench: setup-dev
	@$(BIN)/python -m bench

# Both lock files carry hashes and name no registry.
UV_COMPILE = uv pip compile --generate-hashes --no-strip-extras --universal --python-version 3.11 --no-header --no-annotate --quiet --extra build --extra demo
lock:
	$(UV_COMPILE) -o requirements.lock pyproject.toml
	$(UV_COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

# After new texts: extract them, then translate what is empty in messages.po.
translations: setup-dev
	$(BIN)/pybabel --quiet extract -F idp/translations/babel.cfg -k lazy_gettext --no-location --sort-output -o .venv/messages.pot .
	$(BIN)/pybabel --quiet update -i .venv/messages.pot -d idp/translations --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete -w 1000

clean:
	rm -rf .venv artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
