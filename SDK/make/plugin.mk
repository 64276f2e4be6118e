# Rules for the folder of a plugin, included by its Makefile, which sets
#   ID LIBRARY LANGUAGE SOURCES TESTS   and for C also HEADERS and LIBS
# SDK is the folder of this file; SLUICE the program. Everything that is made goes to build/ and dist/.

SLUICE    ?= sluice
PUBLISHER  = $(firstword $(subst ., ,$(ID)))
KEYS       = $(or $(XDG_CONFIG_HOME),$(HOME)/.config)/sluice
KEY       ?= $(KEYS)/$(PUBLISHER).key
CC        ?= cc
SWIFTC    ?= swiftc
RUSTC     ?= rustc
PACKAGE   := dist/$(ID)
MANIFEST  := $(PACKAGE)/$(ID).json

.DEFAULT_GOAL := all
.PHONY: all help build test pack conformance install clean
.DELETE_ON_ERROR:

all: build test pack conformance ## build, test, pack, and hold it against the conformance suite

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(SDK)/plugin.mk | sed -E 's/:[^#]*## */\t/' | expand -t 14

# $(call need,PROGRAM,what to do): stops with a sentence when a tool is not there.
need = command -v $(firstword $(1)) >/dev/null || { echo "$(ID): $(firstword $(1)) is not on PATH: $(2)" >&2; exit 1; }

build: build/$(LIBRARY) ## the library

# What a build is made with: the compiler and the SDK's files. It changes when one of them does. Time stamps alone would not
# tell: the files of an SDK that was installed after a build may be older than the build.
BASE       = $(SDK)/plugin.mk $(SDK)/exports.map $(wildcard $(SDK)/include/*.modulemap $(SDK)/include/*/*.h)

.PHONY: always
build/made-with: always
	@$(call need,$(COMPILER),$(INSTALL))
	@mkdir -p build
	@{ $(COMPILER) --version; cksum $(KIT) $(BASE); } >$@.new 2>&1; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# ------------------------------------------------------------------------------------------------------------------- C
ifeq ($(LANGUAGE),c)
COMPILER  := $(CC)
INSTALL   := install a C compiler such as gcc or clang
KITCODE   := $(wildcard $(SDK)/c/*.c)
KIT       := $(KITCODE) $(wildcard $(SDK)/c/include/*.h)
FLAGS     := -std=c11 -Wall -Wextra -Werror -I$(SDK)/include -I$(SDK)/c/include $(addprefix -I,$(sort $(dir $(HEADERS))))
LINK      := -Wl,--version-script=$(SDK)/exports.map -Wl,-z,nodelete -Wl,-z,defs
SANITISED ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/$(LIBRARY): $(SOURCES) $(HEADERS) Makefile build/made-with
	$(CC) $(FLAGS) -O2 $(CFLAGS) -fPIC -shared $(SOURCES) $(KITCODE) $(LINK) $(LDFLAGS) $(LIBS) -lm -o $@

build/tests: $(TESTS) $(HEADERS) Makefile build/made-with
	$(CC) $(FLAGS) -g $(SANITISED) $(CFLAGS) $(TESTS) $(KITCODE) $(LDFLAGS) $(LIBS) -lm -o $@

# --------------------------------------------------------------------------------------------------------------- Swift
else ifeq ($(LANGUAGE),swift)
COMPILER  := $(SWIFTC)
INSTALL   := install Swift 6.3 or later from https://www.swift.org/install
KIT       := $(wildcard $(SDK)/swift/*.swift) $(SDK)/swift/build-kit
# A suffix, so that no name of a plugin is that of a module it uses: NAME may be swift, or dispatch.
MODULE    := $(patsubst lib%.so,%,$(LIBRARY))Plugin
STRICT    := -swift-version 6 -warnings-as-errors -enable-upcoming-feature InternalImportsByDefault

# The kit is built once for a compiler, and shared by all plugins of this user. lld, because gold leaves local symbols in the
# dynamic table.
build/$(LIBRARY): $(SOURCES) Makefile build/made-with
	kit=$$($(SDK)/swift/build-kit $(SWIFTC)) && \
	$(SWIFTC) $(STRICT) -O $(SWIFTFLAGS) -parse-as-library -module-name $(MODULE) -I $(SDK)/include -I "$$kit" -L "$$kit" -lSluiceSDK \
	  -use-ld=lld -Xlinker --undefined-version -Xlinker --version-script=$(SDK)/exports.map -Xlinker -z -Xlinker nodelete \
	  -emit-library -o $@ $(SOURCES)

build/tests: $(TESTS) Makefile build/made-with
	$(SWIFTC) $(STRICT) $(SWIFTFLAGS) -parse-as-library -module-name $(MODULE)Tests -o $@ $(TESTS)

# ---------------------------------------------------------------------------------------------------------------- Rust
else ifeq ($(LANGUAGE),rust)
COMPILER  := $(RUSTC)
INSTALL   := install Rust 1.63 or later: the package rustc of Debian 12 will do
KIT       := $(wildcard $(SDK)/rust/src/*.rs)
CRATE     := $(subst .,_,$(ID))
STRICT    := --edition 2021 -D warnings $(RUSTFLAGS)

build/libsluice_sdk.rlib: build/made-with
	$(RUSTC) --edition 2021 --crate-type rlib --crate-name sluice_sdk -C opt-level=2 -C panic=unwind $(SDK)/rust/src/lib.rs -o $@

# rustc itself exports nothing of a cdylib but what is marked: sluice_plugin_entry.
build/$(LIBRARY): $(SOURCES) build/libsluice_sdk.rlib Makefile build/made-with
	$(RUSTC) $(STRICT) --crate-type cdylib --crate-name $(CRATE) -C opt-level=2 -C panic=unwind -C link-arg=-Wl,-z,nodelete \
	  --extern sluice_sdk=build/libsluice_sdk.rlib $(firstword $(SOURCES)) -o $@

build/tests: $(TESTS) Makefile build/made-with
	$(RUSTC) --edition 2021 --test --crate-name $(CRATE)_tests $(RUSTFLAGS) -A dead_code $(firstword $(TESTS)) -o $@

else
$(error LANGUAGE is $(LANGUAGE): c, swift and rust are known)
endif

# ------------------------------------------------------------------------------------------------------- all languages
test: build/tests ## the author's tests of the logic
	build/tests

# Size and hash are filled in, and what the suite reads comes along.
pack: build ## the package in dist/
	@$(call need,$(SLUICE),put it there$(,) or name it: make SLUICE=/path/to/bin/sluice)
	$(SLUICE) plugin pack manifest.json --out $(PACKAGE) --libraries build

conformance: pack ## hold the package against the conformance suite
	$(SLUICE) plugin conformance $(MANIFEST)

install: pack $(KEY) ## sign the package with KEY, trust that key, and install
	$(SLUICE) plugin sign $(MANIFEST) --key $(KEY)
	$(SLUICE) plugin trust $(KEY).pub --publisher $(PUBLISHER)
	$(SLUICE) plugin install $(MANIFEST) --yes

# A key of your own, made once: keep it to yourself, and keep a copy.
$(KEY):
	@mkdir -p -m 700 $(@D)
	$(SLUICE) plugin keygen --out $@

clean: ## remove what was made, the key aside
	rm -rf build dist

, := ,
