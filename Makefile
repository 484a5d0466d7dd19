# Viva's targets. `make` or `make help` lists them; CI runs the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV_VERSION := 0.13.9
VERSITYGW_VERSION := v1.8.0
UV := .tools/uv/bin/uv
BIN := .venv/bin
LANG_DEMO ?= en
PERSONA ?= strong
ONLY ?=
# Most of a test's time is waiting for processes of its own: two at a time do well on two cores.
WORKERS ?= 2
ARGS ?=
WEB := services/web
NODE_PACKAGES := $(shell sed -n 's/^NODE_PACKAGES="\(.*\)"$$/\1/p' tests/cluster/versions)
TEST_PACKAGES := chromium coturn espeak-ng iproute2 pocketsphinx-testdata prometheus

export UV_PYTHON_DOWNLOADS := never
export CMAKE_BUILD_PARALLEL_LEVEL ?= 2
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools/bin:$(PATH)

##@ Run it
.PHONY: demo up down reset web
demo: setup ## Hold one whole interview with a real model and print its report (LANG_DEMO=en|ko, PERSONA=strong|thin|evasive)
	$(BIN)/viva demo --lang $(LANG_DEMO) --persona $(PERSONA) $(ARGS)

up: setup web ## Start the whole stack on this machine; Ctrl-C ends it
	$(BIN)/viva up $(ARGS)

web: $(WEB)/dist/.ready ## Build the pages that the gateway serves (needs Node 20.19 or newer)

down: setup ## Stop a stack that runs in the background
	$(BIN)/viva down

reset: setup ## Stop the stack and delete its data (asks first)
	$(BIN)/viva reset $(ARGS)

##@ Check it
.PHONY: lint type proto test bench
lint: setup proto $(WEB)/node_modules/.ready ## Format, lint, import directions, contracts (lint and breaking changes)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/buf format --diff --exit-code proto
	$(BIN)/buf lint build/viva.binpb --config proto/buf.yaml
	tests/contract/breaking.sh
	$(BIN)/hadolint images/Dockerfile
	cd $(WEB) && npm run --silent lint

type: setup $(WEB)/node_modules/.ready ## mypy and tsc, strict
	$(BIN)/mypy
	cd $(WEB) && npm run --silent type

proto: setup ## Generate the stubs into proto/gen and the image for buf into build/viva.binpb
	$(BIN)/python proto/stubs.py proto proto/gen build/viva.binpb

test: setup web test-packages ## Unit, contract, integration and browser tests against a real nats-server, a real PostgreSQL and a small real model
	cd $(WEB) && npm run --silent test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --durations=25 $(ARGS)

.PHONY: screenshots
screenshots: setup web test-packages ## Take README's screenshots anew, of a real stack with the model of make demo (some minutes)
	$(BIN)/python -m pytest tests/browser/take_screenshots.py $(ARGS)

.PHONY: test-cluster
test-cluster: setup ## The operator against a real kube-apiserver, etcd and kwok nodes; compiles them once into ~/.cache/viva-cluster (Go 1.26, some minutes). No part of make test
	tests/cluster/build.sh
	$(BIN)/python -m pytest tests/cluster --ignore tests/cluster/node --durations=10 $(ARGS)

.PHONY: test-node
test-node: node ## The charts on a real Kubernetes node of our own, with our images: installed, upgraded, drained and uninstalled with interviews on them (root, Debian, no Docker). No part of make test
	$(BIN)/python -m pytest tests/cluster/node --durations=10 $(ARGS)

.PHONY: node
node: setup ## What tests/cluster/node/node.sh needs to start a real Kubernetes node (root, Debian): its packages, binaries and images; 20 minutes and more the first time
	@dpkg -s $(NODE_PACKAGES) >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $(NODE_PACKAGES) >/dev/null; } \
	  || { echo "a real node needs these packages: apt-get install $(NODE_PACKAGES)" >&2; exit 1; }
	tests/cluster/build.sh node
	tests/cluster/node/images.sh system
	tests/cluster/node/images.sh stores
	tests/cluster/node/images.sh viva session question-gen evaluator gateway operator tools

