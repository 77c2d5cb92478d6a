# What can be done here. Every target makes its own virtual environment, and needs nothing but Python 3.11 or later.

.DEFAULT_GOAL := help
.PHONY: help run test check lock-check lock sweep bench screenshots story chaos mutants services-start services-stop clean

PYTHON := .venv/bin/python
PORT ?= 8000
export PORT
# Rewriting every test's assertions takes longer than reading what was rewritten the last time.
unexport PYTHONDONTWRITEBYTECODE

# An environment whose Python is gone is made anew.
$(shell [ ! -e .venv/made ] || $(PYTHON) -c '' 2>/dev/null || rm -f .venv/made .venv/installed .venv/installed-dev)

help: ## this list
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

run: ## the whole product as a demo, on http://localhost:8000 (PORT=8001 for another port)
	@$(FIND_PYTHON); $$python -m config.alone
	@$(MAKE) --silent .venv/installed
	@exec $(PYTHON) -m config.up

test: .venv/installed-dev ## all tests, on a PostgreSQL and a Valkey of their own (ARGS="-k name" for some)
	@$(PYTHON) -m pytest -p no:valkey -n 2 --dist worksteal $(ARGS)

check: .venv/installed-dev lock-check ## lint, format, types, migrations, deployment settings, templates, lock files
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(AS_PRODUCTION) $(PYTHON) -m mypy
	$(AS_PRODUCTION) $(PYTHON) -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
	$(AS_PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) -m djlint --lint --quiet templates

lock-check: .venv/installed-dev # every direct pin stands in the lock, with the same version
	$(PYTHON) -m tests.config.locks

lock: .venv/installed-dev ## resolve requirements*.txt into the lock files, with hashes
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(UV_COMPILE) requirements.txt -o requirements.lock
	$(UV_COMPILE) requirements-dev.txt -o requirements-dev.lock

sweep: .venv/installed ## the clock's turn without Celery, on the running demo (ARGS="--as-of 2027-01-31T09:00Z")
	@DEMO=1 $(PYTHON) manage.py sweep $(ARGS)

screenshots: .venv/installed-dev ## docs/screenshots, taken anew
	REQUIRE_BROWSER=1 $(PYTHON) -m pytest -p no:valkey -p no:randomly tests/browser/screenshots.py

letters: .venv/installed-dev ## tests/letters, every kind of letter written anew, to be read and compared
	WRITE_LETTERS=1 $(PYTHON) -m pytest -p no:valkey -q tests/test_documents.py -k TestEveryLetter

bench: .venv/installed-dev ## every benchmark; bench-NAME for one
	@for file in benchmarks/[a-z]*.py; do $(PYTHON) -m benchmarks.$$(basename $$file .py) || exit 1; done

bench-%: .venv/installed-dev
	$(PYTHON) -m benchmarks.$(subst -,_,$*)

story: .venv/installed-dev ## withdrawals for 2,000 contracts over both clock changes, against a replay (ARGS="--contracts 200")
	$(PYTHON) -m tests.withdrawal_story $(ARGS)

chaos: .venv/installed-dev ## the product under fire: what is killed, cut and stopped, and the same end (ARGS="--only NAME --short --seed N")
	@$(PYTHON) -m tests.chaos $(ARGS)

mutants: .venv/installed-dev ## does a test notice when a rule is changed?
	$(PYTHON) -m tests.mutants

services-start: .venv/installed ## this checkout's PostgreSQL and Valkey, migrated, and left running
	@$(PYTHON) -m config.embedded start
	@DEMO=1 $(PYTHON) manage.py migrate --database owner --verbosity 0

services-stop: ## stop them
	@$(PYTHON) -m config.embedded stop

clean: ## delete this checkout's environment, servers, data and caches
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m config.embedded remove; fi
	rm -rf .venv var staticfiles mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how

UV_COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
AS_PRODUCTION := set -a; . ./.env.example; DEMO=0; SEALS_FILE=/dev/null; set +a;

# The distribution's Python first: it is built with profiles of itself, and one built by hand often is not, which makes all here a
# fifth slower. PYTHON3=python3.13 names another.
define FIND_PYTHON
for python in $(PYTHON3) /usr/bin/python3 python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	python=none; \
done; \
if [ $$python = none ]; then \
	python=python3; \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Makegood needs Python 3.11 or later. Here: $$(python3 --version 2>&1 || echo none)."; exit 1; }; \
fi
endef

define INSTALL
$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r
endef

.venv/made:
	@if .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exit 0; fi; \
	$(FIND_PYTHON); \
	$$python -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$$python lacks the venv module. Debian and Ubuntu: apt install $$($$python -c \
		'import sys; print("python3.%d-venv" % sys.version_info[1])')"; exit 1; }; \
	echo "Making .venv with $$($$python --version) …"; $$python -m venv --clear .venv
	@touch $@

.venv/installed: .venv/made requirements.lock
	@echo "Installing what requirements.lock pins …"; $(INSTALL) requirements.lock
	@touch $@

.venv/installed-dev: .venv/made requirements-dev.lock
	@echo "Installing what requirements-dev.lock pins …"; $(INSTALL) requirements-dev.lock
	@touch $@ .venv/installed
