# Every command sets up what it needs first; where nothing changed, that takes a second.
# Another interpreter: make PYTHON=python3.12 setup
PYTHON ?=
BIN := .venv/bin
SETUP = python="$$(sh .ci/find-python '$(PYTHON)')" && "$$python" .ci/setup.py
# A file's tests share what they set up, so they stay together.
WORKERS = --numprocesses logical --maxprocesses 4 --dist loadfile
# While one server starts on one core another one answers; a GPU's memory has room for one.
VLLM_WORKERS = --numprocesses $$(if command -v nvidia-smi >/dev/null; then echo 0; else echo 2; fi) --dist loadfile

define CHECKS
@echo "lint: format (ruff)"
@$(BIN)/ruff format --check .
@echo "lint: rules (ruff)"
@$(BIN)/ruff check .
@echo "lint: types (mypy)"
@$(BIN)/mypy
endef

.PHONY: help setup demo test lint clean

help:
	@echo "make setup   the project's own .venv with the right torch and vLLM for this machine, and the models"
	@echo "make demo    set-up, then the bundled samples into demo-output/, with a table of the values"
	@echo "make test    set-up, then format, lint, types and all tests (browser and real vLLM too)"
	@echo "make lint    set-up, then format, lint and types only"
	@echo "make clean   removes demo-output, build products and caches; keeps .venv and the models"
	@echo "make PYTHON=python3.12 COMMAND chooses the Python that .venv is made with"

setup:
	@$(SETUP)

demo: setup
	@$(BIN)/python -m eval.samples.demo

lint: setup
	$(CHECKS)

test:
	@$(SETUP) --browser
	$(CHECKS)
	@echo "test: all tests but those of vLLM, a core for each worker (pytest)"
	@OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -m "not vllm" $(WORKERS)
	@echo "test: through real vLLM servers, two at a time without a GPU (pytest)"
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -m vllm $(VLLM_WORKERS)

clean:
	@echo "clean: removing demo-output, build products and caches (.venv and models stay)"
	@rm -rf demo-output build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
