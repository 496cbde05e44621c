// SPDX-License-Identifier: MIT
import { overlaps, parseIpv4, parsePrefix, type Ipv4Range } from './ipv4.ts';
import { asFields, text, type Fields } from './nft-json.ts';

/** Where rules are asked: at a device, at the bridge, and by the host for ARP and for IPv4. */
export type Layer = 'device' | 'bridge' | 'arp' | 'ip';

/** A packet as far as rules ask for it. An absent field is not known: a rule that asks for it may match or not. */
export interface Packet {
  readonly layer: Layer;
  readonly hook: 'ingress' | 'egress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** Where it is at {@link layer} `device`. */
  readonly device?: string | undefined;
  /** What its frame carries. */
  readonly frame: 'ip' | 'arp';
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  /** The bridge that has `iif` or `oif` as its port, at {@link layer} `bridge`. */
  readonly bridge?: string | undefined;
  /** What a device that is not known is not. */
  readonly otherThan?: readonly string[];
  readonly etherSource?: string | undefined;
  readonly etherTarget?: string | undefined;
  readonly source?: Ipv4Range | undefined;
  readonly target?: Ipv4Range | undefined;
  readonly protocol?: 'udp' | 'tcp' | undefined;
  readonly sourcePort?: number | undefined;
  readonly targetPort?: number | undefined;
  readonly connection?: 'new' | 'established' | undefined;
}

/** Whether a rule's expression is true of a packet; `maybe` where it asks for what is not known here. */
export type Match = 'yes' | 'no' | 'maybe';

/** Expressions that let every packet on to the next one. */
const passing: ReadonlySet<string> = new Set(['counter', 'log', 'comment', 'mangle', 'notrack', 'flow', 'ct helper']);

/** Of one expression of a rule, by its name and value (libnftables-json(5)). */
export function matches(kind: string, value: unknown, packet: Packet): Match {
  if (passing.has(kind)) return 'yes';
  if (kind === 'xt')
    return asFields(value)['type'] === 'target' || asFields(value)['name'] === 'comment' ? 'yes' : 'maybe';
  if (kind !== 'match') return 'maybe';
  const { op, left, right } = asFields(value);
  const found = compare(asFields(left), right, packet);
  if (op === '==' || op === 'in') return found;
  return op === '!=' && found !== 'maybe' ? (found === 'yes' ? 'no' : 'yes') : 'maybe';
}

function compare(left: Fields, right: unknown, packet: Packet): Match {
  if (left['meta'] !== undefined) return compareMeta(text(asFields(left['meta'])['key']), right, packet);
  if (left['ct'] !== undefined)
    return asFields(left['ct'])['key'] === 'state' ? anyOf(right, (word) => equal(packet.connection, word)) : 'maybe';
  return comparePayload(asFields(left['payload']), right, packet);
}

function comparePayload({ protocol, field }: Fields, right: unknown, packet: Packet): Match {
  switch (protocol) {
    case 'ether':
      return compareEther(text(field), right, packet);
    // tagged frames pass no tap, IPv6 neither
    case 'vlan':
    case 'ip6':
    case 'icmpv6':
      return 'no';
    case 'arp':
      return packet.frame === 'arp' ? 'maybe' : 'no';
    case 'ip':
    case 'icmp':
    case 'tcp':
    case 'udp':
    case 'th':
      return packet.frame === 'ip' ? compareIp(protocol, text(field), right, packet) : 'no';
    default:
      return 'maybe';
  }
}

function compareIp(
  protocol: 'ip' | 'icmp' | 'tcp' | 'udp' | 'th',
  field: string,
  right: unknown,
  packet: Packet,
): Match {
  if (protocol === 'ip') {
    if (field === 'saddr') return anyRange(right, field, packet.source);
    if (field === 'daddr') return anyRange(right, field, packet.target);
    return field === 'protocol' ? anyOf(right, (word) => equal(packet.protocol, word)) : 'maybe';
  }
  if (protocol !== 'th' && packet.protocol !== undefined && protocol !== packet.protocol) return 'no';
  if (field === 'sport') return anyRange(right, field, lone(packet.sourcePort));
  return field === 'dport' ? anyRange(right, field, lone(packet.targetPort)) : 'maybe';
}

function compareEther(field: string, right: unknown, packet: Packet): Match {
  if (field === 'type') return anyOf(right, (word) => equal(packet.frame, word));
  const known = { saddr: packet.etherSource, daddr: packet.etherTarget }[field];
  return anyOf(right, (word) => (typeof word === 'string' ? equal(known, word.toLowerCase()) : 'maybe'));
}

const withoutOif: ReadonlySet<Packet['hook']> = new Set(['ingress', 'prerouting', 'input']);

