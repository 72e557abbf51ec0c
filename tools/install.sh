#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing through apt, and does nothing (and asks nothing) when all is
# there.
#
#   tools/install.sh run     what it takes to build and run
#   tools/install.sh check   and to test
#   tools/install.sh bench   and to compare with HAProxy and nginx
#
# A tool counts as there when its command is there, whoever brought it; a library when its
# Debian package is installed.
set -eu

# command:package
RUN_TOOLS="gcc:gcc meson:meson ninja:ninja-build pkg-config:pkgconf python3:python3
 openssl:openssl curl:curl npm:npm"
RUN_LIBRARIES="libc6-dev libssl-dev libsodium-dev libsqlite3-dev liburcu-dev
 libjansson-dev libnghttp2-dev libinih-dev libyaml-dev libcurl4-openssl-dev"
CHECK_TOOLS="clang:clang clang-format:clang-format sqlite3:sqlite3
 chromium:chromium haproxy:haproxy nginx:nginx-light rsyslogd:rsyslog
 qemu-x86_64:qemu-user valgrind:valgrind systemd-analyze:systemd"
CHECK_LIBRARIES="libclang-rt-dev libcmocka-dev python3-cryptography python3-jwt rsyslog-gnutls"
BENCH_TOOLS="wrk:wrk taskset:util-linux"
NODE_LEAST=18

tools=$RUN_TOOLS
libraries=$RUN_LIBRARIES
case "${1:-}" in
run) ;;
check) tools="$tools $CHECK_TOOLS" libraries="$libraries $CHECK_LIBRARIES" ;;
bench) tools="$tools $CHECK_TOOLS $BENCH_TOOLS" libraries="$libraries $CHECK_LIBRARIES" ;;
*)
    echo "tools/install.sh: say what for: run, check or bench" >&2
    exit 2
    ;;
esac

PATH="$PATH:/usr/sbin:/sbin" # haproxy and nginx live there
missing=
for pair in $tools; do
    command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${Package}:${Status}\n' $libraries 2>/dev/null || true)
for package in $libraries; do
    case "$installed" in
    *"$package:install ok installed"*) ;;
    *) missing="$missing $package" ;;
    esac
done
node=$(node --version 2>/dev/null || echo v0)
node=${node#v}
[ "${node%%.*}" -ge $NODE_LEAST ] || missing="$missing nodejs"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "tools/install.sh: please install, by their Debian names:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "tools/install.sh: root must install:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing:$missing"
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}
apt update
# shellcheck disable=SC2086
apt install --no-install-recommends $missing >/dev/null
