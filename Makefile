# Everything a newcomer needs. A machine with Python 3.11 or newer is enough; the rest is fetched, pinned by hash.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check bench steps openapi format clean

python := .venv/bin/python
# A test run starts hundreds of Python processes: what one of them has compiled, the others need not compile again.
export PYTHONDONTWRITEBYTECODE :=
# One more than there are cores: tests that start processes or kill them mostly wait.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
say = @printf '· %s …\n'
tag := adapters/tracking/tag/dist/manifest.json
tag_sources := frontends/package-lock.json frontends/tag/package.json frontends/tag/build.mjs $(wildcard frontends/tag/src/*.ts)

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

run: .venv/.run $(tag) ## start everything with the demo shop, until Ctrl-C
	@exec $(python) -m adapters.host.cli demo

install: .venv/.run $(tag) ## make .venv with what running needs, and the tag

test: .venv/.dev frontends/node_modules/.dev $(tag) ## run every test (ARGS="-k name" narrows)
	@sh tools/frontends.sh test
	@sh tools/need.sh chromium chromium chromium-browser google-chrome google-chrome-stable
	@$(python) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(ARGS)

check: .venv/.dev frontends/node_modules/.dev $(tag) ## format, lint, types, boundaries, texts, features, the HTTP document
	$(say) 'format'
	@$(python) -m ruff format --check --quiet .
	$(say) 'lint'
	@$(python) -m ruff check --quiet .
	$(say) 'types (the first time takes a minute)'
	@$(python) -m mypy src adapters tests benchmarks tools
	$(say) 'boundaries'
	@$(python) -m tools.boundaries
	@$(python) -m tools.rules
	$(say) 'texts in nine languages'
	@$(python) -m adapters.shared.texts
	$(say) 'features'
	@$(python) -m tools.features
	$(say) 'TypeScript, and what the tag-manager templates may do; the sizes were checked by the build'
	@sh tools/frontends.sh check
	$(say) 'docs/openapi.json'
	@$(python) -m tools.openapi --check

bench: .venv/.dev ## measure, and write benchmarks/results/latest.json
	@sh tools/need.sh wrk wrk
	@$(python) -m benchmarks

steps: .venv/.dev ## every sentence that features may use
	@$(python) -m tools.steps

openapi: .venv/.dev ## write docs/openapi.json from the code
	@$(python) -m tools.openapi

format: .venv/.dev frontends/node_modules/.dev ## put the code in shape
	@$(python) -m ruff format .
	@$(python) -m ruff check --fix .
	@sh tools/frontends.sh format

clean: ## remove what was made here, but no data
	rm -rf frontends/node_modules adapters/tracking/tag/dist
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.run: requirements/run.txt tools/environment.py
	@sh tools/environment.sh run

.venv/.dev: requirements/dev.txt tools/environment.py
	@sh tools/environment.sh dev

frontends/node_modules/.run: frontends/package-lock.json
	@sh tools/frontends.sh install run

frontends/node_modules/.dev: frontends/package-lock.json
	@sh tools/frontends.sh install dev

# Rebuilt when its sources changed, and only then: a second `make run` starts at once.
$(tag): $(tag_sources) | frontends/node_modules/.run
	@sh tools/frontends.sh build
