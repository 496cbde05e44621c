// SPDX-License-Identifier: MIT
/**
 * Lines as kernels print them: those of Debian's 6.1 from the confinement lab, others from kernels that have what 6.1
 * lacks.
 */
export const samples = {
  open: 'audit: type=1400 audit(1795684238.572:21): apparmor="DENIED" operation="open" profile="multipass.vm-one.qemu-system-x86_64" name="/var/lib/berth/instances/vm-two/disk.qcow2" pid=215 comm="qemu-system-x86" requested_mask="wr" denied_mask="wr" fsuid=61477 ouid=61477',
  home: 'audit: type=1400 audit(1795684238.728:23): apparmor="DENIED" operation="open" profile="multipass.vm-one.qemu-system-x86_64" name="/home/mia/disc.iso" pid=215 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=61477 ouid=1000',
  hexName:
    'audit: type=1400 audit(1795684280.120:70): apparmor="DENIED" operation="mknod" profile="multipass.lab.share-server.s1" name=2F686F6D652F6D69612F4D792050726F6A656374207B787D2F622E747874 pid=396 comm="sftp-server" requested_mask="c" denied_mask="c" fsuid=1000 ouid=1000',
  link: 'audit: type=1400 audit(1795684276.344:65): apparmor="DENIED" operation="link" info="target restricted" error=-13 profile="multipass.lab.share-server.s1" name=2F686F6D652F6D69612F4D792050726F6A656374207B787D2F73746F6C656E pid=381 comm="sftp-server" requested_mask="l" denied_mask="l" fsuid=1000 ouid=1000 target="/home/mia/private/key"',
  network:
    'audit: type=1400 audit(1795684238.792:25): apparmor="DENIED" operation="create" profile="multipass.vm-one.qemu-system-x86_64" pid=215 comm="qemu-system-x86" family="inet" sock_type="stream" protocol=6 requested_mask="create" denied_mask="create"',
  exec: 'audit: type=1400 audit(1795684240.992:36): apparmor="DENIED" operation="exec" profile="multipass.vm-root.qemu-system-x86_64" name="/usr/bin/dash" pid=268 comm="qemu-system-x86" requested_mask="x" denied_mask="x" fsuid=0 ouid=0',
  capability:
    'audit: type=1400 audit(1795684240.996:40): apparmor="DENIED" operation="capable" profile="multipass.vm-root.qemu-system-x86_64" pid=263 comm="qemu-system-x86" capability=21  capname="sys_admin"',
  signal:
    'audit: type=1400 audit(1795684241.100:41): apparmor="DENIED" operation="signal" profile="multipass.vm-root.qemu-system-x86_64" pid=263 comm="qemu-system-x86" requested_mask="send" denied_mask="send" signal=term peer="multipass.vm-two.qemu-system-x86_64"',
  ptrace:
    'audit: type=1400 audit(1795684241.200:42): apparmor="DENIED" operation="ptrace" profile="multipass.vm-root.qemu-system-x86_64" pid=263 comm="qemu-system-x86" requested_mask="read" denied_mask="read" peer="unconfined"',
  mount:
    'audit: type=1400 audit(1795684241.300:43): apparmor="DENIED" operation="mount" info="failed mntpnt match" error=-13 profile="multipass.vm-root.qemu-system-x86_64" name="/mnt/" pid=263 comm="qemu-system-x86" fstype="tmpfs" srcname="tmpfs"',
  unix: 'audit: type=1400 audit(1795684241.400:44): apparmor="DENIED" operation="connect" class="net" profile="multipass.vm-one.qemu-system-x86_64" pid=263 comm="qemu-system-x86" family="unix" sock_type="stream" protocol=0 requested_mask="send receive connect" denied_mask="send connect" addr=none peer_addr="@/tmp/.X11-unix/X0" peer="unconfined"',
  changeProfile:
    'audit: type=1400 audit(1795684288.960:84): apparmor="DENIED" operation="change_onexec" profile="multipass.vm-one.qemu-system-x86_64" name="unconfined" pid=457 comm="sh" target="unconfined"',
  complain:
    'audit: type=1400 audit(1795684290.100:90): apparmor="ALLOWED" operation="open" profile="multipass.vm-one.qemu-system-x86_64" name="/etc/hostname" pid=215 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=61477 ouid=0',
  auditd:
    'type=AVC msg=audit(1795684238.572:21): apparmor="DENIED" operation="open" profile="multipass.vm-one.qemu-system-x86_64" name="/etc/hostname" pid=215 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=61477 ouid=0\u001dFSUID="unknown(61477)" OUID="root"',
  dnsmasq:
    'audit: type=1400 audit(1795684291.100:91): apparmor="DENIED" operation="open" profile="multipass.dnsmasq" name="/etc/shadow" pid=300 comm="dnsmasq" requested_mask="r" denied_mask="r" fsuid=0 ouid=0',
  helper:
    'audit: type=1400 audit(1795695664.456:21): apparmor="DENIED" operation="exec" profile="berth-helper" name="/old/usr/sbin/chroot" pid=334 comm="sh" requested_mask="x" denied_mask="x" fsuid=0 ouid=0',
  status:
    'audit: type=1400 audit(1795684237.000:20): apparmor="STATUS" operation="profile_load" profile="unconfined" name="multipass.vm-one.qemu-system-x86_64" pid=200 comm="apparmor_parser"',
  foreign:
    'audit: type=1400 audit(1795684292.100:92): apparmor="DENIED" operation="open" profile="snap.firefox.firefox" name="/etc/shadow" pid=300 comm="firefox" requested_mask="r" denied_mask="r" fsuid=1000 ouid=0',
} as const;
