# What a person types: `make demo`, `make test`. Everything is installed into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo model test fuzz lint bench screenshots architecture docs sbom lock test-newest clean

setup: .venv/.installed

.venv/.installed: setup.cfg setup.py pyproject.toml requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

demo: setup
	$(BIN)/sighthound demo --open

# The demo's model anew, from what is shipped: three networks, and the one that they teach.
model: setup
	$(BIN)/sighthound demo --prepare-only build/yeast
	$(BIN)/sighthound dataset build/yeast
	$(BIN)/sighthound train build/yeast --fresh
	$(BIN)/sighthound evaluate build/yeast
	$(BIN)/sighthound truth build/yeast build/yeast/reporter_variants.tsv.gz

test: .venv/.installed-test
	sh tests/install_tools.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	node=$$($(BIN)/python -m tests.node) && PYTHON=$(BIN)/python "$$node" --test --test-reporter=spec \
		tests/ui/*.test.mjs tests/tracks/*.test.mjs tests/variants/*.test.mjs tests/view/*/*.test.mjs tests/clients/*.test.mjs

# With the newest versions that setup.cfg allows of what is locked, in an environment of its own.
test-newest:
	test -x .venv-newest/bin/python || $(PYTHON) -m venv .venv-newest
	.venv-newest/bin/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[test]'
	.venv-newest/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Renews requirements.txt: what is installed, to the hash of each file.
lock: .venv/.installed
	$(BIN)/pip install --quiet uv
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile setup.cfg --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --output-file requirements.txt

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
	$(BIN)/python -m tests.house.rooms_picture

# What is installed, with versions and licences, as CycloneDX: who looks for known holes reads that.
sbom: .venv/.installed-test
	mkdir -p build
	$(BIN)/cyclonedx-py environment --output-reproducible --mc-type application --of JSON \
		-o build/sbom.json $(BIN)/python
	@echo "build/sbom.json is written"

# The guides as a site with search, as each install builds them too; here a dead link is an error.
docs: .venv/.installed-test
	$(BIN)/mkdocs build --quiet --strict
	@echo "app/guides/index.html is written"

clean:
	rm -rf .venv .venv-newest build *.egg-info
