// SPDX-License-Identifier: MIT
/** The addresses of screens. Those of a host begin with it; routes.tsx has what stands there. */
import { partsOf, type InstanceKey } from '#contract/host-keys.ts';
import { hostId, localHost, type HostId } from '#contract/hosts.ts';

/** An instance's screen, open at a tab; at the first without one. */
export function instanceAddress(instance: InstanceKey, tab?: string): string {
  const { host, name } = partsOf(instance);
  return `/${host}/instances/${name}${tab === undefined ? '' : `/${tab}`}`;
}

/** The catalogue, with an image chosen by its alias. */
export function launchAddress(host: HostId, alias?: string): string {
  return `/${host}/launch${alias === undefined ? '' : `/${encodeURIComponent(alias)}`}`;
}

export function imagesAddress(host: HostId): string {
  return `/${host}/images`;
}

/** The host that an address is about: this computer where it is about none. */
export function hostAt(address: string): HostId {
  const [, first, second] = address.split('/');
  const host = hostId.safeParse(second === undefined ? undefined : first);
  return host.success ? host.data : localHost;
}
