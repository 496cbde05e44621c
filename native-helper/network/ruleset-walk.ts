// SPDX-License-Identifier: MIT
import { overlaps, parseIpv4, parsePrefix, type Ipv4Range } from './ipv4.ts';

/** A packet as far as rules ask for it. An absent field is not known: a rule that asks for it may match or not. */
export interface Packet {
  readonly hook: 'forward' | 'input';
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  /** What a device that is not known is not. */
  readonly otherThan?: readonly string[];
  readonly source?: Ipv4Range | undefined;
  readonly target?: Ipv4Range | undefined;
  readonly protocol?: 'udp' | 'tcp' | undefined;
  readonly sourcePort?: number | undefined;
  readonly targetPort?: number | undefined;
  readonly connection: 'new' | 'established';
}

/** A base chain that drops a packet. */
export interface DroppingChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** The rule's number in it or in a chain that it jumps to; undefined where it is the chain's policy. */
  readonly rule?: { readonly chain: string; readonly handle: number } | undefined;
  /** False where an earlier rule, which asks for what is not known here, may let it pass. */
  readonly isCertain: boolean;
}

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string | undefined;
  readonly type?: string | undefined;
  readonly policy?: string | undefined;
  readonly rules: { readonly handle: number; readonly expressions: readonly unknown[] }[];
}

type Match = 'yes' | 'no' | 'maybe';

/** The rule that a packet is at. */
interface Place {
  readonly chain: Chain;
  readonly handle: number;
  readonly depth: number;
}
type End = { readonly verdict: 'accept' } | { readonly verdict: 'drop'; readonly chain: string; readonly handle: number };

/** The kernel's own limit (NFT_JUMP_STACK_SIZE). */
const deepest = 16;
/** Chains may be reached by more ways than there is time for; what is not walked is not known. */
const mostSteps = 100_000;

/** Rules as `nft --json --terse list ruleset` gives them (libnftables-json(5)). */
export class Ruleset {
  readonly #chains = new Map<string, Chain>();

  /** Throws on output that is not nft's JSON. */
  constructor(json: string) {
    const { nftables } = JSON.parse(json) as { nftables: unknown };
    if (!Array.isArray(nftables)) throw new TypeError('nft gave no ruleset');
    for (const each of nftables.map(asFields)) {
      if (each['chain'] !== undefined) this.#addChain(asFields(each['chain']));
      if (each['rule'] !== undefined) this.#addRule(asFields(each['rule']));
    }
  }

  /** Whether the chain is there and has a rule. */
  hasRules(family: string, table: string, chain: string): boolean {
    return (this.#chains.get(`${family} ${table} ${chain}`)?.rules.length ?? 0) > 0;
  }

  hasChain(family: string, table: string, chain: string): boolean {
    return this.#chains.has(`${family} ${table} ${chain}`);
  }

  /** The base chains, but those of the table `own` (`inet berth`), that drop an IPv4 packet. An accept in one of them overrides no drop in another. */
  dropping(packet: Packet, own: string): readonly DroppingChain[] {
    const asked = [...this.#chains.values()].filter(({ type, hook, family, table }) => (
      type === 'filter' && hook === packet.hook && (family === 'ip' || family === 'inet') && `${family} ${table}` !== own
    ));
    return asked.flatMap((chain) => {
      const walk = new Walk(this.#chains, packet);
      const end = walk.through(chain, 0);
      const isDropped = end === undefined ? chain.policy === 'drop' : end.verdict === 'drop';
      if (!isDropped) return [];
      const rule = end?.verdict === 'drop' ? { chain: end.chain, handle: end.handle } : undefined;
      return [{ family: chain.family, table: chain.table, chain: chain.name, rule, isCertain: !walk.isDoubtful }];
    });
  }

  #addChain(fields: Fields): void {
    const [family, table, name] = [text(fields['family']), text(fields['table']), text(fields['name'])];
    const optional = (key: string): string | undefined => (fields[key] === undefined ? undefined : text(fields[key]));
    this.#chains.set(`${family} ${table} ${name}`, { family, table, name, hook: optional('hook'), type: optional('type'), policy: optional('policy'), rules: [] });
  }

  #addRule(fields: Fields): void {
    const chain = this.#chains.get(`${text(fields['family'])} ${text(fields['table'])} ${text(fields['chain'])}`);
    const expressions = fields['expr'];
    chain?.rules.push({ handle: Number(fields['handle']), expressions: Array.isArray(expressions) ? expressions : [] });
  }
}

