#!/bin/sh
# SPDX-License-Identifier: MIT
# The first part of every mount: makes the target ready and checks it. Runs as root in the guest, with mount-sshfs.sh,
# mount-virtiofs.sh or mount-9p.sh behind it in the same shell. What is said to the helper goes to stderr, a line each. Words: only
# what busybox has too.
#
# ID TARGET USER ACCESS FORBIDDEN ...
#   USER         the guest's default user
#   ACCESS       rw or ro
#   FORBIDDEN    folders, one a line, below which nothing is mounted; with a $ behind it, the very folder only
# Leaves behind: $name, the file system's name; $run, a directory; $real, the target without links; $old_ifs.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
id=$1 target=$2 user=$3 access=$4 forbidden=$5
shift 5
name=berth-$id
run=/run/berth

say() { echo "berth-mount: $*" >&2; }
refuse() { say "refused $*"; exit 41; }

umask 077
mkdir -p "$run"

# What an earlier connection left: its sshfs may not know yet that nobody is there.
if [ -f "$run/$id.pid" ]; then
  old=$(cat "$run/$id.pid")
  case $(tr '\0' ' ' < "/proc/$old/cmdline" 2> /dev/null || :) in *"fsname=$name,"*) kill -KILL "$old" ;; esac
fi
# Of a 9p, the SSH server's process whose link may be cut: while it lives, whoever asks its mount waits.
if [ -f "$run/$id.session" ]; then
  read -r old started < "$run/$id.session"
  case $(cut -d ' ' -f 22 "/proc/$old/stat" 2> /dev/null || :) in "$started") kill -KILL "$old" ;; esac
  rm -f "$run/$id.session"
fi
tries=0
# A mount whose server is gone is there and answers nothing, whichever of ours it was.
is_stale() { grep -q '^berth-' /proc/mounts && ! stat "$target" > /dev/null 2>&1 && LC_ALL=C stat "$target" 2>&1 | grep -q 'not connected'; }
while { grep -q "^$name[. ]" /proc/mounts || is_stale; } && [ $tries -lt 10 ]; do
  umount -l "$target" || :
  tries=$((tries + 1))
done

umask 022
if [ ! -d "$target" ]; then
  # As the user where it can, so that folders on the way are the user's own.
  sudo -n -u "$user" mkdir -p "$target" 2> /dev/null || mkdir -p "$target" 2> /dev/null || refuse 'the folder cannot be made'
  say made
fi
cd -P "$target" || refuse 'the folder cannot be entered'
real=$(pwd -P; echo x)
real=${real%?x}
cd /
home=$(awk -F: -v user="$user" '$1 == user { print $6 }' /etc/passwd)
[ "$real" != "$home" ] || refuse 'it is the home of the user that Berth logs in as'
old_ifs=$IFS
IFS='
'
for folder in $forbidden; do
  case $folder in
    *'$') [ "$real" != "${folder%?}" ] || refuse "it is $real of the guest's system" ;;
    *) case $real/ in "$folder"/*) refuse "it is below $folder of the guest's system" ;; esac ;;
  esac
done
# mountpoint(1) is not everywhere; a mounted folder is on another device than the one it lies in.
[ "$(stat -c %d "$real")" = "$(stat -c %d "$real/..")" ] || refuse 'something else is mounted there'
IFS=$old_ifs
