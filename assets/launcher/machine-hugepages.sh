#!/bin/sh
# SPDX-License-Identifier: MIT
# Mounts huge pages where a machine that runs has its own, in the machine's mount namespace, as root; given as text
# of `sh -c`: machine-hugepages DIRECTORY PAGE-BYTES UID GID
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
case $1 in
  /dev/*)
    mount -n -o remount,rw /dev
    trap 'mount -n -o remount,ro /dev' EXIT ;;
esac
mkdir -p "$1"
mount -n -t hugetlbfs -o "pagesize=$2,uid=$3,gid=$4,mode=0700,nosuid,nodev" hugetlbfs "$1"
