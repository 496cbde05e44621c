#!/bin/sh
# SPDX-License-Identifier: MIT
# Takes from a machine that runs the right to write all of the host's files but these, and prints which of these it may not write
# yet: bind-given.sh makes them writable. Runs as root in the machine's mount namespace, as text of `sh -c`, because this file may
# not be seen there: machine-writes PATH...
# A name can lead elsewhere a moment later: by names something becomes read-only here, and never more than that.
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
newline='
'
wanted=$newline writable=$newline
for path in "$@"; do wanted="$wanted$path$newline"; done
while read -r _ _ _ _ place options _; do
  case $place in
    /dev|/dev/*) continue ;;
    *\\*) place=$(printf '%bx' "$(printf %s "$place" | sed 's/\\/\\0/g')"); place=${place%x} ;;
  esac
  case $options in rw|rw,*) ;; *) continue ;; esac
  [ -f "$place" ] || continue
  case $wanted in
    *"$newline$place$newline"*) writable="$writable$place$newline" ;;
    *) mount -n -o remount,bind,ro,nosuid,nodev "$place" 2> /dev/null || : ;; # open for writing: the profile lets it be opened no more
  esac
done < /proc/self/mountinfo
for path in "$@"; do
  case $writable in *"$newline$path$newline"*) ;; *) printf '%s\n' "$path" ;; esac
done
