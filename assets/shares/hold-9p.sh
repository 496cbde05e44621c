#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds a lock while the connection lives that this runs on, and takes the folder away that was mounted on it when it ends.
# Runs as root in the guest: hold-9p.sh ID TARGET ATTEMPT. mount-9p.sh of that attempt ends with the lock.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
run=/run/berth
umask 077
mkdir -p "$run"
exec 9> "$run/$1.$3"
flock 9
echo 'berth-mount: holding' >&2
cat > /dev/null 9>&-
! grep -q "^berth-$1[.]$3 " /proc/mounts || umount "$2" 2> /dev/null || umount -l "$2"
rm -f "$run/$1.$3"
