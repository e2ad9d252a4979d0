# Two commands are enough on a fresh machine with Python 3.11 and make:  make install  then  make demo
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
FLOORS := domain wire planning store gateways services interfaces config

# Linters read the settings; what those make on first use stays out of the user's own data directory.
CHECKING := SAFELAUNCH_DATA=$(CURDIR)/$(VENV)/data DJANGO_SETTINGS_MODULE=safelaunch.config.settings

# PYTHON=/path/to/python chooses another interpreter.
FIND_PYTHON = for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo "$$candidate"; exit 0; fi; done; \
	echo "Safelaunch needs Python 3.11 or later with its venv module (Debian: python3-venv), and none was found. \
	Install one, or name it: make install PYTHON=/path/to/python3.11" >&2; exit 1

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(VENV)/installed ## Install Safelaunch into .venv; nothing else on the machine changes

$(VENV)/installed: requirements.txt pyproject.toml
	@python=$$($(FIND_PYTHON)) && { [ -x $(BIN)/python ] || "$$python" -m venv $(VENV); }
	@echo "Installing the packages that requirements.txt names, each checked by its hash."
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements.txt
	@$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	@touch $@
	@echo "Installed. Next: make demo"

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@echo "Installing the tools that requirements-dev.txt names."
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-dev.txt
	@touch $@

.PHONY: demo
demo: $(VENV)/installed ## Run a whole campaign over a small estate and show it
	@$(BIN)/safelaunch demo $(ARGS)

.PHONY: test
test: $(VENV)/installed-dev ## Run the tests; ARGS="-k gates" chooses some
	@$(BIN)/python -m pytest $(ARGS)

$(VENV)/installed-browser: $(VENV)/installed-dev requirements-browser.txt
	@echo "Installing what drives a browser."
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-browser.txt
	@command -v chromium chromium-browser google-chrome > /dev/null || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium; } \
		> /dev/null || { echo "No Chromium here, and apt-get cannot install one; install it and try again." >&2; exit 1; }
	@touch $@

.PHONY: e2e
e2e: $(VENV)/installed-browser ## People's journeys in a real browser (installs Chromium when there is none)
	@$(BIN)/python -m pytest tests/browser $(ARGS)

.PHONY: check
check: lint ## Everything CI asks beyond the tests: linters, types, import contracts, style of SQL
	$(CHECKING) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.sql_style

.PHONY: lint
lint: $(VENV)/installed-dev ## Check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(VENV)/installed-dev ## Put the format right
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

.PHONY: docs
docs: $(VENV)/installed-dev ## Write the generated pages again: docs/machines.md, docs/cli.md
	$(BIN)/python -m tests.house.machines
	$(CHECKING) $(BIN)/python -m tests.house.cli_reference

.PHONY: bench
bench: $(VENV)/installed ## Measure the hot paths; ARGS="--hubs 5000000" for a larger fleet
	@$(BIN)/safelaunch bench run plan dispatch ingest duis $(ARGS)

INTEROP := $(VENV)/interop

.PHONY: interop
interop: $(VENV)/installed-dev $(INTEROP)/installed ## Exchange messages with Smart DCC's own tools (Node.js, Java)
	@SAFELAUNCH_INTEROP=$(CURDIR)/$(INTEROP) $(BIN)/python -m pytest tests/interop $(ARGS)

$(INTEROP)/installed: tests/interop/install.sh tests/interop/package-lock.json tests/interop/tools.cjs
	@echo "Installing Smart DCC's tools, each checked by its hash."
	@tests/interop/install.sh $(INTEROP)
	@touch $@

.PHONY: recovery
recovery: $(VENV)/installed-dev ## Recall firmware of a million Devices and count who comes back; HUBS and UPDATES choose sizes
	@SAFELAUNCH_RECOVERY_HUBS=$(or $(HUBS),500000) SAFELAUNCH_RECOVERY_UPDATES=$(or $(UPDATES),10000) \
		$(BIN)/python -m pytest tests/scale $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/installed-dev ## Throw broken messages at the DUIS door; MINUTES=10 says how long
	@SAFELAUNCH_FUZZ_MINUTES=$(or $(MINUTES),10) $(BIN)/python -m pytest tests/fuzz $(ARGS)

.PHONY: room
room: ## List the files of a noun on every floor: make room NAME=gates
	@test -n "$(NAME)" || { echo "Which noun? For example: make room NAME=gates" >&2; exit 2; }
	@for floor in $(FLOORS); do \
		find src/safelaunch/$$floor -type f -not -path '*/__pycache__/*' -path '*$(NAME)*' | sort; done
	@find tests docs -type f -not -path '*/__pycache__/*' -path '*$(NAME)*' | sort

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --extra build pyproject.toml

.PHONY: lock
lock: ## Write the requirements files again from pyproject.toml (needs uv); ARGS=--upgrade takes newer versions
	$(LOCK) $(ARGS) --output-file requirements.txt
	$(LOCK) $(ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) $(ARGS) --extra dev --extra browser --constraint requirements-dev.txt --output-file requirements-browser.txt

.PHONY: clean
clean: ## Remove what the other commands made here; data directories stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
