// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import { parsePrefix } from './ipv4.ts';
import type { Packet } from './packet-match.ts';

/** A port whose packets are looked at, and what is around it. */
export interface PortPlace {
  readonly tap: string;
  readonly mac: MacAddress;
  readonly address: string;
  readonly bridge: string;
  /** The bridge's own address. */
  readonly gateway: string;
  /** By which device the host reaches the world; undefined where that is not one. */
  readonly upstream: string | undefined;
}

/** A packet at one hook, what is lost where it is dropped there, and whether it comes from a guest or goes to one. */
export interface GuestPacket extends Packet {
  readonly traffic: 'forwarded' | 'to-host';
  readonly direction: 'from' | 'to';
}

type What = Omit<Packet, 'layer' | 'hook' | 'iif' | 'oif' | 'device' | 'bridge'>;

const broadcast = 'ff:ff:ff:ff:ff:ff';

/**
 * What a guest cannot do without, at each hook that it passes: the question where the gateway is, an address by DHCP, a
 * name from the host, a connection to the world, and the answers.
 */
export function guestPackets(place: PortPlace): readonly GuestPacket[] {
  const { mac, address, gateway, bridge } = place;
  const guest = parsePrefix(address);
  const host = parsePrefix(gateway);
  const nobody = parsePrefix('0.0.0.0');
  const everybody = parsePrefix('255.255.255.255');
  const from = { etherSource: mac } as const;
  const to = { etherTarget: mac } as const;
  const arp = { frame: 'arp' } as const;
  const udp = { frame: 'ip', protocol: 'udp' } as const;
  const discover: What = {
    ...udp,
    ...from,
    etherTarget: broadcast,
    source: nobody,
    target: everybody,
    sourcePort: 68,
    targetPort: 67,
    connection: 'new',
  };
  const question: What = { ...udp, ...from, source: guest, target: host, targetPort: 53, connection: 'new' };
  const beginning: What = { frame: 'ip', source: guest, otherThan: [bridge, 'lo'], connection: 'new' };
  const answer: What = { frame: 'ip', target: guest, otherThan: [bridge, 'lo'], connection: 'established' };
  return [
    ...inwards(place, 'forwarded', { ...arp, ...from, etherTarget: broadcast }, [{ layer: 'arp', hook: 'input' }]),
    ...outwards(place, 'forwarded', { ...arp, ...to }, [{ layer: 'arp', hook: 'output' }]),
    ...inwards(place, 'to-host', discover, [atIp('prerouting'), atIp('input')]),
    ...outwards(place, 'to-host', { ...udp, source: host, sourcePort: 67, targetPort: 68 }, [
      atIp('output'),
      atIp('postrouting'),
    ]),
    ...inwards(place, 'to-host', question, [atIp('prerouting'), atIp('input')]),
    ...outwards(
      place,
      'to-host',
      { ...udp, ...to, source: host, target: guest, sourcePort: 53, connection: 'established' },
      [atIp('output'), atIp('postrouting')],
    ),
    ...inwards(place, 'forwarded', { ...beginning, ...from }, [atIp('prerouting')]),
    ...upstream(place, beginning, answer),
    ...outwards(place, 'forwarded', { ...answer, ...to }, [atIp('postrouting')]),
  ];
}

type Place = Pick<Packet, 'layer' | 'hook'>;

function atIp(hook: Packet['hook']): Place {
  return { layer: 'ip', hook };
}

/** From the guest's tap through the bridge to the host. */
function inwards(
  { tap, bridge }: PortPlace,
  traffic: GuestPacket['traffic'],
  what: What,
  atHost: readonly Place[],
): readonly GuestPacket[] {
  const told = { ...what, traffic, direction: 'from' } as const;
  return [
    { ...told, layer: 'device', hook: 'ingress', device: tap, iif: tap },
    { ...told, layer: 'bridge', hook: 'prerouting', iif: tap, bridge },
    { ...told, layer: 'bridge', hook: 'input', iif: tap, bridge },
    { ...told, layer: 'device', hook: 'ingress', device: bridge, iif: bridge },
    ...atHost.map((each) => ({ ...told, ...each, iif: bridge })),
  ];
}

/** From the host through the bridge to the guest's tap. */
function outwards(
  { tap, bridge }: PortPlace,
  traffic: GuestPacket['traffic'],
  what: What,
  atHost: readonly Place[],
): readonly GuestPacket[] {
  const told = { ...what, traffic, direction: 'to' } as const;
  return [
    ...atHost.map((each) => ({ ...told, ...each, oif: bridge })),
    { ...told, layer: 'device', hook: 'egress', device: bridge, oif: bridge },
    { ...told, layer: 'bridge', hook: 'output', oif: tap, bridge },
    { ...told, layer: 'bridge', hook: 'postrouting', oif: tap, bridge },
    { ...told, layer: 'device', hook: 'egress', device: tap, oif: tap },
  ];
}

/** Between the bridge and the world; beyond that, addresses are the host's own and not known here. */
function upstream({ bridge, upstream: device }: PortPlace, beginning: What, answer: What): readonly GuestPacket[] {
  const from = { ...beginning, traffic: 'forwarded', direction: 'from' } as const;
  const to = { ...answer, traffic: 'forwarded', direction: 'to' } as const;
  return [
    { ...from, layer: 'ip', hook: 'forward', iif: bridge, oif: device },
    { ...from, layer: 'ip', hook: 'postrouting', iif: bridge, oif: device },
    { ...from, layer: 'device', hook: 'egress', device, oif: device, source: undefined },
    { ...to, layer: 'device', hook: 'ingress', device, iif: device, target: undefined },
    { ...to, layer: 'ip', hook: 'prerouting', iif: device, target: undefined },
    { ...to, layer: 'ip', hook: 'forward', iif: device, oif: bridge },
  ];
}
