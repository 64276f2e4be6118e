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

# ------------------------------------------------------------------------------------------------------------------- C
ifeq ($(LANGUAGE),c)
KIT       := $(wildcard $(SDK)/c/*.c)
FLAGS     := -std=c11 -Wall -Wextra -Werror -I$(SDK)/include -I$(SDK)/c/include $(addprefix -I,$(sort $(dir $(HEADERS))))
LINK      := -Wl,--version-script=$(SDK)/exports.map -Wl,-z,nodelete -Wl,-z,defs
SANITISED ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/$(LIBRARY): $(SOURCES) $(HEADERS) $(KIT) Makefile
	@$(call need,$(CC),install a C compiler such as gcc or clang)
	@mkdir -p build
	$(CC) $(FLAGS) -O2 $(CFLAGS) -fPIC -shared $(SOURCES) $(KIT) $(LINK) $(LDFLAGS) $(LIBS) -lm -o $@

build/tests: $(TESTS) $(HEADERS) $(KIT) Makefile
	@$(call need,$(CC),install a C compiler such as gcc or clang)
	@mkdir -p build
	$(CC) $(FLAGS) -g $(SANITISED) $(CFLAGS) $(TESTS) $(KIT) $(LDFLAGS) $(LIBS) -lm -o $@

# --------------------------------------------------------------------------------------------------------------- Swift
else ifeq ($(LANGUAGE),swift)
MODULE    := $(patsubst lib%.so,%,$(LIBRARY))
STRICT    := -swift-version 6 -warnings-as-errors -enable-upcoming-feature InternalImportsByDefault

# The kit is built once for a compiler, and shared by all plugins of this user. lld, because gold leaves local symbols in the
# dynamic table.
build/$(LIBRARY): $(SOURCES) Makefile
	@$(call need,$(SWIFTC),install Swift 6.3 or later from https://www.swift.org/install)
	@mkdir -p build
	kit=$$($(SDK)/swift/build-kit $(SWIFTC)) && \
	$(SWIFTC) $(STRICT) -O $(SWIFTFLAGS) -parse-as-library -module-name $(MODULE) -I $(SDK)/include -I "$$kit" -L "$$kit" -lSluiceSDK \
	  -use-ld=lld -Xlinker --undefined-version -Xlinker --version-script=$(SDK)/exports.map -Xlinker -z -Xlinker nodelete \
	  -emit-library -o $@ $(SOURCES)

build/tests: $(TESTS) Makefile
	@$(call need,$(SWIFTC),install Swift 6.3 or later from https://www.swift.org/install)
	@mkdir -p build
	$(SWIFTC) $(STRICT) $(SWIFTFLAGS) -parse-as-library -module-name $(MODULE)Tests -o $@ $(TESTS)

# ---------------------------------------------------------------------------------------------------------------- Rust
else ifeq ($(LANGUAGE),rust)
KIT       := $(wildcard $(SDK)/rust/src/*.rs)
CRATE     := $(subst .,_,$(ID))
STRICT    := --edition 2021 -D warnings $(RUSTFLAGS)

build/libsluice_sdk.rlib: $(KIT)
	@$(call need,$(RUSTC),install Rust 1.63 or later: the package rustc of Debian 12 will do)
	@mkdir -p build
	$(RUSTC) --edition 2021 --crate-type rlib --crate-name sluice_sdk -C opt-level=2 -C panic=unwind $(SDK)/rust/src/lib.rs -o $@

# rustc itself exports nothing of a cdylib but what is marked: sluice_plugin_entry.
build/$(LIBRARY): $(SOURCES) build/libsluice_sdk.rlib Makefile
	$(RUSTC) $(STRICT) --crate-type cdylib --crate-name $(CRATE) -C opt-level=2 -C panic=unwind -C link-arg=-Wl,-z,nodelete \
	  --extern sluice_sdk=build/libsluice_sdk.rlib $(firstword $(SOURCES)) -o $@

build/tests: $(TESTS) Makefile
	@$(call need,$(RUSTC),install Rust 1.63 or later: the package rustc of Debian 12 will do)
	@mkdir -p build
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
