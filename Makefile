# The two commands for a newcomer are `make demo` and `make test`. GNU make 3.81 (macOS) is enough.
# Everything is installed into .venv; stamps there remember what has been done.

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-build-isolation --use-pep517
COMPILE := $(BIN)/uv pip compile pyproject.toml --no-config --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help demo test check fmt lock catalogues wheel clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.runtime $(CATALOGUES) ## show forumreg with the Turin forum on 127.0.0.1:8000 (ARGS="--port 8001")
	@exec $(BIN)/forumreg demo $(ARGS)

test: $(VENV)/.dev $(CATALOGUES) ## run every test this machine can run (ARGS="-k waitlist")
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(VENV)/.dev $(CATALOGUES) ## lint, types, import rules, templates, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python tools/catalogues.py --check

fmt: $(VENV)/.dev ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev ## pin the requirements anew, with hashes
	$(COMPILE) --upgrade --group build --extra dev --output-file requirements-dev.txt
	$(COMPILE) --group build --constraint requirements-dev.txt --output-file requirements.txt
	$(subst pyproject.toml,,$(COMPILE)) --group build --constraint requirements-dev.txt --output-file requirements-build.txt

catalogues: $(VENV)/.dev ## collect the sentences anew, bring every language up to date, compile
	$(BIN)/python tools/catalogues.py

wheel: $(VENV)/.dev ## build dist/forumreg-*.whl
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

clean: ## remove what was built and installed; instance/ stays
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# --- what the targets stand on ---------------------------------------------------------------------------------

$(VENV)/.made:
	@for python in $(PYTHON) $(BIN)/python python3.13 python3.12 python3.11 python3; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  $(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(VENV) || exit 1; \
	  touch $@; exit 0; \
	done; \
	echo "forumreg needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1

$(VENV)/.build: $(VENV)/.made requirements-build.txt
	@echo "Installing the pinned requirements into $(VENV). This takes a minute, once."
	@$(PIP) -r requirements-build.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.build requirements.txt pyproject.toml hatch_build.py
	@$(PIP) -r requirements.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing what the tests and checks need into $(VENV)."
	@$(PIP) -r requirements-dev.txt
	@touch $@

%.mo: %.po | $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
