// SPDX-License-Identifier: MIT
import { asFields, text, type Fields } from './nft-json.ts';
import { matches, type Match, type Packet } from './packet-match.ts';

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

/** The rule that a packet is at. */
interface Place {
  readonly chain: Chain;
  readonly handle: number;
  readonly depth: number;
}
type End =
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'drop'; readonly chain: string; readonly handle: number };

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

  /**
   * The base chains, but those of the table `own` (`inet berth`), that drop an IPv4 packet. An accept in one of
   * them overrides no drop in another.
   */
  dropping(packet: Packet, own: string): readonly DroppingChain[] {
    const asked = [...this.#chains.values()].filter(
      ({ type, hook, family, table }) =>
        type === 'filter' &&
        hook === packet.hook &&
        (family === 'ip' || family === 'inet') &&
        `${family} ${table}` !== own,
    );
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
    this.#chains.set(`${family} ${table} ${name}`, {
      family,
      table,
      name,
      hook: optional('hook'),
      type: optional('type'),
      policy: optional('policy'),
      rules: [],
    });
  }

  #addRule(fields: Fields): void {
    const chain = this.#chains.get(`${text(fields['family'])} ${text(fields['table'])} ${text(fields['chain'])}`);
    const expressions = fields['expr'];
    chain?.rules.push({
      handle: Number(fields['handle']),
      expressions: Array.isArray(expressions) ? expressions : [],
    });
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
    if (verdict.kind === 'drop')
      return match === 'yes' ? { verdict: 'drop', chain: at.chain.name, handle: at.handle } : undefined;
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
type Verdict =
  | { readonly kind: Simple; readonly target?: undefined }
  | { readonly kind: 'jump' | 'goto'; readonly target: string };

/** What an expression does with the packet; undefined where it is none that ends a rule. */
function verdictOf(kind: string, value: unknown, packet: Packet): Verdict | undefined {
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind };
    case 'reject':
      return { kind: 'drop' };
    case 'jump':
    case 'goto':
      return { kind, target: text(asFields(value)['target']) };
    case 'queue':
      return { kind: 'unknown' };
    // iptables' own: its REJECT ends a packet, and what its other targets do is no drop
    case 'xt': {
      const { type, name } = asFields(value);
      return type === 'target' && name === 'REJECT' ? { kind: 'drop' } : undefined;
    }
    case 'vmap':
      return mappedVerdict(asFields(value), packet);
    default:
      return undefined;
  }
}

function mappedVerdict({ key, data }: Fields, packet: Packet): Verdict {
  const pairs = asFields(data)['set'];
  if (!Array.isArray(pairs)) return { kind: 'unknown' };
  let isOpen = false;
  for (const pair of pairs) {
    const [value, verdict] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const found = matches('match', { op: '==', left: key, right: value }, packet);
    if (found === 'yes') {
      const [kind, target] = Object.entries(asFields(verdict))[0] ?? ['', undefined];
      return verdictOf(kind, target, packet) ?? { kind: 'none' };
    }
    if (found === 'maybe') isOpen = true;
  }
  return { kind: isOpen ? 'unknown' : 'none' };
}
