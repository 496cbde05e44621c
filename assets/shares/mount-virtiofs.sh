# SPDX-License-Identifier: MIT
# Mounts the file system that the helper has plugged in. The second part, after mount-target.sh: $1 is its tag.
options=nosuid,nodev
[ "$access" = rw ] || options=$options,ro
# The kernel finds the new device by itself; nothing tells when.
tries=0
until mount -t virtiofs -o "$options" "$1" "$real" 2> "$run/$id.error"; do
  tries=$((tries + 1))
  if [ $tries -gt 200 ]; then
    cat "$run/$id.error" >&2
    exit 42
  fi
  sleep 0.05
done
rm -f "$run/$id.error"
stat "$real" > /dev/null
say mounted
