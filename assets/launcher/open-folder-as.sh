#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens a folder with a user's rights as descriptor 8, and becomes a command that is root and has it open:
# open-folder-as.sh UID GID FOLDER COMMAND ARGUMENT...
# Meanwhile the process is the user by its effective numbers alone. Its real ones stay root's, so nobody of the user's may look
# into it, take its descriptors or put others in their place (ptrace(2), pidfd_getfd(2)): what is open is what the
# user could open by that path. The dot behind it is found in folders alone: no FIFO or device in its place is ever opened.
# Files are opened by native-helper/confinement/grants/by-descriptor.
# Exit code 91: he could not.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
uid=$1 gid=$2
shift 2
exec setpriv --euid "$uid" --egid "$gid" --clear-groups -- /bin/sh -pc '
  command exec 8< "$1/." || exit 91
  shift
  exec setpriv --reuid 0 --regid 0 --keep-groups -- "$@"
' open-folder-as "$@"
