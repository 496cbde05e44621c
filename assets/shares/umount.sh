#!/bin/sh
# SPDX-License-Identifier: MIT
# Takes a mounted folder away. Runs as root in the guest.
#
# umount.sh ID TARGET OURS STATE
#   OURS    yes where the target was made for the mount: it goes too when it is empty
#   STATE   dead where its server is gone: a virtiofs would be waited for without end
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
id=$1 target=$2 ours=$3 state=$4
name=berth-$id
is_mounted() { grep -q "^$name[. ]" /proc/mounts; }

if is_mounted; then
  if [ "$state" = dead ]; then
    # It is out of the tree at once. What the kernel still waits for is not waited for here: programs with a question on
    # its way are lost until the guest's end, as Linux has no way to give up a virtiofs.
    umount -l "$target" > /dev/null 2>&1 < /dev/null &
    tries=0
    while is_mounted && [ $tries -lt 60 ]; do tries=$((tries + 1)); sleep 0.05; done
  else
    # A folder in use is taken from the tree at once, and for good when its last user ends.
    umount "$target" 2> /dev/null || umount -l "$target"
  fi
fi
rm -f "/run/berth/$id.pid" "/run/berth/$id.session" "/run/berth/$id.uids" "/run/berth/$id.gids" "/run/berth/$id.error"
[ "$ours" != yes ] || rmdir "$target" 2> /dev/null || :
