# What there is to do with this project. It needs Go, make and a C compiler (the
# race detector is in C); staticcheck comes through Go's module proxy.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
TYPST := @myriaddreamin/typst-ts-node-compiler@0.7.0
FUZZTIME ?= 30s
BENCHTIME ?= 1s
# Whether make twins measures.
MEASURE ?= true
# How many scenarios the oracle plays, over all families.
SCENARIOS ?= 5000
# How many quick connections `make crowd` makes; `make test` makes a tenth.
CROWD ?= 10000
# How many seeds `make sim` fights, in each of two modes; `make test` fights 25.
SEEDS ?= 100000
# The tests that have long forms.
PROMISES ?= ServersKilled|StandsStill|StoppedUnderLoad|LoadThatLasts|MillionRecords|HowLongCallbacks

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help build herd demo man test docs-check docs-lines docs-graph promises sim crowd conformance chaos chaos-install hosts nats-install soak oracle oracle-install sinks sinks-install live lint fmt fuzz bench bench-quick bench-full linear scaling experiments profile benchmarks twins peers peers-check peers-compare report report-install scraped watched ui-vendor ui-test clean

help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r target what; do printf 'make %-14s %s\n' "$$target" "$$what"; done

build: ## build the program: bin/herd
	go build -trimpath -o bin/herd ./cmd/herd

herd: build ## run the built-in herd of five until Ctrl-C
	bin/herd up

demo: build ## show in less than 20 seconds what the herd does; at a terminal it is then yours
	bin/herd demo

man: ## write the manual pages: bin/man
	go run ./cmd/herd man bin/man

test: ## vet, and run all tests with the race detector
	go vet ./...
	go test -race ./...

docs-check: build ## check links, lines, commands and names in all Markdown, and run what it shows
	go run ./docs/internal/check -play

docs-graph: ## draw docs/imports.svg, who imports whom
	go run ./docs/internal/imports

docs-lines: ## write the right numbers into Markdown's links to lines
	go run ./docs/internal/check -fix

# Some quarter of an hour: 50 kill -9 under load, a minute of SIGSTOP, a million
# records, and how long callbacks hold the loop meanwhile.
promises: ## run the long forms of the tests in docs/reliability.md
	HERD_LONG=1 go test -count=1 -timeout 1h -v -run '$(PROMISES)' ./cmd/herd ./herd/herdtest

# 200,000 fights, at some 240 a second on two cores.
sim: build ## fight SEEDS=100000 whole herds in virtual time, and check every promise
	bin/herd sim --seeds $(SEEDS)

# The servers are hurt in namespaces of their own, if the machine allows that; what it
# does not allow is said, and counted as not run. PLAY may hold other flags.
chaos: build ## hurt a real herd for TIME=60 seconds: DESIGN=reactor JOURNAL=none SEED=0
	go run ./herd/chaos/internal/play -binary bin/herd -time $(or $(TIME),60)s -design $(or $(DESIGN),reactor) \
		-journal $(or $(JOURNAL),none) -seed $(or $(SEED),0) $(PLAY)

chaos-install: ## install what make chaos has more faults with: ip, tc, nft; needs root
	@PATH=$$PATH:/usr/sbin:/sbin; missing=; for tool in ip tc nft; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ -z "$$missing" ]; then echo 'ip, tc and nft are there'; \
	elif command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends iproute2 nftables; \
	else echo "missing are$$missing, and there is no apt-get: install iproute2 and nftables" >&2; exit 1; fi

hosts: ## show a herd on five hosts that know each other by name; needs root and iproute2
	go test -count=1 -v -timeout 5m ./herd/chaos/internal/hosts

nats-install: ## install Debian's nats-server, on which a test plays a herd too; needs root
	@if PATH=$$PATH:/usr/sbin command -v nats-server >/dev/null; then echo 'nats-server is there:'; PATH=$$PATH:/usr/sbin nats-server --version; \
	elif command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends nats-server; \
	else echo 'nats-server is not installed, and there is no apt-get: put one into the PATH' >&2; exit 1; fi

soak: build ## let a real herd work for TIME=3600 seconds, and see that nothing grows: bin/soak.svg
	go run ./herd/chaos/internal/soak -binary bin/herd -time $(or $(TIME),3600)s -design $(or $(DESIGN),mixed) -journal $(or $(JOURNAL),none) -out bin/soak

crowd: ## run the processes' tests with CROWD=10000 quick connections
	HERD_CROWD=$(CROWD) go test -race -count=1 ./cmd/herd

conformance: ## show that docs/conformance/*.tsv hold, and write docs/conformance.md
	go run ./reactor/internal/conformance

oracle: ## play SCENARIOS=5000 random scenarios on real Twisted and on ours
	go run ./reactor/internal/oracle -scenarios $(SCENARIOS)

# TWISTED_PYTHON may name another interpreter, such as a Python 2.7 with 13.2.0.
oracle-install: ## install Debian's Twisted for make oracle; needs root
	@if [ -n "$${TWISTED_PYTHON:-}" ]; then echo "TWISTED_PYTHON is $$TWISTED_PYTHON: nothing to install"; \
	elif /usr/bin/python3 -c 'import twisted' 2>/dev/null; then echo 'Twisted is there:'; /usr/bin/python3 -c 'import twisted; print(twisted.version)'; \
	elif command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends python3-twisted; \
	else echo 'Twisted is not installed, and there is no apt-get: set TWISTED_PYTHON to a Python that has it' >&2; exit 1; fi

