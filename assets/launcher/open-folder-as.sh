#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens a folder with a user's rights as descriptor 8, and becomes a command that is root and has it open:
# open-folder-as.sh UID GID FOLDER COMMAND ARGUMENT...
# Meanwhile the process is the user by all its numbers, because a file system in user space asks for no less where its user did
# not let others in (fuse(4), allow_other). What it keeps are root's rights to change those numbers, and no others: with more
# than the user's own rights nobody of his may look into it, take its descriptors or put others in their place (ptrace(2),
# pidfd_getfd(2), commoncap.c), and it comes back to root. So what is open is what the user could open by that path. The dot
# behind it is found in folders alone: no FIFO or device in its place is ever opened.
# Files are opened by native-helper/confinement/grants/by-descriptor.
# Exit code 91: he could not.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
uid=$1 gid=$2
shift 2
kept=+setuid,+setgid
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=$kept --ambient-caps=$kept -- /bin/sh -pc '
  command exec 8< "$1/." || exit 91
  shift
  exec setpriv --reuid 0 --regid 0 --keep-groups --inh-caps=-all --ambient-caps=-all -- "$@"
' open-folder-as "$@"
