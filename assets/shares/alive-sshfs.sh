#!/bin/sh
# SPDX-License-Identifier: MIT
# Whether the sshfs of a mount lives and is mounted: alive-sshfs.sh ID ends with 0 or 1. Runs as root in the guest.
{ read -r pid < "/run/berth/$1.pid" && [ -d "/proc/$pid" ] && grep -q "^berth-$1 " /proc/mounts; } 2> /dev/null || exit 1
