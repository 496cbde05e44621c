// SPDX-License-Identifier: MIT
import { profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

export interface DnsmasqAccess {
  readonly program: string;
  readonly config: string;
  readonly hosts: string;
  readonly leases: string;
  readonly pid: string;
  readonly log: string;
  /** The lease script and the file it appends to. */
  readonly script: string;
  readonly events: string;
}

export const dnsmasqProfileName = profileName(undefined, 'dnsmasq');

/**
 * The profile of the one dnsmasq: it serves guests, so it gets what a DHCP and DNS server needs and no file besides its
 * own.
 */
export function dnsmasqProfile(access: DnsmasqAccess): ProfileText {
  return profileText(dnsmasqProfileName, [
    ...runtimeSections(),
    section('the program', [`${quotePath(access.program)} mr`]),
    section('ports 53 and 67, ARP entries for answers, the address of the interface', [
      'capability net_bind_service',
      'capability net_admin',
      'capability net_raw',
    ]),
    section('gives its lease and pid file away and leaves root, keeping the three above', [
      'capability setuid',
      'capability setgid',
      'capability setpcap',
      'capability chown',
      'capability dac_override',
    ]),
    section("DHCP, DNS, and the kernel's list of addresses", [
      ...['inet', 'inet6'].flatMap((family) => ['dgram', 'stream', 'raw'].map((type) => `network ${family} ${type}`)),
      'network netlink raw',
      'network unix dgram',
      'network unix stream',
      'unix (create, connect, send, receive, getattr, setattr, getopt, setopt, shutdown)',
    ]),
    section('who to become, whom to ask', [
      '/etc/{passwd,group,nsswitch.conf} r',
      '/etc/{host.conf,hosts,resolv.conf} r',
      '/run/systemd/resolve/{,stub-}resolv.conf r',
      '/run/resolvconf/resolv.conf r',
      '@{PROC}/sys/net/ipv6/conf/*/mtu r',
      '@{PROC}/sys/net/ipv4/ip_local_port_range r',
      'owner @{PROC}/@{pid}/{fd/,net/if_inet6} r',
    ]),
    section('its own files', [
      `${quotePath(access.config)} r`,
      `${quotePath(access.hosts)} r`,
      `${quotePath(access.leases)} rw`,
      `${quotePath(access.pid)} rw`,
      `${quotePath(access.log)} w`,
    ]),
    section('no message bus', ['deny /run/dbus/system_bus_socket rw', 'deny dbus']),
    section('what it runs on a lease, in a room of its own', [`${quotePath(access.script)} Cx -> lease-event`]),
    leaseEventProfile(access),
  ]);
}

/**
 * A shell and wc, one file to append to: no network, no capability but to write a file of root's after the change of
 * user.
 */
function leaseEventProfile(access: DnsmasqAccess): string {
  return [
    '  profile lease-event {\n',
    ...runtimeSections(),
    section('the script and what it runs', [
      `${quotePath(access.script)} r`,
      '/{usr/,}bin/{sh,dash,bash,wc,busybox} mrix',
    ]),
    section('what it notes', [`${quotePath(access.events)} rw`, `${quotePath(access.log)} w`]),
    section('the end of dnsmasq ends it', [`signal (receive) peer=${dnsmasqProfileName}`]),
    '  }\n\n',
  ].join('');
}
