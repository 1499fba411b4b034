# Every target sets up what it needs: a .venv with the locked packages, from nothing but Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
CHROMIUM ?= chromium

.PHONY: help demo pictures test check format lock benchmark prove prove-rt clean

help:
	@echo "make demo       set up, then run Keepline's main job on a made-up company and print its weekly digest"
	@echo "make pictures   make the pictures of the documentation from the demo; needs Chromium"
	@echo "make test       set up, then run all tests"
	@echo "make check      everything that CI checks: format, lint, types, arrows between rooms, tests"
	@echo "make benchmark  time Keepline against named peers and print the ratios"
	@echo "make prove      the connectors' contract in full on both databases, and a sync killed 100 times on each"
	@echo "make prove-rt   prove the Request Tracker connector on a real server; installs it where it is missing (as root)"
	@echo "make lock       resolve the dependencies anew into requirements.lock"

.venv/ready: requirements.lock requirements-setup.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Keepline needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@echo "Setting up .venv (once; takes under a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/ready
	@$(BIN)/keepline demo --folder build/demo

# The ticket is one of the demo's: its deadline was tightened, paused and given a grace.
pictures: demo
	@$(BIN)/keepline --database sqlite:///build/demo/keepline.db sla explain T-119880 --metric resolution --format html --output build/demo/sla-explain.html
	@$(CHROMIUM) --headless $(if $(filter 0,$(shell id -u)),--no-sandbox) --hide-scrollbars --window-size=1040,1120 --screenshot=docs/pictures/sla-explain.png file://$(CURDIR)/build/demo/sla-explain.html
	@$(BIN)/keepline --database sqlite:///build/demo/keepline.db credit --picture docs/pictures/credit.svg > build/demo/credit.txt
	@$(BIN)/python -m benchmarks.uplift.picture docs/pictures/incremental.svg

test: .venv/ready
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n auto --dist loadfile

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: .venv/ready
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-benchmark.lock
	@echo "ChannelAttribution (GPL-3, for this comparison alone) is built from source; where that fails, it is left out."
	-@$(BIN)/uv pip install --quiet --python $(BIN)/python ChannelAttribution==2.2.5
	$(BIN)/python -m benchmarks

prove: .venv/ready
	KEEPLINE_PROVE=all KEEPLINE_PROVE_KILLS=100 $(BIN)/python -m pytest -q -n auto tests/connectors/test_every_connector.py tests/jobs/test_sync.py

prove-rt: .venv/ready
	$(BIN)/python -m tests.real.request_tracker

lock: .venv/ready
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group benchmark --constraint requirements.lock -o requirements-benchmark.lock

clean:
	rm -rf .venv build dist
