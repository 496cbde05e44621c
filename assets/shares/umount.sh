#!/bin/sh
# SPDX-License-Identifier: MIT
# Takes a mounted folder away. Runs as root in the guest.
#
# umount.sh ID TARGET OURS
#   OURS   yes where the target was made for the mount: it goes too when it is empty
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
id=$1 target=$2 ours=$3
if grep -q "^berth-$id " /proc/mounts; then
  # A folder in use is taken from the tree at once, and for good when its last user ends.
  umount "$target" 2> /dev/null || umount -l "$target"
fi
rm -f "/run/berth/$id.pid" "/run/berth/$id.uids" "/run/berth/$id.gids"
[ "$ours" != yes ] || rmdir "$target" 2> /dev/null || :
