# What a person types: `make demo`, `make test`. Everything is installed into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test fuzz lint bench screenshots architecture docs clean

setup: .venv/.installed

.venv/.installed: setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

demo: setup
	$(BIN)/sighthound demo --open

test: .venv/.installed-test
	sh tests/install_tools.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile
	node=$$($(BIN)/python -m tests.node) && PYTHON=$(BIN)/python "$$node" --test --test-reporter=spec \
		tests/ui/*.test.mjs tests/tracks/*.test.mjs tests/view/*/*.test.mjs tests/clients/*.test.mjs

# Thousands of requests that no page makes, other ones each time.
fuzz: .venv/.installed-test
	SIGHTHOUND_FUZZ=$${SIGHTHOUND_FUZZ:-10000} $(BIN)/python -m pytest tests/fuzz

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	sh tests/install_tools.sh
	tsc=tests/clients/node_modules/typescript/bin/tsc; test ! -f $$tsc || "$$($(BIN)/python -m tests.node)" $$tsc --project jsconfig.json

bench: .venv/.installed-test
	$(BIN)/python -m tests.benchmarks all

# The pictures of the docs, from the demo.
screenshots: .venv/.installed-test
	$(BIN)/python -m tests.screenshots

# The pictures of the rooms in docs/architecture.md, from the code.
architecture: .venv/.installed-test
	$(BIN)/python -m tests.rooms_picture

# The guides as a site with search; a dead link is an error.
docs: .venv/.installed-test
	$(BIN)/mkdocs build --quiet --strict
	@echo "build/docs/index.html is written"

clean:
	rm -rf .venv build *.egg-info
