# `make run` starts the app, `make test` checks everything: each does the set-up that it needs.
# Works with GNU Make 3.81 and any POSIX shell, and in a folder whose name holds spaces.

PORT ?= 8501
# Set here so that a DATA of the surroundings is not taken for a file to open: only `make run DATA=…` is.
DATA =
# A Python of your choice: make install PYTHON=/opt/python3.12/bin/python3
PYTHON =

VENV = .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip --disable-pip-version-check --no-input
INSTALLED = $(VENV)/.installed
INSTALLED_DEV = $(VENV)/.installed-dev

.PHONY: help run install test lint browser bench bench-large faults samples fast-model plotly constraints clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: $(INSTALLED)  ## start the app; PORT=8600 picks the port, DATA=file.csv opens a file
	@exec $(PY) -m explorer app $${DATA:+"$$DATA"} --port "$(PORT)"

install: $(INSTALLED)  ## make .venv with what the app needs
	@echo "Ready: make run starts the app."

test: lint browser  ## everything: lint, types, and all tests, a browser included
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=8 --durations-min=5

lint: $(INSTALLED_DEV)  ## ruff, mypy, and that imports go one way
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo --no-cache

browser: $(INSTALLED_DEV)  ## a Chromium for the browser tests, where there is none yet
	@$(PY) -m scripts.browser

bench: $(INSTALLED_DEV)  ## time, memory and quality at several sizes, beside Embedding Atlas
	$(PY) -m benchmarks --write docs/performance.md

bench-large: $(INSTALLED_DEV)  ## a million vectors through neighbors, layout, groups and outliers
	$(PY) -m benchmarks --only large --write docs/performance.md

faults: $(INSTALLED_DEV) browser  ## provoke every fault we know of and say what happened; about an hour
	$(PY) -m faults --write docs/faults.md

samples: $(INSTALLED)  ## compute what ships with the samples again
	$(PY) -m scripts.samples

plotly: $(INSTALLED_DEV)  ## build the map's share of plotly.js again; needs Node.js
	$(PY) -m scripts.plotly_bundle

fast-model: $(INSTALLED_DEV)  ## distill the fast model from MiniLM again
	$(PY) -m scripts.fast_model

constraints: $(PY)  ## pin again what requirements*.txt bring along
	$(PY) -m scripts.constraints

clean:  ## remove everything that make made, .venv included
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv whose Python is gone (upgraded, or the folder was copied from elsewhere) is made anew.
# Not every part has a build for Python 3.14 yet.
$(PY):
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3); do \
	  if "$$python" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV); exit; \
	  fi; \
	done; \
	echo "Found no Python 3.11, 3.12 or 3.13 that can make virtual environments." >&2; \
	echo "Debian and Ubuntu: apt install python3-venv. macOS: brew install python@3.11." >&2; \
	echo "Or name one: make install PYTHON=/path/to/python3.11" >&2; exit 1

$(INSTALLED): $(PY) requirements.txt constraints.txt
	@$(PY) -m scripts.torch_without_cuda
	$(PIP) install -r requirements.txt
	@$(PY) -m scripts.prepare
	@touch $@

$(INSTALLED_DEV): $(INSTALLED) requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	@touch $@
