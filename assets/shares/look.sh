#!/bin/sh
# SPDX-License-Identifier: MIT
# Says what is to be known before a folder is served to the guest's kernel: look.sh ID USER TYPE. Runs as root in the guest.
# TYPE is the kernel's name of the file system.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
is_there() { grep -q "	$1\$" /proc/filesystems; }
# Kernels from 5.17 on have what carries 9p over descriptors in a module of its own.
is_there "$3" || modprobe "$3" 2> /dev/null
[ "$3" != 9p ] || modprobe 9pnet_fd 2> /dev/null
if is_there "$3"; then echo has; else echo lacks; fi
echo "uid $(id -u "$2")"
echo "gid $(id -g "$2")"
# shellcheck disable=SC2016 # awk's own
echo "mounted $(awk -v name="berth-$1." -v type="$3" 'index($1, name) == 1 && $3 == type' /proc/mounts | wc -l)"
