#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the private surroundings of one machine and becomes QEMU. Runs as root inside
# `unshare --mount --propagation slave --net --ipc --uts` and ends by exec, so its pid is QEMU's.
# Where the administrator wants no mount namespace there is none, and --dev is host.
# Whatever fails ends it: nothing is ever started with less than was asked for.
#
# machine-launch.sh --uid N --gid N --profile NAME|- --log PATH
#                   --dev private|host [--group GID]... [--device NAME,MODE,c|b,MAJOR,MINOR]... [--hide DIRECTORY]...
#                   [--keep PATH]... [--bind PATH] [--cgroup DIRECTORY]... [--env NAME=VALUE]... [--memlock BYTES] [--as-root yes]
#                   -- PROGRAM ARGUMENT...
#   --group    a supplementary group, where the nodes are the host's
#   --device   a node of the private /dev, owned by the uid, with permissions MODE
#   --hide     this directory is empty for the machine, but for kept paths
#   --keep     a path below a hidden directory that stays
#   --bind     a directory below the host's /dev that is in the private one as well
#   --cgroup   a cgroup to join
#   --memlock  bytes that may be locked in memory
#   --env      for the program alone: nothing before it, which runs as root, sees it
#   --as-root  the administrator's word that user and group may be root's
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

die() { echo "machine-launch: $*" >&2; exit 97; }
# A new /dev is filled in this place and moved to its own then: the helper's profile needs a right to make nodes here
# only, and none for the names that disks of the host have.
stage=/dev/shm
node() {
  case $1 in */*) mkdir -p "$stage/${1%/*}" ;; esac
  mknod -m "$5" "$stage/$1" "$2" "$3" "$4"
}

uid='' gid='' profile='' log='' dev='' groups='' devices='' hidden='' bind='' memlock='' as_root=no
# Kept paths may hold anything but a newline; they are collected one a line, as are cgroups and variables.
kept='' cgroups='' variables=''
newline='
'
while [ $# -gt 0 ]; do
  case $1 in
    --uid) uid=$2 ;;
    --gid) gid=$2 ;;
    --profile) profile=$2 ;;
    --log) log=$2 ;;
    --dev) dev=$2 ;;
    --group) groups="${groups:+$groups,}$2" ;;
    --env) variables="$variables$2$newline" ;;
    --as-root) as_root=$2 ;;
    --bind) bind=$2 ;;
    --memlock) memlock=$2 ;;
    --device) devices="$devices $2" ;;
    --hide) hidden="$hidden $2" ;;
    --keep) kept="$kept$2$newline" ;;
    --cgroup) cgroups="$cgroups$2$newline" ;;
    --) shift; break ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
[ -n "$uid" ] && [ -n "$gid" ] || die 'user or group missing'
[ "$as_root" = yes ] || { [ "$uid" -gt 0 ] && [ "$gid" -gt 0 ]; } || die 'a machine needs a user and group of its own'
case $dev in private|host) ;; *) die "unknown kind of /dev: $dev" ;; esac
[ -n "$profile" ] && [ -n "$log" ] && [ $# -gt 0 ] || die 'profile, log or program missing'

private_places() {
# 1. A /dev of its own. The nodes are made by number, so nothing of the host's /dev is needed.
[ -d "$stage" ] || die "there is no $stage"
mount -n -t tmpfs -o mode=755,size=256k,nosuid,noexec tmpfs "$stage"
node null c 1 3 666
node zero c 1 5 666
node full c 1 7 666
node random c 1 8 666
node urandom c 1 9 666
for entry in $devices; do
  IFS=,
  # shellcheck disable=SC2086 # split at the commas
  set -- $entry "$@"
  unset IFS
  node "$1" "$3" "$4" "$5" "$2"
  chown "$uid:$gid" "$stage/$1"
  shift 5
done
if [ -n "$bind" ]; then
  mkdir -p "$stage${bind#/dev}"
  mount -n --bind "$bind" "$stage${bind#/dev}"
fi
mount -n --move "$stage" /dev

# 2. Empty places instead of the host's, with what is kept bound into them. They are filled below /dev first,
#    because a kept path may lie below a directory that is hidden later.
count=0
for directory in $hidden; do
  count=$((count + 1))
  mkdir "/dev/.hidden$count"
  mount -n -t tmpfs -o mode=755,size=16m,nosuid,nodev,noexec tmpfs "/dev/.hidden$count"
  IFS=$newline
  for path in $kept; do
    case $path in "$directory"/*) ;; *) continue ;; esac
    inside="/dev/.hidden$count${path#"$directory"}"
    if [ -d "$path" ]; then
      mkdir -p "$inside"
    else
      mkdir -p "${inside%/*}"
      : > "$inside"
    fi
    mount -n --bind "$path" "$inside"
  done
  unset IFS
done
count=0
for directory in $hidden; do
  count=$((count + 1))
  mount -n --move "/dev/.hidden$count" "$directory"
  rmdir "/dev/.hidden$count"
done
mount -n -o remount,ro /dev
}
[ "$dev" = host ] || private_places

# 3. The log anew: a descriptor from the helper's namespace would be a disconnected path for AppArmor.
exec >> "$log" 2>&1

# 4. The cgroups, now that the nodes are made: they let nobody make any.
IFS=$newline
for directory in $cgroups; do echo $$ > "$directory/cgroup.procs"; done
unset IFS

# 5. The helper's own safe place before the kernel's killer is not the machine's (proc(5), oom_score_adj).
read -r place < /proc/self/oom_score_adj
[ "$place" -ge 0 ] || echo 0 > /proc/self/oom_score_adj

# 6. Limits, identity, capabilities; 7. the profile, entered at the very last exec. no_new_privs comes before
#    it only where there is no profile: the kernel would refuse the transition. QEMU's own sandbox sets it.
nnp='' grouping=--clear-groups
[ "$profile" != - ] || nnp=--no-new-privs
[ -z "$groups" ] || grouping="--groups $groups"
# shellcheck disable=SC2086 # words
exec prlimit --core=0 --nofile=16384 ${memlock:+--memlock=$memlock} -- \
  setpriv --reuid "$uid" --regid "$gid" $grouping --inh-caps=-all --ambient-caps=-all --bounding-set=-all $nnp -- \
  /bin/sh -c '
    set -euf
    profile=$1 variables=$2
    shift 2
    IFS="
"
    for variable in $variables; do export "$variable"; done
    unset IFS
    if [ "$profile" != - ]; then
      file=/proc/self/attr/apparmor/exec
      [ -e "$file" ] || file=/proc/self/attr/exec
      printf "exec %s" "$profile" > "$file" || exit 98
    fi
    exec "$@"' machine-launch "$profile" "$variables" "$@"
