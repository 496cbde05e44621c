# SPDX-License-Identifier: MIT
# Starts sshfs, which speaks SFTP at a port of the machine, or becomes it, on stdin and stdout. The second part, after mount-target.sh.
#
# UIDS GIDS PORT
#   UIDS, GIDS   HOST:GUEST pairs of users and groups, one a line; @ for the default user and its group
#   PORT         the port's name; - for none
command -v sshfs > /dev/null || { say no-sshfs; exit 40; }

# Names of ports are in sysfs alone where no udev makes links of them.
device_of() { for each in /sys/class/virtio-ports/*; do [ "$(cat "$each/name" 2> /dev/null)" != "$1" ] || echo "/dev/${each##*/}"; done; }
device=
if [ "$3" != - ]; then
  [ -d /sys/class/virtio-ports ] || modprobe virtio_console 2> /dev/null || { say no-port; exit 43; }
  # The kernel finds the new port by itself; nothing tells when.
  tries=0
  until device=$(device_of "$3") && [ -c "$device" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { say no-port; exit 43; }
    sleep 0.05
  done
fi

# sshfs maps names of the guest to numbers of the host.
no_such() { say "no-such $1 $2"; exit 41; }
name_of() { awk -F: -v id="$2" '$3 == id { print $1; exit }' "$1"; }
umask 077
IFS='
'
for pair in $1; do
  guest=$(case ${pair#*:} in @) echo "$user" ;; *) name_of /etc/passwd "${pair#*:}" ;; esac)
  [ -n "$guest" ] || no_such user "${pair#*:}"
  echo "$guest:${pair%:*}"
done > "$run/$id.uids"
for pair in $2; do
  guest=$(case ${pair#*:} in @) id -gn "$user" ;; *) name_of /etc/group "${pair#*:}" ;; esac)
  [ -n "$guest" ] || no_such group "${pair#*:}"
  echo "$guest:${pair%:*}"
done > "$run/$id.gids"
IFS=$old_ifs
umask 022

# The attribute cache of 20 s by default shows old lengths after a change on the host: reads are cut short. The
# kernel adds a second of its own, so a change shows within two.
options="slave,allow_other,default_permissions,dcache_timeout=1,fsname=$name,idmap=file,uidfile=$run/$id.uids,gidfile=$run/$id.gids,nomap=ignore"
[ "$access" = rw ] || options="$options,ro"
# Versions from June 2026 on refuse links that lead out of the share; where a link leads is the guest's business.
if sshfs --help 2>&1 | grep -q contain_symlinks; then options="$options,no_contain_symlinks"; fi

# sshfs tells nobody when the mount is there, and that it runs does not say so.
say_when_mounted() {
  tries=0
  while kill -0 "$1" 2> /dev/null && [ $tries -lt 600 ]; do
    if grep -q "^$name " /proc/mounts && stat "$real" > /dev/null 2>&1; then
      say mounted
      return
    fi
    tries=$((tries + 1))
    sleep 0.05
  done
  return 1
}

if [ -n "$device" ]; then
  say at-port
  # In a session of its own: it stays when the connection that starts it ends.
  # The record of errors is first: it tells also why the port cannot be opened.
  # shellcheck disable=SC2046 # a guest without setsid(1) does without
  $(command -v setsid) sshfs ':/share' "$real" -o "$options" 2> "$run/$id.error" <> "$device" >&0 &
  echo $! > "$run/$id.pid"
  say_when_mounted $! || { cat "$run/$id.error" >&2; exit 42; }
else
  echo $$ > "$run/$id.pid"
  say_when_mounted $$ < /dev/null > /dev/null &
  exec sshfs ':/share' "$real" -o "$options"
fi
