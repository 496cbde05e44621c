#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the jail of one share's server and becomes the server. Runs as root inside
# `unshare --mount --propagation private --pid --fork --kill-child --net --ipc --uts`; stdin and stdout are
# the SFTP stream, so nothing may be printed but to stderr. Whatever fails ends it: a server never runs with
# more in sight than was asked for.
#
# share-launch.sh --uid N --gid N --profile NAME|- --jail DIRECTORY --source FOLDER --access rw|ro --types "TYPE ..." --largest BYTES
#                 [--inside UID:GID --keep nothing|capabilities] -- PROGRAM ARGUMENT...
#   --jail     an empty directory to build in; the host never sees what is put there
#   --source   the folder, by the very path at which the user chose it; links lead nowhere
#   --types    the kinds of file systems that it may lie on
#   --largest  how large the server can make a file
#   --inside   the server gets a user namespace of its own, in which the user and group are these numbers and nobody else
#              is anybody, and its own processes in /proc
#   --keep     nothing, or the namespace's capabilities, which the server then gives up itself
# Exit codes: 91 the user may not open the folder, 92 another folder than the chosen one is there, 93 it lies on a file system
# of another kind, 97 anything else.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
ulimit -c 0
read -r place < /proc/self/oom_score_adj
[ "$place" -ge 0 ] || echo 0 > /proc/self/oom_score_adj

die() { echo "share-launch: $*" >&2; exit 97; }

uid='' gid='' profile='' jail='' source='' types='' largest='' access='' inside='' keep=''
while [ $# -gt 0 ]; do
  case $1 in
    --uid) uid=$2 ;;
    --gid) gid=$2 ;;
    --profile) profile=$2 ;;
    --jail) jail=$2 ;;
    --source) source=$2 ;;
    --types) types=$2 ;;
    --largest) largest=$2 ;;
    --access) access=$2 ;;
    --inside) inside=$2 ;;
    --keep) keep=$2 ;;
    --) shift; break ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
[ -n "$uid" ] && [ -n "$gid" ] && [ -n "$profile" ] && [ -n "$jail" ] && [ -n "$source" ] && [ -n "$types" ] && [ -n "$largest" ] && [ $# -gt 0 ] || die 'an option or the program is missing'
flags=nosuid,nodev,noexec
case $access in
  rw) ;;
  ro) flags=$flags,ro ;;
  *) die "access $access" ;;
esac
identity="--reuid $uid --regid $gid --clear-groups --no-new-privs"
nothing="--inh-caps=-all --ambient-caps=-all --bounding-set=-all"

mount -n -t tmpfs -o mode=755,size=1m,nosuid,nodev,noexec tmpfs "$jail"
cd "$jail"
mkdir share old dev etc

# 1. The folder is bound by the descriptor: what is bound is what was opened and what is looked at here, whatever the path leads
#    to a moment later. The trailing x keeps a newline at the end of a name.
[ "$(readlink -n /proc/self/fd/8; printf x)" = "${source}x" ] || { echo "share-launch: $source is not the folder it was" >&2; exit 92; }
# The kind of file system that it lies on, by the mount that it was opened in (proc(5), fdinfo and mountinfo).
mount_id='' type=''
while read -r word value; do [ "$word" != mnt_id: ] || mount_id=$value; done < /proc/self/fdinfo/8
while read -r id rest; do
  [ "$id" = "$mount_id" ] || continue
  type=${rest#* - }
  type=${type%% *}
done < /proc/self/mountinfo
case " $types " in
  *" ${type%%.*} "*) ;;
  *) echo "share-launch: type ${type:-unknown}" >&2; exit 93 ;;
esac
# Nothing that is mounted below comes along, now or later: the bind is of this one mount, and the namespace hears of no other.
mount -n --no-canonicalize --bind /proc/self/fd/8 share
# The user looks, for root may not where the file system is the user's own; as in open-folder-as.sh nobody of his can make him lie.
setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=+setuid --ambient-caps=+setuid -- \
  "$(command -v env)" test share -ef /proc/self/fd/8 || die 'another folder was bound'
mount -n -o "remount,bind,$flags" share
exec 8<&-

# 2. All else that is in there: the server, what drops its privileges, their libraries, one user, null.
# One program each: a server has up to twenty libraries. mount fails where it cannot apply the flags too (MNT_ERR_APPLYFLAGS, libmount).
place() {
  [ -d ".${1%/*}" ] || mkdir -p ".${1%/*}"
  : > ".$1"
  mount -n --bind -o ro,nosuid,nodev "$1" ".$1"
}
setpriv=$(command -v setpriv)
unshare=''
if [ -n "$inside" ]; then
  unshare=$(command -v unshare)
  mkdir proc
  mount -n -t proc -o nosuid,nodev,noexec proc proc
  # it holds a descriptor for each file that the guest knows of
  ulimit -n 524288 2> /dev/null || ulimit -n "$(ulimit -H -n)"
fi
# shellcheck disable=SC2086 # empty or one word
for file in "$1" "$setpriv" $unshare $(ldd "$1" "$setpriv" $unshare | sed -n 's|^[^/:]*\(/[^ ]*\) (0x.*|\1|p' | sort -u); do
  place "$file"
done
: > dev/null
mount -n --bind /dev/null dev/null
printf 'user:x:%s::/share:/bin/false\n' "${inside:-$uid:$gid}" > etc/passwd
mount -n -o remount,bind,ro,nosuid,nodev,noexec .

# 3. The profile is entered at the last exec; its file is opened while there is a /proc.
if [ "$profile" != - ]; then
  attribute=/proc/self/attr/apparmor/exec
  [ -e "$attribute" ] || attribute=/proc/self/attr/exec
  exec 9> "$attribute"
fi

# 4. The host's root goes out of sight. No program of it is needed behind that line; chroot and umount still
#    see it as their own root, and the loader finds the C library in the jail.
chroot=$(command -v chroot)
pivot_root . old
cd /
"/old$chroot" /old umount -n -l /
[ ! -e /old/proc ] && [ ! -e /old/etc ] || die 'the root of the host is still there'

echo 'share-launch: ready' >&2
umask 0
# A file that grows beyond that is an error of the one who writes it (EFBIG), not the end of the server (setrlimit(2)).
trap '' XFSZ
ulimit -f $((largest / 512))
if [ "$profile" != - ]; then
  printf 'exec %s' "$profile" >&9
  exec 9>&-
fi
if [ -n "$inside" ]; then
  # The host's root is let into another namespace by one who has this capability only (user_namespaces(7)); in there it has none of the host's.
  if [ "$uid" = 0 ]; then nothing="--inh-caps=-all,+setfcap --ambient-caps=-all,+setfcap --bounding-set=-all,+setfcap"; fi
  case $keep in
    capabilities) ;;
    nothing) set -- "$setpriv" --inh-caps=-all --ambient-caps=-all --bounding-set=-all --pdeathsig KILL -- "$@" ;;
    *) die "keep $keep" ;;
  esac
  # shellcheck disable=SC2086 # a list of options
  exec "$setpriv" $identity $nothing -- "$unshare" --user --map-user="${inside%:*}" --map-group="${inside#*:}" --keep-caps -- "$@"
fi
# shellcheck disable=SC2086 # a list of options
exec "$setpriv" $identity $nothing --pdeathsig KILL -- "$@"
