# make run: the product with demo data at http://127.0.0.1:8000
# make test: everything, as in CI
# One part of the tests: make test-lint, test-migrations, test-postgres, test-sqlite, test-browser

VENV ?= .venv
PORT ?= 8000
# More options for pytest, for example: make test-postgres PYTEST_ARGS="-k discharge"
PYTEST_ARGS ?=

PY = $(VENV)/bin/python
RUNTIME = $(VENV)/.installed
DEVELOPMENT = $(VENV)/.installed-dev
PYTEST = $(PY) -m pytest $(PYTEST_ARGS)
PARALLEL = -n logical --maxprocesses 8
POSTGRES = $(PY) casemgmt/tests/with_postgres.py
HAS_BROWSER = $(PY) -c 'from casemgmt.tests.plugin import find_chromium; raise SystemExit(not find_chromium())'
PARTS = lint migrations postgres sqlite browser

.NOTPARALLEL:
.PHONY: run test bench-search chaos lint format requirements messages clean $(PARTS:%=test-%)

run: $(RUNTIME) .env
	$(PY) manage.py migrate
	$(PY) manage.py demo --if-empty
	$(PY) manage.py runserver 127.0.0.1:$(PORT)

# Every part runs even if one before it has failed.
test: $(DEVELOPMENT)
	@status=0; summary=""; \
	for part in $(PARTS); do \
		printf '\n=== %s ===\n' $$part; start=$$(date +%s); \
		if $(MAKE) --no-print-directory test-$$part; then verdict=passed; else verdict=FAILED; status=1; fi; \
		if [ $$part = browser ] && ! $(HAS_BROWSER); then verdict="NOT RUN"; fi; \
		summary="$$summary$$(printf '%-8s %-10s %4s s' "$$verdict" $$part $$(($$(date +%s) - start)))|"; \
	done; \
	printf '\n=== summary ===\n'; printf '%s' "$$summary" | tr '|' '\n'; \
	if [ $$status = 0 ]; then echo "All that ran passed."; else echo "FAILED"; fi; \
	exit $$status

test-lint: lint

# An empty database is made at once; here it is proved that migrations build the same.
test-migrations: $(DEVELOPMENT)
	DATABASE_URL=sqlite://:memory: SECRET_KEY=unused $(PY) manage.py makemigrations --check --dry-run
	$(POSTGRES) $(PY) casemgmt/tests/schema.py

test-postgres: $(DEVELOPMENT)
	$(POSTGRES) $(PYTEST) $(PARALLEL) -m "not browser"

test-sqlite: $(DEVELOPMENT)
	DATABASE_URL=sqlite://:memory: $(PYTEST) $(PARALLEL) -m "not postgres and not browser"

# Without a browser this is said and, in CI, a failure.
test-browser: $(DEVELOPMENT)
	@if $(HAS_BROWSER); then $(POSTGRES) $(PYTEST) -m browser; else echo "NOT RUN: browser"; [ "$$CI" != true ]; fi

# A million invented names in a throw-away server; some minutes.
bench-search: $(DEVELOPMENT)
	$(POSTGRES) $(PY) casemgmt/tests/bench_search.py

# 10,000 visits while workers die between request and answer; about a quarter of an hour.
chaos: $(DEVELOPMENT)
	$(POSTGRES) $(PY) casemgmt/tests/chaos.py $(CHAOS)

lint: $(DEVELOPMENT)
	$(PY) -m ruff check
	$(PY) -m ruff format --check

format: $(DEVELOPMENT)
	$(PY) -m ruff check --fix-only
	$(PY) -m ruff format

messages: $(DEVELOPMENT)
	$(PY) manage.py makemessages --all --no-location --ignore '.venv/*' --ignore 'static/vendor/*'
	$(PY) manage.py compilemessages --ignore '.venv/*'

# Pins the newest versions that the "#:" lines of the four files allow.
requirements: $(DEVELOPMENT)
	$(PY) -m pip install --quiet pip-tools
	for name in requirements requirements-dev requirements-statistics requirements-pdf; do \
		sed '/^$$/q' $$name.txt > .$$name.head; \
		sed -n 's/^#: //p' $$name.txt > .$$name.in; \
		if [ $$name != requirements ]; then echo '-c requirements.txt' >> .$$name.in; fi; \
		$(PY) -m piptools compile --quiet --upgrade --strip-extras --no-header \
			--no-emit-index-url --no-emit-find-links --annotation-style=line --output-file=.$$name.out .$$name.in || exit 1; \
		sed "s/via -r .$$name.in/direct/" .$$name.out | cat .$$name.head - > $$name.txt; \
		rm -f .$$name.head .$$name.in .$$name.out; \
	done

clean:
	rm -rf $(VENV) staticfiles .pytest_cache .ruff_cache .hypothesis .shots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the targets above need --------------------------------------------------------------------------------------

# Python 3.11 is what the pins were made with; newer ones are tried after it.
$(RUNTIME): requirements.txt
	@$(PY) -m pip --version > /dev/null 2>&1 || for python in python3.11 python3.12 python3.13 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			echo "$$python -m venv $(VENV)"; $$python -m venv --clear $(VENV) && break; \
		fi; \
	done
	@[ -x $(PY) ] || { echo "Python 3.11 or newer, with its venv module, is needed."; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements-statistics.txt requirements-pdf.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -r requirements-statistics.txt -r requirements-pdf.txt
	@touch $@

.env: | $(RUNTIME)
	@umask 077; $(PY) -c 'import secrets; print("DEBUG=on\nSECRET_KEY=" + secrets.token_urlsafe(50) + "\nFIELD_KEYS=" + secrets.token_urlsafe(50))' > $@.new && mv $@.new $@
