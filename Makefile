# What there is to do with this project. It needs Go, make and a C compiler (the
# race detector is in C); staticcheck comes through Go's module proxy.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 30s
BENCHTIME ?= 1s
# How many quick connections `make crowd` makes; `make test` makes a tenth.
CROWD ?= 10000

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help build herd demo test crowd conformance live lint fmt fuzz bench clean

help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r target what; do printf 'make %-11s %s\n' "$$target" "$$what"; done

build: ## build the program: bin/herd
	go build -trimpath -o bin/herd ./cmd/herd

herd: build ## run the built-in herd of five until Ctrl-C
	bin/herd up

demo: build ## show in less than 20 seconds what the herd does
	bin/herd demo

test: ## vet, and run all tests with the race detector
	go vet ./...
	go test -race ./...

crowd: ## run the processes' tests with CROWD=10000 quick connections
	HERD_CROWD=$(CROWD) go test -race -count=1 ./cmd/herd

conformance: ## show that docs/conformance/*.tsv hold, and write docs/conformance.md
	go run ./reactor/internal/conformance

live: ## ask the real service of KIND=wikipedia whether it keeps the contract
	go run ./herd/upstream/standin/internal/live $(KIND)

lint: ## check the form of the code: gofmt, vet, staticcheck
	@unformed=$$(gofmt -l .); if [ -n "$$unformed" ]; then printf 'not formatted, run make fmt:\n%s\n' "$$unformed" >&2; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

fmt: ## format the code
	gofmt -w .

fuzz: ## fuzz each target for FUZZTIME=30s, or a number of inputs, FUZZTIME=3000x
	.ci/fuzz $(FUZZTIME)

bench: ## run the benchmarks of all packages, BENCHTIME=1s each
	go test -run='^$$' -bench=. -benchmem -benchtime=$(BENCHTIME) ./...

clean: ## remove what was built
	rm -rf bin
