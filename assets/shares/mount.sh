#!/bin/sh
# SPDX-License-Identifier: MIT
# Mounts a folder of the host. Runs as root in the guest and becomes sshfs, which speaks SFTP on stdin and
# stdout; what is said to the helper goes to stderr, a line each. Words: only what busybox has too.
#
# mount.sh ID TARGET USER ACCESS UIDS GIDS FORBIDDEN
#   USER         the guest's default user
#   UIDS, GIDS   HOST:GUEST pairs, one a line; @ for the default user and its group
#   FORBIDDEN    folders, one a line, below which nothing is mounted; with a $ behind it, the very folder only
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
id=$1 target=$2 user=$3 access=$4 uids=$5 gids=$6 forbidden=$7
name=berth-$id
run=/run/berth

say() { echo "berth-mount: $*" >&2; }
refuse() { say "refused $*"; exit 41; }

command -v sshfs > /dev/null || { say no-sshfs; exit 40; }
umask 077
mkdir -p "$run"

# What an earlier connection left: its sshfs may not know yet that nobody is there.
if [ -f "$run/$id.pid" ]; then
  old=$(cat "$run/$id.pid")
  case $(tr '\0' ' ' < "/proc/$old/cmdline" 2> /dev/null || :) in *"fsname=$name,"*) kill -KILL "$old" ;; esac
fi
tries=0
# A mount whose server is gone is there and answers nothing, whichever of ours it was.
is_stale() { grep -q '^berth-' /proc/mounts && ! stat "$target" > /dev/null 2>&1 && LC_ALL=C stat "$target" 2>&1 | grep -q 'not connected'; }
while { grep -q "^$name " /proc/mounts || is_stale; } && [ $tries -lt 10 ]; do
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

# sshfs maps names of the guest to numbers of the host.
name_of() { awk -F: -v id="$2" '$3 == id { print $1; exit }' "$1"; }
umask 077
for pair in $uids; do
  guest=$(case ${pair#*:} in @) echo "$user" ;; *) name_of /etc/passwd "${pair#*:}" ;; esac)
  [ -n "$guest" ] || refuse "the guest has no user with the number ${pair#*:}"
  echo "$guest:${pair%:*}"
done > "$run/$id.uids"
for pair in $gids; do
  guest=$(case ${pair#*:} in @) id -gn "$user" ;; *) name_of /etc/group "${pair#*:}" ;; esac)
  [ -n "$guest" ] || refuse "the guest has no group with the number ${pair#*:}"
  echo "$guest:${pair%:*}"
done > "$run/$id.gids"
IFS=$old_ifs
umask 022

# The attribute cache of 20 s by default shows old lengths after a change on the host: reads are cut short. The
# kernel adds a second of its own, so a change shows within two.
options="slave,allow_other,default_permissions,dcache_timeout=1,fsname=$name,idmap=file,uidfile=$run/$id.uids,gidfile=$run/$id.gids,nomap=ignore"
[ "$access" = rw ] || options="$options,ro"
# Versions from June 2026 on refuse links that lead out of the share; where a link leads is the guest's business.
if sshfs --help 2>&1 | grep -q contain_symlinks; then options="$options,no_contain_symlinks"; fi

echo $$ > "$run/$id.pid"
# sshfs tells nobody when the mount is there, and that it runs does not say so.
sshfs=$$
{
  tries=0
  while kill -0 "$sshfs" 2> /dev/null && [ $tries -lt 600 ]; do
    if grep -q "^$name " /proc/mounts && stat "$real" > /dev/null 2>&1; then
      say mounted
      break
    fi
    tries=$((tries + 1))
    sleep 0.05
  done
} < /dev/null > /dev/null &
exec sshfs ':/share' "$real" -o "$options"
