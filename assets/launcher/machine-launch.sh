#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the private surroundings of one machine and becomes QEMU. Runs as root inside
# `unshare --mount --propagation slave --net --ipc --uts` and ends by exec, so its pid is QEMU's.
# Where the administrator wants no mount namespace there is none, and --dev is host.
# Whatever fails ends it: nothing is ever started with less than was asked for.
#
# machine-launch.sh --uid N --gid N --profile NAME|- --log PATH --console PATH
#                   --dev private|host [--group GID]... [--device NAME,MODE,c|b,MAJOR,MINOR]... [--hide DIRECTORY]...
#                   [--keep PATH]... [--write PATH]... [--give UID,GID,r|rw,INODE,BORN,PATH]... [--node PATH --opener PATH]
#                   [--bind PATH] [--cgroup DIRECTORY]...
#                   [--memlock BYTES] [--fsize BYTES] [--as-root yes]
#                   -- PROGRAM ARGUMENT...
#   --log      where stdout and stderr go, which are open at it already
#   --console  what is opened as descriptor 6, to be appended to; 3 to 5 are handed on as they are
#   --group    a supplementary group, where the nodes are the host's
#   --device   a node of the private /dev, owned by the uid, with permissions MODE
#   --fsize    no file that it writes grows beyond; the write fails, and nothing ends for it
#   --hide     this directory is empty for the machine, but for kept paths
#   --keep     a path below a hidden directory that stays
#   --write    a file or directory that may be written; all else of the host is read-only in there
#   --give     a file that a user gave, which is opened with that user's rights and bound to be read or written
#   --opener   what opens such a file, for the program of --node: by-descriptor
#   --bind     a directory below the host's /dev that is in the private one as well
#   --cgroup   a cgroup to join
#   --memlock  bytes that may be locked in memory
#   --as-root  the administrator's word that user and group may be root's
# BERTH_VARIABLES of the environment holds the program's variables, NAME=VALUE one a line, where no other user reads
# them; they become variables for the program alone: nothing before it, which runs as root, is changed by them.
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
scripts=${0%/*}

die() { echo "machine-launch: $*" >&2; exit 97; }
# A new /dev is filled in this place and moved to its own then: the helper's profile needs a right to make nodes here
# only, and none for the names that disks of the host have.
stage=/dev/shm
node() {
  case $1 in */*) mkdir -p "$stage/${1%/*}" ;; esac
  mknod -m "$5" "$stage/$1" "$2" "$3" "$4"
}

uid='' gid='' profile='' log='' console='' dev='' groups='' devices='' hidden='' bind='' memlock='' fsize='' as_root=no runtime='' opener=''
# Kept paths may hold anything but a newline; they are collected one a line, as are written ones and cgroups.
kept='' written='' given='' cgroups=''
newline='
'
while [ $# -gt 0 ]; do
  case $1 in
    --uid) uid=$2 ;;
    --gid) gid=$2 ;;
    --profile) profile=$2 ;;
    --log) log=$2 ;;
    --console) console=$2 ;;
    --dev) dev=$2 ;;
    --group) groups="${groups:+$groups,}$2" ;;
    --as-root) as_root=$2 ;;
    --bind) bind=$2 ;;
    --memlock) memlock=$2 ;;
    --fsize) fsize=$2 ;;
    --device) devices="$devices $2" ;;
    --hide) hidden="$hidden $2" ;;
    --keep) kept="$kept$2$newline" ;;
    --write) written="$written$2$newline" ;;
    --node) runtime=$2 ;;
    --opener) opener=$2 ;;
    --give) given="$given$2$newline" ;;
    --cgroup) cgroups="$cgroups$2$newline" ;;
    --) shift; break ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
