// SPDX-License-Identifier: MIT
import type { GuestIdentity } from './guest-identity.ts';

/**
 * A boothook for the guest's cloud-init that holds the way in open, whatever the user's document makes of users, keys
 * and host keys. cloud-init runs it before its modules. It does nothing then but to have itself run again when they
 * have made the users, before sshd answers, and once more when they have set passwords. Once per instance: what is
 * changed in the guest later stays. It begins with an empty line, which cloud-init leaves out, so that guests that know
 * of no boothooks find nothing in it.
 */
export function wayIn(identity: GuestIdentity): string {
  return `
#!/bin/sh
# Written by Berth: its user, its key and the host key that it knows the guest by.
user=${word(identity.user)}
key=${word(identity.authorizedKey)}
host_private=${word(identity.hostKey.privateKey.trimEnd())}
host_public=${word(identity.hostKey.publicKey)}
${script}`;
}

/** As a shell reads it back. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const script = String.raw`
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022
instance=$(cd "$(dirname "$0")/.." && pwd)
done=$instance/sem/berth_way_in

has() { command -v "$1" > /dev/null 2>&1; }

field() { # number, file: of the user's line
  awk -F: -v user="$user" -v n="$1" '$1 == user { print $n; exit }' "$2"
}

make_user() {
  id "$user" > /dev/null 2>&1 && return
  shell=/bin/bash
  [ -x $shell ] || shell=/bin/sh
  useradd -m -s $shell "$user" || useradd -m -g "$user" -s $shell "$user" || adduser -D -s $shell "$user"
}

# A shell that is not there, or lets nobody do anything, is no way in.
mend_shell() {
  shell=$(field 7 /etc/passwd)
  case $shell in
    */nologin | */false | '') ;;
    *) [ ! -x "$shell" ] || return ;;
  esac
  shell=/bin/bash
  [ -x $shell ] || shell=/bin/sh
  has usermod && usermod -s $shell "$user" || sed -i "s|^\($user:.*\):[^:]*\$|\1:$shell|" /etc/passwd
}

# An account or password that has run out asks for a new one where nobody can answer. Without PAM, sshd also
# takes a "!" for an account that nobody may use; "*" is as much no password.
mend_account() {
  [ "$(field 3 /etc/shadow)" != 0 ] || chage -d "$(date +%Y-%m-%d)" "$user"
  [ -z "$(field 8 /etc/shadow)" ] || chage -E -1 "$user"
  grep -qsi '^ *UsePAM *yes' /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf && return
  case $(field 2 /etc/shadow) in '!' | '!!' | '!*') sed -i "s|^\($user\):[^:]*:|\1:*:|" /etc/shadow ;; esac
}

# First, because sshd takes the first line with a key, and others may forbid what it is for.
give_key() {
  home=$(field 6 /etc/passwd)
  keys=$home/.ssh/authorized_keys
  blob=$(echo "$key" | cut -d ' ' -f 2)
  [ "$(grep -cF "$blob" "$keys" 2> /dev/null)" = 1 ] && grep -qxF "$key" "$keys" && return
  [ -d "$home" ] || { mkdir -p "$home" && chown "$user:" "$home"; }
  mkdir -p "$home/.ssh"
  new=$keys.berth-$$
  { echo "$key"; grep -vF "$blob" "$keys" 2> /dev/null; } > "$new"
  mv "$new" "$keys"
  chmod 700 "$home/.ssh"
  chmod 600 "$keys"
  chown "$user:" "$home/.ssh" "$keys"
  ! has restorecon || restorecon -R "$home/.ssh"
}

give_sudo() {
  grep -qsE "^$user[[:space:]]" /etc/sudoers /etc/sudoers.d/* && return
  mkdir -p /etc/sudoers.d
  echo "$user ALL=(ALL) NOPASSWD:ALL" > /etc/sudoers.d/90-berth
  chmod 440 /etc/sudoers.d/90-berth
}

# Returns 0 where it was another one.
put_host_key() {
  file=/etc/ssh/ssh_host_ed25519_key
  [ -d /etc/ssh ] || return 1
  [ "$(cat $file 2> /dev/null)" = "$host_private" ] && [ "$(cat $file.pub 2> /dev/null)" = "$host_public" ] && return 1
  rm -f $file $file.pub
  (umask 077 && echo "$host_private" > $file)
  echo "$host_public" > $file.pub
  ! has restorecon || restorecon $file $file.pub
}

hold_open() {
  make_user
  mend_shell
  give_key
  mend_account
  give_sudo
  put_host_key
}

finish() {
  if hold_open && has systemctl; then systemctl try-reload-or-restart ssh.service sshd.service; fi
  mkdir -p "$instance/sem"
  : > "$done"
}

by_systemd() { # what to do, with the order of the unit that does it
  what=$1
  shift
  systemd-run --quiet --no-block --unit="berth-way-in-$what" -p Type=oneshot -p TimeoutStartSec=120 -p DefaultDependencies=no "$@" \
    /bin/sh "$0" "$what"
}

case $1 in
  users) hold_open ;;
  passwords) finish ;;
  loop) # the stage of cloud-init that makes users is the process that began this
    while kill -0 "$2" 2> /dev/null; do sleep 0.1 || sleep 1; done
    hold_open
    left=600
    while [ ! -e "$instance/boot-finished" ] && [ $left -gt 0 ]; do sleep 1; left=$((left - 1)); done
    finish
    ;;
  *)
    [ ! -e "$done" ] || exit 0
    if [ -d /run/systemd/system ] && has systemd-run; then
      by_systemd users -p After='cloud-init.service cloud-init-network.service' -p Before='ssh.service sshd.service'
      by_systemd passwords -p After=cloud-config.service
    else
      # A first boot comes here twice, and two at once would take the keys from under each other. Whom the mark
      # names may be gone, or be another by now; where none can be made two are better than none.
      mark=/run/berth-way-in
      [ -e "/proc/$(cat $mark 2> /dev/null)/cmdline" ] && grep -qF "$0" "/proc/$(cat $mark)/cmdline" && exit 0
      sh "$0" loop "$PPID" < /dev/null > /dev/null 2>&1 &
      (echo $! > $mark) 2> /dev/null
    fi
    ;;
esac
exit 0
`;
