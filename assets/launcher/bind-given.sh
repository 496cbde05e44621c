#!/bin/sh
# SPDX-License-Identifier: MIT
# Binds what by-descriptor opened as descriptor 8 in a machine's mount namespace, as root: bind-given.sh r|rw INODE BORN PATH PLACE
#   INODE, BORN  what the file was when it was given; - where that was not noted
#   PLACE        a file to bind it on, in a directory of root's; - for the very file itself
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mode=$1 inode=$2 born=$3 path=$4 place=$5
die() { echo "bind-given: $path: $*" >&2; exit 92; }
case $mode in r) mode=ro ;; rw) ;; *) die "mode $mode" ;; esac

[ -f /proc/self/fd/8 ] || die 'no file'
# where it really is, for profiles name the path; the trailing x keeps a newline at the end of a name
[ "$(readlink -n /proc/self/fd/8; printf x)" = "${path}x" ] || die 'it leads elsewhere'
[ "$inode" = - ] || [ "$(stat -L --format='%i %.9W' /proc/self/fd/8)" = "$inode $born" ] || die 'another file'

# One that was bound already, at its start or for an earlier grant: no second mount on it.
[ "$place" != - ] || ! mount -n --no-canonicalize -o "remount,bind,$mode,nosuid,nodev" none /proc/self/fd/8 2> /dev/null || exit 0
stage=$place
[ "$place" != - ] || { stage=/dev/.given; : > "$stage"; }
mount -n --no-canonicalize --bind /proc/self/fd/8 "$stage"
[ "$stage" -ef /proc/self/fd/8 ] || die 'another file was bound'
mount -n -o "remount,bind,$mode,nosuid,nodev" "$stage"
[ "$place" = - ] || exit 0
# Its own place by the descriptor too: a path of others could have root's programs covered by it.
mount -n --no-canonicalize --move "$stage" /proc/self/fd/8
rm "$stage"
