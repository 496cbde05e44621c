#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints what a path is, a file's inode and birth, and where that really is, for the user in whose name this runs: grant-source.sh r|rw PATH
# Never root's: another is put in the place of what was looked at here, and root opens nothing that it has not looked at (by-descriptor).
# A file is opened, because only that proves the right; a device is not, because opening one can have effects.
set -euf
path=$2
if [ -b "$path" ] || [ -c "$path" ]; then
  printf 'device '
  exec readlink -fn -- "$path"
fi
[ ! -d "$path" ] || { echo 'it is a folder' >&2; exit 1; }
[ -f "$path" ] || [ ! -e "$path" ] || { echo 'it is neither a file nor a device' >&2; exit 1; }
case $1 in
  r) exec 3< "$path" ;;
  rw) [ -e "$path" ] || exec 3< "$path"; exec 3<> "$path" ;;
esac
stat -L --printf='file %i %.9W ' /proc/self/fd/3
exec readlink -n /proc/self/fd/3