/** One packet on its way through one base chain. */
class Walk {
  /** A rule that may match lets it pass, or leads away from the rules behind it. */
  isDoubtful = false;
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #packet: Packet;
  #steps = 0;

  constructor(chains: ReadonlyMap<string, Chain>, packet: Packet) {
    this.#chains = chains;
    this.#packet = packet;
  }

  /** Undefined where it comes out at the chain's end. */
  through(chain: Chain, depth: number): End | undefined {
    for (const rule of chain.rules) {
      this.#steps += 1;
      if (this.#steps > mostSteps || depth > deepest) {
        this.isDoubtful = true;
        return undefined;
      }
      const end = this.#rule(chain, rule, depth);
      if (end === 'leave') return undefined;
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #rule(chain: Chain, { handle, expressions }: Chain['rules'][number], depth: number): End | 'leave' | undefined {
    let match: Match = 'yes';
    for (const expression of expressions) {
      const [kind, value] = Object.entries(asFields(expression))[0] ?? ['', undefined];
      const verdict = verdictOf(kind, value, this.#packet);
      if (verdict !== undefined) return this.#follow(verdict, match, { chain, handle, depth });
      const found = matches(kind, value, this.#packet);
      if (found === 'no') return undefined;
      if (found === 'maybe') match = 'maybe';
    }
    return undefined;
  }

  #follow(verdict: Verdict, match: Match, at: Place): End | 'leave' | undefined {
    if (verdict.kind === 'unknown') {
      this.isDoubtful = true;
      return undefined;
    }
    if (verdict.kind === 'none') return undefined;
    if (verdict.kind === 'drop') return match === 'yes' ? { verdict: 'drop', chain: at.chain.name, handle: at.handle } : undefined;
    if (match === 'maybe') return this.#mayFollow(verdict, at);
    if (verdict.kind === 'accept') return { verdict: 'accept' };
    if (verdict.kind === 'return') return 'leave';
    const target = this.#chains.get(`${at.chain.family} ${at.chain.table} ${verdict.target ?? ''}`);
    const end = target && this.through(target, at.depth + 1);
    return end ?? (verdict.kind === 'goto' ? 'leave' : undefined);
  }

  /** Of what only may happen, an accept makes a later drop doubtful, and a drop is not held against the packet. */
  #mayFollow(verdict: Verdict, { chain, depth }: Place): undefined {
    if (verdict.kind !== 'jump') {
      this.isDoubtful = true;
      return undefined;
    }
    const target = this.#chains.get(`${chain.family} ${chain.table} ${verdict.target}`);
    if (target && this.through(target, depth + 1)?.verdict === 'accept') this.isDoubtful = true;
    return undefined;
  }
}

type Simple = 'accept' | 'drop' | 'return' | 'none' | 'unknown';
type Verdict = { readonly kind: Simple; readonly target?: undefined } | { readonly kind: 'jump' | 'goto'; readonly target: string };

/** What an expression does with the packet; undefined where it is none that ends a rule. */
function verdictOf(kind: string, value: unknown, packet: Packet): Verdict | undefined {
  switch (kind) {
    case 'accept': case 'drop': case 'return': return { kind };
    case 'reject': return { kind: 'drop' };
    case 'jump': case 'goto': return { kind, target: text(asFields(value)['target']) };
    case 'queue': return { kind: 'unknown' };
    // iptables' own: its REJECT ends a packet, and what its other targets do is no drop
    case 'xt': {
      const { type, name } = asFields(value);
      return type === 'target' && name === 'REJECT' ? { kind: 'drop' } : undefined;
    }
    case 'vmap': return mappedVerdict(asFields(value), packet);
    default: return undefined;
  }
}

function mappedVerdict({ key, data }: Fields, packet: Packet): Verdict {
  const pairs = asFields(data)['set'];
  if (!Array.isArray(pairs)) return { kind: 'unknown' };
  let isOpen = false;
  for (const pair of pairs) {
    const [value, verdict] = Array.isArray(pair) ? pair as unknown[] : [];
    const found = matches('match', { op: '==', left: key, right: value }, packet);
    if (found === 'yes') {
      const [kind, target] = Object.entries(asFields(verdict))[0] ?? ['', undefined];
      return verdictOf(kind, target, packet) ?? { kind: 'none' };
    }
    if (found === 'maybe') isOpen = true;
  }
  return { kind: isOpen ? 'unknown' : 'none' };
}

/** Expressions that let every packet on to the next one. */
const passing: ReadonlySet<string> = new Set(['counter', 'log', 'comment', 'mangle', 'notrack', 'flow', 'ct helper']);

function matches(kind: string, value: unknown, packet: Packet): Match {
  if (passing.has(kind)) return 'yes';
  if (kind === 'xt') return asFields(value)['type'] === 'target' || asFields(value)['name'] === 'comment' ? 'yes' : 'maybe';
  if (kind !== 'match') return 'maybe';
  const { op, left, right } = asFields(value);
  const found = compare(asFields(left), right, packet);
  if (op === '==' || op === 'in') return found;
  return op === '!=' && found !== 'maybe' ? (found === 'yes' ? 'no' : 'yes') : 'maybe';
}

function compare(left: Fields, right: unknown, packet: Packet): Match {
  if (left['meta'] !== undefined) return compareMeta(text(asFields(left['meta'])['key']), right, packet);
  if (left['ct'] !== undefined) return asFields(left['ct'])['key'] === 'state' ? anyOf(right, (word) => equal(packet.connection, word)) : 'maybe';
  return comparePayload(asFields(left['payload']), right, packet);
}

function comparePayload({ protocol, field }: Fields, right: unknown, packet: Packet): Match {
  switch (protocol) {
    case 'ip6': return 'no';
    case 'ip':
      if (field === 'saddr') return anyOf(right, (each) => within(packet.source, each));
      if (field === 'daddr') return anyOf(right, (each) => within(packet.target, each));
      return field === 'protocol' ? anyOf(right, (word) => equal(packet.protocol, word)) : 'maybe';
    case 'tcp': case 'udp': case 'th':
      if (protocol !== 'th' && packet.protocol !== undefined && protocol !== packet.protocol) return 'no';
      if (field === 'sport') return anyOf(right, (each) => inPorts(packet.sourcePort, each));
      return field === 'dport' ? anyOf(right, (each) => inPorts(packet.targetPort, each)) : 'maybe';
    default: return 'maybe';
  }
}

function compareMeta(key: string, right: unknown, packet: Packet): Match {
  switch (key) {
    case 'iifname': case 'iif': return anyOf(right, (name) => device(packet.iif, name, packet));
    case 'oifname': case 'oif': return anyOf(right, (name) => (packet.hook === 'input' ? 'no' : device(packet.oif, name, packet)));
    case 'l4proto': return anyOf(right, (word) => equal(packet.protocol, word));
    case 'nfproto': return anyOf(right, (word) => equal('ipv4', word));
    case 'protocol': return anyOf(right, (word) => equal('ip', word));
    default: return 'maybe';
  }
}

/** A value, or a list or set of which one is enough; a named set is not known. */
function anyOf(right: unknown, one: (value: unknown) => Match): Match {
  const set = Array.isArray(right) ? right as unknown[] : asFields(right)['set'];
  if (!Array.isArray(set)) return typeof right === 'string' && right.startsWith('@') ? 'maybe' : one(right);
  const found = set.map(one);
  return found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no';
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

function within(known: Ipv4Range | undefined, value: unknown): Match {
  const { prefix, range } = asFields(value);
  const { addr, len } = asFields(prefix);
  const [first, last] = Array.isArray(range) ? (range as unknown[]).map((end) => parseIpv4(text(end))) : [];
  const spelled = prefix === undefined ? (typeof value === 'string' ? value : undefined) : `${text(addr)}/${text(len)}`;
  const asked = first !== undefined && last !== undefined ? { first, last } : spelled === undefined ? undefined : parsePrefix(spelled);
  if (known === undefined || asked === undefined) return 'maybe';
  if (!overlaps(known, asked)) return 'no';
  return asked.first <= known.first && known.last <= asked.last ? 'yes' : 'maybe';
}

function inPorts(known: number | undefined, value: unknown): Match {
  const { range } = asFields(value);
  const [first, last] = Array.isArray(range) ? (range as unknown[]).map(Number) : [Number(value), Number(value)];
  if (known === undefined || first === undefined || last === undefined || Number.isNaN(first + last)) return 'maybe';
  return first <= known && known <= last ? 'yes' : 'no';
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? value as Fields : {};
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
