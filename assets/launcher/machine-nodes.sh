#!/bin/sh
# SPDX-License-Identifier: MIT
# Brings the /dev of a machine that runs to what it may use now. Runs as root in the machine's mount namespace,
# as text of `sh -c`, because this file may not be seen there: machine-nodes UID GID [NAME,MODE,c|b,MAJOR,MINOR]...
set -euf
uid=$1 gid=$2
shift 2
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -n -o remount,rw /dev
trap 'mount -n -o remount,ro /dev' EXIT
wanted=' null zero full random urandom '
for entry in "$@"; do
  IFS=,
  # shellcheck disable=SC2086 # split at the commas
  set -- $entry
  unset IFS
  wanted="$wanted$1 "
  case $1 in */*) mkdir -p "/dev/${1%/*}" ;; esac
  [ -e "/dev/$1" ] || mknod -m 000 "/dev/$1" "$3" "$4" "$5"
  chown "$uid:$gid" "/dev/$1"
  chmod "$2" "/dev/$1"
done
find /dev -xdev '(' -type b -o -type c ')' -print | while read -r node; do
  case $wanted in *" ${node#/dev/} "*) ;; *) rm -f "$node" ;; esac
done
