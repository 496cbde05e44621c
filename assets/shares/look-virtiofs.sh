#!/bin/sh
# SPDX-License-Identifier: MIT
# Says what is to be known before a folder is served to the guest by virtiofs: look-virtiofs.sh ID USER. Runs as root in the guest.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
grep -q 'virtiofs$' /proc/filesystems || modprobe virtiofs 2> /dev/null
if grep -q 'virtiofs$' /proc/filesystems; then echo has; else echo lacks; fi
echo "uid $(id -u "$2")"
echo "gid $(id -g "$2")"
# shellcheck disable=SC2016 # awk's own
echo "mounted $(awk -v name="berth-$1." 'index($1, name) == 1 && $3 == "virtiofs"' /proc/mounts | wc -l)"
