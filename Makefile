# The everyday commands. Each is one line that also works without make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup check test lint format types docs docs-check site coverage matrix strict lowest ground proof chaos world world-teeth bench bench-quick wheel release-check lock demo clean

help:                 ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:                ## make .venv with the package, its extras and every tool
	@$(PYTHON) -c "import sys; sys.path.insert(0, 'tools'); import environment; environment.developer()"

check:                ## everything that must pass before a change is offered
	@$(PYTHON) tools/test.py

test: setup           ## the tests; make test ARGS="-k invoice" for some of them
	$(BIN)/python -m pytest $(ARGS)

lint: setup           ## the style
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: setup         ## write every file in the one format
	$(BIN)/python -m ruff format .

types: setup          ## mypy --strict and pyright
	$(BIN)/python -m mypy
	$(BIN)/python -m pyright --pythonpath $(BIN)/python
	$(BIN)/python -m mypy --python-version 3.15 xendit
	$(BIN)/python -m pyright --pythonpath $(BIN)/python --pythonversion 3.15 xendit

docs: setup           ## write what derives from the declarations: pages, typed dicts, faces, asynchronous classes
	$(BIN)/python tools/mirror.py
	$(BIN)/python docs/build.py

docs-check: setup     ## fail when those are stale
	$(BIN)/python tools/mirror.py --check
	$(BIN)/python docs/build.py --check

site: setup           ## the documentation as a site in build/site: open build/site/index.html
	$(BIN)/python docs/website.py build/site

coverage: setup       ## the tests with branch coverage
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -m "not slow"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

matrix: setup         ## the tests on every Python here, with three versions of urllib3 each
	$(BIN)/python -m nox

strict: setup         ## the tests on every Python here with -X dev and every warning an error, in child processes too
	$(BIN)/python -m nox --session strict

lowest: setup         ## the tests with the oldest of everything that pyproject.toml allows, on the oldest Python
	$(BIN)/python -m nox --session lowest

ground:               ## the tests on newer Pythons and PyPy, in a chroot of Debian's sid (as root); make ground ARGS="--only 3.14"
	@$(PYTHON) tools/ground.py $(ARGS)

proof: setup          ## the property tests with twenty times the examples, a million bodies of ten thousand shapes: an hour
	HYPOTHESIS_PROFILE=proof $(BIN)/python -m pytest -o faulthandler_timeout=7200 $(ARGS)

chaos: setup          ## creates in bad weather, audited; make chaos ARGS="--modes lookup,naive --seed 1"
	cd test && PYTHONPATH=.. ../$(BIN)/python -m faults.chaos $(ARGS)

SEEDS ?= 0..2000
world: setup          ## simulated worlds, replayed by a seed; make world SEEDS=0..100000 ARGS="--processes 4 --ledger"
	cd test && PYTHONPATH=.. ../$(BIN)/python -m world $(SEEDS) $(ARGS) && PYTHONPATH=.. ../$(BIN)/python -m world.table

world-teeth: setup    ## look anew for the seed that finds each planted defect
	cd test && PYTHONPATH=.. ../$(BIN)/python -m world.defects --all --write && PYTHONPATH=.. ../$(BIN)/python -m world.table

network: setup        ## networks as they are, in network namespaces (root): a table of what ran and what was skipped
	$(BIN)/python tools/network.py $(ARGS)

edge:                 ## our tests with the newest pre-releases of urllib3, aiohttp and SQLAlchemy: a table of what ran
	@$(PYTHON) tools/edge.py $(ARGS)

bench: setup          ## measure beside the peers, each in its own environment; writes docs/Performance.md
	$(BIN)/python bench

bench-quick: setup    ## the goals of speed alone, in a minute; writes nothing
	$(BIN)/python bench --quick

wheel: setup          ## build the source distribution and the wheel into dist/
	rm -rf dist
	$(BIN)/python tools/release.py

release-check: wheel  ## build, then judge what was built
	$(BIN)/python tools/check_wheel.py

lock: setup           ## write tools/locked.txt anew: the tools, their versions and hashes; needs uv
	$(BIN)/python tools/lock.py

demo:                 ## the sandbox, an invoice, a payment, a webhook; make demo ARGS=flask for a shop
	@$(PYTHON) tools/demo.py $(ARGS)

clean:                ## remove what the commands above leave behind
	rm -rf .venv .nox build dist htmlcov .coverage .coverage.* *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
