# Viva's targets. `make` or `make help` lists them; CI runs the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV_VERSION := 0.13.9
UV := .tools/uv/bin/uv
BIN := .venv/bin
LANG_DEMO ?= en
PERSONA ?= strong
ONLY ?=
ARGS ?=
TEST_PACKAGES := chromium coturn espeak-ng iproute2 pocketsphinx-testdata

export UV_PYTHON_DOWNLOADS := never
export CMAKE_BUILD_PARALLEL_LEVEL ?= 2
export PATH := $(CURDIR)/.venv/bin:$(PATH)

##@ Run it
.PHONY: demo up down reset
demo: setup ## Hold one whole interview with a real model and print its report (LANG_DEMO=en|ko, PERSONA=strong|thin|evasive)
	$(BIN)/viva demo --lang $(LANG_DEMO) --persona $(PERSONA) $(ARGS)

up: setup ## Start the whole stack on this machine; Ctrl-C ends it
	$(BIN)/viva up $(ARGS)

down: setup ## Stop a stack that runs in the background
	$(BIN)/viva down

reset: setup ## Stop the stack and delete its data (asks first)
	$(BIN)/viva reset $(ARGS)

##@ Check it
.PHONY: lint type proto test bench
lint: setup proto ## Format, lint, import directions, contracts (lint and breaking changes)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/buf format --diff --exit-code proto
	$(BIN)/buf lint build/viva.binpb --config proto/buf.yaml
	tests/contract/breaking.sh

type: setup ## mypy, strict
	$(BIN)/mypy

proto: setup ## Generate the stubs into proto/gen and the image for buf into build/viva.binpb
	$(BIN)/python proto/stubs.py proto proto/gen build/viva.binpb

test: setup test-packages ## Unit, contract and integration tests against a real nats-server, a real PostgreSQL and a small real model
	$(BIN)/python -m pytest $(ARGS)

.PHONY: test-packages
test-packages: # recorded speech, a TURN server and network namespaces, for the tests of voice
	@dpkg -s $(TEST_PACKAGES) >/dev/null 2>&1 || { \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES) >/dev/null; } \
	  || { echo "make test needs these packages: apt-get install $(TEST_PACKAGES)" >&2; exit 1; }; }

bench: setup test-packages ## Measure against the peers (ONLY=name for one); writes build/bench.json
	command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq redis-server; }
	$(UV) sync --quiet --frozen --all-packages --group bench --extra deepface
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

##@ Work on it
.PHONY: setup format help clean
setup: .venv/.ready ## Install everything into .venv (the first time compiles llama.cpp: about 6 minutes)

format: setup ## Format the code and the contracts
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format -w proto

clean: ## Delete what was built, not what was downloaded
	rm -rf .venv .tools build proto/gen

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  \033[36m%-8s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PROTOS := $(shell find proto/viva -name '*.proto' 2>/dev/null) proto/stubs.py
PROJECTS := pyproject.toml uv.lock proto/pyproject.toml $(wildcard services/*/pyproject.toml operators/*/pyproject.toml) tests/kit/pyproject.toml

.venv/.ready: $(PROJECTS) $(PROTOS) | $(UV)
	@# What is in the cache is used as it is: asking the index again would make uv compile llama.cpp anew.
	$(UV) sync --quiet --frozen --all-packages --offline 2>/dev/null || $(UV) sync --frozen --all-packages
	@touch $@

$(UV):
	@command -v python3 >/dev/null || { echo "Viva needs python3 (3.11 or newer): apt-get install python3 python3-venv" >&2; exit 1; }
	@command -v c++ >/dev/null || { echo "Viva compiles llama.cpp once and needs a C++ compiler: apt-get install build-essential" >&2; exit 1; }
	python3 -m venv .tools/uv
	.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
