#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the checks in the lab and powers it off, whatever they say.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
node=$(sed -n 's/.*lab\.node=\([^ ]*\).*/\1/p' /proc/cmdline)
compiled=$(sed -n 's/.*lab\.compiled=\([^ ]*\).*/\1/p' /proc/cmdline)
set_=$(sed -n 's/.*lab\.set=\([^ ]*\).*/\1/p' /proc/cmdline)
ip link set lo up
mount --make-rshared / # as systemd does (mount_setup)
chgrp 78 /dev/kvm && chmod 660 /dev/kvm # as udev does (50-udev-default.rules)
dmesg -n 1
echo 0 > /proc/sys/kernel/printk_ratelimit
# Node finds what the host compiled under the name that it has for this processor (src/compile_cache.cc).
tag=$("$node" -p 'process.version + "-" + process.arch + "-" + require("v8").cachedDataVersionTag().toString(16).padStart(8, "0") + "-0"')
mkdir -p /run/compiled
ln -s "$compiled" "/run/compiled/$tag"
export NODE_COMPILE_CACHE=/run/compiled
"$node" "$(dirname "$0")/main.ts" "$set_" > /mnt/results/output.txt 2>&1
echo "$?" > /mnt/results/exit-code
dmesg > /mnt/results/dmesg.txt
sync
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
