# make help lists the targets. The work is in scripts/, so that each step can be run by itself.
SWIFT ?= swift
PREFIX ?= /usr/local
SOURCES := $(wildcard Package.swift Host SDK Plugins Tests)

.DEFAULT_GOAL := build
.PHONY: help setup build release stage demo test test-fast check-api crash fuzz fuzz-dsl test-real-llm equivalence-dsl bench hooks format lint install install-sdk clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup: ## install what is missing: packages, Python environment, embedding model
	@scripts/setup

build: setup ## debug build, laid out in .build/stage/debug
	$(SWIFT) build
	scripts/stage debug

release: setup ## release build, laid out in .build/stage/release
	$(SWIFT) build -c release
	scripts/stage release

stage: ## lay out the last debug build again
	scripts/stage debug

demo: release ## move the sample through the five gates, and show what happened
	scripts/demo

test: setup ## every suite; ends with N passed, N failed, N skipped
	$(SWIFT) build --build-tests
	scripts/stage debug
	@scripts/test

test-fast: setup ## what an edit needs: without the end-to-end tests
	$(SWIFT) build --build-tests
	scripts/stage debug
	@scripts/test --fast

check-api: ## the Swift kit against an earlier commit, which SwiftPM builds; AGAINST=TREEISH, default the last tag
	@scripts/check-api --against "$(AGAINST)"

crash: build ## kill a run everywhere and at random, resume, compare; takes about an hour
	@/usr/bin/python3 Tests/Crash/crash.py --stage .build/stage/debug

test-real-llm: setup ## adapters and a whole run against a real model; not part of make test, installs llama.cpp's server
	$(SWIFT) build --build-tests
	scripts/stage debug
	@scripts/real-llm

fuzz: setup ## a million mutated frames and 2,000 sessions against the host; SLUICE_FUZZ_SEED repeats a run
	$(SWIFT) build --build-tests
	SLUICE_FUZZ_FRAMES=1000000 SLUICE_FUZZ_SESSIONS=2000 $(SWIFT) test --skip-build \
	  --filter 'mutated crash nothing|costs the host no more'

fuzz-dsl: ## ten minutes of documents that are nearly DSL programs, under AddressSanitizer; FUZZ_SECONDS= and FUZZ_SEED= repeat a run
	$(SWIFT) build --sanitize=address --scratch-path .build/asan --product sluice-fuzz-dsl
	.build/asan/debug/sluice-fuzz-dsl $(or $(FUZZ_SECONDS),600) $(FUZZ_SEED)

equivalence-dsl: release ## 10,000 random DSL programs in every engine, and the peers' whole job; SLUICE_DSL_SEED repeats a night
	@.build/engines/bin/python -B Tests/DSL/equivalence.py --stage .build/stage/release --random 10000
	@.build/engines/bin/python -B Tests/DSL/etl.py --stage .build/stage/release

bench: release ## every driver under Tests/Bench; results in .build/bench
	@set -e; mkdir -p .build/bench; found=; \
	for driver in Tests/Bench/*/run; do [ -x "$$driver" ] || continue; found=1; "$$driver"; done; \
	[ -n "$$found" ] || { echo "bench: no driver under Tests/Bench" >&2; exit 1; }

bench-%: release ## one driver: make bench-migration
	@Tests/Bench/$*/run

hooks: ## let git run scripts/hooks on commits
	git config core.hooksPath scripts/hooks

format: ## rewrite Swift sources in the house style
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint: ## style of Swift sources, syntax of scripts, headers, registry
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	@for script in scripts/setup scripts/stage scripts/stage-sdk scripts/test scripts/demo scripts/check-headers scripts/real-llm scripts/hooks/* .ci/run; do \
	  bash -n "$$script" || exit 1; done
	scripts/check-headers
	scripts/check-registry.py

install-sdk: ## copy the SDK for plugin authors to PREFIX: headers, kits, templates, sluice-sdk.pc
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/sluice $(DESTDIR)$(PREFIX)/lib/pkgconfig
	scripts/stage-sdk $(DESTDIR)$(PREFIX)/share/sluice/sdk
	cp -R SDK/include/sluice $(DESTDIR)$(PREFIX)/include/
	sed -e 's|@PREFIX@|$(PREFIX)|' SDK/make/sluice-sdk.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/sluice-sdk.pc

install: release ## copy the release tree to PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/share
	install -m 755 .build/stage/release/bin/sluice $(DESTDIR)$(PREFIX)/bin/sluice
	install -m 755 .build/stage/release/libexec/sluice-runner $(DESTDIR)$(PREFIX)/libexec/sluice-runner
	install -m 755 .build/stage/release/libexec/sluice-prober $(DESTDIR)$(PREFIX)/libexec/sluice-prober
	cp -R .build/stage/release/lib/sluice $(DESTDIR)$(PREFIX)/lib/
	cp -R .build/stage/release/share/sluice $(DESTDIR)$(PREFIX)/share/

clean: ## remove all build output, the Python environment too
	rm -rf .build
