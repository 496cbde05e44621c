#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints on which kind of file system a folder lies and where it really is, for its user, in whose name this runs: share-source.sh FOLDER
exec 3< "$1/."
while read -r word value; do [ "$word" != mnt_id: ] || mount_id=$value; done < /proc/self/fdinfo/3
while read -r id rest; do
  [ "$id" = "$mount_id" ] || continue
  type=${rest#* - }
  type=${type%% *}
done < /proc/self/mountinfo
printf '%s ' "${type:-unknown}"
readlink -n /proc/self/fd/3
