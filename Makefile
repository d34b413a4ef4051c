# Everything a person needs: make demo, make test, make check, make bench.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export TOCSIN_DATA ?= $(abspath ../shared/data)

.PHONY: demo test check bench hostile kernels coverage clean

demo: $(VENV)/installed
	@rm -rf build/demo
	@mkdir -p build
	@$(BIN)/tocsin analyze sample_data --year 2026 --state build/demo --report build/report.html

test: $(VENV)/installed
	$(BIN)/python -m pytest

check: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_tidy.py

bench: $(VENV)/installed
	$(BIN)/python tests/bench/run.py

# Every damaged capture must end with an exit code and a word.
hostile: $(VENV)/installed
	$(BIN)/python tests/bench/hostile.py

# Kernels measured with their compiler off, as plain Python.
coverage: $(VENV)/installed
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m pytest -q tests/kernels tests/parse tests/features
	$(BIN)/coverage report

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m tocsin.pipeline.warm_up
	@touch $@

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
