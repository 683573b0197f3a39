# Two commands are all a newcomer needs: make run, make test.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run test setup lock test-tools test-live bench

run: setup
	$(BIN)/simak run

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadgroup

setup: $(STAMP)

# Made anew only when what is to be installed has changed.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Simak needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# What some tests drive and pip cannot install, on Debian and Ubuntu: a browser, a database server and a mail server.
test-tools:
	command -v chromium >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && \
		test -x /usr/sbin/dovecot || \
		{ apt-get update -q && apt-get install -y -q chromium postgresql dovecot-imapd; }

# The Bluesky collector against Bluesky's own server, which runs from npm with Node 20 or 22.
test-live: setup
	command -v redis-server >/dev/null || { apt-get update -q && apt-get install -y -q redis-server; }
	test -d build/atproto/node_modules/@atproto/dev-env || npm install --prefix build/atproto @atproto/dev-env
	SIMAK_LIVE=1 $(BIN)/python -m pytest tests/live

# The newest releases that pyproject.toml allows, pinned; torch's own build tag is the machine's business.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet "$$(grep -o 'torch==[0-9.]*' pyproject.toml)"
	build/lock/bin/pip install --quiet '.[test]'
	build/lock/bin/pip freeze --exclude simak | sed 's/+cpu$$//' > requirements.lock

bench: setup
	$(BIN)/python bench/ingest.py
	$(BIN)/python bench/erasing.py
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/export.py
	$(BIN)/python bench/reader.py
	$(BIN)/python bench/surge.py
	$(BIN)/python bench/growth.py
	$(BIN)/python bench/growth_cost.py
	$(BIN)/python bench/watching.py
