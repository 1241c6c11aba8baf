# What a person does in this checkout, and what the pipeline does too: nothing else needs to be remembered.
#
#   make demo      three example packs, issued and served (HOST=192.0.2.10 PORT=8081 for a phone to scan; FRESH=1)
#   make test      the tests of the code           (ARGS='-k recycler' goes to pytest)
#   make test-browser  every page in Chromium (tests/browser)
#   make test-interop  the documents in foreign software (tests/interop; after `make interop`)
#   make test-all  all three
#   make install   .venv with everything for development, without running anything
#
# GNU make and a POSIX shell. Only `install`, `demo`, `interop` and `tck` use the network, for pinned packages.

.SUFFIXES:
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
PYTHON_IN_VENV := $(VENV)/bin/python
INTEROP := tests/interop

# Name one with `make install PYTHON=/opt/python3.12/bin/python3`; otherwise the first of these that runs is taken.
PYTHON :=
CANDIDATES := $(if $(PYTHON),'$(PYTHON)',python3.14 python3.13 python3.12 python3.11 python3 python)

# A stamp records what was installed from which files; `development` holds everything that `runtime` does.
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development

# HOST and PORT count only when they are given to make: some shells export a HOST of their own.
FROM_CALL = $(if $(findstring command line,$(origin $(1))),$(2) '$($(1))')

# Twice quiet leaves out warnings (of a mirror that lacks a folder, say) and still prints errors. What is imported is
# compiled then; compiling every module of every package takes half of the time. A pip of Python 3.11 looks through all
# versions of each package for twice as long as the one that is pinned, so that one is installed first.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
       $(PYTHON_IN_VENV) -m pip --quiet --quiet install --no-compile --constraint constraints.txt

# Bytecode is kept inside .venv, also where the environment forbids it beside the source: the tests start many processes,
# and each would compile the program anew. What the documents have compiled, the tests find.
PYTHON_WITH_BYTECODE := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/.bytecode $(PYTHON_IN_VENV)

# One file stays with one worker, so that what a module sets up is set up once.
PYTEST := $(PYTHON_WITH_BYTECODE) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help install demo test test-browser test-interop test-all torture tck lint docs regenerate texts interop clean

help:
	@sed -n 's/^#   \(make .*\)/  \1/p' Makefile
	@echo '  make torture   20,800 mutants of signed documents, 20,800 of whole files, 50,000 of records, 200 kills, ten times the examples'
	@echo '  make tck       the public compatibility kits of the connector (needs Java 17, Maven and the network)'
	@echo '  make lint      format, rules (ruff) and types (mypy --strict)'
	@echo '  make docs      the documents as a site, in site/'
	@echo '  make regenerate  context, shapes and graph, from the ontology'
	@echo '  make texts     the catalogues of translations, from the code'
	@echo '  make interop   the foreign software that tests/interop runs (needs node and npm)'
	@echo '  make clean     away with .venv, caches and builds; never with ./demo, which holds keys'

install: $(DEVELOPMENT)

demo: $(RUNTIME)
	@$(VENV)/bin/passport demo $(call FROM_CALL,HOST,--host) $(call FROM_CALL,PORT,--port) $(if $(FRESH),--fresh) $(ARGS)

# A folder is left out by its path: `make test ARGS=tests/store` still chooses among the others.
test: $(DEVELOPMENT)
	@$(PYTEST) --ignore=tests/browser --ignore=tests/interop $(ARGS)

test-browser: $(DEVELOPMENT)
	@$(PYTEST) tests/browser $(ARGS)

test-interop: $(DEVELOPMENT)
	@$(PYTEST) tests/interop $(ARGS)

test-all: $(DEVELOPMENT)
	@$(PYTEST) $(ARGS)