# Some minutes: each database is away for 30 s twice, once standing still and once killed.
sinks: ## run the tests of the sinks on real databases, in their long form
	go test -race -count=1 ./herd/sink/...
	HERD_LONG=1 go test -count=1 -timeout 30m -v -run Sink ./cmd/herd

# Debian starts a PostgreSQL of its own when it is installed; the tests start theirs.
sinks-install: ## install Debian's Redis and PostgreSQL for make sinks; needs root
	@if command -v redis-server >/dev/null && { command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }; then echo 'Redis and PostgreSQL are there'; \
	elif command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends redis-server postgresql; \
	else echo 'Redis or PostgreSQL is missing, and there is no apt-get: install redis-server and postgresql' >&2; exit 1; fi

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

# Servers beside each other, in rounds, on cores of their own: tables and figures go to
# bench/results. The machine should have nothing else to do. docs/benchmarking.md
bench-quick: ## compare servers for a moment, under 2 minutes: tables and figures
	go run ./bench/compare -size quick

bench: ## compare servers in all scenarios, under 15 minutes: tables and figures
	go run ./bench/compare -size standard

bench-full: ## compare everything with everything, in some 35 minutes
	go run ./bench/compare -size full

linear: ## show that cost grows linearly: connections, clients, pipeline, herd size; some ten minutes
	go run ./bench/compare -size linear -peer c,reactor,goroutine
	go run ./bench/herdsize

experiments: ## measure what docs/report.md tells: a central database, blocking, computing, memory; ten minutes
	go run ./bench/compare -size report

# With -quick as SCALING it takes some seconds, and is a first look.
scaling: ## what grows with servers and neighbours, formula beside measurement: tables and plots, some six minutes
	go run ./bench/scaling $(SCALING)

profile: ## profiles and system calls of a server under the hot load: bin/profile, PEER=reactor
	go run ./bench/profile -peer $(or $(PEER),reactor)

benchmarks: ## run the benchmarks of all packages, BENCHTIME=1s each
	go test -run='^$$' -bench=. -benchmem -benchtime=$(BENCHTIME) ./...

# Some five minutes; with MEASURE=false what was measured stays as it was.
twins: ## write docs/twins.md: the two designs side by side, from the source, and measured
	go run ./herd/internal/twins -measure=$(MEASURE)

scraped: ## show what a scrape of /metrics each second costs a server: 30 rounds, about 2 minutes
	go test -run='^$$' -bench='^BenchmarkScraped$$' -benchtime=30x ./cmd/herd

watched: ## show what it costs a server under load that its live page is open: 30 rounds, about 4 minutes
	go test -run='^$$' -bench='^BenchmarkWatched$$' -benchtime=30x ./cmd/herd

ui-vendor: ## fetch what the live page has from npm again, as package-lock.json has it
	herd/monitor/web/npm/fetch

# SHOTS=docs keeps the pictures that docs/operating.md shows, in the fonts of
# fonts-inter, fonts-jetbrains-mono and fonts-noto-color-emoji where they are there.
ui-test: build ## play with the live page in Chromium, which as root is installed (Debian)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null && found=1 || :; done; \
	if [ -n "$${found:-}" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends chromium; \
	else echo 'make ui-test needs Chromium: install the package chromium' >&2; exit 1; fi
	go run ./herd/monitor/web/internal/uitest -binary bin/herd -shots "$(SHOTS)"

# TWISTED_PYTHON may name another interpreter here too, such as a Python 2.7 with 13.2.0.
# Nothing comes from npm: every server needs only its language's own library, or Twisted.
peers: ## find the runtimes of the herd in other languages, as root install them, and build
	@go run ./bench/peers/ready || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update && \
		apt-get install -y --no-install-recommends $$(go run ./bench/peers/ready -packages) && go run ./bench/peers/ready; }

peers-check: ## play all scripts on the herd in each language, and one herd of five
	HERD_PEERS=1 go test -count=1 -v -timeout 20m ./bench/peers/...

peers-compare: ## run the experiments, and write the tables of docs/peers.md
	go run ./bench/peers/compare

# RESULTS=bench/results/MACHINE sets bin/report/report.pdf with the newest results in that
# folder instead, such as those of make bench-quick: what they have not is said in its place.
report: ## set docs/report.md as a paper: docs/report.pdf
	@[ -d bin/typst/node_modules ] || $(MAKE) report-install
ifdef RESULTS
	go run ./bench/figures -page docs/report.md -results '$(RESULTS)' -out bin/report/report.md
	go run ./docs/internal/paper -page bin/report/report.md -out bin/report/report.pdf
else
	go run ./bench/figures
	go run ./docs/internal/paper
endif

# Without Liberation Sans the letters in its figures are those of another font.
report-install: ## install what make report sets the paper with: Typst, from npm, in bin/typst
	@if command -v node >/dev/null && command -v npm >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends nodejs npm fonts-liberation; \
	else echo 'make report needs Node.js and npm: install the packages nodejs and npm' >&2; exit 1; fi
	mkdir -p bin/typst
	npm install --prefix bin/typst --no-save --no-audit --no-fund $(TYPST)

clean: ## remove what was built
	rm -rf bin
