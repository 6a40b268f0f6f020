# Bridge: the commands that people and CI use. `make help` lists them.

GO      ?= go
BIN     := bin/bridge
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X github.com/bridge-gateway/bridge/cmd/bridge/cli.release=$(VERSION)
E2E     := cmd/bridge/e2e
SUITE   := cmd/bridge/conformance
OIDC    := cmd/bridge/oidc
FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help build run generate check test redis e2e conformance chaos corpus bench fuzz cross clean

help: ## List the commands
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build bin/bridge
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/bridge

run: build ## Serve the example CRM, a second API and a native MCP server; needs no account
	@exec ./$(BIN) demo

generate: build ## Write the adapters of specs/ anew
	./$(BIN) gen specs/crm.yaml

check: build ## What CI asks of the code: format, vet, staticcheck, directions, generated code, platforms
	@test -z "$$(gofmt -l cmd generator generated runtime specs templates)" || { gofmt -l cmd generator generated runtime specs templates; echo 'run gofmt -w on these'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	$(GO) test ./cmd/bridge/directions
	./$(BIN) gen specs/crm.yaml --check
	$(MAKE) cross

cross: ## Build for Linux, macOS and Windows
	@for os in linux darwin windows; do echo "build $$os"; GOOS=$$os CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/bridge || exit 1; done

test: $(E2E)/node_modules $(SUITE)/node_modules $(OIDC)/node_modules redis ## Install what the tests need and run them all
	$(GO) test -timeout 15m ./...

e2e: $(E2E)/node_modules ## Run the end-to-end tests alone, against the real binary and real clients
	$(GO) test -v -timeout 10m ./$(E2E)

conformance: $(SUITE)/node_modules ## Run the official conformance suite of MCP and print its scores
	$(GO) test -v -count=1 -timeout 10m ./$(SUITE)

chaos: ## Break MCP servers under load, 1,000 times, and print what came of it
	CHAOS_CYCLES=1000 $(GO) test -v -count=1 -timeout 30m ./cmd/bridge/chaos

corpus: ## Hold every document, also those of BRIDGE_CORPUS, to all that must be true of one, and print the table
	CORPUS=full $(GO) test -v -timeout 30m -run 'TestCorpus|TestReach|TestWire' ./cmd/bridge/corpus

redis: # what the store's tests start; installed where that needs no questions
	@command -v redis-server >/dev/null || command -v valkey-server >/dev/null || { \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } && \
	  { install='env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server'; \
	    $$install >/dev/null 2>&1 || { apt-get update -qq && $$install >/dev/null; }; }; } || \
	  echo 'redis-server is not installed: tests that need it are skipped'

$(E2E)/node_modules $(SUITE)/node_modules $(OIDC)/node_modules: %/node_modules: %/package-lock.json
	@if command -v npm >/dev/null; then cd $* && npm ci --no-audit --no-fund --loglevel=error && touch node_modules; \
	else echo 'npm is not installed: tests that need Node are skipped'; fi

bench: ## Run the benchmarks: what a call costs next to a reverse proxy and an SDK proxy, then those of the parts
	$(GO) run ./cmd/bridge/bench/callpath
	$(GO) test -run '^$$' -bench . -benchmem ./runtime/... ./generator/... ./cmd/bridge/bench

fuzz: ## Run each fuzz target for FUZZTIME (default 10s)
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz'); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

clean: ## Remove what was built
	rm -rf bin $(E2E)/node_modules $(SUITE)/node_modules $(OIDC)/node_modules