# What the tests make a thousand of (of records for the compiled shapes: 56), ten times as many examples of each universal
# statement, each product whole, each page in the browser in every look, and what takes many processes. PASSPORT_MUTANTS
# says how many; the seed is the same each time.
torture: $(DEVELOPMENT)
	@PASSPORT_EXAMPLES=1 PASSPORT_MUTANTS=$${PASSPORT_MUTANTS:-20800} $(PYTEST) tests/torture $(ARGS)
	@PASSPORT_EXAMPLES=10 $(PYTEST) -m 'hypothesis or product or torture' --ignore=tests/browser --ignore=tests/interop $(ARGS)
	@PASSPORT_EXAMPLES=1 $(PYTEST) tests/browser $(ARGS)
	@PASSPORT_MUTANTS=$${PASSPORT_MUTANTS:-50000} $(PYTEST) --dist load tests/validation/test_compiled_shapes.py $(ARGS)
	@PASSPORT_EXAMPLES=1 PASSPORT_SIGNED_POPULATION=1 $(PYTEST) tests/supervision/test_signed_population.py $(ARGS)
	@PASSPORT_EXAMPLES=1 PASSPORT_KILLS=$${PASSPORT_KILLS:-200} PASSPORT_KILLED_PACKS=$${PASSPORT_KILLED_PACKS:-10000} \
	  $(PYTHON_IN_VENV) -m pytest tests/torture/test_issue_kills.py $(ARGS)

# The kits come from Maven Central into a temporary folder, and go with it. ARGS=dsp or ARGS=dcp runs one.
tck: $(DEVELOPMENT)
	@$(PYTHON_IN_VENV) -m tests.tck.run_tck $(ARGS)

lint: $(DEVELOPMENT)
	@$(PYTHON_IN_VENV) -m ruff format --check --quiet --diff .
	@$(PYTHON_IN_VENV) -m ruff check --quiet .
	@$(PYTHON_IN_VENV) -m mypy --no-error-summary

# Offline: pages load nothing from elsewhere, and a warning or a dead link fails the build.
docs: $(DEVELOPMENT)
	@NO_MKDOCS_2_WARNING=1 $(PYTHON_WITH_BYTECODE) -m mkdocs build --quiet $(ARGS)
	@echo 'site/index.html'

regenerate: $(DEVELOPMENT)
	@$(PYTHON_IN_VENV) -m passport.vocabulary.derived
	@$(PYTHON_IN_VENV) -m passport.lifecycle.event_shapes

texts: $(DEVELOPMENT)
	@$(PYTHON_IN_VENV) -m passport.texts.extraction

interop: $(INTEROP)/node_modules/.package-lock.json

clean:
	rm -rf $(VENV) $(INTEROP)/node_modules dist build site .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find passport resolver issuer tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how that is done -------------------------------------------------------------------------------------------------

$(DEVELOPMENT): pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory environment
	@echo 'installing pinned packages for development into $(VENV) …' >&2
	@$(PIP) --upgrade pip
	@$(PIP) --editable '.[dev]'
	@touch $(RUNTIME) $(DEVELOPMENT)

$(RUNTIME): pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory environment
	@echo 'installing pinned packages into $(VENV) …' >&2
	@$(PIP) --editable '.[server]'
	@touch $(RUNTIME)

# The candidate is run, not only looked up: version managers leave names on the path that answer nothing. Debian and Ubuntu
# ship a Python whose venv module is a separate package, which shows only when ensurepip is imported.
.PHONY: environment
environment:
	@if [ -x $(PYTHON_IN_VENV) ] && $(PYTHON_IN_VENV) -c 'import sys, pip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	    2>/dev/null; then exit 0; fi; \
	without_venv=; seen=; \
	for candidate in $(CANDIDATES); do \
	  version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  seen="$$seen $$candidate ($$version)"; \
	  case $$version in 3.11|3.12|3.13|3.14) ;; *) continue ;; esac; \
	  if "$$candidate" -c 'import venv, ensurepip' 2>/dev/null; then \
	    echo "making $(VENV) with $$candidate ($$version) …" >&2; \
	    exec "$$candidate" -m venv --clear $(VENV); \
	  fi; \
	  without_venv="$$without_venv $$candidate ($$version)"; \
	done; \
	if [ -n "$$without_venv" ]; then \
	  echo "error: no venv module in$$without_venv" >&2; \
	  echo 'hint: on Debian and Ubuntu: apt install python3-venv' >&2; \
	else \
	  echo "error: expected Python 3.11 to 3.14; found$${seen:- none}" >&2; \
	  echo 'hint: install one, or name one: make install PYTHON=/path/to/python3.12' >&2; \
	fi; \
	exit 2

$(INTEROP)/node_modules/.package-lock.json: $(INTEROP)/package.json $(INTEROP)/package-lock.json
	@command -v npm >/dev/null || { echo 'error: npm is not installed; the tests in $(INTEROP) need node 18 or newer with npm' >&2; exit 2; }
	@cd $(INTEROP) && npm ci --silent
	@touch $@
