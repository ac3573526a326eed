# make run: a server on 127.0.0.1:8787. make test: everything that guards it. Both stay in this folder.
PYTHON ?= python3.11
VENV := .venv
export PIP_CACHE_DIR := $(CURDIR)/.venv/.cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint bench eval eval-chart lock clean
run: $(VENV)/run.done
	$(VENV)/bin/sosie serve --first-account

test: $(VENV)/test.done lint
	$(VENV)/bin/pytest

lint: $(VENV)/test.done
	$(VENV)/bin/ruff check src tests bench
	$(VENV)/bin/ruff format --check src tests bench
	$(VENV)/bin/mypy

bench: $(VENV)/test.done
	$(VENV)/bin/python bench/api.py
	$(VENV)/bin/python bench/chart.py
	$(VENV)/bin/python bench/patterns.py

# How good the judgement is; wants the letters that SOSIE_LETTERS names. EVAL="--sample 2000" takes some of them only.
eval: $(VENV)/test.done
	PYTHONPATH=bench $(VENV)/bin/python -m quality $(EVAL)

# The picture of a whole measure.
eval-chart: $(VENV)/test.done
	PYTHONPATH=bench $(VENV)/bin/python -m quality --json quality.json
	PYTHONPATH=bench $(VENV)/bin/python -m quality.chart quality.json

$(VENV)/bin/pip:
	@command -v $(PYTHON) >/dev/null 2>&1 && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)

$(VENV)/run.done: $(VENV)/bin/pip requirements.lock pyproject.toml
	$(VENV)/bin/pip install --quiet --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.done: $(VENV)/run.done requirements-dev.lock
	$(VENV)/bin/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Locks name versions and hashes, and no place that they come from.
lock:
	$(VENV)/bin/pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml build-requirements.in -o requirements.lock
	$(VENV)/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header \
		-c requirements.lock pyproject.toml build-requirements.in --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
