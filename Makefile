# Everything from nothing: each target sets up .venv first, from requirements.lock alone.
.DEFAULT_GOAL := help
.PHONY: help ready demo test browser lint format lab bench exact pictures lock clean
.DELETE_ON_ERROR:
SHELL := /bin/bash

# The newest Python is not always called python3; another can be named: make test PYTHON=python3.12
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.ready
# Processes that tests are spread over; those that start Ray stay together in one of them.
JOBS ?= 2
# The front end: what it is made of, and when it was built last.
FRONT := mlops_lab/labextension/.built
PACKAGES := labextension/node_modules/.ready
FRONT_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f) \
	labextension/package.json labextension/tsconfig.json labextension/tsconfig.build.json
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

help:  ## What there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ready  ## Steps side by side, here and on Ray; again from the cache; a step changed, and why it runs
	@$(BIN)/python notebooks/demo.py

test: lint browser  ## Lint, then every test but the long ones
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)
	@cd labextension && npm test --silent

# A real browser for the tests that look at the screen; without one they are passed over.
browser:
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the tests that look at the screen"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends \
			chromium fonts-dejavu-core fonts-noto-cjk >/dev/null 2>&1 && exit 0; fi; \
	echo "make: no Chromium is installed, so the tests that need it are passed over;" \
		"on Debian: apt-get install chromium" >&2

lint: ready  ## Style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	@cd labextension && npm run --silent lint

format: ready  ## Put the code into the shape that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: ready  ## JupyterLab on the first pipeline
	$(BIN)/jupyter lab $(ROOT_FLAG) notebooks/01-first-pipeline.ipynb

pictures: ready browser  ## The README's pictures of JupyterLab, from real runs
	$(BIN)/python -m tests.browser.pictures

bench: ready  ## Times beside papermill's, in one run
	$(BIN)/python -m pytest tests/benchmarks tests/browser -m bench -s $(ARGS)

exact: ready  ## The long differential suite: every row against one kernel
	$(BIN)/python -m pytest tests/exact -m exact -n $(JOBS) --dist loadgroup $(ARGS)

lock: ready  ## Choose exact versions anew where pyproject.toml asks for it (UPGRADE=1: everywhere)
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal \
		--python-version 3.11 --generate-hashes --no-header --no-annotate \
		$(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock

clean:  ## Remove what make has built; your runs in .mlops stay
	rm -rf mlops_lab/labextension labextension/lib labextension/node_modules
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Byte code is compiled here because PYTHONDONTWRITEBYTECODE, which CI machines like to set, would
# make every start compile it again.
ready: $(STAMP) $(FRONT)
	@$(BIN)/python -m compileall -q mlops_lab

$(PACKAGES): labextension/package-lock.json
	@command -v npm >/dev/null || { echo "make: Node 20 or newer with npm is needed to build the" \
		"front end and not on the PATH; on Debian: apt-get install npm" >&2; exit 1; }
	@echo "Installing what labextension/package-lock.json names"
	@cd labextension && npm ci --silent --no-fund --no-audit
	@touch $@

$(FRONT): $(STAMP) $(PACKAGES) $(FRONT_SOURCES)
	@echo "Building the front end"
	@cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build:prod
	@PATH="$(CURDIR)/$(BIN):$$PATH" jupyter-builder develop . --overwrite >/dev/null
	@touch $@

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and none of python3," \
		"python3.11 … python3.14 on the PATH is one; install it, or name it:" \
		"make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@command -v git >/dev/null || { echo "make: git is needed and not on the PATH;" \
		"on Debian: apt-get install git" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Setting up .venv with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv .venv; } || { rm -rf .venv; echo "make: $(PYTHON) could not make a" \
		"virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@# uv first, by pip, at the version and hash that the lock has.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@awk '/^[^ ]/ {own = /^uv==/} own' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.txt
	@# uv reads none of pip's settings and not the system's certificates: pass on what pip goes by.
	@index=$${UV_DEFAULT_INDEX:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}; \
	index=$${PIP_INDEX_URL:-$$index}; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	for certs in "$$SSL_CERT_FILE" "$$PIP_CERT" /etc/ssl/certs/ca-certificates.crt; do \
		if [ -f "$$certs" ]; then export SSL_CERT_FILE="$$certs"; break; fi; done; \
	export UV_HTTP_TIMEOUT=$${UV_HTTP_TIMEOUT:-180}; \
	echo "Installing what requirements.lock names"; \
	$(BIN)/uv pip sync --python $(BIN)/python --quiet --require-hashes --compile-bytecode \
		requirements.lock && \
	SKIP_JUPYTER_BUILDER=1 \
	$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable . \
		|| { echo "make: the packages of requirements.lock could not be installed;" \
		"the lines above say which" >&2; exit 1; }
	@touch $@
