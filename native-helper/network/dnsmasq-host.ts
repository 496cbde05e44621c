// SPDX-License-Identifier: MIT
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';

/** What dnsmasq's configuration takes from the host. */
export interface DnsmasqHost {
  /** Who dnsmasq becomes after binding its sockets. */
  readonly user: string;
  /** Whose the files are that it reads or writes as that user. */
  readonly uid: number;
  /** False on a host that knows no name server, where dnsmasq answers for the guests' own names only. */
  readonly hasResolvConf: boolean;
}

/** Its number everywhere (systemd.io/UIDS-GIDS). */
const nobody = 65_534;

export async function inspectDnsmasqHost(): Promise<DnsmasqHost> {
  const [users, hasResolvConf] = await Promise.all([
    readFile('/etc/passwd', 'utf8').catch(() => ''), // unreadable: the user that every Linux has will do
    // dnsmasq does not start where a link leads into a directory that is missing
    stat('/etc/resolv.conf').then(
      () => true,
      () => false,
    ),
  ]);
  const uidOf = (name: string): number | undefined => {
    const uid = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(users)?.[1];
    return uid === undefined ? undefined : Number(uid);
  };
  const own = uidOf('dnsmasq');
  return own === undefined
    ? { user: 'nobody', uid: uidOf('nobody') ?? nobody, hasResolvConf }
    : { user: 'dnsmasq', uid: own, hasResolvConf };
}

/**
 * dnsmasq reads its hosts file again on SIGHUP, no longer as root: every directory above must let others pass. Throws
 * network.dnsmasq-failed, because otherwise guests would get no address and nothing would say why.
 */
export async function requireReachable(directory: string): Promise<void> {
  for (let each = directory; ; each = path.dirname(each)) {
    const { mode } = await stat(each);
    if ((mode & 0o001) === 0)
      throw new HelperError('network.dnsmasq-failed', {
        reason: sentence('network.user-cannot-enter', { place: each }),
      });
    if (each === path.dirname(each)) return;
  }
}