[ -n "$uid" ] && [ -n "$gid" ] || die 'user or group missing'
[ "$as_root" = yes ] || { [ "$uid" -gt 0 ] && [ "$gid" -gt 0 ]; } || die 'a machine needs a user and group of its own'
case $dev in private|host) ;; *) die "unknown kind of /dev: $dev" ;; esac
[ -n "$profile" ] && [ -n "$log" ] && [ -n "$console" ] && [ $# -gt 0 ] || die 'profile, log, console or program missing'

# No set-uid program and no device node of the host's works in there, and nothing of it is written but what is named: what
# a machine's user leaves behind elsewhere would be found by the next. Before anything is hidden, for a mount is reached by
# its path. The kernel's own file systems are root's in all that can be written.
close_host() {
  while read -r _ _ _ _ place options rest; do
    type=${rest#*- }
    case ${type%% *} in
      proc|sysfs|cgroup|cgroup2|devpts|devtmpfs|mqueue|hugetlbfs|securityfs|selinuxfs|debugfs|tracefs|bpf|pstore|configfs|fusectl|efivarfs|binfmt_misc|autofs) continue ;;
      # a server that does not answer would be waited for, and users' own are nosuid, nodev and closed to others
      nfs|nfs4|cifs|smb3|ceph|afs|fuse|fuse.*) continue ;;
    esac
    case ,$options, in
      *,ro,*nosuid,nodev,*) continue ;;
      *,noexec,*) keep_flags=,noexec ;;
      *) keep_flags='' ;;
    esac
    case $place in
      /dev|/dev/*) continue ;;
      *\\*) place=$(printf '%bx' "$(printf %s "$place" | sed 's/\\/\\0/g')"); place=${place%x} ;;
    esac
    # one that lies under another mount has no path any more
    mount -n -o "remount,bind,ro,nosuid,nodev$keep_flags" "$place" 2> /dev/null ||
      [ "$(stat --format=%m -- "$place" 2> /dev/null)" != "$place" ] || die "$place cannot be made read-only"
  done < /proc/self/mountinfo
  IFS=$newline
  for path in $written; do
    mount -n --bind "$path" "$path"
    mount -n -o remount,bind,rw,nosuid,nodev "$path"
  done
  unset IFS
}

# Before a log is open for writing: a mount with such a file cannot be made read-only.
[ "$dev" = host ] || close_host

# The logs anew, while their places are not hidden yet: a descriptor from the helper's namespace would be a disconnected
# path for AppArmor. Both are root's, in root's directories, and the first is what the helper opened and looked at.
[ "$log" -ef /proc/self/fd/1 ] || die "$log is not the log it was"
exec >> "$log" 2>&1
[ -f "$console" ] && [ ! -L "$console" ] && [ -O "$console" ] || die "$console is no file of root's"
exec 6>> "$console"

# What was given is opened with its giver's rights in this namespace, and that very file is bound: its path may lead to
# somebody else's a moment later, or to a FIFO or device, which is not opened. The answer is that of bind-given.sh, or 91.
give() (
  path=/${1#*,/} place=$2 IFS=,
  # shellcheck disable=SC2086 # split at the commas
  set -- ${1%%,/*}
  unset IFS
  "$runtime" --no-warnings "$opener" run / "$1" "$2" "$path" /bin/sh "$scripts/bind-given.sh" "$3" "$4" "$5" "$path" "$place" < /dev/null ||
    die "$path is not the file that was given, or its giver may not open it any more"
)

is_hidden() (
  unset IFS
  for directory in $hidden; do case $1 in "$directory"/*) exit 0 ;; esac; done
  exit 1
)

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
  for entry in $given; do
    path=/${entry#*,/}
    case $path in "$directory"/*) ;; *) continue ;; esac
    inside="/dev/.hidden$count${path#"$directory"}"
    mkdir -p "${inside%/*}"
    : > "$inside"
    give "$entry" "$inside"
  done
  unset IFS
done
IFS=$newline
for entry in $given; do
  is_hidden "/${entry#*,/}" || give "$entry" -
done
unset IFS
count=0
for directory in $hidden; do
  count=$((count + 1))
  mount -n --move "/dev/.hidden$count" "$directory"
  rmdir "/dev/.hidden$count"
done
mount -n -o remount,ro /dev
}
[ "$dev" = host ] || private_places

# 3. The cgroups, now that the nodes are made: they let nobody make any.
IFS=$newline
for directory in $cgroups; do echo $$ > "$directory/cgroup.procs"; done
unset IFS

# 4. The helper's own safe place before the kernel's killer is not the machine's (proc(5), oom_score_adj).
read -r place < /proc/self/oom_score_adj
[ "$place" -ge 0 ] || echo 0 > /proc/self/oom_score_adj

# 5. Not before the helper has noted which process this is: where it ends first, nobody is left that the next one would not find.
read -r word && [ "$word" = go ] || die 'the helper ended before it took note of this machine'
exec < /dev/null

# 6. Limits, identity, capabilities; 7. the profile, entered at the very last exec. no_new_privs comes before
#    it only where there is no profile: the kernel would refuse the transition. QEMU's own sandbox sets it.
nnp='' grouping=--clear-groups
[ "$profile" != - ] || nnp=--no-new-privs
[ -z "$groups" ] || grouping="--groups $groups"
trap '' XFSZ
# Fewer files where the helper itself may have no more, and has not the right to raise that.
# shellcheck disable=SC3045 # dash, bash and busybox know -H
nofile=16384 most=$(ulimit -H -n)
[ "$most" = unlimited ] || [ "$most" -ge "$nofile" ] || nofile=$most
# shellcheck disable=SC2086 # words
exec prlimit --core=0 --nofile="$nofile" ${memlock:+--memlock=$memlock} ${fsize:+--fsize=$fsize} -- \
  setpriv --reuid "$uid" --regid "$gid" $grouping --inh-caps=-all --ambient-caps=-all --bounding-set=-all $nnp -- \
  /bin/sh -c '
    set -euf
    profile=$1 variables=${BERTH_VARIABLES-}
    shift
    unset BERTH_VARIABLES
    IFS="
"
    for variable in $variables; do export "$variable"; done
    unset IFS
    if [ "$profile" != - ]; then
      file=/proc/self/attr/apparmor/exec
      [ -e "$file" ] || file=/proc/self/attr/exec
      printf "exec %s" "$profile" > "$file" || exit 98
    fi
    exec "$@"' machine-launch "$profile" "$@"