function compareMeta(key: string, right: unknown, packet: Packet): Match {
  switch (key) {
    case 'iifname':
    case 'iif':
      return anyOf(right, (name) => (packet.hook === 'output' ? 'no' : device(packet.iif, name, packet)));
    case 'oifname':
    case 'oif':
      return anyOf(right, (name) => (withoutOif.has(packet.hook) ? 'no' : device(packet.oif, name, packet)));
    case 'ibrname':
      return packet.iif === undefined ? 'no' : anyOf(right, (name) => device(packet.bridge, name, packet));
    case 'obrname':
      return packet.oif === undefined ? 'no' : anyOf(right, (name) => device(packet.bridge, name, packet));
    case 'l4proto':
      return packet.frame === 'ip' ? anyOf(right, (word) => equal(packet.protocol, word)) : 'no';
    case 'nfproto':
      return anyOf(right, (word) => equal('ipv4', word));
    case 'protocol':
      return anyOf(right, (word) => equal(packet.frame, word));
    default:
      return 'maybe';
  }
}

/** A value, or a list or set of which one is enough; a named set is not known. */
function anyOf(right: unknown, one: (value: unknown) => Match): Match {
  const set = elementsOf(right);
  if (set === undefined) return typeof right === 'string' && right.startsWith('@') ? 'maybe' : one(right);
  return firstOf(set, one);
}

function firstOf<Value>(values: readonly Value[], one: (value: Value) => Match): Match {
  let found: Match = 'no';
  for (const each of values) {
    const match = one(each);
    if (match === 'yes') return 'yes';
    if (match === 'maybe') found = 'maybe';
  }
  return found;
}

/** Of a list or set; undefined of a lone value. */
function elementsOf(right: unknown): readonly unknown[] | undefined {
  const set = Array.isArray(right) ? (right as unknown[]) : asFields(right)['set'];
  return Array.isArray(set) ? (set as unknown[]) : undefined;
}

/** How many values an expression compares a packet with. */
export function sizeOf(kind: string, value: unknown): number {
  const { right, data } = asFields(value);
  return (kind === 'vmap' ? elementsOf(data) : elementsOf(right))?.length ?? 1;
}

/** What asks for numbers, by the field of the packet. */
const rangeReaders = { saddr: addressesOf, daddr: addressesOf, sport: portsOf, dport: portsOf } as const;

/** Of sets, which each packet is compared with: their elements are read once. */
const rangesOfSets = new WeakMap<readonly unknown[], readonly (Ipv4Range | undefined)[]>();

/** Reads the set that an expression asks for, where it is of numbers. */
export function readSet(kind: string, value: unknown): void {
  if (kind !== 'match') return;
  const { left, right } = asFields(value);
  const { protocol, field } = asFields(asFields(left)['payload']);
  const set = elementsOf(right);
  if (set === undefined || protocol === 'ether' || protocol === 'arp') return;
  if (field === 'saddr' || field === 'daddr' || field === 'sport' || field === 'dport') rangesOf(set, field);
}

function rangesOf(set: readonly unknown[], field: keyof typeof rangeReaders): readonly (Ipv4Range | undefined)[] {
  const ranges = rangesOfSets.get(set) ?? set.map(rangeReaders[field]);
  rangesOfSets.set(set, ranges);
  return ranges;
}

/** As {@link anyOf}, of ranges of numbers. */
function anyRange(right: unknown, field: keyof typeof rangeReaders, known: Ipv4Range | undefined): Match {
  const set = elementsOf(right);
  return set === undefined
    ? anyOf(right, (value) => within(known, rangeReaders[field](value)))
    : firstOf(rangesOf(set, field), (range) => within(known, range));
}

function equal(known: string | undefined, word: unknown): Match {
  if (known === undefined) return 'maybe';
  return known === word ? 'yes' : 'no';
}

/** `docker*` stands for all that begin so. */
function device(known: string | undefined, name: unknown, { otherThan = [] }: Packet): Match {
  if (typeof name !== 'string') return 'maybe';
  if (known === undefined) return otherThan.includes(name) ? 'no' : 'maybe';
  return (name.endsWith('*') ? known.startsWith(name.slice(0, -1)) : known === name) ? 'yes' : 'no';
}

/** Undefined where one of the two is not known. */
function within(known: Ipv4Range | undefined, asked: Ipv4Range | undefined): Match {
  if (known === undefined || asked === undefined) return 'maybe';
  if (!overlaps(known, asked)) return 'no';
  return asked.first <= known.first && known.last <= asked.last ? 'yes' : 'maybe';
}

function addressesOf(value: unknown): Ipv4Range | undefined {
  if (typeof value === 'string') return parsePrefix(value);
  const { prefix, range } = asFields(value);
  const { addr, len } = asFields(prefix);
  const [first, last] = Array.isArray(range) ? (range as unknown[]).map((end) => parseIpv4(text(end))) : [];
  if (first !== undefined && last !== undefined) return { first, last };
  return prefix === undefined ? undefined : parsePrefix(`${text(addr)}/${text(len)}`);
}

function portsOf(value: unknown): Ipv4Range | undefined {
  const { range } = asFields(value);
  const [first, last] = Array.isArray(range) ? (range as unknown[]).map(Number) : [Number(value), Number(value)];
  return first === undefined || last === undefined || Number.isNaN(first + last) ? undefined : { first, last };
}

function lone(port: number | undefined): Ipv4Range | undefined {
  return port === undefined ? undefined : { first: port, last: port };
}