.PHONY: s3-server
s3-server: .tools/bin/versitygw ## A real S3 server for the tests of recordings, which otherwise use moto alone (Go; about 4 minutes)

.tools/bin/versitygw:
	GOBIN=$(CURDIR)/.tools/bin GOFLAGS=-mod=mod go install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)

.PHONY: test-packages
test-packages: # recorded speech, a TURN server and network namespaces, for the tests of voice
	@dpkg -s $(TEST_PACKAGES) >/dev/null 2>&1 || { \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES) >/dev/null; } \
	  || { echo "make test needs these packages: apt-get install $(TEST_PACKAGES)" >&2; exit 1; }; }

.PHONY: charts
charts: setup ## Write the charts' generated files anew, and lint the chart
	$(BIN)/python -m charts.generator
	$(BIN)/python -m viva_operator crds
	$(BIN)/python -m viva_operator rights
	$(BIN)/helm lint --strict charts/viva --values charts/viva/ci/cpu-values.yaml
	$(BIN)/helm lint --strict charts/viva-crds charts/viva-operator

.PHONY: images
images: ## Build the images with docker, podman or buildah (ARGS="session gateway" for some; REGISTRY, VERSION, BASE)
	images/build.sh $(ARGS)

.PHONY: sbom
sbom: $(UV) ## Write an SBOM for each image into build/sbom (CycloneDX, from the lock file; ARGS="session" for some)
	images/sbom.sh $(ARGS)

bench: setup test-packages ## Measure against the peers (ONLY=name for one); writes build/bench.json
	command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq redis-server; }
	$(UV) sync --quiet --frozen --all-packages --group bench --extra deepface
	$(if $(filter-out operator,$(ONLY)),,tests/cluster/build.sh)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

##@ Work on it
.PHONY: setup format help clean
setup: .venv/.ready ## Install everything into .venv (the first time compiles llama.cpp: about 6 minutes)

format: setup ## Format the code and the contracts
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format -w proto

clean: ## Delete what was built, not what was downloaded
	rm -rf .venv .tools build proto/gen $(WEB)/node_modules $(WEB)/dist

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  \033[36m%-9s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PROTOS := $(shell find proto/viva -name '*.proto' 2>/dev/null) proto/stubs.py
PROJECTS := pyproject.toml uv.lock proto/pyproject.toml $(wildcard services/*/pyproject.toml operators/*/pyproject.toml) tests/kit/pyproject.toml

.venv/.ready: $(PROJECTS) $(PROTOS) | $(UV)
	@# What is in the cache is used as it is: asking the index again would make uv compile llama.cpp anew.
	$(UV) sync --quiet --frozen --all-packages --offline 2>/dev/null || $(UV) sync --frozen --all-packages
	@touch $@

# What the pages are made of; the gateway's routes and models too, since the typed client is made from them.
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public $(WEB)/scripts -type f -not -name schema.ts 2>/dev/null) \
  $(WEB)/index.html $(WEB)/vite.config.ts $(shell find services/gateway/src -path '*/routes/*.py' -o -path '*/schemas/*.py' 2>/dev/null)

$(WEB)/node_modules/.ready: $(WEB)/package.json $(WEB)/package-lock.json $(WEB)/.npmrc
	@command -v npm >/dev/null || { echo "Viva's pages need Node 20.19 or newer with npm: apt-get install nodejs npm, or nodejs.org" >&2; exit 1; }
	cd $(WEB) && npm ci --silent
	@touch $@

$(WEB)/dist/.ready: $(WEB)/node_modules/.ready $(WEB_SOURCES) | .venv/.ready
	cd $(WEB) && npm run --silent build
	@touch $@

$(UV):
	@command -v python3 >/dev/null || { echo "Viva needs python3 (3.11 or newer): apt-get install python3 python3-venv" >&2; exit 1; }
	@command -v c++ >/dev/null || { echo "Viva compiles llama.cpp once and needs a C++ compiler: apt-get install build-essential" >&2; exit 1; }
	python3 -m venv .tools/uv
	.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
